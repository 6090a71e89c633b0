--- This version beside another one, in turns: the training steps of the paper's networks, and the
-- start-up of the program.
--   moonstem tests/bench/versions.lua FOLDER [PATTERN ...] [--rounds 3] [--seconds 6]
-- FOLDER: the root of another version's tree, built in FOLDER/build. Patterns pick cases of
-- peer.lua (default: train/). For each case both programs run one after the other, in every round;
-- the ratio is the median over the rounds of the fastest step here over the fastest step there
-- (above 1: slower than the other version).
local ms = require "moonstem"

local parser = require "argparse" ("versions.lua", "Times this version and another one, in turns.")
parser:argument("folder", "root of the other version's tree, with its build/")
parser:argument("patterns", "Lua patterns of cases"):args "*"
parser:option("--rounds", "turns"):default("3"):convert(tonumber)
parser:option("--seconds", "at least so long per turn"):default("6"):convert(tonumber)
local o = parser:parse(arg)
local patterns = #o.patterns > 0 and o.patterns or { "^train/" }

local HERE = arg[0]:match "^(.*)/" or "."
local OURS = { program = assert(ms.sys.absolute "/proc/self/exe"), bench = HERE .. "/peer.lua" }
local OTHER = { program = o.folder .. "/build/moonstem",
  bench = o.folder .. "/tests/bench/peer.lua" }

local function output_of(command)
  local status, text = ms.sys.capture(command)
  if status ~= 0 then
    error(("%s ended with status %s:\n%s"):format(table.concat(command, " "), status, text), 0)
  end
  return text
end

-- Seconds of the fastest step of a case.
local function step_of(version, case)
  local text = output_of { version.program, version.bench, case, "--seconds", tostring(o.seconds) }
  return ms.io.json_decode(text:match "{.*}").min_s
end

-- Seconds from the start of the program to its end, with nothing to do: the least of some.
local function start_of(version)
  local best = math.huge
  for _ = 1, 20 do
    local began = ms.sys.clock()
    output_of { version.program, "-e", "" }
    best = math.min(best, ms.sys.clock() - began)
  end
  return best
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function compare(name, measure)
  local here, there, ratios = {}, {}, {}
  for round = 1, o.rounds do
    here[round], there[round] = measure(OURS), measure(OTHER)
    ratios[round] = here[round] / there[round]
  end
  print(("%-20s %9.1f ms %9.1f ms %8.3f"):format(name, 1000 * median(here), 1000 * median(there),
    median(ratios)))
end

local function is_asked(case)
  for _, pattern in ipairs(patterns) do
    if case:find(pattern) then return true end
  end
end

print(("%-20s %12s %12s %8s"):format("case", "here", "there", "ratio"))
for case in output_of { OURS.program, OURS.bench, "--list" }:gmatch "%S+" do
  if is_asked(case) then compare(case, function(version) return step_of(version, case) end) end
end
compare("start-up", start_of)
