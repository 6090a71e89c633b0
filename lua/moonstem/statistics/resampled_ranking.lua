--- ROC-AUC and average precision of clips that count several times or not at all: sorted once, scored often.
-- Gives what ms.metrics gives on a list in which every clip stands as often as its weight says.
local values = require "moonstem.metrics.values"

local M = {}

local function one_column(list)
  local rows = {}
  for i, v in ipairs(list) do rows[i] = { v } end
  return rows
end

-- One tag: clips in descending score, and for each place whether a lower score follows (a threshold lies there).
local function sorted(scores, labels, who)
  local tag = { order = {}, positive = {}, last = {} }
  for i = 1, #scores do
    local label = labels[i]
    if scores[i] ~= scores[i] then return nil, ("%s: score %d is not a number (NaN)"):format(who, i) end
    if label ~= 0 and label ~= 1 and type(label) ~= "boolean" then
      error(("%s: label %d must be 0 or 1, got %s"):format(who, i, tostring(label)), 0)
    end
    tag.order[i], tag.positive[i] = i, label == 1 or label == true
  end
  table.sort(tag.order, function(i, j)
    if scores[i] ~= scores[j] then return scores[i] > scores[j] end
    return i < j
  end)
  for k, i in ipairs(tag.order) do
    local next_one = tag.order[k + 1]
    tag.last[k] = not next_one or scores[next_one] ~= scores[i]
  end
  return tag
end

--- Tags ready to be scored: list of tags with `clips` = N; or nil and a sentence. Shapes that differ raise.
function M.prepare(scores, labels, who)
  scores, labels = values.lists(scores, who, "scores"), values.lists(labels, who, "labels")
  if #scores == 0 then return nil, who .. ": there are no scores" end
  if #scores ~= #labels then error(("%s: %d scores but %d labels"):format(who, #scores, #labels), 0) end
  if not values.is_matrix(scores) then scores = one_column(scores) end
  if not values.is_matrix(labels) then labels = one_column(labels) end
  local by_tag, truth = values.columns(scores, who, "scores"), values.columns(labels, who, "labels")
  if #by_tag ~= #truth then
    error(("%s: scores have %d columns but labels have %d"):format(who, #by_tag, #truth), 0)
  end
  local tags = { clips = #scores }
  for c = 1, #by_tag do
    local tag, why = sorted(by_tag[c], truth[c], who)
    if not tag then return nil, ("%s (column %d)"):format(why, c) end
    tags[c] = tag
  end
  return tags
end

-- One tag under weights: ROC-AUC and average precision, nil where they have no value. Counts stay whole numbers, so
-- that the order of additions cannot matter to the ROC-AUC.
local function score_tag(tag, weights)
  local order, positive, last = tag.order, tag.positive, tag.last
  local hits, misses, step, wrong = 0, 0, 0, 0 -- wrong: twice the weight of (positive, negative) pairs out of order
  local missed, precision = 0, 0.0
  for k = 1, #order do
    local i = order[k]
    if positive[i] then step = step + weights[i] else missed = missed + weights[i] end
    if last[k] then
      wrong = wrong + step * (2 * misses + missed)
      hits, misses = hits + step, misses + missed
      if step > 0 then precision = precision + step * hits / (hits + misses) end
      step, missed = 0, 0
    end
  end
  if hits == 0 then return nil, nil end
  local pairs_twice = 2 * hits * misses
  return misses > 0 and (pairs_twice - wrong) / pairs_twice or nil, precision / hits
end

--- { roc_auc =, pr_auc = means over the tags that have a value (nil for none), counted = tags in the ROC-AUC's }
-- weights: list of N whole numbers, how often each clip counts.
function M.score(tags, weights)
  local roc, pr, counted, counted_pr = 0.0, 0.0, 0, 0
  for _, tag in ipairs(tags) do
    local a, p = score_tag(tag, weights)
    if a then roc, counted = roc + a, counted + 1 end
    if p then pr, counted_pr = pr + p, counted_pr + 1 end
  end
  return { roc_auc = counted > 0 and roc / counted or nil, pr_auc = counted_pr > 0 and pr / counted_pr or nil,
           counted = counted }
end

return M
