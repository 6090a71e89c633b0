--- Waves from spectra: the inverse of frames' spectra, and griffin_lim, which finds the phases,
-- with librosa's definitions.
local core = require "moonstem.core.tensor"
local frames = require "moonstem.audio.feature.frames"
local options_of = require "moonstem.options"

local M = {}

local TINY = 1.2e-38

--- A function from complex spectra (..., frames, bins, 2) to waves of so many samples, as
-- librosa.istft: overlap-add over the sum of the windows' squares.
function M.of(o, samples, who)
  local window = frames.window(o, who)
  local padding = o.centre and o.size // 2 or 0
  local squares = core.ones { samples }:spectrum(window, o.hop, padding)
    :overlap_spectrum(window, o.hop, padding, samples)
  local scale = 1 / (squares + squares:le(TINY))
  return function(spectrum)
    return spectrum:overlap_spectrum(window, o.hop, padding, samples) * scale
  end
end

local KNOWN = options_of.merge(frames.SPECTRUM, { size = options_of.count,
  samples = options_of.count, steps = options_of.count(32), momentum = 0.99, seed = 1,
  start = options_of.choice("random", "zero") })
KNOWN.rate, KNOWN.pad = nil, nil

-- Complex numbers of magnitudes s (..., frames, bins, 1), all of one phase or of random ones.
local function start_of(s, o)
  if o.start == "zero" then return core.ops.cat({ s, s * 0 }, -1) end
  local angle = core.uniform(s:size(), { seed = o.seed, purpose = "griffin_lim" }) * (2 * math.pi)
  return core.ops.cat({ s * angle:cos(), s * angle:sin() }, -1)
end

-- z scaled to the magnitudes s.
local function projected(z, s)
  local size = s:size()
  return z / (z:square():sum(-1):sqrt():reshape(size) + TINY) * s
end

local function prepare(magnitudes, o)
  local s = core.as_tensor(magnitudes):detach()
  local size = s:size()
  local bins = size[#size] or 0
  o.size = o.size or 2 * (bins - 1)
  if #size < 2 or bins ~= o.size // 2 + 1 or bins < 2 then
    error(("audio.griffin_lim: magnitudes (..., frames, size / 2 + 1) are expected, got {%s}")
      :format(table.concat(size, ", ")), 0)
  end
  o.hop = o.hop_given or (o.width or o.size) // 4
  local padding = o.centre and o.size // 2 or 0
  o.samples = o.samples or (size[#size - 1] - 1) * o.hop + o.size - 2 * padding
  size[#size + 1] = 1
  return s:reshape(size)
end

--- ms.audio.griffin_lim(magnitudes, { hop = size / 4, steps = 32, ... }) -> wave (..., samples)
-- A wave whose spectrogram has about these magnitudes (..., frames, bins), as of
-- wave:power_spectrum with power = 1: librosa.griffinlim, of a transposed spectrogram. No gradient.
-- options: { size = 2 (bins - 1), hop = width / 4, width = size, window, centre = as ms.audio.mel
--   takes them, samples = of the result (all that the frames reach), steps = 32, momentum = 0.99
--   (0: the method as first published), start = "random" phases, or "zero", seed = 1 }
function M.griffin_lim(magnitudes, options)
  local o = options_of(options, "audio.griffin_lim", KNOWN)
  if not (o.momentum >= 0 and o.momentum <= 1) then
    error(("audio.griffin_lim: momentum must be 0 to 1, got %g"):format(o.momentum), 2)
  end
  if o.steps > 10000 then error("audio.griffin_lim: steps must be at most 10000", 2) end
  o.hop_given = options and options.hop
  local s = prepare(magnitudes, o)
  local window = frames.window(o, "audio.griffin_lim")
  local padding, to_wave = o.centre and o.size // 2 or 0, M.of(o, o.samples, "audio.griffin_lim")
  local weight = o.momentum / (1 + o.momentum)
  local function step(z, before)
    local scope <close> = core.scope()
    local rebuilt = to_wave(z):spectrum(window, o.hop, padding)
    local moved = before and rebuilt - before * weight or rebuilt
    return scope:keep(projected(moved, s), rebuilt)
  end
  local z, before = start_of(s, o), nil
  for _ = 1, o.steps do
    local last, older = z, before
    z, before = step(last, older)
    last:close()
    if older then older:close() end
  end
  return to_wave(z)
end

return M
