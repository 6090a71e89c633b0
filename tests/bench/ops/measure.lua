--- measure(cases): the command line of ops.lua. Runs each case that is wanted, small, large, with
-- its gradients, and prints its median time, or its memory.
local ms = require "moonstem"

local parser = require "argparse" ("ops.lua", "Times functions, small and large.")
parser:argument("patterns", "Lua patterns of cases"):args "*"
parser:flag("--list", "name the cases")
parser:flag("--memory", "measure memory instead of time")
parser:flag("--processor", "processor time of one thread, the least of all repeats")
parser:option("--seconds", "at least so long per case"):default("0.1"):convert(tonumber)
local o = parser:parse(arg)
local clock = o.processor and os.clock or ms.sys.clock
if o.processor then ms.threads(1) end

local IN_A_LOOP <const> = 50 -- small calls between two releases of what they made
local LEAST <const> = 3      -- repeats, of what is not slow
local SLOW <const> = 3       -- times the wanted seconds: no more repeats

local function rounded(x) return tonumber(("%.4g"):format(x)) end

local function wanted(name)
  for _, pattern in ipairs(o.patterns) do
    if name == pattern or name:find(pattern) then return true end
  end
  return #o.patterns == 0
end

-- ---- one step of a case ------------------------------------------------------------------------
-- Inputs of their own with gradients, and a gradient for what comes out.
local function backward(case, inputs)
  for k = 1, case.grad do inputs[k] = inputs[k]:detach():clone():needs_grad() end
  local f, a, b, c = case.f, table.unpack(inputs)
  local gy <const> = ms.randn_like((f(a, b, c)):detach())
  return function()
    f(a, b, c):backward(gy)
    for k = 1, case.grad do inputs[k]:zero_grad() end
  end
end

local function forward(case, inputs)
  local f, a, b, c = case.f, table.unpack(inputs)
  return function() f(a, b, c) end
end

-- Runs `step` so many times, and releases what it made.
local function times(step, n)
  local _ <close> = ms.scope()
  for _ = 1, n do step() end
end

-- ---- time and memory ---------------------------------------------------------------------------
local function time(step, is_small)
  local n = is_small and IN_A_LOOP or 1
  times(step, n)
  local list, start, now = {}, clock(), 0
  while now < o.seconds or (#list < LEAST and now < SLOW * o.seconds) do
    local began = clock()
    times(step, n)
    list[#list + 1] = (clock() - began) / n
    now = clock() - start
  end
  table.sort(list)
  return { median_s = rounded(list[o.processor and 1 or (#list + 1) // 2]), repeats = #list * n }
end

local function resident_mib(name)
  for line in io.lines "/proc/self/status" do
    local kib = line:match("^" .. name .. ":%s+(%d+)")
    if kib then return kib / 1024 end
  end
end

-- What one step needs beside what there was: the peak since the mark was reset.
local function memory(step)
  times(step, 1)
  collectgarbage()
  ms.memory_trim()
  local mark = assert(io.open("/proc/self/clear_refs", "w"))
  mark:write "5"
  mark:close()
  local before = resident_mib "VmRSS"
  times(step, 1)
  return { peak_mib = rounded(resident_mib "VmHWM" - before) }
end

local function measured(case, is_large, is_back)
  local _ <close> = ms.scope()
  local inputs = case.inputs(is_large)
  local step = (is_back and backward or forward)(case, inputs)
  local run = o.memory and memory or time
  if is_back then return run(step, not is_large) end
  return ms.no_grad(run, step, not is_large)
end

-- ---- all of them -------------------------------------------------------------------------------
local function each(cases, f)
  for _, case in ipairs(cases) do
    for _, size in ipairs { "small", "large" } do
      local name = ("ops/%s/%s"):format(case.name, size)
      if wanted(name) then f(name, case, size == "large", false) end
      if case.grad > 0 and wanted(name .. "/back") then
        f(name .. "/back", case, size == "large", true)
      end
    end
  end
end

return function(cases)
  io.stdout:setvbuf "line"
  ms.seed(1)
  each(cases, function(name, case, is_large, is_back)
    if o.list then return print(name) end
    if o.memory and not is_large then return end
    local line = measured(case, is_large, is_back)
    line.case = name
    print(ms.io.json_encode(line))
    collectgarbage()
  end)
end
