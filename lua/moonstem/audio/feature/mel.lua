--- Mel bands and what is made from them: mel, mfcc, with librosa's definitions.
local core = require "moonstem.core.tensor"
local decibels = require "moonstem.audio.feature.decibels"
local frames = require "moonstem.audio.feature.frames"
local options_of = require "moonstem.options"

local M = {}

local MEL = options_of.merge(frames.SPECTRUM, { bands = options_of.count(128), low = 0.0,
  high = options_of.number, htk = false, area = true, power = options_of.count(2) })

-- Slaney's scale: straight below 1000 Hz, logarithmic above.
local LINEAR, STEP = 200 / 3, math.log(6.4) / 27

--- Mel of a frequency in Hz; htk: on HTK's scale instead of Slaney's.
function M.to_mel(hertz, htk)
  if htk then return 2595 * math.log(1 + hertz / 700, 10) end
  return hertz < 1000 and hertz / LINEAR or 15 + math.log(hertz / 1000) / STEP
end

local function to_hertz(mel, htk)
  if htk then return 700 * (10 ^ (mel / 2595) - 1) end
  return mel < 15 and mel * LINEAR or 1000 * math.exp(STEP * (mel - 15))
end

-- The corners of the triangles: bands + 2 frequencies in Hz, evenly spaced in mel.
local function corners(o)
  local first, last, list = M.to_mel(o.low, o.htk), M.to_mel(o.high, o.htk), {}
  for k = 0, o.bands + 1 do
    list[k + 1] = to_hertz(first + (last - first) * k / (o.bands + 1), o.htk)
  end
  return list
end

local function new_basis(o)
  local hertz, edge, list = frames.frequencies(o), corners(o), {}
  for i = 1, #hertz do
    for b = 1, o.bands do
      local f, low, mid, high = hertz[i], edge[b], edge[b + 1], edge[b + 2]
      local weight = math.max(0, math.min((f - low) / (mid - low), (high - f) / (high - mid)))
      list[#list + 1] = o.area and weight * 2 / (high - low) or weight
    end
  end
  return core.tensor_from(list, { #hertz, o.bands })
end

-- The matrix (bins, bands) of options.
local function basis(o, who)
  frames.check_size(o, who)
  if o.bands > 4096 then error(who .. ": bands must be at most 4096, got " .. o.bands, 0) end
  if o.power > 2 then error(("%s: power must be 1 or 2, got %d"):format(who, o.power), 0) end
  o.high = o.high or o.rate / 2
  if not (o.low >= 0 and o.low < o.high and o.high <= o.rate / 2) then
    error(("%s: the bands must lie within 0 and half the rate, %g Hz; low is %g, high %g")
      :format(who, o.rate / 2, o.low, o.high), 0)
  end
  local key = ("mel %d %d %.17g %.17g %.17g %s %s")
    :format(o.size, o.bands, o.rate, o.low, o.high, o.htk, o.area)
  return frames.once(key, function() return new_basis(o) end)
end

--- The mel bands of a wave, for features that are made from them; M.OPTIONS are their options.
function M.bands(wave, o, who)
  local matrix = basis(o, who)
  return frames.spectrogram(wave, o, o.power, who):matmul(matrix)
end
M.OPTIONS = MEL

--- ms.audio.mel(wave, { rate = 22050, bands = 128, size = 2048, hop = 512, ... }) -> (..., frames,
-- bands)
-- The mel spectrogram of a wave (samples) or (channels, samples): librosa.feature.melspectrogram,
-- transposed. Gradients pass. All features of ms.audio have librosa's numbers, those of
-- 0.10.2 and of 0.11.0, which are equal; frames come before bins, as everywhere here.
-- options: { rate = 22050 Hz, size = 2048 samples of a transform, hop = 512, bands = 128,
--   low = 0 Hz, high = rate / 2, power = 2 (1: of magnitudes), htk = false (HTK's mel scale instead
--   of Slaney's), area = true (triangles of equal area, librosa's norm = "slaney"; false: peaks of
--   1), centre = true (frame t is centred on sample t hop), pad = "constant" (zeros beyond the
--   ends) or "reflect", window = "hann", "hamming", "blackman", "bartlett", "ones" or size numbers,
--   width = size, of the window }
function M.mel(wave, options)
  local o = options_of(options, "audio.mel", MEL)
  return M.bands(wave, o, "audio.mel")
end

local MFCC = options_of.merge(MEL, { n = options_of.count(20), lifter = 0.0 })

-- The matrix (bands, n) of an orthonormal cosine transform (type 2), times the lifter.
local function new_cosines(bands, n, lifter)
  local list = {}
  for b = 0, bands - 1 do
    for k = 0, n - 1 do
      local scale = math.sqrt((k == 0 and 1 or 2) / bands)
      if lifter > 0 then scale = scale * (1 + lifter / 2 * math.sin(math.pi * (k + 1) / lifter)) end
      list[#list + 1] = scale * math.cos(math.pi * k * (2 * b + 1) / (2 * bands))
    end
  end
  return core.tensor_from(list, { bands, n })
end

--- ms.audio.mfcc(wave, { rate = 22050, n = 20, ... }) -> (..., frames, n)
-- The first n cosine coefficients (type 2, orthonormal) of the mel spectrogram in decibels (80
-- below its largest value at most): librosa.feature.mfcc, transposed. Gradients pass.
-- options: those of ms.audio.mel, and { n = 20, lifter = 0 (none) }
function M.mfcc(wave, options)
  local o = options_of(options, "audio.mfcc", MFCC)
  if o.lifter < 0 then error("audio.mfcc: lifter must be 0 or more, got " .. o.lifter, 2) end
  if o.n > o.bands then
    error(("audio.mfcc: n must be at most the %d bands, got %d"):format(o.bands, o.n), 2)
  end
  local bands = decibels.power_to_db(M.bands(wave, o, "audio.mfcc"))
  return bands:matmul(frames.once(("dct %d %d %.17g"):format(o.bands, o.n, o.lifter),
    function() return new_cosines(o.bands, o.n, o.lifter) end))
end

return M
