--- Pitch classes: chroma, and how a recording is tuned, with librosa's definitions.
local core = require "moonstem.core.tensor"
local frames = require "moonstem.audio.feature.frames"
local music = require "moonstem.core.music"
local options_of = require "moonstem.options"

local M = {}

local TUNING = options_of.merge(frames.SPECTRUM, { steps = options_of.count(12),
  resolution = options_of.fraction(0.01) })

--- ms.audio.estimate_tuning(wave, { rate = 22050 }) -> number, -0.5 to 0.49
-- By which part of a step (a semitone, with 12 to the octave) the music lies above A = 440 Hz; 0
-- where nothing is heard (librosa.estimate_tuning).
-- options: { rate, size, hop, width, window, centre, pad = as ms.audio.mel takes them, steps = 12
--   to the octave, resolution = 0.01 }
-- librosa's hop here is a quarter of the window, unlike in its chroma.
function M.estimate_tuning(wave, options)
  local o = options_of(options, "audio.estimate_tuning", TUNING)
  if not (options and options.hop) then o.hop = math.max(1, (o.width or o.size) // 4) end
  local s = frames.spectrogram(wave, o, 1, "audio.estimate_tuning")
  return music.tuning(s:detach(), o.rate, o.steps, math.max(o.resolution, 1e-4))
end

-- For each bin its place in steps above C0 and how many steps it spans.
local function places(o, tuning)
  local list = {}
  local zero = 440 * 2 ^ (tuning / o.n) / 16
  for k = 1, o.size - 1 do list[k + 1] = o.n * math.log(k * o.rate / o.size / zero, 2) end
  list[1] = list[2] - 1.5 * o.n
  local widths = {}
  for k = 1, o.size do widths[k] = list[k + 1] and math.max(list[k + 1] - list[k], 1) or 1 end
  return list, widths
end

-- The weights of bin k: bell curves around the classes, of length 1, and a wide one over octaves.
local function weights(o, place, width)
  local half, sum, list = math.floor(o.n / 2 + 0.5), 0, {}
  for c = 0, o.n - 1 do
    local away = (place - c + half + 10 * o.n) % o.n - half
    list[c + 1] = math.exp(-0.5 * (2 * away / width) ^ 2)
    sum = sum + list[c + 1] ^ 2
  end
  local octave = math.exp(-0.5 * ((place / o.n - 5) / 2) ^ 2) / math.sqrt(sum)
  for c = 1, o.n do list[c] = list[c] * octave end
  return list
end

-- The matrix (bins, n). Class 1 is C, where n is a multiple of 12.
local function new_basis(o, tuning)
  local place, width = places(o, tuning)
  local list, first = {}, 3 * (o.n // 12)
  for k = 1, o.size // 2 + 1 do
    local row = weights(o, place[k], width[k])
    for c = 0, o.n - 1 do list[#list + 1] = row[(c + first) % o.n + 1] end
  end
  return core.tensor_from(list, { o.size // 2 + 1, o.n })
end

-- Each frame over its norm, or over 1 where that is 0.
local function normalised(x, norm)
  if norm == false then return x end
  local size = norm == "max" and x:abs():amax(-1) or norm == 1 and x:abs():sum(-1)
    or x:square():sum(-1):sqrt()
  local shape = x:size()
  shape[#shape] = 1
  return x / size:ge(1.2e-38):where(size, 1):reshape(shape)
end

local KNOWN = options_of.merge(frames.SPECTRUM, { n = options_of.count(12),
  tuning = options_of.number, norm = options_of.either(options_of.choice "max",
  options_of.either(options_of.flag, options_of.count)) })

--- ms.audio.chroma(wave, { rate = 22050, n = 12 }) -> (..., frames, n)
-- How much of each pitch class sounds, C first (librosa.feature.chroma_stft, transposed). Gradients
-- pass, but for the tuning's.
-- options: { rate, size, hop, width, window, centre, pad = as ms.audio.mel takes them, n = 12
--   classes, tuning = in parts of a class (estimated from the wave), norm = "max" (every frame's
--   largest is 1), 1 (sum), 2 (length) or false }
function M.chroma(wave, options)
  local o = options_of(options, "audio.chroma", KNOWN)
  local norm = o.norm == nil and "max" or o.norm
  if o.n > 1200 then error("audio.chroma: n must be at most 1200 classes, got " .. o.n, 2) end
  if norm == true or (type(norm) == "number" and norm > 2) then
    error('audio.chroma: norm must be "max", 1, 2 or false', 2)
  end
  local s = frames.spectrogram(wave, o, 2, "audio.chroma")
  local tuning = o.tuning or music.tuning(s:detach(), o.rate, o.n, 0.01)
  local key = ("chroma %d %d %.17g %.17g"):format(o.size, o.n, o.rate, tuning)
  local basis = frames.once(key, function() return new_basis(o, tuning) end)
  return normalised(s:matmul(basis), norm)
end

return M
