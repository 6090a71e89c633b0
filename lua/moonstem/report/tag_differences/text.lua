--- How differences tag by tag are written: text, CSV, SVG and PNG.
local figure = require "moonstem.figure"
local sys = require "moonstem.sys"
local csv = require "moonstem.data.csv"
local tables = require "moonstem.report.tables"

local Differences = {}

local NAMES = { pr_auc = "PR-AUC", roc_auc = "ROC-AUC" }

--- d:selected() -> rows shown: the top ones and the bottom ones (all when there are no more),
-- number of top ones
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

local function about_intervals(self)
  for _, row in ipairs(self.rows) do
    local i = row.interval
    if i then
      return (" [low, high]: the %g %% percentile interval of the points when the %d test clips \z
        are drawn anew (bootstrap, %d resamples, "
        .. "the same for all runs; resamples without a positive clip of a tag are none of it).")
          :format(100 * i.level, self.clips, i.resamples)
    end
  end
  return self.no_intervals and (" No intervals: %s."):format(self.no_intervals) or ""
end

--- d:note() -> how the figure is to be read
function Differences:note()
  local most = 0
  for _, row in ipairs(self.rows) do most = math.max(most, row.pairs) end
  local note = ("Difference of %s from %s"):format(self:score_name(), self.label)
  if most < 2 then note = note .. ". One pair of runs: no test can be made."
  else
    note = ("%s, %d pairs of runs by tail and seed, averaged over tails. * p < %g in a two-sided \z
      paired t-test of %s on that "
      .. "tag, not corrected for the %d tags (p Holm is).")
        :format(note, most, self.alpha, self.groups[1].label, self.family)
  end
  note = note .. about_intervals(self)
  if self.unpaired > 0 then note = note .. (" %d runs have no partner."):format(self.unpaired) end
  if #self.left_out > 0 then
    note = note .. " Left out: " .. table.concat(self.left_out, ", ") .. "."
  end
  return note
end

local function percent(x)
  return x and ("%+.2f"):format(100 * x) or "-"
end

local function points(row)
  local i = row.interval
  return percent(row.absolute) .. (i and (" [%+.2f, %+.2f]"):format(100 * i.low, 100 * i.high)
    or "")
end

-- The points of a row as a bar with its interval.
local function points_bar(row)
  local i = row.interval
  return { points(row), value = 100 * row.absolute, low = i and 100 * i.low,
    high = i and 100 * i.high, mark = 0 }
end

local POINTS = 4 -- the column of them

--- d:page() -> as d:document(), with bars for the points of the selected tags
function Differences:page()
  local t, most = self:document(), 0
  for i, row in ipairs(self:selected()) do
    local cell = points_bar(row)
    t.rows[i][POINTS] = cell
    most = math.max(most, math.abs(cell.value), math.abs(cell.low or 0), math.abs(cell.high or 0))
  end
  t.bars = { [POINTS] = most > 0 and { -most, most } or nil }
  t.legend = "Bars of points begin at 0, the upright mark; thin line: the interval."
  return t
end

--- d:document() -> { header =, rows =, caption = } for d:table of an ms.report document: the
-- selected tags, differences in percent
function Differences:document()
  local header = { "tag", self.label .. " %", self.groups[1].label .. " %", "points", "relative %",
    "p", "p Holm" }
  for g = 2, #self.groups do
    header[#header + 1] = self.groups[g].label .. (self.by == "relative" and " rel. %" or " points")
  end
  local rows = {}
  for i, row in ipairs(self:selected()) do
    rows[i] = { row.tag .. (row.star and " *" or ""), ("%.2f"):format(100 * row.baseline),
      ("%.2f"):format(100 * row.score),
      points(row), percent(row.relative), row.p and ("%.2g"):format(row.p) or "-",
      row.p_holm and ("%.2g"):format(row.p_holm) or "-" }
    for _, other in ipairs(row.others) do
      table.insert(rows[i], other and percent(other[self.by]) or "-")
    end
  end
  return { header = header, rows = rows, caption = self:note() }
end

-- How many tags gain or lose with an interval that does not hold 0; nil without intervals.
local function counted(self)
  local gain, lose, any = 0, 0, false
  for _, row in ipairs(self.rows) do
    local i = row.interval
    any = any or i
    gain, lose = gain + (i and i.low > 0 and 1 or 0), lose + (i and i.high < 0 and 1 or 0)
  end
  if any then return gain, lose end
end

-- How many tags are significant, as they are and after Holm.
local function count_stars(self)
  local plain, holm = 0, 0
  for _, row in ipairs(self.rows) do
    plain, holm = plain + (row.star and 1 or 0), holm + (row.star_holm and 1 or 0)
  end
  return plain, holm
end

--- d:sentences() -> what came out, in sentences
function Differences:sentences()
  local first, last, list = self.rows[1], self.rows[#self.rows], {}
  if not first then return list end
  list[1] = ("%s against %s%s: %s gains most (%s points of %s), %s loses most (%s)"):format(
    self.groups[1].label, self.label, self.by == "relative" and ", relative to its scores" or "",
    first.tag, percent(first.absolute), self:score_name(), last.tag, percent(last.absolute))
  local gain, lose = counted(self)
  if gain then
    list[2] = ("of %d tags %d gain and %d lose by more than other test clips would explain (95 %% "
      .. "intervals); of %d without any difference, %.1f would do so by chance"):format(#self.rows,
      gain, lose, #self.rows, 0.05 * #self.rows)
  end
  local plain, holm = count_stars(self)
  list[#list + 1] = ("%d tags differ at p < %g in t-tests over seeds, %d after Holm's correction"):
    format(plain, self.alpha, holm)
  return list
end

--- d:text() -> the same as text, with the note that was given
function Differences:text()
  local t = self:document()
  return tables.text(t.header, t.rows) .. "\n\n" .. t.caption
    .. (self.remark and "\n" .. self.remark or "") .. "\n"
end

local FIELDS = { "rank", "tag", "baseline", "score", "absolute", "relative", "pairs", "p", "star",
  "p_holm", "star_holm", "low", "high" }

--- d:csv() -> all tags, best gain first, scores and differences as shares (low, high: of the
-- absolute one); two columns for each other group
function Differences:csv()
  local fields, lines = { table.unpack(FIELDS) }, {}
  for g = 2, #self.groups do
    for _, kind in ipairs { "absolute", "relative" } do
      fields[#fields + 1] = self.groups[g].label .. " " .. kind
    end
  end
  for i, row in ipairs(self.rows) do
    local r = setmetatable({}, { __index = row })
    if row.interval then r.low, r.high = row.interval.low, row.interval.high end
    for g, other in ipairs(row.others) do
      local label = self.groups[g + 1].label
      r[label .. " absolute"], r[label .. " relative"] = other and other.absolute or nil, other
        and other.relative or nil
    end
    lines[i] = r
  end
  return csv.text(fields, lines, { digits = 10 })
end

--- d:svg() -> Fig. 2 as SVG: a group of bars for each selected tag, a gap between gains and losses
function Differences:svg()
  local chosen, top = self:selected()
  local names, series, starred = {}, {}, false
  for g, group in ipairs(self.groups) do series[g] = { label = group.label, values = {} } end
  for i, row in ipairs(chosen) do
    if i == top + 1 then
      names[#names + 1] = ""
      for _, s in ipairs(series) do table.insert(s.values, false) end
    end
    names[#names + 1], starred = row.tag .. (row.star and " *" or ""), starred or row.star
    for g, s in ipairs(series) do
      local d = g == 1 and row or row.others[g - 1]
      table.insert(s.values, d and d[self.by] and 100 * d[self.by] or false)
    end
  end
  return figure.svg.bars { groups = names, series = series,
    width = math.max(720, 60 * #names + 200), height = 480,
    title = ("Tags that gain and lose most, against %s%s"):format(self.label,
      starred and (" (* p < %g for %s)"):format(self.alpha, self.groups[1].label) or ""),
    y_label = ("%s difference of %s (%s)"):format(self.by, self:score_name(),
      self.by == "relative" and "%" or "points") }
end

--- d:write(folder) -> the folder, with tag_differences.csv, .svg, .txt and .png; or nil and a
-- message. Where a PNG cannot be made there is none, and the second result says why.
function Differences:write(folder)
  local svg = self:svg()
  local png, no_png = figure.png(svg)
  local ok, why = sys.mkdir(folder)
  for ending, text in pairs { csv = self:csv(), svg = svg, txt = self:text(), png = png } do
    if not ok then return nil, why end
    ok, why = sys.write_file(("%s/tag_differences.%s"):format(folder, ending), text)
  end
  if not ok then return nil, why end
  return folder, no_png
end

return Differences
