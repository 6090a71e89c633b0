--- The VGG that MusiCNN was compared with (Pons and Serra 2019): five 3x3 convolutions and poolings
-- over 96 mel bands. The weights that the package musicnn 0.1.0 carries load into it (ms.lab.load
-- on the package's folder MTT_vgg or MSD_vgg).
local front = require "moonstem.models.parts.log_mel96"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local FRAMES = 187

--- Windows of the poolings {time, bands}, strides, and the share that dropout zeroes behind them.
local POOLS = { { { 4, 1 }, 2, 0.25 }, { 2, 2, 0.25 }, { 2, 2, 0.25 }, { 2, 2, 0.25 },
  { 4, 4, 0.5 } }
local PLACES = 2 -- that the last pooling leaves: 2 x 1

local function block(inputs, filters, pool)
  return net.chain { name = "block", nn.conv2d { in_channels = inputs, out_channels = filters },
    net.op "relu", nn.batch_norm { channels = filters },
    nn.max_pool { kernel = pool[1], stride = pool[2] }, nn.dropout { p = pool[3] } }
end

local function forward(self, waves)
  local x = front.of(waves, self.options.half_precision)
  x = self.norm(x:reshape { x:size(1), x:size(2), front.BANDS, 1 })
  for _, part in ipairs(self.block) do x = part(x) end
  return self.linear(x:reshape { x:size(1), -1 })
end

--- ms.models.musicnn_vgg{classes = 50, filters = 128, half_precision = false}
-- m(waves): (batch, 48 128 samples) at 16 kHz -> logits (batch, classes). half_precision: as
-- ms.models.musicnn's.
return net.define { name = "musicnn_vgg",
  options = { classes = options_of.count(50), filters = options_of.count(128),
    half_precision = false, seed = 0 },
  build = function(o)
    local blocks = {}
    for k, pool in ipairs(POOLS) do
      blocks[k] = block(k == 1 and 1 or o.filters, o.filters, pool)
    end
    return net.module { name = "musicnn_vgg", order = { "norm", "block", "linear" },
      input = { front.samples(FRAMES), hop = FRAMES * front.HOP, lead = front.HOP },
      norm = nn.batch_norm { channels = 1 }, block = blocks,
      linear = nn.linear { in_features = PLACES * o.filters, out_features = o.classes },
      forward = forward }
  end }
