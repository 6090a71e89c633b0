--- Reductions of tensors that find positions: max, min, argmax, argmin, cummax, cummin; diff.
local core = require "moonstem.core.tensor"
local internal, ops, as_tensor = core.internal, core.ops, core.as_tensor

local M = {}

-- Values at positions, one for each line along the axis; with keep they have its dimension, too.
local function with_values(x, axis, at, options)
  local keep = options and options.keep
  return (keep and ops.gather or internal.pick)(x, axis, at), at
end

local function of_all(find, x, name, options)
  if options ~= nil then error(name .. ": keep belongs to an axis", 0) end
  if x:count() == 0 then error(name .. ": the tensor is empty", 0) end
  return find(x)
end

--- x:max([axis], {keep = false}) -> without an axis the largest number of all, as a Lua number,
-- and its place in row-major order, from 1; along an axis the largest numbers, with gradient, and
-- their positions: the axis disappears, or stays as 1 with keep. The first of equal ones, or the
-- first NaN. x:amax() gives a tensor, x:maximum(y) the larger of two
function M.max(x, axis, options)
  x = as_tensor(x)
  if axis == nil then return of_all(internal.largest, x, "max", options) end
  return with_values(x, axis, internal.max(x, axis, options), options)
end

--- x:min([axis], {keep = false}) -> without an axis the smallest number of all, as a Lua number,
-- and its place in row-major order, from 1; along an axis the smallest numbers, with gradient, and
-- their positions: the axis disappears, or stays as 1 with keep. The first of equal ones, or the
-- first NaN. x:amin() gives a tensor, x:minimum(y) the smaller of two
function M.min(x, axis, options)
  x = as_tensor(x)
  if axis == nil then return of_all(internal.smallest, x, "min", options) end
  return with_values(x, axis, internal.min(x, axis, options), options)
end

--- x:argmax([axis], {keep = false}) -> without an axis the place of the largest number in
-- row-major order, from 1, as an integer; along an axis a tensor of positions. The first of equal
-- ones, or the first NaN
function M.argmax(x, axis, options)
  x = as_tensor(x)
  if axis ~= nil then return internal.argmax(x, axis, options) end
  local _, at = of_all(internal.largest, x, "argmax", options)
  return at
end

--- x:argmin([axis], {keep = false}) -> without an axis the place of the smallest number in
-- row-major order, from 1, as an integer; along an axis a tensor of positions. The first of equal
-- ones, or the first NaN
function M.argmin(x, axis, options)
  x = as_tensor(x)
  if axis ~= nil then return internal.argmin(x, axis, options) end
  local _, at = of_all(internal.smallest, x, "argmin", options)
  return at
end

-- Of all numbers true or false, which `if` understands; along axes a mask.
local function some_or_all(reduce, x, axes, options)
  x = as_tensor(x)
  if axes == nil and options == nil then return reduce(x):item() == 1 end
  return reduce(x, axes, options)
end

--- x:any([axes], {keep = false}) -> whether at least one number is not 0 (NaN is not): true or
-- false; along one dimension or a list of them a mask of 1 and 0, whose dimensions disappear, or
-- stay as 1 with keep. Without gradient
function M.any(x, axes, options) return some_or_all(internal.any, x, axes, options) end

--- x:all([axes], {keep = false}) -> whether no number is 0: true or false; along one dimension or a
-- list of them a mask of 1 and 0, as x:any
function M.all(x, axes, options) return some_or_all(internal.all, x, axes, options) end

--- x:cummax(axis) -> the largest number up to each place along the axis, with gradient, and the
-- position of its last occurrence, from 1; from the first NaN on NaN
function M.cummax(x, axis)
  x = as_tensor(x)
  local at = internal.cummax(x, axis)
  return ops.gather(x, axis, at), at
end

--- x:cummin(axis) -> the smallest number up to each place along the axis, with gradient, and the
-- position of its last occurrence, from 1; from the first NaN on NaN
function M.cummin(x, axis)
  x = as_tensor(x)
  local at = internal.cummin(x, axis)
  return ops.gather(x, axis, at), at
end

--- x:diff([n = 1], [axis = -1]) -> each number but the first minus the one before it along a
-- dimension, n times over: n fewer
function M.diff(x, n, axis)
  x, n, axis = as_tensor(x), n == nil and 1 or n, axis or -1
  if math.type(n) ~= "integer" or n < 0 then
    error("diff: n must be a whole number, 0 or more, got "
      .. (type(n) == "number" and n or type(n)), 0)
  end
  if #x:size() == 0 then error("diff: x must have a dimension, got a number", 0) end
  local size = x:size(axis)
  if n >= size then return ops.index_select(x, axis, core.zeros { 0 }) end
  if x:count() == 0 then return ops.slice(x, axis, 1, size - n) end
  for _ = 1, n do x = internal.diff(x, axis) end
  return x
end

return M
