--- Ctrl-C inside one long operation: heard there, and nothing that is changed in place is left half
-- done. Loops inside coroutines are used where only the operation itself can hear it: Lua's own
-- steps are watched in the main thread alone, so without that such a loop would never end.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

-- Waits until the child is ready, and no longer than it lives; whether it is.
local function is_ready(child)
  local last = sys.clock() + 30
  while sys.clock() < last and not child:poll() do
    if sys.remove(dir .. "/ready") then return true end
    sys.sleep(0.01)
  end
end

-- Runs code, which calls ready() when its long work begins, and interrupts it `times` times, each
-- time when it is ready; exit status, output, errors.
local function interrupted(code, times)
  local head = ("local dir = %q local function ready() ms.sys.write_file(dir .. '/ready', '') end ")
    :format(dir)
  local child = sys.spawn { PROGRAM, "-e", head .. code, stdout = dir .. "/out", stderr = dir
    .. "/err" }
  for _ = 1, times or 1 do
    if not is_ready(child) then break end
    sys.sleep(0.1)
    child:kill "INT"
  end
  local status = child:wait(20)
  if not status then child:kill "KILL" end
  return status, sys.read_file(dir .. "/out"), sys.read_file(dir .. "/err")
end

-- What endless work inside a coroutine raises, and whether the program computes on.
local function endless(prepare, work)
  local status, out = interrupted(([[
    %s
    local ok, why = pcall(coroutine.wrap(function() ready() while true do %s end end))
    print(ok, why:match "[^ ]*$", ms.ones{300, 200}:matmul(ms.ones{200, 300}):sum():item())
    coroutine.wrap(function() print(ms.randn{100000}:finite()) end)()]]):format(prepare, work))
  lu.assertEquals({ status, out }, { 130, "false\tinterrupted\t18000000.0\ntrue\n" }, work)
end

function tests.operators_hear_it()
  endless("local a = ms.zeros{1000, 1000}", "local y = a:matmul(a)")
  endless("ms.threads(1) local a = ms.zeros{1000, 1000}", "local y = a:matmul(a)")
  endless("local w = ms.zeros{2000000}", "local y = ms.audio.stft(w)")
  endless("", "local y = ms.randn{3000000}")
  endless("local x, w = ms.ones{4, 64, 64, 8}, ms.ones{3, 3, 8, 8}:needs_grad()",
    "x:conv2d(w):square():sum():backward()")
end

function tests.other_long_work_hears_it()
  endless("local w = ms.zeros{4000000}", "local y = ms.audio.resample(w, 44100, 16000)")
  endless("local t = {} for i = 1, 200000 do t[i] = i end", "table.sort(t)")
  endless("local x = ms.ones{300000}", "local t = x:totable()")
  endless("local t = ms.ones{300000}:totable()", "local x = ms.tensor(t)")
  endless("ms.audio.write(dir .. '/x.wav', ms.zeros{3000000}, 16000)",
    "local y = ms.audio.read(dir .. '/x.wav', {rate = 44100})")
  endless("local r = require 'moonstem.core.bootstrap'.new(2000, 2000, 1, '') local v = {} for i \z
    = 1, 2000 do v[i] = i end", "r:mean(v)")
end

-- All numbers of a tensor were treated alike, so they are equal unless a loop over them was cut
-- off.
local function alike(prepare, work, what)
  local _, out = interrupted(([[
    %s
    for _ = 1, 4 do
      pcall(function() ready() while true do %s end end)
      ms.sys.clear_interrupt()
      local x = %s
      print(x:finite(), x:max() == -(-x):max(), x:max() ~= 0)
    end]]):format(prepare, work, what), 4)
  lu.assertEquals(out, ("true\ttrue\ttrue\n"):rep(4), work)
end

-- The batch that was waited for is not lost.
function tests.waiting_for_a_feed_hears_it()
  local status, out = interrupted [[
    ms.audio.write(dir .. "/long.flac", ms.zeros{20000000}, 48000)
    local feed = ms.audio.feed{workers = 1, samples = 2000000}
    local rows = {}
    for i = 1, 12 do rows[i] = {{path = dir .. "/long.flac"}} end
    feed:push(rows)
    ready()
    print(pcall(coroutine.wrap(function() feed:pop() end)))
    print(feed:pending(), feed:pop():shape())]]
  lu.assertEquals(status, 130)
  lu.assertStrMatches(out, "false\t[^\n]*interrupted\n1\t12x2000000\n")
end

function tests.what_changes_in_place_is_whole()
  local leaf = "local p = ms.zeros{2000000}:needs_grad(); (p * 1):sum():backward() "
  alike(leaf .. "local opt = ms.optim.sgd({p}, {lr = 1e-3, momentum = 0.5})", "opt:step()",
    "p:detach()")
  alike(leaf .. "local opt = ms.optim.adam({p}, {lr = 1e-3})", "opt:step()", "p:detach()")
  alike(leaf, "local y = (p * 1):sum() y:backward()", "p.grad")
  alike("local n, x = ms.nn.batch_norm{channels = 64}, ms.ones{20000, 64} * 3 n:train()", "n(x)",
    "n:tensors()[3].value:detach()")
end

function tests.who_promised_to_stop_is_not_cut_off()
  local status, out = interrupted [[
    local a, done = ms.ones{700, 700}, 0
    ms.sys.interrupted()
    ready()
    coroutine.wrap(function()
      while not ms.sys.interrupted() do done = a:matmul(a):get(700, 700) end
    end)()
    print("stopped by itself", done)]]
  lu.assertEquals({ status, out }, { 130, "stopped by itself\t700.0\n" })
end

function tests.the_second_one_ends_it_with_a_word()
  local status, _,
    err = interrupted("ms.sys.interrupted() ready() ms.sys.sleep(0.5) ready() while true do end", 2)
  lu.assertEquals(status, 130)
  lu.assertStrContains(err, "moonstem: asked twice to stop")
end

-- Of a group that gets SIGTERM, whoever started another tells it again: it saves all the same.
function tests.what_a_starter_passes_on_counts_once()
  local child = sys.spawn { PROGRAM, "-e", ([[local dir = %q
    local function ready() ms.sys.write_file(dir .. "/ready", "") end
    ms.sys.interrupted()
    ready()
    while not ms.sys.interrupted() do ms.sys.sleep(0.01) end
    ready()
    while not ms.sys.exists(dir .. "/go") do end
    print "saved"]]):format(dir), follow = "TERM", stdout = dir .. "/out" }
  lu.assertTrue(is_ready(child))
  sys.run { "kill", "-TERM", tostring(child:id()) }
  lu.assertTrue(is_ready(child))
  child:kill "TERM"
  child:kill "TERM"
  sys.write_file(dir .. "/go", "")
  lu.assertEquals(child:wait(), 143)
  lu.assertEquals(sys.read_file(dir .. "/out"), "saved\n")
end

return tests
