--- What backward must not get wrong without a word: tensors changed in between, both sides of a loss, parameters
-- under two names, layers put in place of others.
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
  says("backward: mul (2x3) needs its input 2 (3), which was changed in place after the forward pass",
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
      ms.optim.sgd({ x }, { rate = 1 }):step()
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

--- Two losses on one forward pass, with a step between their backwards: the weights are no longer those of the pass.
function M.test_a_step_between_two_backwards()
  local layer = ms.nn.linear { inp = 2, out = 2 }
  local next_layer = ms.nn.linear { inp = 2, out = 1 }
  local first = ms.optim.sgd(next_layer:parameters(), { rate = 0.1 })
  local hidden = layer(ms.ones { 4, 2 }):tanh()
  local one, other = next_layer(hidden:detach()):mean(), next_layer(hidden):mean()
  one:backward()
  first:step()
  says("backward: linear (4x1) needs its input 2 (2x1)", other.backward, other)
end

--- What a state or a file gives is new, too.
function M.test_load_and_reset_change_weights()
  for _, way in ipairs { function(m) m:load(m:state()) end, function(m) m:init(3) end } do
    local model = ms.net.module { name = "m", order = { "fc" }, fc = ms.nn.linear { inp = 2, out = 2 },
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
  says("add: input 1 (2) is a result that was changed in place", function() return y + 1 * ms.ones { 2 } end)
  says("affine: input 1 (2) is a result", function() return y * 3 end)
  lu.assertEquals((y:detach() * 3):totable(), { 27, 12 })
  lu.assertEquals(ms.no_grad(function() return y * 3 end):totable(), { 27, 12 })
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

--- Whatever is changed in place and when: the gradient is right, or a sentence is raised. (Of a number of a leaf that
-- was overwritten there is none to compare.)
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
        if want then lu.assertAlmostEquals(leaf.grad:get(i), want, 1e-5 * math.max(1, math.abs(want)), seed) end
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
  says("audio.resample: it has no gradient; give it the wave's detach()", ms.audio.resample, wave, 16000, 8000)
  lu.assertEquals(ms.audio.resample(wave:detach(), 16000, 8000):shape(), "50")
end

--- A leaf may be given other numbers at any time between backward and the next forward pass; its views follow.
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
--- Against PyTorch 1.13: gradients to logits or estimates, and to targets, of p = {0.3, -1.2, 2.5}, t = {0.9, 0.1, -0.4}.
function M.test_losses_have_gradients_to_both_sides()
  local truth = {
    l1 = { 1.6, { -0.333333333, -0.333333333, 0.333333333 }, { 0.333333333, 0.333333333, -0.333333333 } },
    mse = { 3.48666667, { -0.4, -0.866666667, 1.93333333 }, { 0.4, 0.866666667, -1.93333333 } },
    bce_with_logits = { 1.51550915, { -0.108519161, 0.0438250722, 0.441380607 }, { -0.1, 0.4, -0.833333333 } },
  }
  for name, want in pairs(truth) do
    local p, t = ms.tensor { 0.3, -1.2, 2.5 }:needs_grad(), ms.tensor { 0.9, 0.1, -0.4 }:needs_grad()
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
  says("cross_entropy: the classes are whole numbers and have no gradient", ms.loss.cross_entropy, ms.zeros { 2, 3 },
    classes)
  lu.assertAlmostEquals(ms.no_grad(ms.loss.cross_entropy, ms.zeros { 2, 3 }, classes):item(), math.log(3), 1e-6)
end

-- ---- one parameter under two names -----------------------------------------------------------
local function linear(inp, out) return ms.nn.linear { inp = inp, out = out } end

local function through(names)
  return function(self, x)
    for _, name in ipairs(names) do x = self[name](x) end
    return x
  end
end

local function names_of(list)
  local names = {}
  for k, p in ipairs(list) do names[k] = p.name end
  return names
end

local function tied(layer)
  return ms.net.module { name = "tied", order = { "a", "b" }, a = layer, b = layer, input = { 2 },
    forward = through { "a", "b" } }
end

function M.test_a_layer_under_two_names_is_one()
  local model = tied(linear(2, 2))
  lu.assertEquals(names_of(model:parameters()), { "a.weight", "a.bias" })
  lu.assertEquals({ model:count() }, { 6, 0 })
  lu.assertEquals(names_of(model:tensors()), { "a.weight", "a.bias" })
  local w = model:state()["a.weight"]
  w:copy(ms.tensor { { 2, 0 }, { 0, 1 } })
  local optimizer = ms.optim.sgd(model:parameters(), { rate = 0.1 })
  model(ms.tensor { { 1, 1 } }):sum():backward() -- sum of x w w: its gradient in w is x' (1 w')' + (x w)' 1'
  optimizer:step()
  lu.assertTrue((w - ms.tensor { { 2 - 0.4, -0.3 }, { -0.3, 1 - 0.2 } }):abs():max() < 1e-6)
  lu.assertStrContains(model:summary(), "tied.b                             linear       shared with tied.a")
  lu.assertStrContains(model:summary(), "tied: 6 trainable parameters")
  lu.assertEquals(tostring(model), "tied: 6 parameters (a, b)")
end

function M.test_shared_parts_of_parts()
  local inner = ms.net.module { name = "inner", order = { "fc" }, fc = linear(2, 2), forward = through { "fc" } }
  local function branch(part) return ms.net.module { name = "branch", order = { "part" }, part = part,
    forward = through { "part" } } end
  local layer = linear(2, 2)
  local model = ms.net.module { name = "m", order = { "left", "right", "list" }, left = branch(inner),
    right = branch(inner), list = { layer, layer, linear(2, 2) }, forward = function(self, x)
      x = self.right(self.left(x))
      for _, f in ipairs(self.list) do x = f(x) end
      return x
    end }
  lu.assertEquals(names_of(model:parameters()), { "left.part.fc.weight", "left.part.fc.bias", "list.1.weight",
    "list.1.bias", "list.3.weight", "list.3.bias" })
  lu.assertIs(model:freeze "right.part", model)
  lu.assertEquals(#model:parameters(), 4)
  model(ms.ones { 1, 2 }):sum():backward()
  lu.assertNil(inner.fc.layer:parameters()[1].value.grad)
  lu.assertEquals(#model:freeze "list.2":parameters(), 2)
  lu.assertEquals(#model:eval():parameters(), 2)
  lu.assertFalse(layer:training())
  lu.assertEquals(model:recompute("right"):init(1)(ms.ones { 1, 2 }):shape(), "1x2")
end

--- States of either spelling; both names at once must agree.
function M.test_states_of_shared_parameters()
  local model, plain = tied(linear(2, 2)), ms.net.module { name = "plain", order = { "a", "b" }, a = linear(2, 2),
    b = linear(2, 2), forward = through { "a", "b" } }
  local function state_of(m, names)
    local state, all = {}, m:state { shared = true }
    for _, name in ipairs(names) do
      for _, part in ipairs { ".weight", ".bias" } do state[name .. part] = all[name .. part]:clone() end
    end
    return state
  end
  lu.assertEquals(model:load(state_of(plain, { "b" })), 2)
  lu.assertEquals(model:state()["a.weight"]:bytes(), plain:state()["b.weight"]:bytes())
  says("weight is one tensor with another name of it in the model, but they differ in the state", model.load, model,
    state_of(plain, { "a", "b" }))
  lu.assertEquals(model:load(state_of(model, { "a", "b" })), 2)
  lu.assertEquals(plain:load(model:state { shared = true }), 4)
  lu.assertEquals(plain:state()["b.weight"]:bytes(), model:state()["a.weight"]:bytes())
  says("plain.load: the state lacks 2 of the model's tensors, first b.bias", plain.load, plain, model:state())
end

--- Weights go from stage to stage under any of their names.
function M.test_shared_parameters_are_handed_over()
  local function holder(unet) return ms.net.module { name = "holder", order = { "unet" }, unet = unet,
    forward = through { "unet" } } end
  local function two() return ms.net.module { name = "two", order = { "a", "b" }, a = linear(2, 2), b = linear(2, 2),
    forward = through { "a", "b" } } end
  local from, into = holder(tied(linear(2, 2))), holder(two())
  ms.train.hand_over.unet(from, into)
  local weight = from:state()["unet.a.weight"]:bytes()
  lu.assertEquals({ into:state()["unet.a.weight"]:bytes(), into:state()["unet.b.weight"]:bytes() }, { weight, weight })
  ms.train.hand_over.unet(into, holder(tied(linear(2, 2))))
  says("they differ in the state", ms.train.hand_over.unet, holder(two()), from)
  local path = os.tmpname()
  assert(ms.train.save_weights(path, from))
  lu.assertEquals(#ms.io.safetensors_info(path), 2)
  into = holder(tied(linear(2, 2)))
  assert(ms.train.load_weights(path, into))
  lu.assertEquals(into:state()["unet.a.weight"]:bytes(), weight)
  os.remove(path)
end

function M.test_a_tensor_twice_in_an_optimizers_list()
  local w, v = ms.tensor { 2 }:needs_grad(), ms.tensor { 2 }:needs_grad()
  local optimizer = ms.optim.sgd({ w, { name = "w", value = w }, { name = "v", value = v } }, { rate = 0.1 });
  (w * v):sum():backward()
  optimizer:step()
  lu.assertAlmostEquals(w:item(), 1.8, 1e-6)
  local names = {}
  for name in pairs(optimizer:state()) do names[#names + 1] = name end
  table.sort(names)
  lu.assertEquals(names, { "1/velocity", "steps", "v/velocity" })
end

-- ---- layers put in place of others -------------------------------------------------------------
local function net_of()
  return ms.net.module { name = "net", order = { "body", "head" }, input = { 3 },
    body = { linear(3, 4), linear(4, 4) },
    head = ms.net.module { name = "head", order = { "norm", "fc" }, norm = ms.nn.batch_norm { channels = 4 },
      fc = linear(4, 2), forward = through { "norm", "fc" } },
    forward = function(self, x)
      for _, layer in ipairs(self.body) do x = layer(x):relu() end
      return self.head(x)
    end }
end

-- Whether the model trains, counts, saves, lists and freezes exactly what stands under these names.
local function check_parts(model, names)
  local listed, state, shown = {}, model:state(), model:summary()
  for _, t in ipairs(model:tensors()) do listed[t.name:match "^(.*)%."] = true end
  local count = 0
  for _ in pairs(listed) do count = count + 1 end
  lu.assertEquals(count, #names)
  for _, name in ipairs(names) do
    lu.assertTrue(listed[name], name)
    lu.assertNotNil(state[name .. ".weight"], name)
    lu.assertStrContains(shown, "net." .. name .. " ")
  end
  ms.optim.sgd(model:parameters(), { rate = 1 }):zero()
  model(ms.randn { 5, 3 }):square():sum():backward()
  for _, p in ipairs(model:parameters()) do lu.assertNotNil(p.value.grad, p.name) end
end

function M.test_a_layer_in_place_of_another()
  local model = net_of()
  model.body[2] = linear(4, 4)
  model.head.fc = linear(4, 7)
  check_parts(model, { "body.1", "body.2", "head.norm", "head.fc" })
  lu.assertEquals(model(ms.ones { 2, 3 }):shape(), "2x7")
  model.head.fc = ms.net.module { name = "deep", order = { "list" }, list = { linear(4, 4), linear(4, 1) },
    forward = function(self, x) return self.list[2](self.list[1](x)) end }
  check_parts(model, { "body.1", "body.2", "head.norm", "head.fc.list.1", "head.fc.list.2" })
  model.body = { linear(3, 4) }
  table.insert(model.body, linear(4, 4))
  model.body[3] = linear(4, 4)
  check_parts(model, { "body.1", "body.2", "body.3", "head.norm", "head.fc.list.1", "head.fc.list.2" })
  table.remove(model.body)
  model.head = linear(4, 2)
  check_parts(model, { "body.1", "body.2", "head" })
end

function M.test_parts_that_come_and_go()
  local model = net_of()
  local forward = model.forward
  model.extra = { skip = linear(3, 2), also = linear(2, 2) }
  model.forward = function(self, x) return forward(self, x) + self.extra.also(self.extra.skip(x)) end
  check_parts(model, { "body.1", "body.2", "head.norm", "head.fc", "extra.also", "extra.skip" })
  lu.assertEquals(names_of(model:parameters())[9], "extra.also.weight")
  model.extra, model.forward = nil, forward
  model.head.norm = function(x) return x * 2 end -- it has no parameters
  check_parts(model, { "body.1", "body.2", "head.fc" })
  lu.assertEquals(tostring(model), "net: 46 parameters (body x2, head)")
end

function M.test_modes_of_what_was_put_in_place()
  local model = net_of()
  local norm = ms.nn.batch_norm { channels = 4 }
  model.head.norm = norm
  model:eval()
  lu.assertFalse(norm:training())
  lu.assertEquals(#model:freeze "head.norm":parameters(), 6)
  model:train()
  lu.assertTrue(norm:training())
end

function M.test_what_cannot_stand_in_a_network()
  local model = net_of()
  local x, sentence = ms.ones { 2, 3 }, "net.head: fc must be a layer of ms.nn, a module, a list of these or a function, got "
  for got, value in pairs { number = 5, string = "fc", tensor = x, ["module"] = setmetatable({}, { __name = "other" }) } do
    model.head.fc = value
    got = got == "module" and "table" or got
    says(sentence .. got, model, x)
    says(sentence .. got, model.parameters, model)
  end
  model.head.fc = nil
  says("attempt to call a nil value (field '?')", model, x)
  model.body[2] = false
  says("net: body.2 must be a layer", model, x)
end

--- What modules have for themselves no child and no field may be called.
function M.test_names_that_are_taken()
  local function make(name) return function()
    return ms.net.module { name = "m", order = { name }, [name] = linear(1, 1), forward = through { name } }
  end end
  says("m: load is a method of modules and cannot be a field", make "load")
  says("m: a child cannot be called input, which modules have for themselves", make "input")
  local model = ms.net.module { name = "m", order = {}, fc = linear(1, 1), scale = 3, forward = function(self, x)
    return self.fc(x) * self.scale
  end }
  lu.assertEquals(names_of(model:parameters()), { "fc.weight", "fc.bias" })
  lu.assertEquals(model(ms.zeros { 1, 1 }):item(), 0)
end

--- Fused operators give way to whatever stands in their place.
function M.test_fused_layers_give_way()
  local nn, x = ms.nn, ms.randn { 2, 6, 6, 2 }
  local function pair(conv, norm)
    local model = ms.net.module { name = "pair", order = { "norm", "conv" }, norm = norm, conv = conv,
      forward = function(self, y) return self.norm:max_pool2d(self.conv:after(self.norm, y)) end }
    return model
  end
  local function same(y) return y * 1 end
  local inner = ms.net.module { name = "inner", order = {}, forward = function(_, y) return same(y) end }
  lu.assertEquals(pair(nn.linear { inp = 2, out = 2 }, nn.layer_norm { channels = 2 })(x):shape(), "2x3x3x2")
  lu.assertEquals(pair(inner, nn.batch_norm { channels = 2 })(x):shape(), "2x3x3x2")
  local y = pair(nn.conv2d { inp = 2, out = 2 }, inner)
  lu.assertEquals(y(x):bytes(), x:conv2d(y:state()["conv.weight"], y:state()["conv.bias"]):max_pool2d():bytes())
end

--- A checkpoint describes the model as it was made; what differs is told where the two no longer fit.
function M.test_checkpoints_of_models_with_other_parts()
  local path = os.tmpname()
  local function load_changed(change)
    local _ <close> = ms.scope()
    local model = ms.models.tagger { unet = ms.models.unet { widths = { 2, 3 } }, classes = 3,
      tail = { widths = { 3, 4 }, frames = 12, hidden = 5 } }
    change(model)
    local about = { model = require("moonstem.train.describe").describe(model) }
    assert(ms.train.save_weights(path, model, about))
    return model, ms.train.load_model(path)
  end
  local model, loaded, why = load_changed(function(m) m.tail.head.linear[2] = linear(5, 8) end)
  lu.assertNil(loaded)
  lu.assertStrContains(why, path .. ": its weights are not of the model that it describes, parts of which were replaced "
    .. "(tagger.load: tail.head.linear.2.weight is 5x8 in the state but 5x3 in the model)")
  local twin = ms.models.tagger { unet = ms.models.unet { widths = { 2, 3 } }, classes = 3,
    tail = { widths = { 3, 4 }, frames = 12, hidden = 5 } }
  twin.tail.head.linear[2] = linear(5, 8)
  assert(ms.train.load_weights(path, twin))
  lu.assertEquals(twin:state()["tail.head.linear.2.weight"]:bytes(), model:state()["tail.head.linear.2.weight"]:bytes())
  model, loaded, why = load_changed(function(m) m.tail.head = linear(1, 8) end)
  lu.assertNil(loaded)
  lu.assertStrContains(why, "the state lacks")
  lu.assertEquals(model.tail.head.layer:kind(), "linear")
  model, loaded, why = load_changed(function(m) m.unet = linear(1, 1) end)
  lu.assertNil(loaded)
  lu.assertStrContains(why, "does not say what model it belongs to")
  lu.assertEquals(model.name, "tagger")
  os.remove(path)
end

-- ---- modes -----------------------------------------------------------------------------------
function M.test_modes_come_back()
  local model = net_of()
  local function modes()
    local list = {}
    for k, layer in ipairs { model.body[1].layer, model.head.norm.layer } do list[k] = layer:training() end
    return list
  end
  model:eval():summary()
  lu.assertEquals(modes(), { false, false })
  model.head.norm:train()
  lu.assertEquals({ model:evaluating(function(a, b) return a, b, modes()[2] end, 1, 2) }, { 1, 2, false })
  lu.assertEquals(modes(), { false, true })
  says("out of tune", model.evaluating, model, function() error "out of tune" end)
  lu.assertEquals(modes(), { false, true })
  says("net.body.1: linear: x is 1x5", model.summary, model, { 1, 5 })
  lu.assertEquals(modes(), { false, true })
end

return M
