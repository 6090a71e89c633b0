--- Functions of shape: numbers move, none changes. Expected values are PyTorch's.
local ms = require "moonstem"

local V, M = { 1, 2, 3, 4, 5, 6 }, { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } }
local C = { M, { { 13, 14, 15, 16 }, { 17, 18, 19, 20 }, { 21, 22, 23, 24 } } }
local S = { { 1, 2, 3, 4, 5, 6, 7 }, { 8, 9, 10, 11, 12, 13, 14 } }

local m = ms.tensor(M)

local T = {}

T.reshape = {
  { function(x) return x:reshape { 4, -1 } end, { M }, { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 }, {
    10, 11, 12 } } },
  { function(x) return x:reshape(2, 6) end, { M }, { { 1, 2, 3, 4, 5, 6 }, { 7, 8, 9, 10, 11, 12 }
    } },
  { function(x) return x:reshape {} end, { { 5 } }, 5 },
  { function(x) return x:reshape { -1 } end, { {} }, {}, grad = false },
  wrong = {
    { function() return m:reshape { 5 } end, "reshape: 3x4 does not hold as many numbers as 5" },
    { function() return m:reshape { -1, -1 } end, "one may be -1, got -1" },
    { function() return m:reshape { -2 } end, "0 or more, and one may be -1, got -2" },
    { function() return m:reshape { 1.5 } end, "a whole number, got 1.5" },
    { function() return m:reshape { 12, size = 1 } end,
      "sizes are a list, such as {2, 3}, got a table with gaps or names" },
    { function() return m:reshape { 1 << 62, 1 << 62 } end, "too large" },
    { function() return m:reshape("12") end, "a whole number, got string" },
  },
}
T.view = {
  { function(x) return x:view { -1 } end, { M }, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 } },
  wrong = {
    { function() return m:view { 5 } end, "does not hold as many numbers" },
    { function() return m:view { -3 } end, "view: sizes are whole numbers" },
  },
}
T.flatten = {
  { function(x) return x:flatten() end, { C }, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24 } },
  { function(x) return x:flatten(2) end, { C }, { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, { 13,
    14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 } } },
  { function(x) return x:flatten(1, -2) end, { C }, { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11,
    12 }, { 13, 14, 15, 16 }, { 17, 18, 19, 20 }, { 21, 22, 23, 24 } } },
  { function(x) return x:flatten() end, { 5 }, { 5 } },
  { function(x) return x:flatten() end, { {} }, {}, grad = false },
  wrong = {
    { function() return m:flatten(2, 1) end, "flatten: dimension 1 comes before dimension 2" },
    { function() return m:flatten(3) end, "there is no dimension 3; the tensor has 2" },
  },
}
T.unflatten = {
  { function(x) return x:unflatten(2, { 2, -1 }) end, { M }, { { { 1, 2 }, { 3, 4 } }, { { 5, 6 },
    { 7, 8 } }, { { 9, 10 }, { 11, 12 } } } },
  { function(x) return x:unflatten(-1, 2, 2) end, { M }, { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, {
    7, 8 } }, { { 9, 10 }, { 11, 12 } } } },
  wrong = {
    { function() return m:unflatten(2, { 3, 2 }) end,
      "unflatten: the sizes do not multiply to the 4 of dimension 2" },
    { function() return m:unflatten(2, {}) end, "do not multiply" },
    { function() return m:unflatten(1, { 1, 1, 1, 1, 1, 1, 1, 3 }) end,
      "at most 8 dimensions, not 9" },
  },
}
T.transpose = {
  { function(x) return x:transpose(1, 2) end, { M }, { { 1, 5, 9 }, { 2, 6, 10 }, { 3, 7, 11 }, {
    4, 8, 12 } } },
  { function(x) return x:transpose(1, -1) end, { C }, { { { 1, 13 }, { 5, 17 }, { 9, 21 } }, { {
    2, 14 }, { 6, 18 }, { 10, 22 } }, { { 3, 15 }, { 7, 19 }, { 11, 23 } }, { { 4, 16 }, { 8, 20
    }, { 12, 24 } } } },
  { function(x) return x:transpose(2, 3) end, { C }, { { { 1, 5, 9 }, { 2, 6, 10 }, { 3, 7, 11 },
    { 4, 8, 12 } }, { { 13, 17, 21 }, { 14, 18, 22 }, { 15, 19, 23 }, { 16, 20, 24 } } } },
  wrong = {
    { function() return m:transpose(1) end, "number expected" },
    { function() return m:transpose(1, 3) end, "there is no dimension 3" },
    { function() return m:transpose(0, 1) end, "there is no dimension 0" },
  },
}
T.t = {
  { function(x) return x:t() end, { M }, { { 1, 5, 9 }, { 2, 6, 10 }, { 3, 7, 11 }, { 4, 8, 12 } }
    },
  { function(x) return x:t() end, { V }, { 1, 2, 3, 4, 5, 6 } },
  { function(x) return x:t() end, { 3 }, 3 },
  { function(x) return x:t() end, { {} }, {}, grad = false },
  { function(x) return x:t() end, { { 0 / 0, 1 / 0 } }, { 0 / 0, 1 / 0 }, grad = false },
  wrong = {
    { function() return ms.ones(1, 1, 1):t() end, "t: a matrix is expected, got 3 dimensions" },
  },
}
T.permute = {
  { function(x) return x:permute { 3, 1, 2 } end, { C }, { { { 1, 5, 9 }, { 13, 17, 21 } }, { { 2,
    6, 10 }, { 14, 18, 22 } }, { { 3, 7, 11 }, { 15, 19, 23 } }, { { 4, 8, 12 }, { 16, 20, 24 } }
    } },
  { function(x) return x:permute(2, -1, 1) end, { C }, { { { 1, 13 }, { 2, 14 }, { 3, 15 }, { 4,
    16 } }, { { 5, 17 }, { 6, 18 }, { 7, 19 }, { 8, 20 } }, { { 9, 21 }, { 10, 22 }, { 11, 23 }, {
    12, 24 } } } },
  { function(x) return x:permute { 2, 1 } end, { { { 1, 2, 3 } } }, { { 1 }, { 2 }, { 3 } } },
  { function(x) return x:permute { 1 } end, { {} }, {}, grad = false },
  wrong = {
    { function() return m:permute { 1 } end,
      "the order must name each of the 2 dimensions once" },
    { function() return m:permute { 1, 1 } end, "once" },
    { function() return m:permute { 1, 3 } end, "once" },
    { function() return m:permute { 0, 1 } end, "once" },
    { function() return m:permute { -3, 1 } end, "once" },
  },
}
T.squeeze = {
  { function(x) return x:squeeze() end, { { { { 1, 2 } } } }, { 1, 2 } },
  { function(x) return x:squeeze(1) end, { { { { 1, 2 } } } }, { { 1, 2 } } },
  { function(x) return x:squeeze { 1, 3 } end, { { { { 1, 2 } } } }, { { 1, 2 } } },
  { function(x) return x:squeeze() end, { { { 7 } } }, 7 },
  { function(x) return x:squeeze() end, { {} }, {}, grad = false },
  wrong = {
    { function() return m:squeeze(3) end, "there is no dimension 3" },
    { function() return m:squeeze { 1, 1 } end, "dimension 1 is given twice" },
  },
}
T.unsqueeze = {
  { function(x) return x:unsqueeze(1) end, { V }, { { 1, 2, 3, 4, 5, 6 } } },
  { function(x) return x:unsqueeze(-1) end, { V }, { { 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 6 } } },
  { function(x) return x:unsqueeze(2) end, { M }, { { { 1, 2, 3, 4 } }, { { 5, 6, 7, 8 } }, { { 9,
    10, 11, 12 } } } },
  { function(x) return x:unsqueeze(1) end, { 4 }, { 4 } },
  { function(x) return x:unsqueeze(1):shape() end, { {} }, "1x0", grad = false },
  wrong = {
    { function() return m:unsqueeze(4) end,
      "unsqueeze: there is no dimension 4; the result has 3" },
    { function() return m:unsqueeze(0) end, "there is no dimension 0" },
    { function() return m:unsqueeze(-4) end, "there is no dimension -4" },
    { function() return m:unsqueeze() end, "number expected" },
    { function() return ms.ones(1, 1, 1, 1, 1, 1, 1, 1):unsqueeze(1) end,
      "at most 8 dimensions" },
  },
}
T.expand = {
  { function(x) return x:expand { 2, 3 } end, { { { 1 }, { 2 } } }, { { 1, 1, 1 }, { 2, 2, 2 } }
    },
  { function(x) return x:expand(2, -1, -1) end, { M }, { { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9,
    10, 11, 12 } }, { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } } } },
  { function(x) return x:expand { 2, 2 } end, { 3 }, { { 3, 3 }, { 3, 3 } } },
  { function(x) return x:expand { 3, 1, 2 } end, { { { 1, 2 } } }, { { { 1, 2 } }, { { 1, 2 } }, {
    { 1, 2 } } } },
  { function(x) return x:expand { 3, 0 }:shape() end, { {} }, "3x0", grad = false },
  wrong = {
    { function() return m:expand { 4 } end,
      "expand: 1 sizes are given, but the tensor has 2 dimensions" },
    { function() return m:expand { 6, 4 } end,
      "expand: dimension 1 of size 3 does not stretch to 6" },
    { function() return m:expand { -1, -1, 4 } end, "a new dimension needs a size, got -1" },
    { function() return m:expand { 3, -2 } end, "does not stretch to -2" },
    { function() return m:expand { 1 << 50, 3, 4 } end, "too large" },
  },
}
T.tile = {
  { function(x) return x:tile { 2 } end, { V }, { 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6 } },
  { function(x) return x:tile(2, 1) end, { M }, { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12
    }, { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } } },
  { function(x) return x:tile { 2, 2, 2 } end, { { { 1, 2 } } }, { { { 1, 2, 1, 2 }, { 1, 2, 1, 2
    } }, { { 1, 2, 1, 2 }, { 1, 2, 1, 2 } } } },
  { function(x) return x:tile { 2 } end, { M }, { { 1, 2, 3, 4, 1, 2, 3, 4 }, { 5, 6, 7, 8, 5, 6,
    7, 8 }, { 9, 10, 11, 12, 9, 10, 11, 12 } } },
  { function(x) return x:tile { 3 } end, { 4 }, { 4, 4, 4 } },
  { function(x) return x:tile { 0 } end, { V }, {}, grad = false },
  { function(x) return x:tile { 2 } end, { {} }, {}, grad = false },
  { function(x) return x:tile { 1 } end, { { 0 / 0, 1 / 0 } }, { 0 / 0, 1 / 0 }, grad = false },
  wrong = {
    { function() return m:tile { -1 } end,
      "tile: a dimension is repeated 0 or more times, got -1" },
    { function() return m:tile { 1 << 60 } end, "tile: a dimension is repeated" },
    { function() return m:tile { 1 << 43 } end, "too large" },
    { function() return m:tile { 1 << 30, 1 << 30 } end, "too large" },
    { function() return m:tile { 0.5 } end, "a whole number, got 0.5" },
  },
}
T.stack = {
  { function(x) return ms.stack { x, x * 2 } end, { V }, { { 1, 2, 3, 4, 5, 6 }, { 2, 4, 6, 8, 10,
    12 } } },
  { function(x) return ms.stack({ x, x * 2, x }, -1) end, { M }, { { { 1, 2, 1 }, { 2, 4, 2 }, {
    3, 6, 3 }, { 4, 8, 4 } }, { { 5, 10, 5 }, { 6, 12, 6 }, { 7, 14, 7 }, { 8, 16, 8 } }, { { 9,
    18, 9 }, { 10, 20, 10 }, { 11, 22, 11 }, { 12, 24, 12 } } } },
  { function(x) return ms.stack({ x, x + 1 }, 2) end, { M }, { { { 1, 2, 3, 4 }, { 2, 3, 4, 5 } },
    { { 5, 6, 7, 8 }, { 6, 7, 8, 9 } }, { { 9, 10, 11, 12 }, { 10, 11, 12, 13 } } } },
  { function(x) return ms.stack { x, x } end, { 3 }, { 3, 3 } },
  { function(x) return ms.stack({ x, x }):shape() end, { {} }, "2x0", grad = false },
  { function(x) return ms.stack({ x, x, x }, -1) end, { C }, { { { { 1, 1, 1 }, { 2, 2, 2 }, { 3,
    3, 3 }, { 4, 4, 4 } }, { { 5, 5, 5 }, { 6, 6, 6 }, { 7, 7, 7 }, { 8, 8, 8 } }, { { 9, 9, 9 },
    { 10, 10, 10 }, { 11, 11, 11 }, { 12, 12, 12 } } }, { { { 13, 13, 13 }, { 14, 14, 14 }, { 15,
    15, 15 }, { 16, 16, 16 } }, { { 17, 17, 17 }, { 18, 18, 18 }, { 19, 19, 19 }, { 20, 20, 20 }
    }, { { 21, 21, 21 }, { 22, 22, 22 }, { 23, 23, 23 }, { 24, 24, 24 } } } } },
  wrong = {
    { function() return ms.stack { m, ms.ones { 3 } } end,
      "stack: 3x4 and 3 are not of one shape" },
    { function() return ms.stack {} end, "a list of 1 or more tensors" },
    { function() return ms.stack({ m }, 4) end,
      "stack: there is no dimension 4; the result has 3" },
    { function() return ms.stack(m) end, "table expected" },
    { function() return ms.stack { m, 3 } end, "item 2 of the list must be a tensor" },
  },
}
T.cat = {
  { function(x) return ms.cat({ x, x * 2 }, 1) end, { M }, { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9,
    10, 11, 12 }, { 2, 4, 6, 8 }, { 10, 12, 14, 16 }, { 18, 20, 22, 24 } } },
  { function(x) return ms.cat { x, x * 2 } end, { M }, { { 1, 2, 3, 4, 2, 4, 6, 8 }, { 5, 6, 7, 8,
    10, 12, 14, 16 }, { 9, 10, 11, 12, 18, 20, 22, 24 } } },
  { function(x) return ms.cat({ x, x, x }, 2) end, { C }, { { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9,
    10, 11, 12 }, { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 }, { 1, 2, 3, 4 }, { 5, 6, 7, 8
    }, { 9, 10, 11, 12 } }, { { 13, 14, 15, 16 }, { 17, 18, 19, 20 }, { 21, 22, 23, 24 }, { 13,
    14, 15, 16 }, { 17, 18, 19, 20 }, { 21, 22, 23, 24 }, { 13, 14, 15, 16 }, { 17, 18, 19, 20 },
    { 21, 22, 23, 24 } } } },
  { function(x) return ms.cat { x, x } end, { {} }, {}, grad = false },
  { function(x) return ms.cat { x, ms.tensor { 1, 2 } } end, { {} }, { 1, 2 }, grad = false },
  wrong = {
    { function() return ms.cat({ m, ms.ones { 3, 3 } }, 1) end,
      "cat: 3x4 and 3x3 differ beside dimension 1" },
    { function() return ms.cat { ms.ones {}, ms.ones {} } end, "cat: scalars have no dimension" },
  },
}
T.split = {
  { function(x) return x:split(2) end, { M }, results = { { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } }, { {
    9, 10, 11, 12 } } } },
  { function(x) return x:split(3, 2) end, { M }, results = { { { 1, 2, 3 }, { 5, 6, 7 }, { 9, 10,
    11 } }, { { 4 }, { 8 }, { 12 } } } },
  { function(x) return x:split({ 1, 3 }, -1) end, { M }, results = { { { 1 }, { 5 }, { 9 } }, { {
    2, 3, 4 }, { 6, 7, 8 }, { 10, 11, 12 } } } },
  { function(x) return select(2, x:split { 2, 0, 1 }):shape() end, { M }, "0x4", grad = false },
  wrong = {
    { function() return m:split(0) end,
      "split: the length must be a whole number, 1 or more, got 0" },
    { function() return m:split { 2, 2 } end,
      "split: the lengths add up to 4, the dimension has 3" },
    { function() return m:split { -1, 4 } end,
      "a length must be a whole number, 0 or more, got -1" },
    { function() return m:split(1, 3) end, "split: there is no dimension 3" },
    { function() return m:split("a") end, 'got "a"' },
    { function() return m:split {} end, "add up to 0" },
    { function() return m:split(1, 1, 1) end, "takes at most" },
    { function() return ms.ones({}):split(1) end, "there is no dimension 1" },
  },
}
T.chunk = {
  { function(x) return x:chunk(2) end, { M }, results = { { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } }, { {
    9, 10, 11, 12 } } } },
  { function(x) return x:chunk(3, 2) end, { M }, results = { { { 1, 2 }, { 5, 6 }, { 9, 10 } }, {
    { 3, 4 }, { 7, 8 }, { 11, 12 } } } },
  { function(x) return x:chunk(9) end, { M }, results = { { { 1, 2, 3, 4 } }, { { 5, 6, 7, 8 } },
    { { 9, 10, 11, 12 } } } },
  wrong = {
    { function() return m:chunk(0) end, "chunk: the count must be" },
    { function() return m:chunk(1, -3) end, "chunk: there is no dimension -3" },
    { function() return ms.zeros({ 0 }):chunk(1 << 60) end, "are more than 100000 results" },
  },
}
T.unbind = {
  { function(x) return x:unbind() end, { M }, results = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10,
    11, 12 } } },
  { function(x) return x:unbind(-1) end, { C }, results = { { { 1, 5, 9 }, { 13, 17, 21 } }, { {
    2, 6, 10 }, { 14, 18, 22 } }, { { 3, 7, 11 }, { 15, 19, 23 } }, { { 4, 8, 12 }, { 16, 20, 24 }
    } } },
  { function(x) return x:unbind() end, { { 3, 4 } }, results = { 3, 4 } },
  wrong = {
    { function() return m:unbind(3) end, "unbind: there is no dimension 3" },
    { function() return ms.ones({}):unbind() end, "unbind: there is no dimension 1" },
  },
}
T.pad = {
  { function(x) return x:pad { 1, 2 } end, { M }, { { 0, 1, 2, 3, 4, 0, 0 }, { 0, 5, 6, 7, 8, 0, 0
    }, { 0, 9, 10, 11, 12, 0, 0 } } },
  { function(x) return x:pad({ 1, 0, 2, 1 }, { value = -1 }) end, { M }, { { -1, -1, -1, -1, -1 },
    { -1, -1, -1, -1, -1 }, { -1, 1, 2, 3, 4 }, { -1, 5, 6, 7, 8 }, { -1, 9, 10, 11, 12 }, { -1,
    -1, -1, -1, -1 } } },
  { function(x) return x:pad { -1, 2, 0, -2 } end, { M }, { { 2, 3, 4, 0, 0 } } },
  { function(x) return x:pad { 0, 0, 1, 0, 0, 1 } end, { C }, { { { 0, 0, 0, 0 }, { 1, 2, 3, 4 },
    { 5, 6, 7, 8 }, { 9, 10, 11, 12 } }, { { 0, 0, 0, 0 }, { 13, 14, 15, 16 }, { 17, 18, 19, 20 },
    { 21, 22, 23, 24 } }, { { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } } } },
  { function(x) return x:pad({ 2, 3 }, { mode = "reflect" }) end, { M }, { { 3, 2, 1, 2, 3, 4, 3,
    2, 1 }, { 7, 6, 5, 6, 7, 8, 7, 6, 5 }, { 11, 10, 9, 10, 11, 12, 11, 10, 9 } } },
  { function(x) return x:pad({ 1, 2, 2, 1 }, { mode = "reflect" }) end, { M }, { { 10, 9, 10, 11,
    12, 11, 10 }, { 6, 5, 6, 7, 8, 7, 6 }, { 2, 1, 2, 3, 4, 3, 2 }, { 6, 5, 6, 7, 8, 7, 6 }, { 10,
    9, 10, 11, 12, 11, 10 }, { 6, 5, 6, 7, 8, 7, 6 } } },
  { function(x) return x:pad({ 0, 0, 1, 2 }, { mode = "reflect" }) end, { C }, { { { 5, 6, 7, 8 },
    { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 }, { 5, 6, 7, 8 }, { 1, 2, 3, 4 } }, { { 17,
    18, 19, 20 }, { 13, 14, 15, 16 }, { 17, 18, 19, 20 }, { 21, 22, 23, 24 }, { 17, 18, 19, 20 },
    { 13, 14, 15, 16 } } } },
  { function(x) return x:pad({ 2, 3 }, { mode = "replicate" }) end, { M }, { { 1, 1, 1, 2, 3, 4,
    4, 4, 4 }, { 5, 5, 5, 6, 7, 8, 8, 8, 8 }, { 9, 9, 9, 10, 11, 12, 12, 12, 12 } } },
  { function(x) return x:pad({ 1, 2, 2, 1 }, { mode = "replicate" }) end, { M }, { { 1, 1, 2, 3,
    4, 4, 4 }, { 1, 1, 2, 3, 4, 4, 4 }, { 1, 1, 2, 3, 4, 4, 4 }, { 5, 5, 6, 7, 8, 8, 8 }, { 9, 9,
    10, 11, 12, 12, 12 }, { 9, 9, 10, 11, 12, 12, 12 } } },
  { function(x) return x:pad({ 0, 0, 1, 2 }, { mode = "replicate" }) end, { C }, { { { 1, 2, 3, 4
    }, { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 }, { 9, 10, 11, 12 }, { 9, 10, 11, 12 } },
    { { 13, 14, 15, 16 }, { 13, 14, 15, 16 }, { 17, 18, 19, 20 }, { 21, 22, 23, 24 }, { 21, 22,
    23, 24 }, { 21, 22, 23, 24 } } } },
  { function(x) return x:pad({ 2, 3 }, { mode = "circular" }) end, { M }, { { 3, 4, 1, 2, 3, 4, 1,
    2, 3 }, { 7, 8, 5, 6, 7, 8, 5, 6, 7 }, { 11, 12, 9, 10, 11, 12, 9, 10, 11 } } },
  { function(x) return x:pad({ 1, 2, 2, 1 }, { mode = "circular" }) end, { M }, { { 8, 5, 6, 7, 8,
    5, 6 }, { 12, 9, 10, 11, 12, 9, 10 }, { 4, 1, 2, 3, 4, 1, 2 }, { 8, 5, 6, 7, 8, 5, 6 }, { 12,
    9, 10, 11, 12, 9, 10 }, { 4, 1, 2, 3, 4, 1, 2 } } },
  { function(x) return x:pad({ 0, 0, 1, 2 }, { mode = "circular" }) end, { C }, { { { 9, 10, 11,
    12 }, { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 }, { 1, 2, 3, 4 }, { 5, 6, 7, 8 } }, { {
    21, 22, 23, 24 }, { 13, 14, 15, 16 }, { 17, 18, 19, 20 }, { 21, 22, 23, 24 }, { 13, 14, 15, 16
    }, { 17, 18, 19, 20 } } } },
  { function(x) return x:pad { 1, 1 } end, { {} }, { 0, 0 }, grad = false },
  { function(x) return x:pad { 1, 0 } end, { { 0 / 0, 1 / 0 } }, { 0, 0 / 0, 1 / 0 }, grad = false
    },
  { function(x) return x:pad {} end, { 3 }, 3 },
  wrong = {
    { function() return m:pad { 1 } end, "pad: two numbers for each dimension are expected" },
    { function() return m:pad { 1, 1, 1, 1, 1, 1 } end,
      "for at most 2 dimensions, got 6 numbers" },
    { function() return m:pad { -3, -3 } end,
      "pad: dimension 2 has only 4 positions to take away" },
    { function() return m:pad({ 4, 0 }, { mode = "reflect" }) end,
      "pad: reflect takes 0 to 3 positions on a side of dimension 2, got 4" },
    { function() return m:pad({ 5, 0 }, { mode = "circular" }) end,
      "pad: circular takes 0 to 4" },
    { function() return m:pad({ -1, 0 }, { mode = "replicate" }) end, "got -1" },
    { function() return m:pad({ 1, 1 }, { mode = "reflekt" }) end,
      "there is no mode reflekt; did you mean reflect?" },
    { function() return m:pad { 1, 1, mode = "reflect" } end,
      "options come in a table of their own" },
    { function() return m:pad { 1 << 62, 1 << 62 } end, "too large" },
    { function() return ms.zeros({ 0 }):pad({ 1, 1 }, { mode = "replicate" }) end,
      "takes 0 to 0" },
    { function() return m:pad() end, "a whole number, got" },
  },
}
T.flip = {
  { function(x) return x:flip(1) end, { M }, { { 9, 10, 11, 12 }, { 5, 6, 7, 8 }, { 1, 2, 3, 4 } }
    },
  { function(x) return x:flip { 1, 2 } end, { M }, { { 12, 11, 10, 9 }, { 8, 7, 6, 5 }, { 4, 3, 2,
    1 } } },
  { function(x) return x:flip(-1) end, { C }, { { { 4, 3, 2, 1 }, { 8, 7, 6, 5 }, { 12, 11, 10, 9
    } }, { { 16, 15, 14, 13 }, { 20, 19, 18, 17 }, { 24, 23, 22, 21 } } } },
  { function(x) return x:flip { 1, 3 } end, { C }, { { { 16, 15, 14, 13 }, { 20, 19, 18, 17 }, {
    24, 23, 22, 21 } }, { { 4, 3, 2, 1 }, { 8, 7, 6, 5 }, { 12, 11, 10, 9 } } } },
  { function(x) return x:flip() end, { V }, { 6, 5, 4, 3, 2, 1 } },
  { function(x) return x:flip() end, { {} }, {}, grad = false },
  { function(x) return x:flip() end, { { 0 / 0, 1 / 0 } }, { 1 / 0, 0 / 0 }, grad = false },
  { function(x) return x:flip() end, { 3 }, 3 },
  wrong = {
    { function() return m:flip(3) end, "flip: there is no dimension 3" },
    { function() return m:flip { 1, -2 } end, "dimension 1 is given twice" },
    { function() return m:flip { axis = 1 } end, "dimensions are a number or a list" },
  },
}
T.roll = {
  { function(x) return x:roll(2) end, { V }, { 5, 6, 1, 2, 3, 4 } },
  { function(x) return x:roll(-1, 1) end, { M }, { { 5, 6, 7, 8 }, { 9, 10, 11, 12 }, { 1, 2, 3, 4
    } } },
  { function(x) return x:roll(5, 2) end, { M }, { { 4, 1, 2, 3 }, { 8, 5, 6, 7 }, { 12, 9, 10, 11
    } } },
  { function(x) return x:roll(5) end, { M }, { { 8, 9, 10, 11 }, { 12, 1, 2, 3 }, { 4, 5, 6, 7 } }
    },
  { function(x) return x:roll(1, 2) end, { C }, { { { 9, 10, 11, 12 }, { 1, 2, 3, 4 }, { 5, 6, 7,
    8 } }, { { 21, 22, 23, 24 }, { 13, 14, 15, 16 }, { 17, 18, 19, 20 } } } },
  { function(x) return x:roll(-7, -1) end, { C }, { { { 4, 1, 2, 3 }, { 8, 5, 6, 7 }, { 12, 9, 10,
    11 } }, { { 16, 13, 14, 15 }, { 20, 17, 18, 19 }, { 24, 21, 22, 23 } } } },
  { function(x) return x:roll(1) end, { {} }, {}, grad = false },
  { function(x) return x:roll(3, 1) end, { {} }, {}, grad = false },
  { function(x) return x:roll(1) end, { { 0 / 0, 1 / 0 } }, { 1 / 0, 0 / 0 }, grad = false },
  { function(x) return x:roll(2) end, { 3 }, 3 },
  wrong = {
    { function() return m:roll() end, "number expected" },
    { function() return m:roll(math.mininteger) end, "roll: the shift is too large" },
    { function() return m:roll(1.5) end, "no integer representation" },
    { function() return m:roll(1, 3) end, "there is no dimension 3" },
  },
}
T.unfold = {
  { function(x) return x:unfold(2, 3, 2) end, { S }, { { { 1, 2, 3 }, { 3, 4, 5 }, { 5, 6, 7 } },
    { { 8, 9, 10 }, { 10, 11, 12 }, { 12, 13, 14 } } } },
  { function(x) return x:unfold(1, 2, 1) end, { M }, { { { 1, 5 }, { 2, 6 }, { 3, 7 }, { 4, 8 } },
    { { 5, 9 }, { 6, 10 }, { 7, 11 }, { 8, 12 } } } },
  { function(x) return x:unfold(2, 2, 1) end, { C }, { { { { 1, 5 }, { 2, 6 }, { 3, 7 }, { 4, 8 }
    }, { { 5, 9 }, { 6, 10 }, { 7, 11 }, { 8, 12 } } }, { { { 13, 17 }, { 14, 18 }, { 15, 19 }, {
    16, 20 } }, { { 17, 21 }, { 18, 22 }, { 19, 23 }, { 20, 24 } } } } },
  { function(x) return x:unfold(1, 3, 3) end, { V }, { { 1, 2, 3 }, { 4, 5, 6 } } },
  { function(x) return x:unfold(1, 6, 9) end, { V }, { { 1, 2, 3, 4, 5, 6 } } },
  { function(x) return x:unfold(1, 2, 3) end, { V }, { { 1, 2 }, { 4, 5 } } },
  { function(x) return x:unfold(1, 1, 1) end, { { 5 } }, { { 5 } } },
  wrong = {
    { function() return m:unfold(2, 5, 1) end,
      "unfold: frames of 5 do not fit into the 4 positions of dimension 2" },
    { function() return m:unfold(2, 0, 1) end, "size must be 1 or more" },
    { function() return m:unfold(2, 1, 0) end, "step must be 1 or more" },
    { function() return m:unfold(3, 1, 1) end, "there is no dimension 3" },
  },
}
T.fold = {
  { function(x) return x:fold(1, 2) end, { M }, { 1, 2, 8, 10, 16, 18, 11, 12 } },
  { function(x) return x:fold(2, 1) end, { C }, { { 1, 7, 18, 21, 19, 12 }, { 13, 31, 54, 57, 43,
    24 } } },
  { function(x) return x:fold(1, 2, 10) end, { M }, { 1, 2, 8, 10, 16, 18, 11, 12, 0, 0 } },
  { function(x) return x:fold(1, 1) end, { C }, { { 1, 5, 9 }, { 15, 23, 31 }, { 17, 25, 33 }, {
    19, 27, 35 }, { 16, 20, 24 } } },
  { function(x) return x:fold(1, 5) end, { M }, { 1, 2, 3, 4, 0, 5, 6, 7, 8, 0, 9, 10, 11, 12 } },
  { function(x) return x:fold(1, 3, 9) end, { C }, { { 1, 5, 9 }, { 2, 6, 10 }, { 3, 7, 11 }, {
    17, 25, 33 }, { 14, 18, 22 }, { 15, 19, 23 }, { 16, 20, 24 }, { 0, 0, 0 }, { 0, 0, 0 } } },
  wrong = {
    { function() return m:fold(2, 1) end, "fold: the last dimension is what lies in a frame" },
    { function() return m:fold(1, 1, 5) end,
      "fold: the frames reach 6 positions, the length is 5" },
    { function() return m:fold(1, 1 << 60) end, "fold: a step of" },
    { function() return m:fold(1, 0) end, "step must be 1 or more" },
  },
}
T.movedim = {
  { function(x) return x:movedim(1, -1) end, { C }, { { { 1, 13 }, { 2, 14 }, { 3, 15 }, { 4, 16 }
    }, { { 5, 17 }, { 6, 18 }, { 7, 19 }, { 8, 20 } }, { { 9, 21 }, { 10, 22 }, { 11, 23 }, { 12,
    24 } } } },
  { function(x) return x:movedim(3, 1) end, { C }, { { { 1, 5, 9 }, { 13, 17, 21 } }, { { 2, 6, 10
    }, { 14, 18, 22 } }, { { 3, 7, 11 }, { 15, 19, 23 } }, { { 4, 8, 12 }, { 16, 20, 24 } } } },
  { function(x) return x:movedim({ 1, 2 }, { -1, 1 }) end, { C }, { { { 1, 13 }, { 2, 14 }, { 3,
    15 }, { 4, 16 } }, { { 5, 17 }, { 6, 18 }, { 7, 19 }, { 8, 20 } }, { { 9, 21 }, { 10, 22 }, {
    11, 23 }, { 12, 24 } } } },
  wrong = {
    { function() return m:movedim(1, 3) end, "movedim: there is no dimension 3" },
    { function() return m:movedim({ 1, 2 }, 1) end,
      "movedim: 2 dimensions are moved to 1 places" },
    { function() return m:movedim({ 1, 1 }, { 1, 2 }) end, "dimension 1 is given twice" },
    { function() return m:movedim() end, "movedim: 0 dimensions are moved" },
    { function() return m:movedim("a", 1) end, 'there is no dimension "a"' },
  },
}
T.diag = {
  { function(x) return x:diag() end, { M }, { 1, 6, 11 } },
  { function(x) return x:diag(1) end, { M }, { 2, 7, 12 } },
  { function(x) return x:diag(-2) end, { M }, { 9 } },
  { function(x) return x:diag(9) end, { M }, {}, grad = false },
  { function(x) return x:diag() end, { { 1, 2 } }, { { 1, 0 }, { 0, 2 } } },
  { function(x) return x:diag(-1) end, { { 1, 2 } }, { { 0, 0, 0 }, { 1, 0, 0 }, { 0, 2, 0 } } },
  { function(x) return x:diag():shape() end, { {} }, "0x0", grad = false },
  wrong = {
    { function() return ms.ones(1, 1, 1):diag() end,
      "diag: a list or a matrix is expected, got 3 dimensions" },
    { function() return ms.ones({ 1 }):diag(math.mininteger) end, "too large" },
    { function() return m:diag(0.5) end, "no integer" },
  },
}
T.tril = {
  { function(x) return x:tril() end, { M }, { { 1, 0, 0, 0 }, { 5, 6, 0, 0 }, { 9, 10, 11, 0 } }
    },
  { function(x) return x:tril(1) end, { M }, { { 1, 2, 0, 0 }, { 5, 6, 7, 0 }, { 9, 10, 11, 12 } }
    },
  { function(x) return x:tril(-1) end, { C }, { { { 0, 0, 0, 0 }, { 5, 0, 0, 0 }, { 9, 10, 0, 0 }
    }, { { 0, 0, 0, 0 }, { 17, 0, 0, 0 }, { 21, 22, 0, 0 } } } },
  { function(x) return x:tril(-9) end, { M }, { { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } }
    },
  { function(x) return x:tril() end, { { { 0 / 0 } } }, { { 0 / 0 } }, grad = false },
  { function(x) return x:tril():shape() end, { { {}, {} } }, "2x0", grad = false },
  wrong = {
    { function() return ms.ones({ 2 }):tril() end,
      "tril: matrices are expected, got 1 dimensions" },
  },
}
T.triu = {
  { function(x) return x:triu() end, { M }, { { 1, 2, 3, 4 }, { 0, 6, 7, 8 }, { 0, 0, 11, 12 } }
    },
  { function(x) return x:triu(-1) end, { C }, { { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 0, 10, 11, 12
    } }, { { 13, 14, 15, 16 }, { 17, 18, 19, 20 }, { 0, 22, 23, 24 } } } },
  { function(x) return x:triu(2) end, { M }, { { 0, 0, 3, 4 }, { 0, 0, 0, 8 }, { 0, 0, 0, 0 } } },
  { function(x) return x:triu(99) end, { M }, { { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } }
    },
  { function(x) return x:triu() end, { { { 0 / 0 } } }, { { 0 / 0 } }, grad = false },
  { function(x) return x:triu():shape() end, { { {}, {} } }, "2x0", grad = false },
  wrong = {
    { function() return ms.ones({}):triu() end, "triu: matrices are expected, got 0 dimensions" },
  },
}
T.clone = {
  { function(x) return x:clone() end, { M }, { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } }
    },
  { function(x) return x:clone() end, { {} }, {}, grad = false },
  wrong = {
    { function() return m:clone(1) end, "takes no arguments" },
  },
}
T.slice = {
  { function(x) return x:slice(1, 2, 3) end, { M }, { { 5, 6, 7, 8 }, { 9, 10, 11, 12 } } },
  { function(x) return x:slice(-1, 2, -2) end, { M }, { { 2, 3 }, { 6, 7 }, { 10, 11 } } },
  { function(x) return x:slice(2, 3, 3) end, { C }, { { { 9, 10, 11, 12 } }, { { 21, 22, 23, 24 }
    } } },
  wrong = {
    { function() return m:slice(1, 3, 2) end, "the last position comes before the first" },
    { function() return m:slice(1, 0, 2) end, "position 0 is outside 1..3" },
  },
}
T.meshgrid = {
  { function(x) return ms.meshgrid(x, { 5, 6 }) end, { V }, results = { { { 1, 1 }, { 2, 2 }, { 3,
    3 }, { 4, 4 }, { 5, 5 }, { 6, 6 } }, { { 5, 6 }, { 5, 6 }, { 5, 6 }, { 5, 6 }, { 5, 6 }, { 5,
    6 } } } },
  { function(x) return ms.meshgrid(x, { 5, 6 }, { indexing = "xy" }) end, { V }, results = { { {
    1, 2, 3, 4, 5, 6 }, { 1, 2, 3, 4, 5, 6 } }, { { 5, 5, 5, 5, 5, 5 }, { 6, 6, 6, 6, 6, 6 } } }
    },
  { function(x) return ms.meshgrid(x, 3) end, { { 1, 2 } }, results = { { { 1 }, { 2 } }, { { 3 },
    { 3 } } } },
  wrong = {
    { function() return ms.meshgrid() end, "one list or more" },
    { function() return ms.meshgrid({ 1 }, { indexing = "yx" }) end,
      'option indexing must be "ij" or "xy"' },
    { function() return ms.meshgrid({ 1 }, { index = "xy" }) end, "there is no option index" },
  },
}
T.one_hot = {
  { function(x) return ms.one_hot(x, 4) end, { { { 1, 2 }, { 4, 1 } } }, { { { 1, 0, 0, 0 }, { 0,
    1, 0, 0 } }, { { 0, 0, 0, 1 }, { 1, 0, 0, 0 } } }, grad = false },
  { function(x) return x:one_hot() end, { { 2, 3 } }, { { 0, 1, 0 }, { 0, 0, 1 } }, grad = false
    },
  { function(x) return x:one_hot(2) end, { 2 }, { 0, 1 }, grad = false },
  { function(x) return x:one_hot(2):shape() end, { {} }, "0x2", grad = false },
  wrong = {
    { function() return ms.one_hot({ 0 }, 2) end,
      "one_hot: index 1 is 0, which is no whole number in 1..2" },
    { function() return ms.one_hot({ 1, 3 }, 2) end, "index 2 is 3" },
    { function() return ms.one_hot { 1.5 } end, "index 1 is 1.5" },
    { function() return ms.one_hot({ 2.0 ^ 63 }, math.maxinteger) end, "index 1 is 9.22337e+18" },
    { function() return ms.one_hot { 0 / 0 } end, "index 1 is nan" },
    { function() return ms.one_hot({ 1 }, 0) end, "classes must be 1 or more, got 0" },
  },
}

return T
