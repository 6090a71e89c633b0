--- Finds the same recording under two names, however it was encoded, cut or resampled: by
-- fingerprints of the sound (Chromaprint), compared through an index.
local audio = require "moonstem.audio"
local core = require "moonstem.core.tensor"
local file_index = require "moonstem.data.file_index"
local items = require "moonstem.data.items"
local options_of = require "moonstem.options"
local pass = require "moonstem.data.pass"
local strict = require "moonstem.strict"

local M = {}

local PURPOSE = "duplicates 1" -- of the index's prints
local RATE = 11025 -- what Chromaprint listens at

-- A file's fingerprint, from the index where the file is known: a record with `print`, or `error`.
local function probe(file, index)
  local key = file_index.key(file, PURPOSE)
  if not key then return { error = "it is not there" } end
  local record = index:get(key)
  if record then return record end
  local _ <close> = core.scope()
  local wave, why = audio.read(file.path, { rate = RATE, stream = file.stream })
  local print = wave and wave:count() > 0 and wave:isfinite():amin():item() == 1
    and assert(audio.fingerprint(wave, { rate = RATE }))
  if not print and wave then why = "it has no sound, or numbers that are not finite" end
  record = { file = file.path, stream = file.stream, print = print or nil,
    error = not print and why or nil }
  index:put(key, record)
  return record
end

--- A worker's part: looks at one file.
function M.visit(file, _, index)
  probe(file, index)
end

local Pairs = {}
Pairs.__index = Pairs
Pairs.__name = "moonstem.duplicates"

local function clock(seconds)
  return ("%d:%04.1f"):format(math.floor(seconds / 60), seconds % 60)
end

local function line_of(pair)
  local a, b = pair.a, pair.b
  local at_a, at_b = math.max(0, pair.offset), math.max(0, -pair.offset)
  return ("%s (%s) from %s on and %s (%s) from %s on: %.0f s are the same recording"):format(
    a.id, pair.a_split, clock(at_a), b.id, pair.b_split, clock(at_b), pair.seconds)
end

-- Across splits first.
Pairs.__tostring = function(pairs)
  local lines = { ("%d pairs of the same recording, %d of them across splits"):format(#pairs,
    pairs.leaks) }
  for _, leak in ipairs { true, false } do
    for _, pair in ipairs(pairs) do
      if pair.leak == leak then lines[#lines + 1] = "  " .. line_of(pair) end
    end
  end
  if #pairs.unheard > 0 then
    lines[#lines + 1] = "without a fingerprint (too short, or not to be read): "
      .. require("moonstem.data.findings").few(pairs.unheard)
  end
  return table.concat(lines, "\n")
end

-- The items that were heard, as { item =, split =, print = }, and the names of the others.
local function fingerprinted(dataset, prints)
  local list, unheard = {}, {}
  items.each(dataset.splits, function(item, split)
    local print = prints[item] and prints[item].print
    if print and #print > 0 then
      list[#list + 1] = { item = item, split = split, print = print }
    else
      unheard[#unheard + 1] = item.id
    end
  end)
  return list, unheard
end

local function pairs_of(list, o)
  local prints, result = {}, { leaks = 0 }
  for k, one in ipairs(list) do prints[k] = one.print end
  for k, d in ipairs(audio.duplicates(prints, { errors = o.errors, seconds = o.seconds })) do
    local a, b = list[d[1]], list[d[2]]
    result[k] = { a = a.item, a_split = a.split, b = b.item, b_split = b.split, offset = d.offset,
      seconds = d.seconds, errors = d.errors, leak = a.split ~= b.split }
    if result[k].leak then result.leaks = result.leaks + 1 end
  end
  return result
end

--- ms.data.duplicates(dataset, { cache =, workers =, errors = 0.3, seconds = 4 }) -> list of pairs
-- Clips or songs (their mixtures) that hold the same recording, re-encoded, cut otherwise, louder
-- or at another rate: { a =, b = items, a_split =, b_split =, leak = whether the splits differ,
-- offset = where b's beginning lies in a, in seconds, seconds = how much is the same, errors =
-- share of bits that differ }. tostring of it is a readable list; pairs.leaks counts those across
-- splits, pairs.unheard names what has no fingerprint. The same music played anew, faster or higher
-- is not found.
-- options: { cache = folder for fingerprints, so that files are listened to once, workers =
--   processes (with a cache only; all processors for many files), errors = 0.3 of the bits at most,
--   seconds = 4 at least, progress = function(done, total, what) }
-- nil and a message when interrupted, or where Chromaprint is unheard.
function M.find(dataset, options)
  local o = options_of(options, "duplicates", { cache = options_of.string,
    workers = options_of.count, progress = options_of.callable, errors = options_of.share(0.3),
    seconds = options_of.positive(4) })
  items.expect_data_set(dataset, "duplicates")
  local usable, why = audio.fingerprint(core.zeros { RATE }, { rate = RATE })
  if not usable then return nil, "duplicates: " .. why end
  local prints, files = {}, {}
  items.each(dataset.splits, function(item) files[#files + 1] = items.files(item)[1] end)
  local passed
  passed, why = pass.run(dataset, { task = "duplicates", purpose = PURPOSE, files = files,
    cache = o.cache, workers = o.workers, progress = o.progress,
    change = function(item, _, index)
      prints[item] = probe(items.files(item)[1], index)
      return item
    end })
  if not passed then return nil, why end
  local list, unheard = fingerprinted(dataset, prints)
  local result = pairs_of(list, o)
  result.unheard = unheard
  return setmetatable(result, Pairs)
end

strict.class(Pairs, "duplicates", { "leaks", "unheard" })

return M
