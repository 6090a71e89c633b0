--- Pictures side by side: the kernels of a convolution, the slices of a tensor.
local Paper = require "moonstem.figure.paper"
local colour_bar = require "moonstem.figure.colour_bar"
local colours = require "moonstem.figure.colours"
local frame = require "moonstem.figure.frame"
local given = require "moonstem.figure.options"
local pixels = require "moonstem.figure.pixels"
local words = require "moonstem.figure.words"

local OPTIONS = { "x", "title", "range", "colours", "most", "width", "z_label" }

local RIGHT, LEFT, GAP = 88, 14, 4 -- pixels
local TALL, LARGEST = 480, 160      -- pixels of all tiles, unless they get too small; of one
local MOST = 256                                 -- tiles, unless `most` says otherwise

-- How many tiles of rows x columns numbers stand side by side in a width, and the pixels of a
-- number: as few as let all be at most TALL, for then they are largest.
local function arranged(n, rows, columns, width)
  for across = 1, n do
    local cell = math.min((width - (across - 1) * GAP) / across / columns,
      LARGEST / math.max(rows, columns))
    local height = math.ceil(n / across) * (cell * rows + GAP)
    if height <= TALL or across == n or cell * math.min(rows, columns) < 12 then
      return across, cell
    end
  end
end

local function prepare(options, who)
  if type(options) ~= "table" or #options > 0 then options = { x = options } end
  given.check(options, who, OPTIONS)
  return options
end

--- Draws the slices x (tile, row, column) in the order of reading, row 1 at the top; returns the
-- paper. what: their name ("kernel").
local function draw(x, options, what, who)
  local n, most = x:size(1), options.most or MOST
  local shown = math.min(n, most)
  local least, greatest, odd = x:extent()
  local o = colours.ends(least, greatest, options.range, options.colours, who)
  o.z_label = options.z_label or "value"
  local width, rows, columns = options.width or 720, x:size(2), x:size(3)
  local across, cell = arranged(shown, rows, columns, width - LEFT - RIGHT - 14)
  local box = { x = LEFT, y = options.title and 40 or 16 }
  local down = math.ceil(shown / across)
  local height = math.max(down * (cell * rows + GAP), 120)
  local paper = Paper.new(width, math.ceil(box.y + height + 30))
  for i = 1, shown do
    local at_x = box.x + (i - 1) % across * (cell * columns + GAP)
    local at_y = box.y + (i - 1) // across * (cell * rows + GAP)
    paper:image(at_x, at_y, cell * columns, cell * rows,
      pixels.heat(x[i], cell * columns, cell * rows, o))
  end
  frame.title(paper, box, options.title)
  colour_bar(paper, width - RIGHT, box.y, math.min(height, 260), o)
  frame.tell_red(paper, odd)
  local left_out = shown < n and ("the first %d of %d %ss"):format(shown, n, what)
  if left_out then
    paper:text(LEFT, paper.height - 8, left_out, { size = 10, fill = Paper.FAINT })
  end
  return paper:tell(options.title, words.titled(options.title, ("%s of %d x %d numbers, %s"):format(
    left_out or words.count(n, what), rows, columns,
    words.extent { least or false, greatest or false })))
end

local M = {}

--- The kernels of a convolution, weights (height, width, in, out) or (width, in, out), as a paper;
-- see ms.figure.kernels.
function M.kernels(options)
  local who = "figure.kernels"
  options = prepare(options, who)
  local x = given.tensor(options.x, who .. ": x")
  local size = x:size()
  if #size == 3 then x, size = x:unsqueeze(1), { 1, table.unpack(size) } end
  if #size ~= 4 or x:count() == 0 then
    error(("%s: x must be weights (height, width, in, out) or (width, in, out), got %s"):format(who,
      x:shape()), 0)
  end
  return draw(x:permute { 3, 4, 1, 2 }:reshape { size[3] * size[4], size[1], size[2] }, options,
    "kernel", who)
end

--- Slices x (slice, row, column), as a paper; see ms.figure.slices.
function M.slices(options)
  local who = "figure.slices"
  options = prepare(options, who)
  return draw(given.array(options.x, { "slice", "row", "column" }, who .. ": x"), options, "slice",
    who)
end

return M
