--- SampleCNN (Lee et al. 2017, "Sample-level deep convolutional neural networks for music
-- auto-tagging using raw waveforms"), as Won et al. 2020 compare it: kernels of 3 samples, each
-- layer a third as long as the one before.
local checked = require "moonstem.models.parts.waves"
local front = require "moonstem.models.parts.mel_db"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local WIDTHS = { 128, 128, 128, 256, 256, 256, 256, 256, 256, 512 }

-- Convolution, batch norm, ReLU; from the second layer on a max pooling by 3.
local function block(inputs, out, is_first)
  local conv = nn.conv1d { in_channels = inputs, out_channels = out, kernel = 3, padding = 1,
    stride = is_first and 3 or 1 }
  return net.chain { name = "block", conv, front.norm(out, 0),
    not is_first and nn.max_pool { kernel = 3 } or nil }
end

local function forward(self, waves)
  local x = checked(waves):reshape { waves:size(1), waves:size(2), 1 }
  for _, part in ipairs(self.block) do x = part(x) end
  return self.head(x:amax(2))
end

--- ms.models.sample_cnn{classes = 50, samples = 59049, widths = {128, 128, 128, 256, ..., 512}}
-- m(waves): (batch, samples) at 16 kHz -> logits (batch, classes). Ten widths shorten 3^10 samples
-- to one place; of what is left of other lengths the largest counts. The last layer is 1 wide.
return net.define { name = "sample_cnn",
  options = { classes = options_of.count(50), samples = options_of.count(59049), widths = WIDTHS,
    seed = 0 },
  build = function(o)
    local blocks, inputs = {}, 1
    for k, width in ipairs(o.widths) do blocks[k], inputs = block(inputs, width, k == 1), width end
    blocks[#blocks + 1] = net.chain { name = "block",
      nn.conv1d { in_channels = inputs, out_channels = inputs, kernel = 1 }, front.norm(inputs, 0) }
    return net.module { name = "sample_cnn", order = { "block", "head" }, input = { o.samples },
      block = blocks, head = front.plain_head(inputs, o.classes), forward = forward }
  end }
