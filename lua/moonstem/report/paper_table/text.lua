--- How a table in the paper's layout is written: text, Markdown, LaTeX (booktabs), CSV. All but CSV
-- show the same grid: some lines a row, of our mean and standard deviation,
-- of standard error and number of runs, with a bootstrap of its intervals, of the paper's value.
-- The same results give the same bytes.
local csv = require "moonstem.data.csv"
local footnote = require "moonstem.report.paper_table.notes"
local tables = require "moonstem.report.tables"

local M = {}

-- How each kind of output marks a cell. pm: between mean and deviation.
local STYLES = {
  text = { pm = " ± ", bold = "%s", better = "+", star = "*", worse = "†", plain = function(s)
    return s
  end }, markdown = { pm = " ± ", bold = "**%s**", star = "\\*", worse = "†",
    plain = function(s) return (s:gsub("[|*_`<>]", "\\%0")) end },
  latex = { pm = " $\\pm$ ", bold = "\\textbf{%s}", star = "$^{*}$", worse = "$^{\\dagger}$",
    plain = function(s)
      s = s:gsub("[\\{}$&#%%_~^]", { ["\\"] = "\\textbackslash{}", ["~"] = "\\textasciitilde{}",
        ["^"] = "\\textasciicircum{}",
        ["{"] = "\\{", ["}"] = "\\}", ["$"] = "\\$", ["&"] = "\\&", ["#"] = "\\#", ["%"] = "\\%",
          ["_"] = "\\_" })
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
  local sd = cell.sd and style.pm .. number(self, cell.sd) or ""
  return mean .. sd .. (cell.star and style.star or "") .. (cell.worse and style.worse or "")
end

local function count(self, cell)
  return cell.n == self.runs and ("n = %d"):format(cell.n)
    or ("n = %d/%d"):format(cell.n, self.runs)
end

local function certainty(self, cell)
  return (cell.se and ("SE %s, "):format(number(self, cell.se)) or "") .. count(self, cell)
end

local function within(self, interval)
  return ("[%s, %s]"):format(number(self, interval.low), number(self, interval.high))
end

local function interval(self, cell)
  return cell.interval and within(self, cell.interval) or "-"
end

local function gain(self, cell)
  if not cell.gain then return "-" end
  return ("%s%s %s"):format(cell.gain.value > 0 and "+" or "", number(self, cell.gain.value),
    within(self, cell.gain))
end

local function published(self, row, column)
  local of_row = self.layout.paper and self.layout.paper[row.name]
  return of_row and of_row[column.name]
end

local function papers(self, row, column, style)
  local p = published(self, row, column)
  if not p then return "-" end
  local mean, baseline = number(self, p[1]), row.against
    and published(self, { name = row.against }, column)
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

-- The lines of a row: what stands before each, and its cells.
local function lines_of(self, row)
  local lines = { { nil, ours }, { "SE, runs", certainty } }
  if self.bootstrap then
    lines[#lines + 1] = { "clips", interval }
    if row.against then lines[#lines + 1] = { "gain, clips", gain } end
  end
  if self.layout.paper then
    lines[#lines + 1] = { "paper", function(_, _, style, column)
      return papers(self, row, column, style)
    end }
  end
  return lines
end

local function header_of(self, style)
  local header = {}
  for i, text in ipairs(self.layout.head) do header[i] = style.plain(text) end
  for _, column in ipairs(self.layout.columns) do
    header[#header + 1] = style.plain(heading(self, column))
  end
  return header
end

-- All lines of all rows; the last one of each row has `last`.
local function rows_of(self, style)
  local rows = {}
  for _, row in ipairs(self.layout.rows) do
    for _, line in ipairs(lines_of(self, row)) do
      local cells = labels(self, row, line[1], style)
      for _, column in ipairs(self.layout.columns) do
        cells[#cells + 1] = line[2](self, self.cells[row.name][column.name], style, column)
      end
      rows[#rows + 1] = cells
    end
    rows[#rows].last = true
  end
  return rows
end

--- t:footnote([mark of what is better]) -> list of sentences, see
-- moonstem.report.paper_table.notes; with the note that was given
function M.footnote(self, bold)
  local list = footnote(self, bold)
  list[#list + 1] = self.note
  return list
end

-- ---- outputs -------------------------------------------------------------------------------
--- t:text() -> the table as plain text with its footnote; + marks what is bold elsewhere
function M.text(self)
  local style = STYLES.text
  return ("%s\n\n%s\n\n%s\n"):format(self.layout.title,
    tables.text(header_of(self, style), rows_of(self, style)),
    table.concat(M.footnote(self, "+"), "\n"))
end

--- t:markdown() -> the table in Markdown
function M.markdown(self)
  local style = STYLES.markdown
  local header = header_of(self, style)
  local lines = { "| " .. table.concat(header, " | ") .. " |",
    "|" .. ("---|"):rep(#self.layout.head) .. ("---:|"):rep(#self.layout.columns) }
  for _, row in ipairs(rows_of(self, style)) do
    lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |"
  end
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
    else list[#list + 1] = { above = above, text = column.group and column.group[height] or "",
      first = c, last = c } end
  end
  return list
end

local function latex_group(self, height)
  local heads, cells, rules = #self.layout.head, {}, {}
  for _, span in ipairs(spans(self.layout.columns, height)) do
    cells[#cells + 1] = ("\\multicolumn{%d}{c}{%s}")
      :format(span.last - span.first + 1, STYLES.latex.plain(span.text))
    rules[#rules + 1] = ("\\cmidrule(lr){%d-%d}"):format(heads + span.first, heads + span.last)
  end
  return ("& "):rep(heads) .. table.concat(cells, " & ") .. " \\\\\n" .. table.concat(rules, " ")
end

local function latex_head(self)
  local style, heights, lines = STYLES.latex, 0, {}
  for _, column in ipairs(self.layout.columns) do
    heights = math.max(heights, #(column.group or {}))
  end
  for height = 1, heights do lines[#lines + 1] = latex_group(self, height) end
  local last = {}
  for i, text in ipairs(self.layout.head) do last[i] = style.plain(text) end
  for _, column in ipairs(self.layout.columns) do
    last[#last + 1] = style.plain(column.label .. self.unit)
  end
  lines[#lines + 1] = table.concat(last, " & ") .. " \\\\"
  return table.concat(lines, "\n")
end

--- t:latex() -> a table environment for LaTeX with the package booktabs
function M.latex(self)
  local style, body = STYLES.latex, {}
  local rows = rows_of(self, style)
  for i, row in ipairs(rows) do
    local gap = row.last and i < #rows and "[2pt]" or ""
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
]]):format(style.plain(self.layout.title),
    ("l"):rep(#self.layout.head) .. ("r"):rep(#self.layout.columns), latex_head(self),
      table.concat(body, "\n"), note)
end

-- ---- CSV -----------------------------------------------------------------------------------
local TESTS = { "pooled", "welch", "paired" }

-- Names of the columns; of each test %_t, %_df, %_p and its p values after both corrections.
local function fields()
  local list = { "row", "column", "n", "planned", "mean", "sd", "se", "against", "difference" }
  for _, kind in ipairs(TESTS) do
    for _, name in ipairs { "t", "df", "p", "p_bonferroni", "p_holm" } do
      list[#list + 1] = kind .. "_" .. name
    end
  end
  for _, name in ipairs { "star", "worse", "test", "correction", "family", "alpha", "no_test",
    "low", "high", "bias",
    "gain_low", "gain_high", "level", "resamples", "clips", "no_interval", "paper_mean", "paper_sd",
      "paper_star", "values" } do
    list[#list + 1] = name
  end
  return list
end

-- true or false where a mark could stand, nothing elsewhere.
local function flag(possible, value)
  if not possible then return nil end
  return value or false
end

local function add_tests(self, r, cell)
  for _, kind in ipairs(TESTS) do
    local test = cell.tests[kind]
    r[kind .. "_t"], r[kind .. "_df"], r[kind .. "_p"] = test.t, test.df, test.p
    r[kind .. "_p_bonferroni"], r[kind .. "_p_holm"] = test.bonferroni.p, test.holm.p
  end
  r.star, r.worse, r.no_test = flag(true, cell.star), flag(true, cell.worse), cell.result.no_test
  r.test, r.correction, r.family, r.alpha = self.test, self.correction, self.family, self.alpha
end

local function add_clips(r, cell)
  local over_clips, of_gain = cell.interval or {}, cell.gain or {}
  r.low, r.high, r.bias, r.level, r.resamples = over_clips.low, over_clips.high, over_clips.bias,
    over_clips.level, over_clips.resamples
  r.gain_low, r.gain_high, r.clips, r.no_interval = of_gain.low, of_gain.high, cell.clips,
    cell.no_interval
end

local function line_of(self, row, column)
  local cell, p = self.cells[row.name][column.name], published(self, row, column) or {}
  local values = {}
  for i, seed in ipairs(cell.seeds) do values[i] = ("%s:%.10g"):format(seed, cell.values[i]) end
  local r = { row = row.name, column = column.name, n = cell.n, planned = self.runs,
    mean = cell.mean, sd = cell.sd,
    se = cell.se, against = row.against, difference = cell.difference, paper_mean = p[1],
      paper_sd = p[2],
    paper_star = flag(p[1], p.star), values = table.concat(values, " ") }
  if row.against then add_tests(self, r, cell) end
  add_clips(r, cell)
  return r
end

--- t:csv() -> one line for each cell with all that is known of it, numbers in percent; values =
-- seed:value of each run
function M.csv(self)
  local lines = {}
  for _, row in ipairs(self.layout.rows) do
    for _, column in ipairs(self.layout.columns) do
      lines[#lines + 1] = line_of(self, row, column)
    end
  end
  return csv.text(fields(), lines, { digits = 10 })
end

return M
