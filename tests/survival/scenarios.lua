--- The pieces of work that are broken off: training, a plan of runs, packing, rendering; each as
-- small as it can be.
local tools = require "data_tools"
local ms = require "moonstem"

local M = {}

local HERE = debug.getinfo(1, "S").source:match "^@(.*/)"
local PROGRAM = ms.sys.absolute "/proc/self/exe"

local function script(name) return ms.sys.absolute(HERE .. "scenarios/" .. name) end

--- Data sets in the layouts of FMA and MUSDB18, in a folder that is made.
function M.prepare(folder)
  ms.seed(1)
  tools.genre_set(folder .. "/clips", tools.genre_rows(), 4)
  tools.song_set(folder .. "/songs", 14, { "A - 1", "B - 2", "C - 3" })
end

--- Each: { name =, command(inputs, out) -> list of arguments }.
M.all = {
  { name = "separator", command = function(inputs, out)
    return { PROGRAM, script "train.lua", "separator", inputs, out }
  end },
  { name = "tagger", command = function(inputs, out)
    return { PROGRAM, script "train.lua", "tagger", inputs, out }
  end },
  { name = "plan", command = function(inputs, out)
    return { PROGRAM, script "plan.lua", "--data", "fma=" .. inputs .. "/clips", "--data",
      "musdb=" .. inputs .. "/songs", "--out", out, "--jobs", "2" }
  end },
  { name = "pack", command = function(inputs, out)
    return { PROGRAM, script "pack.lua", inputs, out }
  end },
  { name = "render", command = function(_, out)
    return { PROGRAM, "data", "render", "tags", "--count", "2", "--seconds", "4", "--workers", "2",
      "--out", out, "--quiet" }
  end },
}

--- Those of the names, or all of them; raises where there is none of that name.
function M.choose(names)
  if #names == 0 then return M.all end
  local list = {}
  for i, name in ipairs(names) do
    for _, scenario in ipairs(M.all) do
      if scenario.name == name then list[i] = scenario end
    end
    if not list[i] then error("there is no scenario " .. name, 0) end
  end
  return list
end

return M
