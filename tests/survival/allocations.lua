--- Allocations that fail, in each work of allocation_work.lua, every one (or so many, evenly), in
-- three ways: the n-th of the program's own malloc, calloc, realloc finds no memory; all find none
-- from some number of bytes on, wherever they are asked for; and the n-th inside another library.
-- The work must succeed all the same, or say a sentence with "memory"; it must not end by a signal,
-- nor keep what it took. Prints what was tried and lost. The third way is told by library and does
-- not count: some do not look at what malloc gives them, which is why they are not called without
-- room.
--   build/moonstem tests/survival/allocations.lua [most of each work and way = all [work ...]]
-- Every attempt is a fork of this program with allocation_faults.c before the C library.
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%s?.lua;"):format(HERE) .. package.path
local ms = require "moonstem"
local work = require "allocation_work"
local workers = require "moonstem.core.workers"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local LIBRARY = PROGRAM:gsub("[^/]*$", "") .. "liballocation-faults.so"
local MOST = tonumber(arg[1] or math.huge)
local LIMITS = 200  -- of bytes for each work
local ROUNDS, GROWING = 20, 7 -- attempts in one process; so many last ones that keep more: a leak
local PATIENCE = 120 -- seconds
local SHOWN = 5     -- of what is wrong in each work
local COUNT = 1 << 50 -- a number that is not reached

if os.getenv "LD_PRELOAD" ~= LIBRARY then
  if not ms.sys.exists(LIBRARY) then
    ms.sys.run { "cmake", "--build", (LIBRARY:gsub("/[^/]*$", "")), "--target", "allocation-faults",
      stdout = "/dev/null" }
  end
  -- The C library's own size of a heap for each thread would look like a leak.
  os.exit(ms.sys.run { "env", "LD_PRELOAD=" .. LIBRARY, "MALLOC_ARENA_MAX=1", PROGRAM, arg[0],
    table.unpack(arg) }, true)
end
local faults = assert(package.loadlib(LIBRARY, "luaopen_allocation_faults"))()

-- ---- in a child ------------------------------------------------------------------------------
-- Runs a work; what it said where it failed, how many allocations there were, and how many bytes.
local function attempt(one, folder, way, n)
  local _ <close> = ms.scope()
  local count, bytes, ok, value, why = faults.run(way, n, one.run, folder)
  local told = not ok and tostring(value) or value == nil and tostring(why) or nil
  return told, count, bytes
end

local function used()
  collectgarbage()
  collectgarbage()
  ms.memory_trim()
  return faults.used()
end

-- Whether the last attempts of many each took and kept something; the first ones fill caches.
local function leak(one, folder, way, n)
  local last, grown = math.maxinteger, 0
  for _ = 1, ROUNDS do
    attempt(one, folder, way, n)
    local now = used()
    grown = now > last and grown + 1 or 0
    last = now
  end
  return grown >= GROWING
end

-- Writes how an attempt went: "count N BYTES", "whole", "refused" or what is wrong.
local function child(one, folder, way, n, path, look)
  ms.threads(1)
  local note = assert(io.open(path, "w"))
  note:setvbuf "no"
  local told, count, bytes = attempt(one, folder, way, n)
  if n == COUNT then note:write(told and "wrong\t" .. told or ("count\t%d %d"):format(count, bytes))
  elseif told and not told:find "memory" then note:write("wrong\t", told:sub(1, 300))
  elseif look and leak(one, folder, way, n) then note:write "leak\teach attempt keeps more"
  else note:write(told and "refused" or "whole") end
end

-- ---- in the parent ---------------------------------------------------------------------------
-- The word and the text that a child wrote; or how it ended.
local function outcome(one, folder, way, n, look)
  local path = folder .. "/outcome"
  os.remove(path)
  local process = assert(workers.fork(function() child(one, folder, way, n, path, look) end, 1))
  local status = process:wait(PATIENCE)
  if not status then
    process:kill "KILL"
    process:wait()
    return "lost", ("took over %d s"):format(PATIENCE)
  end
  local word, text = (ms.sys.read_file(path) or ""):match "^(%a+)\t?(.*)$"
  if status ~= 0 or not word then return "lost", ("ended with status %d"):format(status) end
  return word, text
end

local function wanted(name)
  if not arg[2] then return true end
  for i = 2, #arg do if name:find(arg[i], 1, true) then return true end end
  return false
end

-- The numbers that are tried of `count`: all, or so many from the first to the last.
local function chosen(count, most)
  local list, number = {}, math.min(most, count)
  for i = 1, number do
    list[i] = number == count and i or 1 + (i - 1) * (count - 1) // math.max(number - 1, 1)
  end
  return list
end

-- Notes of the library whose allocation failed how that went.
local function blame(libraries, word)
  local name = faults.blamed()
  local row = libraries[name] or { tried = 0, lost = 0, wrong = 0 }
  libraries[name], row.tried = row, row.tried + 1
  if row[word] then row[word] = row[word] + 1 end
end

local function tell_libraries(libraries)
  local names = {}
  for name in pairs(libraries) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local row = libraries[name]
    print(("  %s: %d failed; %d ended by a signal or hung, %d told otherwise"):format(name,
      row.tried, row.lost, row.wrong))
  end
end

-- Adds the outcomes of one way to `totals`, and shows the first that are wrong.
local function try_way(one, folder, way, totals)
  local word, text = outcome(one, folder, way, COUNT)
  if word ~= "count" then
    print(("%s: does not work: %s"):format(one.name, text))
    totals.wrong = totals.wrong + 1
    return
  end
  local count, bytes = text:match "(%d+) (%d+)"
  local list = way == "limit" and chosen(tonumber(bytes), math.min(MOST, LIMITS))
    or chosen(tonumber(count), MOST)
  local shown = 0
  for i, n in ipairs(list) do
    word, text = outcome(one, folder, way, n, i % 16 == 1 and way == "ours")
    totals[word], totals.tried = totals[word] + 1, totals.tried + 1
    if way == "others" then blame(totals.libraries, word) end
    if word ~= "whole" and word ~= "refused" and shown < SHOWN and way ~= "others" then
      shown = shown + 1
      print(("%s, %s %d of %s: %s: %s"):format(one.name, way, n, way == "limit" and bytes or count,
        word, text))
    end
  end
end

local WAYS = { { "ours", "allocations of the program failed" },
  { "limit", "limits in bytes were passed" }, { "others", "allocations inside libraries failed" } }
local folder = assert(ms.sys.tempdir())
work.prepare(folder)
local wrong = 0
for _, way in ipairs(WAYS) do
  if way[1] == "others" and MOST < 20 then break end -- the short form has no time for it
  local t, works = { tried = 0, whole = 0, refused = 0, lost = 0, wrong = 0, leak = 0,
    libraries = {} }, 0
  for _, one in ipairs(work.list) do
    if wanted(one.name) then
      works = works + 1
      try_way(one, folder, way[1], t)
    end
  end
  print(("%d works, %d %s: %d refused with a sentence, %d went on; %d ended by a signal or hung, \z
    %d told otherwise, %d leaks"):format(works, t.tried, way[2], t.refused, t.whole, t.lost,
    t.wrong, t.leak))
  tell_libraries(t.libraries)
  if way[1] ~= "others" then wrong = wrong + t.lost + t.wrong + t.leak end
end
ms.sys.run { "rm", "-r", folder }
os.exit(wrong == 0 and 0 or 1, true)
