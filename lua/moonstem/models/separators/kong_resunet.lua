--- The residual U-Net of Kong et al. 2021 ("Decoupling magnitude and phase estimation with deep
-- ResUNet for music source separation"; bytesep/models/resunet_ismir2021.py of
-- bytedance/music_source_separation): 143 layers, masks of size and phase and what is added to the
-- masked size. Their in-place batch norms are plain ones here.
local core = require "moonstem.tensor"
local masks = require "moonstem.models.parts.phase_masks"
local net = require "moonstem.net"
local nn = require "moonstem.nn"

local KINDS, PER_BLOCK, MIDDLE = 4, 4, 4

local function convolutions(inputs, out)
  return { masks.norm(inputs), masks.conv(inputs, out), masks.norm(out), masks.conv(out, out) }
end

-- x + two convolutions of x; other channels of x pass through a convolution 1x1.
local function residual(inputs, out)
  local body = convolutions(inputs, out)
  if inputs == out then return net.residual(body) end
  return net.module { name = "residual", order = { "body", "side" }, body = net.chain(body),
    side = nn.conv2d { in_channels = inputs, out_channels = out, kernel = 1 },
    forward = function(self, x) return self.body(x) + self.side(x) end }
end

local function block(inputs, out)
  local list = { name = "block" }
  for k = 1, PER_BLOCK do list[k] = residual(k == 1 and inputs or out, out) end
  return net.chain(list)
end

local function up(inputs, out, stride)
  return net.chain { name = "up", masks.norm(inputs, 0),
    nn.conv_transpose2d { in_channels = inputs, out_channels = out, kernel = stride,
      stride = stride, bias = false } }
end

local function maps(self, x)
  local skips, last = {}, #self.encoder
  for k, down in ipairs(self.encoder) do
    skips[k] = down(x)
    x = skips[k]:avg_pool2d(k < last and 2 or 1, 2)
  end
  for _, part in ipairs(self.middle) do x = part(x) end
  for k, rise in ipairs(self.up) do
    x = self.decoder[k](core.ops.cat { rise(x), skips[last + 1 - k] })
  end
  return self.mask(self.final(x))
end

--- ms.models.kong_resunet{sources = 1, channels = 2, size = 2048, hop = 441, widths = {32, 64, 128,
-- 256, 384, 384}}
-- m(waves): (batch, channels, samples) -> (batch, sources, channels, samples); of one channel also
-- (batch, samples) -> (batch, sources, samples). size and hop: of the spectra, in samples; size
-- must be a multiple of 2^(widths + 1). The last level halves the bins alone.
return net.define { name = "kong_resunet", options = masks.OPTIONS, build = function(o)
  local w = net.expect_widths(o.widths, "kong_resunet")
  local encoder, middle, ups, decoder = {}, {}, {}, {}
  for k, out in ipairs(w) do encoder[k] = block(w[k - 1] or o.channels, out) end
  for k = 1, MIDDLE do middle[k] = block(w[#w], w[#w]) end
  for k = #w, 1, -1 do
    ups[#ups + 1] = up(w[k + 1] or w[k], w[k], { k < #w and 2 or 1, 2 })
    decoder[#decoder + 1] = block(2 * w[k], w[k])
  end
  return masks.module("kong_resunet", o, 2 ^ (#w - 1) // 1, {
    order = { "encoder", "middle", "up", "decoder", "final", "mask" }, encoder = encoder,
    middle = middle, up = ups, decoder = decoder, final = block(w[1], w[1]),
    mask = nn.conv2d { in_channels = w[1], out_channels = o.sources * o.channels * KINDS,
      kernel = 1 }, maps = maps })
end }
