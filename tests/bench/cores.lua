--- What more cores would bring: how finely the loops of each training step are cut.
--   moonstem tests/bench/cores.lua [CASE ...] [--steps 3] [--json]
-- CASE: as of roofline.lua. A step is profiled on one thread; every loop tells how many chunks it
-- has, and would take as many rounds as its chunks need on so many cores, while what is no loop
-- takes as long as before (ms.profile, `on`). So the figures say what the cutting allows: no
-- machine has memory that is as fast for each of 64 cores as for one. The column "measured" is the
-- step timed on as many threads as this machine has: what the estimate is worth where it can be
-- tried. Then the operators that would hold 64 cores up. --json: one JSON line for the
-- step, one for each operator.
local ms = require "moonstem"

local parser = require "argparse" ("cores.lua",
  "What more cores would bring to each training step.")
parser:argument("cases", "training steps"):args "*"
parser:option("--steps", "steps to count"):default "3":convert(tonumber)
parser:flag("--json", "JSON lines")
local o = parser:parse(arg)
local names = #o.cases > 0 and o.cases or { "train/separator", "train/cnn_tail", "train/cnn_model",
  "train/ast_tail" }
local cases = dofile((arg[0]:match "^(.*)/" or ".") .. "/cases.lua")
local CORES <const>, MANY <const> = { 1, 2, 4, 8, 16, 32, 64, 128 }, 64

local function profiled(step, threads)
  ms.threads(threads)
  step()
  return (ms.profile(function() for _ = 1, o.steps do step() end end))
end

--- Seconds of a profile on so many cores: of its operators, and of the rest, which is Lua.
local function seconds_on(profile, cores)
  local seconds, counted = 0, 0
  for _, r in ipairs(profile.rows) do
    seconds, counted = seconds + r.on[cores], counted + r.seconds
  end
  return seconds + math.max(0, profile.seconds - counted)
end

local function show_step(name, alone, together, here)
  local cut_for = {}
  for _, cores in ipairs(CORES) do
    cut_for[tostring(cores)] = alone.seconds / seconds_on(alone, cores)
  end
  local seconds, measured = alone.seconds / o.steps, alone.seconds / together.seconds
  if o.json then
    print(ms.io.json_encode { case = name, step_s = seconds, threads = here, measured = measured,
      cut_for = cut_for })
    return
  end
  local line = {}
  for k, cores in ipairs(CORES) do
    line[k] = ("%d: %.1fx"):format(cores, cut_for[tostring(cores)])
  end
  print(("%s: %.3f s on one core; measured on %d: %.2fx\n  cut for  %s"):format(name, seconds, here,
    measured, table.concat(line, "  ")))
end

local function show_row(name, r, all)
  local share, faster = r.on[MANY] / all, r.seconds / r.on[MANY]
  if o.json then
    print(ms.io.json_encode { case = name, operator = r.name, way = r.way, share = r.share,
      ["share_of_" .. MANY] = share, ["faster_on_" .. MANY] = faster })
  else
    print(("  %-16s %-9s %5.1f%% of the step on one core, %5.1f%% on %d: %.1fx faster")
      :format(r.name, r.way, r.share * 100, share * 100, MANY, faster))
  end
end

local function show_rows(name, profile)
  local all, rows = seconds_on(profile, MANY), table.move(profile.rows, 1, #profile.rows, 1, {})
  table.sort(rows, function(a, b) return a.on[MANY] > b.on[MANY] end)
  for k = 1, math.min(6, #rows) do show_row(name, rows[k], all) end
end

local here = ms.threads()
for _, name in ipairs(names) do
  if not (cases[name] and name:find "^train/") then
    error("there is no training step " .. name, 0)
  end
  local step = cases[name](o).step
  local alone, together = profiled(step, 1), profiled(step, here)
  show_step(name, alone, together, here)
  show_rows(name, alone)
  step = nil -- luacheck: ignore
  collectgarbage()
end
