--- Predictions of taggers and genre classifiers slice by slice and clip by clip, and their scores.
local core = require "moonstem.core.tensor"
local data = require "moonstem.data"
local metrics = require "moonstem.metrics"
local sys = require "moonstem.sys"
local crop = require "moonstem.audio.crop"
local options_of = require "moonstem.options"
local average = require("moonstem.evaluate.probabilities").average
local stream = require "moonstem.evaluate.stream"

local M = {}

--- The loss of stages 2 and 3: cross-entropy of tags (0/1 targets) or of genres (numbers from 1).
function M.tagging_loss(kind, logits, targets)
  if kind == "tags" then return core.loss.bce_with_logits(logits, targets) end
  return core.loss.cross_entropy(logits, targets)
end

-- ---- slices --------------------------------------------------------------------------------
-- The clips of ms.data.slices in pieces of at most `most` rows, one by one:
-- { entry =, rows =, first and to = their places in the clip, last = whether
-- the clip ends }. A clip that fits is one piece.
local function pieces(clips, most)
  local next_entry = stream.entries(clips)
  local entry, at
  return function()
    if not entry then entry, at = next_entry(), 1 end
    if not entry then return end
    local first, last = at, math.min(at + most - 1, #entry.rows)
    local piece = { entry = entry, first = first, to = last, last = last == #entry.rows,
                    rows = table.move(entry.rows, first, last, 1, {}) }
    entry, at = not piece.last and entry or nil, last + 1
    return piece
  end
end

-- Calls visit(number of clips, x, group) for the slices of a split; x: their magnitudes or waves;
-- group: list of pieces. true, or nil and a message.
local function each_group(model, dataset, split, o, visit)
  local clips, why = data.slices(dataset, split,
    { frames = o.frames, samples = o.samples, hop = o.hop })
  if not clips then return nil, why end
  local size = crop.of(o, "evaluate")
  local feed_options = { samples = size.samples, transform = size.transform }
  return stream.for_each_batch(model, pieces(clips, o.batch), feed_options, o.batch, function(...)
    visit(#clips, ...)
  end)
end

-- The targets of several pieces' slices, one below the other.
local function stacked(group)
  local list = {}
  for i, piece in ipairs(group) do list[i] = piece.entry.targets:slice(1, piece.first, piece.to) end
  return #list == 1 and list[1] or core.ops.cat(list, 1)
end

--- Validation loss as in the authors' code: mean over non-overlapping slices, not over clips
-- (recipes/paper.md#training-the-cnn).
-- options: { frames = 384, or samples = n for models of waves, batch = 32 slices at once }.
-- Returns { loss = }, or nil and a message.
function M.slice_loss(model, dataset, split, options)
  local o = options_of(options, "slice_loss",
    options_of.merge(crop.OPTIONS, { batch = options_of.count(32) }))
  o.hop = crop.of(o, "slice_loss").size
  local sum, count = 0.0, 0
  local ok, why = each_group(model, dataset, split, o, function(_, x, group)
    local loss = M.tagging_loss(dataset.kind, model(x), stacked(group))
    local rows = x:size(1)
    sum, count = sum + loss:item() * rows, count + rows
  end)
  if not ok then return nil, why end
  return { loss = sum / count }
end

--- Predicts every clip of a split: the mean over half-overlapping slices
-- (recipes/paper.md#inference-and-metrics).
-- options: { frames = 384, or samples = n for models of waves, hop = half of that, batch = 32
--   slices at once, progress = function(done, total) }
-- Returns { scores = list of lists, truths = list (0/1 lists or class numbers), items = list }; or
-- nil and a message.
function M.predict(model, dataset, split, options)
  local o = options_of(options, "predict", options_of.merge(crop.OPTIONS, { hop = options_of.count,
    batch = options_of.count(32), progress = options_of.callable }))
  local result, logits_of_clip = { scores = {}, truths = {}, items = {} }, {}
  local ok, why = each_group(model, dataset, split, o, function(total, x, group)
    local logits, row = model(x):totable(), 0
    for _, piece in ipairs(group) do
      table.move(logits, row + 1, row + #piece.rows, #logits_of_clip + 1, logits_of_clip)
      row = row + #piece.rows
      if piece.last then
        table.insert(result.scores, average(dataset.kind, logits_of_clip))
        table.insert(result.truths, piece.entry.target)
        table.insert(result.items, piece.entry.item)
        logits_of_clip = {}
      end
    end
    if o.progress then o.progress(#result.items, total) end
  end)
  if not ok then return nil, why end
  return result
end

-- ---- scores --------------------------------------------------------------------------------
local UNDEFINED = -(0 / 0) -- not a number, printed without a sign

-- A ranking metric over all tags: its mean, the values tag by
-- tag, the tags in no mean, and why there is none.
local function over_tags(metric, predicted, names)
  local mean, detail, rest = metric(predicted.scores, predicted.truths, names)
  if mean then return mean, detail.each, detail.left_out end
  return UNDEFINED, {}, rest and rest.left_out or {}, detail
end

local function tag_scores(dataset, predicted)
  local names, per_tag = dataset.classes, {}
  local roc, each_roc, left_out, why = over_tags(metrics.roc_auc, predicted, names)
  local pr, each_pr, _, why_pr = over_tags(metrics.average_precision, predicted, names)
  for c, name in ipairs(names) do
    per_tag[c] = { name = name, roc_auc = each_roc[c] or false, pr_auc = each_pr[c] or false }
  end
  return { roc_auc = roc, pr_auc = pr, per_tag = per_tag, left_out = left_out,
    tags = why and 0 or #names - #left_out, undefined = why or why_pr }
end

local function genre_scores(predicted)
  local accuracy, why = metrics.accuracy(predicted.scores, predicted.truths)
  if accuracy then return { accuracy = accuracy } end
  return { accuracy = UNDEFINED, undefined = why }
end

--- Scores of predictions as predict returns them, however they came about: { roc_auc =,
-- pr_auc =, per_tag =, left_out = (tags without a positive or a negative clip, which no
-- mean counts), tags = in the mean } for tags, { accuracy = } for genres, values 0..1,
-- and in both `clips`. A score that is not defined is NaN, and `undefined`
-- says why: no tag that some clips have and others not, or predictions that are no
-- numbers. nil and a message where there is no clip.
function M.scores(dataset, predicted)
  if #predicted.items == 0 then return nil, "evaluate: there are no clips to score" end
  local scores = dataset.kind == "tags" and tag_scores(dataset, predicted)
    or genre_scores(predicted)
  scores.clips = #predicted.items
  return scores
end

--- Scores (see there) of a tagger or genre classifier on a split, and the `seconds` it took.
-- Options as predict. The second result is what predict returned, for whoever wants to keep it
-- (moonstem.metrics.predictions). nil and a message when audio cannot be read.
function M.tags(model, dataset, split, options)
  local started = sys.clock()
  local predicted, why = M.predict(model, dataset, split, options)
  if not predicted then return nil, why end
  local scores
  scores, why = M.scores(dataset, predicted)
  if not scores then return nil, why end
  scores.seconds = sys.clock() - started
  return scores, predicted
end

return M
