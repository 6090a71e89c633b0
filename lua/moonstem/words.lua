--- Words that people mistype: the nearest known one.
local M = {}

-- Edit distance of two short words.
local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local corner = row[0]
    row[0] = i
    for j = 1, #b do
      local above = row[j]
      local change = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(above + 1, row[j - 1] + 1, corner + change)
      corner = above
    end
  end
  return row[#b]
end

--- The word of a list that is nearest to `word`, or nil for an empty list.
-- Of equally near ones the first in the alphabet.
function M.nearest(word, list)
  local best, least
  for _, known in ipairs(list) do
    local d = distance(word:sub(1, 60):lower(), known:sub(1, 60):lower())
    if not least or d < least or d == least and known < best then best, least = known, d end
  end
  return best
end

return M
