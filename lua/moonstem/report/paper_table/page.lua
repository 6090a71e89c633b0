--- A table in the paper's layout on a page: a row for each network, with bars; what came out, in
-- sentences; and the paper's own values apart, where ours are of other music.
local footnote = require "moonstem.report.paper_table.notes"

local M = {}

local function number(self, x) return ("%%.%df"):format(self.digits):format(x) end
local function signed(self, x) return (x > 0 and "+" or "") .. number(self, x) end

local function heading(self, column)
  local parts = { table.unpack(column.group or {}) }
  parts[#parts + 1] = column.label .. self.unit
  return table.concat(parts, " ")
end

-- ---- cells -----------------------------------------------------------------------------------
local function within(self, interval)
  return ("[%s, %s]"):format(number(self, interval.low), number(self, interval.high))
end

local function score_cell(self, row, column)
  local cell = self.cells[row.name][column.name]
  if not cell.mean then return "-" end
  local sd = cell.sd and " ± " .. number(self, cell.sd) or ""
  local marks = (cell.star and "*" or "") .. (cell.worse and "†" or "")
  local i, base = cell.interval, row.against and self.cells[row.against][column.name].mean
  return { number(self, cell.mean) .. sd .. marks .. (i and " " .. within(self, i) or ""),
    value = cell.mean, low = i and i.low, high = i and i.high, mark = base }
end

local function certainty(self, row, column)
  local cell = self.cells[row.name][column.name]
  local n = cell.n == self.runs and ("n = %d"):format(cell.n)
    or ("n = %d/%d"):format(cell.n, self.runs)
  return cell.se and ("%s, %s"):format(number(self, cell.se), n) or n
end

local function gain_cell(self, row, column)
  local cell = self.cells[row.name][column.name]
  if not cell.difference then return "-" end
  local gain = cell.gain
  return { signed(self, cell.difference) .. (gain and " " .. within(self, gain) or ""),
    value = cell.difference, low = gain and gain.low, high = gain and gain.high, mark = 0 }
end

local function published(self, row, column)
  local of_row = self.layout.paper and self.layout.paper[row.name]
  return of_row and of_row[column.name]
end

local function paper_cell(self, row, column)
  local p = published(self, row, column)
  return p and ("%s ± %s%s"):format(number(self, p[1]), number(self, p[2]), p.star and "*" or "")
    or "-"
end

-- ---- the table -------------------------------------------------------------------------------
-- The ends of a column of gains: the farthest that any of them or its interval goes, both ways.
local function reach(self, column)
  local most = 0
  for _, row in ipairs(self.layout.rows) do
    local cell = self.cells[row.name][column.name]
    local gain = cell.gain or { low = cell.difference or 0, high = cell.difference or 0 }
    most = math.max(most, math.abs(gain.low), math.abs(gain.high), math.abs(cell.difference or 0))
  end
  return most > 0 and { -most, most } or nil
end

-- What stands under a heading: { suffix, cell, range of bars }.
local function parts_of(self, column, with_paper)
  local parts = { { self.bootstrap and " [clips]" or "", score_cell, { 0, self.scale } },
    { ": SE, runs", certainty } }
  if self.family > 0 then
    parts[#parts + 1] = { ": gain, clips", gain_cell, reach(self, column) }
  end
  if with_paper then parts[#parts + 1] = { ": paper", paper_cell } end
  return parts
end

local function columns_of(self, with_paper)
  local list = {}
  for _, column in ipairs(self.layout.columns) do
    for _, part in ipairs(parts_of(self, column, with_paper)) do
      list[#list + 1] = { column = column, text = heading(self, column) .. part[1],
        cell = part[2], range = part[3] }
    end
  end
  return list
end

-- The first label cell is the name of a row, so that it tells rows apart.
local function labels(row)
  local list = { row.name }
  for i, text in ipairs(row.label) do list[i + 1] = text end
  return list
end

local function notes_of(self)
  local list = footnote(self, "+")
  list[1] = ("Mean ± standard deviation (n - 1) over runs; SE: the standard error; n: the number "
    .. "of runs, of %d planned."):format(self.runs)
  for i = #list, 1, -1 do
    if list[i]:find "^%+: above" then table.remove(list, i) end
  end
  return list
end

-- The table without what the paper says.
local function ours(self)
  local layout = {}
  for key, value in pairs(self.layout) do layout[key] = value end
  layout.paper, layout.note = nil, nil
  return setmetatable({ layout = layout }, { __index = self })
end

--- t:document([false]) -> { header =, rows =, bars =, caption = title, notes = footnote } for
-- d:table of an ms.report document; false: without the paper's values. Its notes are its own: the
-- one that was given is not among them
function M.document(self, with_paper)
  local view = with_paper == false and ours(self) or self
  local columns = columns_of(self, view.layout.paper ~= nil)
  local header, rows, bars = { "row", table.unpack(self.layout.head) }, {}, {}
  for _, column in ipairs(columns) do
    header[#header + 1] = column.text
    bars[#header] = column.range
  end
  for r, row in ipairs(self.layout.rows) do
    rows[r] = labels(row)
    for _, column in ipairs(columns) do
      table.insert(rows[r], column.cell(self, row, column.column))
    end
  end
  return { header = header, rows = rows, bars = bars, caption = self.layout.title,
    legend = ("Bars of scores from 0 to %g%s, of gains from 0; thin line: the interval; upright "
      .. "mark: the baseline."):format(self.scale, self.unit),
    notes = notes_of(view) }
end

--- t:published() -> { header =, rows =, caption = } of the paper's own values; nil without any
function M.published(self)
  if not self.layout.paper then return nil end
  local header, rows = { "row", table.unpack(self.layout.head) }, {}
  for _, column in ipairs(self.layout.columns) do header[#header + 1] = heading(self, column) end
  for r, row in ipairs(self.layout.rows) do
    rows[r] = labels(row)
    for _, column in ipairs(self.layout.columns) do
      table.insert(rows[r], paper_cell(self, row, column))
    end
  end
  return { header = header, rows = rows, caption = self.layout.note }
end

-- ---- in sentences ----------------------------------------------------------------------------
-- The row with the largest gain in a column, and how many rows have one, and how many of them are
-- significantly above or below.
local function best_of(self, column)
  local best, compared, above, below = nil, 0, 0, 0
  for _, row in ipairs(self.layout.rows) do
    local cell = self.cells[row.name][column.name]
    if cell.difference then
      compared = compared + 1
      above, below = above + (cell.star and 1 or 0), below + (cell.worse and 1 or 0)
      if not best or cell.difference > self.cells[best.name][column.name].difference then
        best = row
      end
    end
  end
  return best, compared, above, below
end

local function sentence(self, column)
  local best, compared, above, below = best_of(self, column)
  if not best then return nil end
  local cell, base = self.cells[best.name][column.name], self.cells[best.against][column.name]
  local gain = cell.gain and (", 95 %% over clips %s"):format(within(self, cell.gain)) or ""
  return ("%s: %s has %s, the best of %d others, %s, has %s (%s%s); significantly above: %d, "
    .. "below: %d"):format(heading(self, column), best.against, number(self, base.mean), compared,
    best.name, number(self, cell.mean), signed(self, cell.difference), gain, above, below)
end

--- t:sentences() -> what came out, a sentence for each column that has something to compare
function M.sentences(self)
  local list = {}
  for _, column in ipairs(self.layout.columns) do list[#list + 1] = sentence(self, column) end
  return list
end

return M
