--- Parts of networks that are computed again in backward: the same numbers, less kept, nothing left
-- behind.
local lu = require "luaunit"
local ms = require "moonstem"
require("moonstem.models.mel").matrix() -- made once, kept for good

local T = {}

local function live()
  collectgarbage()
  collectgarbage()
  return ms.memory().live
end

--- Two steps of training; all numbers that they leave, as a string.
local function bits_of(model, input, backward)
  ms.seed(5)
  ms.step(0)
  local optimizer, parts = ms.optim.adam(model:parameters(), { lr = 1e-2 }), {}
  for _ = 1, 2 do
    local _ <close> = ms.scope()
    local y = model(ms.uniform(input))
    local loss = ms.loss.l1(y, ms.ones(y:size()));
    (backward or loss.backward)(loss)
    for _, p in ipairs(model:parameters()) do parts[#parts + 1] = p.value.grad:bytes() end
    optimizer:step()
    optimizer:zero()
    parts[#parts + 1] = ("%a"):format(loss:item())
  end
  for _, t in ipairs(model:tensors()) do parts[#parts + 1] = t.value:bytes() end
  return table.concat(parts)
end

local function unet() return ms.models.unet { widths = { 2, 3 }, seed = 1 } end

local function ast()
  return ms.models.ast_tail { classes = 3, dim = 8, depth = 2, heads = 2, frames = 32, seed = 2 }
end

local function cnn(seed)
  return ms.models.cnn_tail { classes = 3, widths = { 3, 4 }, frames = 12, hidden = 5,
    dropout = 0.5, seed = seed }
end

local CASES = {
  { unet, { 2, 8, 8 }, "encoder", "decoder.1" }, { ast, { 2, 32, 128, 1 }, "layer" },
    { cnn, { 3, 12, 128, 1 }, "block", "head" },
  { function()
    return ms.models.tagger { unet = unet(), tail = { widths = { 3, 4 }, frames = 12, hidden = 5 },
      classes = 3 }
  end,
    { 2, 12, 256 }, "unet.encoder", "tail.block.2" },
}

-- ---- the same numbers -----------------------------------------------------------------------
function T.test_gradients_statistics_and_dropout_are_the_same_to_the_last_bit()
  for k, case in ipairs(CASES) do
    local plain, again = case[1](), case[1]()
    lu.assertIs(again:recompute(table.unpack(case, 3)), again)
    lu.assertTrue(bits_of(plain, case[2]) == bits_of(again, case[2]), "case " .. k)
  end
end

function T.test_a_part_inside_a_part_and_backward_without_recording()
  local plain = bits_of(cnn(4), { 3, 12, 128, 1 })
  local model = cnn(4):recompute("block", "head"):recompute()
  lu.assertTrue(bits_of(model, { 3, 12, 128, 1 }, function(loss)
    ms.no_grad(loss.backward, loss)
  end) == plain)
end

function T.test_in_a_coroutine()
  local bits
  coroutine.wrap(function() bits = bits_of(unet():recompute "encoder", { 2, 8, 8 }) end)()
  lu.assertTrue(bits == bits_of(unet(), { 2, 8, 8 }))
end

function T.test_of_a_function_with_several_arguments()
  local function f(a, b) return (a * b):sigmoid() end
  local function gradients(call)
    local a, b = ms.tensor { 1, 2 }:needs_grad(), ms.tensor { 3, -4 }:needs_grad()
    call(a, b):sum():backward()
    return { a.grad:totable(), b.grad:totable() }
  end
  lu.assertEquals(gradients(function(a, b) return ms.recompute(f, {}, a, b) end), gradients(f))
end

function T.test_arguments_that_come_out_and_results_that_rest_on_nothing()
  local x = ms.tensor { 1, 2 }:needs_grad()
  ms.recompute(function(y) return y end, {}, x):sum():backward()
  lu.assertEquals(x.grad:totable(), { 1, 1 })
  x:zero_grad()
  ms.recompute(function() return ms.ones { 3 } end, {}, x):sum():backward()
  lu.assertNil(x.grad)
end

function T.test_frozen_parts_and_evaluation()
  local model = unet():recompute "encoder"
  local plain, x = unet(), ms.uniform { 1, 8, 8 }
  for _, m in ipairs { model, plain } do m:freeze("encoder")(x):sum():backward() end
  lu.assertNil(model:state()["encoder.1.conv.1.weight"].grad)
  lu.assertNotNil(model:state()["decoder.1.conv.1.weight"].grad)
  lu.assertTrue(model:eval()(x):bytes() == plain:eval()(x):bytes())
end

-- ---- what is kept ---------------------------------------------------------------------------
function T.test_less_is_kept_until_backward()
  local function kept(model)
    local before, scope = live(), ms.scope()
    local loss = scope:keep(model(ms.uniform { 2, 64, 64 }):sum())
    scope:close()
    local bytes = live() - before
    loss:close()
    return bytes
  end
  local widths = { widths = { 8, 8, 8 } }
  local plain, again = kept(ms.models.unet(widths)),
    kept(ms.models.unet(widths):recompute("encoder", "decoder", "final"))
  lu.assertTrue(again < 0.6 * plain, ("%d and %d bytes"):format(again, plain))
end

function T.test_nothing_stays()
  local model = unet():recompute("encoder", "final")
  local function step() bits_of(model, { 2, 8, 8 }) end
  step()
  for _, p in ipairs(model:parameters()) do p.value:zero_grad() end
  local before = live()
  -- a graph that no backward meets
  do local _ <close> = ms.scope() model(ms.uniform { 2, 8, 8 }) end
  lu.assertEquals(live(), before)
end

function T.test_scopes_let_everything_go_without_the_collector()
  local model = unet():recompute("encoder", "final")
  local optimizer = ms.optim.adam(model:parameters(), { lr = 1e-3 })
  local function step()
    local _ <close> = ms.scope()
    model(ms.uniform { 2, 8, 8 }):sum():backward()
    optimizer:step()
    optimizer:zero()
  end
  step()
  local before = live()
  collectgarbage "stop"
  local ok, why = pcall(step)
  local after = ms.memory().live
  collectgarbage "restart"
  lu.assertTrue(ok, why)
  lu.assertEquals(after, before)
end

function T.test_any_allocation_may_fail()
  local function scenario()
    local model = unet():recompute("encoder", "decoder")
    return bits_of(model, { 1, 4, 8 })
  end
  local threads <close> = setmetatable({ ms.threads() }, { __close = function(self)
    ms.threads(self[1])
  end })
  -- another thread's scratch memory would count when that takes part for the first time
  ms.threads(1)
  local truth, n, failures = scenario(), 1, 0
  local before = live()
  lu.assertNotNil(threads)
  repeat
    ms.fail_allocation(n)
    local ok, result = pcall(scenario)
    ms.fail_allocation(0)
    if not ok then
      failures = failures + 1
      lu.assertStrContains(result, "no memory for ")
      lu.assertEquals(live(), before)
    end
    n = n + 7
  until ok
  lu.assertTrue(failures > 10, failures)
  lu.assertTrue(scenario() == truth)
end

-- ---- mistakes -------------------------------------------------------------------------------
local function says(text, f, ...) lu.assertErrorMsgContains(text, f, ...) end

function T.test_sentences()
  local x = ms.tensor { 1, 2 }:needs_grad()
  local function give(...)
    local values = table.pack(...)
    return function() return table.unpack(values, 1, values.n) end
  end
  says("recompute: one tensor must come out, got 2 values", ms.recompute, give(x, x), {}, x)
  says("recompute: one tensor must come out, got 0 values", ms.recompute, give(), {}, x)
  says("recompute: what comes out must be a tensor, got 3", ms.recompute, give(3), {}, x)
  says("recompute: argument 1 must be a tensor, got string", ms.recompute, give(x), {}, "text")
  says("recompute: 1 to 8 tensors are expected behind the parameters, got 0", ms.recompute, give(x),
    {})
  says("recompute: the value of parameter 1 must be a tensor, got nil", ms.recompute, give(x),
    { {} }, x)
  says("m:parameters()", ms.recompute, give(x), { 1 }, x)
  says("unet.recompute: there is no part encoders; did you mean encoder?", unet().recompute, unet(),
    "encoders")
  says("recompute: a function or a module is expected, got table", ms.recompute, {}, {}, x)
  says("out of tune", ms.recompute, function() error("out of tune", 0) end, {}, x)
  says("recompute: the function raised something that is no text", ms.recompute, function()
    error {}
  end, {}, x)
  says("unet.final.norm.1: batch_norm: x has 9 channels", unet():recompute("final").final,
    ms.uniform { 1, 8, 8, 9 })
end

function T.test_what_raises_the_second_time_ends_backward()
  local calls, x = 0, ms.tensor { 1, 2 }:needs_grad()
  local y = ms.recompute(function(a)
    calls = calls + 1
    if calls == 2 then error("out of tune", 0) end
    return a * a
  end, {}, x)
  says("recompute: out of tune", function() y:sum():backward() end)
  lu.assertEquals(calls, 2)
  lu.assertNil(x.grad);
  (x * 3):sum():backward() -- recording goes on
  lu.assertEquals(x.grad:totable(), { 3, 3 })
end

function T.test_another_shape_the_second_time()
  local calls, x = 0, ms.tensor { 1, 2 }:needs_grad()
  local y = ms.recompute(function(a)
    calls = calls + 1
    return calls == 1 and a * a or (a * a):sum()
  end, {}, x)
  says("recompute: what is computed again is not what came out of the forward pass", function()
    y:sum():backward()
  end)
end

--- What the second call reads must be what the first one read.
function T.test_a_change_between_the_passes_is_told()
  local function between(change)
    local model = cnn(6):recompute("block", "head")
    local loss = model(ms.uniform { 3, 12, 128, 1 }):square():sum()
    change(model)
    return function() loss:backward() end
  end
  says("backward: recompute (3x3) needs its input 6 (5), which was changed in place",
    between(function(model)
    model:state()["head.norm.weight"]:set(1, 2)
  end))
  says("recompute: what is computed again is not what came out", between(function(model)
    model:eval()
  end))
end

--- Steps of another optimizer in between draw new masks of dropout; backward wants those of the
-- forward pass.
function T.test_dropout_after_steps_of_another_optimizer()
  local other = ms.tensor { 1 }:needs_grad()
  local optimizer = ms.optim.sgd({ other }, { lr = 1 })
  local function gradient(steps)
    ms.step(3)
    ms.seed(2)
    local model = cnn(7):recompute("head")
    local loss = model(ms.uniform { 3, 12, 128, 1 }):square():sum()
    other:sum():backward()
    for _ = 1, steps do optimizer:step() end
    lu.assertEquals(ms.step(), 3 + steps)
    loss:backward()
    lu.assertEquals(ms.step(), 3 + steps)
    return model:parameters()[1].value.grad:bytes()
  end
  lu.assertTrue(gradient(0) == gradient(2))
end

function T.test_a_tensor_from_outside_is_refused()
  local x = ms.tensor { 1, 2 }:needs_grad()
  local outside = x * 2
  local y = ms.recompute(function(a) return a * outside end, {}, x)
  says("rests on a tensor from outside (made by affine) that is none of its arguments", function()
    y:sum():backward()
  end)
end

--- A script that closes what backward works on must not end the process.
function T.test_hostile_functions()
  local x, calls, y, loss = ms.tensor { 1, 2 }:needs_grad(), 0, nil, nil
  y = ms.recompute(function(a)
    calls = calls + 1
    x:close()
    if calls == 2 then
      y:close()
      loss:close()
      collectgarbage()
      pcall(function() loss:backward() end)
    end
    local b = a * a
    a:close()
    return b
  end, {}, x)
  loss = y:sum()
  loss:backward()
  lu.assertEquals(calls, 2)
end

function T.test_backward_inside_backward()
  local x, calls = ms.tensor { 1, 2 }:needs_grad(), 0
  local y = ms.recompute(function(a)
    calls = calls + 1
    if calls == 2 then
      local inner = ms.tensor { 5 }:needs_grad()
      ms.recompute(function(b) return b * b end, {}, inner):sum():backward()
      lu.assertEquals(inner.grad:totable(), { 10 })
    end
    return a * a
  end, {}, x)
  y:sum():backward()
  lu.assertEquals({ calls, x.grad:totable() }, { 2, { 2, 4 } })
end

--- Power iteration moves on once, and the gradients are those of what came out.
function T.test_spectral_norm()
  local function make()
    local linear = ms.nn.linear { in_features = 3, out_features = 3 }
    return ms.net.chain { name = "m", ms.nn.spectral_norm { layer = linear } }:init(1):train()
  end
  local x, bits = ms.tensor { { 1, 2, 3 } }, {}
  for k, m in ipairs { make(), make() } do
    local y = k == 1 and m(x) or ms.recompute(m, m:parameters(), x)
    y:square():sum():backward()
    bits[k] = m.spectral_norm.weight.grad:bytes() .. m.spectral_norm.u:bytes()
  end
  lu.assertEquals(bits[1], bits[2])
end

return T
