--- The bar beside a picture that says what its colours stand for.
local Paper = require "moonstem.figure.paper"
local frame = require "moonstem.figure.frame"
local heat = require "moonstem.figure.heat"
local scales = require "moonstem.figure.scale"

local STEPS = 64

--- Draws it at x, from `top` over `height` pixels. o: { low =, high =, zero = (the number that its
-- ticks count from, nil for 0), z_label =, colours = }
return function(paper, x, top, height, o)
  local shift = o.zero or 0
  local bar = scales.new(o.low - shift, o.high - shift, top + height, top,
    { exact = true, count = 5 })
  for i = 0, STEPS - 1 do
    paper:rect(x, top + height * (1 - (i + 1) / STEPS), 14, height / STEPS + 0.5,
      { fill = heat.hex((i + 0.5) / STEPS, o.colours) })
  end
  for _, tick in ipairs(bar.ticks) do
    paper:text(x + 20, bar.at(tick.value) + 4, tick.text, { size = 11, fill = Paper.FAINT })
  end
  if o.z_label then
    paper:text(x + 32 + frame.widest(bar), top + height / 2, o.z_label,
      { size = 11, fill = Paper.FAINT, anchor = "middle", turn = -90 })
  end
end
