--- Hostile files: each reader of tests/fuzz/readers.lua gets good files that chance has changed.
-- A read must give what is there or refuse it with a sentence, in bounded memory, within half a
-- minute; none may end the process. Prints what was tried and lost.
--   build/moonstem tests/hostile_files.lua [files of each reader [seed [reader ...]]]
-- A file is a function of reader, seed and number. tests/fuzz/fuzz.sh looks for more by coverage.
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%sfuzz/?.lua;%slua/tools/?.lua;"):format(HERE, HERE) .. package.path
local ms = require "moonstem"
local mutation = require "mutation"
local one_input = require "one_input"
local readers = require "readers"
local watched = require "watched"

local FILES, SEED = tonumber(arg[1] or 10000), tonumber(arg[2] or 1)
local PATIENCE = 20 -- seconds for a file

local function names()
  if arg[3] then return { table.unpack(arg, 3) } end
  local list = {}
  for name in pairs(readers) do list[#list + 1] = name end
  table.sort(list)
  return list
end

-- Numbers by chance for file k of a reader; quick, as there are a dozen for each file.
local function drawer(name, k)
  local state = ms.random.integer(SEED, "hostile files " .. name, k, 1, 1 << 31)
  return function(n)
    state = (state * 6364136223846793005 + 1442695040888963407)
    return (state >> 33) % n + 1
  end
end

-- In a child: files first to FILES of a reader. `now` has the number of the one that is read.
local function work(name, first, dir)
  local folder = assert(ms.sys.tempdir())
  local given = { seeds = readers[name].seeds(folder), words = readers[name].words,
    longest = one_input.LONGEST }
  local try = one_input.reader(readers[name], folder)
  local now, faults = assert(io.open(dir .. "/now", "w")), assert(io.open(dir .. "/faults", "a"))
  now:setvbuf "no"
  for k = first, FILES do
    now:seek("set", 0)
    now:write(("%d\n"):format(k))
    local fault = try(mutation.input(given, drawer(name, k)))
    if fault then
      faults:write(("%s %d: %s\n"):format(name, k, fault:gsub("\n", " ")))
      faults:flush()
    end
  end
  ms.sys.run { "/bin/rm", "-r", folder }
end

local function number_now(dir)
  return tonumber((ms.sys.read_file(dir .. "/now") or ""):match "%d+")
end

-- All files of a reader, anew in another child behind each that was lost; how many were lost.
local function try(name, dir)
  local first, lost = 1, 0
  while first <= FILES do
    ms.sys.remove(dir .. "/now")
    local how = watched.run(function() work(name, first, dir) end, function()
      return number_now(dir)
    end, PATIENCE)
    if not how then break end
    local k = number_now(dir) or FILES
    print(("%s %d: %s"):format(name, k, how))
    first, lost = k + 1, lost + 1
  end
  return lost
end

-- No other program is to read a file in our place.
if os.getenv "PATH" ~= "/none" then
  os.exit(ms.sys.run { "/usr/bin/env", "PATH=/none", ms.sys.absolute "/proc/self/exe", arg[0],
    table.unpack(arg) }, true)
end
local dir = assert(ms.sys.tempdir())
local list, lost = names(), 0
for _, name in ipairs(list) do lost = lost + try(name, dir) end
local faults = 0
for line in (ms.sys.read_file(dir .. "/faults") or ""):gmatch "[^\n]+" do
  faults = faults + 1
  if faults <= 40 then print(line) end
end
ms.sys.run { "/bin/rm", "-r", dir }
print(("%d files of each of %d readers, seed %d: %d were lost, %d badly told"):format(FILES, #list,
  SEED, lost, faults))
os.exit(lost + faults == 0 and 0 or 1, true)
