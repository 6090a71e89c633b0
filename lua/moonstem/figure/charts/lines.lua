--- Charts of curves with bands: learning curves, sweeps. Options: see ms.figure.lines.
local axes = require "moonstem.figure.axes"
local given = require "moonstem.figure.options"
local moments = require "moonstem.moments"
local words = require "moonstem.figure.words"

local OPTIONS = { "series", table.unpack(axes.OPTIONS) }
local SERIES = { "label", "x", "y", "errors", "low", "high", "runs", "dash", "marks", "colour" }

local MOST_POINTS = 3000 -- in one curve; more cannot be seen

-- Mean and one standard deviation (n - 1) of several runs, as long as the longest of them.
local function summary(runs, who)
  local mean, low, high, longest = {}, {}, {}, 0
  local lists, odd = {}, 0
  for i, run in ipairs(runs) do
    local list, odd_here = given.numbers(run, who .. ".runs[" .. i .. "]")
    lists[i], odd = list, odd + odd_here
    longest = math.max(longest, #list)
  end
  for k = 1, longest do
    local values = {}
    for _, list in ipairs(lists) do values[#values + 1] = list[k] or nil end
    local all = #values > 0 and moments(values)
    local deviation = all and all.sd and given.finite(all.sd) and all.sd or 0
    mean[k] = all and all.mean
    low[k], high[k] = all and all.mean - deviation, all and all.mean + deviation
  end
  return mean, low, high, odd
end

local function around(y, errors)
  local low, high = {}, {}
  for k = 1, #y do
    local both = y[k] and errors[k]
    low[k], high[k] = both and y[k] - errors[k], both and y[k] + errors[k]
  end
  return low, high
end

local function same_length(list, n, who)
  if list and #list ~= n then
    error(("%s has %d numbers but there are %d points"):format(who, #list, n), 0)
  end
  return list
end

-- One series with x, y, low, high as lists, and how it looks.
local function prepare(series, i, n)
  local who = ("figure.lines: series[%d]"):format(i)
  given.check(series, who, SERIES)
  local s = { label = series.label, dash = series.dash, marks = series.marks,
    colour = series.colour or axes.colour(i, n) }
  if series.runs then
    s.y, s.low, s.high, s.odd = summary(series.runs, who)
  else
    s.y, s.odd = given.numbers(series.y, who .. ".y")
    if series.errors then
      s.low, s.high = around(s.y, given.numbers(series.errors, who .. ".errors"))
    end
    if series.low then s.low = given.numbers(series.low, who .. ".low") end
    if series.high then s.high = given.numbers(series.high, who .. ".high") end
  end
  local points = #s.y
  s.x = same_length(series.x and given.numbers(series.x, who .. ".x"), points, who .. ".x")
  if not s.x then
    s.x = {}
    for k = 1, points do s.x[k] = k end
  end
  same_length(s.low, points, who .. ".low")
  same_length(s.high, points, who .. ".high")
  return s
end

-- Which points to draw: all, or of every stretch the least and the greatest.
local function chosen(s)
  local n, list = #s.y, {}
  if n <= MOST_POINTS then
    for k = 1, n do list[k] = k end
    return list
  end
  local stretches = MOST_POINTS // 2
  for i = 0, stretches - 1 do
    local first, last = i * n // stretches + 1, (i + 1) * n // stretches
    local least, most = first, first
    for k = first, last do
      if s.y[k] and (not s.y[least] or s.y[k] < s.y[least]) then least = k end
      if s.y[k] and (not s.y[most] or s.y[k] > s.y[most]) then most = k end
    end
    list[#list + 1] = math.min(least, most)
    if least ~= most then list[#list + 1] = math.max(least, most) end
  end
  return list
end

-- Unbroken pieces of the points (x[k], y[k]) in pixels; each point knows its k.
local function pieces(ks, x, y, to_x, to_y)
  local list, piece = {}, {}
  for _, k in ipairs(ks) do
    local px, py = x[k] and to_x(x[k]), y[k] and to_y(y[k])
    if px and py then
      piece[#piece + 1] = { px, py, k = k }
    elseif #piece > 0 then
      list[#list + 1], piece = piece, {}
    end
  end
  if #piece > 0 then list[#list + 1] = piece end
  return list
end

local function draw_band(paper, s, ks, to_x, to_y, bottom)
  local function low_or_bottom(value) return to_y(value) or bottom end -- a logarithm of 0 and less
  local uppers, lowers = pieces(ks, s.x, s.high, to_x, to_y),
    pieces(ks, s.x, s.low, to_x, low_or_bottom)
  for i, upper in ipairs(uppers) do
    local lower = lowers[i]
    if lower and #lower == #upper then
      for k = #lower, 1, -1 do upper[#upper + 1] = lower[k] end
      paper:path(upper, { fill = s.colour, fill_opacity = 0.18 }, true)
    end
  end
end

-- The numbers behind the points of a piece, for a page whose script shows them.
local function numbers_at(piece, list)
  local parts = {}
  for i, point in ipairs(piece) do
    local value = list and list[point.k]
    parts[i] = value and ("%.5g"):format(value) or "-"
  end
  return list and table.concat(parts, " ") or nil
end

local function draw_curve(paper, s, ks, to_x, to_y)
  for _, piece in ipairs(pieces(ks, s.x, s.y, to_x, to_y)) do
    paper:path(piece, { fill = "none", stroke = s.colour, stroke_width = 2,
      stroke_linejoin = "round", stroke_dasharray = s.dash and "6 4" or nil,
      data_label = s.label or "", data_x = numbers_at(piece, s.x), data_y = numbers_at(piece, s.y),
      data_low = numbers_at(piece, s.low), data_high = numbers_at(piece, s.high) })
    if s.marks or #piece == 1 then
      for _, p in ipairs(piece) do paper:circle(p[1], p[2], 3, { fill = s.colour }) end
    end
  end
end

local function columns(series, ...)
  local lists = {}
  for _, s in ipairs(series) do
    for _, name in ipairs { ... } do lists[#lists + 1] = s[name] end
  end
  return lists
end

-- Epochs and steps are counted: no ticks between them.
local function all_whole(series)
  for _, s in ipairs(series) do
    for _, x in ipairs(s.x) do
      if x and x % 1 ~= 0 then return false end
    end
  end
  return true
end

local function in_words(options, series)
  local what = #series == 1 and "a curve" or words.count(#series, "curve")
  return words.titled(options.title, ("%s%s, %s"):format(what, words.axes(options),
    words.series(series, "y")))
end

local function draw_all(series, paper, x, y, box)
  local bottom = box.y + box.height
  for _, s in ipairs(series) do
    if s.low and s.high then draw_band(paper, s, chosen(s), x.at, y.at, bottom) end
  end
  for _, s in ipairs(series) do draw_curve(paper, s, chosen(s), x.at, y.at) end
end

--- A chart of curves, as a paper; see ms.figure.lines.
return function(options)
  if type(options) ~= "table" or #options > 0 then options = { series = { { y = options } } } end
  given.check(options, "figure.lines", OPTIONS)
  local list = options.series or error("figure.lines: series is missing", 0)
  local series, odd = {}, 0
  for i, s in ipairs(list) do
    series[i] = prepare(s, i, #list)
    odd = odd + series[i].odd
  end
  local y = axes.ends(options.y_range, columns(series, "y", "low", "high"), options.log_y,
    "figure.lines: y_range")
  local x = axes.ends(options.x_range, columns(series, "x"), options.log_x,
    "figure.lines: x_range")
  x.whole = all_whole(series)
  local function draw(...) draw_all(series, ...) end
  local paper = axes.chart(options, x, y, axes.entries(series), odd, draw)
  paper.charts = { { series = series, x = x, y = y, options = options } }
  paper.about = { data_x_label = options.x_label, data_y_label = options.y_label }
  return paper:tell(options.title, in_words(options, series))
end
