--- Pictures of matrices as PNG whose numbers stay squares: programs that draw SVG smooth what they
-- enlarge, so that few numbers become many pixels here.
local heat = require "moonstem.figure.heat"
local io_core = require "moonstem.core.io"

local M = {}

local WIDEST = 2000 -- pixels; of wider pictures heat_png keeps the maxima
local SHARPNESS = 2 -- pixels of the PNG for one of the figure: as many as ms.figure.png draws

-- So many times n numbers fill so many pixels.
local function times(n, pixels)
  return math.max(1, math.min(math.ceil(SHARPNESS * pixels / n), WIDEST // n))
end

--- x (row, column, ...) with each number as a block that fills its part of width x height pixels.
function M.enlarged(x, width, height)
  local size = x:size()
  local down, across = times(size[1], height), times(size[2], width)
  if down == 1 and across == 1 then return x end
  local rest = { table.unpack(size, 3) }
  return x:unsqueeze(2):unsqueeze(4):expand { size[1], down, size[2], across, table.unpack(rest) }
    :reshape { size[1] * down, size[2] * across, table.unpack(rest) }
end

--- PNG bytes of x (row, column), row 1 at the top, for width x height pixels of a figure. o: { low
-- =, high =, colours = }
function M.heat(x, width, height, o)
  return io_core.heat_png(M.enlarged(x, width, height):flip(1):t(), { low = o.low, high = o.high,
    columns = WIDEST, palette = heat.palette(o.colours) })
end

return M
