--- A chart with two axes: ticks, labels, title and legend around what is drawn inside.
local Paper = require "moonstem.figure.paper"
local frame = require "moonstem.figure.frame"
local given = require "moonstem.figure.options"
local heat = require "moonstem.figure.heat"
local scales = require "moonstem.figure.scale"

local M = {}

--- The options that every such chart takes.
M.OPTIONS = { "title", "x_label", "y_label", "log_x", "log_y", "x_range", "y_range", "width",
  "height", "levels" }

--- The ends of an axis: as the option `range` asks, or those of lists of numbers.
function M.ends(range, lists, log, who)
  range = given.range(range, who)
  if range and log and range[1] <= 0 then
    error(who .. " must be above 0 on a logarithmic axis", 0)
  end
  if range then return { low = range[1], high = range[2], exact = true } end
  local low, high = scales.extent(lists, log)
  return { low = low, high = high }
end

--- Some more room beyond the ends of an axis, so that dots do not lie on its edge.
function M.widened(ends, log)
  if ends.exact or log or not ends.low then return ends end
  local room = (ends.high - ends.low) * 0.04
  return { low = ends.low - room, high = ends.high + room }
end

local function labels_of(entries)
  local labels = {}
  for i, entry in ipairs(entries) do labels[i] = entry.label end
  return labels
end

--- A colour for the series at place i of n that has none: of a few well apart, of many along a map.
function M.colour(i, n)
  if n <= #Paper.COLOURS then return Paper.COLOURS[i] end
  return heat.hex((i - 1) / (n - 1) * 0.92) -- the last of the map is too bright on white
end

--- The legend's entries for those of the series that have labels. area: they are shown as areas.
function M.entries(series, area)
  local entries = {}
  for _, s in ipairs(series) do
    if s.label then
      entries[#entries + 1] = { label = s.label, colour = s.colour, dash = s.dash, area = area }
    end
  end
  return entries
end

--- Draws a chart; returns the paper. x, y: the ends of the axes, { low =, high =, exact = (they
-- stay as they are), whole = (no ticks between whole numbers) }; entries: of the legend; odd: how
-- many numbers were not finite; draw(paper, x, y, box) draws inside, with scales and the box.
function M.chart(options, x, y, entries, odd, draw)
  local y_options = { log = options.log_y, exact = y.exact, whole = y.whole, count = 6 }
  local widest = frame.widest(scales.new(y.low, y.high, 1, 0, y_options))
  local box = frame.box(options, labels_of(entries), widest)
  local y_scale = scales.new(y.low, y.high, box.y + box.height, box.y, y_options)
  local x_scale = scales.new(x.low, x.high, box.x, box.x + box.width,
    { log = options.log_x, exact = true, count = box.width // 90, whole = x.whole })
  local paper = Paper.new(box.sheet_width, box.sheet_height)
  frame.y_axis(paper, box, y_scale, options.y_label)
  frame.x_axis(paper, box, x_scale, options.x_label)
  paper:clip(box.x - 4, box.y - 4, box.width + 8, box.height + 8, function()
    draw(paper, x_scale, y_scale, box)
  end)
  frame.levels(paper, box, y_scale, options.levels)
  frame.edges(paper, box)
  frame.title(paper, box, options.title)
  frame.legend(paper, box, entries)
  frame.tell_odd(paper, odd)
  return paper
end

return M
