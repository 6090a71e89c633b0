--- Two builds side by side, in turns: which steps, functions and starts have become slower?
--   moonstem tests/bench/compare.lua OLD_BUILD NEW_BUILD [PATTERN ...] [--rounds 3] [--seconds 6]
-- A build is the folder of a `moonstem`; what it runs are the cases of its own tree, the folder
-- above it (where that has none: of this tree). Patterns pick among the training steps and
-- predictions of peer.lua, the functions of ops.lua (^ops/) and `start`, of the program with
-- nothing to do; by default ^train/ and ^start$. Cases that one of the builds does not have are
-- left out. A ratio is the new build's time over the old one's, the median over the rounds; a row
-- says `slower` or `faster` where every round is, by more than 5 %.
local ms = require "moonstem"
local HERE = arg[0]:match "^(.*)/" or "."
local numbers = dofile(HERE .. "/numbers.lua")

local parser = require "argparse" ("compare.lua", "Times two builds, in turns.")
parser:argument("old", "folder of a build")
parser:argument("new", "folder of another one")
parser:argument("patterns", "Lua patterns of cases"):args "*"
parser:option("--rounds", "turns"):default("3"):convert(tonumber)
parser:option("--seconds", "at least so long per turn of a step"):default("6"):convert(tonumber)
local o = parser:parse(arg)
local patterns = #o.patterns > 0 and o.patterns or { "^train/", "^start$" }

local MARGIN = 1.05 -- what single turns differ by
local STARTS = 20   -- of a turn

local function output_of(command)
  local status, text = ms.sys.capture(command)
  if status ~= 0 then
    error(("%s ended with status %s:\n%s"):format(table.concat(command, " "), status, text), 0)
  end
  return text
end

-- { program =, peer = script of steps, ops = script of functions }
local function build(folder)
  local program = folder .. "/moonstem"
  if not ms.sys.exists(program) then parser:error("there is no " .. program) end
  local own = folder .. "/../tests/bench"
  local bench = ms.sys.exists(own .. "/peer.lua") and own or HERE
  local ops = bench .. "/ops/ops.lua"
  return { program = program, peer = bench .. "/peer.lua",
    ops = ms.sys.exists(ops) and ops or HERE .. "/ops/ops.lua" }
end
local OLD, NEW = build(o.old), build(o.new)

-- ---- cases -----------------------------------------------------------------------------------
local function json_of(text) return ms.io.json_decode(text:match "{.*}") end

-- Seconds of the fastest step.
local function step(of, case)
  return json_of(output_of { of.program, of.peer, case, "--seconds", tostring(o.seconds) }).min_s
end

-- Seconds of a call.
local function call(of, case)
  return json_of(output_of { of.program, of.ops, "^" .. case:gsub("%p", "%%%0") .. "$" }).median_s
end

-- Seconds from the start of the program to its end, the least of some.
local function start(of)
  local best = math.huge
  for _ = 1, STARTS do
    local began = ms.sys.clock()
    output_of { of.program, "-e", "" }
    best = math.min(best, ms.sys.clock() - began)
  end
  return best
end

local function names(of, script)
  local list = {}
  for name in output_of { of.program, of[script], "--list" }:gmatch "%S+" do
    list[#list + 1] = name
    list[name] = true
  end
  return list
end

local function is_asked(case)
  for _, pattern in ipairs(patterns) do
    if case:find(pattern) then return true end
  end
end

-- A list of { name, measure } of what both builds have and what is asked for.
local function cases()
  local list = {}
  for _, kind in ipairs { { "peer", step }, { "ops", call } } do
    local old, new = names(OLD, kind[1]), names(NEW, kind[1])
    for _, name in ipairs(new) do
      if old[name] and is_asked(name) then list[#list + 1] = { name, kind[2] } end
    end
  end
  if is_asked "start" then list[#list + 1] = { "start", start } end
  return list
end

-- ---- turns -----------------------------------------------------------------------------------
local function verdict(ratios)
  if math.min(table.unpack(ratios)) > MARGIN then return "slower" end
  return math.max(table.unpack(ratios)) < 1 / MARGIN and "faster" or ""
end

local function compare(name, measure)
  local old, new, ratios = {}, {}, {}
  for round = 1, o.rounds do
    old[round], new[round] = measure(OLD, name), measure(NEW, name)
    ratios[round] = new[round] / old[round]
  end
  local said = verdict(ratios)
  print(("%-32s %10.4f ms %10.4f ms %7.3f  %s"):format(name, 1000 * numbers.median(old),
    1000 * numbers.median(new), numbers.median(ratios), said))
  return said
end

local list, count = cases(), { slower = 0, faster = 0, [""] = 0 }
if #list == 0 then parser:error "no case has such a name" end
print(("%-32s %13s %13s %7s"):format("case", "old", "new", "ratio"))
for _, case in ipairs(list) do
  local said = compare(case[1], case[2])
  count[said] = count[said] + 1
end
print(("%d cases, %d rounds: %d slower, %d faster"):format(#list, o.rounds, count.slower,
  count.faster))
