--- The one-time pack: all audio of a data set as 16 kHz mono 16-bit WAV, so that crops are cheap; sound above full
-- scale, as decoders of loud MP3s give it, as floats, so that training hears what the source holds.
local audio = require "moonstem.audio"
local core = require "moonstem.core.tensor"
local sys = require "moonstem.sys"
local front = require("moonstem.audio.frontend").paper
local check = require "moonstem.data.check"
local splits = require "moonstem.data.splits"
local file_index = require "moonstem.data.file_index"
local options_of = require "moonstem.options"
local warm = require "moonstem.data.warm"

local M = {}

-- The number tells how packs were made: older ones, whose numbers were rounded down, are not taken.
local function purpose(rate)
  return "pack 2 " .. rate
end

-- Writes one file's audio under its key; the number of samples and the path, or nil and a sentence.
-- A pack that is already there is kept.
local function pack_file(file, given, index)
  local key = file_index.key(file, purpose(given.rate))
  if not key then return nil, file.path .. " has gone" end
  local folder = ("%s/%s"):format(given.cache, key:sub(1, 2))
  local path = ("%s/%s.wav"):format(folder, key)
  local known = index:get(key)
  if known and sys.exists(path) then return known.samples, path end
  local wave, why = audio.read(file.path, { rate = given.rate, mono = true, stream = file.stream })
  if not wave then return nil, why end
  local made
  made, why = sys.mkdir(folder)
  local encoding = wave:abs():max() > 1 and "float" or "int16"
  if made then made, why = audio.write(path, wave, given.rate, { encoding = encoding }) end
  if not made then return nil, why end
  local samples = wave:size(1)
  index:put(key, { file = file.path, stream = file.stream, samples = samples })
  return samples, path
end

--- A worker's part: packs one file. What fails is left to the caller's own loop, which says why.
function M.warm(file, job, index)
  pack_file(file, job, index)
end

-- The item with its paths in the pack.
local function pack_item(item, given, index)
  local packed = {}
  for k, v in pairs(item) do packed[k] = v end
  packed.streams, packed.samples = nil, math.maxinteger
  packed.stems = item.stems and {}
  for _, file in ipairs(splits.files(item)) do
    local _ <close> = core.scope()
    local samples, path = pack_file(file, given, index)
    if not samples then return nil, path end
    if file.stem then packed.stems[file.stem] = path else packed.path = path end
    packed.samples = math.min(packed.samples, samples)
  end
  packed.seconds = packed.samples / given.rate
  return packed
end

local function each_in_turn(dataset, given, index)
  local done, total, problem = 0, dataset:count(), nil
  local packed, refusal = splits.map(dataset, function(item)
    if not problem and sys.interrupted() then
      problem = ("interrupted after %d of %d; the same call goes on from there"):format(done, total)
    end
    if problem then return nil end
    local new
    new, problem = pack_item(item, given, index)
    done = done + 1
    if given.progress then given.progress(done, total, item.id) end
    return new
  end)
  if problem then return nil, "pack: " .. problem end
  return packed, refusal
end

--- ms.data.pack(dataset, {cache =, rate =, workers =, seconds_min =, progress =}) -> dataset
-- The one-time pack: checks every file (see dataset:check), writes each as a WAV file of its own (songs:
-- every stem and the mixture; 16 bits, floats where it passes full scale) and returns a data set whose paths
-- point there; items gain `samples` and `seconds`, the split hash stays.
-- options: { cache = folder (needed), rate = 16000 Hz, seconds_min and workers as in check,
--   progress = function(done, total, what), first for the check, then for the pack }
-- Files are keyed by source path, size and time of change and appear only when whole, so a pack that
-- was broken off goes on where it stopped. Returns nil and a sentence when interrupted, when a disk is
-- full, or when too little audio is good.
function M.pack(dataset, options)
  local given = options_of(options, "pack", { cache = options_of.string, rate = options_of.count(front.rate),
    seconds_min = front:seconds(384), workers = options_of.count, progress = options_of.callable })
  if not given.cache then error("pack: cache = FOLDER is needed", 0) end
  local good, why = check.check(dataset, { cache = given.cache, seconds_min = given.seconds_min,
    workers = given.workers, progress = given.progress })
  if not good then return nil, why end
  local warmed
  warmed, why = warm.run(good, purpose(given.rate), { task = "pack", cache = given.cache, rate = given.rate }, given)
  if not warmed then return nil, "pack: " .. why end
  local index
  index, why = file_index.open(given.cache, "packed")
  if not index then return nil, "pack: " .. why end
  local packed, refusal = each_in_turn(good, given, index)
  index:close()
  return packed, refusal
end

return M
