--- The footnote of a table in the paper's layout: what its numbers and marks mean, and what could
-- not be computed.
local TESTS = { "pooled", "welch", "paired" }
local TEST_NAMES = { pooled = "two-sided pooled (Student's) t-tests",
  welch = "two-sided Welch's t-tests", paired = "two-sided t-tests paired by seed" }
local CORRECTION_NAMES = { bonferroni = "Bonferroni", holm = "Holm" }

-- "the baseline, row tail" or, where rows are compared with different ones, which with which.
local function baseline(self)
  local name, several, list = nil, false, {}
  for _, row in ipairs(self.layout.rows) do
    if row.against then
      several, name = several or (name and name ~= row.against), row.against
      list[#list + 1] = ("%s against %s"):format(row.name, row.against)
    end
  end
  return several and ("the baseline (%s)"):format(table.concat(list, ", "))
    or ("the baseline, row %s"):format(name)
end

-- Calls visit(cell, row, column) for every cell, in order.
local function each_cell(self, visit)
  for _, row in ipairs(self.layout.rows) do
    for _, column in ipairs(self.layout.columns) do
      visit(self.cells[row.name][column.name], row, column)
    end
  end
end

-- Sentences that sentence_of(cell, row) gives, each once with its columns, in order: "WHY (A, B);
-- WHY (A)", or nil.
local function gathered(self, sentence_of)
  local list, at = {}, {}
  each_cell(self, function(cell, row, column)
    local why = sentence_of(cell, row)
    if not why then return end
    if not at[why] then
      at[why] = {}
      list[#list + 1] = why
    end
    if not at[why][column.name] then
      at[why][column.name] = true
      table.insert(at[why], column.name)
    end
  end)
  for i, why in ipairs(list) do list[i] = ("%s (%s)"):format(why, table.concat(at[why], ", ")) end
  return #list > 0 and table.concat(list, "; ") or nil
end

-- Rows with runs that are too few for a test: their names, once each.
local function too_few(self)
  local names, seen = {}, {}
  each_cell(self, function(cell, row)
    if cell.n > 0 and cell.result and cell.result.few and not seen[row.name] then
      seen[row.name] = true
      names[#names + 1] = row.name
    end
  end)
  return names
end

local function add_missing_tests(self, list)
  local few = too_few(self)
  if #few > 0 then
    list[#list + 1] = ("Without a test where a row or its baseline has fewer than two runs%s: %s.")
      :format( self.test == "paired" and " of the same seeds" or "", table.concat(few, ", "))
  end
  local others = gathered(self, function(cell)
    return cell.n > 0 and cell.result and not cell.result.few and cell.result.no_test
  end)
  if others then list[#list + 1] = "Without a test: " .. others .. "." end
end

-- How many cells each test and correction would mark; nothing where no test could be made.
local function add_verdicts(self, list)
  local parts, made = {}, 0
  for _, kind in ipairs(TESTS) do
    local counts = { bonferroni = 0, holm = 0 }
    each_cell(self, function(cell, row)
      if not row.against then return end
      made = made + (cell.tests[kind].p and 1 or 0)
      for name in pairs(counts) do
        if cell.tests[kind][name].significant then counts[name] = counts[name] + 1 end
      end
    end)
    parts[#parts + 1] = ("%s %d / %d"):format(kind == "welch" and "Welch's" or kind,
      counts.bonferroni, counts.holm)
  end
  if made > 0 then
    list[#list + 1] = ("Significant cells after Bonferroni / after Holm with each test: %s (all p \z
      values are in the CSV).")
      :format(table.concat(parts, ", "))
  end
end

local function add_intervals(self, list)
  local any, lifted = nil, 0
  each_cell(self, function(cell)
    local i = cell.interval
    any = any or i
    if i and i.se and i.bias > i.se / 4 then lifted = math.max(lifted, i.bias) end
  end)
  if any then
    list[#list + 1] = ("clips: [low, high], the %g %% percentile interval of the mean over these \z
      runs when the test clips are "
      .. "drawn anew (bootstrap, %d resamples, the same for all runs and models); gain: the \z
        difference to the baseline, with its "
      .. "interval in the same resamples. They tell what other clips could change, not what other \z
        seeds could.")
      :format(100 * any.level, any.resamples)
  end
  if lifted > 0 then
    list[#list + 1] = ("A resample holds some clips several times, which lifts scores of rare \z
      tags, here by up to %.2g%s: an "
      .. "interval need not have its mean in the middle, and gains, in which that cancels, tell \z
        more."):format(lifted, self.unit)
  end
  local missing = gathered(self, function(cell) return cell.no_interval end)
  if missing then list[#list + 1] = "Without an interval: " .. missing .. "." end
end

local function add_oddities(self, list)
  local odd = gathered(self, function(cell)
    return #cell.odd > 0 and table.concat(cell.odd, "; ")
  end)
  if odd then list[#list + 1] = "Not finite, and so in no mean and no test: " .. odd .. "." end
end

--- The list of sentences: what cells and marks mean, the test behind the stars, what could not be
-- tested, and why the paper's own stars are no yardstick (layout.note).
return function(self, bold)
  local list = { ("Mean ± standard deviation (n - 1) over runs; below it the standard error (SE) \z
    and the number of runs, of %d "
    .. "planned%s."):format(self.runs, self.layout.paper and "; last the paper's value" or "") }
  add_oddities(self, list)
  if self.family > 0 then
    list[#list + 1] = ("%s: above %s."):format(bold or "Bold", baseline(self))
    list[#list + 1] = ("* significantly above it, † significantly below: %s, %s-corrected for a \z
      family of %d comparisons in "
      .. "each column, alpha = %g."):format(TEST_NAMES[self.test],
        CORRECTION_NAMES[self.correction], self.family, self.alpha)
    add_verdicts(self, list)
    add_missing_tests(self, list)
  end
  if self.bootstrap then add_intervals(self, list) end
  if self.layout.note then list[#list + 1] = self.layout.note end
  return list
end
