--- Memory: every allocation may fail, any collector gives the same bits, steps and scopes let
-- everything go.
local lu = require "luaunit"
local ms = require "moonstem"
require("moonstem.models.mel").matrix() -- made once, kept for good

local function live()
  collectgarbage()
  collectgarbage()
  return ms.memory().live
end

-- ---- a scenario: two networks, one step of training each ----------------------------------------
local function bits(model)
  local parts = {}
  for _, t in ipairs(model:tensors()) do parts[#parts + 1] = t.value:bytes() end
  return table.concat(parts)
end

local function one_step(model, optimizer, x, loss)
  local _ <close> = ms.scope()
  local y = model(x)
  local l = loss(y, ms.ones(y:size()))
  l:backward()
  optimizer:step()
  optimizer:zero()
  return l:item()
end

--- All that it computes, as a string.
local function scenario()
  ms.seed(4)
  ms.step(0)
  local unet = ms.models.unet { widths = { 2, 3 }, seed = 1 }
  local tagger = ms.models.tagger { unet = ms.models.unet { widths = { 2, 3 }, seed = 2 },
    tail = { widths = { 3, 4 }, frames = 12, hidden = 5 }, classes = 3 }
  local adam, sgd = ms.optim.adam(unet:parameters(), { lr = 1e-2 }),
    ms.optim.sgd(tagger:parameters(), { lr = 1e-2, momentum = 0.9 })
  local a = one_step(unet, adam, ms.uniform { 2, 4, 8 }, ms.loss.l1)
  local b = one_step(tagger, sgd, ms.uniform { 2, 12, 256 }, ms.loss.bce_with_logits)
  return ("%a %a "):format(a, b) .. bits(unet) .. bits(tagger)
end

--- Fails the n-th allocation for every n, first to last by `stride`. Each run has `threads` new
-- ones, without scratch yet: theirs fails too, and is gone when they are. With several, the
-- caller's own scratch depends on the chunks that it happened to take.
local function fail_each(stride, threads)
  local truth = scenario()
  ms.threads(1)
  local before, n, failures = live(), 1, 0
  while true do
    ms.threads(threads)
    ms.fail_allocation(n)
    local ok, result = pcall(scenario)
    ms.fail_allocation(0)
    ms.threads(1)
    if ok then
      lu.assertEquals(#result, #truth)
      lu.assertTrue(result == truth, "other numbers after failures")
      break
    end
    failures = failures + 1
    lu.assertEquals(type(result), "string")
    lu.assertStrContains(result, "no memory for ")
    local spare = threads > 1 and 1 << 20 or 0
    lu.assertTrue(math.abs(live() - before) <= spare,
      ("%d bytes more after failure %d"):format(live() - before, n))
    n = n + stride
  end
  lu.assertTrue(failures > 100 // stride, failures .. " failures only")
  lu.assertTrue(scenario() == truth)
end

local tests = {}

local function with_threads(f, ...)
  local threads = ms.threads()
  local ok, why = pcall(f, ...)
  ms.fail_allocation(0)
  ms.threads(threads)
  if not ok then error(why, 0) end
end

function tests.test_every_allocation_fails_once() with_threads(fail_each, 1, 1) end
function tests.test_allocations_of_threads_fail() with_threads(fail_each, 13, 3) end

-- ---- the collector --------------------------------------------------------------------------
-- On one thread: with several, the scratch of the caller depends on the chunks that it takes.
local function any_collector()
  ms.threads(1)
  local truth = scenario()
  local before = live()
  local function same(name) lu.assertTrue(scenario() == truth, name) end
  collectgarbage "generational"
  same "generational"
  collectgarbage "incremental"
  debug.sethook(function() collectgarbage "step" end, "", 31)
  local steps = pcall(same, "step")
  debug.sethook(function() collectgarbage() end, "", 4000)
  local full = pcall(same, "collect")
  debug.sethook()
  lu.assertTrue(steps and full)
  collectgarbage "stop"
  same "stop"
  collectgarbage "restart"
  lu.assertEquals(live(), before)
end

function tests.test_any_collector_gives_the_same_bits() with_threads(any_collector) end

--- Without any scope, the ceiling makes the collector run.
function tests.test_ceiling()
  local most = 0
  for _ = 1, 1500 do
    ms.zeros { 1 << 18 } -- 1 MB
    most = math.max(most, ms.memory().live)
  end
  lu.assertTrue(most < 400 << 20, ("%d MB in use"):format(most >> 20))
end

--- Near the limit the collector runs before anything is refused.
function tests.test_limit_wakes_the_collector()
  local base = live()
  ms.memory_limit(base + (40 << 20))
  local ok, why = pcall(function()
    for _ = 1, 200 do ms.zeros { 1 << 18 } end
  end)
  ms.memory_limit(0)
  lu.assertTrue(ok, why)
end

--- Bytes that the machine gave the process; 0 under the address sanitizer, which holds freed blocks
-- back.
local function resident()
  local maps <close> = assert(io.open "/proc/self/maps")
  if maps:read "a":find("libasan", 1, true) then return 0 end
  local f <close> = assert(io.open "/proc/self/statm")
  return tonumber(f:read "a":match "^%d+ (%d+)") * 4096
end

--- Large blocks of many sizes: their numbers stay their own, and what they leave is joined and used
-- again.
function tests.test_large_blocks()
  collectgarbage()
  local before, kept, held = live(), {}, nil
  for round = 1, 400 do
    if round == 200 then held = ms.memory().held end
    local k = round * 7919 % 13 + 1
    if kept[k] then
      lu.assertEquals({ kept[k].t:get(1), kept[k].t:get(-1) }, { kept[k].value, kept[k].value })
      kept[k].t:close()
    end
    kept[k] = { t = ms.zeros { (1 << 18) + round * 104729 % 1000003 } + round, value = round }
  end
  lu.assertTrue(ms.memory().held <= 1.5 * held + (4 << 20),
    ("%d, then %d bytes"):format(held, ms.memory().held))
  for _, entry in pairs(kept) do entry.t:close() end
  collectgarbage()
  lu.assertEquals(live(), before)
  local whole = ms.memory().held
  ms.memory_trim()
  lu.assertTrue(ms.memory().held < whole - (10 << 20))
end

--- An activation is made again in backward instead of being kept for the layer behind it.
function tests.test_activations_are_not_kept()
  local n = 1 << 18
  local w = ms.ones { 1, 1 }:needs_grad()
  for _, name in ipairs { "gelu", "leaky_relu" } do
    local before = live()
    local function product()
      local scope <close> = ms.scope()
      local x = ms.randn { n, 1 }:matmul(w)
      return scope:keep(x[name](x):matmul(w):sum())
    end
    local loss = product()
    collectgarbage()
    local numbers = (live() - before) // (n * (ms.machine().real == "f64" and 8 or 4))
    lu.assertEquals(numbers, 2, name) -- the input of either product, not the activation
    loss:backward()
    loss:close()
    lu.assertEquals(w.grad:count(), 1)
    w.grad:close()
  end
end

-- What threads take as scratch memory when they first join a loop, whenever that is. One block of
-- the smallest size lost at each step would be 63 KB.
local FEW = 32 << 10

function tests.test_a_thousand_steps()
  local first, second = ms.nn.conv2d { in_channels = 1, out_channels = 4 },
    ms.nn.linear { in_features = 4, out_features = 2 }
  local norm = ms.nn.batch_norm { channels = 4, slope = 0.1 }
  local model = ms.net.module { name = "small", order = { "a", "n", "b" }, a = first, n = norm,
    b = second,
    forward = function(self, x) return self.b(self.n(self.a(x)):max_pool2d(2):mean(2):mean(2)) end }
  local optimizer = ms.optim.adam(model:parameters(), { lr = 1e-3 })
  local at
  for step = 1, 1000 do
    local scope <close> = ms.scope()
    local x = ms.uniform { 2, 8, 8, 1 }
    one_step(model, optimizer, x, ms.loss.mse)
    if step == 10 then
      scope:close()
      at = { live = live(), held = ms.memory().held, resident = resident() }
    end
  end
  lu.assertTrue(live() - at.live < FEW, live() - at.live)
  lu.assertTrue(ms.memory().held - at.held < FEW, ms.memory().held - at.held)
  lu.assertTrue(resident() - at.resident < 8 << 20, resident() - at.resident)
end

-- ---- scopes ---------------------------------------------------------------------------------
local function is_open(t) return (pcall(t.count, t)) end

function tests.test_scope_lets_go()
  local before = live()
  local a, b, c
  do
    local s <close> = ms.scope()
    a, b = ms.zeros { 1000 }, ms.ones { 1000 }
    c = s:keep(a * 2)
  end
  lu.assertEquals({ is_open(a), is_open(b), is_open(c) }, { false, false, true })
  lu.assertErrorMsgContains("this tensor is closed", a.relu, a)
  lu.assertEquals(tostring(a), "tensor (closed)")
  c:close()
  c:close()
  lu.assertEquals(live(), before)
end

function tests.test_nested_scopes()
  local outer, inner, both
  do
    local _ <close> = ms.scope()
    outer = ms.zeros { 3 }
    do
      local s <close> = ms.scope()
      inner = ms.zeros { 3 }
      both = s:keep { ms.zeros { 3 }, name = ms.zeros { 3 } }
    end
    lu.assertEquals({ is_open(outer), is_open(inner), is_open(both[1]), is_open(both.name) },
      { true, false, true, true })
  end
  lu.assertEquals({ is_open(outer), is_open(both[1]), is_open(both.name) }, { false, false, false })
end

function tests.test_keep_passes_every_scope()
  local kept
  do
    local _ <close> = ms.scope()
    local _ <close> = ms.scope()
    kept = ms.zeros { 3 }
    lu.assertEquals(ms.keep(kept), kept)
    lu.assertEquals(ms.keep(kept), kept)
  end
  lu.assertTrue(is_open(kept))
end

function tests.test_error_inside_a_scope()
  local before = live()
  local t
  local ok, message = pcall(function()
    local _ <close> = ms.scope()
    t = ms.zeros { 5000 }
    local unet = ms.models.unet { widths = { 2 } }
    unet(t)
  end)
  lu.assertFalse(ok)
  lu.assertStrContains(message, "unet: the magnitude must be")
  lu.assertFalse(is_open(t))
  t = ms.zeros { 3 }
  lu.assertTrue(is_open(t))
  t:close()
  lu.assertEquals(live(), before)
end

--- A scope that nobody closes ends with the one around it, and keeps nothing from the collector.
function tests.test_forgotten_scopes()
  local t
  do
    local _ <close> = ms.scope()
    ms.scope()
    t = ms.zeros { 3 }
  end
  lu.assertFalse(is_open(t))
  local u = ms.zeros { 3 }
  lu.assertTrue(is_open(u))
  local forgotten = coroutine.wrap(function()
    ms.scope()
    local before = live()
    for _ = 1, 5000 do ms.zeros { 100 } end
    local mine = ms.zeros { 3 }
    lu.assertTrue(live() - before < 10000)
    coroutine.yield(mine)
  end)
  lu.assertTrue(is_open(forgotten()))
end

--- Handles outlive the scope of a coroutine that is gone, in any order of collection.
function tests.test_handles_outlive_a_collected_scope()
  local kept, before = {}, live()
  for k = 1, 50 do
    coroutine.wrap(function()
      ms.scope()
      local first, second, third = ms.ones { 3 }, ms.ones { 3 }, ms.ones { 3 }
      kept[k] = k % 3 == 0 and first or k % 3 == 1 and second or third
      coroutine.yield(first, second, third)
    end)()
    if k % 7 == 0 then collectgarbage() end
  end
  collectgarbage()
  collectgarbage()
  for k = 1, 50 do
    lu.assertEquals(kept[k]:sum():item(), 3)
    kept[k] = nil
  end
  lu.assertEquals(live(), before)
end

--- Only the scope that has a tensor gives it away.
function tests.test_a_scope_keeps_only_its_own()
  local outer = ms.scope()
  local mine = ms.ones { 3 }
  local inner = ms.scope()
  local other = ms.ones { 3 }
  inner:keep(mine, other)
  inner:close()
  lu.assertTrue(is_open(mine) and is_open(other))
  outer:close()
  lu.assertFalse(is_open(mine))
  lu.assertFalse(is_open(other))
end

--- Each coroutine has scopes of its own: what it makes outlives the scopes of its caller.
function tests.test_coroutines()
  local produce = coroutine.wrap(function()
    local ahead = ms.ones { 3 }
    while true do
      local _ <close> = ms.scope()
      local next_one = ms.keep(ahead + 1)
      coroutine.yield(ahead)
      ahead = next_one
    end
  end)
  local sum = 0
  for _ = 1, 4 do
    local _ <close> = ms.scope()
    local t = produce()
    sum = sum + (t * 2):sum():item()
    collectgarbage()
  end
  lu.assertEquals(sum, 2 * 3 * (1 + 2 + 3 + 4))
  local dead = coroutine.create(function()
    local _ <close> = ms.scope()
    local t = ms.zeros { 3 }
    coroutine.yield(t)
  end)
  local _, t = coroutine.resume(dead)
  lu.assertTrue(is_open(t))
  lu.assertTrue(coroutine.close(dead))
  lu.assertFalse(is_open(t))
end

function tests.test_closing_twice_and_out_of_order()
  local outer, inner = ms.scope(), ms.scope()
  local t = ms.zeros { 3 }
  outer:close() -- inner is over, too
  lu.assertEquals(tostring(inner), "scope (closed)")
  lu.assertFalse(is_open(t))
  inner:close()
  outer:close()
  inner:close()
  local after = ms.zeros { 3 }
  lu.assertTrue(is_open(after))
end

--- Finalizers of a script may close what an operator was given, at the worst moment.
function tests.test_finalizers_that_close()
  local x = ms.uniform { 300, 40 }
  local truth = x:totable()[300][40]
  for size = 1, 200 do
    local t = ms.uniform { size * 10 }
    setmetatable({}, { __gc = function() t:close() end })
    pcall(t.totable, t)
    pcall(t.bytes, t)
    local layer = ms.nn.batch_norm { channels = 40 }
    local weight = layer:tensors()[1].value
    local norm = { weight = weight, bias = layer.bias, running_mean = layer.running_mean,
      running_var = layer.running_var }
    setmetatable({}, { __gc = function() weight:close() end })
    pcall(x.batch_norm, x, norm)
  end
  lu.assertEquals(x:totable()[300][40], truth)
end

--- A gradient may be the tensor itself, and a handle may go before its graph.
function tests.test_graphs_let_go()
  local before = live()
  for _ = 1, 20 do
    local x = ms.ones { 1000 }:needs_grad()
    x:backward(x)
    local y = x * 2
    for _ = 1, 50 do
      local z = y + x
      y:close()
      y = z
    end
    y:backward(y)
    local never = (x * 3):sum()
    never:close()
  end
  lu.assertEquals(live(), before)
end

-- libsoxr and libsndfile do not look whether they get memory: they are not called without room.
function tests.test_other_libraries_are_not_called_without_memory()
  local wave, path = ms.zeros { 3000 } + 0.25, os.tmpname()
  assert(ms.audio.write(path .. ".wav", wave, 16000))
  ms.fail_allocation(1)
  local written, why = ms.audio.write(path .. ".flac", wave, 16000)
  ms.fail_allocation(0)
  lu.assertNil(written)
  lu.assertStrContains(why, "no memory for 2.0 MiB more")
  ms.fail_allocation(1) -- where libsndfile has no room, ffmpeg decodes in a process of its own
  lu.assertEquals(assert(ms.audio.info(path .. ".wav")).frames, 3000)
  ms.fail_allocation(0)
  ms.fail_allocation(2) -- the first one is the result
  local ok, thrown = pcall(ms.audio.resample, wave, 44100, 16000)
  ms.fail_allocation(0)
  lu.assertFalse(ok)
  lu.assertStrContains(thrown, "resample: no memory for 2.0 MiB more")
  for _, name in ipairs { path, path .. ".wav" } do os.remove(name) end
end

return tests
