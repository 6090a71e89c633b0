--- Short-chunk CNN and its residual variant (Won et al. 2020, "Evaluation of CNN-based automatic
-- music tagging models"): seven blocks over 3.7 seconds, the largest over time, two linear layers.
local front = require "moonstem.models.parts.mel_db"
local net = require "moonstem.net"
local options_of = require "moonstem.options"

local BANDS = 128
local WIDTHS = { 128, 128, 256, 256, 256, 256, 512 }

local function forward(self, waves)
  local x = self.norm(front.image(waves, BANDS))
  for _, block in ipairs(self.block) do x = block(x) end
  return self.head(front.largest(x))
end

--- ms.models.short_chunk_cnn{classes = 50, samples = 59049, widths = {128, 128, 256, 256, 256, 256,
-- 512}, residual = false}
-- m(waves): (batch, samples) at 16 kHz -> logits (batch, classes). residual: blocks of two
-- convolutions of stride 2 and a sum, in place of a convolution and a pooling.
return net.define { name = "short_chunk_cnn",
  options = { classes = options_of.count(50), samples = options_of.count(59049), widths = WIDTHS,
    residual = false, seed = 0 },
  build = function(o)
    local blocks, inputs = {}, 1
    for k, width in ipairs(o.widths) do
      blocks[k] = o.residual and front.residual_block(inputs, width, 2)
        or front.block(inputs, width, { 2, 2 })
      inputs = width
    end
    return net.module { name = "short_chunk_cnn", order = { "norm", "block", "head" },
      input = { o.samples }, norm = front.norm(1), block = blocks,
      head = front.head(inputs, inputs, o.classes), forward = forward }
  end }
