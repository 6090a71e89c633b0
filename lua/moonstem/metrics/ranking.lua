--- Ranking metrics of tagging: area under the ROC curve and average precision
-- (recipes/paper.md#inference-and-metrics).
-- Both agree with scikit-learn. Scores are used as they come, logits or probabilities alike.
local values = require "moonstem.metrics.values"

local M = {}

-- Scores of the positives and of the negatives, each ascending. Sorting plain numbers needs no
-- comparison function in Lua, which makes 4332 x 50 scores a matter of a fraction of a second.
local function sorted_by_label(who, scores, labels)
  local positives, negatives = {}, {}
  local ok, why = values.each_label(who, scores, labels, function(_, score, positive)
    local list = positive and positives or negatives
    list[#list + 1] = score
  end)
  if not ok then return nil, why end
  table.sort(positives)
  table.sort(negatives)
  return positives, negatives
end

-- Mann-Whitney: of all pairs (positive, negative) the share ranked rightly, ties counting one half.
-- Pairs are counted in integers (twice), so the only rounding is the last division.
local function auc(positives, negatives)
  local below, up_to, halves = 0, 0, 0
  for _, score in ipairs(positives) do
    while below < #negatives and negatives[below + 1] < score do below = below + 1 end
    if up_to < below then up_to = below end
    while up_to < #negatives and negatives[up_to + 1] <= score do up_to = up_to + 1 end
    halves = halves + below + up_to
  end
  return halves / (2 * #positives * #negatives)
end

-- AP = sum over distinct thresholds, from the highest down, of (recall step) x precision.
local function precision(positives, negatives)
  local p, n, sum = #positives, #negatives, 0.0
  while p > 0 do
    local threshold, before = positives[p], p
    while p > 0 and positives[p] == threshold do p = p - 1 end
    while n > 0 and negatives[n] >= threshold do n = n - 1 end
    local hits, misses = #positives - p, #negatives - n
    sum = sum + (before - p) * hits / (hits + misses)
  end
  return sum / #positives
end

-- One tag: the value, or nil and why there is none.
local function single(metric, scores, labels)
  local positives, negatives = sorted_by_label(metric.name, scores, labels)
  if not positives then return nil, negatives, true end
  if #positives == 0 then return nil, "no positives" end
  if #negatives == 0 and metric.needs_negatives then return nil, "no negatives" end
  return metric.value(positives, negatives)
end

-- All tags: the plain mean over those that have a value, and the detail of each.
local function macro(metric, scores, labels, names)
  local by_tag = values.columns(scores, metric.name, "scores")
  local positives = values.columns(labels, metric.name, "labels")
  if #by_tag ~= #positives then
    error(("%s: scores have %d columns but labels have %d")
      :format(metric.name, #by_tag, #positives), 0)
  end
  local detail = { each = {}, left_out = {}, counted = 0 }
  local sum = 0.0
  for c = 1, #by_tag do
    local value, why, broken = single(metric, by_tag[c], positives[c])
    local name = names and names[c] or tostring(c)
    if broken then return nil, ("%s (column %s)"):format(why, name) end
    detail.each[c] = value or false
    if value then
      sum, detail.counted = sum + value, detail.counted + 1
    else
      table.insert(detail.left_out, { column = c, name = name, why = why })
    end
  end
  if detail.counted == 0 then
    return nil,
      ("%s: none of the %d columns has both kinds of label, so there is nothing to average")
      :format(metric.name, #by_tag), detail
  end
  return sum / detail.counted, detail
end

local function measure(metric, scores, labels, names)
  scores = values.lists(scores, metric.name, "scores")
  labels = values.lists(labels, metric.name, "labels")
  if #scores == 0 then return nil, metric.name .. ": there are no scores" end
  if values.is_matrix(scores) ~= values.is_matrix(labels) then
    error(metric.name .. ": scores and labels must both be N or both be N x C", 0)
  end
  if values.is_matrix(scores) then return macro(metric, scores, labels, names) end
  local value, why, broken = single(metric, scores, labels)
  if value then return value end
  return nil, broken and why or ("%s: there are %s"):format(metric.name, why)
end

local roc = { name = "roc_auc", value = auc, needs_negatives = true }
local pr = { name = "average_precision", value = precision, needs_negatives = false }

--- ms.metrics.roc_auc(scores, labels [, names]) -> value [, detail]
-- Area under the ROC curve: the Mann-Whitney statistic, ties one half
-- (recipes/paper.md#inference-and-metrics; scikit-learn's roc_auc_score). 0 to 1, multiply by 100
-- for the paper's tables. scores, labels: N (one tag) or N x C (one column a tag), tensors or
-- lists; labels 0/1. names: optional list of C names for the detail.
-- One tag returns its value, or nil and a message when it has no positives or no negatives.
-- N x C returns the unweighted mean over the tags that have a value and
--   { each = {value or false}, counted = number of tags in the mean,
--     left_out = {{column=, name=, why="no positives"|"no negatives"}} }.
-- The rule: a tag is left out exactly where the metric is undefined, never counted as 0 or 0.5.
-- NaN scores are refused with nil and a message; shapes that differ raise.
function M.roc_auc(scores, labels, names)
  return measure(roc, scores, labels, names)
end

--- ms.metrics.average_precision(scores, labels [, names]) -> value [, detail]
-- Average precision, the tables' PR-AUC: sum of (R_n - R_{n-1}) P_n over distinct thresholds in
-- descending score, no interpolation (recipes/paper.md#inference-and-metrics; scikit-learn's
-- average_precision_score).
-- Arguments and results as for roc_auc; undefined, so left out, only for a tag without positives
-- (with positives alone it is 1, as in scikit-learn).
function M.average_precision(scores, labels, names)
  return measure(pr, scores, labels, names)
end

return M
