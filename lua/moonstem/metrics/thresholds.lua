--- Metrics of decisions at a threshold: precision, recall and F1 of tags, and precision against
-- recall at every threshold. All agree with scikit-learn, whose 0 for 0 / 0 they share.
local options_of = require "moonstem.options"
local values = require "moonstem.metrics.values"

local M = {}

local function ratio(a, b) return b > 0 and a / b or 0.0 end

-- Scores and labels of one tag as pairs {score, 0 or 1}; nil and a message where a score is NaN.
local function pairs_of(who, scores, labels)
  local list = {}
  local ok, why = values.each_label(who, scores, labels, function(i, score, positive)
    list[i] = { score, positive and 1 or 0 }
  end)
  return ok and list, why
end

-- F1, precision and recall of one tag.
local function single(scores, labels, threshold)
  local list, why = pairs_of("f1", scores, labels)
  if not list then return nil, why end
  local hits, guesses, positives = 0, 0, 0
  for _, pair in ipairs(list) do
    local guess = pair[1] >= threshold and 1 or 0
    hits, guesses, positives = hits + guess * pair[2], guesses + guess, positives + pair[2]
  end
  return ratio(2 * hits, guesses + positives), ratio(hits, guesses), ratio(hits, positives)
end

-- The mean over tags, and the values of each.
local function macro(scores, labels, threshold)
  scores, labels = values.columns(scores, "f1", "scores"), values.columns(labels, "f1", "labels")
  if #scores ~= #labels then
    error(("f1: scores have %d columns but labels have %d"):format(#scores, #labels), 0)
  end
  local detail, sum = { each = {}, precision = {}, recall = {} }, 0.0
  for c = 1, #scores do
    local value, precision, recall = single(scores[c], labels[c], threshold)
    if not value then return nil, ("%s (column %d)"):format(precision, c) end
    detail.each[c], detail.precision[c], detail.recall[c] = value, precision, recall
    sum = sum + value
  end
  return sum / #scores, detail
end

--- ms.metrics.f1(scores, labels, {threshold = 0.5}) -> value, { precision =, recall = }
-- The harmonic mean of precision and recall, where a score of `threshold` or more says that a tag
-- is there. scores, labels: N (one tag) or N x C (one column a tag), tensors or lists; labels 0/1.
-- Of N x C it is the unweighted mean over tags (scikit-learn's "macro"), and the second result is
-- { each =, precision =, recall = }, lists of C numbers. 0 where nothing is guessed or nothing is
-- there. NaN scores are refused with nil and a message; shapes that differ raise.
function M.f1(scores, labels, options)
  local o = options_of(options, "f1", { threshold = 0.5 })
  scores, labels = values.lists(scores, "f1", "scores"), values.lists(labels, "f1", "labels")
  if #scores == 0 then return nil, "f1: there are no scores" end
  if values.is_matrix(scores) ~= values.is_matrix(labels) then
    error("f1: scores and labels must both be N or both be N x C", 0)
  end
  if values.is_matrix(scores) then return macro(scores, labels, o.threshold) end
  local value, precision, recall = single(scores, labels, o.threshold)
  if not value then return nil, precision end
  return value, { precision = precision, recall = recall }
end

--- ms.metrics.pr_curve(scores, labels) -> { precision =, recall =, thresholds = }
-- Precision and recall of one tag (N scores and N labels, 0/1, tensors or lists) where scores of a
-- threshold or more count: at each distinct score, from the lowest on, and at the end precision 1
-- and recall 0, which have no threshold (scikit-learn's precision_recall_curve). nil and a message
-- where there are no positives or a score is NaN.
function M.pr_curve(scores, labels)
  local list, why = pairs_of("pr_curve", values.vector(scores, "pr_curve", "scores"),
    values.lists(labels, "pr_curve", "labels"))
  if not list then return nil, why end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  local positives = 0
  for _, pair in ipairs(list) do positives = positives + pair[2] end
  if positives == 0 then return nil, "pr_curve: there are no positives" end
  local curve, hits = { precision = {}, recall = {}, thresholds = {} }, positives
  for i, pair in ipairs(list) do
    if i == 1 or pair[1] ~= list[i - 1][1] then
      table.insert(curve.thresholds, pair[1])
      table.insert(curve.precision, hits / (#list - i + 1))
      table.insert(curve.recall, hits / positives)
    end
    hits = hits - pair[2]
  end
  table.insert(curve.precision, 1.0)
  table.insert(curve.recall, 0.0)
  return curve
end

return M
