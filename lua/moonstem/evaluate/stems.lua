--- Separation of audio files into files, in memory that does not grow with their length.
local audio = require "moonstem.audio"
local core = require "moonstem.tensor"
local sys = require "moonstem.sys"
local front = require("moonstem.audio.frontend").paper
local blocks = require "moonstem.evaluate.blocks"
local options_of = require "moonstem.options"
local reader = require "moonstem.evaluate.reader"

local M = {}

local HALF = blocks.HALF
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

-- Appends (S + 1, n): the sources and what they leave of the mixture.
-- Their largest magnitude, or nil and a message.
local function spool_block(spool, sources, mixture, path)
  local stems, rest = sources:size(1), mixture
  for k = 1, stems do rest = rest - sources:slice(1, k, k):reshape { -1 } end
  local all = core.ops.cat({ sources, rest:reshape { 1, -1 } }, 1)
  if not all:finite() then
    return nil, path .. ": the separator gives samples that are not finite numbers; "
      .. "is its checkpoint whole?"
  end
  local ok, why = spool:write(all:bytes())
  if not ok then return nil, ("%s: no room for its stems: %s"):format(path, why) end
  return (all:abs():max())
end

-- Separates into the spool: how many samples, and the largest
-- magnitude of all stems; or nil and a message.
local function separate_to(spool, model, read, path, progress)
  local samples, peak = 0, 0
  local ok, why = blocks.blocks(model, read, function(sources, mixture)
    local most, problem = spool_block(spool, sources, mixture, path)
    if not most then return nil, problem end
    samples, peak = samples + mixture:size(1), math.max(peak, most)
    if progress then progress(mixture:size(1)) end
    return true
  end)
  if not ok then return nil, why end
  if samples == 0 then return nil, path .. ": there is no sound in it" end
  ok, why = spool:seek "set"
  if not ok then return nil, ("%s: no room for its stems: %s"):format(path, why) end
  return samples, peak
end

-- A list of things that are closed together.
local function closing_list()
  return setmetatable({}, { __close = function(list)
    for _, one in ipairs(list) do one:close() end
  end })
end

-- Copies the next n samples of all stems to their sinks, times a gain.
local function write_block(spool, sinks, n, gain)
  local _ <close> = core.scope()
  local bytes = spool:read(4 * n * #sinks)
  if not bytes or #bytes < 4 * n * #sinks then
    return nil, "the stems cannot be read back from the disk"
  end
  local all = core.from_string(bytes, { #sinks, n }) * gain
  for k, sink in ipairs(sinks) do
    local ok, why = sink:write(all:slice(1, k, k):reshape { n })
    if not ok then return nil, why end
  end
  return true
end

-- Writes the spool's stems to files; true, or nil and a message.
local function write_stems(spool, samples, files, encoding, gain)
  local sinks <close> = closing_list()
  for k, file in ipairs(files) do
    local sink, why = audio.create(file, front.rate, { encoding = encoding })
    if not sink then return nil, why end
    sinks[k] = sink
  end
  for at = 0, samples - 1, HALF do
    local ok, why = write_block(spool, sinks, math.min(HALF, samples - at), gain)
    if not ok then return nil, why end
  end
  for _, sink in ipairs(sinks) do
    local ok, why = sink:finish()
    if not ok then return nil, why end
  end
  return true
end

local ENCODINGS = { ["16"] = "int16", ["24"] = "int24", float = "float" }
local BITS = options_of.choice("16", "24", "float")

--- ms.evaluate.separate_file(model, path, files, {bits =, progress =}) -> table
-- Separates an audio file into WAV files, 16 kHz mono: `files` names one for each source and a last
-- one for the rest of the mixture. Memory does not grow with the song. Sources and rest add up to
-- the mixture: where one of them passes full scale, all are scaled together, unless they are
-- floats. The files appear when all is separated.
-- options: { bits = "16", "24" or "float", progress = function(samples) }
-- Returns { samples =, peak = largest magnitude of all, gain = what they were scaled by (1: not at
-- all), notice = of damage in the file, or nil }; or nil and a message that names the file
-- (unreadable, not finite, a full disk).
function M.separate_file(model, path, files, options)
  local o = options_of(options, "separate_file",
    { bits = BITS "16", progress = options_of.callable })
  local encoding = ENCODINGS[o.bits]
  local read, opened = reader.reader(path)
  if not read then return nil, opened end
  local source <close> = opened
  local spool <close>, why = open_spool(files[1])
  if not spool then return nil, why end
  local samples, peak = separate_to(spool, model, read, path, o.progress)
  if not samples then return nil, peak end
  local gain = encoding ~= "float" and peak > FULL and 1 / peak or 1
  local ok
  ok, why = write_stems(spool, samples, files, encoding, gain)
  if not ok then return nil, why end
  return { samples = samples, peak = peak, gain = gain, notice = source.notice }
end

return M
