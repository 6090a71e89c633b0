--- The 16 kHz copies of a data set: all audio once as mono 16-bit WAV, so that
-- crops are cheap; sound above full scale, as decoders of loud MP3s give it, as
-- floats, so that training gets what the source holds.
local audio = require "moonstem.audio"
local core = require "moonstem.tensor"
local core_io = require "moonstem.core.io"
local digest = require "moonstem.sys.digest"
local sys = require "moonstem.sys"
local front = require("moonstem.audio.frontend").paper
local check = require "moonstem.data.check"
local items = require "moonstem.data.items"
local file_index = require "moonstem.data.file_index"
local options_of = require "moonstem.options"
local pass = require "moonstem.data.pass"

local M = {}

-- In keys of the index. The number tells how copies were made: older ones, whose numbers were
-- rounded down, are not taken. The word is that of version 0.1, so that its copies are found.
local function purpose(rate)
  return "pack 2 " .. rate
end

-- Writes one file's audio under its key; the path and what the index knows of it, or nil and a
-- message. A copy that is already there is kept, if it has its length.
local function copy_file(file, given, index)
  local key = file_index.key(file, purpose(given.rate))
  if not key then return nil, file.path .. " has gone" end
  local folder = ("%s/%s"):format(given.cache, key:sub(1, 2))
  local path = ("%s/%s.wav"):format(folder, key)
  local known = index:get(key)
  local size = known and sys.size(path)
  if size and size == (known.bytes or size) then return path, known end
  local wave, why = audio.read(file.path, { rate = given.rate, mono = true, stream = file.stream })
  if not wave then return nil, why end
  local made
  made, why = sys.mkdir(folder)
  local encoding = wave:abs():max() > 1 and "float" or "int16"
  if made then made, why = audio.write(path, wave, given.rate, { encoding = encoding }) end
  local written
  if made then written, why = sys.read_file(path) end
  if not written then return nil, why end
  known = { file = file.path, stream = file.stream, samples = wave:size(1), bytes = #written,
    sum = core_io.crc32c(written) }
  index:put(key, known)
  return path, known
end

--- A worker's part: copies one file. What fails is left to the caller's own loop, which says why.
M.visit = copy_file

-- The item with its paths in the cache.
local function copy_item(item, given, index)
  local copy = options_of.merge(item)
  copy.streams, copy.samples, copy.sums = nil, math.maxinteger, {}
  copy.stems = item.stems and {}
  for _, file in ipairs(items.files(item)) do
    local _ <close> = core.scope()
    local path, known = copy_file(file, given, index)
    if not path then return nil, known end
    if file.stem then copy.stems[file.stem] = path else copy.path = path end
    copy.samples = math.min(copy.samples, known.samples)
    table.insert(copy.sums, known.sum)
  end
  copy.seconds = copy.samples / given.rate
  return copy
end

--- cache.share(dataset, { cache = folder, workers =, progress = }, k, n) -> true, or nil and a
-- message: checks and copies every n-th file from the k-th on. Where n machines have done so, cache
-- finds their work.
function M.share(dataset, options, k, n)
  local given = options_of.merge({ rate = front.rate }, options)
  local good, why = check.share(dataset, given, k, n)
  if not good then return nil, why end
  return pass.share(dataset, options_of.merge(given, { task = "cache",
    purpose = purpose(given.rate) }), k, n)
end

-- A sum of what all copies hold, wherever they lie; nil where some are older than these sums.
local function content_of(dataset)
  local lines, whole = {}, true
  items.each(dataset.splits, function(item)
    whole = whole and #item.sums == #items.files(item)
    lines[#lines + 1] = item.id .. "\t" .. table.concat(item.sums, " ")
    item.sums = nil
  end)
  table.sort(lines)
  return whole and digest(table.concat(lines, "\n")) or nil
end

--- ms.data.cache(dataset, {cache =, rate =, workers =, seconds_min =, progress =}) -> dataset
-- Checks every file (see dataset:check), copies each once into a WAV file of its own (songs: every
-- stem and the mixture; 16 bits, floats where it passes full scale) and returns a data set whose
-- paths point there; items gain `samples` and `seconds`, the split hash stays; the data set gains
-- `content`, a sum of what the copies hold.
-- options: { cache = folder (needed), rate = 16000 Hz, seconds_min and workers as in check,
--   progress = function(done, total, what), first for the check, then for the copies }
-- Files are keyed by source path, size and time of change and appear only when whole, so a call
-- that was broken off goes on where it stopped. Returns nil and a message when interrupted, when a
-- disk is full, or when too little audio is good.
function M.cache(dataset, options)
  local given = options_of(options, "cache", { cache = options_of.string,
    rate = options_of.count(front.rate), seconds_min = front:seconds(384),
    workers = options_of.count, progress = options_of.callable })
  items.expect_data_set(dataset, "cache")
  if not given.cache then error("cache: cache = FOLDER is needed", 0) end
  local good, why = check.check(dataset, { cache = given.cache, seconds_min = given.seconds_min,
    workers = given.workers, progress = given.progress })
  if not good then return nil, why end
  local cached
  cached, why = pass.run(good, options_of.merge(given, { task = "cache",
    purpose = purpose(given.rate),
    change = function(item, _, index) return copy_item(item, given, index) end }))
  if cached then cached.content = content_of(cached) end
  return cached, why
end

return M
