--- Folders, processes, locks, signals, progress.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local process_pool = require "moonstem.sys.process_pool"
local sys = ms.sys
local work_folder = require "moonstem.sys.work_folder"

local PROGRAM = sys.absolute "/proc/self/exe"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

local function refuses(part, value, message)
  lu.assertNil(value)
  lu.assertStrContains(message, part)
end

local function raises(part, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok)
  lu.assertStrContains(message, part)
end

-- Seconds until the condition holds, at most.
local function within(seconds, condition)
  local last = sys.clock() + seconds
  while sys.clock() < last do
    if condition() then return true end
    sys.sleep(0.01)
  end
  return false
end

function tests.folders_and_files()
  lu.assertTrue(sys.mkdir(dir .. "/a/b/c"))
  lu.assertTrue(sys.mkdir(dir .. "/a/b/c/"))
  lu.assertTrue(sys.is_dir(dir .. "/a/b/c"))
  lu.assertTrue(sys.write_file(dir .. "/a/x", "text\0more"))
  lu.assertEquals(sys.read_file(dir .. "/a/x"), "text\0more")
  lu.assertEquals(sys.size(dir .. "/a/x"), 9)
  lu.assertFalse(sys.is_dir(dir .. "/a/x"))
  lu.assertEquals(sys.list(dir .. "/a"), { "b", "x" })
  lu.assertTrue(sys.rename(dir .. "/a/x", dir .. "/a/Y"))
  lu.assertEquals(sys.list(dir .. "/a"), { "Y", "b" })
  lu.assertTrue(sys.remove(dir .. "/a/Y"))
  lu.assertFalse(sys.exists(dir .. "/a/Y"))
  lu.assertAlmostEquals(sys.modified(dir .. "/a"), sys.now(), 60)
end

function tests.the_command_line_is_one_that_a_shell_takes()
  local words = { "a", "it's b", "", "--lr=3e-4" }
  local code = "print(ms.sys.command_line())"
  local program = sys.absolute "/proc/self/exe"
  local status, line = sys.capture { program, "-e", code, table.unpack(words) }
  lu.assertEquals(status, 0)
  local list = { program, "-e", code, table.unpack(words) }
  local _, printed = sys.capture { "sh", "-c", "printf '%s\\n' " .. line:gsub("\n$", "") }
  lu.assertEquals(printed, table.concat(list, "\n") .. "\n")
end

function tests.refusals_name_the_path()
  refuses(dir .. "/none", sys.list(dir .. "/none"))
  refuses(dir .. "/none", sys.size(dir .. "/none"))
  refuses(dir .. "/none", sys.remove(dir .. "/none"))
  refuses(dir .. "/none", sys.rename(dir .. "/none", dir .. "/other"))
  refuses(dir .. "/none", sys.read_file(dir .. "/none"))
  refuses("/proc/none", sys.mkdir "/proc/none/x")
  assert(sys.write_file(dir .. "/file", ""))
  refuses("file", sys.mkdir(dir .. "/file/x"))
  raises("zero byte", sys.exists, "a\0b")
  raises("a file name is expected", sys.list, {})
end

function tests.odd_names()
  for _, name in ipairs { "with space", "quote'\"", "new\nline", "\xff\xfe", "-dash", "é漢" } do
    local path = dir .. "/" .. name
    lu.assertTrue(sys.write_file(path, name))
    lu.assertEquals(sys.read_file(path), name)
    local status, text = sys.capture { "cat", "--", path }
    lu.assertEquals({ status, text }, { 0, name })
  end
  lu.assertEquals(#sys.list(dir), 6)
end

-- ---- processes ------------------------------------------------------------------------------

function tests.run_gives_the_exit_status()
  lu.assertEquals(sys.run { "true" }, 0)
  lu.assertEquals(sys.run { "sh", "-c", "exit 7" }, 7)
  lu.assertEquals(sys.run { "sh", "-c", "kill -9 $$" }, 137)
  refuses("no-such-program was not found", sys.run { "no-such-program" })
  raises("the program's name is missing", sys.run, {})
  raises("argument 2 is a boolean", sys.run, { "ls", true })
  raises("did you mean stdout?", sys.run, { "ls", stdot = "x" })
end

function tests.arguments_are_passed_as_they_are()
  local status, text = sys.capture { "printf", "%s|", "a b", "$HOME", "*", "", 5, "'\"" }
  lu.assertEquals({ status, text }, { 0, "a b|$HOME|*||5|'\"|" })
end

function tests.streams_folder_and_environment()
  local log = dir .. "/log"
  lu.assertEquals(sys.run { "sh", "-c", "echo out; echo err >&2", stdout = log, stderr = log }, 0)
  lu.assertEquals(sys.read_file(log), "out\nerr\n")
  lu.assertEquals(sys.run { "echo", "more", stdout = log, append = true }, 0)
  lu.assertEquals(sys.read_file(log), "out\nerr\nmore\n")
  lu.assertEquals({ sys.capture { "cat", stdin = log } }, { 0, "out\nerr\nmore\n" })
  lu.assertEquals({ sys.capture { "pwd", dir = "/" } }, { 0, "/\n" })
  lu.assertEquals({ sys.capture { "sh", "-c", "echo $A$HOME", env = { A = "x y", HOME = false } } },
    { 0, "x y\n" })
  refuses("cannot open " .. dir .. "/none", sys.run { "cat", stdin = dir .. "/none" })
  refuses("the folder /none was not found", sys.run { "pwd", dir = "/none" })
end

function tests.much_output_is_captured()
  local _, text = sys.capture { "head", "-c", "3000000", "/dev/zero" }
  lu.assertEquals(#text, 3000000)
end

function tests.children_beside_us()
  local slow, fast = sys.spawn { "sleep", "30" }, sys.spawn { "sh", "-c", "exit 5" }
  lu.assertEquals({ sys.wait { slow, fast } }, { 2, 5 })
  lu.assertNil(slow:poll())
  refuses("still running", slow:wait(0.02))
  refuses("in time", sys.wait({ slow }, 0.02))
  lu.assertTrue(slow:kill "KILL")
  lu.assertEquals(slow:wait(), 137)
  refuses("has ended", slow:kill())
  refuses("no process to wait for", sys.wait {})
  refuses("not found", sys.spawn { "no-such-program" })
  slow:close()
  raises("closed", slow.poll, slow)
end

function tests.no_descriptors_are_lost()
  local function count() return #sys.list "/proc/self/fd" end
  collectgarbage()
  local before = count()
  collectgarbage "stop" -- descriptors do not wait for the collector
  for _ = 1, 20 do
    sys.run { "true", stdout = dir .. "/log" }
    sys.capture { "echo", "x" }
    sys.read_file(dir .. "/none")
    ms.io.load_npy(dir .. "/log")
    local _ <close> = sys.lock(dir .. "/lock")
  end
  collectgarbage "restart"
  lu.assertEquals(count(), before)
end

-- ---- signals --------------------------------------------------------------------------------

-- Starts code that makes the file `ready`, sends the signals; the exit status and what was said.
local function signalled(code, ...)
  local ready = dir .. "/ready"
  local child = sys.spawn { PROGRAM, "-e", "local ready = ... " .. code, ready,
    stdout = dir .. "/out", stderr = dir .. "/err" }
  lu.assertTrue(within(10, function() return sys.exists(ready) end))
  for _, name in ipairs { ... } do
    child:kill(name)
    sys.sleep(0.1)
  end
  local status = child:wait(20)
  if not status then child:kill "KILL" end
  return status, sys.read_file(dir .. "/out"), sys.read_file(dir .. "/err")
end

local BUSY = "ms.sys.write_file(ready, '') while true do end"
local ASKING = [[ms.sys.interrupted() ms.sys.write_file(ready, '')
  while not ms.sys.interrupted() do end print(ms.sys.interrupted())]]

function tests.a_script_that_does_not_ask_is_stopped()
  local status, _, err = signalled(BUSY, "INT")
  lu.assertEquals(status, 130)
  lu.assertStrContains(err, "interrupted")
  sys.remove(dir .. "/ready")
  lu.assertEquals(signalled(BUSY, "TERM"), 143)
end

function tests.a_script_that_asks_ends_by_itself()
  for name, expected in pairs { INT = 130, TERM = 143, HUP = 129, USR1 = 0 } do
    local status, out = signalled(ASKING, name)
    lu.assertEquals({ status, out }, { expected, "true\t" .. name .. "\n" })
    sys.remove(dir .. "/ready")
  end
end

-- What a scheduler does before a job's time is over: the run is saved, and the status says that it
-- is to be started again.
function tests.a_run_that_a_scheduler_stops_says_so()
  local status, _, err = signalled([[
    local task = ms.train.loader_task { loader = ms.data.loader { items = 4, load = function(i)
      return { x = ms.ones { 2 } * i } end },
      loss = function(model, batch)
        ms.sys.write_file(ready, '')
        return model(batch.x):mean()
      end, validate = function() return { loss = 0 } end }
    local e = ms.lab.experiment { name = 'stopped', out = ready .. '-runs', data = { name = 'd' },
      model = function() return ms.net.chain { ms.nn.linear { in_features = 2, out_features = 1 } }
      end, task = function() return task end, score = { 'loss' },
      evaluate = function() return { loss = 0 } end,
      train = { phases = { { optimizer = 'sgd', lr = 1e-3, steps = 1e7 } }, batch = 1,
        validate_every = 1000000 } }
    os.exit(getmetatable(e).__run(e, {}))]], "USR1")
  lu.assertEquals(status, 75)
  lu.assertStrContains(err, "the same command goes on from there")
end

-- A terminal that is closed sends SIGHUP, and its shell sends it, too.
function tests.a_closed_terminal_stops_a_script_once_however_often_it_says_so()
  local status, out = signalled([[ms.sys.interrupted() ms.sys.write_file(ready, '')
    while not ms.sys.interrupted() do end ms.sys.sleep(1) ms.sys.sleep(1) print "saved"]], "HUP",
    "HUP")
  lu.assertEquals({ status, out }, { 129, "saved\n" })
end

function tests.what_nohup_has_asked_for_stays_in_children()
  local status, out = sys.capture { "sh", "-c", "trap '' HUP; exec \"$@\"", "sh", PROGRAM, "-e",
    "ms.sys.run { 'sh', '-c', 'kill -HUP $PPID; kill -HUP $$; echo child' } print 'parent'" }
  lu.assertEquals({ status, out }, { 0, "child\nparent\n" })
end

function tests.a_second_interrupt_ends_the_process()
  local status = signalled("ms.sys.interrupted() ms.sys.write_file(ready, '') while true do end",
    "INT", "INT")
  lu.assertEquals(status, 130)
end

function tests.a_terminated_parent_passes_it_on()
  local code = [[ms.sys.write_file(ready, '') print(ms.sys.run{"sleep", "60"})]]
  local status, out = signalled(code, "TERM")
  lu.assertEquals(status, 143)
  lu.assertNotStrContains(out, "\t")
end

-- ---- shared work ----------------------------------------------------------------------------

function tests.work_is_shared_out_and_a_failure_is_told()
  local function share(module, jobs)
    local done = 0
    local good, why = process_pool.share { module = module, jobs = jobs, folder = dir .. "/jobs",
      progress = function(n) done = n end }
    lu.assertEquals(sys.list(dir .. "/jobs"), good and { "check-1.jsonl", "check-2.jsonl" } or {})
    return good, why, done
  end
  refuses("module 'no.such.module' not found", share("no.such.module", { {} }))
  local jobs = {}
  for k = 1, 2 do
    jobs[k] = { task = "check", cache = dir .. "/jobs", index = "check-" .. k,
      files = { { path = "a" }, { path = "b" } } }
  end
  lu.assertEquals({ share("moonstem.data.pass", jobs) }, { true, nil, 4 })
end

-- Whether a process still does something: one that nobody waited for stays as a zombie.
local function is_running(pid)
  local state = (sys.read_file(("/proc/%s/stat"):format(pid)) or ""):match "%) (%a)"
  return state ~= nil and state ~= "Z"
end

-- True as soon as f() is; false when it is not within a minute.
local function eventually(f)
  for _ = 1, 600 do
    if f() then return true end
    sys.sleep(0.1)
  end
  return false
end

-- The parent of two workers, each of which waits for a program; the numbers of all four.
local function family()
  assert(sys.mkdir(dir .. "/at"))
  assert(sys.write_file(dir .. "/slow_work.lua", ([[local sys = require "moonstem.sys"
    return { work = function(job)
      sys.write_file(%q .. job.k, tostring(sys.pid()))
      sys.run { "sh", "-c", "echo $$ >$0; exec sleep 1000", %q .. job.k }
    end }]]):format(dir .. "/at/worker", dir .. "/at/program")))
  assert(sys.write_file(dir .. "/parent.lua", ([[local pool = require "moonstem.sys.process_pool"
    pool.share { module = "slow_work", jobs = { { k = 1 }, { k = 2 } }, folder = %q,
      progress = function() end }]]):format(dir .. "/jobs")))
  local parent = assert(sys.spawn { PROGRAM, dir .. "/parent.lua",
    env = { LUA_PATH = dir .. "/?.lua;;" } })
  local pids = {}
  for i, name in ipairs { "worker1", "worker2", "program1", "program2" } do
    local path = dir .. "/at/" .. name
    lu.assertTrue(eventually(function() return (sys.size(path) or 0) > 0 end))
    pids[i] = sys.read_file(path):match "%d+"
    lu.assertTrue(is_running(pids[i]))
  end
  return parent, pids
end

function tests.workers_and_their_programs_end_with_a_parent_that_is_killed()
  local parent, pids = family()
  lu.assertEquals(#sys.list(dir .. "/jobs"), 1)
  parent:kill "KILL"
  parent:wait()
  for _, pid in ipairs(pids) do
    lu.assertTrue(eventually(function() return not is_running(pid) end))
  end
  -- what they worked in is removed by whoever works there next
  local work <close> = assert(work_folder.open(dir .. "/jobs"))
  lu.assertEquals(sys.list(dir .. "/jobs"), { work.path:match "[^/]+$" })
end

function tests.a_signal_lets_a_worker_end_what_it_began()
  assert(sys.write_file(dir .. "/brief_work.lua", ([[local sys = require "moonstem.sys"
    return { work = function()
      local place <close> = require("moonstem.sys.work_folder").open(%q)
      sys.run { "kill", "-INT", tostring(sys.pid()) }
      return sys.write_file(%q, place.path .. tostring(sys.interrupted()))
    end }]]):format(dir .. "/place", dir .. "/went_on")))
  assert(sys.mkdir(dir .. "/place"))
  assert(sys.write_file(dir .. "/parent.lua", ([[local pool = require "moonstem.sys.process_pool"
    assert(pool.share { module = "brief_work", jobs = { {} }, folder = %q,
      progress = function() end })]]):format(dir .. "/jobs")))
  lu.assertEquals(sys.run { PROGRAM, dir .. "/parent.lua",
    env = { LUA_PATH = dir .. "/?.lua;;" } }, 0)
  lu.assertStrMatches(sys.read_file(dir .. "/went_on"), ".*/place/work%-%d+%-1true")
  lu.assertEquals(sys.list(dir .. "/place"), {})
end

function tests.a_work_folder_belongs_to_one_process()
  local first = assert(work_folder.open(dir))
  local second <close> = assert(work_folder.open(dir))
  lu.assertNotEquals(first.path, second.path)
  assert(sys.write_file(first.path .. "/file", "x"))
  local third <close> = assert(work_folder.open(dir))
  lu.assertEquals(#sys.list(dir), 3)
  lu.assertTrue(sys.exists(first.path .. "/file"))
  first:close()
  first:close()
  lu.assertFalse(sys.exists(first.path))
  lu.assertTrue(sys.exists(third.path))
end

-- A helper that ended without a word may have had no room for its words.
function tests.what_cannot_be_written_is_the_reason_of_who_said_nothing()
  local code = [[local dir = ...
    ms.sys.interrupted()
    assert(ms.sys.write_file(dir .. "/said.txt", ""))
    print(require "moonstem.sys.process_pool".last_words(dir .. "/said.txt"))
    print(require "standins.tools".complaint(dir, "mma failed"))]]
  local function said(command)
    local argv = { "sh", "-c", command .. "; exec \"$@\"", "sh", PROGRAM, "-e", code, dir }
    return select(2, sys.capture(argv))
  end
  lu.assertEquals(said "true", ("nil\nmma failed in %s: it gave no reason\n"):format(dir))
  for line in said "ulimit -f 1":gmatch "[^\n]+" do
    lu.assertStrContains(line, dir .. "/probe")
    lu.assertStrContains(line, "File too large")
  end
  lu.assertEquals(sys.list(dir), { "said.txt" })
end

-- TERM lets a run save what it has; without `follow` a program outlives us.
function tests.a_spawned_program_is_told_of_our_end()
  local code = ([[ms.sys.spawn { "sh", "-c", "trap 'echo told >%s; exit' TERM; echo $$ >%s; \
    while :; do sleep 0.1; done", follow = ... ~= "none" and ... or nil }
    while not ms.sys.exists %q do ms.sys.sleep(0.01) end
    os.exit(0, false)]]):format(dir .. "/told", dir .. "/pid", dir .. "/pid")
  for _, follow in ipairs { "TERM", "KILL", "none" } do
    lu.assertEquals(sys.run { PROGRAM, "-e", code, follow }, 0)
    while (sys.size(dir .. "/pid") or 0) == 0 do sys.sleep(0.01) end
    local pid = sys.read_file(dir .. "/pid"):match "%d+"
    if follow == "none" then
      lu.assertTrue(is_running(pid))
      sys.run { "kill", "-9", pid }
    end
    lu.assertTrue(eventually(function() return not is_running(pid) end))
    lu.assertEquals(sys.exists(dir .. "/told"), follow == "TERM")
    sys.remove(dir .. "/told")
    sys.remove(dir .. "/pid")
  end
  raises('follow must be "KILL" or "TERM", got "HUP"', sys.spawn, { "true", follow = "HUP" })
end

-- ---- progress -------------------------------------------------------------------------------

function tests.progress_on_a_terminal_and_in_a_log()
  local code = [[local p = ms.sys.progress { total = 3, label = "clips", terminal = ... == "yes" }
    for i = 1, 3 do p:step(1, "clip " .. i) end p:finish()]]
  local function told(terminal)
    sys.run { PROGRAM, "-e", code, terminal, stderr = dir .. "/err" }
    return sys.read_file(dir .. "/err")
  end
  lu.assertStrContains(told "yes", "\r\27[Kclips  1/3")
  lu.assertStrContains(told "no", "clips  3/3")
  lu.assertNotStrContains(told "no", "\27")
  raises("there is no option totl", sys.progress, { totl = 1 })
end

function tests.tasks_in_a_row_leave_a_line_each_unless_they_were_done_already()
  local code = [[local follow = require "moonstem.sys.progress".follow "caching"
    for i = 1, 3 do follow(i, 3) end
    for i = 1, 2 do follow(i, 2) ms.sys.sleep(i == 1 and 0.6 or 0) end]]
  sys.run { PROGRAM, "-e", code, stderr = dir .. "/err" }
  local told = sys.read_file(dir .. "/err")
  lu.assertStrContains(told, "caching  2/2")
  lu.assertNotStrContains(told, "3/3")
end

return tests
