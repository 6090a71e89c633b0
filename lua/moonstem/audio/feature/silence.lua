--- Where a recording is silent: trim, split_silence, as librosa.effects does it.
local core = require "moonstem.core.tensor"
local decibels = require "moonstem.audio.feature.decibels"
local frames = require "moonstem.audio.feature.frames"
local options_of = require "moonstem.options"
local waves = require "moonstem.audio.feature.wave"

local M = {}

local KNOWN = { size = options_of.count(2048), hop = options_of.count(512),
  top_db = options_of.positive(60),
  ref = options_of.either(options_of.positive, options_of.choice "max") }

-- For every frame whether it sounds in some channel, as a list of booleans.
local function sounding(wave, o)
  local rms = waves.rms(wave, { size = o.size, hop = o.hop })
  local db = decibels.amplitude_to_db(rms, { ref = o.ref or "max", top_db = false })
  local size = db:size()
  local list = db:reshape(-1, size[#size]):totable()
  local result = {}
  for t = 1, size[#size] do
    for _, channel in ipairs(list) do result[t] = result[t] or channel[t] > -o.top_db end
  end
  return result, size[#size]
end

--- ms.audio.trim(wave, { top_db = 60, size = 2048, hop = 512 }) -> wave, first, last
-- The wave without what is silent at both ends, and which samples it holds, from 1; an empty wave,
-- 1 and 0 where all is silent (librosa.effects.trim). Silent is what lies top_db below ref, by the
-- rms of frames; of several channels (channels, samples), what all agree on. A wave of zeros is all
-- as loud as its loudest frame, and stays whole.
-- options: { top_db = 60, ref = "max", the loudest frame, or a number, size = 2048, hop = 512 }
function M.trim(wave, options)
  local o = options_of(options, "audio.trim", KNOWN)
  wave = frames.wave(wave, "audio.trim")
  local sounds, count = sounding(wave:detach(), o)
  local first, last
  for t = 1, count do
    if sounds[t] then first, last = first or t, t end
  end
  if not first then
    local size = wave:size()
    size[#size] = 0
    return core.zeros(size), 1, 0
  end
  local from, to = (first - 1) * o.hop + 1, math.min(wave:size()[#wave:size()], last * o.hop)
  return wave:slice(-1, from, to), from, to
end

--- ms.audio.split_silence(wave, { top_db = 60, size = 2048, hop = 512 }) -> list of { first, last }
-- The stretches between silences, in samples from 1 (librosa.effects.split). What is silent, and
-- the options: see ms.audio.trim.
function M.split_silence(wave, options)
  local o = options_of(options, "audio.split_silence", KNOWN)
  wave = frames.wave(wave, "audio.split_silence"):detach()
  local sounds, count = sounding(wave, o)
  local samples, list, first = wave:size()[#wave:size()], {}, nil
  for t = 1, count + 1 do
    if sounds[t] and not first then first = t end
    if first and not sounds[t] then
      list[#list + 1] = { (first - 1) * o.hop + 1, math.min(samples, (t - 1) * o.hop) }
      first = nil
    end
  end
  return list
end

return M
