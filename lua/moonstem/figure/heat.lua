--- Colours for quantities: dark blue over green to yellow, evenly brighter (in the manner of
-- viridis).
local M = {}

-- Every 32nd colour; between them, straight lines.
local TABLE = { { 68, 1, 84 }, { 71, 44, 122 }, { 59, 81, 139 }, { 44, 113, 142 }, { 33, 144, 141 },
  { 39, 173, 129 }, { 92, 200, 99 }, { 170, 220, 50 }, { 253, 231, 37 } }

--- The colour at `place` (0 to 1) as three numbers 0..255.
function M.colour(place)
  local at = math.max(0, math.min(1, place)) * (#TABLE - 1)
  local i = math.min(math.floor(at), #TABLE - 2)
  local rgb = {}
  for c = 1, 3 do
    local a, b = TABLE[i + 1][c], TABLE[i + 2][c]
    rgb[c] = math.floor(a + (b - a) * (at - i) + 0.5)
  end
  return rgb[1], rgb[2], rgb[3]
end

local palette

--- The 255 colours that ms.io.heat_png wants, as a string.
function M.palette()
  if not palette then
    local list = {}
    for i = 0, 254 do list[#list + 1] = string.char(M.colour(i / 254)) end
    palette = table.concat(list)
  end
  return palette
end

return M
