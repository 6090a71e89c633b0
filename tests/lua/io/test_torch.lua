--- State dicts of PyTorch: the same networks with their weights give the same outputs, and write
-- the same state dict back.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local nn, net = ms.nn, ms.net

local raises = lu.assertErrorMsgContains
local refuses = require "data_tools".refused
local tests = {}
local dir
local GOLDEN = (arg[0]:match "^(.*)/[^/]*$" or ".") .. "/../golden/torch.safetensors"

own_folder(tests, function(path) dir = path end)

-- ---- networks -----------------------------------------------------------------------------------
local function holder(spec, forward)
  spec.name, spec.order, spec.forward = "model", spec.order or {}, forward
  return net.module(spec)
end

local function only(layer)
  return holder({ rnn = layer }, function(self, x) return (self.rnn(x)) end)
end

local function cross(memory_dim)
  return holder({ mha = nn.attention { dim = 6, heads = 2, memory_dim = memory_dim } },
    function(self, x, _, memory) return self.mha(x, { memory = memory }) end)
end

local ENCODER = { ["norm.1"] = "norm1", ["norm.2"] = "norm2", attention = "self_attn",
  ["linear.1"] = "linear1", ["linear.2"] = "linear2" }

-- Networks, and what PyTorch calls their parts.
local function cases()
  return {
    cnn = { net.chain { name = "cnn",
      { a = nn.conv2d { in_channels = 2, out_channels = 4, kernel = { 3, 5 }, stride = { 1, 2 },
        padding = 1 } },
      { norm = nn.batch_norm { channels = 4, epsilon = 1e-5, slope = 0 } },
      { b = nn.conv2d { in_channels = 4, out_channels = 6, groups = 2, bias = false,
        padding = 0 } },
      { slope = nn.prelu { channels = 6 } },
      { up = nn.conv_transpose2d { in_channels = 6, out_channels = 3, kernel = { 2, 3 } } },
      { group = nn.group_norm { groups = 3, channels = 3 } } },
      { a = "0", norm = "1", b = "3", slope = "4", up = "5", group = "6" } },
    wave = { net.chain { name = "wave",
      { a = nn.conv1d { in_channels = 2, out_channels = 4, dilation = 2 } },
      { up = nn.conv_transpose1d { in_channels = 4, out_channels = 6, kernel = 4, stride = 2,
        groups = 2 } },
      { b = nn.weight_norm { layer = nn.conv1d { in_channels = 6, out_channels = 3 } } },
      { norm = nn.instance_norm { channels = 3, affine = true } } },
      { a = "0", up = "1", b = "2", norm = "3" } },
    linear = { net.chain { name = "linear",
      { fc = nn.linear { in_features = 5, out_features = 7 } },
      { norm = nn.layer_norm { channels = 7, epsilon = 1e-5 } },
      { out = nn.linear { in_features = 7, out_features = 3 } } },
      { fc = "0", norm = "1", out = "2" } },
    lstm = { only(nn.lstm { in_features = 3, hidden = 4, layers = 2, bidirectional = true }) },
    gru = { only(nn.gru { in_features = 3, hidden = 4 }) },
    rnn = { only(nn.rnn { in_features = 3, hidden = 4, bias = false }) },
    encoder = { nn.transformer_layer { dim = 6, heads = 2, hidden = 8, norm = "post",
      activation = "relu" }, ENCODER },
    cross = { cross(6) }, cross_wide = { cross(5) },
    embedding = { holder({ rows = nn.embedding { count = 5, dim = 3 } },
      function(self, x) return self.rows(x + 1) end), { rows = "" } },
    bilinear = { holder({
      b = nn.bilinear { in1_features = 3, in2_features = 4, out_features = 2 } },
      function(self, a, b) return self.b(a, b) end), { b = "" } },
    own = { holder({ place = nn.parameter { size = { 1, 3, 4 } },
      fc = nn.linear { in_features = 4, out_features = 2, bias = false } },
      function(self, x) return self.fc(x + self.place()) end), { place = "position" } },
  }
end

-- The stored state of a case, as a file, and what else is stored of it.
local function stored(name)
  local state, other = {}, {}
  for key, value in pairs(assert(ms.io.load_safetensors(GOLDEN))) do
    local case, rest = key:match "^([^/]*)/(.*)$"
    if case == name and rest:find "^state/" then state[rest:sub(7)] = value
    elseif case == name then other[rest] = value end
  end
  local path = dir .. "/" .. name .. ".safetensors"
  assert(ms.io.save_safetensors(path, state))
  return path, state, other
end

local function largest_difference(a, b) return (a - b):abs():max() end

function tests.outputs_are_pytorchs()
  for name, case in pairs(cases()) do
    local model, names = case[1], case[2]
    local path, _, other = stored(name)
    assert(ms.io.load_torch(path, model, { names = names }))
    local y = model:evaluating(function() return model(other.x1, other.x2, other.memory) end)
    lu.assertEquals(y:size(), other.y:size(), name)
    lu.assertTrue(largest_difference(y, other.y) < 1e-5, name)
  end
end

function tests.the_same_state_dict_is_written()
  for name, case in pairs(cases()) do
    local path, state = stored(name)
    assert(ms.io.load_torch(path, case[1], { names = case[2] }))
    lu.assertTrue(ms.io.save_torch(dir .. "/back.safetensors", case[1], { names = case[2] }))
    local back, metadata = ms.io.load_safetensors(dir .. "/back.safetensors")
    lu.assertEquals(metadata, { format = "pt" })
    for key, value in pairs(state) do
      if not key:find "num_batches_tracked" then
        lu.assertEquals(back[key]:size(), value:size(), key)
        lu.assertEquals(back[key]:bytes(), value:bytes(), key)
        back[key] = nil
      end
    end
    lu.assertNil(next(back), name)
  end
end

function tests.names_by_a_function()
  local model = net.chain { name = "c", nn.linear { in_features = 2, out_features = 2 },
    nn.linear { in_features = 2, out_features = 1 } }
  local function names(name)
    return (name:gsub("linear%.(%d+)", function(k) return "layers." .. k - 1 end))
  end
  local state = { ["layers.0.weight"] = ms.randn { 2, 2 }, ["layers.0.bias"] = ms.randn { 2 },
    ["layers.1.weight"] = ms.randn { 1, 2 }, ["layers.1.bias"] = ms.randn { 1 } }
  local path = dir .. "/s.safetensors"
  assert(ms.io.save_safetensors(path, state))
  lu.assertIs(ms.io.load_torch(path, model, { names = names }), model)
  lu.assertEquals(model.linear[2].weight:totable(),
    state["layers.1.weight"]:permute { 2, 1 }:totable())
end

-- ---- what does not fit -----------------------------------------------------------------------
function tests.what_is_missing_left_over_or_of_another_size()
  local model = net.chain { name = "m", { fc = nn.linear { in_features = 3, out_features = 2 } } }
  local before = model.fc.weight:bytes()
  local path = dir .. "/s.safetensors"
  local function load(state, options)
    assert(ms.io.save_safetensors(path, state))
    return ms.io.load_torch(path, model, options)
  end
  local good = { ["fc.weight"] = ms.ones { 2, 3 }, ["fc.bias"] = ms.ones { 2 } }
  refuses("lacks 1 of the model's tensors, first fc.bias",
    load { ["fc.weight"] = ms.ones { 2, 3 } })
  refuses("has 1 tensors that the model lacks, first x", load { ["fc.weight"] = ms.ones { 2, 3 },
    ["fc.bias"] = ms.ones { 2 }, x = ms.ones { 1 } })
  refuses("fc.weight is 3x2 in the file, but fc.weight of the model is 2x3 there",
    load { ["fc.weight"] = ms.ones { 3, 2 }, ["fc.bias"] = ms.ones { 2 } })
  refuses("lacks 2 of the model's tensors, first a.bias", load(good, { names = { fc = "a" } }))
  lu.assertEquals(model.fc.weight:bytes(), before)
  lu.assertIs(load({ ["fc.bias"] = ms.ones { 2 }, x = ms.ones { 1 } }, { strict = false }), model)
  lu.assertEquals(model.fc.bias:totable(), { 1, 1 })
  lu.assertEquals(model.fc.weight:bytes(), before)
  refuses("No such file", ms.io.load_torch(dir .. "/none", model))
end

function tests.mistakes_of_the_caller()
  local model = net.chain { name = "m", { fc = nn.linear { in_features = 3, out_features = 2 } } }
  local path = stored "linear"
  raises("a model is expected, got nil", ms.io.load_torch, path)
  raises("did you mean names?", ms.io.load_torch, path, model, { name = {} })
  raises("names must be a function of a name", ms.io.load_torch, path, model, { names = "fc" })
  raises("names must be a function of a name", ms.io.load_torch, path, model, { names = { "fc" } })
  raises("no part of the model goes by the entry fd; there is fc", ms.io.load_torch, path,
    model, { names = { fd = "0" } })
  local odd = net.chain { name = "m",
    { fc = nn.spectral_norm { layer = nn.linear { in_features = 3, out_features = 2 } } } }
  raises("fc is a spectral_norm, whose weights in PyTorch are not known here", ms.io.save_torch,
    dir .. "/x", odd)
  raises("two tensors would be called a.weight", ms.io.save_torch, dir .. "/x",
    net.chain { name = "m", { b = nn.linear { in_features = 3, out_features = 2 } },
      { a = nn.linear { in_features = 2, out_features = 2 } } }, { names = { b = "a" } })
end

-- A layer that stands in two fields is one layer; PyTorch writes it under both names.
function tests.shared_layers()
  local fc = nn.linear { in_features = 2, out_features = 2 }
  local model = holder({ a = fc, b = fc }, function(self, x) return self.b(self.a(x)) end)
  local path = dir .. "/s.safetensors"
  assert(ms.io.save_torch(path, model))
  local state = ms.io.load_safetensors(path)
  lu.assertEquals(state["a.weight"]:bytes(), state["b.weight"]:bytes())
  lu.assertIs(ms.io.load_torch(path, model), model)
  state["b.weight"], state["b.bias"] = nil, nil
  assert(ms.io.save_safetensors(path, state))
  lu.assertIs(ms.io.load_torch(path, model), model)
end

return tests
