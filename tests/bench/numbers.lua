--- What the tables beside PyTorch do with numbers.
local M = {}

--- To four digits; nil of nil.
function M.rounded(x) return x and tonumber(("%.4g"):format(x)) end

--- The median of a list; nil of an empty one.
function M.median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local half = #sorted // 2
  return #sorted % 2 == 1 and sorted[half + 1] or #sorted > 0
    and (sorted[half] + sorted[half + 1]) / 2 or nil
end

return M
