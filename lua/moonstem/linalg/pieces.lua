--- Results of operators that come one after the other in one row.
local internal = require("moonstem.core.tensor").internal

local M = {}

--- pieces.cut(row, shapes) -> a tensor of each shape, in the order in which they lie in the row.
function M.cut(row, shapes)
  local parts, at = {}, 1
  for i, shape in ipairs(shapes) do
    parts[i] = internal.piece(row, at, shape)
    at = at + parts[i]:count()
  end
  return table.unpack(parts)
end

return M
