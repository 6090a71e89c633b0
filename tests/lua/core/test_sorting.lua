--- Lists of all lengths in order: beside Lua's own order, with equal numbers, NaN and -0 among
-- them; and what is looked up in them.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

local LENGTHS = { 2, 47, 48, 49, 50, 63, 64, 65, 255, 256, 257, 1000, 2047, 2048, 2049, 70000 }

-- Numbers with many equal ones, both zeros and two NaNs.
local function mixed(n)
  local list = ms.randint(-40, 40, { n }):totable()
  for i = 1, n do list[i] = i % 5 == 0 and list[i] * 0.125 or list[i] end
  if n > 60 then list[7], list[60], list[n - 3] = 0 / 0, 0 / 0, -0.0 end
  return list
end

-- Positions in rising order; equal ones keep theirs, and NaN comes last.
local function order_of(list)
  local at = {}
  for i = 1, #list do at[i] = i end
  table.sort(at, function(a, b)
    local x, y = list[a], list[b]
    if x ~= x or y ~= y then return (x == x and y ~= y) or ((x == x) == (y == y) and a < b) end
    if x == y then return a < b end
    return x < y
  end)
  return at
end

function M.test_order_of_lists_of_all_lengths()
  ms.seed(3)
  for _, n in ipairs(LENGTHS) do
    local list = mixed(n)
    lu.assertTrue(ms.tensor(list):argsort():eq(ms.tensor(order_of(list))):all(), n)
  end
end

function M.test_different_numbers()
  ms.seed(4)
  for _, n in ipairs { 1, 50, 1000, 3000 } do
    local x = ms.randint(1, n, { n })
    local list, place, counts = x:unique()
    lu.assertTrue(list[place]:eq(x):all(), n)
    lu.assertEquals(counts:sum():item(), n)
    lu.assertTrue(list:count() == 1 or list[{ { 2, -1 } }]:gt(list[{ { 1, -2 } }]):all(), n)
  end
end

-- How many numbers stand before each value, by counting.
local function counted(list, values, is_before)
  local places = {}
  for i, v in ipairs(values) do
    places[i] = 1
    for _, x in ipairs(list) do places[i] = places[i] + (is_before(x, v) and 1 or 0) end
  end
  return places
end

function M.test_places_in_lists_of_all_lengths()
  ms.seed(5)
  for _, n in ipairs { 1, 2, 3, 8, 9, 31, 100, 257 } do
    local list = ms.randint(-50, 50, { n }):sort():totable()
    for _, m in ipairs { 1, 7, 16, 33, 100 } do
      local values = ms.randint(-60, 60, { m }):totable()
      lu.assertEquals(ms.tensor(list):searchsorted(ms.tensor(values)):totable(),
        counted(list, values, function(x, v) return x < v end))
      lu.assertEquals(ms.tensor(list):searchsorted(ms.tensor(values), { right = true }):totable(),
        counted(list, values, function(x, v) return x <= v end))
    end
  end
end

return M
