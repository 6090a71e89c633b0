--- What a wave says without a spectrum: rms, zero_crossings; and preemphasis; as librosa does.
local core = require "moonstem.core.tensor"
local frames = require "moonstem.audio.feature.frames"
local options_of = require "moonstem.options"

local M = {}

local WAVE = { size = options_of.count(2048), hop = options_of.count(512), centre = true }

-- n zeros beside a wave, at the ends of its last axis.
local function padded(wave, n)
  if n == 0 then return wave end
  local size = wave:size()
  size[#size] = n
  local zeros = core.zeros(size)
  return core.ops.cat({ zeros, wave, zeros }, -1)
end

-- The sums of frames of `size` numbers every `hop`. Where hops fill frames, from the sums of hops.
local function framed_sums(x, size, hop)
  if size % hop ~= 0 or hop == 1 then return x:unfold(-1, size, hop):sum(-1) end
  local shape = x:size()
  local blocks = shape[#shape] // hop
  shape[#shape], shape[#shape + 1] = blocks, hop
  return x:slice(-1, 1, blocks * hop):reshape(shape):sum(-1):unfold(-1, size // hop, 1):sum(-1)
end

--- ms.audio.rms(wave, { size = 2048, hop = 512 }) -> (..., frames)
-- The root of the mean square of every frame (librosa.feature.rms). Gradients pass.
-- options: { size = 2048, hop = 512, centre = true (zeros stand beyond the ends) }
function M.rms(wave, options)
  local o = options_of(options, "audio.rms", WAVE)
  wave = padded(frames.wave(wave, "audio.rms"), o.centre and o.size // 2 or 0)
  local n = wave:size()[#wave:size()]
  if n < o.size then
    error(("audio.rms: the wave must have at least %d samples, got %d"):format(o.size, n), 2)
  end
  return (framed_sums(wave:square(), o.size, o.hop) / o.size):sqrt()
end

local CROSSINGS = options_of.merge(WAVE, { threshold = 1e-10 })

--- ms.audio.zero_crossings(wave, { size = 2048, hop = 512 }) -> (..., frames)
-- The share of a frame's samples at which the sign changes (librosa.feature.zero_crossing_rate);
-- samples up to the threshold count as 0, and 0 as positive. No gradient.
-- options: { size = 2048, hop = 512, centre = true, threshold = 1e-10 }
function M.zero_crossings(wave, options)
  local o = options_of(options, "audio.zero_crossings", CROSSINGS)
  local positive = frames.wave(wave, "audio.zero_crossings"):detach():ge(-o.threshold)
  local n = positive:size()[#positive:size()]
  local padding = o.centre and o.size // 2 or 0
  if n < 2 or o.size < 2 or n + 2 * padding < o.size then
    error(("audio.zero_crossings: a frame of %d samples needs a wave of at least %d, got %d")
      :format(o.size, math.max(2, o.size - 2 * padding), n), 2)
  end
  local changes = positive:slice(-1, 2, n):ne(positive:slice(-1, 1, n - 1))
  return padded(changes, padding):unfold(-1, o.size - 1, o.hop):sum(-1) / o.size
end

--- ms.audio.preemphasis(wave, { coef = 0.97 }) -> wave
-- y[n] = x[n] - coef x[n-1], along the last axis; the first sample is 3 x[1] - x[2], as of
-- librosa.effects.preemphasis, whose state in front is not weighed. Gradients pass.
function M.preemphasis(wave, options)
  local coef = options_of(options, "audio.preemphasis", { coef = 0.97 }).coef
  wave = frames.wave(wave, "audio.preemphasis")
  local n = wave:size()[#wave:size()]
  if n < 2 then error("audio.preemphasis: the wave must have 2 samples or more", 2) end
  local first, second = wave:slice(-1, 1, 1), wave:slice(-1, 2, 2)
  local rest = wave:slice(-1, 2, n) - wave:slice(-1, 1, n - 1) * coef
  return core.ops.cat({ first * 3 - second, rest }, -1)
end

return M
