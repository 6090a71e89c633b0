--- The table of models in lua/moonstem/models/README.md: parameters, and the multiply-adds, counted
-- as two, of one forward pass over one crop of the published length.
--   moonstem tests/bench/models.lua [PATTERN ...]
--   MOONSTEM_PYTHON=.../python moonstem tests/bench/models.lua --steps [PATTERN ...] [--rounds 3]
--   [--seconds 1] [--threads N] [--clock wall|processor] [--json]
-- --steps: seconds of a training step (forward, loss, backward, Adam) beside the same network in
-- PyTorch (models/twins.py, models/more_twins.py), in turns, one process after the other. Speed is
-- the median over the rounds of PyTorch's time over ours. Networks whose parameters differ in
-- number are not timed. On a machine that others share, one thread and its processor seconds
-- (--threads 1 --clock processor) vary least.
local ms = require "moonstem"
local HERE = arg[0]:match "^(.*)/" or "."
local numbers = dofile(HERE .. "/numbers.lua")
local median, rounded = numbers.median, numbers.rounded

local parser = require "argparse" ("models.lua", "What the models cost.")
parser:argument("patterns", "Lua patterns of names"):args "*"
parser:flag("--steps", "time training steps beside PyTorch")
parser:option("--rounds", "turns"):default("3"):convert(tonumber)
parser:option("--seconds", "at least so long per turn"):default("1"):convert(tonumber)
parser:option("--threads", "of either side"):default(tostring(ms.threads())):convert(tonumber)
parser:option("--clock", "what is counted"):default("wall"):choices { "wall", "processor" }
parser:flag("--json", "one JSON line per model")
local o = parser:parse(arg)

local PROGRAM = assert(ms.sys.absolute "/proc/self/exe")
local PYTHON = os.getenv "MOONSTEM_PYTHON" or "python3"

local function is_asked(name)
  for _, pattern in ipairs(o.patterns) do
    if name:find(pattern) then return true end
  end
  return #o.patterns == 0
end

local function spaced(n)
  return (("%d"):format(n):reverse():gsub("(%d%d%d)", "%1 "):reverse():gsub("^ ", ""))
end

-- Waves in -1..1, or magnitudes: numbers of either sign would have no logarithm.
local function input(size) return (ms.randn { 1, table.unpack(size) } * 0.1):abs() end

-- ---- parameters and FLOPs ----------------------------------------------------------------------
local function cost(row)
  local _ <close> = ms.scope()
  local model = row.make()
  local _, flops = model:trace(input(row.size))
  return { model = row.name, parameters = model:count(), gflop = rounded(flops / 1e9),
    crop = row.crop, source = row.source }
end

local function print_cost(c)
  print(("| `%s` | %s | %.2f | %s | %s |"):format(c.model, spaced(c.parameters), c.gflop, c.crop,
    c.source))
end

-- ---- training steps ----------------------------------------------------------------------------
local function ours(row)
  return numbers.lines_of { PROGRAM, HERE .. "/models/step.lua", row.name, tostring(o.seconds),
    tostring(o.threads), o.clock }[1]
end

-- PyTorch in the faster order of channels.
local function theirs(row)
  local command = { PYTHON, HERE .. "/models/peer.py", row.name, tostring(o.seconds),
    tostring(o.threads), o.clock, tostring(row.batch) }
  for _, n in ipairs(row.step_size) do command[#command + 1] = tostring(n) end
  local lines = numbers.lines_of(command)
  table.sort(lines, function(a, b) return a.median_s < b.median_s end)
  return lines[1]
end

local function expect_equal(row, a, b)
  if a.parameters ~= b.parameters then
    error(("%s: %d parameters here, %d in its twin"):format(row.name, a.parameters, b.parameters),
      0)
  end
end

local function steps(row)
  local mine, other, ratios, format = {}, {}, {}, nil
  for k = 1, o.rounds do
    local a, b = ours(row), theirs(row)
    expect_equal(row, a, b)
    mine[k], other[k], ratios[k], format = a.median_s, b.median_s, b.median_s / a.median_s, b.format
  end
  return { model = row.name, batch = row.batch, rounds = o.rounds, threads = o.threads,
    clock = o.clock, cpu = ms.machine().cpu, median_s = rounded(median(mine)),
    peer_s = rounded(median(other)),
    peer_format = format, speed = rounded(median(ratios)),
    lowest = rounded(math.min(table.unpack(ratios))),
    highest = rounded(math.max(table.unpack(ratios))) }
end

local function print_steps(s)
  print(("| `%s` | %d | %.3f | %.3f | %.2fx | %.2f to %.2f |"):format(s.model, s.batch, s.median_s,
    s.peer_s, s.speed, s.lowest, s.highest))
end

-- ---- the table ---------------------------------------------------------------------------------
io.stdout:setvbuf "line"
local measure, show = cost, print_cost
local title = "| model | parameters | GFLOP | crop | source |\n|---|---|---|---|---|"
if o.steps then
  measure, show = steps, print_steps
  title = "| model | batch | step, s | PyTorch, s | speed | by turn |\n|---|---|---|---|---|---|"
end
if not o.json then print(title) end
for _, row in ipairs(dofile(HERE .. "/models/rows.lua")) do
  if is_asked(row.name) then
    local result = measure(row)
    if o.json then print(ms.io.json_encode(result)) else show(result) end
    collectgarbage()
  end
end
