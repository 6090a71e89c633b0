--- Decodes every clip once and leaves out what cannot be used, with a report.
-- The decoded length is the truth: damaged MP3s go on declaring their full length.
local crew = require "moonstem.data.crew"
local dataset_of = require "moonstem.data.dataset"
local ledger_of = require "moonstem.data.ledger"
local options_of = require "moonstem.data.options"

local M = {}

local SECONDS_MIN = 61792 / 16000 -- one crop of 384 frames

-- What a full decode shows, from the ledger where the file is known.
local function probe(file, ledger)
  local key = ledger_of.key(file, "check")
  if not key then return { reason = "missing" } end
  local facts = ledger:get(key)
  if facts then return facts end
  local ms = require "moonstem"
  local shown, why = ms.audio.check(file.path, { stream = file.stream })
  facts = { file = file.path, stream = file.stream }
  if shown then
    facts.declared, facts.decoded, facts.rate = shown.frames, shown.decoded, shown.rate
    facts.complete, facts.finite, facts.silent = shown.complete, shown.finite, shown.silent
    facts.error = shown.reason
  else
    facts.unreadable, facts.error = true, why
  end
  ledger:put(key, facts)
  return facts
end

--- A worker's part: looks at one file.
function M.warm(file, _, ledger)
  probe(file, ledger)
end

-- Why a file cannot be used: one word and, where it helps, a sentence; nil when it can.
local function judge(facts, seconds_min, may_be_silent)
  if facts.reason then return facts.reason end
  if facts.unreadable then return "unreadable", facts.error end
  if not facts.complete then return "damaged", facts.error end
  if not facts.finite then return "not finite" end
  if facts.decoded / facts.rate < seconds_min then return "short" end
  if facts.silent and not may_be_silent then return "silent" end
end

-- An item with its length, or nil and an entry for the report.
local function examine(item, split, ledger, seconds_min)
  local seconds = math.huge
  for _, file in ipairs(dataset_of.files(item)) do
    local facts = probe(file, ledger)
    local reason, detail = judge(facts, seconds_min, file.stem and file.stem ~= "mixture")
    if reason then
      return nil, { file = file.path, stem = file.stem, id = item.id, split = split, reason = reason,
        detail = detail, declared = facts.declared, decoded = facts.decoded }
    end
    seconds = math.min(seconds, facts.decoded / facts.rate)
  end
  local good = {}
  for k, v in pairs(item) do good[k] = v end
  good.seconds = seconds
  return good
end

-- Lets several processes look at the files that the ledger does not know yet.
local function side_by_side(dataset, given)
  if not given.cache then return true end
  local ledger, why = ledger_of.open(given.cache)
  if not ledger then return nil, why end
  local files = ledger:unknown(dataset_of.all_files(dataset), "check")
  local n = crew.size(given.workers, #files)
  if n == 1 then return true end
  return crew.run({ task = "check", cache = given.cache }, files, n, function(done)
    if given.progress then given.progress(done, #files, "files") end
  end)
end

local function each_in_turn(dataset, given, ledger)
  local ms = require "moonstem"
  local done, total, stopped = 0, dataset:count(), false
  local checked, refusal = dataset_of.map(dataset, function(item, split)
    stopped = stopped or ms.sys.interrupted()
    if stopped then return nil end
    local good, entry = examine(item, split, ledger, given.seconds_min)
    done = done + 1
    if given.progress then given.progress(done, total, item.id) end
    return good, entry
  end)
  if not stopped then return checked, refusal end
  return nil, ("check: interrupted after %d of %d; what was decoded is kept in the cache, if one is given")
    :format(done, total)
end

--- dataset:check{cache =, workers =, seconds_min =, progress =} -> dataset
-- Decodes every file once; returns a data set of the good items.
-- Left out and reported are files that are missing, unreadable, damaged (fewer frames decode than
-- declared, or the decoder gave up), not finite, short, or silent (below 1e-4 throughout; a stem other
-- than the mixture may be).
-- options: { seconds_min = 3.862 (one crop), cache = folder for the results, so that unchanged files
--   are not decoded again, workers = processes (with a cache only; all processors for many files),
--   progress = function(done, total, what) }
-- Items gain `seconds`. Returns nil and a sentence when interrupted or when too little is left.
function M.check(dataset, options)
  local given = options_of(options, "check",
    { seconds_min = SECONDS_MIN, cache = false, workers = false, progress = false })
  local good, why = side_by_side(dataset, given)
  if not good then return nil, "check: " .. why end
  local ledger
  ledger, why = ledger_of.open(given.cache, "checked")
  if not ledger then return nil, "check: " .. why end
  local checked, refusal = each_in_turn(dataset, given, ledger)
  ledger:close()
  return checked, refusal
end

return M
