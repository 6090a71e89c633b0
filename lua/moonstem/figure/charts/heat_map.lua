--- Pictures of matrices: a coloured cell for each number. Options: see ms.figure.heat_map.
local Paper = require "moonstem.figure.paper"
local colour_bar = require "moonstem.figure.colour_bar"
local colours = require "moonstem.figure.colours"
local frame = require "moonstem.figure.frame"
local given = require "moonstem.figure.options"
local heat = require "moonstem.figure.heat"
local pixels = require "moonstem.figure.pixels"
local scales = require "moonstem.figure.scale"
local words = require "moonstem.figure.words"

local WHO = "figure.heat_map"
local OPTIONS = { "x", "title", "x_label", "y_label", "z_label", "rows", "columns", "format",
  "range", "colours", "shade", "width", "height" }

local RIGHT = 88                -- pixels of the colour bar and its numbers
local MOST_NAMES, MOST_WRITTEN = 60, 900 -- names along an axis, cells with numbers in them

local function check_names(names, n, who)
  if names and (type(names) ~= "table" or #names ~= n) then
    error(("%s must be a list of %d names, got %s"):format(who, n,
      type(names) == "table" and #names or type(names)), 0)
  end
  if names and n > MOST_NAMES then
    error(("%s: at most %d names can be read, got %d"):format(who, MOST_NAMES, n), 0)
  end
  return names
end

local function prepare(options)
  if type(options) ~= "table" or #options > 0 then options = { x = options } end
  given.check(options, WHO, OPTIONS)
  local x = given.array(options.x, { "row", "column" }, WHO .. ": x")
  local shade = options.shade and given.array(options.shade, { "row", "column" }, WHO .. ": shade")
  if shade and shade:shape() ~= x:shape() then
    error(("%s: shade is %s, but x %s"):format(WHO, shade:shape(), x:shape()), 0)
  end
  local least, most, odd = (shade or x):extent()
  local o = colours.ends(least, most, options.range, options.colours, WHO)
  o.x, o.shade, o.odd, o.given = x, shade or x, odd, options
  o.rows = check_names(options.rows, x:size(1), WHO .. ": rows")
  o.columns = check_names(options.columns, x:size(2), WHO .. ": columns")
  o.z_label = options.z_label
  return o
end

local function widest_name(names)
  local most = 0
  for _, name in ipairs(names) do most = math.max(most, Paper.letters(name, 11)) end
  return most
end

-- Where the cells lie. Names of columns are slanted where they would run into each other.
local function place(o)
  local options = o.given
  local width, height = options.width or 720, options.height
    or math.max(240, math.min(640, o.x:size(1) * 24 + 110))
  local box = { y = options.title and 40 or 16, sheet_width = width, sheet_height = height }
  box.x = (o.rows and widest_name(o.rows) or 34) + (options.y_label and 34 or 16)
  box.width = width - box.x - RIGHT - 14
  o.slanted = o.columns and widest_name(o.columns) > box.width / #o.columns - 6
  box.below = o.columns and (o.slanted and widest_name(o.columns) * 0.5 + 20 or 20) or 22
  box.height = height - box.y - box.below - (options.x_label and 28 or 12)
  return box
end

local function names_beside(paper, box, names)
  for i, name in ipairs(names) do
    local y = box.y + (i - 0.5) * box.height / #names + 4
    paper:text(box.x - 7, y, name, { size = 11, anchor = "end" })
  end
end

local function names_below(paper, box, names, slanted)
  local y = box.y + box.height + 15
  for i, name in ipairs(names) do
    local x = box.x + (i - 0.5) * box.width / #names
    if slanted then paper:text(x + 4, y - 2, name, { size = 11, anchor = "end", turn = -30 })
    else paper:text(x, y, name, { size = 11, anchor = "middle" }) end
  end
end

-- Whole numbers at the middles of rows and columns.
local function counted(n, first, last, count)
  return scales.new(0.5, n + 0.5, first, last,
    { exact = true, whole = true, count = math.max(1, math.min(n, count)) })
end

local function draw_axes(paper, box, o)
  local bottom = box.y + box.height
  if o.rows then names_beside(paper, box, o.rows)
  else
    local y = counted(o.x:size(1), box.y, bottom, box.height // 35)
    for _, tick in ipairs(y.ticks) do
      paper:text(box.x - 7, y.at(tick.value) + 4, tick.text,
        { size = 11, anchor = "end", fill = Paper.FAINT })
    end
  end
  if o.columns then names_below(paper, box, o.columns, o.slanted)
  else
    frame.x_axis(paper, box, counted(o.x:size(2), box.x, box.x + box.width, box.width // 60))
  end
  frame.x_label(paper, box, o.given.x_label, box.below + 16)
  if o.given.y_label then
    paper:text(14, box.y + box.height / 2, o.given.y_label, { anchor = "middle", turn = -90 })
  end
end

-- Letters on a colour: white on dark ones.
local function ink(r, g, b)
  return 0.299 * r + 0.587 * g + 0.114 * b < 140 and "#ffffff" or Paper.INK
end

local function write_numbers(paper, box, o)
  local values, shades = o.x:totable(), o.shade:totable()
  local width, height = box.width / o.x:size(2), box.height / o.x:size(1)
  for r, row in ipairs(values) do
    for c, value in ipairs(row) do
      local at = (shades[r][c] - o.low) / (o.high - o.low)
      local text = given.finite(value) and given.formatted(o.given.format, value, WHO) or "nan"
      paper:text(box.x + (c - 0.5) * width, box.y + (r - 0.5) * height + 4, text,
        { size = 11, anchor = "middle", fill = at == at and ink(heat.colour(at, o.colours)) })
    end
  end
end

local function in_words(o)
  local least, most = o.x:extent()
  return words.titled(o.given.title, ("a heat map of %d rows and %d columns%s, %s"):format(
    o.x:size(1), o.x:size(2), words.axes { x_label = o.given.x_label, y_label = o.given.y_label },
    words.extent { least or false, most or false }))
end

--- A picture of a matrix, as a paper; see ms.figure.heat_map.
return function(options)
  local o = prepare(options)
  local box = place(o)
  local paper = Paper.new(box.sheet_width, box.sheet_height)
  paper:image(box.x, box.y, box.width, box.height,
    pixels.heat(o.shade, box.width, box.height, o))
  draw_axes(paper, box, o)
  if o.given.format and o.x:count() <= MOST_WRITTEN then write_numbers(paper, box, o) end
  frame.title(paper, box, o.given.title)
  colour_bar(paper, box.sheet_width - RIGHT, box.y, box.height, o)
  frame.tell_red(paper, o.odd)
  return paper:tell(o.given.title, in_words(o))
end
