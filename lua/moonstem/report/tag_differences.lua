--- Which tags gain and which lose: differences of per-tag scores between two groups of runs (the paper's Fig. 2).
local ms = require "moonstem"
local options_of = require "moonstem.data.options"
local csv = require "moonstem.report.csv"
local tables = require "moonstem.report.tables"

local NAMES = { pr_auc = "PR-AUC", roc_auc = "ROC-AUC" }

local Differences = {}
Differences.__index = Differences
Differences.__name = "moonstem.tag_differences"

-- ---- runs ----------------------------------------------------------------------------------
-- A run as { tail =, seed =, tags = { [name] = score or false } }; `names` collects the tags in order of appearance.
local function read_run(run, i, score, names, group)
  local per_tag = run.per_tag or (run.scores and run.scores.per_tag)
  if not per_tag then error(("tag_differences: run %d of %s has no per_tag list"):format(i, group), 0) end
  local tags = {}
  for _, tag in ipairs(per_tag) do
    local value = tag[score]
    if value == nil then error(("tag_differences: tag %s of %s has no %s"):format(tag.name, group, score), 0) end
    if value ~= value then
      return nil, ("the %s of tag %s in run %d of %s is not a number"):format(score, tag.name, i, group)
    end
    if not names[tag.name] then
      names[tag.name] = true
      names[#names + 1] = tag.name
    end
    tags[tag.name] = value
  end
  return { tail = run.tail or "all", seed = run.seed or (run.options and run.options.seed) or i, tags = tags }
end

-- A group by its key "tail\0seed": a list of results, or a single one, whose tail and seed do not matter then. nil and
-- a sentence for two runs of one key.
local function read_group(list, score, names, group)
  if list.per_tag or list.scores then list = { { per_tag = list.per_tag, scores = list.scores } } end
  local runs = { order = {} }
  for i, given in ipairs(list) do
    local run, why = read_run(given, i, score, names, group)
    if not run then return nil, why end
    local key = run.tail .. "\0" .. tostring(run.seed)
    if runs[key] then
      return nil, ("%s has two runs of tail %s, seed %s"):format(group, run.tail, tostring(run.seed))
    end
    runs[key] = run
    table.insert(runs.order, key)
  end
  if #runs.order == 0 then return nil, ("%s has no runs"):format(group) end
  table.sort(runs.order)
  return runs
end

-- ---- one tag -------------------------------------------------------------------------------
-- The scores of a tag in the pairs of runs that both have one: two lists, and the tails of the pairs.
local function paired(baseline, other, tag)
  local a, b, tails = {}, {}, {}
  for _, key in ipairs(baseline.order) do
    local first, second = baseline[key], other[key]
    local x, y = first.tags[tag], second and second.tags[tag]
    if x and y then a[#a + 1], b[#b + 1], tails[#tails + 1] = x, y, first.tail end
  end
  return a, b, tails
end

-- Mean over runs within each tail, then over tails, so that each counts alike however many runs it has.
local function mean_over_tails(values, tails)
  local sums, counts, order = {}, {}, {} -- tails in order of appearance, so that sums round alike
  for i, tail in ipairs(tails) do
    if not sums[tail] then
      sums[tail], counts[tail] = 0.0, 0
      order[#order + 1] = tail
    end
    sums[tail], counts[tail] = sums[tail] + values[i], counts[tail] + 1
  end
  local total = 0.0
  for _, tail in ipairs(order) do total = total + sums[tail] / counts[tail] end
  return total / #order
end

-- { baseline =, score =, absolute =, relative =, pairs = } of one tag in one group; nil where no pair has the tag.
local function difference(baseline, other, tag)
  local a, b, tails = paired(baseline, other, tag)
  if #a == 0 then return nil end
  local before, after = mean_over_tails(a, tails), mean_over_tails(b, tails)
  return { baseline = before, score = after, absolute = after - before, pairs = #a,
           relative = before ~= 0 and (after - before) / before or nil }, a, b
end

local function row_of(self, tag)
  local row, a, b = difference(self.baseline, self.groups[1].runs, tag)
  if not row then return nil end
  row.tag, row.others = tag, {}
  for g = 2, #self.groups do row.others[g - 1] = difference(self.baseline, self.groups[g].runs, tag) or false end
  row.test, row.no_test = ms.statistics.paired_t_test(b, a, { names = { self.groups[1].label, self.label } })
  row.p = row.test and row.test.p
  return row
end

-- ---- all tags ------------------------------------------------------------------------------
local function key_of(self, row)
  return self.by == "absolute" and row.absolute or row.relative
end

-- Rows in descending difference; tags that no pair of runs has, or that cannot be ranked, are listed apart.
local function make_rows(self, names)
  self.rows, self.left_out = {}, {}
  for _, tag in ipairs(names) do
    local row = row_of(self, tag)
    if row and key_of(self, row) then self.rows[#self.rows + 1] = row else table.insert(self.left_out, tag) end
  end
  table.sort(self.rows, function(x, y)
    local dx, dy = key_of(self, x), key_of(self, y)
    if dx ~= dy then return dx > dy end
    return x.tag < y.tag
  end)
end

-- Stars as the paper sets them (no correction is mentioned for Fig. 2), and p values after Holm over all tags beside.
local function mark(self)
  local ps = {}
  for i, row in ipairs(self.rows) do ps[i] = row.p or false end
  local holm = ms.statistics.holm(ps, { alpha = self.alpha })
  self.family = holm.family
  for i, row in ipairs(self.rows) do
    row.rank, row.star = i, row.p ~= nil and row.p < self.alpha
    row.p_holm, row.star_holm = holm.adjusted[i] or nil, holm.significant[i]
  end
end

local function read_groups(o, names)
  local baseline, why = read_group(o.baseline, o.score, names, o.label)
  if not baseline then return nil, why end
  local groups = { { label = o.treated.label or "treated", runs = o.treated.runs or o.treated } }
  for _, other in ipairs(o.others) do groups[#groups + 1] = { label = other.label, runs = other.runs } end
  for i, group in ipairs(groups) do
    if type(group.label) ~= "string" or type(group.runs) ~= "table" then
      error(("tag_differences: others[%d] needs a label and runs"):format(i - 1), 0)
    end
    group.runs, why = read_group(group.runs, o.score, names, group.label)
    if not group.runs then return nil, why end
  end
  return baseline, groups
end

--- moonstem.report.tag_differences{ baseline = runs, treated = { label = "vocals", runs = runs }, others = list,
--   label = "baseline", score = "pr_auc", by = "relative", top = 10, alpha = 0.01 } -> differences
-- others: a list like treated. runs: list of { tail = "cnn", seed = 1, per_tag = list of { name =, roc_auc =, pr_auc = } }
-- as ms.evaluate.tags gives them (or { tail =, seed =, scores = } as in result.json), or a single such result to look at
-- two models. Runs are paired by tail and seed (a run without a seed: its place in the list); scores are averaged over
-- runs, then over tails.
-- by: "relative" (after - before) / before, or "absolute"; it ranks the tags. alpha: of the paired t-test on each tag,
-- without a correction as in the paper; p values after Holm over all tags stand beside.
-- Returns differences with rows = list, best gain first, of { tag =, rank =, baseline =, score =, absolute =, relative =,
-- pairs =, p =, star =, p_holm =, star_holm =, no_test =, others = list of { absolute =, relative =, ... } or false },
-- left_out = tags without a score, unpaired = number of runs without a partner, and the methods d:text(), d:csv(),
-- d:svg(), d:selected() and d:write(folder). nil and a sentence when groups share no run or a score is not a number.
local function new(options)
  local o = options_of(options, "tag_differences", { baseline = false, treated = false, others = {}, label = "baseline",
    score = "pr_auc", by = "relative", top = 10, alpha = 0.01 })
  if not o.baseline or not o.treated then error("tag_differences: baseline and treated are needed", 0) end
  if o.by ~= "relative" and o.by ~= "absolute" then
    error(("tag_differences: by must be relative or absolute, got %s"):format(tostring(o.by)), 0)
  end
  local names = {}
  local baseline, groups = read_groups(o, names)
  if not baseline then return nil, groups end
  local self = setmetatable({ baseline = baseline, groups = groups, label = o.label, score = o.score, by = o.by,
    top = o.top, alpha = o.alpha, unpaired = 0 }, Differences)
  local shared = 0
  for _, key in ipairs(baseline.order) do
    if groups[1].runs[key] then shared = shared + 1 end
  end
  if shared == 0 then return nil, ("%s and %s share no tail and seed"):format(o.label, groups[1].label) end
  self.unpaired = #baseline.order + #groups[1].runs.order - 2 * shared
  make_rows(self, names)
  mark(self)
  return self
end

-- ---- outputs -------------------------------------------------------------------------------
--- d:selected() -> rows shown: the top ones and the bottom ones (all when there are no more), number of top ones
function Differences:selected()
  local list, n = {}, #self.rows
  local top = math.min(self.top, (n + 1) // 2)
  local bottom = math.min(self.top, n - top)
  for i = 1, top do list[i] = self.rows[i] end
  for i = n - bottom + 1, n do list[#list + 1] = self.rows[i] end
  return list, top
end

function Differences:score_name()
  return NAMES[self.score] or self.score
end

--- d:note() -> how the figure is to be read
function Differences:note()
  local most = 0
  for _, row in ipairs(self.rows) do most = math.max(most, row.pairs) end
  local note = ("Difference of %s from %s, %d pairs of runs by tail and seed, averaged over tails. * p < %g in a two-sided "
    .. "paired t-test of %s on that tag, not corrected for the %d tags (p_holm is)."):format(self:score_name(), self.label, most,
    self.alpha, self.groups[1].label, self.family)
  if most < 2 then note = note .. " One pair of runs: no test can be made." end
  if self.unpaired > 0 then note = note .. (" %d runs have no partner."):format(self.unpaired) end
  if #self.left_out > 0 then note = note .. " Left out: " .. table.concat(self.left_out, ", ") .. "." end
  return note
end

local function percent(x)
  return x and ("%+.2f"):format(100 * x) or "-"
end

--- d:text() -> the selected tags as a table, differences in percent
function Differences:text()
  local header = { "tag", self.label .. " %", self.groups[1].label .. " %", "points", "relative %", "p", "p Holm" }
  for g = 2, #self.groups do header[#header + 1] = self.groups[g].label .. (self.by == "relative" and " rel. %" or " points") end
  local rows = {}
  for i, row in ipairs(self:selected()) do
    rows[i] = { row.tag .. (row.star and " *" or ""), ("%.2f"):format(100 * row.baseline), ("%.2f"):format(100 * row.score),
      percent(row.absolute), percent(row.relative), row.p and ("%.2g"):format(row.p) or "-",
      row.p_holm and ("%.2g"):format(row.p_holm) or "-" }
    for _, other in ipairs(row.others) do table.insert(rows[i], other and percent(other[self.by]) or "-") end
  end
  return tables.text(header, rows) .. "\n\n" .. self:note() .. "\n"
end
Differences.__tostring = Differences.text

local FIELDS = { "rank", "tag", "baseline", "score", "absolute", "relative", "pairs", "p", "star", "p_holm", "star_holm" }

--- d:csv() -> all tags, best gain first, scores and differences as shares; two columns for each other group
function Differences:csv()
  local fields, records = { table.unpack(FIELDS) }, {}
  for g = 2, #self.groups do
    for _, kind in ipairs { "absolute", "relative" } do fields[#fields + 1] = self.groups[g].label .. " " .. kind end
  end
  for i, row in ipairs(self.rows) do
    local r = setmetatable({}, { __index = row })
    for g, other in ipairs(row.others) do
      local label = self.groups[g + 1].label
      r[label .. " absolute"], r[label .. " relative"] = other and other.absolute or nil, other and other.relative or nil
    end
    records[i] = r
  end
  return csv(fields, records)
end

--- d:svg() -> Fig. 2 as SVG: a group of bars for each selected tag, a gap between gains and losses
function Differences:svg()
  local chosen, top = self:selected()
  local names, series = {}, {}
  for g, group in ipairs(self.groups) do series[g] = { label = group.label, values = {} } end
  for i, row in ipairs(chosen) do
    if i == top + 1 then
      names[#names + 1] = ""
      for _, s in ipairs(series) do table.insert(s.values, false) end
    end
    names[#names + 1] = row.tag .. (row.star and " *" or "")
    for g, s in ipairs(series) do
      local d = g == 1 and row or row.others[g - 1]
      table.insert(s.values, d and d[self.by] and 100 * d[self.by] or false)
    end
  end
  return ms.figure.svg.bars { groups = names, series = series, width = math.max(720, 60 * #names + 200), height = 480,
    title = ("Tags that gain and lose most, against %s"):format(self.label),
    y_label = ("%s difference of %s (%s)"):format(self.by, self:score_name(), self.by == "relative" and "%" or "points") }
end

--- d:write(folder) -> the folder, with tag_differences.csv, .svg and .txt; or nil and a sentence
-- There is no PNG: ms.figure draws bars as SVG alone.
function Differences:write(folder)
  local ok, why = ms.sys.mkdir(folder)
  for _, kind in ipairs { "csv", "svg", "text" } do
    if not ok then return nil, why end
    ok, why = ms.sys.write_file(("%s/tag_differences.%s"):format(folder, kind == "text" and "txt" or kind), self[kind](self))
  end
  if not ok then return nil, why end
  return folder
end

return new
