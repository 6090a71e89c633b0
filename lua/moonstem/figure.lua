--- Pictures of what one computes: charts, spectrograms, waves, matrices, kernels. ms.figure.of(x)
-- makes a figure of a value, which can be shown and saved; ms.figure.lines("loss.svg", { ... }) and
-- its kin write a file, SVG or PNG by the name's ending, and the same function of ms.figure.svg
-- returns the SVG text. SVG needs no other program; PNG is made by rsvg-convert (Debian:
-- librsvg2-bin).
local png = require "moonstem.figure.png"
local sys = require "moonstem.core.sys"
local value = require "moonstem.figure.value"

local M = {}

-- How each kind is drawn; a module is loaded when its kind is drawn for the first time.
local DRAW = {}
for _, name in ipairs { "lines", "bars", "scatter", "histogram", "heat_map", "wave", "embedding",
  "image" } do
  DRAW[name] = function(options) return require("moonstem.figure.charts." .. name)(options) end
end
function DRAW.kernels(options) return require "moonstem.figure.charts.tiles".kernels(options) end
function DRAW.slices(options) return require "moonstem.figure.charts.tiles".slices(options) end
function DRAW.spectrogram(options)
  return require "moonstem.figure.charts.spectrogram".paper(options)
end

M.svg = {}
for name, draw in pairs(DRAW) do
  --- ms.figure.svg.lines(options) -> the SVG text of a picture, for pages that hold several
  -- options: those of ms.figure's function of the same name.
  M.svg[name] = function(options) return draw(options):svg() end
end

local function write(path, text)
  local ok, why = sys.write_file(path, text)
  if not ok then return nil, why end
  return path
end

-- A picture of a kind: of "svg" as it is, of "png" by the other program.
local function write_chart(path, who, options)
  local kind, why = value.kind_of(path, "figure." .. who)
  if not kind then return nil, why end
  return value.of(DRAW[who](options)):save(path)
end

--- ms.figure.png(svg, [zoom = 2]) -> bytes of a PNG at so many times the SVG's pixels, or nil and a
-- message. Needs rsvg-convert (Debian: librsvg2-bin).
M.png = png.of_svg

--- ms.figure.of(x, {kind=, title=, ...}) -> a figure: f:save("x.png" or "x.svg"), f:svg(), f:png(),
-- f.alt (the picture in words); ms.show(f) shows it
-- kind says what is drawn; without it, what suits x:
--   "wave": (sample), (channel, sample) or (sample, channel), with rate = in Hz over seconds
--   "spectrogram": magnitudes (frame, bin), or (frame, bin, 2) of complex numbers, in dB below the
--     loudest, with rate = and hop = over s and Hz; of a wave with rate =, computed first (size =
--     2048, hop = size / 4); where there are numbers below 0, the numbers as they are
--   "mel": the same of ms.audio.mel's powers (frame, band), with the mel scale's ticks in Hz (low,
--     high and htk as they were made with); of a wave with rate =, computed first
--   "curves": numbers (a list, a tensor), several lists, or lists by name; x = of all of them
--   "kernels": a convolution, or weights (height, width, in, out)
--   "heat_map": (row, column); "image": pixels (row, column [, 3])
--   "slices": (slice, row, column), or (row, column, slice) where that axis is the shortest
--   "confusion": counts (true, predicted), or what ms.metrics.accuracy gives; names = of classes
--   "embedding": (point, feature) on its two principal axes; labels = one for each point
--   "histogram", "scatter": numbers; points (point, 2); "runs": runs, as ms.lab.runs gives them
-- All other options are those of the function of ms.figure of that name ("curves": those of lines).
function M.of(x, options)
  return value.of(require "moonstem.figure.kinds".draw(x, options or {}, "figure.of"))
end

--- ms.figure.lines(path, {series=, title=, x_label=, y_label=, ...}) -> path, or nil and a message
-- Or a list or tensor of numbers in the place of the options.
-- A chart of curves, SVG or PNG by the path's ending. Each of series: { label=, x= (1..n if
-- absent), y=, and for a band around it errors= (plus and minus) or low= and high=; or runs= { y1,
-- y2, ... } instead of y: their mean with a band of one standard deviation; dash = true; marks =
-- true for dots; colour= }. Lists or one-dimensional tensors; numbers that are not finite leave a
-- gap. Also: log_x, log_y, x_range = {low, high}, y_range, width, height (pixels), and
-- levels = { { y=, label= } } for horizontal reference lines.
-- Of numbers that are infinite or none a note in the corner tells how many there are.
function M.lines(path, options) return write_chart(path, "lines", options) end

--- ms.figure.bars(path, {groups=, series=, title=, y_label=, ...}) -> path, or nil and a message
-- A chart of bars side by side, SVG or PNG by the path's ending: groups = { "none", "vocals", ... }
-- names the places, each of series is { label=, values= (one for each group), errors= (plus and
-- minus), colour= }; a value that is false or not finite leaves its place empty. Also y_range,
-- width, height, levels as in lines, and format, of the numbers above the bars such as "%.1f";
-- without it there are none.
function M.bars(path, options) return write_chart(path, "bars", options) end

--- ms.figure.scatter(path, {x=, y=, labels=, title=, ...}) -> path, or nil and a message
-- Points, SVG or PNG by the path's ending: x and y lists or tensors, labels = names or numbers, one
-- for each point, which colour it. Or series = { { label=, x=, y=, colour= }, ... }. Also size = 3
-- (pixels), opacity = 0.75, and titles, labels, ranges, log_x and log_y as in lines.
function M.scatter(path, options) return write_chart(path, "scatter", options) end

--- ms.figure.histogram(path, x or {x=, bins=, title=, ...}) -> path, or nil and a message
-- How often numbers occur, SVG or PNG by the path's ending. x: a tensor of any shape, or a list; or
-- series = { { label=, x=, colour= }, ... }. bins: how many, by default as many as suit the numbers
-- (Freedman and Diaconis); density = true for densities instead of counts; x_range = {low, high}.
-- Also titles, labels, y_range and log_y as in lines. Numbers that are not finite are left out, and
-- a note tells how many.
function M.histogram(path, options) return write_chart(path, "histogram", options) end

--- ms.figure.heat_map(path, x or {x=, title=, rows=, columns=, ...}) -> path, or nil and a message
-- A matrix x (row, column) in colours, row 1 at the top, SVG or PNG by the path's ending. rows,
-- columns: names; format = "%.2f" writes the numbers into the cells; range = {low, high} of the
-- colours; colours = "viridis", "diverging" (around 0: the default for numbers of both signs) or
-- "grey"; shade: another matrix that gives the colours; x_label, y_label, z_label (at the colour
-- bar), width, height.
function M.heat_map(path, options) return write_chart(path, "heat_map", options) end

--- ms.figure.wave(path, x or {x=, rate=, title=, ...}) -> path, or nil and a message
-- A wave over time, a panel for each channel, SVG or PNG by the path's ending: x (sample),
-- (channel, sample) or (sample, channel). rate (Hz) turns samples into seconds; start = 0, the
-- seconds at its beginning; labels, of the channels; y_range, width, panel_height. Of long waves
-- each column of pixels shows the least and the greatest sample. Waves above full scale get lines
-- at 1 and -1.
function M.wave(path, options) return write_chart(path, "wave", options) end

--- ms.figure.kernels(path, x or {x=, title=, ...}) -> path, or nil and a message
-- The kernels of a convolution side by side, SVG or PNG by the path's ending: weights (height,
-- width, in, out) or (width, in, out), in the order in, out, at most = 256 of them (most =). range,
-- colours, z_label, width: as in heat_map.
function M.kernels(path, options) return write_chart(path, "kernels", options) end

--- ms.figure.slices(path, x or {x=, title=, ...}) -> path, or nil and a message
-- The matrices of x (slice, row, column) side by side; options as those of kernels.
function M.slices(path, options) return write_chart(path, "slices", options) end

--- ms.figure.image(path, x or {x=, title=, range=, width=}) -> path, or nil and a message
-- Pixels x (row, column) or (row, column, channel), grey, RGB or RGBA, from 0 (black) to 1, or to
-- 255 where there are numbers above 1, or range = {low, high}; SVG or PNG by the path's ending.
function M.image(path, options) return write_chart(path, "image", options) end

--- ms.figure.embedding(path, {x=, labels=, title=, ...}) -> path, or nil and a message
-- Points x (point, feature) on the two axes along which they vary most (principal components),
-- coloured by labels, one for each point; SVG or PNG by the path's ending. size, opacity, width,
-- height: as in scatter.
function M.embedding(path, options) return write_chart(path, "embedding", options) end

--- ms.figure.spectrogram(path, x or {x=, title=, rate=, hop=, ...}) -> path, or nil and a message
-- A picture of magnitudes x (frame, frequency) or (1, frame, frequency): time to the right, low
-- frequencies at the bottom, decibels below the loudest point of all panels. path ending in .png:
-- the bare picture; in .svg: with axes and colour bar. panels = { { x=, title= }, ... } stacks
-- several under each other. Also range = 80 (dB shown below the loudest), or range = {low, high},
-- of 20 log10 x;
-- decibel = false for x as it is, such as a log-mel image: from its least to its largest number, or
-- range = {low, high}; z_label, what the colours show; rate = 16000, hop = 160 (false for axes in
-- frames and bins), y_label, y_top (the frequency at the top, rate / 2), y_low = 0, y_scale = "mel"
-- for bands that ms.audio.mel made between y_low and y_top (htk = true: with HTK's scale), colours
-- as in heat_map, width, panel_height. What is infinite or not a number is red.
function M.spectrogram(path, options)
  local kind, why = value.kind_of(path, "figure.spectrogram")
  if not kind then return nil, why end
  if kind == "svg" then return write_chart(path, "spectrogram", options) end
  return write(path, require "moonstem.figure.charts.spectrogram".png(options))
end

return M
