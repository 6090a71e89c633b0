--- What a trained model is measured by on the test split; and whether it can be, asked before the
-- training.
local ms = require "moonstem"
local crop = require "moonstem.audio.crop"
local options_of = require "moonstem.options"
local words = require "moonstem.core.words"

local M = {}

-- What can be scored of each kind of data, and the options of ms.evaluate.
local SCORES = {
  tags = { "roc_auc", "pr_auc", "tags", "clips", "seconds" }, genres = { "accuracy", "clips",
    "seconds" },
  songs = { "improvement", "si_sdr", "segments", "silent", "unmixed", "perfect", "not_finite" },
}
local CLIPS = { frames = options_of.count, samples = options_of.count, hop = options_of.count,
  batch = options_of.count,
  progress = options_of.callable }
local SONGS = { seed = options_of.whole, segments = options_of.count }

local function check_names(dataset, scores, who)
  local known = SCORES[dataset.kind]
  for _, name in ipairs(known and scores or {}) do
    local there = false
    for _, other in ipairs(known) do there = there or other == name end
    if not there then
      error(("%s: there is no score %s for %s, which holds %s%s"):format(who, tostring(name),
        dataset.name or "this data", dataset.kind, words.hint(tostring(name), known)), 0)
    end
  end
end

--- Whether the test split can be measured: its files are there and long enough. given: { source =
-- of songs, frames = of clips, evaluate = options of ms.evaluate, or function(model, dataset) ->
-- scores in place of it, score = names of scores }; who: for messages. true, or nil and a sentence;
-- raises for scores and options that there are not.
function M.check(dataset, given, who)
  if type(given.evaluate) == "function" then return true end
  check_names(dataset, given.score or {}, who)
  local batches, why
  if dataset.kind == "songs" then
    local o = options_of(given.evaluate, who .. ": evaluate", SONGS)
    batches, why = ms.data.mixes(dataset, given.source, { split = "test", batch = 1,
      seed = o.seed })
  else
    local o = options_of(given.evaluate, who .. ": evaluate", CLIPS)
    batches, why = ms.data.slices(dataset, "test", { frames = o.frames or given.frames,
      hop = o.hop })
  end
  return batches and true, why
end

--- The scores of a model on the test split, and its predictions if any: given as for check; or nil
-- and a sentence.
function M.scores(model, dataset, given)
  if type(given.evaluate) == "function" then return given.evaluate(model, dataset) end
  if dataset.kind == "songs" then
    return ms.evaluate.separation(model, dataset, given.source, "test", given.evaluate)
  end
  local options = given.frames and { frames = given.frames } or crop.options_for(model)
  for key, value in pairs(given.evaluate or {}) do options[key] = value end
  return ms.evaluate.tags(model, dataset, "test", options)
end

return M
