--- Nested tables for rows of cases: numbers of a formula, and a list as a table of some sizes.
local M = {}

-- at(place) -> the number, counted from 1 in the order of memory.
local function nested(sizes, at)
  local place = 0
  local function level(d)
    if d > #sizes then
      place = place + 1
      return at(place)
    end
    local list = {}
    for i = 1, sizes[d] do list[i] = level(d + 1) end
    return list
  end
  return level(1)
end

--- filled.waves(seed, {2, 3}): sin(seed + 0.7 place), place = 1, 2, ... in the order of memory.
function M.waves(seed, sizes)
  return nested(sizes, function(place) return math.sin(seed + 0.7 * place) end)
end

--- filled.shaped({2, 3}, {1, 2, 3, 4, 5, 6}): the list as a nested table.
function M.shaped(sizes, list)
  return nested(sizes, function(place) return list[place] end)
end

--- filled.ones{2, 3}: ones.
function M.ones(sizes)
  return nested(sizes, function() return 1 end)
end

return M
