--- Hostile calls: every public function and method, with wrong numbers of arguments, kinds, shapes,
-- not-a-numbers, huge sizes, closed tensors, strange objects. A call must return, or raise a text
-- that names its function, within half a minute; none may end the process. Prints what was tried,
-- and each call that was lost or badly told.
--   build/moonstem tests/hostile.lua [calls [seed [first]]]     100 000 calls, some ten minutes
-- A call is a function of seed and number: hostile.lua 1 SEED NUMBER makes that one again.
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%slua/tools/?.lua;"):format(HERE) .. package.path
local ms = require "moonstem"
local watched = require "watched"

local CALLS, SEED, FIRST = tonumber(arg[1] or 100000), tonumber(arg[2] or 1), tonumber(arg[3] or 1)
local BLOCK = 1000       -- calls of a process
local PATIENCE = 20      -- seconds for a call
local LIMIT = 512 << 20  -- bytes for the tensors of a process
-- Calls that are printed of each kind of fault.
local SHOWN = tonumber(os.getenv "MOONSTEM_SHOWN") or 8

-- ---- in a child ------------------------------------------------------------------------------
local function note(file, text)
  file:seek("set", 0)
  file:write(text:gsub("\n", " "), "\n")
  file:flush()
end

local function reset()
  ms.threads(1)
  ms.memory_limit(LIMIT)
  ms.seed(1)
  ms.precision "f32"
end

-- Makes calls first to last; `now` has the number of the one that is made, `faults` what was wrong.
local function work(targets, first, last)
  local one_call = require "hostile.one_call"
  local now, faults = assert(io.open("now", "w")), assert(io.open("faults", "a"))
  reset()
  for k = first, last do
    local _ <close> = ms.scope()
    local target, arguments = one_call.make(targets, SEED, k)
    local text = ("%d\t%s"):format(k, one_call.text(target, arguments))
    note(now, text)
    local good, thrown = pcall(target.call, target.holder, arguments)
    local fault = not good and one_call.fault(target, thrown)
    faults:write(good and "returned\n" or "raised\n")
    if fault then
      faults:write(("fault\t%s\t%s\t%s\n"):format(fault, text,
        tostring(thrown):sub(1, 300):gsub("[\n\t]", " ")))
    end
    faults:flush()
    if k % 20 == 0 then pcall(reset) collectgarbage() end
  end
end

-- ---- in the parent of the children -----------------------------------------------------------
local function number_of_call()
  return tonumber((ms.sys.read_file "now" or ""):match "^(%d+)\t")
end

-- A block of calls in a child; the number of the call that comes next.
local function block(targets, first, last, lost)
  ms.sys.remove "now"
  local how = watched.run(function() work(targets, first, last) end, number_of_call, PATIENCE)
  if not how then return last + 1 end
  local text = (ms.sys.read_file "now" or "?"):match "^[^\n]*"
  lost:write(("lost\t%s\t%s\n"):format(how, text))
  lost:flush()
  return (number_of_call() or last) + 1
end

local function run_inside()
  local targets = require "hostile.targets".all()
  local lost = assert(io.open("lost", "w"))
  local with = 0
  for _, target in ipairs(targets) do if #target.calls > 0 then with = with + 1 end end
  lost:write(("targets\t%d\t%d\n"):format(#targets, with))
  local k, last = FIRST, FIRST + CALLS - 1
  while k <= last do
    k = block(targets, k, math.min(last, k + BLOCK - 1), lost)
  end
end

-- ---- outside ---------------------------------------------------------------------------------
-- Lines of faults and losses by kind: { kind = { line, ... } }, and how many calls did what.
local function read(dir)
  local kinds, order, counts = {}, {}, { returned = 0, raised = 0 }
  for _, file in ipairs { "lost", "faults" } do
    for line in (ms.sys.read_file(dir .. "/" .. file) or ""):gmatch "[^\n]+" do
      local word, kind, rest = line:match "^(%a+)\t?([^\t]*)\t?(.*)$"
      if word == "targets" then counts.targets, counts.known = kind, rest
      elseif counts[word] then counts[word] = counts[word] + 1
      else
        if not kinds[kind] then order[#order + 1], kinds[kind] = kind, {} end
        table.insert(kinds[kind], rest)
      end
    end
  end
  return kinds, order, counts
end

local function report(dir)
  local kinds, order, counts = read(dir)
  local wrong = 0
  for _, kind in ipairs(order) do
    wrong = wrong + #kinds[kind]
    print(("%s: %d"):format(kind, #kinds[kind]))
    for k = 1, math.min(SHOWN, #kinds[kind]) do print("  " .. kinds[kind][k]:gsub("\t", "  ")) end
  end
  print(("%d calls of %s functions (%s by calls that are nearly right), seed %d: %d returned, \z
    %d raised, %d were lost or badly told"):format(CALLS, counts.targets, counts.known, SEED,
    counts.returned, counts.raised, wrong))
  return wrong
end

if os.getenv "MOONSTEM_HOSTILE_INSIDE" then return run_inside() end
local dir = assert(ms.sys.tempdir())
local status = ms.sys.run { "env", "MOONSTEM_HOSTILE_INSIDE=1", ms.sys.absolute "/proc/self/exe",
  ms.sys.absolute(arg[0]), tostring(CALLS), tostring(SEED), tostring(FIRST), dir = dir,
  stdin = "/dev/null", stdout = "/dev/null", stderr = dir .. "/words" }
local words = ms.sys.read_file(dir .. "/words") or ""
if status ~= 0 or words:find "worker failed" then print(words:sub(-2000)) end
local wrong = report(dir)
ms.sys.run { "rm", "-r", dir }
os.exit(status == 0 and wrong == 0 and 0 or 1, true)
