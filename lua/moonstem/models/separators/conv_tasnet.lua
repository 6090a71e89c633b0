--- Conv-TasNet (Luo and Mesgarani 2019, "Conv-TasNet: surpassing ideal time-frequency magnitude
-- masking for speech separation"), as many parameters as torchaudio's: learnt spectra of 16 samples
-- every 8, masks by depthwise dilated convolutions over them, and the way back to waves.
local core = require "moonstem.tensor"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local KERNEL = 3
local MOST_LAYERS, MOST_STACKS = 20, 100 -- dilations up to 2^19

local function point(inputs, out)
  return nn.conv1d { in_channels = inputs, out_channels = out, kernel = 1 }
end

-- Mean and variance over time and channels of each clip.
local function norm(channels)
  return nn.group_norm { groups = 1, channels = channels, epsilon = 1e-8 }
end

-- x -> x plus what the block adds to it (the last block: nothing), and what it gives the mask.
local function block(o, dilation, is_last)
  local h = o.hidden
  return net.module { name = "block", order = { "body", "skip", not is_last and "residual" or nil },
    body = net.chain { point(o.bottleneck, h), nn.prelu {}, norm(h),
      nn.conv1d { in_channels = h, out_channels = h, kernel = KERNEL, dilation = dilation,
        padding = dilation, groups = h }, nn.prelu {}, norm(h) },
    residual = not is_last and point(h, o.bottleneck) or nil, skip = point(h, o.skip),
    forward = function(self, x)
      local y = self.body(x)
      return is_last and x or x + self.residual(y), self.skip(y)
    end }
end

local function blocks_of(o)
  local list, count = {}, o.layers * o.stacks
  for k = 1, count do list[k] = block(o, 2 ^ ((k - 1) % o.layers) // 1, k == count) end
  return list
end

-- spectra (batch, frames, filters) -> masks (batch, frames, sources, filters)
local function masks_of(self, spectra)
  local o, x, sum = self.options, self.bottleneck(spectra), nil
  for _, part in ipairs(self.block) do
    local following, skip = part(x)
    x, sum = following, sum and sum + skip or skip
  end
  return self.mask(sum):sigmoid():reshape { spectra:size(1), spectra:size(2), o.sources,
    o.filters }
end

local function forward(self, waves)
  local size, o = core.check_tensor(waves, "conv_tasnet: waves"):size(), self.options
  if #size ~= 2 then
    error("conv_tasnet: waves must be batch x samples, got " .. waves:shape(), 0)
  end
  local batch, samples = size[1], size[2]
  local x = waves:pad { 0, -samples % (o.kernel // 2) }:unsqueeze(3)
  local spectra = self.encoder(x)
  local all = masks_of(self, spectra) * spectra:unsqueeze(3)
  all = all:permute({ 1, 3, 2, 4 }):reshape { batch * o.sources, -1, o.filters }
  return self.decoder(all):reshape({ batch, o.sources, -1 }):slice(3, 1, samples)
end

local function check_options(o)
  if o.kernel % 2 ~= 0 then
    error(("conv_tasnet: kernel must be even, got %d"):format(o.kernel), 4)
  end
  if o.layers > MOST_LAYERS or o.stacks > MOST_STACKS then
    error(("conv_tasnet: at most %d layers and %d stacks, got %d and %d"):format(MOST_LAYERS,
      MOST_STACKS, o.layers, o.stacks), 4)
  end
end

--- ms.models.conv_tasnet{sources = 2, samples = 32000, filters = 512, kernel = 16, bottleneck =
-- 128, skip = 128, hidden = 512, layers = 8, stacks = 3}
-- m(waves): (batch, samples) -> (batch, sources, samples). samples: of a crop, for training alone.
-- The paper's N, L, B, Sc, H, X and R; kernel in samples, even; dilations 1, 2, 4, ...,
-- 2^(layers - 1) in every stack.
return net.define { name = "conv_tasnet",
  options = { sources = options_of.count(2), samples = options_of.count(32000),
    filters = options_of.count(512), kernel = options_of.count(16),
    bottleneck = options_of.count(128), skip = options_of.count(128),
    hidden = options_of.count(512), layers = options_of.count(8), stacks = options_of.count(3),
    seed = 0 },
  build = function(o)
    check_options(o)
    local n, half = o.filters, o.kernel // 2
    local ends = { kernel = o.kernel, stride = half, padding = half, bias = false }
    return net.module { name = "conv_tasnet", input = { o.samples },
      order = { "encoder", "bottleneck", "block", "mask", "decoder" },
      encoder = nn.conv1d(options_of.merge(ends, { in_channels = 1, out_channels = n })),
      bottleneck = net.chain { name = "bottleneck", norm(n), point(n, o.bottleneck) },
      block = blocks_of(o), mask = net.chain { name = "mask", nn.prelu {},
        point(o.skip, o.sources * n) },
      decoder = nn.conv_transpose1d(options_of.merge(ends, { in_channels = n, out_channels = 1 })),
      forward = forward }
  end }
