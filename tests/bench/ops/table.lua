--- The part of table.lua about single functions: turns of ops.lua and peer.py, and a summary.
local ms = require "moonstem"
local numbers = dofile((arg[0]:match "^(.*)/" or ".") .. "/numbers.lua")
local median, rounded = numbers.median, numbers.rounded

local PYTHON = os.getenv "MOONSTEM_PYTHON" or "python3"
local LARGE_AIM, MEDIAN_AIM, SMALL_AIM, LAYER_AIM, MEMORY_AIM = 0.8, 1.3, 2, 1.5, 1.1
local LAYERS = { lstm = true, gru = true, conv1d = true, conv1d_depthwise = true,
  conv2d_depthwise = true }

local function is_small(case) return case:find "/small" ~= nil end

local function speed_aim(case)
  local large = LAYERS[case:match "^ops/([^/]+)"] and LAYER_AIM or LARGE_AIM
  return is_small(case) and SMALL_AIM or large
end

-- ---- turns -------------------------------------------------------------------------------------
local function by_case(lines)
  local map = {}
  for _, line in ipairs(lines) do map[line.case] = line end
  return map
end

-- What each side prints for these names, by case; PyTorch comes first.
local function turn(tools, names, ...)
  local function side(...)
    return by_case((tools.lines_of(table.move(names, 1, #names, select("#", ...) + 1, { ... }))))
  end
  local theirs = side(PYTHON, tools.here .. "/ops/peer.py", ...)
  return side(tools.program, tools.here .. "/ops/ops.lua", ...), theirs
end

local function each_side(turns, case)
  local mine, other, ratios = {}, {}, {}
  for k, t in ipairs(turns) do
    mine[k], other[k] = t.ours[case].median_s, t.theirs[case].median_s
    ratios[k] = other[k] / mine[k]
  end
  return mine, other, ratios
end

local function row(case, turns, memory, rounds)
  local mine, other, ratios = each_side(turns, case)
  local m = memory[case] or {}
  return { case = case, rounds = rounds, cpu = ms.machine().cpu,
    median_s = rounded(median(mine)), peer_s = rounded(median(other)),
    speed = rounded(median(ratios)), lowest = rounded(math.min(table.unpack(ratios))),
    highest = rounded(math.max(table.unpack(ratios))), speed_aim = speed_aim(case),
    peak_mib = m.ours, peer_mib = m.theirs, memory = m.ours and rounded(m.ours / m.theirs) }
end

-- Peaks of the large cases beside their inputs; those of less than a MiB tell nothing.
local function peaks(tools, names)
  local large, map = {}, {}
  for _, name in ipairs(names) do if not is_small(name) then large[#large + 1] = name end end
  if #large == 0 then return map end
  local ours, theirs = turn(tools, large, "--memory")
  for _, name in ipairs(large) do
    local a, b = ours[name].peak_mib, theirs[name].peak_mib
    if b >= 1 then map[name] = { ours = a, theirs = rounded(b) } end
  end
  return map
end

-- ---- what is printed ---------------------------------------------------------------------------
local FORMAT = "%-36s %10s %10s %7s %14s %5s %7s%s"

local function print_row(r)
  local slow, large = r.speed < r.speed_aim, r.memory and r.memory > MEMORY_AIM
  local verdict = slow and large and "  below both" or slow and "  below speed"
    or large and "  below memory" or ""
  print(FORMAT:format(r.case, ("%.4g"):format(r.median_s), ("%.4g"):format(r.peer_s),
    ("%.2fx"):format(r.speed), ("%.2f..%.2f"):format(r.lowest, r.highest), r.speed_aim,
    r.memory and ("%.2f"):format(r.memory) or "", verdict))
end

local function speeds(rows, wanted)
  local list = {}
  for _, r in ipairs(rows) do if wanted(r) then list[#list + 1] = r.speed end end
  return list
end

local function share_below(rows, limit, wanted)
  local names = {}
  for _, r in ipairs(rows) do
    if wanted(r) and r.speed < limit then
      names[#names + 1] = ("%s %.2f"):format(r.case, r.speed)
    end
  end
  return #names, table.concat(names, ", ")
end

local function summary_line(what, rows, limit, wanted)
  local list = speeds(rows, wanted)
  if #list == 0 then return end
  local n, names = share_below(rows, limit, wanted)
  print(("%s: %d rows, median %.2fx; %d below %.1fx%s"):format(what, #list, median(list), n, limit,
    n > 0 and ": " .. names or ""))
end

local function summary(rows)
  local function large(r) return not is_small(r.case) end
  summary_line("large", rows, LARGE_AIM, large)
  summary_line("small", rows, SMALL_AIM, function(r) return is_small(r.case) end)
  summary_line("recurrent, 1-D and depthwise", rows, LAYER_AIM,
    function(r) return large(r) and r.speed_aim == LAYER_AIM end)
  summary_line(("all (median: aim %.1fx)"):format(MEDIAN_AIM), rows, LARGE_AIM,
    function() return true end)
end

--- tools: { o = options of table.lua, lines_of = function(command), wanted = function(name),
-- program = path, here = folder }
return function(tools)
  local o, names = tools.o, {}
  local list <close> = assert(io.popen(("'%s' '%s/ops/ops.lua' --list"):format(tools.program,
    tools.here)))
  for name in list:lines() do if tools.wanted(name) then names[#names + 1] = name end end
  if #names == 0 then return end
  local turns, rows, options = {}, {}, { "--seconds", ("%g"):format(o.seconds / 80) }
  if o.processor then options[#options + 1] = "--processor" end
  for k = 1, o.rounds do
    local ours, theirs = turn(tools, names, table.unpack(options))
    turns[k] = { ours = ours, theirs = theirs }
  end
  local memory = peaks(tools, names)
  if not o.json then
    print(FORMAT:format("case", "ours s", "PyTorch s", "speed", "range", "aim", "memory", ""))
  end
  for _, name in ipairs(names) do
    local r = row(name, turns, memory, o.rounds)
    r.threads, r.processor = o.processor and 1 or ms.threads(), o.processor
    rows[#rows + 1] = r
    if o.json then print(ms.io.json_encode(r)) else print_row(r) end
  end
  if not o.json then summary(rows) end
end
