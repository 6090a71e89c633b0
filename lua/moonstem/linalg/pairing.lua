--- Two operands of einsum whose product is one matrix product: what einsum works out once for an
-- equation, and only looks at sizes from then on.
local core = require "moonstem.core.tensor"
local product, ops = core.internal.product, core.ops

local M = {}

local function position(list, label)
  for i, l in ipairs(list) do if l == label then return i end end
end

local function are_distinct(labels)
  for i, label in ipairs(labels) do if position(labels, label) ~= i then return false end end
  return true
end

local function joined(...)
  local all = {}
  for _, list in ipairs { ... } do table.move(list, 1, #list, #all + 1, all) end
  return all
end

-- The order in which `labels` take the axes of `wanted`; nil where that is how they stand.
local function order_of(labels, wanted)
  local order, same = {}, true
  for i, label in ipairs(wanted) do
    order[i] = position(labels, label)
    same = same and order[i] == i
  end
  return not same and order or nil
end

-- How an operand becomes matrices: its order, or whether it stands transposed.
local function side(labels, batch, rows, columns)
  local order = order_of(labels, joined(batch, rows, columns))
  if not order or #rows == 0 or #columns == 0 then return order, false end
  if not order_of(labels, joined(batch, columns, rows)) then return nil, true end
  return order, false
end

-- Labels of both by what becomes of them; nil where one is summed in one operand alone.
local function groups(a, b, out)
  local batch, left, sum, right = {}, {}, {}, {}
  for _, label in ipairs(a) do
    local kept, shared = position(out, label), position(b, label)
    if not kept and not shared then return nil end
    local list = not shared and left or kept and batch or sum
    list[#list + 1] = label
  end
  for _, label in ipairs(b) do
    if not position(a, label) then
      if not position(out, label) then return nil end
      right[#right + 1] = label
    end
  end
  return batch, left, sum, right
end

local function positions(labels, list)
  local at = {}
  for i, label in ipairs(list) do at[i] = position(labels, label) end
  return at
end

--- analyse(a, b, out) -> how two operands with these labels become a matrix product; nil where they
-- do not: letters twice in one of them, sums over one alone, or nothing to sum.
function M.analyse(a, b, out)
  if not are_distinct(a) or not are_distinct(b) then return nil end
  local batch, left, sum, right = groups(a, b, out)
  if not batch or #sum == 0 or #left == 0 and #right == 0 and #batch > 0 then return nil end
  local p = { na = #a, nb = #b, plain = #left == 1 and #sum == 1 and #right == 1 }
  p.order_a, p.turned_a = side(a, batch, left, sum)
  p.order_b, p.turned_b = side(b, batch, sum, right)
  p.order = order_of(joined(batch, left, right), out)
  p.shared_a, p.shared_b = positions(a, joined(batch, sum)), positions(b, joined(batch, sum))
  p.batch, p.left, p.sum = positions(a, batch), positions(a, left), positions(a, sum)
  p.right = positions(b, right)
  return p
end

-- The sizes at some axes, at the end of a list; their product.
local function sizes_at(size, axes, list)
  local n = 1
  for _, axis in ipairs(axes) do
    list[#list + 1] = size[axis]
    n = n * size[axis]
  end
  return n
end

-- The product of matrices of several axes each, which become one for it.
local function reshaped(p, x, y, size_x, size_y)
  local shape = {}
  local batch = sizes_at(size_x, p.batch, shape)
  local m, k = sizes_at(size_x, p.left, shape), sizes_at(size_x, p.sum, {})
  local n = sizes_at(size_y, p.right, shape)
  x = ops.reshape(x, p.turned_a and { batch, k, m } or { batch, m, k })
  y = ops.reshape(y, p.turned_b and { batch, n, k } or { batch, k, n })
  return ops.reshape(product(x, y, p.turned_a, p.turned_b), shape)
end

--- run(p, x, y) -> the product; nil where sizes differ from what the equation says.
function M.run(p, x, y)
  local size_x, size_y = x:size(), y:size()
  if #size_x ~= p.na or #size_y ~= p.nb then return nil end
  for i, axis in ipairs(p.shared_a) do
    if size_x[axis] ~= size_y[p.shared_b[i]] then return nil end
  end
  if p.order_a then x = ops.permute(x, p.order_a) end
  if p.order_b then y = ops.permute(y, p.order_b) end
  local z = p.plain and product(x, y, p.turned_a, p.turned_b)
    or reshaped(p, x, y, size_x, size_y)
  return p.order and ops.permute(z, p.order) or z
end

return M
