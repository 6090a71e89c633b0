--- Products of tensors beside matmul: dot, outer, kron, einsum, tensordot, trace.
local core = require "moonstem.core.tensor"
local contraction = require "moonstem.linalg.contraction"
local einsum = require "moonstem.linalg.einsum"
local ops, as_tensor = core.ops, core.as_tensor

local M = {}

local function check_vectors(name, x, y)
  local a, b = x:size(), y:size()
  if #a ~= 1 or #b ~= 1 then
    error(("%s: two vectors are expected, got %d and %d dimensions"):format(name, #a, #b), 0)
  end
  return a[1], b[1]
end

--- x:dot(y) -> the sum of the products of two vectors of one length
function M.dot(x, y)
  x, y = as_tensor(x), as_tensor(y)
  local n, m = check_vectors("dot", x, y)
  if n ~= m then error(("dot: the vectors have %d and %d numbers"):format(n, m), 0) end
  return ops.matmul(x, y)
end

--- x:outer(y) -> (n, m): every number of the vector x (n) times every one of y (m)
function M.outer(x, y)
  x, y = as_tensor(x), as_tensor(y)
  local n, m = check_vectors("outer", x, y)
  return ops.matmul(ops.reshape(x, { n, 1 }), ops.reshape(y, { 1, m }))
end

--- x:trace() -> the sum of the diagonal of a matrix
function M.trace(x)
  x = as_tensor(x)
  if #x:size() ~= 2 then
    error(("trace: a matrix is expected, got %d dimensions"):format(#x:size()), 0)
  end
  return ops.sum(ops.diagonal(x))
end

-- Sizes with ones beside them: (a, 1, b, 1, ...) or (1, a, 1, b, ...), of `n` dimensions.
local function spaced(size, n, first)
  local all = {}
  for d = 1, n do
    local s = size[d - n + #size] or 1
    all[2 * d - 1], all[2 * d] = first and s or 1, first and 1 or s
  end
  return all
end

--- x:kron(y) -> the Kronecker product: every number of x times all of y, as blocks; any number of
-- dimensions up to 4, the smaller one filled up with sizes of 1 in front
function M.kron(x, y)
  x, y = as_tensor(x), as_tensor(y)
  local a, b = x:size(), y:size()
  local n, shape = math.max(#a, #b), {}
  if n > 4 then error(("kron: at most 4 dimensions are possible, got %d"):format(n), 0) end
  for d = 1, n do shape[d] = (a[d - n + #a] or 1) * (b[d - n + #b] or 1) end
  local p = ops.mul(ops.reshape(x, spaced(a, n, true)), ops.reshape(y, spaced(b, n, false)))
  return ops.reshape(p, shape)
end

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
  return contraction.contract(einsum.plan(equation, operands))
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

--- x:tensordot(y, [axes = 2]) -> products summed over axes: the last `axes` of x and as many first
-- ones of y, or lists of both, { {of x}, {of y} }; the axes of x that are left, then those of y
function M.tensordot(x, y, axes)
  x, y = as_tensor(x), as_tensor(y)
  local a, b, out, sizes = {}, {}, {}, {}
  local size_x, size_y = x:size(), y:size()
  local of_x, of_y = axes_of(axes, #size_x, #size_y)
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
