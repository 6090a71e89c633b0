--- Which tags gain and which lose: differences of per-tag scores between two groups of runs (the
-- paper's Fig. 2).
local statistics = require "moonstem.statistics"
local options_of = require "moonstem.options"
local intervals = require "moonstem.report.tag_differences.intervals"
local finished = require "moonstem.report.results"
local outputs = require "moonstem.report.tag_differences.text"
local strict = require "moonstem.strict"

local Differences = {}
Differences.__index = Differences
Differences.__name = "moonstem.tag_differences"

-- ---- runs ----------------------------------------------------------------------------------
-- A run as { name =, tail =, seed =, data =, predictions =, tags = { [name] = score or false } };
-- `names` collects the tags in order of appearance. nil and a message for what its file holds
-- (`path`); a table of a script raises.
local function read_run(run, i, score, names, group)
  local per_tag, name = run.per_tag or (run.scores and run.scores.per_tag), run.path
    or ("run %d of %s"):format(i, group)
  if not per_tag then
    if run.path then return nil, run.path .. " has no scores tag by tag: it is not of a tagger" end
    error(("tag_differences: %s has no per_tag list"):format(name), 0)
  end
  local tags = {}
  for _, tag in ipairs(per_tag) do
    local value = tag[score]
    if value == nil then
      error(("tag_differences: tag %s of %s has no %s"):format(tag.name, group, score), 0)
    end
    if value ~= value then
      return nil, ("the %s of tag %s in %s is not a number"):format(score, tag.name, name)
    end
    if not names[tag.name] then
      names[tag.name] = true
      names[#names + 1] = tag.name
    end
    tags[tag.name] = value
  end
  return { name = name, tail = run.tail or "all", seed = run.seed
    or (run.options and run.options.seed) or i, tags = tags,
           data = run.data, predictions = run.predictions }
end

-- The runs of a group as a list, paths read, and whether it is a single run that was asked for by
-- itself.
local function expand(given)
  if type(given) == "string" then
    local list, why = finished.runs(given)
    return list, list and #list == 1 or why
  end
  if given.per_tag or given.scores then return { given }, true end
  local list = {}
  for _, run in ipairs(given) do
    local more, why = { run }, nil
    if type(run) == "string" then more, why = finished.runs(run) end
    if not more then return nil, why end
    table.move(more, 1, #more, #list + 1, list)
  end
  return list, false
end

-- A group by its key "tail\0seed", the keys in `order`. nil and a message for two runs of one key.
local function read_group(given, score, names, group)
  local list, single = expand(given)
  if not list then return nil, single end
  local runs = { order = {}, single = single }
  for i, found in ipairs(list) do
    local run, why = read_run(found, i, score, names, group)
    if not run then return nil, why end
    local key = run.tail .. "\0" .. tostring(run.seed)
    if runs[key] then
      return nil, ("%s has two runs of tail %s, seed %s")
        :format(group, run.tail, tostring(run.seed))
    end
    runs[key] = run
    table.insert(runs.order, key)
  end
  if #runs.order == 0 then return nil, ("%s has no runs"):format(group) end
  table.sort(runs.order)
  return runs
end

-- Of two single runs neither tail nor seed matters.
local function match_single(baseline, runs)
  if not (baseline.single and runs.single) then return end
  local key = runs.order[1]
  local run = runs[key]
  runs[key] = nil
  runs.order[1] = baseline.order[1]
  runs[runs.order[1]] = run
end

-- A message where runs were measured on different splits, as far as their results tell.
local function different_data(baseline, groups)
  local first
  for _, runs in ipairs { baseline, table.unpack(groups) } do
    for _, key in ipairs(runs.order) do
      local run = runs[key]
      first = first or run.data and run
      if first and run.data and run.data ~= first.data then
        return ("%s and %s are of different clips (splits %s and %s), so they cannot be compared")
          :format(first.name, run.name, first.data, run.data)
      end
    end
  end
end

-- ---- one tag -------------------------------------------------------------------------------
-- The runs of both groups that have a score of a tag: two lists, and the weight of each pair: pairs
-- within a tail count alike, and so do tails, however many runs they have.
local function paired(baseline, other, tag)
  local a, b, weights, count, tails = {}, {}, {}, {}, 0
  for _, key in ipairs(baseline.order) do
    local first, second = baseline[key], other[key]
    if second and first.tags[tag] and second.tags[tag] then
      a[#a + 1], b[#b + 1] = first, second
      if not count[first.tail] then count[first.tail], tails = 0, tails + 1 end
      count[first.tail] = count[first.tail] + 1
    end
  end
  for i, run in ipairs(a) do weights[i] = 1 / (tails * count[run.tail]) end
  return a, b, weights
end

local function scores_of(runs, tag)
  local list = {}
  for i, run in ipairs(runs) do list[i] = run.tags[tag] end
  return list
end

local function weighted(values, weights)
  local sum = 0.0
  for i, value in ipairs(values) do sum = sum + weights[i] * value end
  return sum
end

-- { baseline =, score =, absolute =, relative =, pairs = } of one tag in one group, and both lists
-- of scores; nil where no pair has the tag.
local function difference(baseline, other, tag)
  local first, second, weights = paired(baseline, other, tag)
  if #first == 0 then return nil end
  local a, b = scores_of(first, tag), scores_of(second, tag)
  local before, after = weighted(a, weights), weighted(b, weights)
  return { baseline = before, score = after, absolute = after - before, pairs = #a,
           relative = before ~= 0 and (after - before) / before or nil }, a, b
end

local function row_of(self, tag)
  local row, a, b = difference(self.baseline, self.groups[1].runs, tag)
  if not row then return nil end
  row.tag, row.others = tag, {}
  for g = 2, #self.groups do
    row.others[g - 1] = difference(self.baseline, self.groups[g].runs, tag) or false
  end
  row.test, row.no_test = statistics.paired_t_test(b, a,
    { names = { self.groups[1].label, self.label } })
  row.p = row.test and row.test.p
  return row
end

-- ---- all tags ------------------------------------------------------------------------------
local function key_of(self, row)
  return self.by == "absolute" and row.absolute or row.relative
end

-- Rows in descending difference; tags that no pair of runs has, or that cannot be ranked, are
-- listed apart.
local function make_rows(self, names)
  self.rows, self.left_out = {}, {}
  for _, tag in ipairs(names) do
    local row = row_of(self, tag)
    if row and key_of(self, row) then
      self.rows[#self.rows + 1] = row
    else
      table.insert(self.left_out, tag)
    end
  end
  table.sort(self.rows, function(x, y)
    local dx, dy = key_of(self, x), key_of(self, y)
    if dx ~= dy then return dx > dy end
    return x.tag < y.tag
  end)
end

-- Stars as the paper sets them (no correction is mentioned for Fig. 2), and p values after Holm
-- over all tags beside.
local function mark(self)
  local ps = {}
  for i, row in ipairs(self.rows) do ps[i] = row.p or false end
  local holm = statistics.holm(ps, { alpha = self.alpha })
  self.family = holm.family
  for i, row in ipairs(self.rows) do
    row.rank, row.star = i, row.p ~= nil and row.p < self.alpha
    row.p_holm, row.star_holm = holm.adjusted[i] or nil, holm.significant[i]
  end
end

local function read_groups(o, names)
  local baseline, why = read_group(o.baseline, o.score, names, o.label)
  if not baseline then return nil, why end
  local treated = type(o.treated) == "table" and o.treated or { runs = o.treated }
  local groups = { { label = treated.label or "treated", runs = treated.runs or treated } }
  for _, other in ipairs(o.others) do
    groups[#groups + 1] = { label = other.label, runs = other.runs }
  end
  for i, group in ipairs(groups) do
    if type(group.label) ~= "string" or not (type(group.runs) == "table"
      or type(group.runs) == "string") then
      error(("tag_differences: others[%d] needs a label and runs"):format(i - 1), 0)
    end
    group.runs, why = read_group(group.runs, o.score, names, group.label)
    if not group.runs then return nil, why end
    match_single(baseline, group.runs)
  end
  return baseline, groups
end

-- Checks that the groups have something in common; true, or nil and a message.
local function pair_up(self)
  local baseline, treated, lists, shared = self.baseline, self.groups[1], {}, 0
  for g, group in ipairs(self.groups) do lists[g] = group.runs end
  local why = different_data(baseline, lists)
  if why then return nil, why end
  for _, key in ipairs(baseline.order) do
    if treated.runs[key] then shared = shared + 1 end
  end
  if shared == 0 then
    return nil, ("%s and %s share no tail and seed"):format(self.label, treated.label)
  end
  self.unpaired = #baseline.order + #treated.runs.order - 2 * shared
  return true
end

--- moonstem.report.tag_differences{ baseline = runs, treated = { label = "vocals", runs = runs },
-- others = list,
--   label = "baseline", score = "pr_auc", by = "relative", top = 10, alpha = 0.01, bootstrap =
--   none, note = none } -> differences
-- others: a list like treated. runs: the path of a run's folder (or of its result.json, or of a
-- folder of such folders), or a list of such paths and of { tail = "cnn", seed = 1, per_tag = list
-- of { name =, roc_auc =, pr_auc = }, predictions = path } as ms.evaluate.tags gives them, or a
-- single such result to look at two models. Runs are paired by tail and seed (a run without a seed:
-- its place in the list; single runs whatever they have); scores are averaged over runs, then over
-- tails. by: "relative" (after - before) / before, or "absolute"; it ranks the tags. alpha: of the
-- paired t-test on each tag, without a correction as in the paper; p values after Holm over all
-- tags stand beside. bootstrap = { resamples = 1000,
-- level = 0.95, seed = 1 } (an empty table will do) adds intervals of the absolute difference over
-- test clips, from the predictions of both groups' runs. note: a message for the reader, as that
-- the data are stand-ins. Returns differences with rows = list, best gain first, of { tag =, rank
-- =, baseline =, score =, absolute =, relative =, pairs =, p =, star =, p_holm =, star_holm =,
-- no_test =, interval =, others = list of { absolute =, relative =, ... } or false }, left_out =
-- tags without a score, unpaired = number of runs without a partner, no_intervals = message, and
-- the methods d:text(), d:csv(), d:svg(), d:selected() and d:write(folder). nil and a message when
-- a run is not finished or cannot be read, when groups share no run or are of different clips, or a
-- score is not a number.
local function new(options)
  local o = options_of(options, "tag_differences",
    { baseline = false, treated = false, others = {}, label = "baseline",
    score = "pr_auc", by = "relative", top = 10, alpha = 0.01, bootstrap = false, note = false })
  if not o.baseline or not o.treated then
    error("tag_differences: baseline and treated are needed", 0)
  end
  if o.by ~= "relative" and o.by ~= "absolute" then
    error(("tag_differences: by must be relative or absolute, got %s"):format(tostring(o.by)), 0)
  end
  local names = {}
  local baseline, groups = read_groups(o, names)
  if not baseline then return nil, groups end
  local self = setmetatable({ baseline = baseline, groups = groups, label = o.label,
    score = o.score, by = o.by, top = o.top, alpha = o.alpha, remark = o.note }, Differences)
  local ok, why = pair_up(self)
  if not ok then return nil, why end
  make_rows(self, names)
  mark(self)
  if o.bootstrap then
    ok, why = intervals(self, o.bootstrap, paired)
    if not ok then return nil, why end
  end
  return self
end

for name, method in pairs(outputs) do Differences[name] = method end
Differences.__tostring = Differences.text
strict.class(Differences, "d", { "remark", "left_out", "unpaired", "no_intervals", "clips",
  "family" })

return new
