--- What sounds on and what strikes: harmonic and percussive parts, as librosa.effects.hpss.
local frames = require "moonstem.audio.feature.frames"
local inverse = require "moonstem.audio.feature.inverse"
local music = require "moonstem.core.music"
local options_of = require "moonstem.options"

local M = {}

local PAIR = options_of.either(options_of.pair, options_of.positive)
local KNOWN = options_of.merge(frames.SPECTRUM, { kernel = options_of.pair(31), margin = PAIR,
  power = options_of.positive(2), mask = false })
KNOWN.rate = nil

-- x^power over its sum with y^power; where both are 0, `none`.
local function share(x, y, power, none)
  local most = x:maximum(y)
  local empty = most:lt(1.2e-38)
  most = most + empty
  local a, b = (x / most):pow(power), (y / most):pow(power)
  return a / (a + b + empty) + empty * none
end

local function margins(o)
  local m = o.margin or 1
  if type(m) ~= "table" then m = { m, m } end
  if m[1] < 1 or m[2] < 1 then error("audio.hpss: margins must be 1 or more", 0) end
  return m[1], m[2]
end

local MOST = 4096 -- frames or bins of a median: more than a minute and a half

local function check_kernel(o)
  local size = math.max(o.kernel[1], o.kernel[2])
  if size > MOST then
    error(("audio.hpss: kernel must be 1 to %d, got %d"):format(MOST, size), 0)
  end
end

-- The masks (..., frames, bins) of both parts of magnitudes.
local function masks(s, o)
  local harmonic = music.running_median(s, -2, o.kernel[1])
  local percussive = music.running_median(s, -1, o.kernel[2])
  local a, b = margins(o)
  local none = a == 1 and b == 1 and 0.5 or 0
  return share(harmonic, percussive * a, o.power, none),
    share(percussive, harmonic * b, o.power, none)
end

--- ms.audio.hpss(wave, { size = 2048, hop = 512, kernel = 31, ... }) -> harmonic, percussive
-- Two waves of wave's size that add up to it: what sounds on and what strikes, told apart by
-- running medians of the magnitudes over time and over frequency (librosa.effects.hpss). No
-- gradient.
-- options: { size = 2048, hop = 512, width, window, centre, pad = as ms.audio.mel takes them,
--   kernel = 31 frames and bins of the medians, or {frames, bins}, at most 4096,
--   power = 2 of the masks, margin = 1, or {harmonic, percussive}: with more, parts that are
--   neither are left out,
--   mask = false (true: the masks (..., frames, bins) alone) }
-- librosa 0.10.2 and 0.11 ignore their argument window here; this one counts.
function M.hpss(wave, options)
  local o = options_of(options, "audio.hpss", KNOWN)
  check_kernel(o)
  wave = frames.wave(wave, "audio.hpss"):detach()
  local samples = wave:size()[#wave:size()]
  local padded, padding = frames.padded(wave, o, "audio.hpss")
  local spectrum = padded:spectrum(frames.window(o, "audio.hpss"), o.hop, padding)
  local harmonic, percussive = masks(spectrum:square():sum(-1):sqrt(), o)
  if o.mask then return harmonic, percussive end
  local size = harmonic:size()
  size[#size + 1] = 1
  local to_wave = inverse.of(o, samples, "audio.hpss")
  return to_wave(spectrum * harmonic:reshape(size)), to_wave(spectrum * percussive:reshape(size))
end

return M
