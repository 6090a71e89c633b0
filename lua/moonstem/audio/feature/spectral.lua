--- What the shape of a spectrum says: ms.audio.spectral, with librosa's definitions. Each function
-- takes a wave and computes its magnitudes itself, or takes a spectrogram in its place.
local core = require "moonstem.core.tensor"
local contrast = require "moonstem.audio.feature.contrast"
local frames = require "moonstem.audio.feature.frames"
local options_of = require "moonstem.options"

local M = {}

local function options(more)
  return options_of.merge(frames.SPECTRUM, { spectrogram = options_of.any }, more)
end

-- The magnitudes of a wave, or of the option spectrogram, and o with their size.
local function magnitudes(wave, o, who)
  if o.spectrogram == nil then return frames.spectrogram(wave, o, 1, who) end
  if wave ~= nil then error(who .. ": give a wave or a spectrogram, not both", 0) end
  local s = core.as_tensor(o.spectrogram)
  local size = s:size()
  if #size < 2 or size[#size] < 2 or size[#size] > 1 << 20 then
    error(("%s: a spectrogram (..., frames, bins) is expected, got {%s}")
      :format(who, table.concat(size, ", ")), 0)
  end
  o.size = 2 * (size[#size] - 1)
  return s
end

-- A tensor (bins, 1) of the bins' frequencies.
local function column(o)
  return frames.once(("frequencies %d %.17g"):format(o.size, o.rate), function()
    local list = frames.frequencies(o)
    return core.tensor_from(list, { #list, 1 })
  end)
end

local TINY = 1.2e-38

-- Each frame over its sum, or over 1 where that is 0, as librosa normalises.
local function shares(s)
  local sum = s:sum(-1)
  local size = s:size()
  size[#size] = 1
  return s / (sum + sum:lt(TINY) * (1 - sum:detach())):reshape(size)
end

-- (..., frames, 1) -> (..., frames)
local function dropped(x)
  local size = x:size()
  size[#size] = nil
  return x:reshape(size)
end

local CENTROID = options {}

--- ms.audio.spectral.centroid(wave, { rate = 22050, size = 2048, hop = 512 }) -> (..., frames), Hz
-- The mean frequency of every frame's magnitudes (librosa.feature.spectral_centroid); 0 of silence.
-- wave: (samples) or (channels, samples). Gradients pass.
-- options: { rate = 22050, size, hop, width, window, centre, pad = as ms.audio.mel takes them,
--   spectrogram = magnitudes (..., frames, bins) in place of a wave, which is nil then }
function M.centroid(wave, options_given)
  local o = options_of(options_given, "audio.spectral.centroid", CENTROID)
  local s = magnitudes(wave, o, "audio.spectral.centroid")
  return dropped(shares(s):matmul(column(o)))
end

local BANDWIDTH = options { p = options_of.positive(2), norm = true }

--- ms.audio.spectral.bandwidth(wave, { rate = 22050, p = 2 }) -> (..., frames), Hz
-- (sum of magnitude |frequency - centroid|^p)^(1/p), of magnitudes over their sum
-- (librosa.feature.spectral_bandwidth). Gradients pass.
-- options: those of ms.audio.spectral.centroid, and { p = 2, norm = true (over their sum) }
function M.bandwidth(wave, options_given)
  local o = options_of(options_given, "audio.spectral.bandwidth", BANDWIDTH)
  local s = magnitudes(wave, o, "audio.spectral.bandwidth")
  local share = shares(s)
  local away = (column(o):reshape { -1 } - share:matmul(column(o))):abs()
  local powers = o.p == 2 and away:square() or away:pow(o.p)
  local sum = (powers * (o.norm and share or s)):sum(-1)
  return o.p == 2 and sum:sqrt() or sum:pow(1 / o.p)
end

local ROLLOFF = options { share = options_of.fraction(0.85) }

--- ms.audio.spectral.rolloff(wave, { rate = 22050, share = 0.85 }) -> (..., frames), Hz
-- The lowest bin below which, itself included, lies that share of the frame's magnitudes
-- (librosa.feature.spectral_rolloff). No gradient.
-- options: those of ms.audio.spectral.centroid, and { share = 0.85 (librosa's roll_percent) }
function M.rolloff(wave, options_given)
  local o = options_of(options_given, "audio.spectral.rolloff", ROLLOFF)
  local s = magnitudes(wave, o, "audio.spectral.rolloff"):detach()
  local up = s:cumsum(-1)
  local bins = up:size()[#up:size()]
  local below = up:lt(up:slice(-1, bins, bins) * o.share):sum(-1)
  return below * (o.rate / o.size)
end

local FLATNESS = options { amin = options_of.positive(1e-10), power = options_of.positive(2) }

--- ms.audio.spectral.flatness(wave, { amin = 1e-10, power = 2 }) -> (..., frames), from 0 to 1
-- The geometric over the arithmetic mean of magnitude^power, amin at least: 1 of white noise,
-- near 0 of a tone (librosa.feature.spectral_flatness). Gradients pass.
-- options: those of ms.audio.spectral.centroid, and { amin = 1e-10, power = 2 }
function M.flatness(wave, options_given)
  local o = options_of(options_given, "audio.spectral.flatness", FLATNESS)
  local s = magnitudes(wave, o, "audio.spectral.flatness")
  local powers = (o.power == 2 and s:square() or s:pow(o.power)):maximum(o.amin)
  return powers:log():mean(-1):exp() / powers:mean(-1)
end

local CONTRAST = options { low = options_of.positive(200), bands = options_of.count(6),
  quantile = options_of.fraction(0.02), linear = false }

--- ms.audio.spectral.contrast(wave, { rate = 22050, bands = 6, low = 200 }) -> (..., frames,
-- bands + 1), dB
-- How far the peaks of octave bands rise over their valleys: 0..low, then bands octaves from low on
-- (librosa.feature.spectral_contrast, transposed). As there, 10 log10 of magnitudes, each at most
-- 80 below the largest of all. Gradients pass.
-- options: those of ms.audio.spectral.centroid, and { low = 200 Hz, bands = 6, quantile = 0.02 of a
--   band's bins that make its peak and its valley, linear = false (true: differences) }
function M.contrast(wave, options_given)
  local o = options_of(options_given, "audio.spectral.contrast", CONTRAST)
  local s = magnitudes(wave, o, "audio.spectral.contrast")
  return contrast(s, o)
end

local FLUX = options { lag = options_of.count(1), rise = false }

--- ms.audio.spectral.flux(wave, { lag = 1 }) -> (..., frames)
-- The distance (root of summed squares) of each frame's magnitudes, over their sum, from those of
-- `lag` frames before; 0 of the first frames. librosa has no function of this name; its
-- onset_strength is a flux of decibels. Gradients pass.
-- options: those of ms.audio.spectral.centroid, and { lag = 1 frames, rise = false (true: of what
--   grew alone) }
function M.flux(wave, options_given)
  local o = options_of(options_given, "audio.spectral.flux", FLUX)
  local s = shares(magnitudes(wave, o, "audio.spectral.flux"))
  local size = s:size()
  local n = size[#size - 1]
  local first = table.pack(table.unpack(size, 1, #size - 1))
  first[#first] = math.min(o.lag, n)
  if n <= o.lag then return core.zeros(first) end
  local change = s:slice(-2, o.lag + 1, n) - s:slice(-2, 1, n - o.lag)
  if o.rise then change = change:relu() end
  return core.ops.cat({ core.zeros(first), change:square():sum(-1):sqrt() }, -1)
end

return M
