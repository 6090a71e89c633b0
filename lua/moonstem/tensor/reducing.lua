--- Reductions of tensors that find positions: max, min, argmax, argmin.
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

return M
