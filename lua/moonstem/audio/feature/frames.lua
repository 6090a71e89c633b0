--- What all features share: their options, windows, and spectrograms.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"

local M = {}

--- Options of frames and of spectra, with librosa's defaults.
M.FRAMES = { size = options_of.count(2048), hop = options_of.count(512), centre = true,
  rate = options_of.positive(22050) }
M.SPECTRUM = options_of.merge(M.FRAMES, { width = options_of.count,
  window = options_of.either(options_of.choice("hann", "hamming", "blackman", "bartlett", "ones"),
    options_of.table), pad = options_of.choice("constant", "reflect") })

local kept, count = {}, 0

--- What make() returns, a tensor, made once for each key and kept; at most 32 of them.
function M.once(key, make)
  if not kept[key] then
    if count == 32 then kept, count = {}, 0 end
    kept[key], count = core.keep(make()), count + 1
  end
  return kept[key]
end

-- A periodic window of `width` samples in the middle of `size`.
local function new_window(name, width, size)
  local window = name == "ones" and core.ones { width } or core.window(name, width)
  local before = (size - width) // 2
  if width == size then return window end
  return core.ops.cat({ core.zeros { before }, window, core.zeros { size - width - before } }, 1)
end

local function own_window(window, size, who)
  if type(window) ~= "table" then return window end
  local got = #window
  if got ~= size then
    error(("%s: a window of one's own must have size = %d numbers, got %d"):format(who, size, got),
      0)
  end
  return core.tensor_from(window, { size })
end

local MOST_CHANNELS, LEAST_SAMPLES = 8, 512 -- of what is taken for a recording

local MOST_SIZE = 65536 -- of a transform

--- Raises where the transform would be larger than any.
function M.check_size(o, who)
  if o.size < 2 or o.size > MOST_SIZE then
    error(("%s: size must be 2 to %d, got %d"):format(who, MOST_SIZE, o.size), 0)
  end
end

--- The window that options ask for, as a tensor (size).
function M.window(o, who)
  M.check_size(o, who)
  local width = o.width or o.size
  if width > o.size then
    error(("%s: the window's width must be at most size = %d, got %d")
      :format(who, o.size, width), 0)
  end
  if type(o.window) == "table" then return own_window(o.window, o.size, who) end
  local name = o.window or "hann"
  return M.once(("%s %d %d"):format(name, width, o.size),
    function() return new_window(name, width, o.size) end)
end

-- Raises about a recording (sample, channel), which would count as thousands of waves.
local function refuse_recording(size, who)
  local waves, samples = size[1], size[2]
  if #size ~= 2 or samples > MOST_CHANNELS or waves < LEAST_SAMPLES then return end
  error(("%s: waves are (..., samples), got {%d, %d}; is it a recording (sample, channel)? \z
    Read it with mono = true, or give wave:t(), (channel, sample)"):format(who, waves, samples), 0)
end

--- A wave as a tensor (..., samples) of one sample or more; raises.
function M.wave(wave, who)
  if type(wave) == "table" then wave = core.tensor_from(wave, { #wave }) end
  local size = type(wave) == "userdata" and wave.size and wave:size()
  if not size or #size == 0 or size[#size] == 0 then
    error(("%s: a wave (samples) or (..., samples) is expected, got %s"):format(who,
      size and "{" .. table.concat(size, ", ") .. "}" or type(wave)), 0)
  end
  refuse_recording(size, who)
  return wave
end

-- The wave mirrored at its ends.
local function reflected(wave, padding, who)
  local n = wave:size()[#wave:size()]
  if padding >= n then
    error(("%s: a wave of %d samples cannot be reflected by %d"):format(who, n, padding), 0)
  end
  return wave:pad({ padding, padding }, { mode = "reflect" })
end

--- The wave as its frames are taken from it, and the zeros beside it that are still to come.
function M.padded(wave, o, who)
  if not o.centre then return wave, 0 end
  if o.pad == "reflect" then return reflected(wave, o.size // 2, who), 0 end
  return wave, o.size // 2
end

--- Magnitudes (power = 1) or powers (2) of a wave: (..., frames, size / 2 + 1).
function M.spectrogram(wave, o, power, who)
  M.check_size(o, who)
  local padding
  wave, padding = M.padded(M.wave(wave, who), o, who)
  return wave:power_spectrum(M.window(o, who), o.hop, padding, power)
end

--- The frequencies of the bins, in Hz.
function M.frequencies(o)
  local list = {}
  for k = 0, o.size // 2 do list[k + 1] = k * o.rate / o.size end
  return list
end

return M
