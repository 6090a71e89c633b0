--- Separation of audio files into files, in memory that does not grow with their length.
local audio = require "moonstem.audio"
local core = require "moonstem.tensor"
local sys = require "moonstem.sys"
local front = require("moonstem.audio.frontend").paper
local blocks = require "moonstem.evaluate.blocks"
local full_band = require "moonstem.evaluate.full_band"
local options_of = require "moonstem.options"
local reader = require "moonstem.evaluate.reader"

local M = {}

local FULL = 1 + 2 ^ -16 -- full scale and half a step, which rounding to 16 bits brings back

-- Opens a file for the waves until the gain of all is known. It lies beside
-- the stems and is unlinked at once, so nothing of it outlives the program;
-- its name is short, as the stems' may be long.
local function open_spool(path)
  local spool = ("%s.spool-%d"):format(path:match "^.*/" or "", sys.pid())
  local file, why = io.open(spool, "w+b")
  if not file then return nil, why end
  os.remove(spool)
  return file
end

-- Appends stems (S + 1, C, n). Their largest magnitude, or nil and a message.
local function spool_block(spool, stems, path)
  local peak = math.max((stems:max()), -(stems:min()))
  if peak ~= peak or peak == math.huge then -- NaN passes through max and min
    return nil, path .. ": the separator gives samples that are not finite numbers; "
      .. "is its checkpoint whole?"
  end
  local ok, why = spool:write(stems:bytes())
  if not ok then return nil, ("%s: no room for its stems: %s"):format(path, why) end
  return peak
end

-- The networks' own sound: sources and the rest, mono at 16 kHz.
local function narrow(model, read, visit)
  return blocks.blocks(model, read, function(sources, mixture)
    local rest = mixture - sources:sum(1)
    local all = core.ops.cat({ sources, rest:reshape { 1, -1 } }, 1)
    return visit(all:reshape { all:size(1), 1, all:size(2) })
  end)
end

-- Separates into the spool: the lengths of its blocks, how many samples, and the largest magnitude
-- of all stems; or nil and a message.
local function separate_to(spool, run, path, progress)
  local lengths, samples, peak = {}, 0, 0
  local ok, why = run(function(stems)
    local most, problem = spool_block(spool, stems, path)
    if not most then return nil, problem end
    local n = stems:size(3)
    lengths[#lengths + 1] = n
    samples, peak = samples + n, math.max(peak, most)
    if progress then progress(n) end
    return true
  end)
  if not ok then return nil, why end
  if samples == 0 then return nil, path .. ": there is no sound in it" end
  ok, why = spool:seek "set"
  if not ok then return nil, ("%s: no room for its stems: %s"):format(path, why) end
  return lengths, samples, peak
end

-- A list of things that are closed together.
local function closing_list()
  return setmetatable({}, { __close = function(list)
    for _, one in ipairs(list) do one:close() end
  end })
end

-- Copies the next n samples of all stems to their sinks, times a gain.
local function write_block(spool, sinks, n, sound)
  local _ <close> = core.scope()
  local size = 4 * n * sound.channels * #sinks
  local bytes = spool:read(size)
  if not bytes or #bytes < size then return nil, "the stems cannot be read back from the disk" end
  local all = core.from_string(bytes, { #sinks, sound.channels, n })
  if sound.gain ~= 1 then all = all * sound.gain end
  for k, sink in ipairs(sinks) do
    local stem = all:slice(1, k, k):reshape { sound.channels, n }
    local ok, why = sink:write(sound.channels == 1 and stem:reshape { n } or stem:permute { 2, 1 })
    if not ok then return nil, why end
  end
  return true
end

-- Writes the spool's stems to files. sound: their rate, channels, gain, encoding and quality.
-- true, or nil and a message.
local function write_stems(spool, lengths, files, sound)
  local sinks <close> = closing_list()
  for k, file in ipairs(files) do
    local sink, why = audio.create(file, sound.rate, { channels = sound.channels,
      encoding = sound.encoding, quality = sound.quality })
    if not sink then return nil, why end
    sinks[k] = sink
  end
  for _, n in ipairs(lengths) do
    local ok, why = write_block(spool, sinks, n, sound)
    if not ok then return nil, why end
  end
  for _, sink in ipairs(sinks) do
    local ok, why = sink:finish()
    if not ok then return nil, why end
  end
  return true
end

-- ---- kinds of files --------------------------------------------------------------------------
local ENCODINGS = { ["16"] = "int16", ["24"] = "int24", float = "float" }
local KNOWN = { bits = options_of.choice("16", "24", "float") "16",
  rate = options_of.either(options_of.choice("original"), options_of.positive) "original",
  above = options_of.choice("average", "rest", "zero") "average", quality = options_of.number,
  progress = options_of.callable }

-- How stems are encoded in a file of that name: "int16" and so on, or nil where the kind of file
-- has one way alone.
local function encoding_of(file, bits)
  local lossy = file:lower():match "%.(%w+)$"
  if lossy == "ogg" or lossy == "opus" or lossy == "mp3" then return nil end
  return ENCODINGS[bits]
end

-- How the recording is separated, run(visit), and the rate and channels of its stems.
local function way(model, read, path, o)
  if o.rate ~= "original" then
    if o.rate ~= front.rate then
      error(('separate_file: rate must be "original" or %d, got %g'):format(front.rate, o.rate), 3)
    end
    local sound = { rate = front.rate, channels = 1 }
    return function(visit) return narrow(model, read, visit) end, sound
  end
  local original, why = audio.open(path, { mono = false })
  if not original then return nil, why end
  return function(visit)
    local source <close> = original
    return full_band.each(model, read, source, o.above, visit)
  end, { rate = original.rate, channels = original.channels }
end

--- ms.evaluate.separate_file(model, path, files, {rate =, above =, bits =, progress =}) -> table
-- Separates an audio file into files: `files` names one for each source and a last one for the rest
-- of the mixture, WAV, FLAC, OGG or MP3 by their endings. Their rate, channels and samples are the
-- recording's own: masks that the separator finds at 16 kHz in mono scale the spectra of its
-- channels. Memory does not grow with the song. Sources and rest add up to the mixture: where one
-- of them passes full scale, all are scaled together, unless they are floats. The files appear when
-- all is separated.
-- options: { rate = "original", or 16000: what the network itself gives, in mono; above = what
-- becomes of frequencies above 7.9 kHz: "average" (the mean mask of a frame, as Spleeter's
-- "average"), "rest" (all to the rest), "zero" (left out everywhere, as Spleeter's "zeros"); bits =
-- "16", "24" or "float", of WAV and FLAC; quality = 0..1 of OGG and MP3; progress =
-- function(samples) }
-- Returns { samples =, rate =, channels =, peak = largest magnitude of all, gain = what they were
-- scaled by (1: not at all), notice = of damage in the file, or nil }; or nil and a message that
-- names the file (unreadable, not finite, a full disk).
function M.separate_file(model, path, files, options)
  local o = options_of(options, "separate_file", KNOWN)
  local read, opened = reader.reader(path)
  if not read then return nil, opened end
  local source <close> = opened
  local run, sound = way(model, read, path, o)
  if not run then return nil, sound end
  local spool <close>, why = open_spool(files[1])
  if not spool then return nil, why end
  local lengths, samples, peak = separate_to(spool, run, path, o.progress)
  if not lengths then return nil, samples end
  sound.encoding, sound.quality = encoding_of(files[1], o.bits), o.quality
  sound.gain = sound.encoding ~= "float" and peak > FULL and 1 / peak or 1
  local ok
  ok, why = write_stems(spool, lengths, files, sound)
  if not ok then return nil, why end
  return { samples = samples, rate = sound.rate, channels = sound.channels, peak = peak,
    gain = sound.gain, notice = source.notice }
end

return M
