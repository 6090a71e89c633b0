--- Effects on waves for ms.audio.augment: each takes a wave (samples) or (channels, samples), what
-- was drawn for it, a source of more numbers and the rate, and gives a wave of the same size (but
-- for crop).
local core = require "moonstem.core.tensor"
local audio = require "moonstem.core.audio"
local filters = require "moonstem.audio.augment.filters"
local mixing = require "moonstem.core.mixing"
local music = require "moonstem.core.music"
local options_of = require "moonstem.options"
local range = require("moonstem.audio.augment.ranges").range

local M = {}

local function samples_of(wave) return wave:size()[#wave:size()] end

-- The wave cut, or lengthened by zeros, to n samples.
local function fitted(wave, n)
  local have = samples_of(wave)
  if have == n then return wave end
  if have > n then return wave:slice(-1, 1, n) end
  local size = wave:size()
  size[#size] = n - have
  return core.ops.cat({ wave, core.zeros(size) }, -1)
end

--- f(channel) for every channel, a wave (samples) of its own that may be changed in place.
local function by_channel(wave, f)
  local size = wave:size()
  if #size == 1 then return f(wave:clone()) end
  local rows = wave:reshape(-1, size[#size])
  local parts = {}
  for c = 1, rows:size()[1] do
    parts[c] = f(rows:slice(1, c, c):reshape(-1):clone()):reshape(1, -1)
  end
  local all = core.ops.cat(parts, 1)
  size[#size] = all:size()[2]
  return all:reshape(size)
end

M.gain = { ranges = { db = range(-6, 6, -120, 120) },
  apply = function(wave, o) return wave * 10 ^ (o.db / 20) end }

M.polarity = { p = 0.5, apply = function(wave) return -wave end }

M.noise = { ranges = { snr = range(10, 40, -60, 200) },
  apply = function(wave, o, source)
    local level = math.sqrt(wave:square():mean():item()) / 10 ^ (o.snr / 20)
    return wave + source:noise(wave:size()) * level
  end }

M.filter = { ranges = { hertz = range(200, 4000, 1, 96000, true), q = range(0.707, 0.707, 0.1, 30,
    true), db = range(-6, 6, -60, 60) },
  options = { kind = options_of.choice("lowpass", "highpass", "bandpass", "peak", "low_shelf",
    "high_shelf") },
  apply = function(wave, o, _, rate)
    local numbers = filters.biquad(o.kind or "lowpass", math.min(o.hertz, 0.49 * rate), rate, o.q,
      o.db)
    return by_channel(wave, function(channel) return mixing.filter(channel, numbers) end)
  end }

M.shift = { ranges = { seconds = range(-0.5, 0.5, -3600, 3600) },
  options = { fill = options_of.choice("wrap", "zeros") },
  apply = function(wave, o, _, rate)
    local n = samples_of(wave)
    local by = math.floor(o.seconds * rate + 0.5)
    local size = wave:size()
    if o.fill == "zeros" then
      by = math.max(-n, math.min(n, by))
      if by == 0 then return wave end
      size[#size] = math.abs(by)
      local zeros = core.zeros(size)
      if math.abs(by) == n then return zeros end
      local parts = by > 0 and { zeros, wave:slice(-1, 1, n - by) }
        or { wave:slice(-1, 1 - by, n), zeros }
      return core.ops.cat(parts, -1)
    end
    by = by % n
    if by == 0 then return wave end
    return core.ops.cat({ wave:slice(-1, n - by + 1, n), wave:slice(-1, 1, n - by) }, -1)
  end }

M.stretch = { ranges = { speed = range(0.8, 1.25, 1 / 16, 16, true) },
  options = { fine = options_of.flag },
  apply = function(wave, o, _, rate)
    local n = samples_of(wave)
    return fitted(assert(music.time_stretch(wave, o.speed, { rate = rate, fine = o.fine })), n)
  end }

M.pitch = { ranges = { semitones = range(-4, 4, -48, 48) },
  options = { fine = options_of.flag, formants = options_of.flag },
  apply = function(wave, o, _, rate)
    return assert(music.pitch_shift(wave, o.semitones,
      { rate = rate, fine = o.fine, formants = o.formants }))
  end }

M.room = { ranges = { time = range(0.2, 0.8, 0.01, 20, true), wet = range(0.1, 0.5, 0, 10),
    size = range(0.7, 1.4, 0.3, 3, true) },
  apply = function(wave, o, _, rate)
    return by_channel(wave, function(channel)
      local echo = mixing.reverb(core.zeros { channel:count(), 2 }, channel, rate, o.time, o.wet,
        o.size)
      return channel + echo:slice(2, 1, 1):reshape(-1)
    end)
  end }

-- What an encoder writes at, where it does not take all rates.
local OPUS = 48000

M.codec = { ranges = { quality = range(0, 0.5, 0, 1) },
  options = { kind = options_of.choice("mp3", "ogg", "opus") },
  apply = function(wave, o, _, rate)
    local own = os.tmpname()
    local path, n = ("%s.%s"):format(own, o.kind or "mp3"), samples_of(wave)
    local at = o.kind == "opus" and OPUS or rate
    local function there(x, from, to)
      return from == to and x or by_channel(x, function(c) return audio.resample(c, from, to) end)
    end
    local many = #wave:size() > 1
    local x = there(wave, rate, at)
    local done, why = audio.write(path, many and x:permute { 2, 1 } or x, at,
      { quality = o.quality })
    local back
    if done then back, why = audio.read(path, { mono = not many }) end
    os.remove(path)
    os.remove(own)
    if not back then error("augment: codec: " .. why, 0) end
    return fitted(there(many and back:permute { 2, 1 } or back, at, rate), n)
  end }

M.crop = { ranges = { seconds = range(3, 3, 1e-4, 1e5) },
  apply = function(wave, o, source, rate)
    local n = samples_of(wave)
    local keep = math.max(1, math.min(n, math.floor(o.seconds * rate + 0.5)))
    local first = source:integer(n - keep + 1)
    return wave:slice(-1, first, first + keep - 1)
  end }

return M
