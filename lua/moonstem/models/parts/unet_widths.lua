--- Channels of the U-Net's levels.
local net = require "moonstem.net"

local PAPER = { 16, 32, 64, 128, 192, 192 }
local MOST = 16 -- levels

--- The channels of each level, the finest first: o.widths, or the paper's for `o.levels` levels,
-- the last of them repeated, scaled to a first level of `o.width`.
return function(o)
  if o.widths and (o.levels or o.width) then
    error("unet: give widths, or levels and width, not both", 4)
  end
  if o.widths then return net.expect_widths(o.widths, "unet") end
  local levels, width, list = o.levels or #PAPER, o.width or PAPER[1], {}
  if levels > MOST then error(("unet: levels must be 1..%d, got %d"):format(MOST, levels), 4) end
  for k = 1, levels do
    list[k] = math.max(1, (PAPER[k] or PAPER[#PAPER]) * width // PAPER[1])
  end
  return list
end
