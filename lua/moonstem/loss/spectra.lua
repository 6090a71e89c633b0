--- Losses of waves by their spectra.
local core = require "moonstem.tensor"
local options_of = require "moonstem.options"
local reduction = require "moonstem.reduction"

local M = {}

-- A periodic Hann window of `size` samples in the midst of `bins` of them.
local function window_of(size, bins)
  local list, first = {}, (bins - size) // 2
  for i = 1, bins do
    local at = i - 1 - first
    list[i] = at >= 0 and at < size and 0.5 - 0.5 * math.cos(2 * math.pi * at / size) or 0.0
  end
  return core.tensor(list)
end

-- Magnitudes, at least the root of eps: (..., frames, bins).
local function magnitudes(wave, r, eps)
  local half = r.fft // 2
  local padded = wave:pad({ half, half }, { mode = "reflect" })
  return padded:power_spectrum(window_of(r.window, r.fft), r.hop):maximum(eps):sqrt()
end

-- Spectral convergence and the distance of logarithms, at one resolution.
local function of_resolution(estimate, target, r, eps)
  local x, y = magnitudes(estimate, r, eps), magnitudes(target, r, eps)
  local convergence = (y - x):square():sum():sqrt() / y:square():sum():sqrt()
  return convergence + core.loss.l1(x:log(), y:log())
end

local RESOLUTION = { fft = options_of.needed(options_of.count),
  hop = options_of.needed(options_of.count), window = options_of.needed(options_of.count) }
local THREE = { { fft = 1024, hop = 120, window = 600 }, { fft = 2048, hop = 240, window = 1200 },
  { fft = 512, hop = 50, window = 240 } }

local function checked(list)
  if #list == 0 then error("loss.multi_stft: resolutions are a list of at least one", 0) end
  local out = {}
  for i, r in ipairs(list) do
    out[i] = options_of(r, ("loss.multi_stft: resolutions[%d]"):format(i), RESOLUTION)
    if out[i].window > out[i].fft then
      error(("loss.multi_stft: resolutions[%d]: the window must be at most fft = %d, got %d")
        :format(i, out[i].fft, out[i].window), 0)
    end
  end
  return out
end

--- ms.loss.multi_stft(estimate, target, options) -> the mean over several resolutions of spectral
-- convergence, |Y - X| / |Y| of magnitudes (Frobenius norms over all), and the mean distance of
-- their natural logarithms (Yamamoto et al. 2020, Parallel WaveGAN).
-- estimate, target: (..., samples) of one shape, longer than half of the largest fft
-- options: { resolutions = { { fft = 1024, hop = 120, window = 600 }, { fft = 2048, hop = 240,
--   window = 1200 }, { fft = 512, hop = 50, window = 240 } }, eps = 1e-7 (the least power) }
-- Windows are Hann's, in the midst of fft samples; frames are centred, the ends reflected.
function M.multi_stft(estimate, target, options)
  local o = options_of(options, "loss.multi_stft", { resolutions = THREE, eps = 1e-7 })
  local resolutions, sum = checked(o.resolutions), nil
  estimate, target = core.as_tensor(estimate), core.as_tensor(target)
  reduction.check_waves("multi_stft", estimate, target)
  for _, r in ipairs(resolutions) do
    local loss = of_resolution(estimate, target, r, o.eps)
    sum = sum and sum + loss or loss
  end
  return sum * (1 / #resolutions)
end

return M
