--- Tensors in order: sort, topk, unique.
local core = require "moonstem.core.tensor"
local internal, ops, as_tensor = core.internal, core.ops, core.as_tensor

local M = {}

--- x:sort([axis = -1], {descending = false}) -> the numbers of x in rising order along one
-- dimension, with gradient, and the positions they had, from 1; equal numbers keep their order. As
-- in PyTorch NaN counts as larger than all: the last, or the first where descending
function M.sort(x, axis, options)
  x = as_tensor(x)
  local at = internal.sort(x, axis, options)
  return ops.gather(x, axis or -1, at), at
end

--- x:topk(k, [axis = -1], {largest = true}) -> the k largest numbers along one dimension, the
-- largest first, with gradient, and their positions, from 1; the k smallest, the smallest first,
-- where largest = false. The first of equal ones comes first; NaN counts as larger than all
function M.topk(x, k, axis, options)
  x = as_tensor(x)
  local at = internal.topk(x, k, axis, options)
  return ops.gather(x, axis or -1, at), at
end

--- x:unique() -> the different numbers of x in rising order, a list; for each number of x, in its
-- shape, its position in that list, from 1; and how often each is there. NaNs are all different,
-- and last. Without gradient
function M.unique(x) return internal.different(as_tensor(x)) end

return M
