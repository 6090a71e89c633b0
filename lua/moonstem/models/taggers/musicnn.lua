--- MusiCNN (Pons and Serra 2019, "musicnn: pre-trained convolutional neural networks for music
-- audio tagging"): kernels as high as timbres and as long as rhythms, dense layers over time,
-- pooling over the whole. The weights that the package musicnn 0.1.0 carries load into it
-- (ms.lab.load on the package's folder MTT_musicnn or MSD_musicnn).
local core = require "moonstem.tensor"
local front = require "moonstem.models.parts.log_mel96"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local TIMBRAL, TEMPORAL, BANDS = 204, 51, front.BANDS -- 1.6 x 128 and 1.6 x 32 filters

local function norm(channels) return nn.batch_norm { channels = channels } end

-- A convolution over bands and time, ReLU, batch norm, and the largest of all bands:
-- (batch, frames, 96, 1) -> (batch, frames, filters).
local function front_block(kernel, padding, filters)
  return net.chain { name = "front",
    nn.conv2d { in_channels = 1, out_channels = filters, kernel = kernel, padding = padding },
    net.op "relu", norm(filters), net.op("amax", 3) }
end

-- A convolution over 7 frames and all channels, ReLU, batch norm.
local function middle_block(inputs, filters)
  return net.chain { name = "middle",
    nn.conv1d { in_channels = inputs, out_channels = filters, kernel = 7, padding = 3 },
    net.op "relu", norm(filters) }
end

local function head(inputs, o)
  return net.chain { name = "head", norm(inputs), nn.dropout { p = 0.5 },
    nn.linear { in_features = inputs, out_features = o.hidden }, net.op "relu", norm(o.hidden),
    nn.dropout { p = 0.5 }, nn.linear { in_features = o.hidden, out_features = o.classes } }
end

-- The largest and the mean number over time, channel by channel side by side.
local function pooled(x)
  local size = { x:size(1), x:size(3), 1 }
  return core.ops.cat({ x:amax(2):reshape(size), x:mean(2):reshape(size) }, 3):reshape { size[1],
    -1 }
end

local function forward(self, waves)
  local x = front.of(waves, self.options.half_precision)
  x = self.norm(x:reshape { x:size(1), x:size(2), BANDS, 1 })
  local maps = {}
  for k, block in ipairs(self.front) do maps[k] = block(x) end
  local all = { core.ops.cat(maps, 3) }
  for k, block in ipairs(self.middle) do
    local y = block(all[k])
    all[k + 1] = k > 1 and y + all[k] or y
  end
  return self.head(pooled(core.ops.cat(all, 3)))
end

--- ms.models.musicnn{classes = 50, filters = 64, hidden = 200, timbral = 204, temporal = 51,
-- frames = 187, half_precision = false}
-- m(waves): (batch, samples) at 16 kHz, 48 128 samples as published -> logits (batch, classes).
-- filters: of the middle; hidden: of the dense layer before the last; timbral, temporal: filters of
-- each of the two high kernels and of each of the three long ones in front. half_precision: the
-- front end is rounded as the package musicnn does it (loud frames become infinite there).
return net.define { name = "musicnn",
  options = { classes = options_of.count(50), filters = options_of.count(64),
    hidden = options_of.count(200), timbral = options_of.count(TIMBRAL),
    temporal = options_of.count(TEMPORAL), frames = options_of.count(187), half_precision = false,
    seed = 0 },
  build = function(o)
    local f, high, long = o.filters, o.timbral, o.temporal
    local inputs = 2 * high + 3 * long
    return net.module { name = "musicnn", order = { "norm", "front", "middle", "head" },
      input = { front.samples(o.frames), hop = o.frames * front.HOP, lead = front.HOP },
      norm = norm(1),
      front = { front_block({ 7, 38 }, { 3, 0 }, high), front_block({ 7, 67 }, { 3, 0 }, high),
        front_block({ 128, 1 }, "same", long), front_block({ 64, 1 }, "same", long),
        front_block({ 32, 1 }, "same", long) },
      middle = { middle_block(inputs, f), middle_block(f, f), middle_block(f, f) },
      head = head(2 * (inputs + 3 * f), o), forward = forward }
  end }
