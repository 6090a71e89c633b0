--- Waves to separated waves: the U-Net's masks on the mixture's spectrum (paper, section 2.A).
local front = require("moonstem.audio.frontend").paper
local core = require "moonstem.core.tensor"
local net = require "moonstem.net"
local options_of = require "moonstem.options"
local unet = require "moonstem.models.unet"

--- A U-Net from the options, pooled as the variant does unless they say how: the authors' code
-- takes averages where it separates several sources (recipes/paper.md#the-u-net).
local function make_unet(o)
  local averages = o.variant == "authors" and o.sources and o.sources > 1
  local new = options_of.merge({ pool = averages and "avg" or nil }, o)
  new.variant = nil
  return unet(new)
end

local OPTIONS = { unet = false, sources = options_of.count, widths = options_of.table,
  levels = options_of.count, width = options_of.count, pool = options_of.string,
  variant = options_of.choice("paper", "authors"), seed = options_of.whole }

--- ms.models.separator{unet = a U-Net} or {variant = "paper", sources =, widths =, ... as
-- ms.models.unet takes}
-- s(wave): (batch, samples) at 16 kHz -> (batch, sources, samples). Each mask scales the mixture's
-- spectrum, whose phase is kept; the Nyquist bin passes unmasked. Samples: (frames - 1) 160 + 512
-- with a multiple of 2^levels frames, e.g. 61 792 for 384.
-- variant = "authors": with several sources pool = "avg".
return net.define { name = "separator", options = OPTIONS, build = function(o)
  if o.unet == nil then
    o.unet = make_unet(o)
    for name in pairs(OPTIONS) do o[name] = name == "unet" and o.unet or nil end
  end
  net.expect(o.unet, "separator", "unet", "a U-Net, as ms.models.unet{} makes")
  local other = next(o) ~= "unet" and next(o) or next(o, "unet")
  if other then
    error(("separator: %s is an option of the U-Net, which is given"):format(other), 3)
  end
  return net.module {
    name = "separator",
    order = { "unet" },
    input = { front:samples(384) },
    unet = o.unet,
    forward = function(self, wave)
      if #core.check_tensor(wave, "the wave"):size() ~= 2 then
        error("the wave must be batch x samples, got " .. wave:shape(), 0)
      end
      local mask = self.unet(wave:magnitude())
      return core.ops.istft(core.ops.mask_spectrum(wave:stft(), mask))
    end,
  }
end }
