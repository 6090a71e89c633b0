--- Products of tensors over axes that are named: einsum and tensordot.
local core = require "moonstem.core.tensor"
local contraction = require "moonstem.linalg.contraction"
local einsum = require "moonstem.linalg.einsum"
local ops, as_tensor = core.ops, core.as_tensor

local M = {}

--- ms.einsum(equation, a, b, ...) -> Einstein's sum, such as "bij,bjk->bik": axes with one letter
-- are multiplied and those that the result lacks are summed; a letter twice in one operand is its
-- diagonal; "..." stands for axes that broadcast. Without "->" the result has the letters that
-- occur once, in the order of the alphabet. Any number of operands: pairs are multiplied so that
-- what lies between them stays small. As torch.einsum
function M.einsum(equation, ...)
  if type(equation) ~= "string" then
    error('einsum: an equation such as "ij,jk->ik" is expected first, got a '
      .. (type(equation) == "userdata" and "tensor" or type(equation)), 0)
  end
  local operands = { ... }
  for i = 1, select("#", ...) do operands[i] = as_tensor(operands[i]) end
  return einsum.pair(equation, operands)
    or contraction.contract(einsum.analyse(equation, operands))
end

-- Lists of the axes that are summed, in x and in y, from 1: of a count the last of x and the first
-- of y.
local function axes_of(axes, nx, ny)
  local a, b = {}, {}
  if axes == nil then axes = 2 end
  if math.type(axes) == "integer" and axes >= 0 and axes <= nx and axes <= ny then
    for k = 1, axes do a[k], b[k] = nx - axes + k, k end
    return a, b
  end
  if type(axes) ~= "table" or type(axes[1]) ~= "table" or type(axes[2]) ~= "table" or axes[3]
    or #axes[1] ~= #axes[2] then
    error("tensordot: axes are a count that both tensors have, or two lists of one length, "
      .. "{ { of x }, { of y } }", 0)
  end
  return axes[1], axes[2]
end

-- The axis counted from 1; n: how many there are.
local function place(axis, n)
  local at = math.type(axis) == "integer" and (axis < 0 and axis + n + 1 or axis)
  if not at or at < 1 or at > n then
    error(("tensordot: there is no axis %s; the tensor has %d dimensions"):format(axis, n), 0)
  end
  return at
end

-- Gives axis `at` a label, once.
local function label(labels, at, name)
  if labels[at] then error(("tensordot: axis %d is named twice"):format(at), 0) end
  labels[at] = name
end

-- The product over the last n axes of x and the first n of y, whose sizes are a and b; nil where
-- they differ.
local function over_last(x, y, n, a, b)
  local m, k, l, shape = 1, 1, 1, {}
  for d = 1, #a - n do m, shape[d] = m * a[d], a[d] end
  for d = 1, n do
    if a[#a - n + d] ~= b[d] then return nil end
    k = k * b[d]
  end
  for d = n + 1, #b do l, shape[#shape + 1] = l * b[d], b[d] end
  return ops.reshape(ops.matmul(ops.reshape(x, { m, k }), ops.reshape(y, { k, l })), shape)
end

--- x:tensordot(y, [axes = 2]) -> products summed over axes: the last `axes` of x and as many first
-- ones of y, or lists of both, { {of x}, {of y} }; the axes of x that are left, then those of y
function M.tensordot(x, y, axes)
  x, y = as_tensor(x), as_tensor(y)
  local a, b, out, sizes = {}, {}, {}, {}
  local size_x, size_y = x:size(), y:size()
  local of_x, of_y = axes_of(axes, #size_x, #size_y)
  local at_once = type(axes) ~= "table" and over_last(x, y, #of_x, size_x, size_y)
  if at_once then return at_once end
  for k in ipairs(of_x) do
    local i, j = place(of_x[k], #size_x), place(of_y[k], #size_y)
    if size_x[i] ~= size_y[j] then
      error(("tensordot: axis %d of x has %d places, axis %d of y has %d"):format(i, size_x[i], j,
        size_y[j]), 0)
    end
    label(a, i, -k)
    label(b, j, -k)
  end
  for i in ipairs(size_x) do if not a[i] then a[i], out[#out + 1] = i, i end end
  for j in ipairs(size_y) do if not b[j] then b[j], out[#out + 1] = #a + j, #a + j end end
  for i, l in ipairs(a) do sizes[l] = size_x[i] end
  for j, l in ipairs(b) do sizes[l] = size_y[j] end
  local terms = { { tensor = x, labels = a }, { tensor = y, labels = b } }
  return contraction.contract(terms, out, sizes)
end

return M
