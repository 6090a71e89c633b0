--- Predictions and scores of trained models: slices of clips, segments of songs, whole songs.
local audio = require "moonstem.audio"
local core = require "moonstem.core.tensor"
local data = require "moonstem.data"
local metrics = require "moonstem.metrics"
local sys = require "moonstem.sys"
local front = require("moonstem.audio.frontend").paper
local evaluating = require "moonstem.evaluate.mode"
local options_of = require "moonstem.options"
local blocks = require "moonstem.evaluate.blocks"

local M = {
  average = require "moonstem.evaluate.probabilities".average,
  reader = require "moonstem.evaluate.reader".reader, -- whole recordings, piece by piece
  blocks = blocks.blocks, separate = blocks.separate,
  separate_file = require "moonstem.evaluate.stems".separate_file,
  listen = require "moonstem.evaluate.listen".listen,
}

local SEGMENT = front:samples(384)
local QUIET = 1e-3    -- RMS (-60 dB) below which a reference counts as silent: echoes, breath

-- ---- passing a plan through a model --------------------------------------------------------
-- The entries of a plan one by one.
local function entries(plan)
  local k = 0
  return function()
    k = k + 1
    return k <= #plan and plan[k] or nil
  end
end

-- The clips of a plan of slices in pieces of at most `most` rows, one by one: { entry =, rows =,
-- targets =, last = }. A clip that fits is one piece.
local function pieces(plan, most)
  local next_entry = entries(plan)
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

-- Passes the rows of what next_entry gives (tables with rows) to visit(tensor, group),
-- several at a time, with the feed's tensor and the list of those whose rows it holds,
-- in order: as many as bring the rows to `rows_at_once` or just above. Each visit has a
-- scope of its own and records nothing. true, or nil and a message: the file that
-- cannot be read, or "interrupted" after Ctrl-C.
local function through(next_entry, feed_options, rows_at_once, visit)
  local feed <close> = audio.feed(feed_options)
  local groups = {}
  local function request()
    local group, rows = {}, {}
    while #rows < rows_at_once do
      local entry = next_entry()
      if not entry then break end
      group[#group + 1] = entry
      table.move(entry.rows, 1, #entry.rows, #rows + 1, rows)
    end
    if #rows == 0 then return end
    feed:push(rows)
    groups[#groups + 1] = group
  end
  for _ = 1, 3 do request() end
  while #groups > 0 do
    if sys.interrupted() then return nil, "interrupted" end
    local _ <close> = core.scope()
    local group = table.remove(groups, 1)
    local tensor, why = feed:pop()
    if not tensor then return nil, why end
    request()
    core.no_grad(visit, tensor, group)
  end
  return true
end

-- ---- tags and genres -----------------------------------------------------------------------
--- The loss of stages 2 and 3: cross-entropy of tags (0/1
-- targets) or of genres (class numbers from 1).
function M.tagging_loss(kind, logits, targets)
  if kind == "tags" then return core.loss.bce_with_logits(logits, targets) end
  return core.loss.cross_entropy(logits, targets)
end

-- The targets of several pieces' slices under each other.
local function stacked(group)
  local list = {}
  for i, piece in ipairs(group) do list[i] = piece.entry.targets:slice(1, piece.first, piece.to) end
  return #list == 1 and list[1] or core.ops.cat(list, 1)
end

--- Validation loss as in the authors' code: mean over non-overlapping slices, not over clips
-- (recipes/paper.md#training-the-cnn). options: { frames = 384, batch = 32 slices at once }.
-- Returns { loss = }, or nil and a message.
function M.slice_loss(model, dataset, split, options)
  local o = options_of(options, "slice_loss",
    { frames = options_of.count(384), batch = options_of.count(32) })
  local plan, why = data.slices(dataset, split, { frames = o.frames, hop = o.frames })
  if not plan then return nil, why end
  local sum, count, ok = 0.0, 0
  ok, why = evaluating(model, through, pieces(plan, o.batch),
    { samples = front:samples(o.frames), transform = "magnitude" }, o.batch,
    function(magnitude, group)
      local loss = M.tagging_loss(dataset.kind, model(magnitude), stacked(group))
      local rows = magnitude:size(1)
      sum, count = sum + loss:item() * rows, count + rows
    end)
  if not ok then return nil, why end
  return { loss = sum / count }
end

--- Predicts every clip of a split: the mean over half-overlapping slices
-- (recipes/paper.md#inference-and-metrics).
-- options: { frames = 384, hop = frames / 2, batch = 32 slices at once,
--   progress = function(done, total) }
-- Returns { scores = list of lists, truths = list (0/1 lists or
-- class numbers), items = list }; or nil and a message.
function M.predict(model, dataset, split, options)
  local o = options_of(options, "predict", { frames = options_of.count(384), hop = options_of.count,
    batch = options_of.count(32), progress = options_of.callable })
  local plan, why = data.slices(dataset, split, { frames = o.frames, hop = o.hop or o.frames // 2 })
  if not plan then return nil, why end
  local mine = {} -- rows of the clip in work
  local result, ok = { scores = {}, truths = {}, items = {} }
  ok, why = evaluating(model, through, pieces(plan, o.batch),
    { samples = front:samples(o.frames), transform = "magnitude" }, o.batch,
    function(magnitude, group)
      local logits, row = model(magnitude):totable(), 0
      for _, piece in ipairs(group) do
        table.move(logits, row + 1, row + #piece.rows, #mine + 1, mine)
        row = row + #piece.rows
        if piece.last then
          table.insert(result.scores, M.average(dataset.kind, mine))
          table.insert(result.truths, piece.entry.target)
          table.insert(result.items, piece.entry.item)
          mine = {}
        end
      end
      if o.progress then o.progress(#result.items, #plan) end
    end)
  if not ok then return nil, why end
  return result
end

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
-- and in both `clips`. A score that cannot be told is not a number (NaN), and `undefined`
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

-- ---- separation ----------------------------------------------------------------------------
local WAVES = { samples = SEGMENT, transform = "wave" }

local function rms(list)
  local sum = 0.0
  for i = 1, #list do sum = sum + list[i] * list[i] end
  return math.sqrt(sum / #list)
end

-- What a segment shows of a source: gain of SI-SDR over the mixture and SI-SDR itself (false where
-- there is none), and what is special about it: "silent" (nothing to separate), "unmixed" (the
-- mixture is the target itself, or has nothing of it: its own SI-SDR is infinite, so no gain can be
-- told), "perfect" (infinite), "not_finite" (ranks below all others); or nil.
local function judge(estimate, target, mixture)
  if rms(target) < QUIET then return false, false, "silent" end
  local before, after = metrics.si_sdr(mixture, target), metrics.si_sdr(estimate, target)
  if not before then return false, false, "not_finite" end
  if math.abs(before) == math.huge then return false, false, "unmixed" end
  if not after then return -math.huge, -math.huge, "not_finite" end
  return after - before, after, after == math.huge and "perfect" or nil
end

-- Judges each source of each example of a batch; added to `rows`, one table per source.
local function score_batch(rows, batch, estimates, targets, mixtures)
  estimates, targets, mixtures = estimates:totable(), targets:totable(), mixtures:totable()
  for n = 1, batch.count do
    for s, source in ipairs(batch.sources) do
      local row = rows[source]
      local gain, after, special = judge(estimates[n][s], targets[n][s], mixtures[n])
      table.insert(row.gain, gain)
      table.insert(row.after, after)
      if special then row[special] = row[special] + 1 end
    end
  end
end

local SPECIAL = { "silent", "unmixed", "perfect", "not_finite" }

local function rows_for(sources)
  local rows = {}
  for _, name in ipairs(sources) do
    rows[name] = { gain = {}, after = {} }
    for _, special in ipairs(SPECIAL) do rows[name][special] = 0 end
  end
  return rows
end

-- Median gain over the segments that have one, mean over sources; nil when none has.
local function typical_gain(rows)
  local sum, count = 0.0, 0
  for _, row in pairs(rows) do
    local summary = metrics.summary(row.gain)
    if summary then sum, count = sum + summary.median, count + 1 end
  end
  return count > 0 and sum / count or nil
end

--- Mean absolute error on a held-out plan of ms.data.mixes: the validation loss of stage 1.
-- options: { scored = 0: of how many batches, from the first on, SI-SDR is measured too }.
-- Returns { loss =, improvement = median gain of SI-SDR over the
-- mixture in dB where scored }, or nil and a message.
function M.separation_loss(model, plan, options)
  local o = options_of(options, "separation_loss", { scored = 0 })
  local sum, count, batches, rows = 0.0, 0, 0, rows_for(plan[1].sources)
  local ok, why = evaluating(model, through, entries(plan), WAVES, 1, function(waves, group)
    local mixtures, targets = group[1]:split(waves)
    local estimates = model(mixtures)
    sum = sum + core.loss.l1(estimates, targets):item() * group[1].count
    count, batches = count + group[1].count, batches + 1
    if batches <= o.scored then score_batch(rows, group[1], estimates, targets, mixtures) end
  end)
  if not ok then return nil, why end
  return { loss = sum / count, improvement = typical_gain(rows) }
end

-- The rows of all sources as scores.
local function separation_scores(sources, rows)
  local scores, counted = { improvement = 0.0, si_sdr = 0.0, segments = 0, each = {} }, 0
  for _, special in ipairs(SPECIAL) do scores[special] = 0 end
  for _, name in ipairs(sources) do
    local improvement, si_sdr = metrics.summary(rows[name].gain), metrics.summary(rows[name].after)
    for _, special in ipairs(SPECIAL) do scores[special] = scores[special] + rows[name][special] end
    if improvement then
      scores.each[name], counted = { improvement = improvement, si_sdr = si_sdr }, counted + 1
      scores.improvement, scores.si_sdr = scores.improvement + improvement.median,
        scores.si_sdr + si_sdr.median
      scores.segments = scores.segments + improvement.count
    end
  end
  if counted == 0 then
    scores.improvement, scores.si_sdr, scores.undefined = UNDEFINED, UNDEFINED,
      "no segment has a target that can be scored"
    return scores
  end
  scores.improvement, scores.si_sdr = scores.improvement / counted, scores.si_sdr / counted
  return scores
end

--- SI-SDR of the separated sources on a split's un-augmented segments of 61 792 samples, and its
-- gain over the mixture left as it is. Medians, since a segment with a mere breath of the target
-- has an SI-SDR of -30 dB and would outweigh all others. Left out and counted are segments whose
-- target is silent and `unmixed` ones, whose mixture is the target itself (a voice alone) or has
-- nothing of it: the mixture's own SI-SDR is infinite, so no gain can be told. Infinite values of
-- others rank above and below all numbers: a `perfect` estimate's, that of an estimate without any
-- of the target, and that of an estimate with samples that are not finite.
-- source: as ms.data.mixes. options: { seed = 1, segments = most to score (spread over the split) }
-- Returns { improvement =, si_sdr = medians in dB (of several sources the mean over those with a
--   segment to score; not a number where none has, and `undefined` says why), segments = scored,
--   silent =, unmixed =, perfect =, not_finite = numbers of segments,
--   each = { [source] = { improvement = summary, si_sdr = summary } } } (see ms.metrics.summary);
--   or nil and a message.
function M.separation(model, dataset, source, split, options)
  local o = options_of(options, "evaluate.separation", { seed = 1, segments = options_of.count })
  local plan, why = data.mixes(dataset, source, { split = split, batch = 1, seed = o.seed })
  if not plan then return nil, why end
  plan = M.spread(plan, o.segments or #plan)
  local sources, ok = plan[1].sources
  local rows = rows_for(sources)
  ok, why = evaluating(model, through, entries(plan), WAVES, 1, function(waves, group)
    local mixtures, targets = group[1]:split(waves)
    score_batch(rows, group[1], model(mixtures), targets, mixtures)
  end)
  if not ok then return nil, why end
  return separation_scores(sources, rows)
end

--- At most `count` entries of a plan, evenly spread.
function M.spread(plan, count)
  local n, list = #plan, {}
  count = math.min(count, n)
  for k = 1, count do list[k] = plan[(2 * k - 1) * n // (2 * count) + 1] end
  return list
end

return M
