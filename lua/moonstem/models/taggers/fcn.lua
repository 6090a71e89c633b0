--- FCN (Choi, Fazekas and Sandler 2016, "Automatic tagging using deep convolutional neural
-- networks"), as Won et al. 2020 compare it: five convolutions over 29 seconds at once.
local front = require "moonstem.models.parts.mel_db"
local net = require "moonstem.net"
local options_of = require "moonstem.options"

local BANDS = 96
local WIDTHS = { 64, 128, 128, 128, 64 }
local POOLS = { { 4, 2 }, { 4, 2 }, { 4, 2 }, { 5, 3 }, { 4, 4 } } -- {time, bands}

-- Frames that become one place.
local function frames_of(pools)
  local frames = 1
  for _, pool in ipairs(pools) do frames = frames * pool[1] end
  return frames
end

local function forward(self, waves)
  front.expect_frames("fcn", waves, frames_of(self.options.pools))
  local x = self.norm(front.image(waves, BANDS))
  for _, block in ipairs(self.block) do x = block(x) end
  return self.head(front.largest(x))
end

--- ms.models.fcn{classes = 50, samples = 464000, widths = {64, 128, 128, 128, 64}, pools = {{4, 2},
-- {4, 2}, {4, 2}, {5, 3}, {4, 4}}}
-- m(waves): (batch, samples) at 16 kHz -> logits (batch, classes). pools: windows {time, bands} of
-- the max poolings; published ones leave one place of 29 s. Of what is left the largest counts.
return net.define { name = "fcn",
  options = { classes = options_of.count(50), samples = options_of.count(464000), widths = WIDTHS,
    pools = POOLS, seed = 0 },
  build = function(o)
    local blocks, inputs = {}, 1
    for k, width in ipairs(o.widths) do
      blocks[k], inputs = front.block(inputs, width, o.pools[k]), width
    end
    return net.module { name = "fcn", order = { "norm", "block", "head" }, input = { o.samples },
      norm = front.norm(1), block = blocks, head = front.plain_head(inputs, o.classes),
      forward = forward }
  end }
