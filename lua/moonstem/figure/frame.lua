--- What charts have in common: the box with ticks and labels, the title, the legend, level lines.
local Paper = require "moonstem.figure.paper"

local M = {}

local GREY = { stroke = Paper.FAINT, stroke_width = 1 }

--- Margins of a chart (pixels) for its labels and legend; left depends on the widest tick.
function M.box(options, labels, widest_tick)
  local legend = 0
  for _, label in ipairs(labels) do legend = math.max(legend, Paper.letters(label, 12) + 48) end
  local width, height = options.width or 720, options.height or 420
  local left = widest_tick + (options.y_label and 38 or 20)
  local top, bottom = options.title and 40 or 16, options.x_label and 54 or 34
  return {
    x = left, y = top, width = width - left - math.max(16, legend), height = height - top - bottom,
    sheet_width = width, sheet_height = height,
  }
end

--- The width in pixels of the widest tick text of a scale.
function M.widest(scale)
  local most = 0
  for _, tick in ipairs(scale.ticks) do most = math.max(most, Paper.letters(tick.text, 11)) end
  return most
end

function M.title(paper, box, text)
  if text then paper:text(box.x, box.y - 14, text, { size = 15, weight = "bold" }) end
end

function M.y_axis(paper, box, scale, label)
  for _, tick in ipairs(scale.ticks) do
    local y = scale.at(tick.value)
    paper:line(box.x, y, box.x + box.width, y, { stroke = Paper.GRID })
    paper:text(box.x - 7, y + 4, tick.text, { size = 11, anchor = "end", fill = Paper.FAINT })
  end
  if label then
    local x = box.x - M.widest(scale) - 20
    paper:text(x, box.y + box.height / 2, label, { anchor = "middle", turn = -90 })
  end
end

function M.x_axis(paper, box, scale, label)
  local bottom = box.y + box.height
  for _, tick in ipairs(scale.ticks) do
    local x = scale.at(tick.value)
    paper:line(x, bottom, x, bottom + 4, GREY)
    paper:text(x, bottom + 18, tick.text, { size = 11, anchor = "middle", fill = Paper.FAINT })
  end
  M.x_label(paper, box, label, 40)
end

function M.x_label(paper, box, label, below)
  if label then
    paper:text(box.x + box.width / 2, box.y + box.height + below, label, { anchor = "middle" })
  end
end

--- The two lines along the axes, over everything else.
function M.edges(paper, box, zero)
  local bottom = box.y + box.height
  paper:line(box.x, zero or bottom, box.x + box.width, zero or bottom, GREY)
  paper:line(box.x, box.y, box.x, bottom, GREY)
end

--- Dashed horizontal lines { { y=, label= } } with their names at the right end.
function M.levels(paper, box, scale, levels)
  for _, level in ipairs(levels or {}) do
    local y = scale.at(level.y)
    if y and y >= box.y - 1 and y <= box.y + box.height + 1 then
      paper:line(box.x, y, box.x + box.width, y, { stroke = Paper.FAINT, stroke_dasharray = "5 4" })
      if level.label then
        paper:text(box.x + box.width - 4, y - 5, level.label,
          { size = 11, anchor = "end", fill = Paper.FAINT, halo = true })
      end
    end
  end
end

-- Tells in the corner how many there are: `one`, or `many` with their number.
local function tell_count(paper, odd, one, many)
  if odd == 0 then return end
  paper:text(paper.width - 8, paper.height - 6, odd == 1 and one or many:format(odd),
    { size = 10, anchor = "end", fill = Paper.FAINT })
end

--- Tells, in the corner, of numbers that left gaps: infinite ones and those that are none.
function M.tell_odd(paper, odd)
  tell_count(paper, odd, "1 value is not finite: a gap", "%d values are not finite: gaps")
end

--- Tells, in the corner, what the red pixels of a picture are.
function M.tell_red(paper, odd)
  tell_count(paper, odd, "red: 1 value is not finite", "red: %d values are not finite")
end

--- Names beside the box. entries: { { label=, colour=, dash=, area= } }
function M.legend(paper, box, entries)
  local x, y = box.x + box.width + 14, box.y + 10
  for _, entry in ipairs(entries) do
    if entry.area then
      paper:rect(x, y - 6, 20, 12, { fill = entry.colour })
    else
      paper:line(x, y, x + 20, y, { stroke = entry.colour, stroke_width = 2.5,
        stroke_dasharray = entry.dash and "6 4" or nil })
    end
    paper:text(x + 26, y + 4, entry.label)
    y = y + 20
  end
end

return M
