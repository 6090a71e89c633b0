--- Sums of products over named axes: what einsum and tensordot compute. A term is a tensor and the
-- labels of its axes, { tensor =, labels = { label, ... } }; a label is any value.
local core = require "moonstem.core.tensor"
local product, ops = core.internal.product, core.ops

local M = {}

local function position(list, label)
  for i, l in ipairs(list) do if l == label then return i end end
end

local function as_set(...)
  local set = {}
  for _, list in ipairs { ... } do for _, label in ipairs(list) do set[label] = true end end
  return set
end

local function joined(...)
  local all = {}
  for _, list in ipairs { ... } do table.move(list, 1, #list, #all + 1, all) end
  return all
end

local function equal(a, b)
  for i = 1, math.max(#a, #b) do if a[i] ~= b[i] then return false end end
  return true
end

-- The number of places of some labels.
local function volume(labels, sizes)
  local n = 1
  for _, label in ipairs(labels) do n = n * sizes[label] end
  return n
end

local function sizes_of(labels, sizes, list)
  list = list or {}
  for _, label in ipairs(labels) do list[#list + 1] = sizes[label] end
  return list
end

-- The term's tensor with its axes in another order of the same labels.
local function ordered(term, labels)
  if equal(term.labels, labels) then return term.tensor end
  local order = {}
  for i, label in ipairs(labels) do order[i] = position(term.labels, label) end
  return ops.permute(term.tensor, order)
end

-- ---- one term ----------------------------------------------------------------------------------
-- A label that occurs twice is a diagonal, whose axis goes to the end.
local function diagonal(term)
  for j, label in ipairs(term.labels) do
    local i = position(term.labels, label)
    if i < j then
      local rest = {}
      for k, other in ipairs(term.labels) do
        if k ~= i and k ~= j then rest[#rest + 1] = other end
      end
      rest[#rest + 1] = label
      return diagonal { tensor = ops.diagonal(term.tensor, 0, i, j), labels = rest }
    end
  end
  return term
end

-- Axes of size 1 whose label is larger elsewhere are left out: they stretch.
local function without_stretched(term, sizes)
  local labels, shape, size = {}, {}, term.tensor:size()
  for i, label in ipairs(term.labels) do
    if size[i] == sizes[label] then labels[#labels + 1], shape[#shape + 1] = label, size[i] end
  end
  if #labels == #term.labels then return term end
  return { tensor = ops.reshape(term.tensor, shape), labels = labels }
end

-- Sums over all axes whose label is not kept.
local function summed(term, keep, sizes)
  local kept, gone = {}, {}
  for _, label in ipairs(term.labels) do
    local list = keep[label] and kept or gone
    list[#list + 1] = label
  end
  if #gone == 0 then return term end
  local x = ordered(term, joined(kept, gone))
  x = ops.reshape(x, { volume(kept, sizes), volume(gone, sizes) })
  return { tensor = ops.reshape(ops.sum(x, 2), sizes_of(kept, sizes)), labels = kept }
end

-- ---- two terms --------------------------------------------------------------------------------
-- Labels of both by what becomes of them. Their order is a's, or b's for those that a lacks.
local function sorted(a, b, keep)
  local g = { batch = {}, sum = {}, left = {}, right = {} }
  local in_a, in_b = as_set(a.labels), as_set(b.labels)
  for _, label in ipairs(a.labels) do
    local list = not in_b[label] and g.left or keep[label] and g.batch or g.sum
    list[#list + 1] = label
  end
  for _, label in ipairs(b.labels) do
    if not in_a[label] then g.right[#g.right + 1] = label end
  end
  return g
end

-- a b, number by number along the batch: where nothing is summed.
local function outer(a, b, g, sizes)
  local x, y = ordered(a, joined(g.batch, g.left)), ordered(b, joined(g.batch, g.right))
  local batch, m, n = volume(g.batch, sizes), volume(g.left, sizes), volume(g.right, sizes)
  return ops.mul(ops.reshape(x, { batch, m, 1 }), ops.reshape(y, { batch, 1, n }))
end

-- The matrices of a term: (batch, rows, columns), or transposed where it is stored so.
local function matrices(term, batch, rows, columns, sizes)
  local turned = equal(term.labels, joined(batch, columns, rows)) and #rows > 0 and #columns > 0
  local x = turned and term.tensor or ordered(term, joined(batch, rows, columns))
  local first, second = rows, columns
  if turned then first, second = columns, rows end
  return ops.reshape(x, { volume(batch, sizes), volume(first, sizes), volume(second, sizes) }),
    turned
end

-- The product of two terms, summed over labels that are not kept.
local function pair(a, b, keep, sizes)
  local wanted_a, wanted_b = as_set(b.labels, keep.list), as_set(a.labels, keep.list)
  a, b = summed(a, wanted_a, sizes), summed(b, wanted_b, sizes)
  local g = sorted(a, b, keep.set)
  local y
  if #g.sum == 0 then
    y = outer(a, b, g, sizes)
  elseif #g.left == 0 and #g.right == 0 and #g.batch > 0 then
    local order = joined(g.batch, g.sum)
    y = ops.mul(ordered(a, order), ordered(b, order))
    y = ops.sum(ops.reshape(y, { volume(g.batch, sizes), volume(g.sum, sizes) }), 2)
  else
    local x, turned_x = matrices(a, g.batch, g.left, g.sum, sizes)
    local z, turned_z = matrices(b, g.batch, g.sum, g.right, sizes)
    y = product(x, z, turned_x, turned_z)
  end
  local labels = joined(g.batch, g.left, g.right)
  return { tensor = ops.reshape(y, sizes_of(labels, sizes)), labels = labels }
end

-- ---- all terms --------------------------------------------------------------------------------
-- What must survive the product of terms i and j: labels of the result and of other terms.
local function needed(terms, i, j, out)
  local lists = { out }
  for k, term in ipairs(terms) do if k ~= i and k ~= j then lists[#lists + 1] = term.labels end end
  local list = joined(table.unpack(lists))
  return { list = list, set = as_set(list) }
end

-- How much larger than both the product of two terms is.
local function growth(a, b, keep, sizes)
  local labels, seen = {}, {}
  for _, label in ipairs(joined(a.labels, b.labels)) do
    if keep.set[label] and not seen[label] then labels[#labels + 1], seen[label] = label, true end
  end
  return volume(labels, sizes) - volume(a.labels, sizes) - volume(b.labels, sizes)
end

-- The pair whose product grows least; the first of equal ones.
local function choose(terms, out, sizes)
  if #terms == 2 then return 1, 2 end
  local best, at, with
  for i = 1, #terms do
    for j = i + 1, #terms do
      local g = growth(terms[i], terms[j], needed(terms, i, j, out), sizes)
      if not best or g < best then best, at, with = g, i, j end
    end
  end
  return at, with
end

--- The product of all terms, summed over the labels that `out` lacks, with its axes as in `out`.
-- sizes: label -> size; an axis of size 1 stretches.
function M.contract(terms, out, sizes)
  local rest = {}
  for i, term in ipairs(terms) do rest[i] = without_stretched(diagonal(term), sizes) end
  while #rest > 1 do
    local i, j = choose(rest, out, sizes)
    local y = pair(rest[i], rest[j], needed(rest, i, j, out), sizes)
    table.remove(rest, j)
    rest[i] = y
  end
  return ordered(summed(rest[1], as_set(out), sizes), out)
end

return M
