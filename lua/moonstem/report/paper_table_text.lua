--- How a table in the paper's layout is written: text, Markdown, LaTeX (booktabs), CSV, a block of a document.
-- All but CSV show the same grid: three lines a row, of our mean and standard deviation, of standard error and number
-- of runs, of the paper's value. The same results give the same bytes.
local csv = require "moonstem.report.csv"
local tables = require "moonstem.report.tables"

local M = {}

-- How each kind of output marks a cell. pm: between mean and spread.
local STYLES = {
  text = { pm = " ± ", bold = "%s", better = "+", star = "*", worse = "†", plain = function(s) return s end },
  markdown = { pm = " ± ", bold = "**%s**", star = "\\*", worse = "†",
    plain = function(s) return (s:gsub("[|*_`<>]", "\\%0")) end },
  latex = { pm = " $\\pm$ ", bold = "\\textbf{%s}", star = "$^{*}$", worse = "$^{\\dagger}$",
    plain = function(s)
      s = s:gsub("[\\{}$&#%%_~^]", { ["\\"] = "\\textbackslash{}", ["~"] = "\\textasciitilde{}", ["^"] = "\\textasciicircum{}",
        ["{"] = "\\{", ["}"] = "\\}", ["$"] = "\\$", ["&"] = "\\&", ["#"] = "\\#", ["%"] = "\\%", ["_"] = "\\_" })
      return (s:gsub("±", "$\\pm$"):gsub("†", "$\\dagger$"))
    end },
}

local function number(self, value)
  return ("%%.%df"):format(self.digits):format(value)
end

-- ---- cells ---------------------------------------------------------------------------------
local function ours(self, cell, style)
  if not cell.mean then return "-" end
  local mean = number(self, cell.mean)
  if cell.better then mean = style.bold:format(mean) .. (style.better or "") end
  local spread = cell.sd and style.pm .. number(self, cell.sd) or ""
  return mean .. spread .. (cell.star and style.star or "") .. (cell.worse and style.worse or "")
end

local function count(self, cell)
  return cell.n == self.runs and ("n = %d"):format(cell.n) or ("n = %d/%d"):format(cell.n, self.runs)
end

local function certainty(self, cell)
  return (cell.se and ("SE %s, "):format(number(self, cell.se)) or "") .. count(self, cell)
end

local function published(self, row, column)
  local of_row = self.layout.paper and self.layout.paper[row.name]
  return of_row and of_row[column.name]
end

local function papers(self, row, column, style)
  local p = published(self, row, column)
  if not p then return "-" end
  local mean, baseline = number(self, p[1]), row.against and published(self, { name = row.against }, column)
  if baseline and p[1] > baseline[1] then mean = style.bold:format(mean) .. (style.better or "") end
  return mean .. style.pm .. number(self, p[2]) .. (p.star and style.star or "")
end

-- ---- the grid ------------------------------------------------------------------------------
local function heading(self, column)
  local parts = { table.unpack(column.group or {}) }
  parts[#parts + 1] = column.label .. self.unit
  return table.concat(parts, " ")
end

-- Label cells of a row's first line, or of one below it: only what the line holds.
local function labels(self, row, line, style)
  local out = {}
  for i = 1, #self.layout.head do out[i] = line and "" or style.plain(row.label[i]) end
  if line then out[#out] = line end
  return out
end

local LINES = {
  { nil, function(self, row, column, style) return ours(self, self.cells[row.name][column.name], style) end },
  { "SE, runs", function(self, row, column) return certainty(self, self.cells[row.name][column.name]) end },
  { "paper", papers },
}

local function header_of(self, style)
  local header = {}
  for i, text in ipairs(self.layout.head) do header[i] = style.plain(text) end
  for _, column in ipairs(self.layout.columns) do header[#header + 1] = style.plain(heading(self, column)) end
  return header
end

local function rows_of(self, style)
  local rows = {}
  for _, row in ipairs(self.layout.rows) do
    for i = 1, #LINES do
      local cells = labels(self, row, LINES[i][1], style)
      for _, column in ipairs(self.layout.columns) do
        cells[#cells + 1] = LINES[i][2](self, row, column, style)
      end
      rows[#rows + 1] = cells
    end
  end
  return rows
end

-- ---- the footnote --------------------------------------------------------------------------
local TEST_NAMES = { pooled = "two-sided pooled (Student's) t-tests", welch = "two-sided Welch's t-tests",
  paired = "two-sided t-tests paired by seed" }
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
  return several and ("the baseline (%s)"):format(table.concat(list, ", ")) or ("the baseline, row %s"):format(name)
end

-- Sentences about tests that could not be made although there are runs, each once with its columns, in order.
local function no_tests(self)
  local list, at = {}, {}
  for _, row in ipairs(self.layout.rows) do
    for _, column in ipairs(self.layout.columns) do
      local cell = self.cells[row.name][column.name]
      if cell.no_test and cell.n > 0 then
        if not at[cell.no_test] then
          at[cell.no_test] = {}
          list[#list + 1] = cell.no_test
        end
        table.insert(at[cell.no_test], column.name)
      end
    end
  end
  for i, why in ipairs(list) do list[i] = ("%s (%s)"):format(why, table.concat(at[why], ", ")) end
  return list
end

--- t:footnote() -> list of sentences: what cells and marks mean, the test behind the stars, what could not be tested,
-- and why the paper's own stars are no yardstick (layout.note).
function M.footnote(self, bold)
  local list = { ("Mean ± standard deviation (n - 1) over runs; below it the standard error (SE) and the number of runs, of %d "
    .. "planned; below that the paper's value."):format(self.runs) }
  if self.family > 0 then
    list[#list + 1] = ("%s: above %s."):format(bold or "Bold", baseline(self))
    list[#list + 1] = ("* significantly above it, † significantly below: %s, %s-corrected for a family of %d comparisons in "
      .. "each column, alpha = %g."):format(TEST_NAMES[self.test], CORRECTION_NAMES[self.correction], self.family, self.alpha)
  end
  local missing = no_tests(self)
  if #missing > 0 then list[#list + 1] = "Without a test: " .. table.concat(missing, "; ") .. "." end
  if self.layout.note then list[#list + 1] = self.layout.note end
  if self.note then list[#list + 1] = self.note end
  return list
end

-- ---- outputs -------------------------------------------------------------------------------
--- t:text() -> the table as plain text with its footnote; + marks what is bold elsewhere
function M.text(self)
  local style = STYLES.text
  return ("%s\n\n%s\n\n%s\n"):format(self.layout.title, tables.text(header_of(self, style), rows_of(self, style)),
    table.concat(M.footnote(self, "+"), "\n"))
end

--- t:document() -> { header =, rows =, caption = } for d:table of an ms.report document
function M.document(self)
  local style = STYLES.text
  return { header = header_of(self, style), rows = rows_of(self, style),
           caption = self.layout.title .. ". " .. table.concat(M.footnote(self, "+"), " ") }
end

--- t:markdown() -> the table in Markdown
function M.markdown(self)
  local style = STYLES.markdown
  local header = header_of(self, style)
  local lines = { "| " .. table.concat(header, " | ") .. " |",
    "|" .. ("---|"):rep(#self.layout.head) .. ("---:|"):rep(#self.layout.columns) }
  for _, row in ipairs(rows_of(self, style)) do lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |" end
  local notes = {}
  for i, note in ipairs(M.footnote(self)) do notes[i] = style.plain(note) end
  return ("**%s**\n\n%s\n\n%s\n"):format(style.plain(self.layout.title), table.concat(lines, "\n"),
    table.concat(notes, "\n\n"))
end

-- Runs of columns that share a heading at one height: list of { text =, first =, last = }.
local function spans(columns, height)
  local list = {}
  for c, column in ipairs(columns) do
    local above = table.concat(column.group or {}, "\0", 1, math.min(height, #(column.group or {})))
    local last = list[#list]
    if last and last.above == above then last.last = c
    else list[#list + 1] = { above = above, text = column.group and column.group[height] or "", first = c, last = c } end
  end
  return list
end

local function latex_group(self, height)
  local heads, cells, rules = #self.layout.head, {}, {}
  for _, span in ipairs(spans(self.layout.columns, height)) do
    cells[#cells + 1] = ("\\multicolumn{%d}{c}{%s}"):format(span.last - span.first + 1, STYLES.latex.plain(span.text))
    rules[#rules + 1] = ("\\cmidrule(lr){%d-%d}"):format(heads + span.first, heads + span.last)
  end
  return ("& "):rep(heads) .. table.concat(cells, " & ") .. " \\\\\n" .. table.concat(rules, " ")
end

local function latex_head(self)
  local style, heights, lines = STYLES.latex, 0, {}
  for _, column in ipairs(self.layout.columns) do heights = math.max(heights, #(column.group or {})) end
  for height = 1, heights do lines[#lines + 1] = latex_group(self, height) end
  local last = {}
  for i, text in ipairs(self.layout.head) do last[i] = style.plain(text) end
  for _, column in ipairs(self.layout.columns) do last[#last + 1] = style.plain(column.label .. self.unit) end
  lines[#lines + 1] = table.concat(last, " & ") .. " \\\\"
  return table.concat(lines, "\n")
end

--- t:latex() -> a table environment for LaTeX with the package booktabs
function M.latex(self)
  local style, body = STYLES.latex, {}
  for i, row in ipairs(rows_of(self, style)) do
    local gap = i % #LINES == 0 and i < #LINES * #self.layout.rows and "[2pt]" or ""
    body[i] = table.concat(row, " & ") .. " \\\\" .. gap
  end
  local note = style.plain(table.concat(M.footnote(self), " "))
  return ([[
\begin{table*}
\centering
\caption{%s}
\begin{tabular}{%s}
\toprule
%s
\midrule
%s
\bottomrule
\end{tabular}
\par\smallskip
\begin{minipage}{\linewidth}\footnotesize %s\end{minipage}
\end{table*}
]]):format(style.plain(self.layout.title), ("l"):rep(#self.layout.head) .. ("r"):rep(#self.layout.columns),
    latex_head(self), table.concat(body, "\n"), note)
end

-- ---- CSV -----------------------------------------------------------------------------------
local FIELDS = { "row", "column", "n", "planned", "mean", "sd", "se", "against", "difference", "t", "df", "p", "p_adjusted",
  "star", "worse", "test", "correction", "family", "alpha", "paper_mean", "paper_spread", "paper_star", "no_test", "values" }

-- true or false where a mark could stand, nothing elsewhere.
local function flag(possible, value)
  if not possible then return nil end
  return value or false
end

local function record(self, row, column)
  local cell, p = self.cells[row.name][column.name], published(self, row, column) or {}
  local result, values = cell.result or {}, {}
  for i, seed in ipairs(cell.seeds) do values[i] = ("%s:%.10g"):format(seed, cell.values[i]) end
  local compared = row.against ~= nil
  return { row = row.name, column = column.name, n = cell.n, planned = self.runs, mean = cell.mean, sd = cell.sd, se = cell.se,
    against = row.against, difference = cell.difference, t = result.t, df = result.df, p = result.p,
    p_adjusted = cell.p_adjusted, star = flag(compared, cell.star),
    worse = flag(compared, cell.worse), test = result.test, correction = compared and self.correction or nil,
    family = compared and self.family or nil, alpha = compared and self.alpha or nil, paper_mean = p[1], paper_spread = p[2],
    paper_star = flag(p[1], p.star), no_test = cell.no_test, values = table.concat(values, " ") }
end

--- t:csv() -> one line for each cell with all that is known of it, numbers in percent; values = seed:value of each run
function M.csv(self)
  local records = {}
  for _, row in ipairs(self.layout.rows) do
    for _, column in ipairs(self.layout.columns) do records[#records + 1] = record(self, row, column) end
  end
  return csv(FIELDS, records)
end

return M
