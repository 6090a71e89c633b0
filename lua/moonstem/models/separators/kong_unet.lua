--- Kong et al.'s U-Net (2021, their baseline: bytesep/models/unet.py of
-- bytedance/music_source_separation): the paper's U-Net at twice its width, with masks of size and
-- phase at 44.1 kHz.
local core = require "moonstem.tensor"
local masks = require "moonstem.models.parts.phase_masks"
local net = require "moonstem.net"
local nn = require "moonstem.nn"

local KINDS = 3 -- of maps for each source and channel

local function block(inputs, out)
  return net.chain { name = "block", masks.conv(inputs, out), masks.norm(out),
    masks.conv(out, out), masks.norm(out) }
end

local function up(inputs, out)
  return net.chain { name = "up",
    nn.conv_transpose2d { in_channels = inputs, out_channels = out, bias = false },
    masks.norm(out) }
end

local function maps(self, x)
  local skips = {}
  for k, down in ipairs(self.encoder) do
    skips[k] = down(x)
    x = skips[k]:avg_pool2d(2)
  end
  x = self.middle(x)
  for k, rise in ipairs(self.up) do
    x = self.decoder[k](core.ops.cat { rise(x), skips[#skips + 1 - k] })
  end
  return self.mask(self.final(x))
end

--- ms.models.kong_unet{sources = 1, channels = 2, size = 2048, hop = 441, widths = {32, 64, 128,
-- 256, 384, 384}}
-- m(waves): (batch, channels, samples) -> (batch, sources, channels, samples); of one channel also
-- (batch, samples) -> (batch, sources, samples). size and hop: of the spectra, in samples; size
-- must be a multiple of 2^(widths + 1).
return net.define { name = "kong_unet", options = masks.OPTIONS, build = function(o)
  local w, encoder, ups, decoder = net.expect_widths(o.widths, "kong_unet"), {}, {}, {}
  for k, out in ipairs(w) do encoder[k] = block(w[k - 1] or o.channels, out) end
  for k = #w, 1, -1 do
    ups[#ups + 1] = up(w[k + 1] or w[k], w[k])
    decoder[#decoder + 1] = block(2 * w[k], w[k])
  end
  return masks.module("kong_unet", o, 2 ^ #w // 1, {
    order = { "encoder", "middle", "up", "decoder", "final", "mask" }, encoder = encoder,
    middle = block(w[#w], w[#w]), up = ups, decoder = decoder, final = block(w[1], w[1]),
    mask = nn.conv2d { in_channels = w[1], out_channels = o.sources * o.channels * KINDS,
      kernel = 1 }, maps = maps })
end }
