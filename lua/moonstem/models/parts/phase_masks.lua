--- What Kong et al. 2021 ("Decoupling magnitude and phase estimation with deep ResUNet for music
-- source separation", bytedance/music_source_separation) put around their U-Nets: spectra of waves,
-- masks of size and phase, and the way back to waves.
local core = require "moonstem.tensor"
local fft = require "moonstem.fft"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"
local signal = require "moonstem.signal"

local M = {}

local FLOOR = 1e-10

--- Options of such networks.
M.OPTIONS = { sources = options_of.count(1), channels = options_of.count(2),
  size = options_of.count(2048), hop = options_of.count(441),
  widths = { 32, 64, 128, 256, 384, 384 }, seed = 0 }

-- waves (..., samples) -> spectra (..., frames, bins, 2), frames around every hop-th sample.
local function analyse(waves, o)
  local half = o.size // 2
  return signal.spectrogram(waves:pad({ half, half }, { mode = "reflect" }),
    { size = o.size, hop = o.hop, centre = false, mode = "complex" })
end

-- The way back: (rows, frames, bins, 2) -> (rows, samples), the windows' sum of squares divided
-- out.
local function synthesize(spectra, o, samples)
  local window, half = core.window("hann", o.size), o.size // 2
  local frames = spectra:size(2)
  local length = math.max((frames - 1) * o.hop + o.size, half + samples)
  local waves = (fft.irfft(spectra, { n = o.size }) * window):fold(2, o.hop, length)
  local weight = window:square():expand { 1, frames, o.size }:fold(2, o.hop, length)
  return (waves / weight:maximum(1e-11)):slice(2, half + 1, half + samples)
end

-- Complex numbers (..., 2) -> their sizes (...), and numbers of size 1 of the same phase.
local function polar(z)
  local size = z:square():sum(-1):maximum(FLOOR):sqrt()
  return size, z / size:unsqueeze(-1)
end

-- The product of complex numbers (..., 2).
local function times(a, b)
  local a1, a2, b1, b2 = a:slice(-1, 1, 1), a:slice(-1, 2, 2), b:slice(-1, 1, 1), b:slice(-1, 2, 2)
  return core.ops.cat({ a1 * b1 - a2 * b2, a1 * b2 + a2 * b1 }, -1)
end

-- maps (batch, time, bins, sources x channels x kinds) -> spectra (batch, sources, channels, time,
-- bins, 2). kinds: a mask of sizes, the two parts of one of phases, and, where there are four, what
-- is added to the masked size.
local function masked(maps, magnitude, phase, o)
  local s = maps:size()
  local kinds = s[4] // (o.sources * o.channels)
  maps = maps:reshape({ s[1], s[2], s[3], o.sources, o.channels, kinds }):permute { 1, 4, 5, 2, 3,
    6 }
  local size = magnitude:unsqueeze(2) * maps:slice(-1, 1, 1):squeeze(-1):sigmoid()
  if kinds == 4 then size = size + maps:slice(-1, 4, 4):squeeze(-1) end
  local _, turn = polar(maps:slice(-1, 2, 3):tanh())
  return times(phase:unsqueeze(2), turn) * size:relu():unsqueeze(-1)
end

-- waves (batch, channels, samples), of one channel also (batch, samples).
local function check(waves, o, who)
  local size = core.check_tensor(waves, who .. ": waves"):size()
  if #size == 2 and o.channels == 1 then return waves:unsqueeze(2) end
  if #size ~= 3 or size[2] ~= o.channels then
    error(("%s: waves must be batch x %d channels x samples, got %s"):format(who, o.channels,
      waves:shape()), 0)
  end
  return waves
end

-- The network over sizes: normed bin by bin, without the last bin, time filled up to a multiple of
-- `by`.
local function maps_of(self, magnitude, by)
  local s = magnitude:size()
  local image = self.norm(magnitude):slice(-1, 1, s[4] - 1):pad { 0, 0, 0, -s[3] % by }
  local maps = self:maps(image:permute { 1, 3, 4, 2 })
  return maps:slice(2, 1, s[3]):pad { 0, 0, 0, 1 }
end

local function forward_by(by)
  return function(self, given)
    local o = self.options
    local waves = check(given, o, self.name)
    local magnitude, phase = polar(analyse(waves, o))
    local spectra = masked(maps_of(self, magnitude, by), magnitude, phase, o)
    local s, n = spectra:size(), waves:size(3)
    local y = synthesize(spectra:reshape { -1, s[4], s[5], 2 }, o, n)
    local is_plain = #given:size() == 2
    return y:reshape(is_plain and { s[1], s[2], n } or { s[1], s[2], s[3], n })
  end
end

--- A batch norm with leaky ReLU behind it, as the authors have them; without: slope = 1.
function M.norm(channels, slope)
  return nn.batch_norm { channels = channels, epsilon = 1e-5, momentum = 0.99,
    slope = slope or 0.01 }
end

function M.conv(inputs, out)
  return nn.conv2d { in_channels = inputs, out_channels = out, bias = false, padding = 1 }
end

--- What a network of such masks consists of: build(o) of its definition, from the parts of the
-- U-Net. name; by: frames that pooling divides; parts: { order =, ..., maps = function(self, image)
-- }, which makes maps (batch, time, bins, ...) of an image (batch, time, bins, channels).
function M.module(name, o, by, parts)
  local unit = 2 ^ (#o.widths + 1) // 1
  if o.size % unit ~= 0 then
    error(("%s: size must be a multiple of %d, got %d"):format(name, unit, o.size), 3)
  end
  parts.name, parts.norm, parts.forward = name, M.norm(o.size // 2 + 1, 1), forward_by(by)
  parts.input = o.channels == 1 and { 4 * o.size } or nil
  table.insert(parts.order, 1, "norm")
  return net.module(parts)
end

return M
