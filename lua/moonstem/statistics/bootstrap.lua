--- Bootstrap intervals: what a statistic would have been on other clips drawn from the same source.
local core = require "moonstem.core.tensor"
local resamples = require "moonstem.statistics.resamples"
local moments = require "moonstem.moments"

local M = {}

local function resampled(items, d, seed)
  local list, n = {}, #items
  for k = 1, n do list[k] = items[core.random.integer(seed, resamples.PURPOSE, d, k, n)] end
  return list
end

local function items_of(x, who, what)
  if type(x) == "userdata" and x.totable then x = x:totable() end
  if type(x) == "table" then return x end
  error(("%s: %s must be a tensor or a list, got %s"):format(who, what, type(x)), 0)
end

-- What options hold under a name, and a copy of the others.
local function apart(options, name)
  local others, value = {}, nil
  for key, v in pairs(options or {}) do
    if key == name then value = v else others[key] = v end
  end
  return value, others
end

--- ms.statistics.bootstrap(items, statistic, {resamples = 1000, level = 0.95, seed = 1}) ->
-- interval Percentile interval of any statistic over clips (Efron 1979). items: list of whatever
-- describes one clip, such as a score or { score, label }; statistic(items) -> number, or nil where
-- it has no value (those resamples are counted in `undefined` and left out). Returns { value = on
-- the items as they are, low =, high =, se = deviation of the resamples, bias = their mean minus
-- value, level =, resamples =, undefined =, seed = }; nil and a message for fewer than two items or
-- no value.
function M.bootstrap(items, statistic, options)
  local o = resamples.options(options, "bootstrap")
  items = items_of(items, "bootstrap", "items")
  if type(statistic) ~= "function" then
    error("bootstrap: statistic must be a function of a list, got " .. type(statistic), 0)
  end
  if #items < 2 then
    return nil, ("bootstrap: resampling needs at least two items, there are %d"):format(#items)
  end
  local value, why = statistic(items)
  if not value then return nil, why or "bootstrap: the statistic has no value" end
  local list = {}
  for d = 1, o.resamples do list[d] = statistic(resampled(items, d, o.seed)) or false end
  return resamples.percentiles(value, list, o, "bootstrap")
end

local function mean_of(list) return moments(list).mean end

--- ms.statistics.bootstrap_difference(a, b, {statistic = mean, resamples =, level =, seed =})
--   -> interval
-- Interval of the statistic of the paired differences a[i] - b[i], as per-tag or per-clip scores of
-- two models. Pairs of which one is false are left out and counted in `missing`. Otherwise as
-- bootstrap.
function M.bootstrap_difference(a, b, options)
  local who = "bootstrap_difference"
  local statistic, others = apart(options, "statistic")
  a, b = items_of(a, who, "a"), items_of(b, who, "b")
  if #a ~= #b then
    error(("%s: %d values of a but %d of b make no pairs"):format(who, #a, #b), 0)
  end
  local list, missing = {}, 0
  for i = 1, #a do
    if a[i] and b[i] then list[#list + 1] = a[i] - b[i] else missing = missing + 1 end
  end
  local result, why = M.bootstrap(list, statistic or mean_of, others)
  if not result then return nil, why end
  result.missing = missing
  return result
end

-- ---- ranking metrics ---------------------------------------------------------------------------
-- N numbers as one column.
local function as_matrix(x, what)
  x = items_of(x, "bootstrap_ranking", what)
  if type(x[1]) == "table" then return x end
  local rows = {}
  for i, v in ipairs(x) do rows[i] = { v } end
  return rows
end

--- ms.statistics.bootstrap_ranking(scores, labels, {against = scores of another model, resamples =,
-- level =, seed =}) Intervals of the macro ROC-AUC and PR-AUC (ms.metrics.roc_auc,
-- average_precision) over resampled clips. scores, labels: N x C tensors or lists (labels 0/1), or
-- N for one tag; against: a second model's scores of the same clips, and the intervals are of this
-- model's metric minus that one's, both on the same clips in every resample. Returns { roc_auc =
-- interval, pr_auc = interval, thinner = number of resamples in which a tag lost its last positive
-- or negative clip and is in no mean, as in ms.metrics }; intervals as bootstrap's. nil and a
-- message as ms.metrics. Of several runs, and per tag: ms.statistics.resamples.
function M.bootstrap_ranking(scores, labels, options)
  local against, others = apart(options, "against")
  scores, labels = as_matrix(scores, "scores"), as_matrix(labels, "labels")
  local r, why = resamples.new(#scores, others)
  if not r then return nil, why end
  local first, second
  first, why = r:tags(scores, labels)
  if first and against then second, why = r:tags(as_matrix(against, "against"), labels) end
  if why then return nil, why end
  local result = { thinner = first.thinner }
  for _, name in ipairs { "roc_auc", "pr_auc" } do
    result[name], why = r:interval({ first[name] }, second and { second[name] })
    if not result[name] then return nil, why end
  end
  return result
end

return M
