--- Operators of several inputs, number by number; values by PyTorch, in double precision.
local ms = require "moonstem"
local nan, inf = 0 / 0, math.huge

return {
  nan_to_num = {
    { function(a) return a:nan_to_num() end, { { -3, -1.25, -0.5, 0.125, 0.75, 2.5 } }, { -3,
      -1.25, -0.5, 0.125, 0.75, 2.5 } },
    { function(a) return a:nan_to_num() end, { { { -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } }, { {
      -3, -1.25, -0.5 }, { 0.125, 0.75, 2.5 } } },
    { function(a) return a:nan_to_num() end, { { nan, 0, 1 } }, { 0, 0, 1 }, grad = false },
    { function(a) return a:nan_to_num() end, { 0.125 }, 0.125 },
    { function(a) return a:nan_to_num() end, { {} }, {}, grad = false },
    { function(a) return a:nan_to_num(5, 7, -9) end, { { nan, inf, -inf, 0, 1, -2 } }, { 5, 7, -9,
      0, 1, -2 }, grad = false },
    { function(a) return a:nan_to_num(nil, 2):clamp(-3, 3) end, { { nan, inf, -inf, 0, 1, -2 } }, {
      0, 2, -3, 0, 1, -2 }, grad = false },
    wrong = {
      { function() return ms.ops.nan_to_num() end, "tensor" },
    },
  },
  add = {
    { function(a, b) return a:add(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { -1, -1.75, 3.25 }, { 3.5, -2.75, 2.25 } } },
    { function(a, b) return a:add(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 3, 0.5,
      3.75 }, { 0, -2.5, 0.75 } } },
    { function(a, b) return a:add(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { 1, 2.75, 4.5 }, { 2.5, -1.25, 0.5 } } },
    { function(a) return a:add(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0.25, 2,
      3.75 }, { 4.75, 1, 2.75 } } },
    { function(a) return ms.add(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0.25,
      2, 3.75 }, { 4.75, 1, 2.75 } } },
    { function(a, b) return a:add(b) end, { -1.5, 0.5 }, -1 },
    { function(a, b) return a:add(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:add(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { 1.5,
      3.25, 5 }, { 6, 2.25, 4 } } },
    { function(a) return a:add { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, {
      { 0.5, 2.25, 4 }, { 6, 2.25, 4 } } },
    { function(a, b) return a:add(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, inf, nan, inf,
      inf, inf }, { nan, nan, -inf, -inf, -inf, -inf }, { nan, inf, -inf, 0, 1, -2 }, { nan, inf,
      -inf, 1, 2, -1 }, { nan, inf, -inf, -2, -1, -4 } }, grad = false },
    { function(a, b) return a + b end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, { -0.5
      } } }, { { 1, 2.75, 4.5 }, { 2.5, -1.25, 0.5 } } },
    { function(a) return a + 2 end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0.5, 2.25, 4 },
      { 5, 1.25, 3 } } },
    { function(a) return 2 + a end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0.5, 2.25, 4 },
      { 5, 1.25, 3 } } },
    { function(a) return a + { 1, 2, 4 } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -0.5,
      2.25, 6 }, { 4, 1.25, 5 } } },
    wrong = {
      { function() return ms.ones(2, 3):add(ms.ones(2)) end,
        "add: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):add(1, 2) end, "too many" },
      { function() return ms.ones(2):add(true) end, "tensor" },
    },
  },
  sub = {
    { function(a, b) return a:sub(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { -2, 2.25, 0.75 }, { 2.5, 1.25, -0.25 } } },
    { function(a, b) return a:sub(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { -2,
      -4.5, -1.25 }, { 1, -1.5, 1.75 } } },
    { function(a, b) return a:sub(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { -4, -2.25, -0.5 }, { 3.5, -0.25, 1.5 } } },
    { function(a) return a:sub(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -3.25,
      -1.5, 0.25 }, { 1.25, -2.5, -0.75 } } },
    { function(a) return ms.sub(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 3.25,
      1.5, -0.25 }, { -1.25, 2.5, 0.75 } } },
    { function(a, b) return a:sub(b) end, { -1.5, 0.5 }, -2 },
    { function(a, b) return a:sub(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:sub(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { -4.5,
      -2.75, -1 }, { 0, -3.75, -2 } } },
    { function(a) return a:sub { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, {
      { -3.5, -1.75, 0 }, { 0, -3.75, -2 } } },
    { function(a, b) return a:sub(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, nan, -inf, -inf,
      -inf, -inf }, { nan, inf, nan, inf, inf, inf }, { nan, inf, -inf, 0, 1, -2 }, { nan, inf,
      -inf, -1, 0, -3 }, { nan, inf, -inf, 2, 3, 0 } }, grad = false },
    { function(a, b) return a - b end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, { -0.5
      } } }, { { -4, -2.25, -0.5 }, { 3.5, -0.25, 1.5 } } },
    { function(a) return a - 2 end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -3.5, -1.75, 0
      }, { 1, -2.75, -1 } } },
    { function(a) return 2 - a end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 3.5, 1.75, 0 },
      { -1, 2.75, 1 } } },
    { function(a) return a - { 1, 2, 4 } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -2.5,
      -1.75, -2 }, { 2, -2.75, -3 } } },
    wrong = {
      { function() return ms.ones(2, 3):sub(ms.ones(2)) end,
        "sub: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):sub(1, 2) end, "too many" },
      { function() return ms.ones(2):sub(true) end, "tensor" },
    },
  },
  mul = {
    { function(a, b) return a:mul(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { -0.75, -0.5, 2.5 }, { 1.5, 1.5, 1.25 } } },
    { function(a, b) return a:mul(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 1.25,
      -5, 3.125 }, { -0.25, 1, -0.625 } } },
    { function(a, b) return a:mul(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { -3.75, 0.625, 5 }, { -1.5, 0.375, -0.5 } } },
    { function(a) return a:mul(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -2.625,
      0.4375, 3.5 }, { 5.25, -1.3125, 1.75 } } },
    { function(a) return ms.mul(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -2.625, 0.4375, 3.5 }, { 5.25, -1.3125, 1.75 } } },
    { function(a, b) return a:mul(b) end, { -1.5, 0.5 }, -0.75 },
    { function(a, b) return a:mul(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:mul(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { -4.5,
      0.75, 6 }, { 9, -2.25, 3 } } },
    { function(a) return a:mul { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, {
      { -3, 0.5, 4 }, { 9, -2.25, 3 } } },
    { function(a, b) return a:mul(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, inf, -inf, nan,
      inf, -inf }, { nan, -inf, inf, nan, -inf, inf }, { nan, nan, nan, 0, 0, 0 }, { nan, inf,
      -inf, 0, 1, -2 }, { nan, -inf, inf, 0, -2, 4 } }, grad = false },
    { function(a, b) return a * b end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, { -0.5
      } } }, { { -3.75, 0.625, 5 }, { -1.5, 0.375, -0.5 } } },
    { function(a) return a * 2 end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -3, 0.5, 4 }, {
      6, -1.5, 2 } } },
    { function(a) return 2 * a end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -3, 0.5, 4 }, {
      6, -1.5, 2 } } },
    { function(a) return a * { 1, 2, 4 } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -1.5,
      0.5, 8 }, { 3, -1.5, 4 } } },
    { function(a, b) return (a * b):sum() + a:sum() * 0 + b:sum() end, { {}, 2 }, 2, grad = false
      },
    { function() local x, y = ms.zeros(0, 3):needs_grad(), ms.ones(3):needs_grad(); local z = (x *
      y):sum(); z:backward(); return y.grad end, {}, { 0, 0, 0 } },
    wrong = {
      { function() return ms.ones(2, 3):mul(ms.ones(2)) end,
        "mul: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):mul(1, 2) end, "too many" },
      { function() return ms.ones(2):mul(true) end, "tensor" },
    },
  },
  div = {
    { function(a, b) return a:div(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { -3, -0.125, 1.6 }, { 6, 0.375, 0.8 } } },
    { function(a, b) return a:div(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 0.2,
      -0.8, 0.5 }, { -1, 4, -2.5 } } },
    { function(a, b) return a:div(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { -0.6, 0.1, 0.8 }, { -6, 1.5, -2 } } },
    { function(a) return a:div(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -0.857142857142857, 0.142857142857143, 1.14285714285714 }, { 1.71428571428571,
      -0.428571428571429, 0.571428571428571 } } },
    { function(a) return ms.div(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -1.16666666666667, 7, 0.875 }, { 0.583333333333333, -2.33333333333333, 1.75 } } },
    { function(a, b) return a:div(b) end, { -1.5, 0.5 }, -3 },
    { function(a, b) return a:div(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:div(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { -0.5,
      0.0833333333333333, 0.666666666666667 }, { 1, -0.25, 0.333333333333333 } } },
    { function(a) return a:div { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, {
      { -0.75, 0.125, 1 }, { 1, -0.25, 0.333333333333333 } } },
    { function(a, b) return a:div(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, nan, nan, 0, 0,
      0 }, { nan, nan, nan, 0, 0, 0 }, { nan, inf, -inf, nan, inf, -inf }, { nan, inf, -inf, 0, 1,
      -2 }, { nan, -inf, inf, 0, -0.5, 1 } }, grad = false },
    { function(a, b) return a / b end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, { -0.5
      } } }, { { -0.6, 0.1, 0.8 }, { -6, 1.5, -2 } } },
    { function(a) return a / 2 end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -0.75, 0.125, 1
      }, { 1.5, -0.375, 0.5 } } },
    { function(a) return 2 / a end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -1.33333333333333, 8, 1 }, { 0.666666666666667, -2.66666666666667, 2 } } },
    { function(a) return a / { 1, 2, 4 } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -1.5,
      0.125, 0.5 }, { 3, -0.375, 0.25 } } },
    wrong = {
      { function() return ms.ones(2, 3):div(ms.ones(2)) end,
        "div: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):div(1, 2) end, "too many" },
      { function() return ms.ones(2):div(true) end, "tensor" },
    },
  },
  maximum = {
    { function(a, b) return a:maximum(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2,
      1.25 } }, { { 0.5, 0.25, 2 }, { 3, -0.75, 1.25 } } },
    { function(a, b) return a:maximum(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      2.5, 2.5, 2.5 }, { 0.5, -0.5, 1.25 } } },
    { function(a, b) return a:maximum(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 },
      { -0.5 } } }, { { 2.5, 2.5, 2.5 }, { 3, -0.5, 1 } } },
    { function(a) return a:maximum(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1.75,
      1.75, 2 }, { 3, 1.75, 1.75 } } },
    { function(a) return ms.maximum(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      1.75, 1.75, 2 }, { 3, 1.75, 1.75 } } },
    { function(a, b) return a:maximum(b) end, { -1.5, 0.5 }, 0.5 },
    { function(a, b) return a:maximum(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:maximum(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { 3,
      3, 3 }, { 3, 3, 3 } } },
    { function(a) return a:maximum { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }
      }, { { 2, 2, 2 }, { 3, 3, 3 } } },
    { function(a, b) return a:maximum(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, inf, inf, inf,
      inf, inf }, { nan, inf, -inf, 0, 1, -2 }, { nan, inf, 0, 0, 1, 0 }, { nan, inf, 1, 1, 1, 1 },
      { nan, inf, -2, 0, 1, -2 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):maximum(ms.ones(2)) end,
        "maximum: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):maximum(1, 2) end, "too many" },
      { function() return ms.ones(2):maximum(true) end, "tensor" },
    },
  },
  minimum = {
    { function(a, b) return a:minimum(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2,
      1.25 } }, { { -1.5, -2, 1.25 }, { 0.5, -2, 1 } } },
    { function(a, b) return a:minimum(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      0.5, -2, 1.25 }, { -0.5, -2, -0.5 } } },
    { function(a, b) return a:minimum(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 },
      { -0.5 } } }, { { -1.5, 0.25, 2 }, { -0.5, -0.75, -0.5 } } },
    { function(a) return a:minimum(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -1.5,
      0.25, 1.75 }, { 1.75, -0.75, 1 } } },
    { function(a) return ms.minimum(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -1.5, 0.25, 1.75 }, { 1.75, -0.75, 1 } } },
    { function(a, b) return a:minimum(b) end, { -1.5, 0.5 }, -1.5 },
    { function(a, b) return a:minimum(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:minimum(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { {
      -1.5, 0.25, 2 }, { 3, -0.75, 1 } } },
    { function(a) return a:minimum { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }
      }, { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } },
    { function(a, b) return a:minimum(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, inf, -inf, 0, 1,
      -2 }, { nan, -inf, -inf, -inf, -inf, -inf }, { nan, 0, -inf, 0, 0, -2 }, { nan, 1, -inf, 0,
      1, -2 }, { nan, -2, -inf, -2, -2, -2 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):minimum(ms.ones(2)) end,
        "minimum: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):minimum(1, 2) end, "too many" },
      { function() return ms.ones(2):minimum(true) end, "tensor" },
    },
  },
  atan2 = {
    { function(a, b) return a:atan2(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2,
      1.25 } }, { { -1.24904577239825, 3.01723765904303, 1.01219701145133 }, { 1.40564764938027,
      -2.78282198331922, 0.674740942223553 } } },
    { function(a, b) return a:atan2(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      0.197395559849881, -0.674740942223553, 0.463647609000806 }, { 2.35619449019234,
      -1.81577498992176, 1.95130270390726 } } },
    { function(a, b) return a:atan2(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { -0.540419500270584, 0.099668652491162, 0.674740942223553 }, {
      1.73594500420952, -2.15879893034246, 2.0344439357957 } } },
    { function(a) return a:atan2(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -0.70862627212767, 0.141897054604164, 0.851966327173272 }, { 1.04272187836854,
      -0.404891786285083, 0.519146114246523 } } },
    { function(a) return ms.atan2(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      2.27942259892257, 1.42889927219073, 0.718829999621625 }, { 0.52807444842636,
      1.97568811307998, 1.05165021254837 } } },
    { function(a, b) return a:atan2(b) end, { -1.5, 0.5 }, -1.24904577239825 },
    { function(a, b) return a:atan2(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:atan2(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { {
      -0.463647609000806, 0.0831412318884412, 0.588002603547568 }, { 0.785398163397448,
      -0.244978663126864, 0.321750554396642 } } },
    { function(a) return a:atan2 { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } },
      { { -0.643501108793284, 0.124354994546761, 0.785398163397448 }, { 0.785398163397448,
      -0.244978663126864, 0.321750554396642 } } },
    { function(a, b) return a:atan2(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan,
      0.785398163397448, -0.785398163397448, 0, 0, 0 }, { nan, 2.35619449019234, -2.35619449019234,
      3.14159265358979, 3.14159265358979, -3.14159265358979 }, { nan, 1.5707963267949,
      -1.5707963267949, 0, 1.5707963267949, -1.5707963267949 }, { nan, 1.5707963267949,
      -1.5707963267949, 0, 0.785398163397448, -1.10714871779409 }, { nan, 1.5707963267949,
      -1.5707963267949, 3.14159265358979, 2.67794504458899, -2.35619449019234 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):atan2(ms.ones(2)) end,
        "atan2: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):atan2(1, 2) end, "too many" },
      { function() return ms.ones(2):atan2(true) end, "tensor" },
    },
  },
  hypot = {
    { function(a, b) return a:hypot(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2,
      1.25 } }, { { 1.58113883008419, 2.01556443707464, 2.35849528301415 }, { 3.04138126514911,
      2.13600093632938, 1.60078105935821 } } },
    { function(a, b) return a:hypot(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      2.54950975679639, 3.20156211871642, 2.79508497187474 }, { 0.707106781186548,
      2.06155281280883, 1.34629120178363 } } },
    { function(a, b) return a:hypot(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { 2.91547594742265, 2.51246890528022, 3.20156211871642 }, { 3.04138126514911,
      0.901387818865997, 1.11803398874989 } } },
    { function(a) return a:hypot(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      2.30488611432322, 1.76776695296637, 2.65753645318366 }, { 3.47311099736245, 1.90394327646598,
      2.01556443707464 } } },
    { function(a) return ms.hypot(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      2.30488611432322, 1.76776695296637, 2.65753645318366 }, { 3.47311099736245, 1.90394327646598,
      2.01556443707464 } } },
    { function(a, b) return a:hypot(b) end, { -1.5, 0.5 }, 1.58113883008419 },
    { function(a, b) return a:hypot(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:hypot(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { {
      3.35410196624968, 3.01039864469807, 3.60555127546399 }, { 4.24264068711928, 3.09232921921325,
      3.16227766016838 } } },
    { function(a) return a:hypot { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } },
      { { 2.5, 2.01556443707464, 2.82842712474619 }, { 4.24264068711928, 3.09232921921325,
      3.16227766016838 } } },
    { function(a, b) return a:hypot(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, inf, inf, nan, nan, nan }, { inf, inf, inf, inf,
      inf, inf }, { inf, inf, inf, inf, inf, inf }, { nan, inf, inf, 0, 1, 2 }, { nan, inf, inf, 1,
      1.4142135623731, 2.23606797749979 }, { nan, inf, inf, 2, 2.23606797749979, 2.82842712474619 }
      }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):hypot(ms.ones(2)) end,
        "hypot: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):hypot(1, 2) end, "too many" },
      { function() return ms.ones(2):hypot(true) end, "tensor" },
    },
  },
  remainder = {
    { function(a, b) return a:remainder(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, {
      0.57, -2.1, 1.25 } }, { { 0.0099999999999999, -1.8, 0.85 }, { 0.35, -0.8, 1.1 } } },
    { function(a, b) return a:remainder(b) end, { { 0.57, -2.1, 1.25 }, { { 2.53 }, { -0.54 } } },
      { { 0.57, 0.43, 1.25 }, { -0.51, -0.48, -0.37 } } },
    { function(a, b) return a:remainder(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, { {
      2.53 }, { -0.54 } } }, { { 0.83, 0.3, 2.1 }, { -0.04, -0.26, -0.52 } } },
    { function(a) return a:remainder(1.75) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } } }, { {
      0.05, 0.3, 0.35 }, { 1.45, 0.95, 1.1 } } },
    { function(a) return ms.remainder(1.75, a) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } } },
      { { -1.65, 0.25, 1.75 }, { 1.75, -0.65, 0.65 } } },
    { function(a, b) return a:remainder(b) end, { -1.7, 0.57 }, 0.0099999999999999 },
    { function(a, b) return a:remainder(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:remainder(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, 3 },
      { { 1.3, 0.3, 2.1 }, { 0.2, 2.2, 1.1 } } },
    { function(a) return a:remainder { { 2 }, { 3 } } end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1
      } } }, { { 0.3, 0.3, 0.1 }, { 0.2, 2.2, 1.1 } } },
    { function(a, b) return a:remainder(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf },
      { -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, nan, nan, 0,
      1, inf }, { nan, nan, nan, 0, -inf, -2 }, { nan, nan, nan, nan, nan, nan }, { nan, nan, nan,
      0, 0, 0 }, { nan, nan, nan, 0, -1, 0 } }, grad = false },
    { function(a, b) return a % b end, { { { -5, 5, -6 }, { 6.5, -7.25, 1000000000 } }, { 3, -3,
      4.5 } }, { { 1, -1, 3 }, { 0.5, -1.25, 1 } }, grad = false },
    { function(a) return a % 3 end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } } }, { { 1.3, 0.3,
      2.1 }, { 0.2, 2.2, 1.1 } } },
    { function(a) return 3 % a end, { { { -1.7, 0.35, 2.1 }, { 3.2, -0.8, 1.1 } } }, { { -0.4, 0.2,
      0.9 }, { 3, -0.2, 0.8 } } },
    wrong = {
      { function() return ms.ones(2, 3):remainder(ms.ones(2)) end,
        "remainder: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):remainder(1, 2) end, "too many" },
      { function() return ms.ones(2):remainder(true) end, "tensor" },
    },
  },
  fmod = {
    { function(a, b) return a:fmod(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, { 0.57,
      -2.1, 1.25 } }, { { -0.56, 0.3, 0.85 }, { 0.35, -0.8, 1.1 } } },
    { function(a, b) return a:fmod(b) end, { { 0.57, -2.1, 1.25 }, { { 2.53 }, { -0.54 } } }, { {
      0.57, -2.1, 1.25 }, { 0.0299999999999999, -0.48, 0.17 } } },
    { function(a, b) return a:fmod(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, { { 2.53
      }, { -0.54 } } }, { { -1.7, 0.3, 2.1 }, { 0.5, -0.26, 0.02 } } },
    { function(a) return a:fmod(1.75) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } } }, { {
      -1.7, 0.3, 0.35 }, { 1.45, -0.8, 1.1 } } },
    { function(a) return ms.fmod(1.75, a) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } } }, { {
      0.05, 0.25, 1.75 }, { 1.75, 0.15, 0.65 } } },
    { function(a, b) return a:fmod(b) end, { -1.7, 0.57 }, -0.56 },
    { function(a, b) return a:fmod(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:fmod(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, 3 }, { {
      -1.7, 0.3, 2.1 }, { 0.2, -0.8, 1.1 } } },
    { function(a) return a:fmod { { 2 }, { 3 } } end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }
      }, { { -1.7, 0.3, 0.1 }, { 0.2, -0.8, 1.1 } } },
    { function(a, b) return a:fmod(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, nan, nan, 0, 1,
      -2 }, { nan, nan, nan, 0, 1, -2 }, { nan, nan, nan, nan, nan, nan }, { nan, nan, nan, 0, 0, 0
      }, { nan, nan, nan, 0, 1, 0 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):fmod(ms.ones(2)) end,
        "fmod: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):fmod(1, 2) end, "too many" },
      { function() return ms.ones(2):fmod(true) end, "tensor" },
    },
  },
  floor_divide = {
    { function(a, b) return a:floor_divide(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, {
      0.57, -2.1, 1.25 } }, { { -3, -1, 1 }, { 5, 0, 0 } } },
    { function(a, b) return a:floor_divide(b) end, { { 0.57, -2.1, 1.25 }, { { 2.53 }, { -0.54 } }
      }, { { 0, -1, 0 }, { -2, 3, -3 } } },
    { function(a, b) return a:floor_divide(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, {
      { 2.53 }, { -0.54 } } }, { { -1, 0, 0 }, { -6, 1, -3 } } },
    { function(a) return a:floor_divide(1.75) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } } },
      { { -1, 0, 1 }, { 1, -1, 0 } } },
    { function(a) return ms.floor_divide(1.75, a) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }
      }, { { -2, 5, 0 }, { 0, -3, 1 } } },
    { function(a, b) return a:floor_divide(b) end, { -1.7, 0.57 }, -3 },
    { function(a, b) return a:floor_divide(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:floor_divide(b) end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } }, 3
      }, { { -1, 0, 0 }, { 1, -1, 0 } } },
    { function(a) return a:floor_divide { { 2 }, { 3 } } end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8,
      1.1 } } }, { { -1, 0, 1 }, { 1, -1, 0 } } },
    { function(a, b) return a:floor_divide(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf
      }, { -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, nan, nan,
      0, 0, -1 }, { nan, nan, nan, 0, -1, 0 }, { nan, inf, -inf, nan, inf, -inf }, { nan, nan, nan,
      0, 1, -2 }, { nan, nan, nan, 0, -1, 1 } }, grad = false },
    { function(a, b) return a // b end, { { { -5, 5, -6 }, { 6.5, -7.25, 1000000000 } }, { 3, -3,
      4.5 } }, { { -2, -2, -2 }, { 2, 2, 222222222 } }, grad = false },
    { function(a) return a // 2 end, { { { -1.7, 0.3, 2.1 }, { 3.2, -0.8, 1.1 } } }, { { -1, 0, 1
      }, { 1, -1, 0 } } },
    { function(a) return 7 // a end, { { { -1.7, 0.36, 2.1 }, { 3.2, -0.8, 1.1 } } }, { { -5, 19, 3
      }, { 2, -9, 6 } } },
    wrong = {
      { function() return ms.ones(2, 3):floor_divide(ms.ones(2)) end,
        "floor_divide: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):floor_divide(1, 2) end, "too many" },
      { function() return ms.ones(2):floor_divide(true) end, "tensor" },
    },
  },
  gt = {
    { function(a, b) return a:gt(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { 0, 1, 1 }, { 1, 1, 0 } }, grad = false },
    { function(a, b) return a:gt(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 0, 0, 0
      }, { 1, 0, 1 } }, grad = false },
    { function(a, b) return a:gt(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { 0, 0, 0 }, { 1, 0, 1 } }, grad = false },
    { function(a) return a:gt(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0, 0, 1 },
      { 1, 0, 0 } }, grad = false },
    { function(a) return ms.gt(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1, 1,
      0 }, { 0, 1, 1 } }, grad = false },
    { function(a, b) return a:gt(b) end, { -1.5, 0.5 }, 0, grad = false },
    { function(a, b) return a:gt(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:gt(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { 0, 0, 0
      }, { 0, 0, 0 } }, grad = false },
    { function(a) return a:gt { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a, b) return a:gt(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, { -inf
      }, { 0 }, { 1 }, { -2 } } }, { { 0, 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0, 0 }, { 0, 1, 0, 1, 1, 1
      }, { 0, 1, 0, 0, 1, 0 }, { 0, 1, 0, 0, 0, 0 }, { 0, 1, 0, 1, 1, 0 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):gt(ms.ones(2)) end,
        "gt: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):gt(1, 2) end, "too many" },
      { function() return ms.ones(2):gt(true) end, "tensor" },
    },
  },
  ge = {
    { function(a, b) return a:ge(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { 0, 1, 1 }, { 1, 1, 0 } }, grad = false },
    { function(a, b) return a:ge(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 0, 0, 0
      }, { 1, 0, 1 } }, grad = false },
    { function(a, b) return a:ge(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { 0, 0, 0 }, { 1, 0, 1 } }, grad = false },
    { function(a) return a:ge(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0, 0, 1 },
      { 1, 0, 0 } }, grad = false },
    { function(a) return ms.ge(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1, 1,
      0 }, { 0, 1, 1 } }, grad = false },
    { function(a, b) return a:ge(b) end, { -1.5, 0.5 }, 0, grad = false },
    { function(a, b) return a:ge(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:ge(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { 0, 0, 0
      }, { 1, 0, 0 } }, grad = false },
    { function(a) return a:ge { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      0, 0, 1 }, { 1, 0, 0 } }, grad = false },
    { function(a, b) return a:ge(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, { -inf
      }, { 0 }, { 1 }, { -2 } } }, { { 0, 0, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0, 0 }, { 0, 1, 1, 1, 1, 1
      }, { 0, 1, 0, 1, 1, 0 }, { 0, 1, 0, 0, 1, 0 }, { 0, 1, 0, 1, 1, 1 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):ge(ms.ones(2)) end,
        "ge: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):ge(1, 2) end, "too many" },
      { function() return ms.ones(2):ge(true) end, "tensor" },
    },
  },
  lt = {
    { function(a, b) return a:lt(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { 1, 0, 0 }, { 0, 0, 1 } }, grad = false },
    { function(a, b) return a:lt(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 1, 1, 1
      }, { 0, 1, 0 } }, grad = false },
    { function(a, b) return a:lt(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { 1, 1, 1 }, { 0, 1, 0 } }, grad = false },
    { function(a) return a:lt(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1, 1, 0 },
      { 0, 1, 1 } }, grad = false },
    { function(a) return ms.lt(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0, 0,
      1 }, { 1, 0, 0 } }, grad = false },
    { function(a, b) return a:lt(b) end, { -1.5, 0.5 }, 1, grad = false },
    { function(a, b) return a:lt(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:lt(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { 1, 1, 1
      }, { 0, 1, 1 } }, grad = false },
    { function(a) return a:lt { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      1, 1, 0 }, { 0, 1, 1 } }, grad = false },
    { function(a, b) return a:lt(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, { -inf
      }, { 0 }, { 1 }, { -2 } } }, { { 0, 0, 0, 0, 0, 0 }, { 0, 0, 1, 1, 1, 1 }, { 0, 0, 0, 0, 0, 0
      }, { 0, 0, 1, 0, 0, 1 }, { 0, 0, 1, 1, 0, 1 }, { 0, 0, 1, 0, 0, 0 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):lt(ms.ones(2)) end,
        "lt: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):lt(1, 2) end, "too many" },
      { function() return ms.ones(2):lt(true) end, "tensor" },
    },
  },
  le = {
    { function(a, b) return a:le(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { 1, 0, 0 }, { 0, 0, 1 } }, grad = false },
    { function(a, b) return a:le(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 1, 1, 1
      }, { 0, 1, 0 } }, grad = false },
    { function(a, b) return a:le(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { 1, 1, 1 }, { 0, 1, 0 } }, grad = false },
    { function(a) return a:le(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1, 1, 0 },
      { 0, 1, 1 } }, grad = false },
    { function(a) return ms.le(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0, 0,
      1 }, { 1, 0, 0 } }, grad = false },
    { function(a, b) return a:le(b) end, { -1.5, 0.5 }, 1, grad = false },
    { function(a, b) return a:le(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:le(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { 1, 1, 1
      }, { 1, 1, 1 } }, grad = false },
    { function(a) return a:le { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:le(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, { -inf
      }, { 0 }, { 1 }, { -2 } } }, { { 0, 0, 0, 0, 0, 0 }, { 0, 1, 1, 1, 1, 1 }, { 0, 0, 1, 0, 0, 0
      }, { 0, 0, 1, 1, 0, 1 }, { 0, 0, 1, 1, 1, 1 }, { 0, 0, 1, 0, 0, 1 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):le(ms.ones(2)) end,
        "le: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):le(1, 2) end, "too many" },
      { function() return ms.ones(2):le(true) end, "tensor" },
    },
  },
  eq = {
    { function(a, b) return a:eq(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { 0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a, b) return a:eq(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 0, 0, 0
      }, { 0, 0, 0 } }, grad = false },
    { function(a, b) return a:eq(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { 0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a) return a:eq(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0, 0, 0 },
      { 0, 0, 0 } }, grad = false },
    { function(a) return ms.eq(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 0, 0,
      0 }, { 0, 0, 0 } }, grad = false },
    { function(a, b) return a:eq(b) end, { -1.5, 0.5 }, 0, grad = false },
    { function(a, b) return a:eq(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:eq(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { 0, 0, 0
      }, { 1, 0, 0 } }, grad = false },
    { function(a) return a:eq { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      0, 0, 1 }, { 1, 0, 0 } }, grad = false },
    { function(a, b) return a:eq(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, { -inf
      }, { 0 }, { 1 }, { -2 } } }, { { 0, 0, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0, 0 }, { 0, 0, 1, 0, 0, 0
      }, { 0, 0, 0, 1, 0, 0 }, { 0, 0, 0, 0, 1, 0 }, { 0, 0, 0, 0, 0, 1 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):eq(ms.ones(2)) end,
        "eq: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):eq(1, 2) end, "too many" },
      { function() return ms.ones(2):eq(true) end, "tensor" },
    },
  },
  ne = {
    { function(a, b) return a:ne(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25
      } }, { { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:ne(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { { 1, 1, 1
      }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:ne(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 }, {
      -0.5 } } }, { { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a) return a:ne(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1, 1, 1 },
      { 1, 1, 1 } }, grad = false },
    { function(a) return ms.ne(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1, 1,
      1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:ne(b) end, { -1.5, 0.5 }, 1, grad = false },
    { function(a, b) return a:ne(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:ne(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { { 1, 1, 1
      }, { 0, 1, 1 } }, grad = false },
    { function(a) return a:ne { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      1, 1, 0 }, { 0, 1, 1 } }, grad = false },
    { function(a, b) return a:ne(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, { -inf
      }, { 0 }, { 1 }, { -2 } } }, { { 1, 1, 1, 1, 1, 1 }, { 1, 0, 1, 1, 1, 1 }, { 1, 1, 0, 1, 1, 1
      }, { 1, 1, 1, 0, 1, 1 }, { 1, 1, 1, 1, 0, 1 }, { 1, 1, 1, 1, 1, 0 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):ne(ms.ones(2)) end,
        "ne: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):ne(1, 2) end, "too many" },
      { function() return ms.ones(2):ne(true) end, "tensor" },
    },
  },
  logical_and = {
    { function(a, b) return a:logical_and(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5,
      -2, 1.25 } }, { { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:logical_and(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:logical_and(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5
      }, { -0.5 } } }, { { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a) return a:logical_and(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a) return ms.logical_and(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, {
      { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:logical_and(b) end, { -1.5, 0.5 }, 1, grad = false },
    { function(a, b) return a:logical_and(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:logical_and(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, {
      { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a) return a:logical_and { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 }
      } }, { { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:logical_and(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf
      }, { -inf }, { 0 }, { 1 }, { -2 } } }, { { 1, 1, 1, 0, 1, 1 }, { 1, 1, 1, 0, 1, 1 }, { 1, 1,
      1, 0, 1, 1 }, { 0, 0, 0, 0, 0, 0 }, { 1, 1, 1, 0, 1, 1 }, { 1, 1, 1, 0, 1, 1 } }, grad =
      false },
    wrong = {
      { function() return ms.ones(2, 3):logical_and(ms.ones(2)) end,
        "logical_and: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):logical_and(1, 2) end, "too many" },
      { function() return ms.ones(2):logical_and(true) end, "tensor" },
    },
  },
  logical_or = {
    { function(a, b) return a:logical_or(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5,
      -2, 1.25 } }, { { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:logical_or(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:logical_or(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5
      }, { -0.5 } } }, { { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a) return a:logical_or(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1,
      1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a) return ms.logical_or(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, {
      { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:logical_or(b) end, { -1.5, 0.5 }, 1, grad = false },
    { function(a, b) return a:logical_or(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:logical_or(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { {
      1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a) return a:logical_or { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 }
      } }, { { 1, 1, 1 }, { 1, 1, 1 } }, grad = false },
    { function(a, b) return a:logical_or(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf
      }, { -inf }, { 0 }, { 1 }, { -2 } } }, { { 1, 1, 1, 1, 1, 1 }, { 1, 1, 1, 1, 1, 1 }, { 1, 1,
      1, 1, 1, 1 }, { 1, 1, 1, 0, 1, 1 }, { 1, 1, 1, 1, 1, 1 }, { 1, 1, 1, 1, 1, 1 } }, grad =
      false },
    wrong = {
      { function() return ms.ones(2, 3):logical_or(ms.ones(2)) end,
        "logical_or: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):logical_or(1, 2) end, "too many" },
      { function() return ms.ones(2):logical_or(true) end, "tensor" },
    },
  },
  logical_xor = {
    { function(a, b) return a:logical_xor(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5,
      -2, 1.25 } }, { { 0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a, b) return a:logical_xor(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a, b) return a:logical_xor(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5
      }, { -0.5 } } }, { { 0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a) return a:logical_xor(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a) return ms.logical_xor(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, {
      { 0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a, b) return a:logical_xor(b) end, { -1.5, 0.5 }, 0, grad = false },
    { function(a, b) return a:logical_xor(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:logical_xor(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, {
      { 0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a) return a:logical_xor { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 }
      } }, { { 0, 0, 0 }, { 0, 0, 0 } }, grad = false },
    { function(a, b) return a:logical_xor(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf
      }, { -inf }, { 0 }, { 1 }, { -2 } } }, { { 0, 0, 0, 1, 0, 0 }, { 0, 0, 0, 1, 0, 0 }, { 0, 0,
      0, 1, 0, 0 }, { 1, 1, 1, 0, 1, 1 }, { 0, 0, 0, 1, 0, 0 }, { 0, 0, 0, 1, 0, 0 } }, grad =
      false },
    wrong = {
      { function() return ms.ones(2, 3):logical_xor(ms.ones(2)) end,
        "logical_xor: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):logical_xor(1, 2) end, "too many" },
      { function() return ms.ones(2):logical_xor(true) end, "tensor" },
    },
  },
  pow = {
    { function(a, b) return a:pow(b) end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } }, { 0.5, -2, 1.25 }
      }, { { 1.22474487139159, 16, 2.37841423000544 }, { 1.73205080756888, 1.77777777777778, 1 } }
      },
    { function(a, b) return a:pow(b) end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } }, { { 2.5 }, { -0.5
      } } }, { { 2.75567596063108, 0.03125, 5.65685424949238 }, { 0.577350269189626,
      1.15470053837925, 1 } } },
    { function(a) return a ^ 2 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { { 2.25, 0.0625, 4
      }, { 9, 0.5625, 1 } } },
    { function(a) return a ^ 3 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { { 3.375, 0.015625,
      8 }, { 27, 0.421875, 1 } } },
    { function(a) return a ^ 0.5 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { {
      1.22474487139159, 0.5, 1.41421356237309 }, { 1.73205080756888, 0.866025403784439, 1 } } },
    { function(a) return a ^ -0.5 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { {
      0.816496580927726, 2, 0.707106781186547 }, { 0.577350269189626, 1.15470053837925, 1 } } },
    { function(a) return a ^ -1 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { {
      0.666666666666667, 4, 0.5 }, { 0.333333333333333, 1.33333333333333, 1 } } },
    { function(a) return a ^ -2 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { {
      0.444444444444444, 16, 0.25 }, { 0.111111111111111, 1.77777777777778, 1 } } },
    { function(a) return a ^ 1 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { { 1.5, 0.25, 2 }, {
      3, 0.75, 1 } } },
    { function(a) return a ^ 0 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { { 1, 1, 1 }, { 1,
      1, 1 } } },
    { function(a) return a ^ 1.5 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { {
      1.83711730708738, 0.125, 2.82842712474619 }, { 5.19615242270663, 0.649519052838329, 1 } } },
    { function(a) return a ^ -2.25 end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { {
      0.401600890493264, 22.6274169979695, 0.210224103813429 }, { 0.0844261872946214,
      1.91034654546407, 1 } } },
    { function(a) return a:pow(2) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 2.25,
      0.0625, 4 }, { 9, 0.5625, 1 } } },
    { function(a) return a:pow(3) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -3.375,
      0.015625, 8 }, { 27, -0.421875, 1 } } },
    { function(a) return a:pow(-1) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -0.666666666666667, 4, 0.5 }, { 0.333333333333333, -1.33333333333333, 1 } } },
    { function(a) return a:pow(-2) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      0.444444444444444, 16, 0.25 }, { 0.111111111111111, 1.77777777777778, 1 } } },
    { function(a) return a:pow(1) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -1.5, 0.25,
      2 }, { 3, -0.75, 1 } } },
    { function(a) return a:pow(0) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1, 1, 1 }, {
      1, 1, 1 } } },
    { function(a) return a:pow(5) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -7.59375,
      0.0009765625, 32 }, { 243, -0.2373046875, 1 } } },
    { function(a) return 2 ^ a end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      0.353553390593274, 1.18920711500272, 4 }, { 8, 0.594603557501361, 2 } } },
    { function(a) return ms.pow(0.5, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      2.82842712474619, 0.840896415253715, 0.25 }, { 0.125, 1.68179283050743, 0.5 } } },
    { function(a, b) return a:pow(b) end, { { nan, inf, -inf, 0, 1, -1, -2, 2 }, { { nan }, { inf
      }, { -inf }, { 0 }, { 1 }, { -1 }, { -2 }, { 2 }, { 0.5 } } }, { { nan, nan, nan, nan, 1,
      nan, nan, nan }, { nan, inf, inf, 0, 1, 1, inf, inf }, { nan, 0, 0, inf, 1, 1, 0, 0 }, { 1,
      1, 1, 1, 1, 1, 1, 1 }, { nan, inf, -inf, 0, 1, -1, -2, 2 }, { nan, 0, 0, inf, 1, -1, -0.5,
      0.5 }, { nan, 0, 0, inf, 1, 1, 0.25, 0.25 }, { nan, inf, inf, 0, 1, 1, 4, 4 }, { nan, inf,
      inf, 0, 1, nan, nan, 1.4142135623731 } }, grad = false },
    { function(a, b) return a ^ b end, { {}, 2 }, {}, grad = false },
    { function(a, b) return a ^ b end, { 2.5, 1.5 }, 3.95284707521047 },
    wrong = {
      { function() return ms.ones(2, 3) ^ ms.ones(2) end,
        "pow: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2) ^ [[a]] end, "" },
    },
  },
  where = {
    { function(a, b) return ms.where({ { 1, 0, 0 }, { 0, 1, 1 } }, a, b) end, { { { -1.5, 0.25, 2
      }, { 3, -0.75, 1 } }, { 0.5, -2, 1.25 } }, { { -1.5, -2, 1.25 }, { 0.5, -0.75, 1 } } },
    { function(a, b) return a:gt(0):where(a, b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { {
      2.5 }, { -0.5 } } }, { { 2.5, 0.25, 2 }, { 3, -0.5, 1 } } },
    { function(a) return ms.where(a:lt(0.5), 1, 0) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } },
      { { 1, 1, 0 }, { 0, 1, 0 } }, grad = false },
    { function(a) return ms.where(ms.tensor { 1, 0, 1 }, a, 2) end, { { { -1.5, 0.25, 2 }, { 3,
      -0.75, 1 } } }, { { -1.5, 2, 2 }, { 3, 2, 1 } } },
    { function(a) return ms.where({ { 1 }, { 0 } }, 3, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1
      } } }, { { 3, 3, 3 }, { 3, -0.75, 1 } } },
    { function(a) return a:isfinite():where(a, 0) end, { { nan, inf, 1, -inf } }, { 0, 0, 1, 0 },
      grad = false },
    { function(a, b, c) return ms.where(a, b, c) end, { {}, {}, 1 }, {}, grad = false },
    wrong = {
      { function() return ms.where(ms.ones(2), ms.ones(3), 0) end,
        "where: the shapes 2 and 3 do not fit together" },
      { function() return ms.where(ms.ones(2), 1) end, "tensor" },
      { function() return ms.where(1, 2, 3, 4) end, "too many" },
    },
  },
  masked_fill = {
    { function(a) return a:masked_fill({ { 1, 0, 0 }, { 0, 1, 1 } }, -4) end, { { { -1.5, 0.25, 2
      }, { 3, -0.75, 1 } } }, { { -4, 0.25, 2 }, { 3, -4, -4 } } },
    { function(a, b) return a:masked_fill(ms.tensor { 0, 0, 1 }, b) end, { { { -1.5, 0.25, 2 }, {
      3, -0.75, 1 } }, 2.5 }, { { -1.5, 0.25, 2.5 }, { 3, -0.75, 2.5 } } },
    { function(a) return a:masked_fill(a:isnan(), 0) end, { { nan, 1, inf } }, { 0, 1, inf }, grad
      = false },
    { function(a) return a:masked_fill(1, 0) end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ones(2):masked_fill(ms.ones(3), 0) end, "do not fit together" },
    },
  },
  lerp = {
    { function(a, b) return a:lerp(b, 0.25) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5,
      -2, 1.25 } }, { { -1, -0.3125, 1.8125 }, { 2.375, -1.0625, 1.0625 } } },
    { function(a, b, c) return a:lerp(b, c) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5,
      -2, 1.25 }, { { 0.25 }, { 0.75 } } }, { { -1, -0.3125, 1.8125 }, { 1.125, -1.6875, 1.1875 } }
      },
    { function(a) return a:lerp(2, 0.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      1.125, 1.5625, 2 }, { 2.25, 1.3125, 1.75 } } },
    { function(a) return ms.lerp(1, a, 0.5) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -0.25, 0.625, 1.5 }, { 2, 0.125, 1 } } },
    { function(a, b, c) return a:lerp(b, c) end, { 1.5, -2, 0.3 }, 0.45 },
    { function(a) return a:lerp(1, 0.5) end, { {} }, {}, grad = false },
    wrong = {
      { function() return ms.ones(2):lerp(1) end, "tensor" },
      { function() return ms.ones(2):lerp(ms.ones(3), 1) end, "do not fit together" },
    },
  },
  affine = {
    { function(a) return a:affine(2, -1) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { -4,
      -0.5, 3 }, { 5, -2.5, 1 } } },
    { function(a) return -a end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1.5, -0.25, -2 },
      { -3, 0.75, -1 } } },
  },
  logaddexp = {
    { function(a, b) return a:logaddexp(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5,
      -2, 1.25 } }, { { 0.626928011042972, 0.350206558916747, 2.3868710061149 }, {
      3.07888973429255, -0.498070918654627, 1.82593941987884 } } },
    { function(a, b) return a:logaddexp(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      2.62692801104297, 2.51104774484859, 2.75192908134537 }, { 0.813261687518223,
      -0.298586722017248, 1.41022415043809 } } },
    { function(a, b) return a:logaddexp(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5
      }, { -0.5 } } }, { { 2.51814992791781, 2.60020655891675, 2.97407698418011 }, {
      3.02975041827262, 0.0759394198788436, 1.20141327798275 } } },
    { function(a) return a:logaddexp(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      1.78804137168778, 1.95141327798275, 2.57593941987884 }, { 3.25192908134537, 1.82888973429255,
      2.1368710061149 } } },
    { function(a) return ms.logaddexp(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      1.78804137168778, 1.95141327798275, 2.57593941987884 }, { 3.25192908134537, 1.82888973429255,
      2.1368710061149 } } },
    { function(a, b) return a:logaddexp(b) end, { -1.5, 0.5 }, 0.626928011042972 },
    { function(a, b) return a:logaddexp(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:logaddexp(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { {
      3.01104774484859, 3.0619675890032, 3.31326168751822 }, { 3.69314718055995, 3.02324546437243,
      3.12692801104297 } } },
    { function(a) return a:logaddexp { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }
      }, { { 2.02975041827262, 2.16022415043809, 2.69314718055995 }, { 3.69314718055995,
      3.02324546437243, 3.12692801104297 } } },
    { function(a, b) return a:logaddexp(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf },
      { -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, inf, inf, inf,
      inf, inf }, { nan, inf, -inf, 0, 1, -2 }, { nan, inf, 0, 0.693147180559945, 1.31326168751822,
      0.126928011042972 }, { nan, inf, 1, 1.31326168751822, 1.69314718055995, 1.04858735157374 }, {
      nan, inf, -2, 0.126928011042972, 1.04858735157374, -1.30685281944005 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):logaddexp(ms.ones(2)) end,
        "logaddexp: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):logaddexp(1, 2) end, "too many" },
      { function() return ms.ones(2):logaddexp(true) end, "tensor" },
    },
  },
  xlogy = {
    { function(a, b) return a:xlogy(b) end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } }, { 0.5, 2, 1.25
      } }, { { -1.03972077083992, 0.173286795139986, 0.44628710262842 }, { -2.07944154167984,
      0.519860385419959, 0.22314355131421 } } },
    { function(a, b) return a:xlogy(b) end, { { 0.5, 2, 1.25 }, { { 2.5 }, { 0.5 } } }, { {
      0.458145365937078, 1.83258146374831, 1.14536341484269 }, { -0.346573590279973,
      -1.38629436111989, -0.866433975699932 } } },
    { function(a, b) return a:xlogy(b) end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } }, { { 2.5 }, {
      0.5 } } }, { { 1.37443609781123, 0.229072682968539, 1.83258146374831 }, { -2.07944154167984,
      -0.519860385419959, -0.693147180559945 } } },
    { function(a) return a:xlogy(1.75) end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { {
      0.839423681903134, 0.139903946983856, 1.11923157587085 }, { 1.67884736380627,
      0.419711840951567, 0.559615787935423 } } },
    { function(a) return ms.xlogy(1.75, a) end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, { {
      0.709563939189288, -2.42601513195981, 1.2130075659799 }, { 1.92257150516919,
      -0.503443626790617, 0 } } },
    { function(a, b) return a:xlogy(b) end, { 1.5, 0.5 }, -1.03972077083992 },
    { function(a, b) return a:xlogy(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:xlogy(b) end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } }, 3 }, { {
      1.64791843300216, 0.274653072167027, 2.19722457733622 }, { 3.29583686600433,
      0.823959216501082, 1.09861228866811 } } },
    { function(a) return a:xlogy { { 2 }, { 3 } } end, { { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } }, {
      { 1.03972077083992, 0.173286795139986, 1.38629436111989 }, { 3.29583686600433,
      0.823959216501082, 1.09861228866811 } } },
    { function(a, b) return a:xlogy(b) end, { { nan, inf, -inf, 0, 1, -2 }, { { nan }, { inf }, {
      -inf }, { 0 }, { 1 }, { -2 } } }, { { nan, nan, nan, nan, nan, nan }, { nan, inf, -inf, 0,
      inf, -inf }, { nan, nan, nan, 0, nan, nan }, { nan, -inf, inf, 0, -inf, inf }, { nan, nan,
      nan, 0, 0, 0 }, { nan, nan, nan, 0, nan, nan } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):xlogy(ms.ones(2)) end,
        "xlogy: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):xlogy(1, 2) end, "too many" },
      { function() return ms.ones(2):xlogy(true) end, "tensor" },
    },
  },
  copysign = {
    { function(a, b) return a:copysign(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { 0.5, -2,
      1.25 } }, { { 1.5, -0.25, 2 }, { 3, -0.75, 1 } } },
    { function(a, b) return a:copysign(b) end, { { 0.5, -2, 1.25 }, { { 2.5 }, { -0.5 } } }, { {
      0.5, 2, 1.25 }, { -0.5, -2, -1.25 } } },
    { function(a, b) return a:copysign(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, { { 2.5 },
      { -0.5 } } }, { { 1.5, 0.25, 2 }, { -3, -0.75, -1 } } },
    { function(a) return a:copysign(1.75) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { { 1.5,
      0.25, 2 }, { 3, 0.75, 1 } } },
    { function(a) return ms.copysign(1.75, a) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } } }, { {
      -1.75, 1.75, 1.75 }, { 1.75, -1.75, 1.75 } } },
    { function(a, b) return a:copysign(b) end, { -1.5, 0.5 }, 1.5 },
    { function(a, b) return a:copysign(b) end, { {}, { 2 } }, {}, grad = false },
    { function(a, b) return a:copysign(b) end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }, 3 }, { {
      1.5, 0.25, 2 }, { 3, 0.75, 1 } } },
    { function(a) return a:copysign { { 2 }, { 3 } } end, { { { -1.5, 0.25, 2 }, { 3, -0.75, 1 } }
      }, { { 1.5, 0.25, 2 }, { 3, 0.75, 1 } } },
    { function(a, b) return a:copysign(b) end, { { inf, -inf, 0, 1, -2 }, { { inf }, { -inf }, { 0
      }, { 1 }, { -2 } } }, { { inf, inf, 0, 1, 2 }, { -inf, -inf, 0, -1, -2 }, { inf, inf, 0, 1, 2
      }, { inf, inf, 0, 1, 2 }, { -inf, -inf, 0, -1, -2 } }, grad = false },
    wrong = {
      { function() return ms.ones(2, 3):copysign(ms.ones(2)) end,
        "copysign: the shapes 2x3 and 2 do not fit together" },
      { function() return ms.ones(2):copysign(1, 2) end, "too many" },
      { function() return ms.ones(2):copysign(true) end, "tensor" },
    },
  },
}
