--- Results of operators that come one after the other in one row.
local core = require "moonstem.core.tensor"
local ops = core.ops

local M = {}

--- pieces.cut(row, shapes) -> a tensor of each shape, in the order in which they lie in the row.
function M.cut(row, shapes)
  local parts, at = {}, 0
  row = ops.reshape(row, { -1 })
  for i, shape in ipairs(shapes) do
    local n = 1
    for _, size in ipairs(shape) do n = n * size end
    local part = n > 0 and ops.slice(row, 1, at + 1, at + n) or core.zeros { 0 }
    parts[i], at = ops.reshape(part, shape), at + n
  end
  return table.unpack(parts)
end

return M
