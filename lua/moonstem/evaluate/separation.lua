--- Scores of separators on segments of songs: the loss of stage 1, and SI-SDR.
local core = require "moonstem.core.tensor"
local data = require "moonstem.data"
local evenly_spaced = require("moonstem.data.items").evenly_spaced
local metrics = require "moonstem.metrics"
local front = require("moonstem.audio.frontend").paper
local options_of = require "moonstem.options"
local stream = require "moonstem.evaluate.stream"

local M = {}

local WAVES = { samples = front:samples(384), transform = "wave" }
local QUIET = 1e-3 -- RMS (-60 dB) below which a reference counts as silent: echoes, breath
local UNDEFINED = -(0 / 0) -- not a number, printed without a sign

-- ---- segments ------------------------------------------------------------------------------
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

-- Calls visit(batch, estimates, targets, mixtures) for the batches of ms.data.mixes.
local function each_batch(model, batches, visit)
  return stream.for_each_batch(model, stream.entries(batches), WAVES, 1, function(waves, group)
    local mixtures, targets = group[1]:split(waves)
    visit(group[1], model(mixtures), targets, mixtures)
  end)
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

--- Mean absolute error on held-out batches of ms.data.mixes: the validation loss of stage 1.
-- options: { scored = 0: of how many batches, from the first on, SI-SDR is measured too }.
-- Returns { loss =, improvement = median gain of SI-SDR over the
-- mixture in dB where scored }, or nil and a message.
function M.separation_loss(model, batches, options)
  local o = options_of(options, "separation_loss", { scored = 0 })
  local sources, sum, count, done = batches[1].sources, 0.0, 0, 0
  local rows = rows_for(sources)
  local ok, why = each_batch(model, batches, function(batch, estimates, targets, mixtures)
    sum = sum + core.loss.l1(estimates, targets):item() * batch.count
    count, done = count + batch.count, done + 1
    if done <= o.scored then score_batch(rows, batch, estimates, targets, mixtures) end
  end)
  if not ok then return nil, why end
  local scores = separation_scores(sources, rows)
  return { loss = sum / count, improvement = not scores.undefined and scores.improvement or nil }
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
  local batches, why = data.mixes(dataset, source, { split = split, batch = 1, seed = o.seed })
  if not batches then return nil, why end
  batches = evenly_spaced(batches, o.segments or #batches)
  local sources, ok = batches[1].sources
  local rows = rows_for(sources)
  ok, why = each_batch(model, batches, function(...) score_batch(rows, ...) end)
  if not ok then return nil, why end
  return separation_scores(sources, rows)
end

return M
