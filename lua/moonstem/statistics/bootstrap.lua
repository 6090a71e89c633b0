--- Bootstrap intervals: what a statistic would have been on other clips drawn from the same source.
-- Draw d takes item ms.random.integer(seed, "bootstrap", d, k, n) at place k: the same items for the same seed, in
-- whatever order or number draws are made, and the same ones for every model that is compared.
local ms = require "moonstem"
local options_of = require "moonstem.data.options"
local ranking = require "moonstem.statistics.resampled_ranking"
local sample = require "moonstem.statistics.sample"

local M = {}

local PURPOSE = "bootstrap"
local DEFAULTS = { draws = 1000, level = 0.95, seed = 1 }

local function options_for(options, who)
  local o = options_of(options, who, DEFAULTS)
  if math.type(o.draws) ~= "integer" or o.draws < 1 then error(who .. ": draws must be a whole number above 0", 0) end
  if not (o.level > 0 and o.level < 1) then error(who .. ": level must be between 0 and 1", 0) end
  return o
end

-- The percentile interval of the draws' values; undefined = draws without a value.
local function interval(value, drawn, undefined, o, who)
  if #drawn == 0 then return nil, ("%s: the statistic has no value in any of %d draws"):format(who, o.draws) end
  local rest, why = sample.numbers(drawn, who, "the draws")
  if not rest then return nil, why end
  return { value = value, low = sample.quantile(drawn, 0.5 - o.level / 2), high = sample.quantile(drawn, 0.5 + o.level / 2),
           se = sample.moments(drawn).sd, level = o.level, draws = o.draws, undefined = undefined, seed = o.seed }
end

local function resampled(items, draw, seed)
  local list = {}
  for k = 1, #items do list[k] = items[ms.random.integer(seed, PURPOSE, draw, k, #items)] end
  return list
end

--- ms.statistics.bootstrap(items, statistic, {draws = 1000, level = 0.95, seed = 1}) -> interval
-- Percentile interval of any statistic over clips (Efron 1979). items: list of whatever describes one clip, such as
-- a score or { score, label }; statistic(items) -> number, or nil where it has no value (those draws are counted in
-- `undefined` and left out). Returns { value = on the items as they are, low =, high =, se = spread of the draws,
-- level =, draws =, undefined =, seed = }; nil and a sentence for fewer than two items or no value.
function M.bootstrap(items, statistic, options)
  local o = options_for(options, "bootstrap")
  if type(items) == "userdata" then items = items:totable() end
  if #items < 2 then return nil, ("bootstrap: resampling needs at least two items, there are %d"):format(#items) end
  local value, why = statistic(items)
  if not value then return nil, why or "bootstrap: the statistic has no value" end
  local drawn, undefined = {}, 0
  for d = 1, o.draws do
    local v = statistic(resampled(items, d, o.seed))
    if v then drawn[#drawn + 1] = v else undefined = undefined + 1 end
  end
  return interval(value, drawn, undefined, o, "bootstrap")
end

local function mean_of(list)
  return sample.moments(list).mean
end

--- ms.statistics.bootstrap_difference(a, b, {statistic = mean, draws =, level =, seed =}) -> interval
-- Interval of the statistic of the paired differences a[i] - b[i], as per-tag or per-clip scores of two models.
-- Pairs of which one is false are left out and counted in `missing`. Otherwise as bootstrap.
function M.bootstrap_difference(a, b, options)
  local who, given = "bootstrap_difference", {}
  for key, value in pairs(options or {}) do given[key] = value end
  local statistic = given.statistic or mean_of
  given.statistic = nil
  if type(a) == "userdata" then a = a:totable() end
  if type(b) == "userdata" then b = b:totable() end
  if #a ~= #b then error(("%s: %d values of a but %d of b make no pairs"):format(who, #a, #b), 0) end
  local list, missing = {}, 0
  for i = 1, #a do
    if a[i] and b[i] then list[#list + 1] = a[i] - b[i] else missing = missing + 1 end
  end
  local result, why = M.bootstrap(list, statistic, given)
  if not result then return nil, why end
  result.missing = missing
  return result
end

-- ---- ranking metrics -----------------------------------------------------------------------
-- How often each clip is in a draw: sorting once and weighting is many times faster than sorting each draw.
local function counts(n, draw, seed)
  local list = {}
  for k = 1, n do list[k] = 0 end
  for k = 1, n do
    local i = ms.random.integer(seed, PURPOSE, draw, k, n)
    list[i] = list[i] + 1
  end
  return list
end

local NAMES = { "roc_auc", "pr_auc" }

-- Adds the scores of one draw to lists by name; those of the other model are taken off.
local function add_draw(drawn, undefined, first, second)
  for _, name in ipairs(NAMES) do
    local v, w = first[name], second and second[name] or 0.0
    if v and w then table.insert(drawn[name], v - w) else undefined[name] = undefined[name] + 1 end
  end
end

--- ms.statistics.bootstrap_ranking(scores, labels, {against = scores of another model, draws =, level =, seed =})
-- Intervals of the macro ROC-AUC and PR-AUC (ms.metrics.roc_auc, average_precision) over resampled clips.
-- scores, labels: N x C tensors or lists (labels 0/1), or N for one tag; against: a second model's scores of the same
-- clips, and the intervals are of this model's metric minus that one's, both on the same clips in every draw.
-- Returns { roc_auc = interval, pr_auc = interval, thinner = number of draws in which a tag lost its last positive
-- or negative clip and is in no mean, as in ms.metrics }; intervals as bootstrap's. nil and a sentence as ms.metrics.
-- MagnaTagATune's test split (4332 clips, 50 tags) takes about a minute for 1000 draws.
function M.bootstrap_ranking(scores, labels, options)
  local who, given = "bootstrap_ranking", {}
  for key, value in pairs(options or {}) do given[key] = value end
  local against = given.against
  given.against = nil
  local o = options_for(given, who)
  local first, why = ranking.prepare(scores, labels, who)
  if not first then return nil, why end
  local second
  if against then
    second, why = ranking.prepare(against, labels, who)
    if not second then return nil, why end
    if #second ~= #first then error(("%s: %d tags against %d"):format(who, #first, #second), 0) end
  end
  if first.clips < 2 then return nil, who .. ": resampling needs at least two clips" end
  local ones = {}
  for k = 1, first.clips do ones[k] = 1 end
  local whole, other = ranking.score(first, ones), second and ranking.score(second, ones)
  local drawn, undefined, thinner = { roc_auc = {}, pr_auc = {} }, { roc_auc = 0, pr_auc = 0 }, 0
  for d = 1, o.draws do
    local weights = counts(first.clips, d, o.seed)
    local now = ranking.score(first, weights)
    if now.counted < whole.counted then thinner = thinner + 1 end
    add_draw(drawn, undefined, now, second and ranking.score(second, weights))
  end
  local result = { thinner = thinner }
  for _, name in ipairs(NAMES) do
    if not whole[name] then return nil, who .. ": no tag has both positive and negative clips" end
    result[name], why = interval(whole[name] - (other and other[name] or 0.0), drawn[name], undefined[name], o, who)
    if not result[name] then return nil, why end
  end
  return result
end

return M
