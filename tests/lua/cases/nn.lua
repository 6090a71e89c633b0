--- Small layers: values of PyTorch 2.15 in float64, its weights transposed.
local ms = require "moonstem"

-- f(x, parameters...) -> layer(x, given), the layer of make() with these parameters.
local function with(make, names, given)
  return function(x, ...)
    local layer = make()
    layer:tensors() -- draws its numbers, which are replaced
    for k, name in ipairs(names) do layer[name] = select(k, ...) end
    return layer(x, given)
  end
end

local function bilinear(a, b, weight, bias)
  local layer = ms.nn.bilinear { in1_features = 2, in2_features = 3, out_features = 2 }
  layer:tensors()
  layer.weight, layer.bias = weight, bias
  return layer(a, b)
end

return {
  embedding = {
    { function(w) return w:embedding { { 2, 4, 4 }, { 1, -3, -1 } } end, { { { 0.25, -1.03125 }, {
      0.6875, -1.09375 }, { -0.90625, 1.0625 }, { 0.21875, 0.6875 } } },
      { { { 0.6875, -1.09375 }, { 0.21875, 0.6875 }, { 0.21875, 0.6875 } }, { { 0.25, -1.03125 },
      { 0.6875, -1.09375 }, { 0.21875, 0.6875 } } } },
    { function(w) return w:embedding { 3, 1 } end, { { { 0.25, -1.03125 }, { 0.6875, -1.09375 }, {
      -0.90625, 1.0625 }, { 0.21875, 0.6875 } } },
      { { -0.90625, 1.0625 }, { 0.25, -1.03125 } } },
    { function(w) return w:embedding(ms.tensor { 4 }:reshape {}) end, { { { 0.25, -1.03125 }, {
      0.6875, -1.09375 }, { -0.90625, 1.0625 }, { 0.21875, 0.6875 } } },
      { 0.21875, 0.6875 } },
    wrong = {
      { function() ms.zeros(2, 2):embedding({ 1 }, { padding = 3 }) end, "padding is row 3 of 2" },
      { function() ms.zeros(2):embedding { 1 } end, "the weight must be rows x dim" },
    },
  },
  ["nn.embedding"] = {
    { with(function() return ms.nn.embedding { count = 4, dim = 2 } end, { "weight" }), { { { 2,
      4, 4 }, { 1, 2, 4 } }, { { 0.25, -1.03125 }, { 0.6875, -1.09375 }, { -0.90625, 1.0625 }, {
      0.21875, 0.6875 } } },
      { { { 0.6875, -1.09375 }, { 0.21875, 0.6875 }, { 0.21875, 0.6875 } }, { { 0.25, -1.03125 },
      { 0.6875, -1.09375 }, { 0.21875, 0.6875 } } }, grad = false },
    wrong = {
      { function() ms.nn.embedding { count = 4, dim = 2 } { 5 } end, "must be a tensor" },
      { function() ms.nn.embedding { count = 4, dim = 2 }(ms.tensor { 5 }) end, "1..4" },
      { function() ms.nn.embedding { count = 4, dim = 2 }(ms.tensor { 1.5 }) end, "1.5" },
      { function() ms.nn.embedding { count = 4, dim = 2 }(ms.tensor { 0 }) end, "is 0" },
      { function() ms.nn.embedding { count = 4, dim = 2, padding = 5 } end, "row 5 of 4" },
    },
  },
  ["nn.bilinear"] = {
    { bilinear, { { { { -0.1875, 1.125 }, { 0.96875, -0.1875 } }, { { 0.34375, -0.625 }, {
      0.96875, -1.125 } } }, { { { 0.8125, -0.0625, -0.15625 }, { 0.5625, -0.625, 1.125 } }, { {
      -1.1875, 1.21875, 0.1875 }, { 0.1875, 0.40625, 0.1875 } } }, { { { -0.515625, -0.0625 }, {
      0.375, 0.109375 }, { 0.46875, 0.34375 } }, { { -0.46875, 0.515625 }, { 0.609375, 0.390625 },
      { -0.03125, 0.453125 } } }, { 0.375, 0.21875 } },
      { { { 0.005859375, 0.60382080078125 }, { 0.505279541015625, 0.388916015625 } }, { {
      -0.035614013671875, 0.344284057617188 }, { 0.341033935546875, -0.0699920654296875 } } } },
    wrong = {
      { function()
        local layer = ms.nn.bilinear { in1_features = 2, in2_features = 3, out_features = 1 }
        layer(ms.zeros(1, 2), ms.zeros(1, 4))
      end, "expected (..., 2) and (..., 3), got 1x2 and 1x4" },
    },
  },
  ["nn.relu"] = {
    { function(x) return ms.nn.relu {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { 0, 0, 0.25, 7 } },
  },
  ["nn.relu6"] = {
    { function(x) return ms.nn.relu6 {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { 0, 0, 0.25, 6 } },
  },
  ["nn.leaky_relu"] = {
    { function(x) return ms.nn.leaky_relu { slope = 0.2 }(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -0.5, -0.1, 0.25, 7 } },
    wrong = {
      { function() ms.nn.leaky_relu { slop = 1 } end, "did you mean slope" },
    },
  },
  ["nn.gelu"] = {
    { function(x) return ms.nn.gelu {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -0.0155241633144404, -0.154268769362993, 0.149676581420731, 6.99999999999104 } },
  },
  ["nn.silu"] = {
    { function(x) return ms.nn.silu {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -0.189645450053109, -0.188770334399073, 0.14054412522145, 6.9936226416392 } },
  },
  ["nn.sigmoid"] = {
    { function(x) return ms.nn.sigmoid {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { 0.0758581800212435, 0.377540668798145, 0.562176500885798, 0.999088948805599 } },
  },
  ["nn.logsigmoid"] = {
    { function(x) return ms.nn.logsigmoid {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -2.57888973429255, -0.974076984180107, -0.575939419878844, -0.000911466453774245 } },
  },
  ["nn.tanh"] = {
    { function(x) return ms.nn.tanh {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -0.98661429815143, -0.46211715726001, 0.244918662403709, 0.999998336943945 } },
  },
  ["nn.softplus"] = {
    { function(x) return ms.nn.softplus { beta = 2 }(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { 0.00335767424455903, 0.156630843759111, 0.487038492090053, 7.00000041576419 } },
  },
  ["nn.softmax"] = {
    { function(x) return ms.nn.softmax {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { 7.47174269979253e-05, 0.000552091259655425, 0.00116877720586225, 0.998204414107485 } },
  },
  ["nn.log_softmax"] = {
    { function(x) return ms.nn.log_softmax { axis = 1 }(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -9.5017971998892, -7.5017971998892, -6.7517971998892, -0.00179719988920005 } },
  },
  ["nn.elu"] = {
    { function(x) return ms.nn.elu { alpha = 0.5 }(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -0.458957500688051, -0.196734670143683, 0.25, 7 } },
  },
  ["nn.selu"] = {
    { function(x) return ms.nn.selu {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -1.61378575887324, -0.691758187802871, 0.26267524683887, 7.35490691148836 } },
  },
  ["nn.mish"] = {
    { function(x) return ms.nn.mish {}(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -0.196816203906533, -0.22074377465173, 0.169572409663818, 6.99998837980974 } },
  },
  ["nn.hardtanh"] = {
    { function(x) return ms.nn.hardtanh { low = -2 }(x) end, { { -2.5, -0.5, 0.25, 7 } },
      { -2, -0.5, 0.25, 1 } },
  },
}
