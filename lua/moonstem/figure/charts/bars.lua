--- Charts of bars side by side, with error bars. Options: see ms.figure.bars.
local Paper = require "moonstem.figure.paper"
local axes = require "moonstem.figure.axes"
local frame = require "moonstem.figure.frame"
local given = require "moonstem.figure.options"
local scales = require "moonstem.figure.scale"
local words = require "moonstem.figure.words"

local OPTIONS = { "groups", "series", "title", "x_label", "y_label", "y_range", "width", "height",
  "format", "levels" }
local SERIES = { "label", "values", "errors", "colour" }

local function prepare(series, i, n, groups)
  local who = ("figure.bars: series[%d]"):format(i)
  given.check(series, who, SERIES)
  local values, odd = given.numbers(series.values, who .. ".values")
  local s = { label = series.label, values = values, odd = odd,
    errors = series.errors and given.numbers(series.errors, who .. ".errors") or {},
    colour = series.colour or axes.colour(i, n) }
  if #s.values ~= #groups then
    error(("%s has %d values but there are %d groups"):format(who, #s.values, #groups), 0)
  end
  return s
end

-- From 0, so that lengths can be compared, unless y_range says otherwise.
local function ends(series, range)
  range = given.range(range, "figure.bars: y_range")
  if range then return range[1], range[2], true end
  local low, high = 0, 0
  for _, s in ipairs(series) do
    for g, value in ipairs(s.values) do
      local error_bar = s.errors[g] or 0
      if value then
        low, high = math.min(low, value - error_bar), math.max(high, value + error_bar)
      end
    end
  end
  return low, high
end

local function draw_error(paper, x, half, from, to)
  local style = { stroke = Paper.INK, stroke_width = 1.2 }
  paper:line(x, from, x, to, style)
  paper:line(x - half, from, x + half, from, style)
  paper:line(x - half, to, x + half, to, style)
end

-- What a bar shows, for a page whose script tells it.
local function tip(s, name, value, error_bar)
  return ("%s%s: %.5g%s"):format(s.label and s.label .. ", " or "", name, value,
    error_bar and (" ± %.3g"):format(error_bar) or "")
end

local function draw_bar(paper, s, g, x, width, y, base, o)
  local value, error_bar, format = s.values[g], s.errors[g], o.format
  if not value then return end
  local top = y.at(value)
  paper:rect(x, math.min(top, base), width, math.abs(base - top),
    { fill = s.colour, data_tip = tip(s, o.groups[g], value, error_bar) })
  local edge = top
  if error_bar then
    local from, to = y.at(value - error_bar), y.at(value + error_bar)
    draw_error(paper, x + width / 2, math.min(5, width / 4), from, to)
    edge = value >= 0 and to or from
  end
  if format then
    paper:text(x + width / 2, edge + (value >= 0 and -5 or 13),
      given.formatted(format, value, "figure.bars"),
      { size = 10, anchor = "middle" })
  end
end

-- Names under the groups; slanted when they would run into each other.
local function names(paper, box, groups, slot, slanted)
  for g, name in ipairs(groups) do
    local x, y = box.x + (g - 0.5) * slot, box.y + box.height + 18
    if slanted then paper:text(x + 4, y - 4, name, { size = 11, anchor = "end", turn = -30 })
    else paper:text(x, y, name, { size = 12, anchor = "middle" }) end
  end
end

local function widest_name(groups)
  local most = 0
  for _, name in ipairs(groups) do most = math.max(most, Paper.letters(name, 12)) end
  return most
end

-- Slanted names reach down and, the first of them, to the left of the box.
local function make_room(box, groups, slot)
  box.height = box.height - widest_name(groups) * 0.45
  local beyond = Paper.letters(groups[1], 11) * 0.87 - slot / 2 - box.x + 8
  if beyond > 0 then box.x, box.width = box.x + beyond, box.width - beyond end
  return box.width / #groups
end

local function in_words(options, series, groups)
  return words.titled(options.title, ("bars of %s%s, %s"):format(
    words.count(#groups, "group"), options.y_label and " (" .. options.y_label .. ")" or "",
    words.series(series, "values")))
end

--- A chart of bars, as a paper; see ms.figure.bars.
return function(options)
  given.check(options, "figure.bars", OPTIONS)
  local groups = options.groups or error("figure.bars: groups is missing", 0)
  local series, odd = {}, 0
  for i, s in ipairs(options.series or error("figure.bars: series is missing", 0)) do
    series[i] = prepare(s, i, #options.series, groups)
    odd = odd + series[i].odd
  end
  local entries, labels = axes.entries(series, true), {}
  for i, entry in ipairs(entries) do labels[i] = entry.label end
  local low, high, exact = ends(series, options.y_range)
  local y_options = { exact = exact, count = 6 }
  local box = frame.box(options, labels, frame.widest(scales.new(low, high, 1, 0, y_options)))
  local slot = box.width / math.max(#groups, 1)
  local slanted = widest_name(groups) > slot - 8
  if slanted then slot = make_room(box, groups, slot) end
  local y = scales.new(low, high, box.y + box.height, box.y, y_options)
  local base = y.at(math.max(math.min(0, y.high), y.low))
  local paper = Paper.new(box.sheet_width, box.sheet_height)
  frame.y_axis(paper, box, y, options.y_label)
  local width = math.min(slot * 0.8 / math.max(#series, 1), 60)
  paper:clip(box.x, box.y - 16, box.width, box.height + 16, function()
    for g = 1, #groups do
      local left = box.x + (g - 0.5) * slot - width * #series / 2
      for i, s in ipairs(series) do
        draw_bar(paper, s, g, left + (i - 1) * width + 1, width - 2, y, base, options)
      end
    end
  end)
  frame.levels(paper, box, y, options.levels)
  frame.edges(paper, box, base)
  names(paper, box, groups, slot, slanted)
  frame.x_label(paper, box, options.x_label, slanted and 26 + widest_name(groups) * 0.5 or 40)
  frame.title(paper, box, options.title)
  frame.legend(paper, box, entries)
  frame.tell_odd(paper, odd)
  return paper:tell(options.title, in_words(options, series, groups))
end
