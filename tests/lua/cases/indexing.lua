--- x[...] read and written, and methods that write in place.
local ms = require "moonstem"

local A = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } }
local CUBE = { { { 1, 2 }, { 3, 4 }, { 5, 6 } }, { { 7, 8 }, { 9, 10 }, { 11, 12 } } }

-- f(x) changes a copy of x, which is shown.
local function written(f)
  return function(x, ...)
    local y = x:detach():clone()
    f(y, ...)
    return y
  end
end

local function get(key)
  return function() return ms.tensor(A)[key] end
end

local closed = ms.zeros { 3 }
closed:close()

local M = {}

M.index = {
  { function(x) return x[2] end, { A }, { 5, 6, 7, 8 } },
  { function(x) return x[-1] end, { A }, { 9, 10, 11, 12 } },
  { function(x) return x[-1] end, { A[1] }, 4, grad = false },
  { function(x) return x[{ 2, 3 }] end, { A }, 7, grad = false },
  { function(x) return x[{ -1, -1 }] end, { A }, 12, grad = false },
  { function(x) return x[{}] end, { A }, A },
  { function(x) return x[{ 2 }] end, { A }, { 5, 6, 7, 8 } },
  { function(x) return x[{ { 2 } }] end, { A }, { { 5, 6, 7, 8 } } },
  { function(x) return x[{ { 2, 3 } }] end, { A }, { A[2], A[3] } },
  { function(x) return x[{ {}, 2 }] end, { A }, { 2, 6, 10 } },
  { function(x) return x[{ {}, { 2, -1 } }] end, { A },
    { { 2, 3, 4 }, { 6, 7, 8 }, { 10, 11, 12 } } },
  { function(x) return x[{ { 1, -1, 2 } }] end, { A }, { A[1], A[3] } },
  { function(x) return x[{ {}, { 1, 4, 3 } }] end, { A }, { { 1, 4 }, { 5, 8 }, { 9, 12 } } },
  { function(x) return x[{ { -1, 1, -1 }, { 4, 2, -2 } }] end, { A },
    { { 12, 10 }, { 8, 6 }, { 4, 2 } } },
  { function(x) return x[{ {}, { 2, 3 }, -1 }] end, { CUBE }, { { 4, 6 }, { 10, 12 } } },
  { function(x) return x[{ 1, {}, 2 }] end, { CUBE }, { 2, 4, 6 } },
  { function(x) return x[{ 2, { 1, 3, 2 } }] end, { CUBE }, { { 7, 8 }, { 11, 12 } } },
  { function(x) return x[{ {} }] end, { {} }, {} },
  { function(x) return x[{}] end, { 5 }, 5 },
  -- masks, of a comparison and of numbers
  { function(x) return x[x:gt(6.5)] end, { A }, { 7, 8, 9, 10, 11, 12 } },
  { function(x) return x[x:gt(0)] end, { A[1] }, A[1] },
  { function(x) return x[x:gt(20)] end, { A }, {}, grad = false },
  { function(x) return x[ms.tensor { 0, 1, 1 }] end, { A }, { A[2], A[3] } },
  { function(x) return x[ms.tensor { 1, 1, 1 }:eq(1)] end, { A }, A },
  { function(x) return x[ms.tensor { { 1, 0, 1 }, { 0, 0, 1 } }] end, { CUBE },
    { { 1, 2 }, { 5, 6 }, { 11, 12 } } },
  -- positions
  { function(x) return x[ms.tensor { 3, 1, 3, -3 }] end, { A }, { A[3], A[1], A[3], A[1] } },
  { function(x) return x[ms.tensor { { 4, 2 }, { 2, 1 } }] end, { A[1] }, { { 4, 2 }, { 2, 1 } } },
  { function(x) return x[ms.tensor { 2 }] end, { A }, { A[2] } },
  { function(x) return x[ms.zeros { 0 }] end, { A[1] }, {}, grad = false },
  wrong = {
    { get(4), "x[...]: position 4 is outside 1..3 of dimension 1" },
    { get(0), "position 0 is outside 1..3" },
    { get(-4), "position -4 is outside 1..3" },
    { get(1.5), "x[...]: a position is a whole number, got 1.5" },
    { get(2^80), "a position is a whole number" },
    { get(0 / 0), "a position is a whole number" },
    { get(math.mininteger), "is outside 1..3" },
    { get(math.maxinteger), "is outside 1..3" },
    { get(true), "x[...]: a position, a table of positions and ranges" },
    { get "gt_", "x.gt_: there is no such method or field; did you mean" },
    { get { 1, 2, 3 }, "a key of this tensor has at most 2, got 3" },
    { get { "1" }, "dimension 1 takes a position, a range such as {2, 5}, or {}, got string" },
    { get { 1, { 1, "2" } }, "a position is a whole number, got string" },
    { get { { 1, 2, 3, 4 } }, "a range {first, last, step} has at most 3, got 4" },
    { get { { 2, 1 } }, "the range { 2, 1, 1 } leads nowhere" },
    { get { { 1, 2, -1 } }, "leads nowhere" },
    { get { { 1, 2, 0 } }, "the step of a range must not be 0" },
    { get { { 1, 2, 0.5 } }, "the step of a range is a whole number, got 0.5" },
    { get { { first = 1 } }, "got a table with gaps or names; {} is a whole dimension" },
    { get { nil, 1 }, "got a table with gaps or names" },
    { get { { {} } }, "a position is a whole number, got table" },
    { get { ms.tensor { 1 } }, "x:index_select(axis, t) takes positions" },
    { get(ms.tensor { 0, 2 }), "neither a mask (0 and 1, in the shape of x's first dimensions; " },
    { get(ms.tensor { 0, 1 }), "the mask (2) must have the shape of x (3x4)" },
    { get(ms.tensor { 1, 1, 1 }), "holds only ones, so it may be a mask of x (3x4) or positions" },
    { get(ms.tensor { 1, 4 }), "index_select: " },
    { get(ms.tensor { 1.5 }), "index_select: " },
    { get(ms.tensor { 0 / 0 }), "index_select: " },
    { get(ms.tensor(1)), "one position is a number, x[i]" },
    { function() return ms.tensor(1)[1] end, "x has no dimensions; its number is x:item()" },
    { function() return closed[1] end, "this tensor is closed" },
    { get(closed), "this tensor is closed" },
  },
}

-- Writing: what stands there afterwards.
local function put(key, value)
  return written(function(x) x[key] = value end)
end

local function fails(key, value)
  return function() ms.tensor(A)[key] = value end
end

M["index="] = {
  { put(2, 0), { A }, { A[1], { 0, 0, 0, 0 }, A[3] }, grad = false },
  { put({ 2, -1 }, 0), { A }, { A[1], { 5, 6, 7, 0 }, A[3] }, grad = false },
  { put({}, 3), { A[1] }, { 3, 3, 3, 3 }, grad = false },
  { put({}, 3), { 1 }, 3, grad = false },
  { put({ {}, 2 }, { 20, 60, 100 }), { A },
    { { 1, 20, 3, 4 }, { 5, 60, 7, 8 }, { 9, 100, 11, 12 } }, grad = false },
  { put({ { 1, 3, 2 }, { 4, 3, -1 } }, { -1, -2 }), { A },
    { { 1, 2, -2, -1 }, A[2], { 9, 10, -2, -1 } }, grad = false },
  { put({ {}, { 1, 2 } }, { { 0 }, { 1 }, { 2 } }), { A },
    { { 0, 0, 3, 4 }, { 1, 1, 7, 8 }, { 2, 2, 11, 12 } }, grad = false },
  { put(1, { { 4, 3, 2, 1 } }), { A }, { { 4, 3, 2, 1 }, A[2], A[3] }, grad = false },
  { put({ {}, 3, {} }, { 0, -1 }), { CUBE },
    { { { 1, 2 }, { 3, 4 }, { 0, -1 } }, { { 7, 8 }, { 9, 10 }, { 0, -1 } } }, grad = false },
  -- what is written lies in the same storage
  { written(function(x) x[{ { 1, 3 } }] = x[{ { 2, 4 } }] end), { A[1] }, { 2, 3, 4, 4 },
    grad = false },
  { written(function(x) x[{ { 2, 4 } }] = x[{ { 1, 3 } }] end), { A[1] }, { 1, 1, 2, 3 },
    grad = false },
  { written(function(x) x[{ { 4, 1, -1 } }] = x end), { A[1] }, { 4, 3, 2, 1 }, grad = false },
  { written(function(x) x[1] = x[2]; x[2][1] = 0 end), { A },
    { { 5, 6, 7, 8 }, { 0, 6, 7, 8 }, A[3] }, grad = false },
  -- masks and positions
  { written(function(x) x[x:gt(6.5)] = 0 end), { A }, { { 1, 2, 3, 4 }, { 5, 6, 0, 0 },
    { 0, 0, 0, 0 } }, grad = false },
  { written(function(x) x[x:le(2)] = { -1, -2 } end), { A }, { { -1, -2, 3, 4 }, A[2], A[3] },
    grad = false },
  { put(ms.tensor { 0, 1, 1 }, { 4, 3, 2, 1 }), { A }, { A[1], { 4, 3, 2, 1 }, { 4, 3, 2, 1 } },
    grad = false },
  { put(ms.tensor { 3, 1 }, { { 0 }, { 1 } }), { A }, { { 1, 1, 1, 1 }, A[2], { 0, 0, 0, 0 } },
    grad = false },
  { put(ms.tensor { 2, 2, -1 }, { 7, 8, 9 }), { A[1] }, { 1, 8, 3, 9 }, grad = false },
  { written(function(x) x[x] = 5 end), { { 2, 4, 4, 2 } }, { 2, 5, 4, 5 }, grad = false },
  wrong = {
    { fails(4, 0), "position 4 is outside 1..3 of dimension 1" },
    { fails(1.5, 0), "a position is a whole number, got 1.5" },
    { fails("grad", 0), "x.grad: fields of a tensor cannot be written" },
    { fails(true, 0), "a position, a table of positions and ranges" },
    { fails(1, "3"), "a tensor is expected, got string" },
    { fails(1, nil), "a tensor is expected, got nil" },
    { fails(1, { 1, 2 }), "a tensor of 2 does not fit into a region of 4" },
    { fails(1, { { 1, 2, 3, 4 }, { 1, 2, 3, 4 } }), "a tensor of 2x4 does not fit" },
    { fails(1, closed), "this tensor is closed" },
    { fails({ { 1, 2 }, { 3 } }, { { 1 }, { 2, 3 } }), "the nested tables are not all" },
    { fails(ms.tensor { 3, 4 }, 0), "position 2 is 4, which is no whole number in 1..3" },
    { fails(ms.tensor { 0 / 0, 4 }, 0), "position 1 is nan" },
    { fails(ms.tensor { 1, 0, 1 }, { 1, 2, 3 }), "a tensor of 3 does not fit into 2x4" },
    { function() closed[1] = 1 end, "this tensor is closed" },
    { function() ms.tensor(A):needs_grad()[1] = 1 end, "x is a leaf that needs a gradient" },
    { function() (ms.tensor(A):needs_grad() * 2)[1] = 1 end, "x is the result of an operator" },
    { function() ms.tensor(A)[1] = ms.ones(4):needs_grad() end, "no gradient passes through" },
  },
}

local function in_place(name, ...)
  local args = table.pack(...)
  return written(function(x, y)
    if y then x[name](x, y) else x[name](x, table.unpack(args, 1, args.n)) end
  end)
end

M.fill_ = {
  { in_place("fill_", 2.5), { A[1] }, { 2.5, 2.5, 2.5, 2.5 }, grad = false },
  { in_place("fill_", 0 / 0), { { 1 } }, { 0 / 0 }, grad = false },
  { in_place("fill_", 1), { {} }, {}, grad = false },
  { in_place("fill_", 1), { 3 }, 1, grad = false },
  { written(function(x) x[2]:fill_(0) end), { A }, { A[1], { 0, 0, 0, 0 }, A[3] }, grad = false },
  wrong = {
    { function() ms.zeros(2):fill_() end, "number expected" },
    { function() ms.zeros(2):fill_({}) end, "number expected" },
    { function() ms.zeros(2):needs_grad():fill_(1) end, "fill_: x is a leaf" },
    { function() ms.zeros(2):needs_grad():exp():fill_(1) end, "fill_: x is the result" },
  },
}
M.zero_ = {
  { in_place "zero_", { A[1] }, { 0, 0, 0, 0 }, grad = false },
  wrong = { { function() ms.zeros(2):zero_(1) end, "takes no arguments" } },
}
M.add_ = {
  { in_place "add_", { A[1], { 1, -1, 0.5, 1 / 0 } }, { 2, 1, 3.5, 1 / 0 }, grad = false },
  { in_place "add_", { CUBE, { 1, -1 } },
    { { { 2, 1 }, { 4, 3 }, { 6, 5 } }, { { 8, 7 }, { 10, 9 }, { 12, 11 } } }, grad = false },
  { in_place("add_", 0.5), { A[1] }, { 1.5, 2.5, 3.5, 4.5 }, grad = false },
  { written(function(x) x:add_(x) end), { A[1] }, { 2, 4, 6, 8 }, grad = false },
  { written(function(x) x[{ { 2, 4 } }]:add_(x[{ { 1, 3 } }]) end), { A[1] }, { 1, 3, 5, 7 },
    grad = false },
  wrong = {
    { function() ms.zeros(2):add_({ { 1, 2 } }) end, "a tensor of 1x2 does not fit into x, 2" },
    { function() ms.zeros(1):add_({ 1, 2 }) end, "add_: a tensor of 2 does not fit into x, 1" },
    { function() ms.zeros(1):add_("1") end, "a tensor is expected, got string" },
    { function() ms.zeros(2):add_(ms.ones(2):needs_grad()) end, "no gradient passes" },
  },
}
M.sub_ = { { in_place "sub_", { A[1], { 1 } }, { 0, 1, 2, 3 }, grad = false } }
M.mul_ = { { in_place "mul_", { A[1], { 2, 0, -1, 0.5 } }, { 2, 0, -3, 2 }, grad = false } }
M.div_ = {
  { in_place "div_", { A[1], { 2, 0, -1, 0.5 } }, { 0.5, 1 / 0, -3, 8 }, grad = false },
  { in_place("div_", 4), { A[1] }, { 0.25, 0.5, 0.75, 1 }, grad = false },
}
M.clamp_ = {
  { in_place("clamp_", 2, 3), { { 1, 2.5, 9, 0 / 0, -1 / 0 } }, { 2, 2.5, 3, 0 / 0, 2 },
    grad = false },
  { in_place("clamp_", nil, 3), { A[1] }, { 1, 2, 3, 3 }, grad = false },
  { in_place("clamp_", 2), { A[1] }, { 2, 2, 3, 4 }, grad = false },
  { in_place("clamp_", 3, 2), { A[1] }, { 2, 2, 2, 2 }, grad = false }, -- as PyTorch does
  wrong = { { function() ms.zeros(2):clamp_() end, "a lower or an upper bound is expected" } },
}

return M
