--- Decodes every clip once and leaves out what cannot be used, with a report.
-- The decoded length counts, since damaged MP3s still declare their full length.
local audio = require "moonstem.audio"
local front = require("moonstem.audio.frontend").paper
local items = require "moonstem.data.items"
local findings = require "moonstem.data.findings"
local file_index = require "moonstem.data.file_index"
local options_of = require "moonstem.options"
local pass = require "moonstem.data.pass"

local M = {}

local SECONDS_MIN = front:seconds(384) -- one crop
local PURPOSE = "check 3" -- of the index's records; 3 since they know constant levels
local SILENCE = 1e-4 -- of ms.audio.check
local UNEQUAL = 1e-3 -- seconds by which the stems of a song may differ without a note

-- What a full decode shows, from the index where the file is known.
local function probe(file, index)
  local key = file_index.key(file, PURPOSE)
  if not key then return { reason = "missing" } end
  local record = index:get(key)
  if record then return record end
  local shown, why = audio.check(file.path, { stream = file.stream })
  record = shown and { declared = shown.frames, decoded = shown.decoded, rate = shown.rate,
    complete = shown.complete, finite = shown.finite, silent = shown.silent,
    content = shown.content, error = shown.reason,
    cancels = shown.silent and not shown.constant and shown.peak >= SILENCE }
    or { unreadable = true, error = why }
  record.file, record.stream = file.path, file.stream
  index:put(key, record)
  return record
end

--- A worker's part: looks at one file.
function M.visit(file, _, index)
  probe(file, index)
end

-- A message about a file without its name, which the report has in front.
local function without_name(message, file)
  local lead = file .. ": "
  return message:sub(1, #lead) == lead and message:sub(#lead + 1) or message
end

-- Why a file cannot be used: one word and, where it helps, a message; nil when it can.
local function judge(record, seconds_min, may_be_silent)
  if record.reason then return record.reason end
  if record.unreadable then return "unreadable", without_name(record.error, record.file) end
  if not record.complete then return "damaged", record.error end
  if not record.finite then return "not finite" end
  if record.decoded / record.rate < seconds_min then return "short" end
  if record.silent and not may_be_silent then return "silent", record.error end
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
  local good, lengths = options_of.merge(item), {}
  for i, file in ipairs(items.files(item)) do
    local record = probe(file, index)
    local reason, detail = judge(record, seconds_min, file.stem and file.stem ~= "mixture")
    if reason then
      return nil, { file = file.path, stem = file.stem, id = item.id, split = split,
        reason = reason, detail = detail, declared = record.declared, decoded = record.decoded }
    end
    if record.cancels then good.cancels = ("%s (%s)"):format(item.id, file.stem) end
    lengths[i] = { seconds = record.decoded / record.rate, stem = file.stem }
    good.content = good.content or record.content -- the mixture's, which comes first
  end
  local short, long = extremes(lengths)
  if long.seconds - short.seconds > UNEQUAL then
    good.unequal = ("%s (%s %.3f s, %s %.3f s)")
      :format(item.id, short.stem, short.seconds, long.stem, long.seconds)
  end
  good.seconds = short.seconds
  return good
end

-- Adds what decoding has shown of the items side by side to the notes of a checked data set.
local function add_notes(checked)
  local unequal, cancelling, notes = {}, {}, {}
  items.each(checked.splits, function(item)
    unequal[#unequal + 1], cancelling[#cancelling + 1] = item.unequal, item.cancels
  end)
  if #unequal > 0 then
    notes[1] = "the stems differ in length, and only as much as all of them have is used: "
      .. findings.few(unequal)
  end
  if #cancelling > 0 then
    notes[#notes + 1] = "the channels of a stem cancel, so that in mono it is silent: "
      .. findings.few(cancelling)
  end
  findings.same_sounds(checked, notes)
  for _, list in ipairs { checked.own_notes, checked.notes } do
    table.move(notes, 1, #notes, #list + 1, list)
  end
  return checked
end

--- The check's part in a share of the data set (cache.share).
function M.share(dataset, options, k, n)
  return pass.share(dataset, options_of.merge(options, { task = "check", purpose = PURPOSE }), k, n)
end

--- dataset:check{cache =, workers =, seconds_min =, progress =} -> dataset
-- Decodes every file once; returns a data set of the good items.
-- Left out and reported are files that are missing, unreadable, damaged (fewer frames decode than
-- declared, or the decoder gave up), not finite, short, or silent (below 1e-4 throughout or always
-- at one level, in the mean of the channels; a stem other than the mixture may be). Notes name
-- songs whose stems differ in length, and items that share their sound.
-- options: { seconds_min = 3.862 (one crop), cache = folder for the results, so that unchanged
--   files are not decoded again, workers = processes (with a cache only; all processors for many
--   files), progress = function(done, total, what) }
-- Items gain `seconds` (of the shortest stem). Returns nil and a
-- message when interrupted or when too little is left.
function M.check(dataset, options)
  local given = options_of(options, "check", { seconds_min = SECONDS_MIN, cache = options_of.string,
    workers = options_of.count, progress = options_of.callable })
  items.expect_data_set(dataset, "check")
  local function change(item, split, index)
    return examine(item, split, index, given.seconds_min)
  end
  local checked, why = pass.run(dataset,
    options_of.merge(given, { task = "check", purpose = PURPOSE, change = change }))
  return checked and add_notes(checked), why
end

return M
