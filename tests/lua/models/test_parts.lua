--- What networks are made of, as it is when somebody asks: parameters under two names, layers put
-- in place of others, modes that come back.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

local function says(text, f, ...) lu.assertErrorMsgContains(text, f, ...) end

-- ---- one parameter under two names -----------------------------------------------------------
local function linear(inp, out) return ms.nn.linear { in_features = inp, out_features = out } end

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
  local optimizer = ms.optim.sgd(model:parameters(), { lr = 0.1 })
  -- sum of x w w: its gradient in w is x' (1 w')' + (x w)' 1'
  model(ms.tensor { { 1, 1 } }):sum():backward()
  optimizer:step()
  lu.assertTrue((w - ms.tensor { { 2 - 0.4, -0.3 }, { -0.3, 1 - 0.2 } }):abs():max() < 1e-6)
  lu.assertStrContains(model:summary(),
    "tied.b                             linear           shared with tied.a")
  lu.assertStrContains(model:summary(), "tied: 6 trainable parameters")
  lu.assertEquals(tostring(model), "tied: 6 parameters (a, b)")
end

function M.test_shared_parts_of_parts()
  local inner = ms.net.module { name = "inner", order = { "fc" }, fc = linear(2, 2),
    forward = through { "fc" } }
  local function branch(part) return ms.net.module { name = "branch", order = { "part" },
    part = part, forward = through { "part" } } end
  local layer = linear(2, 2)
  local model = ms.net.module { name = "m", order = { "left", "right", "list" },
    left = branch(inner),
    right = branch(inner), list = { layer, layer, linear(2, 2) }, forward = function(self, x)
      x = self.right(self.left(x))
      for _, f in ipairs(self.list) do x = f(x) end
      return x
    end }
  lu.assertEquals(names_of(model:parameters()),
    { "left.part.fc.weight", "left.part.fc.bias", "list.1.weight",
    "list.1.bias", "list.3.weight", "list.3.bias" })
  lu.assertIs(model:freeze "right.part", model)
  lu.assertEquals(#model:parameters(), 4)
  model(ms.ones { 1, 2 }):sum():backward()
  lu.assertNil(inner.fc.weight.grad)
  lu.assertEquals(#model:freeze "list.2":parameters(), 2)
  lu.assertEquals(#model:eval():parameters(), 2)
  lu.assertFalse(layer:training())
  lu.assertEquals(model:recompute("right"):init(1)(ms.ones { 1, 2 }):shape(), "1x2")
end

--- States of either spelling; both names at once must agree.
function M.test_states_of_shared_parameters()
  local model, plain = tied(linear(2, 2)), ms.net.module { name = "plain", order = { "a", "b" },
    a = linear(2, 2), b = linear(2, 2), forward = through { "a", "b" } }
  local function state_of(m, names)
    local state, all = {}, m:state { shared = true }
    for _, name in ipairs(names) do
      for _, part in ipairs { ".weight", ".bias" } do
        state[name .. part] = all[name .. part]:clone()
      end
    end
    return state
  end
  lu.assertEquals(model:load(state_of(plain, { "b" })), 2)
  lu.assertEquals(model:state()["a.weight"]:bytes(), plain:state()["b.weight"]:bytes())
  says("weight is one tensor with another name of it in the model, but they differ in the state",
    model.load, model, state_of(plain, { "a", "b" }))
  lu.assertEquals(model:load(state_of(model, { "a", "b" })), 2)
  lu.assertEquals(plain:load(model:state { shared = true }), 4)
  lu.assertEquals(plain:state()["b.weight"]:bytes(), model:state()["a.weight"]:bytes())
  says("plain.load: the state lacks 2 of the model's tensors, first b.bias", plain.load, plain,
    model:state())
end

--- Weights go from stage to stage under any of their names.
function M.test_shared_parameters_are_handed_over()
  local function holder(unet) return ms.net.module { name = "holder", order = { "unet" },
    unet = unet, forward = through { "unet" } } end
  local function two() return ms.net.module { name = "two", order = { "a", "b" }, a = linear(2, 2),
    b = linear(2, 2), forward = through { "a", "b" } } end
  local from, into = holder(tied(linear(2, 2))), holder(two())
  ms.train.transfer.unet(from, into)
  local weight = from:state()["unet.a.weight"]:bytes()
  lu.assertEquals({ into:state()["unet.a.weight"]:bytes(), into:state()["unet.b.weight"]:bytes() },
    { weight, weight })
  ms.train.transfer.unet(into, holder(tied(linear(2, 2))))
  says("they differ in the state", ms.train.transfer.unet, holder(two()), from)
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
  local optimizer = ms.optim.sgd({ w, { name = "w", value = w }, { name = "v", value = v } },
    { lr = 0.1 });
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
    head = ms.net.module { name = "head", order = { "norm", "fc" },
      norm = ms.nn.batch_norm { channels = 4 },
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
  ms.optim.sgd(model:parameters(), { lr = 1 }):zero()
  model(ms.randn { 5, 3 }):square():sum():backward()
  for _, p in ipairs(model:parameters()) do lu.assertNotNil(p.value.grad, p.name) end
end

function M.test_a_layer_in_place_of_another()
  local model = net_of()
  model.body[2] = linear(4, 4)
  model.head.fc = linear(4, 7)
  check_parts(model, { "body.1", "body.2", "head.norm", "head.fc" })
  lu.assertEquals(model(ms.ones { 2, 3 }):shape(), "2x7")
  model.head.fc = ms.net.module { name = "deep", order = { "list" },
    list = { linear(4, 4), linear(4, 1) },
    forward = function(self, x) return self.list[2](self.list[1](x)) end }
  check_parts(model, { "body.1", "body.2", "head.norm", "head.fc.list.1", "head.fc.list.2" })
  model.body = { linear(3, 4) }
  table.insert(model.body, linear(4, 4))
  model.body[3] = linear(4, 4)
  check_parts(model, { "body.1", "body.2", "body.3", "head.norm", "head.fc.list.1",
    "head.fc.list.2" })
  table.remove(model.body)
  model.head = linear(4, 2)
  check_parts(model, { "body.1", "body.2", "head" })
end

function M.test_parts_that_come_and_go()
  local model = net_of()
  local forward = model.forward
  model.extra = { skip = linear(3, 2), also = linear(2, 2) }
  model.forward = function(self, x)
    return forward(self, x) + self.extra.also(self.extra.skip(x))
  end
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
  local x = ms.ones { 2, 3 }
  local sentence =
    "net.head: fc must be a layer of ms.nn, a module, a list of these or a function, got "
  for got, value in pairs { number = 5, string = "fc", tensor = x,
    module = setmetatable({}, { __name = "other" }) } do
    model.head.fc = value
    got = got == "module" and "table" or got
    says(sentence .. got, model, x)
    says(sentence .. got, model.parameters, model)
  end
  model.head.fc = nil
  says("m.fc: there is no such method or field", model, x)
  model.body[2] = false
  says("net: body.2 must be a layer", model, x)
end

--- What modules have for themselves no child and no field may be called.
function M.test_names_that_are_taken()
  local function make(name) return function()
    return ms.net.module { name = "m", order = { name }, [name] = linear(1, 1),
      forward = through { name } }
  end end
  says("m: load is a method of modules and cannot be a field", make "load")
  says("m: a child cannot be called input, which modules have for themselves", make "input")
  local model = ms.net.module { name = "m", order = {}, fc = linear(1, 1), scale = 3,
    forward = function(self, x)
    return self.fc(x) * self.scale
  end }
  lu.assertEquals(names_of(model:parameters()), { "fc.weight", "fc.bias" })
  lu.assertEquals(model(ms.zeros { 1, 1 }):item(), 0)
end

--- Fused operators give way to whatever stands in their place.
function M.test_fused_layers_give_way()
  local nn, x = ms.nn, ms.randn { 2, 6, 6, 2 }
  local function pair(conv, norm)
    return ms.net.chain { name = "pair", norm, conv, norm, ms.net.op("max_pool2d", 2) }
  end
  local function same(y) return y * 1 end
  local inner = ms.net.module { name = "inner", order = {}, forward = function(_, y)
    return same(y)
  end }
  lu.assertEquals(pair(nn.linear { in_features = 2, out_features = 2 },
    nn.layer_norm { channels = 2 })(x):shape(),
    "2x3x3x2")
  lu.assertEquals(pair(inner, nn.batch_norm { channels = 2 })(x):shape(), "2x3x3x2")
  local y = pair(nn.conv2d { in_channels = 2, out_channels = 2 }, inner)
  lu.assertEquals(y(x):bytes(), x:conv2d(y:state()["conv.weight"], y:state()["conv.bias"])
    :max_pool2d():bytes())
end

--- A checkpoint describes the model as it was made; what differs is told where the two no longer
-- fit.
function M.test_checkpoints_of_models_with_other_parts()
  local path = os.tmpname()
  local function load_changed(change)
    local _ <close> = ms.scope()
    local model = ms.models.tagger { unet = ms.models.unet { widths = { 2, 3 } }, classes = 3,
      tail = { widths = { 3, 4 }, frames = 12, hidden = 5 } }
    change(model)
    local about = { model = require("moonstem.train.model_config").describe(model) }
    assert(ms.train.save_weights(path, model, about))
    return model, ms.train.load_model(path)
  end
  local model, loaded, why = load_changed(function(m) m.tail.head.linear[2] = linear(5, 8) end)
  lu.assertNil(loaded)
  lu.assertStrContains(why, path
    .. ": its weights are not of the model that it describes, parts of which were "
    .. "replaced (tagger.load: tail.head.linear.2.weight is 5x8 in the state but 5x3 in the model)")
  local twin = ms.models.tagger { unet = ms.models.unet { widths = { 2, 3 } }, classes = 3,
    tail = { widths = { 3, 4 }, frames = 12, hidden = 5 } }
  twin.tail.head.linear[2] = linear(5, 8)
  assert(ms.train.load_weights(path, twin))
  lu.assertEquals(twin:state()["tail.head.linear.2.weight"]:bytes(),
    model:state()["tail.head.linear.2.weight"]:bytes())
  model, loaded, why = load_changed(function(m) m.tail.head = linear(1, 8) end)
  lu.assertNil(loaded)
  lu.assertStrContains(why, "the state lacks")
  lu.assertEquals(model.tail.head:kind(), "linear")
  model, loaded, why = load_changed(function(m) m.unet = linear(1, 1) end)
  lu.assertNil(loaded)
  lu.assertStrContains(why, "the state lacks")
  lu.assertEquals(model.name, "tagger")
  os.remove(path)
end

-- ---- modes -----------------------------------------------------------------------------------
function M.test_modes_come_back()
  local model = net_of()
  local function modes()
    local list = {}
    for k, layer in ipairs { model.body[1], model.head.norm } do
      list[k] = layer:training()
    end
    return list
  end
  model:eval():summary()
  lu.assertEquals(modes(), { false, false })
  model.head.norm:train()
  lu.assertEquals({ model:evaluating(function(a, b)
    return a, b, modes()[2]
  end, 1, 2) }, { 1, 2, false })
  lu.assertEquals(modes(), { false, true })
  says("out of tune", model.evaluating, model, function() error "out of tune" end)
  lu.assertEquals(modes(), { false, true })
  says("net.body.1: linear: x is 1x5", model.summary, model, { 1, 5 })
  lu.assertEquals(modes(), { false, true })
end

return M
