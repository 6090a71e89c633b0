--- A table in the paper's layout from the results of single runs: mean, deviation, number of runs
-- and the paper's value in each cell, bold above the baseline, stars with the test that they come
-- from.
local statistics = require "moonstem.statistics"
local options_of = require "moonstem.options"
local intervals = require "moonstem.report.paper_table.intervals"
local tables = require "moonstem.report.tables"
local outputs = require "moonstem.report.paper_table.text"
local pages = require "moonstem.report.paper_table.page"
local strict = require "moonstem.strict"

local Table = {}
Table.__index = Table
Table.__name = "moonstem.paper_table"

local TESTS = { welch = "welch_t_test", pooled = "pooled_t_test", paired = "paired_t_test" }
local CORRECTIONS = { bonferroni = "bonferroni", holm = "holm" }

local function choice(value, list, what)
  if not list[value] then
    local names = {}
    for name in pairs(list) do names[#names + 1] = name end
    table.sort(names)
    error(("paper_table: %s must be one of %s, got %s")
      :format(what, table.concat(names, ", "), tostring(value)), 0)
  end
  return list[value]
end

-- ---- results into cells --------------------------------------------------------------------
local function named(list)
  local at = {}
  for _, entry in ipairs(list) do at[entry.name] = entry end
  return at
end

local function check_value(result, i, scale)
  local v = result.value
  if type(v) ~= "number" then error(("paper_table: result %d has no value"):format(i), 0) end
  if result.seed == nil then error(("paper_table: result %d has no seed"):format(i), 0) end
  if not tables.finite(v) then return v end
  if scale == 100 and (v < 0 or v > 1) then
    return nil, ("the value of row %s, column %s, seed %s is %g, not a share of 1 "
      .. "(give scale = 1 for percent)"):format(result.row, result.column, result.seed, v)
  end
  return v * scale
end

-- cells[row][column] = { runs = { [seed] = value }, seeds = list, predictions = { [seed] = path },
-- odd = list of texts about values that are not finite, which no mean counts }; nil and a message
-- for values that cannot be.
local function empty_cells(layout)
  local cells = {}
  for _, row in ipairs(layout.rows) do
    cells[row.name] = {}
    for _, column in ipairs(layout.columns) do
      cells[row.name][column.name] = { runs = {}, seeds = {}, predictions = {}, odd = {} }
    end
  end
  return cells
end

local function fill(layout, results, scale)
  local cells = empty_cells(layout)
  for i, result in ipairs(results) do
    local cell = cells[result.row] and cells[result.row][result.column]
    if not cell then
      error(("paper_table: result %d is of row %s, column %s, which %s does not have")
        :format(i, tostring(result.row), tostring(result.column), layout.name), 0)
    end
    local value, why = check_value(result, i, scale)
    if not value then return nil, why end
    if cell.runs[result.seed] then
      return nil, ("row %s, column %s has two results of seed %s")
        :format(result.row, result.column, result.seed)
    end
    if tables.finite(value) then
      cell.runs[result.seed], cell.predictions[result.seed] = value, result.predictions
      cell.seeds[#cell.seeds + 1] = result.seed
    else
      table.insert(cell.odd, ("%s, seed %s: %s"):format(result.row, result.seed,
        tables.number(value)))
    end
  end
  return cells
end

-- Seeds in one order, whatever the order of the results: sums, and so the last digit, stay the
-- same.
local function summarize(cell)
  table.sort(cell.seeds, function(a, b)
    if math.type(a) and math.type(b) then return a < b end
    return tostring(a) < tostring(b)
  end)
  cell.values = {}
  for i, seed in ipairs(cell.seeds) do cell.values[i] = cell.runs[seed] end
  cell.n = #cell.values
  cell.tests = {}
  local s = cell.n > 0 and statistics.summary(cell.values)
  if s then cell.mean, cell.sd, cell.se = s.mean, s.sd, s.se end
end

-- ---- comparisons ---------------------------------------------------------------------------
local function pairs_of(cell, other)
  local a, b = {}, {}
  for _, seed in ipairs(cell.seeds) do
    if other.runs[seed] then a[#a + 1], b[#b + 1] = cell.runs[seed], other.runs[seed] end
  end
  return a, b
end

local function compare(self, row, column)
  local cell, other = self.cells[row.name][column.name], self.cells[row.against][column.name]
  if cell.mean and other.mean then
    cell.difference = cell.mean - other.mean
    cell.better = cell.difference > 0
  end
  for kind, test in pairs(TESTS) do
    local a, b = cell.values, other.values
    if kind == "paired" then a, b = pairs_of(cell, other) end
    local result, why = statistics[test](a, b, { names = { row.name, row.against } })
    cell.tests[kind] = result or { no_test = why, few = #a < 2 or #b < 2 }
  end
  cell.result = cell.tests[self.test]
end

-- Both corrections of one test of all rows of a column that have something to compare with, as one
-- family.
local function correct(self, cells, kind)
  local ps = {}
  for i, cell in ipairs(cells) do ps[i] = cell.tests[kind].p or false end
  for name in pairs(CORRECTIONS) do
    local corrected = statistics[name](ps, { family = self.family, alpha = self.alpha })
    for i, cell in ipairs(cells) do
      cell.tests[kind][name] = { p = corrected.adjusted[i] or nil,
        significant = corrected.significant[i] }
    end
  end
end

local function test_column(self, column)
  local cells = {}
  for _, row in ipairs(self.layout.rows) do
    if row.against then
      cells[#cells + 1] = self.cells[row.name][column.name]
      compare(self, row, column)
    end
  end
  for kind in pairs(TESTS) do correct(self, cells, kind) end
  for _, cell in ipairs(cells) do
    local significant = cell.result[self.correction].significant
    cell.star, cell.worse = significant and cell.better, significant and not cell.better
  end
end

local function count_compared(layout)
  local rows, count = named(layout.rows), 0
  for _, row in ipairs(layout.rows) do
    if row.against then
      if not rows[row.against] then
        error(("paper_table: row %s is compared with %s, which is not there")
          :format(row.name, row.against), 0)
      end
      count = count + 1
    end
  end
  return count
end

--- moonstem.report.paper_table{ layout =, results =, test = "pooled", correction = "bonferroni",
-- family =, alpha = 0.05, runs =,
--   scale = 100, digits = 2, note =, bootstrap = { resamples = 1000, level = 0.95, seed = 1 } } ->
--   table
-- layout: as in recipes/paper.lua (dofile "recipes/paper.lua".table_one). results: list of { row =,
-- column =, seed =, value =, predictions = path }, one for each run and score, in any order;
-- missing runs are shown as n = 3/5. Values are shares of 1 as ms.evaluate gives them (scale = 1
-- for values that are in percent already). runs: how many a cell should have (layout.runs). test:
-- "pooled" (Student's, df 8 for five runs each), "welch" or "paired" by seed, all two-sided, of
-- each row against its `against`; correction: "bonferroni" or "holm"; they give the stars, and all
-- others are made too. family: comparisons corrected for, by default all compared rows of the
-- layout, run or not. note: a message for the footnote, as that the data are stand-ins. bootstrap
-- (an empty table will do): intervals over test clips from the files `predictions` of the runs
-- (moonstem.metrics.predictions); columns' names must then end in the score. Returns a table with
-- cells[row][column] = { values =, seeds =, n =, mean =, sd =, se =, difference =, better =,
-- tests = { [test] = its result or { no_test = message }, with bonferroni and holm = { p =,
-- significant = } }, result = that of the test asked for, star =, worse =, interval = of the mean
-- over runs when clips are drawn anew, gain = the same of the difference to the baseline, paired by
-- clip, clips = their number, no_interval = message } and the methods t:text(), t:markdown(),
-- t:latex(), t:csv(), and for ms.report documents t:document(), t:published() and
-- t:sentences(). Values that are not finite are in no mean and no test; the footnote lists them.
-- nil and a message for results that contradict each other; unknown rows, columns and options
-- raise.
local function new(options)
  local o = options_of(options, "paper_table", { layout = false, results = false, test = "pooled",
    family = false,
    correction = "bonferroni", alpha = 0.05, runs = false, scale = options_of.number(100),
      digits = 2,
    note = options_of.string, bootstrap = false })
  if not o.layout or not o.results then error("paper_table: layout and results are needed", 0) end
  choice(o.test, TESTS, "test")
  choice(o.correction, CORRECTIONS, "correction")
  local cells, why = fill(o.layout, o.results, o.scale)
  if not cells then return nil, why end
  local self = setmetatable({ layout = o.layout, cells = cells, test = o.test,
    correction = o.correction,
    family = o.family or count_compared(o.layout), alpha = o.alpha, runs = o.runs or o.layout.runs,
      digits = o.digits,
    scale = o.scale, unit = o.layout.unit and " " .. o.layout.unit or "", note = o.note,
      bootstrap = o.bootstrap }, Table)
  for _, row in ipairs(o.layout.rows) do
    for _, column in ipairs(o.layout.columns) do summarize(cells[row.name][column.name]) end
  end
  if self.family > 0 then
    for _, column in ipairs(o.layout.columns) do test_column(self, column) end
  end
  if o.bootstrap then
    local ok
    ok, why = intervals(self, o.bootstrap)
    if not ok then return nil, why end
  end
  return self
end

for name, method in pairs(outputs) do Table[name] = method end
for name, method in pairs(pages) do Table[name] = method end
Table.__tostring = Table.text
strict.class(Table, "t", { "runs", "note", "bootstrap" })

return new
