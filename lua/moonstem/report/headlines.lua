--- What to say of runs in a line or two: their scores, what these were measured on, and how far
-- they can be trusted. The terminal, the report of the paper's experiments and `moonstem runs` all
-- say it in these words.
local tables = require "moonstem.report.tables"

local M = {}

local function decibels(x)
  return (x > 0 and "+" or "") .. tables.number(x)
end

--- The main scores as text: "ROC-AUC 79.02 %, PR-AUC 42.19 %", "accuracy 61.20 %", "SI-SDR 5.42 dB,
-- +5.53 dB"; "-" of others.
function M.score(scores)
  local function percent(name, value)
    return ("%s %s %%"):format(name, tables.number(100 * value))
  end
  if scores.roc_auc and scores.pr_auc then
    return percent("ROC-AUC", scores.roc_auc) .. ", " .. percent("PR-AUC", scores.pr_auc)
  elseif scores.accuracy then
    return percent("accuracy", scores.accuracy)
  elseif scores.si_sdr and scores.improvement then
    return ("SI-SDR %s dB, %s dB"):format(tables.number(scores.si_sdr),
      decibels(scores.improvement))
  end
  return "-"
end

--- What scores were measured on: "42 clips", "49 segments"; "-" of others.
function M.tested(scores)
  if scores.clips then return ("%d clips"):format(scores.clips) end
  return scores.segments and ("%d segments"):format(scores.segments) or "-"
end

-- What is special about the segments of a separator's test, as text behind a semicolon.
local function special(scores)
  local parts = {}
  for _, pair in ipairs { { "unmixed", "left out where the mixture is the source itself" },
                          { "perfect", "separated perfectly" }, { "not_finite", "not finite" } } do
    local n = scores[pair[1]] or 0
    if n > 0 then parts[#parts + 1] = ("; %d %s"):format(n, pair[2]) end
  end
  return table.concat(parts)
end

--- The sentence about a separator of that name: SI-SDR, gain, number of segments.
function M.separator(name, s)
  return ("%s: SI-SDR %s dB, %s dB over the mixture (medians of %d test segments%s)")
    :format(name, tables.number(s.si_sdr), decibels(s.improvement), s.segments, special(s))
end

-- Smallest and largest of what runs have, and how many different values there are.
local function range(runs, value_of)
  local low, high, seen, count = nil, nil, {}, 0
  for _, run in ipairs(runs) do
    local value = value_of(run)
    if value and not seen[value] then
      seen[value], count = true, count + 1
      low, high = math.min(low or value, value), math.max(high or value, value)
    end
  end
  return low, high, count
end

-- How far scores of clips can be trusted; nil without such runs.
local function of_clips(runs)
  local low, high = range(runs, function(run) return run.scores.clips end)
  if not low then return nil end
  local _, _, seeds = range(runs, function(run) return run.scores.clips and run.seed end)
  local clips = low == high and tostring(low) or ("%d to %d"):format(low, high)
  if seeds > 1 then return ("%s test clips, %d seeds"):format(clips, seeds) end
  return ("%s test clips, one seed: a difference of a point or two means nothing"):format(clips)
end

--- Sentences on how far the scores of runs can be trusted. runs: list of { scores =, seed =,
-- stand_in = }.
function M.notes(runs)
  local list, rendered = {}, false
  list[1] = of_clips(runs)
  for _, run in ipairs(runs) do rendered = rendered or run.stand_in end
  if rendered then
    list[#list + 1] = "on music rendered here, on which scores cannot be set beside the paper's"
  end
  return list
end

--- All sentences: notes, then one for each separator. runs: list of { name =, scores =, seed =,
-- stand_in = }.
function M.sentences(runs)
  local list = M.notes(runs)
  for _, run in ipairs(runs) do
    if run.scores.si_sdr and run.scores.segments then
      list[#list + 1] = M.separator(run.name:match "[^/]+$", run.scores)
    end
  end
  return list
end

return M
