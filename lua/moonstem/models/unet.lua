--- The separation U-Net (paper, section 3.1; recipes/paper.md#the-u-net).
-- Building block: batch norm -> leaky ReLU (0.01) -> 3x3 convolution. Six encoder blocks of two,
-- each followed by 2x2 pooling; six decoder blocks: [skip] -> 2x2 transposed convolution -> two;
-- skips are the pooled maps, joined before the transposed convolution; a last block over the
-- finest map and the network's own input; a sigmoid mask.
local core = require "moonstem.core.tensor"
local nn = require "moonstem.core.nn"
local net = require "moonstem.net"
local options_of = require "moonstem.options"

local PAPER_WIDTHS = { 16, 32, 64, 128, 192, 192 }
local SLOPE = 0.01
local FLOOR = 1e-4 -- added before the logarithm

local function norm(channels)
  return nn.batch_norm { channels = channels, slope = SLOPE }
end

--- Two building blocks; `up`, if any, comes first.
local function block(name, inp, out, up)
  return net.module {
    name = name,
    order = up and { "up", "norm", "conv" } or { "norm", "conv" },
    up = up,
    norm = { norm(up and out or inp), norm(out) },
    conv = { nn.conv2d { inp = up and out or inp, out = out }, nn.conv2d { inp = out, out = out } },
    forward = function(self, x)
      local inside = up and self.up(x) or x
      local y = self.conv[1]:after(self.norm[1], inside)
      if up then inside:close() end
      return net.last(y, self.conv[2]:after(self.norm[2], y))
    end,
  }
end

local function final_block(inp, out, sources)
  return net.module {
    name = "final",
    order = { "norm", "conv", "mask" },
    norm = { norm(inp), norm(out) },
    conv = { nn.conv2d { inp = inp, out = out }, nn.conv2d { inp = out, out = out } },
    mask = nn.conv2d { inp = out, out = sources },
    forward = function(self, x)
      local y = self.conv[1]:after(self.norm[1], x)
      y = net.last(y, self.conv[2]:after(self.norm[2], y))
      y = net.last(y, self.mask(y))
      return y:sigmoid()
    end,
  }
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
  return size
end

--- Channels of each level: given, or the paper's scaled to a first level of `width`.
local function widths_of(o)
  if o.widths and (o.levels or o.width) then error("unet: give widths, or levels and width, not both", 4) end
  if o.widths then return net.expect_widths(o.widths, "unet") end
  local levels, width = o.levels or #PAPER_WIDTHS, o.width or 16
  if levels > 16 then error("unet: levels must be 1..16, got " .. levels, 4) end
  local list = {}
  for k = 1, levels do
    list[k] = math.max(1, (PAPER_WIDTHS[k] or PAPER_WIDTHS[#PAPER_WIDTHS]) * width // 16)
  end
  return list
end

local function encoder(widths)
  local blocks, inp = {}, 1
  for k, out in ipairs(widths) do
    blocks[k], inp = block("encoder", inp, out), out
  end
  return blocks
end

--- Decoder block 1 is the coarsest; from block 2 on a skip of the same width joins.
local function decoder(widths)
  local blocks, inp = {}, widths[#widths]
  for k = 1, #widths do
    local out = widths[#widths + 1 - k]
    if k > 1 then inp = inp + out end
    blocks[k] = block("decoder", inp, out, nn.up_conv2d { inp = inp, out = out })
    inp = out
  end
  return blocks
end

--- ms.models.unet{sources = 1, widths = {16, 32, 64, 128, 192, 192}, pool = "max", seed = 0}
-- u(magnitude): (batch, time, 256) -> mask (batch, time, 256, sources) in 0..1 and the list of the
-- decoder's raw maps, coarse to fine. Time and frequency must be multiples of 2^levels.
-- Instead of widths: `levels` and `width` (channels of the first level; 16 is the paper's).
-- pool = "avg" is the authors' multi-source separator (recipes/paper.md#the-u-net); their joint models still pool by
-- maxima.
return net.define { name = "unet", options = { sources = options_of.count(1), widths = options_of.table,
  levels = options_of.count, width = options_of.count, pool = "max", seed = 0 }, build = function(o)
  local widths, sources = widths_of(o), o.sources
  local pool = ({ max = core.ops.max_pool2d, avg = core.ops.avg_pool2d })[o.pool]
  if not pool then error(('unet: pool must be "max" or "avg", got %s'):format(o.pool), 3) end
  o.widths, o.levels, o.width = widths, nil, nil
  return net.module {
    name = "unet",
    order = { "encoder", "decoder", "final" },
    input = { 384, 256 },
    encoder = encoder(widths),
    decoder = decoder(widths),
    final = final_block(widths[1] + 1, 2 * widths[1], sources),
    forward = function(self, magnitude)
      local size = check(magnitude, 2 ^ #widths)
      local image = magnitude:log10(FLOOR):reshape { size[1], size[2], size[3], 1 }
      local x, skips, maps = image, {}, {}
      for k, down in ipairs(self.encoder) do
        local fine = down(x)
        x = net.last(fine, pool(fine, 2))
        skips[k] = x
      end
      for k, up in ipairs(self.decoder) do
        local joined = k > 1 and core.ops.cat { x, skips[#skips + 1 - k] } or x
        x = up(joined)
        if k > 1 then joined:close() end
        maps[k] = x
      end
      local joined = core.ops.cat { x, image }
      return net.last(joined, self.final(joined)), maps
    end,
  }:init(o.seed)
end }
