--- CRNN (Choi et al. 2017, "Convolutional recurrent neural networks for music classification"), as
-- Won et al. 2020 compare it: four convolutions, then two GRUs over what is left of time.
local front = require "moonstem.models.parts.mel_db"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local BANDS = 96
local WIDTHS, POOLS = { 64, 128, 128, 128 }, { 2, 3, 4, 4 } -- of time and bands alike: 96 in all

local FRAMES = 96 -- that become one step

local function forward(self, waves)
  front.expect_frames("crnn", waves, FRAMES)
  local x = self.norm(front.image(waves, BANDS))
  for _, block in ipairs(self.block) do x = block(x) end
  local steps = self.gru(x:reshape { x:size(1), x:size(2), -1 })
  return self.head(steps:slice(2, -1, -1):reshape { x:size(1), -1 })
end

--- ms.models.crnn{classes = 50, samples = 464000, hidden = 32}
-- m(waves): (batch, samples) at 16 kHz -> logits (batch, classes), from the last step of the GRUs.
return net.define { name = "crnn",
  options = { classes = options_of.count(50), samples = options_of.count(464000),
    hidden = options_of.count(32), seed = 0 },
  build = function(o)
    local blocks, inputs = {}, 1
    for k, width in ipairs(WIDTHS) do
      blocks[k], inputs = front.block(inputs, width, { POOLS[k], POOLS[k] }), width
    end
    return net.module { name = "crnn", order = { "norm", "block", "gru", "head" },
      input = { o.samples }, norm = front.norm(1), block = blocks,
      gru = nn.gru { in_features = inputs, hidden = o.hidden, layers = 2 },
      head = front.plain_head(o.hidden, o.classes), forward = forward }
  end }
