--- What backward must not get wrong without a word: tensors changed in between, both sides of a
-- loss.
local lu = require "luaunit"
local ms = require "moonstem"
local programs = require "programs"

local M = {}

-- ---- tensors changed between forward and backward ---------------------------------------------
local function says(text, f, ...) lu.assertErrorMsgContains(text, f, ...) end

function M.test_the_sentence_names_operator_tensor_and_shapes()
  local a, b = ms.ones { 2, 3 }:needs_grad(), ms.ones { 3 }:needs_grad()
  local y = a * b
  b:set(2, 7)
  says(
    "backward: mul (2x3) needs its input 2 (3), which was changed in place after the forward pass",
    y.backward, y, ms.ones { 2, 3 })
  lu.assertNil(a.grad) -- it raised before anything was handed down
  local z = a:sigmoid()
  z:copy(ms.zeros { 2, 3 })
  says("backward: this result was changed in place", z.backward, z, ms.ones { 2, 3 })
  local w = (a:exp() * 2):sum()
  lu.assertIsNil(w:backward())
end

--- Any view of the numbers will do, and any way to change them.
function M.test_every_way_to_change_is_seen()
  local ways = {
    set = function(x) x:set(1, 5) end,
    copy = function(x) x:copy(ms.zeros { 3 }) end,
    view = function(x) x:detach():reshape { 1, 3 }:set(1, 1, 5) end,
    rows = function(x) x:detach():slice(1, 2, 3):set(1, 5) end,
    optimizer = function(x)
      x:sum():backward()
      ms.optim.sgd({ x }, { lr = 1 }):step()
    end,
  }
  for name, way in pairs(ways) do
    local x = ms.tensor { 1, 2, 3 }:needs_grad()
    local y = x:square():sum()
    way(x)
    says("backward: square (3) needs its input 1 (3)", y.backward, y)
    lu.assertNotNil(name)
  end
end

--- Two losses on one forward pass, with a step between their backwards: the weights are no longer
-- those of the pass.
function M.test_a_step_between_two_backwards()
  local layer = ms.nn.linear { in_features = 2, out_features = 2 }
  local next_layer = ms.nn.linear { in_features = 2, out_features = 1 }
  local first = ms.optim.sgd(next_layer:parameters(), { lr = 0.1 })
  local hidden = layer(ms.ones { 4, 2 }):tanh()
  local one, other = next_layer(hidden:detach()):mean(), next_layer(hidden):mean()
  one:backward()
  first:step()
  says("backward: linear (4x1) needs its input 2 (2x1)", other.backward, other)
end

--- What a state or a file gives is new, too.
function M.test_load_and_reset_change_weights()
  for _, way in ipairs { function(m) m:load(m:state()) end, function(m) m:init(3) end } do
    local model = ms.net.module { name = "m", order = { "fc" },
      fc = ms.nn.linear { in_features = 2, out_features = 2 },
      forward = function(self, x) return self.fc(x) end }
    local x = ms.ones { 1, 2 }:needs_grad()
    local y = model(x):sum()
    way(model)
    says("backward: linear (1x2) needs its input 2 (2x2)", y.backward, y)
  end
end

--- Running statistics follow each forward pass and do not matter to the gradients of those before.
function M.test_two_passes_through_a_batch_norm()
  local layer = ms.nn.batch_norm { channels = 3 }
  local function gradient(passes)
    local x = ms.tensor { { 1, 2, 3 }, { 4, -5, 6 } }:needs_grad()
    local y = (layer(x) * ms.tensor { { 1, 2, 3 }, { 3, 1, 1 } }):sum()
    for _ = 2, passes do layer(ms.randn { 5, 3 }) end
    y:backward()
    return x.grad:totable()
  end
  lu.assertEquals(gradient(3), gradient(1))
  layer:eval()
  local before = gradient(1)
  local x = ms.tensor { { 1, 2, 3 } }:needs_grad()
  local y = layer(x):sum()
  layer:train()(ms.randn { 5, 3 })
  y:backward()
  layer:eval()
  lu.assertNotEquals(gradient(1), before) -- the statistics did move
end

--- A result with other numbers than its operator gave has no gradient that anybody could work out.
function M.test_results_changed_in_place_are_not_gone_on_from()
  local x = ms.tensor { 1, 2 }:needs_grad()
  local y = x * 2
  y:set(1, 9)
  says("add: input 1 (2) is a result that was changed in place", function()
    return y + 1 * ms.ones { 2 }
  end)
  says("affine: input 1 (2) is a result", function() return y * 3 end)
  lu.assertEquals((y:detach() * 3):totable(), { 27, 12 })
  lu.assertEquals(ms.no_grad(function() return y * 3 end):totable(), { 27, 12 })
  local model = ms.net.chain { function(z) return z * 3 end } -- what can be called is a function
  lu.assertEquals(ms.no_grad(model, y):totable(), { 27, 12 })
  lu.assertErrorMsgContains("function expected", ms.no_grad, y)
  local view = (x * 2):reshape { 1, 2 }
  view:detach():set(1, 1, 4)
  says("is a result that was changed in place", function() return view:sum() end)
end

-- The slope of a program by one number of its leaves, by central differences.
local function slope(program, numbers, k, i)
  local before, ends = numbers[k][i], {}
  for n, step in ipairs { 1e-6, -1e-6 } do
    numbers[k][i] = before + step
    ends[n] = ms.no_grad(programs.run, program, numbers):item()
  end
  numbers[k][i] = before
  return (ends[1] - ends[2]) / 2e-6
end

--- Whatever is changed in place and when: the gradient is right, or a sentence is raised. (Of a
-- number of a leaf that was overwritten there is none to compare.)
function M.test_random_programs()
  if ms.machine().real ~= "f64" then return end
  local right, raised = 0, 0
  for seed = 1, 300 do
    local _ <close> = ms.scope()
    local program, numbers = programs.make(seed), programs.numbers(seed)
    local ok, leaves = pcall(function()
      local loss, list = programs.run(program, numbers)
      loss:backward()
      return list
    end)
    if not ok then lu.assertStrContains(leaves, "changed in place") end
    for k, leaf in ipairs(ok and leaves or {}) do
      for i, number in ipairs(numbers[k]) do
        local want = leaf:get(i) == number and slope(program, numbers, k, i)
        if want then
          lu.assertAlmostEquals(leaf.grad:get(i), want, 1e-5 * math.max(1, math.abs(want)), seed)
        end
      end
    end
    right, raised = right + (ok and 1 or 0), raised + (ok and 0 or 1)
  end
  lu.assertTrue(right > 100 and raised > 50, ("%d right, %d raised"):format(right, raised))
end

function M.test_clones_and_what_has_no_gradient()
  local x = ms.tensor { 1, 2 }:needs_grad()
  local y = x:clone()
  x:detach():set(1, 7);
  (y * y):sum():backward()
  lu.assertEquals(x.grad:totable(), { 2, 4 })
  local free = x:detach():clone()
  free:set(1, 3)
  lu.assertEquals({ x:get(1), free:get(1) }, { 7, 3 })
  says("needs_grad: the result of an operator", y.needs_grad, y)
  local wave = ms.zeros { 100 }:needs_grad()
  says("audio.resample: it has no gradient; give it the wave's detach()", ms.audio.resample, wave,
    16000, 8000)
  lu.assertEquals(ms.audio.resample(wave:detach(), 16000, 8000):shape(), "50")
end

--- A leaf may be given other numbers at any time between backward and the next forward pass; its
-- views follow.
function M.test_leaves_take_new_numbers()
  local x = ms.tensor { 1, 2, 3, 4 }:needs_grad()
  local view = x:reshape { 2, 2 }
  x:set(1, 10)
  view:slice(1, 1, 1):square():sum():backward()
  lu.assertEquals(x.grad:totable(), { 20, 4, 0, 0 })
  local empty = ms.zeros { 0, 3 }:needs_grad()
  local y = empty * empty
  empty:copy(ms.zeros { 0, 3 })
  says("mul (0x3) needs its input 1 (0x3)", y.backward, y, ms.zeros { 0, 3 })
end

--- x.grad may be changed in place (to clip it, say): no other gradient is that tensor.
function M.test_gradients_of_leaves_are_their_own()
  local a, b, gy = ms.zeros { 2 }:needs_grad(), ms.zeros { 1, 2 }:needs_grad(), ms.ones { 1, 2 };
  (a:reshape { 1, 2 } + b):backward(gy)
  a.grad:copy(ms.tensor { 5, 6 })
  lu.assertEquals(b.grad:totable(), { { 1, 1 } })
  lu.assertEquals(gy:totable(), { { 1, 1 } })
  b:backward(gy)
  b:zero_grad()
  b:backward(gy)
  b.grad:copy(ms.zeros { 1, 2 })
  lu.assertEquals(gy:totable(), { { 1, 1 } })
end

-- ---- both sides of a loss --------------------------------------------------------------------
--- PyTorch 1.13's values of p = {0.3, -1.2, 2.5}, t = {0.9, 0.1, -0.4}, and gradients to p and to
-- t.
function M.test_losses_have_gradients_to_both_sides()
  local truth = {
    l1 = { 1.6, { -0.333333333, -0.333333333, 0.333333333 },
      { 0.333333333, 0.333333333, -0.333333333 } },
    mse = { 3.48666667, { -0.4, -0.866666667, 1.93333333 }, { 0.4, 0.866666667, -1.93333333 } },
    bce_with_logits = { 1.51550915, { -0.108519161, 0.0438250722, 0.441380607 },
      { -0.1, 0.4, -0.833333333 } },
  }
  for name, want in pairs(truth) do
    local p, t = ms.tensor { 0.3, -1.2, 2.5 }:needs_grad(),
      ms.tensor { 0.9, 0.1, -0.4 }:needs_grad()
    local y = ms.loss[name](p, t)
    lu.assertAlmostEquals(y:item(), want[1], 1e-6)
    y:backward()
    for i = 1, 3 do
      lu.assertAlmostEquals(p.grad:get(i), want[2][i], 1e-6)
      lu.assertAlmostEquals(t.grad:get(i), want[3][i], 1e-6)
    end
    local alone = ms.tensor { 0.9, 0.1, -0.4 }:needs_grad()
    ms.loss[name](ms.tensor { 0.3, -1.2, 2.5 }, alone):backward() -- the target alone wants one
    lu.assertEquals(alone.grad:totable(), t.grad:totable())
  end
end

function M.test_classes_have_no_gradient()
  local classes = ms.tensor { 1, 2 }:needs_grad()
  says("cross_entropy: the classes are whole numbers and have no gradient", ms.loss.cross_entropy,
    ms.zeros { 2, 3 }, classes)
  lu.assertAlmostEquals(ms.no_grad(ms.loss.cross_entropy, ms.zeros { 2, 3 }, classes):item(),
    math.log(3), 1e-6)
end

return M
