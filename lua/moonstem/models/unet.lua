--- The separation U-Net (paper, section 3.1; recipes/paper.md#the-u-net).
-- Building block: batch norm -> leaky ReLU (0.01) -> 3x3 convolution. Six encoder blocks of two,
-- each followed by 2x2 pooling; six decoder blocks: [skip] -> 2x2 transposed convolution -> two;
-- skips are the pooled maps, joined before the transposed convolution; a last block over the finest
-- map and the network's own input; a sigmoid mask.
local core = require "moonstem.core.tensor"
local nn = require "moonstem.nn"
local net = require "moonstem.net"
local options_of = require "moonstem.options"
local widths_of = require "moonstem.models.parts.unet_widths"

local FLOOR = 1e-4 -- added before the logarithm

local function norm(channels) return nn.batch_norm { channels = channels, slope = 0.01 } end
local function conv(inputs, out) return nn.conv2d { in_channels = inputs, out_channels = out } end

-- The channels of a finer map, if there is one, behind those of the coarser.
local join = net.op(function(x, skip) return skip and core.ops.cat { x, skip } or x end)

local function encoder_block(inputs, out, pool)
  return net.chain { name = "encoder", norm(inputs), conv(inputs, out), norm(out),
    conv(out, out), pool }
end

local function decoder_block(inputs, skip, out)
  local up = nn.conv_transpose2d { in_channels = inputs + skip, out_channels = out }
  return net.chain { name = "decoder", join, up, norm(out), conv(out, out), norm(out),
    conv(out, out) }
end

local function final_block(inputs, out, sources)
  return net.chain { name = "final", join, norm(inputs), conv(inputs, out), norm(out),
    conv(out, out), { mask = nn.conv2d { in_channels = out, out_channels = sources } },
      net.op "sigmoid" }
end

--- The sizes of a magnitude that pooling divides `by`.
local function check(magnitude, by)
  local size = core.check_tensor(magnitude, "the magnitude"):size()
  if #size ~= 3 then
    error("the magnitude must be batch x time x frequency, got " .. magnitude:shape(), 0)
  end
  if size[2] % by ~= 0 or size[3] % by ~= 0 then
    error(("time and frequency must be multiples of %d, got %s"):format(by, magnitude:shape()), 0)
  end
  local least = magnitude:count() > 0 and magnitude:min() or 0
  if least <= -FLOOR then
    error(("magnitudes are 0 or more, got %g; ms.audio.magnitude gives those of waves")
      :format(least), 0)
  end
  return size
end

--- Blocks of the way down, and of the way up: decoder block 1 is the coarsest; from block 2 on a
-- skip joins.
local function blocks(widths, pool)
  local down, up, depth = {}, {}, #widths
  for k, out in ipairs(widths) do down[k] = encoder_block(widths[k - 1] or 1, out, pool) end
  for k = 1, depth do
    local out = widths[depth + 1 - k]
    up[k] = decoder_block(widths[depth + 2 - k] or out, k > 1 and out or 0, out)
  end
  return down, up
end

--- ms.models.unet{sources = 1, widths = {16, 32, 64, 128, 192, 192}, pool = "max", seed = 0}
-- u(magnitude): (batch, time, 256) -> mask (batch, time, 256, sources) in 0..1 and the list of the
-- decoder's raw maps, coarse to fine. Time and frequency must be multiples of 2^levels.
-- Instead of widths: `levels` and `width` (channels of the first level; 16 is the paper's).
-- pool = "avg" is the authors' multi-source separator (recipes/paper.md#the-u-net); their joint
-- models still pool by maxima.
return net.define { name = "unet", options = { sources = options_of.count(1),
  widths = options_of.table, levels = options_of.count, width = options_of.count,
  pool = options_of.choice("max", "avg") "max", seed = 0 }, build = function(o)
  local widths = widths_of(o)
  o.widths, o.levels, o.width = widths, nil, nil
  local encoder, decoder = blocks(widths, net.op(o.pool .. "_pool2d", 2))
  return net.module {
    name = "unet", order = { "encoder", "decoder", "final" }, input = { 384, 256 },
    encoder = encoder, decoder = decoder,
    final = final_block(widths[1] + 1, 2 * widths[1], o.sources),
    forward = function(self, magnitude)
      local size = check(magnitude, 2 ^ #widths)
      local image = magnitude:log10(FLOOR):reshape { size[1], size[2], size[3], 1 }
      local x, skips, maps = image, {}, {}
      for k, block in ipairs(self.encoder) do
        x = block(x)
        skips[#self.encoder - k + 1] = x
      end
      for k, block in ipairs(self.decoder) do
        x = block(x, k > 1 and skips[k] or nil)
        maps[k] = x
      end
      return self.final(x, image), maps
    end,
  }:init(o.seed)
end }
