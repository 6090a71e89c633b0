--- Decodes every clip once and leaves out what cannot be used, with a report.
-- The decoded length is the truth: damaged MP3s go on declaring their full length.
local audio = require "moonstem.audio"
local sys = require "moonstem.sys"
local front = require("moonstem.audio.frontend").paper
local splits = require "moonstem.data.splits"
local findings = require "moonstem.data.findings"
local file_index = require "moonstem.data.file_index"
local options_of = require "moonstem.options"
local warm = require "moonstem.data.warm"

local M = {}

local SECONDS_MIN = front:seconds(384) -- one crop
local PURPOSE = "check 2" -- of the index's records; 2 since they hold `content`
local SILENCE = 1e-4 -- of ms.audio.check
local UNEQUAL = 1e-3 -- seconds by which the stems of a song may differ without a note

-- What a full decode shows, from the index where the file is known.
local function probe(file, index)
  local key = file_index.key(file, PURPOSE)
  if not key then return { reason = "missing" } end
  local facts = index:get(key)
  if facts then return facts end
  local shown, why = audio.check(file.path, { stream = file.stream })
  facts = { file = file.path, stream = file.stream }
  if shown then
    facts.declared, facts.decoded, facts.rate = shown.frames, shown.decoded, shown.rate
    facts.complete, facts.finite, facts.silent, facts.content = shown.complete, shown.finite, shown.silent, shown.content
    facts.error = shown.reason
    facts.cancels = shown.silent and shown.peak >= SILENCE
  else
    facts.unreadable, facts.error = true, why
  end
  index:put(key, facts)
  return facts
end

--- A worker's part: looks at one file.
function M.warm(file, _, index)
  probe(file, index)
end

-- Why a file cannot be used: one word and, where it helps, a sentence; nil when it can.
local function judge(facts, seconds_min, may_be_silent)
  if facts.reason then return facts.reason end
  if facts.unreadable then return "unreadable", facts.error end
  if not facts.complete then return "damaged", facts.error end
  if not facts.finite then return "not finite" end
  if facts.decoded / facts.rate < seconds_min then return "short" end
  if facts.silent and not may_be_silent then return "silent", facts.error end
end

-- The shortest and the longest of an item's files. lengths: list of { seconds =, stem = }.
local function extremes(lengths)
  local short, long = lengths[1], lengths[1]
  for _, length in ipairs(lengths) do
    if length.seconds < short.seconds then short = length end
    if length.seconds > long.seconds then long = length end
  end
  return short, long
end

-- An item with its length, or nil and an entry for the report.
local function examine(item, split, index, seconds_min)
  local good, lengths = {}, {}
  for k, v in pairs(item) do good[k] = v end
  for i, file in ipairs(splits.files(item)) do
    local facts = probe(file, index)
    local reason, detail = judge(facts, seconds_min, file.stem and file.stem ~= "mixture")
    if reason then
      return nil, { file = file.path, stem = file.stem, id = item.id, split = split, reason = reason,
        detail = detail, declared = facts.declared, decoded = facts.decoded }
    end
    if facts.cancels then good.cancels = ("%s (%s)"):format(item.id, file.stem) end
    lengths[i] = { seconds = facts.decoded / facts.rate, stem = file.stem }
    good.content = good.content or facts.content -- the mixture's, which comes first
  end
  local short, long = extremes(lengths)
  if long.seconds - short.seconds > UNEQUAL then
    good.unequal = ("%s (%s %.3f s, %s %.3f s)"):format(item.id, short.stem, short.seconds, long.stem, long.seconds)
  end
  good.seconds = short.seconds
  return good
end

-- Adds what decoding has shown of the items side by side to the notes of a checked data set.
local function add_notes(checked)
  local unequal, cancelling, notes = {}, {}, {}
  for _, split in ipairs(splits.SPLITS) do
    for _, item in ipairs(checked.splits[split]) do
      unequal[#unequal + 1], cancelling[#cancelling + 1] = item.unequal, item.cancels
    end
  end
  if #unequal > 0 then
    notes[1] = "the stems differ in length, and only as much as all of them have is used: " .. findings.few(unequal)
  end
  if #cancelling > 0 then
    notes[#notes + 1] = "the channels of a stem cancel, so that in mono it is silent: " .. findings.few(cancelling)
  end
  findings.same_sounds(checked, notes)
  for _, list in ipairs { checked.own_notes, checked.notes } do table.move(notes, 1, #notes, #list + 1, list) end
  return checked
end

local function each_in_turn(dataset, given, index)
  local done, total, stopped = 0, dataset:count(), false
  local checked, refusal = splits.map(dataset, function(item, split)
    stopped = stopped or sys.interrupted()
    if stopped then return nil end
    local good, entry = examine(item, split, index, given.seconds_min)
    done = done + 1
    if given.progress then given.progress(done, total, item.id) end
    return good, entry
  end)
  if not stopped then return checked and add_notes(checked), refusal end
  return nil, ("check: interrupted after %d of %d; what was decoded is kept in the cache, if one is given")
    :format(done, total)
end

--- dataset:check{cache =, workers =, seconds_min =, progress =} -> dataset
-- Decodes every file once; returns a data set of the good items.
-- Left out and reported are files that are missing, unreadable, damaged (fewer frames decode than
-- declared, or the decoder gave up), not finite, short, or silent (below 1e-4 throughout, in the mean of the
-- channels; a stem other than the mixture may be). Notes tell songs whose stems differ in length, and items that share their
-- sound, file by file or as copies.
-- options: { seconds_min = 3.862 (one crop), cache = folder for the results, so that unchanged files
--   are not decoded again, workers = processes (with a cache only; all processors for many files),
--   progress = function(done, total, what) }
-- Items gain `seconds` (of the shortest stem). Returns nil and a sentence when interrupted or when too little is left.
function M.check(dataset, options)
  local given = options_of(options, "check",
    { seconds_min = SECONDS_MIN, cache = options_of.string, workers = options_of.count, progress = options_of.callable })
  local warmed, why = warm.run(dataset, PURPOSE, { task = "check", cache = given.cache }, given)
  if not warmed then return nil, "check: " .. why end
  local index
  index, why = file_index.open(given.cache, "checked")
  if not index then return nil, "check: " .. why end
  local checked, refusal = each_in_turn(dataset, given, index)
  index:close()
  return checked, refusal
end

return M
