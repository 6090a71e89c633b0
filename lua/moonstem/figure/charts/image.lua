--- Tensors as photographs: grey or coloured pixels. Options: see ms.figure.image.
local Paper = require "moonstem.figure.paper"
local frame = require "moonstem.figure.frame"
local given = require "moonstem.figure.options"
local io_core = require "moonstem.core.io"
local pixels = require "moonstem.figure.pixels"
local words = require "moonstem.figure.words"

local WHO = "figure.image"
local OPTIONS = { "x", "title", "range", "width" }
local WIDEST = 1024 -- pixels of a side; of larger pictures every second, third, ... is taken

-- (row, column, channel) with 1, 3 or 4 channels.
local function pixels_of(x)
  x = given.tensor(x, WHO .. ": x")
  local size = x:size()
  if #size == 2 then x, size = x:unsqueeze(3), { size[1], size[2], 1 } end
  local n = #size == 3 and size[3]
  if n ~= 1 and n ~= 3 and n ~= 4 then
    error(("%s: x must be (row, column) or (row, column, channel) with 1, 3 or 4 channels, got %s")
      :format(WHO, x:shape()), 0)
  end
  if x:count() == 0 then error(WHO .. ": x is empty", 0) end
  local step = math.max(1, math.ceil(math.max(size[1], size[2]) / WIDEST))
  return step > 1 and x[{ { 1, size[1], step }, { 1, size[2], step } }] or x
end

-- From black to white: as asked; else 0..1, or 0..255 where there are numbers above 1.
local function ends(x, range)
  range = given.range(range, WHO .. ": range")
  if range then return range[1], range[2] end
  local _, most = x:extent()
  return 0, most and most > 1 and 255 or 1
end

local function bytes_of(x, low, high)
  local scaled = ((x:nan_to_num() - low) * (255 / (high - low))):clamp(0, 255):round()
  local list, parts = scaled:reshape { x:count() }:totable(), {}
  for i, value in ipairs(list) do list[i] = math.tointeger(value) end
  for first = 1, #list, 4096 do
    parts[#parts + 1] = string.char(table.unpack(list, first, math.min(first + 4095, #list)))
  end
  return table.concat(parts)
end

local function png_of(x, low, high)
  local size = x:size()
  return io_core.png(bytes_of(x, low, high), size[2], size[1], size[3])
end

--- A picture, as a paper; see ms.figure.image.
return function(options)
  if type(options) ~= "table" or #options > 0 then options = { x = options } end
  given.check(options, WHO, OPTIONS)
  local x = pixels_of(options.x)
  local low, high = ends(x, options.range)
  local rows, columns = table.unpack(x:size())
  local width = options.width or math.max(160, math.min(720, columns * 4))
  local top = options.title and 40 or 0
  local height = math.ceil(width * rows / columns)
  local paper = Paper.new(width, height + top)
  paper:image(0, top, width, height, png_of(pixels.enlarged(x, width, height), low, high))
  frame.title(paper, { x = 8, y = top }, options.title)
  return paper:tell(options.title, words.titled(options.title,
    ("a picture of %d x %d pixels, %s to %s"):format(columns, rows, words.number(low),
      words.number(high))))
end
