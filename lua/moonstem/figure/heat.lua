--- Colours for quantities. All are told apart by readers with colour blindness and in grey print:
-- "viridis" and "grey" grow evenly brighter, "diverging" (purple over white to orange) grows evenly
-- darker on both sides of its middle.
local M = {}

-- Colours at even distances; between them, straight lines.
local MAPS = {
  viridis = { { 68, 1, 84 }, { 71, 44, 122 }, { 59, 81, 139 }, { 44, 113, 142 }, { 33, 144, 141 },
    { 39, 173, 129 }, { 92, 200, 99 }, { 170, 220, 50 }, { 253, 231, 37 } },
  diverging = { { 45, 0, 75 }, { 84, 39, 136 }, { 128, 115, 172 }, { 178, 171, 210 },
    { 216, 218, 235 }, { 247, 247, 247 }, { 254, 224, 182 }, { 253, 184, 99 }, { 224, 130, 20 },
    { 179, 88, 6 }, { 127, 59, 8 } },
  grey = { { 0, 0, 0 }, { 255, 255, 255 } },
}

--- The names of the maps, for options.
M.NAMES = { "viridis", "diverging", "grey" }

--- The colour at `place` (0 to 1) of a map (viridis) as three numbers 0..255.
function M.colour(place, map)
  local list = MAPS[map or "viridis"]
  local at = math.max(0, math.min(1, place)) * (#list - 1)
  local i = math.min(math.floor(at), #list - 2)
  local rgb = {}
  for c = 1, 3 do
    local a, b = list[i + 1][c], list[i + 2][c]
    rgb[c] = math.floor(a + (b - a) * (at - i) + 0.5)
  end
  return rgb[1], rgb[2], rgb[3]
end

--- The same as SVG writes it.
function M.hex(place, map) return ("#%02x%02x%02x"):format(M.colour(place, map)) end

local palettes = {}

--- The 255 colours that ms.io.heat_png wants, as a string.
function M.palette(map)
  map = map or "viridis"
  if not palettes[map] then
    local list = {}
    for i = 0, 254 do list[#list + 1] = string.char(M.colour(i / 254, map)) end
    palettes[map] = table.concat(list)
  end
  return palettes[map]
end

return M
