--- What the first and the last colour of a picture of numbers stand for, and which map it has.
local given = require "moonstem.figure.options"
local heat = require "moonstem.figure.heat"
local words = require "moonstem.core.words"

local M = {}

-- The map that was asked for; numbers of both signs diverge from 0.
local function map_of(asked, low, high, who)
  if asked == nil then return low < 0 and high > 0 and "diverging" or "viridis" end
  for _, name in ipairs(heat.NAMES) do
    if asked == name then return name end
  end
  error(("%s: there are no colours %s%s"):format(who, tostring(asked),
    words.hint(tostring(asked), heat.NAMES)), 0)
end

--- Raises where a name of colours is not known; returns it.
function M.check(asked, who) return asked and map_of(asked, 0, 0, who) end

--- { low =, high =, colours = } for numbers from least to most (nil where none is finite). range:
-- {low, high} as asked; asked: the map. A diverging map has 0 in its middle.
function M.ends(least, most, range, asked, who)
  local low, high = least or 0, most or 0
  local map = map_of(asked, low, high, who)
  range = given.range(range, who .. ": range")
  if range then return { low = range[1], high = range[2], colours = map } end
  if map == "diverging" then
    high = math.max(math.abs(low), math.abs(high))
    low = -high
  end
  local room = low < high and 0 or math.max(0.5, math.abs(low) / 10)
  return { low = low - room, high = high + room, colours = map }
end

return M
