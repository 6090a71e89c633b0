--- Pictures as files: learning curves, bars with error bars, spectrograms. SVG needs no other
-- program; PNG of charts is made by rsvg-convert. ms.figure.lines("loss.svg", { ... }) writes a
-- file, and the same function of ms.figure.svg returns the SVG text, for pages that hold several
-- pictures; of such a text a PNG is made by ms.figure.png(svg).
local sys = require "moonstem.core.sys"
local bars = require "moonstem.figure.bars"
local lines = require "moonstem.figure.lines"
local png = require "moonstem.figure.png"
local spectrogram = require "moonstem.figure.spectrogram"

local M = { svg = { lines = lines, bars = bars, spectrogram = spectrogram.svg } }

local function write(path, text)
  local ok, why = sys.write_file(path, text)
  if not ok then return nil, why end
  return path
end

-- "svg" or "png", which the path's ending says; nil and a message for any other. Raises where it
-- is no name.
local function kind_of(path, who)
  if type(path) ~= "string" then
    error(("figure.%s: a file name is expected, got %s"):format(who, type(path)), 3)
  end
  local kind = (path:match "%.(%w+)$" or ""):lower()
  if kind == "svg" or kind == "png" then return kind end
  return nil, path .. ": the name must end in .svg or .png"
end

-- A chart of a kind: of "svg" as it is, of "png" by the other program.
local function write_chart(path, who, draw, options)
  local kind, why = kind_of(path, who)
  if not kind then return nil, why end
  local bytes = draw(options)
  if kind == "png" then
    bytes, why = png.of_svg(bytes)
    if not bytes then return nil, why end
  end
  return write(path, bytes)
end

--- ms.figure.png(svg) -> bytes of a PNG at twice the SVG's pixels, or nil and a message
-- Needs rsvg-convert (Debian: librsvg2-bin).
M.png = png.of_svg

--- ms.figure.lines(path, {series=, title=, x_label=, y_label=, ...}) -> path, or nil and a message
-- A chart of curves, SVG or PNG by the path's ending. Each of series: { label=, x= (1..n if
-- absent), y=, and for a band around it errors= (plus and minus) or low= and high=; or runs= { y1,
-- y2, ... } instead of y: their mean with a band of one standard deviation; dash = true; marks =
-- true for dots; colour= }. Lists or one-dimensional tensors; numbers that are not finite leave a
-- gap. Also: log_x, log_y, x_range = {low, high}, y_range, width, height (pixels), and
-- levels = { { y=, label= } } for horizontal reference lines.
-- Of numbers that are infinite or none a note in the corner tells how many there are.
function M.lines(path, options) return write_chart(path, "lines", lines, options) end

--- ms.figure.bars(path, {groups=, series=, title=, y_label=, ...}) -> path, or nil and a message
-- A chart of bars side by side, SVG or PNG by the path's ending: groups = { "none", "vocals", ... }
-- names the places, each of series is { label=, values= (one for each group), errors= (plus and
-- minus), colour= }; a value that is false or not finite leaves its place empty. Also y_range,
-- width, height, levels as in lines, and format, of the numbers above the bars such as "%.1f";
-- without it there are none.
function M.bars(path, options) return write_chart(path, "bars", bars, options) end

--- ms.figure.spectrogram(path, x or {x=, title=, rate=, hop=, ...}) -> path, or nil and a message
-- A picture of magnitudes x (frame, frequency) or (1, frame, frequency): time to the right, low
-- frequencies at the bottom, decibels below the loudest point of all panels. path ending in .png:
-- the bare picture; in .svg: with axes and colour bar. panels = { { x=, title= }, ... } stacks
-- several under each other. Also range = 80 (dB shown below the loudest), or range = {low, high},
-- of 20 log10 x;
-- decibel = false for x as it is, such as a log-mel image: from its least to its largest number, or
-- range = {low, high}; z_label, what the colours show; rate = 16000, hop = 160, y_label, y_top (the
-- frequency at the top, rate / 2), width, panel_height. What is infinite or not a number is red.
function M.spectrogram(path, options)
  local kind, why = kind_of(path, "spectrogram")
  if not kind then return nil, why end
  return write(path, spectrogram[kind](options))
end

return M
