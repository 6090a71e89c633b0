--- Preemphasis, with librosa's definition.
local core = require "moonstem.core.tensor"
local frames = require "moonstem.audio.feature.frames"
local options_of = require "moonstem.options"

local M = {}

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
