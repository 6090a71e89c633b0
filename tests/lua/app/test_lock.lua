--- ms.sys.lock: one holder at a time, also where a file system locks nothing; holders that were
-- killed, that live on other machines, or that were stopped and go on.
local lu = require "luaunit"
local ms = require "moonstem"
local lock = require "moonstem.sys.lock"

local sys, tests = ms.sys, {}
local PROGRAM = sys.absolute "/proc/self/exe"
local path

require "own_folder"(tests, function(dir) path = dir .. "/lock" end)

local function refuses(message, result, why)
  lu.assertNil(result)
  lu.assertStrContains(why, message)
end

local function names()
  return table.concat(sys.list(path:match "^(.*)/"), " ")
end

function tests.one_holder_at_a_time()
  local held = assert(sys.lock(path))
  refuses(path .. " is held by process " .. sys.pid(), sys.lock(path))
  local status, text = sys.capture { PROGRAM, "-e", "print(ms.sys.lock(...))", path }
  lu.assertEquals(status, 0)
  lu.assertStrContains(text, "nil\t" .. path .. " is held by process " .. sys.pid())
  held:close()
  held:close()
  lu.assertNil(lock.holder(path))
  local again <close> = assert(sys.lock(path))
  lu.assertFalse(again:lost())
  lu.assertEquals(names(), "lock.2")
end

function tests.a_killed_holder_lets_go()
  local child = sys.spawn { PROGRAM, "-e", "held = ms.sys.lock(...) ms.sys.sleep(60)", path }
  while not sys.exists(path .. ".1") do sys.sleep(0.01) end
  refuses("is held by process " .. child:id(), sys.lock(path))
  lu.assertEquals(lock.holder(path).pid, child:id())
  child:kill "KILL"
  while lock.holder(path) do sys.sleep(0.01) end -- nobody has waited for it: its number is taken
  local _ <close> = assert(sys.lock(path))
  child:wait()
end

function tests.drafts_of_killed_processes_go()
  local draft = ("%s.%s.%d.1~"):format(path, sys.hostname(), 1 << 22) -- no process has that number
  sys.write_file(draft, "")
  sys.write_file(draft .. ".ms~", "")
  local _ <close> = assert(sys.lock(path))
  lu.assertEquals(names(), "lock.1")
end

-- A holder as another machine would leave it, touched so many seconds ago, of a job of Slurm that
-- was started so often before.
local function foreign(seconds, job, start)
  ms.io.save_json(path .. ".7", { pid = sys.pid(), host = "far", place = "another", begun = "1",
    job = job, start = start })
  sys.run { "touch", "-d", ("@%d"):format(math.floor(sys.now() - seconds)), path .. ".7" }
end

function tests.a_holder_elsewhere_lives_while_its_file_is_touched()
  foreign(200)
  refuses("is held by process " .. sys.pid() .. " on far", sys.lock(path))
  lu.assertEquals(names(), "lock.7")
  foreign(400)
  local held <close> = assert(sys.lock(path))
  lu.assertEquals(names(), "lock.8")
  lu.assertFalse(held:lost())
end

-- Whether a process of a job of Slurm, started so often before, gets the lock.
local function takes(id, start)
  local status = sys.run { PROGRAM, "-e", "os.exit(ms.sys.lock(...) and 0 or 7, true)", path,
    env = { SLURM_CLUSTER_NAME = "big", SLURM_JOB_ID = id, SLURM_RESTART_COUNT = start } }
  lu.assertTrue(status == 0 or status == 7)
  return status == 0
end

function tests.a_job_that_slurm_starts_again_waits_less_for_its_earlier_start()
  foreign(100, "big 12", 0)
  lu.assertFalse(takes("13", "1"))
  lu.assertFalse(takes("12", "0"))
  refuses("on far", sys.lock(path))
  foreign(100, "small 12", 0)
  lu.assertFalse(takes("12", "1"))
  foreign(30, "big 12", 0) -- its machine may have lost the controller and nothing else
  lu.assertFalse(takes("12", "1"))
  foreign(100, "big 12", 0)
  lu.assertTrue(takes("12", "1"))
  lu.assertEquals(names(), "lock.8")
  lu.assertEquals(ms.io.load_json(path .. ".8").start, 1)
end

function tests.a_process_of_the_same_number_is_not_the_holder()
  local held = assert(sys.lock(path))
  local owner = ms.io.load_json(path .. ".1")
  held:close()
  owner.begun, owner.released = "1", nil
  ms.io.save_json(path .. ".2", owner)
  local _ <close> = assert(sys.lock(path))
end

function tests.a_holder_that_goes_on_too_late_has_lost()
  local held = assert(sys.lock(path))
  sys.rename(path .. ".1", path .. ".old") -- as another machine does that found it silent
  foreign(0)
  lu.assertTrue(held:lost())
  held:close()
  lu.assertNil(ms.io.load_json(path .. ".7").released)
  refuses("on far", sys.lock(path))
end

-- Each process takes the lock, adds to a number in a file that nothing else guards, and lets go.
local COUNTING = [[
  local path, file, n = ..., (...) .. "-number", 0
  while n < 12 do
    local held <close> = ms.sys.lock(path)
    if held then
      n = n + 1
      ms.sys.write_file(file, tostring((tonumber(ms.sys.read_file(file) or 0)) + 1))
    end
  end]]

function tests.of_many_that_want_it_one_has_it()
  local children = {}
  for k = 1, 4 do children[k] = assert(sys.spawn { PROGRAM, "-e", COUNTING, path }) end
  for _, child in ipairs(children) do lu.assertEquals(child:wait(), 0) end
  lu.assertEquals(sys.read_file(path .. "-number"), "48")
end

-- ---- file systems without locks ------------------------------------------------------------
local NO_LOCKS = [[
#include <errno.h>
int flock(int file, int what) { return (void)file, (void)what, errno = ENOLCK, -1; }
]]

-- Writes a megabyte of one letter again and again; a reader must find a whole one.
local WRITING = [[
  local path, letter = ...
  for _ = 1, 30 do assert(ms.sys.write_file(path, letter:rep(1000000))) end]]

function tests.files_are_whole_where_nothing_can_be_locked()
  local dir = path:match "^(.*)/"
  ms.sys.write_file(dir .. "/none.c", NO_LOCKS)
  if sys.run { "cc", "-shared", "-fPIC", "-o", dir .. "/none.so", dir .. "/none.c" } ~= 0 then
    lu.skip "no compiler"
  end
  local children, seen = {}, 0
  for k, letter in ipairs { "a", "b" } do
    children[k] = assert(sys.spawn { PROGRAM, "-e", WRITING, path, letter,
      env = { LD_PRELOAD = dir .. "/none.so",
        ASAN_OPTIONS = (os.getenv "ASAN_OPTIONS" or "") .. ":verify_asan_link_order=0" } })
  end
  while not (children[1]:poll() and children[2]:poll()) do
    local text = sys.exists(path) and sys.read_file(path)
    if text then
      seen = seen + 1
      lu.assertEquals(#text, 1000000)
      lu.assertEquals(text, text:sub(1, 1):rep(#text))
    end
  end
  for _, child in ipairs(children) do lu.assertEquals(child:wait(), 0) end
  lu.assertTrue(seen > 0)
  lu.assertEquals(names(), "lock none.c none.so")
end

function tests.a_folder_that_is_not_there_is_told()
  refuses("cannot lock", sys.lock(path .. "/none/lock"))
end

return tests
