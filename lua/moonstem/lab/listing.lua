--- The jobs of a recipe as a list, and as the command lines that do them.
local ms = require "moonstem"

local M = {}

local KINDS = { { "data", "data set", "data sets" }, { "separate", "separator", "separators" },
                { "tail", "tail", "tails" }, { "joint", "joint run", "joint runs" } }

-- "3 data sets, 5 separators, 20 tails, 120 joint runs".
local function counted(jobs)
  local count, parts = {}, {}
  for _, job in ipairs(jobs) do
    local kind = job.name:match "^[^/]+"
    count[kind] = (count[kind] or 0) + 1
  end
  for _, kind in ipairs(KINDS) do
    local n = count[kind[1]]
    if n then parts[#parts + 1] = ("%d %s"):format(n, n == 1 and kind[2] or kind[3]) end
  end
  return table.concat(parts, ", ")
end

local function state_of(job)
  local done, why = job.done()
  if done then return "done" end
  if done == nil then return "unusable", why end
  return ms.sys.exists(job.dir .. "/settings.json") and "begun" or "to do"
end

--- Prints the jobs, their states and needs; exit status.
function M.list(recipe, jobs)
  local width, done, troubles = 0, 0, {}
  for _, job in ipairs(jobs) do width = math.max(width, #job.name) end
  for _, job in ipairs(jobs) do
    local state, why = state_of(job)
    if state == "done" then done = done + 1 end
    troubles[#troubles + 1] = why
    print(("%-8s  %-" .. width .. "s  %s"):format(state, job.name,
      #job.needs > 0 and "needs " .. table.concat(job.needs, ", ") or ""))
  end
  for _, why in ipairs(troubles) do print(why) end
  local aim = recipe.layout and "the table" or "the figure"
  print(("%s: %d jobs (%s), then %s; %d done; --jobs %d, of %d threads each"):format(recipe.name,
    #jobs, counted(jobs), aim, done, recipe.workers, recipe.threads))
  return #troubles > 0 and 1 or 0
end

local function quoted(word)
  if word:find "^[%w_%.,/=+:%-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- Prints the command line of each job that is not done, needs first; exit status.
-- A line can be run from anywhere, by a cluster's scheduler too.
function M.commands(_, jobs)
  local from = "cd " .. quoted(ms.sys.cwd()) .. " && "
  local _, program = ms.sys.capture { "readlink", ("/proc/%d/exe"):format(ms.sys.pid()) }
  for _, job in ipairs(jobs) do
    if not job.done() then
      local words = { quoted((program:gsub("%s+$", ""))) }
      for i = 2, #job.command do words[i] = quoted(job.command[i]) end
      print(from .. table.concat(words, " "))
    end
  end
  return 0
end

return M
