--- Figures: well-formed files, the right numbers in the right places, mistakes told.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local figure, sys = ms.figure, ms.sys

local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

local function raises(part, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok)
  lu.assertStrContains(message, part)
end

-- Every tag is closed, in order; attributes are quoted; no number went wrong.
local function well_formed(svg)
  local open = {}
  for closing, name, rest in svg:gmatch "<(/?)([%w]+)([^>]*)>" do
    if closing == "/" then
      lu.assertEquals(table.remove(open), name)
    elseif not rest:match "/$" then
      open[#open + 1] = name
    end
  end
  lu.assertEquals(open, {})
  for _, wrong in ipairs { "nan", "inf", "-nan" } do
    lu.assertNil(svg:match('="[^"]*%f[%w]' .. wrong .. "%f[%W]"))
  end
  return svg
end

function tests.lines()
  local svg = well_formed(figure.svg.lines { title = "a < b & \"c\"", x_label = "epoch",
    y_label = "loss",
    series = { { label = "one", y = { 1, 2, 4 } },
      { label = "runs", runs = { { 1, 2 }, { 3, 4, 5 } } },
      { label = "band", x = { 1, 2 }, y = { 1, 2 }, errors = { .5, .5 }, dash = true,
        marks = true } },
    levels = { { y = 3, label = "paper" } } })
  for _, part in ipairs { "a &lt; b &amp; &quot;c&quot;", ">epoch<", ">loss<", ">one<", ">runs<",
    ">paper<", "fill-opacity", "stroke-dasharray" } do
    lu.assertStrContains(svg, part)
  end
end

function tests.curves_and_bars_carry_their_numbers()
  local svg = figure.svg.lines { x_label = "step", y_label = "loss",
    series = { { label = 'a"b', x = { 10, 20, 30, 40 }, y = { 0.25, 1 / 3, false, 2 },
      errors = { .05, .05, .05, .05 } } } }
  for _, part in ipairs { 'data-x-label="step"', 'data-y-label="loss"', 'data-label="a&quot;b"',
    'data-x="10 20"', 'data-y="0.25 0.33333"', 'data-low="0.2 0.28333"', 'data-high="0.3 0.38333"',
    'data-x="40" data-y="2"' } do
    lu.assertStrContains(svg, part)
  end
  svg = figure.svg.bars { groups = { "a<b", "c" },
    series = { { label = "mean", values = { 1 / 3, 2 }, errors = { 0.125 } },
      { values = { 1, 1 } } } }
  for _, part in ipairs { 'data-tip="mean, a&lt;b: 0.33333 ± 0.125"', 'data-tip="mean, c: 2"',
    'data-tip="c: 1"' } do
    lu.assertStrContains(svg, part)
  end
end

function tests.charts_become_png()
  local png = require "moonstem.figure.png"
  if sys.run { "rsvg-convert", "--version", stdout = "/dev/null" } ~= 0 then
    lu.skip "librsvg2-bin is not installed"
  end
  local path = dir .. "/bars.png"
  lu.assertEquals(
    figure.bars(path, { groups = { "a", "b" }, series = { { values = { 1, 2 } } }, width = 300,
    height = 200 }), path)
  local bytes = assert(sys.read_file(path))
  lu.assertEquals(bytes:sub(1, 8), "\x89PNG\r\n\x1a\n")
  lu.assertEquals({ (">I4I4"):unpack(bytes, 17) }, { 600, 400, 25 })
  lu.assertStrContains(select(2, figure.png "<svg"), "rsvg-convert could not make a PNG (status 1)")
  png.program = "no-such-program"
  local made, why = figure.lines(dir .. "/lines.png", { series = {} })
  png.program = "rsvg-convert"
  lu.assertNil(made)
  lu.assertStrContains(why, "a PNG needs no-such-program (Debian package librsvg2-bin): ")
  lu.assertFalse(sys.exists(dir .. "/lines.png"))
end

function tests.the_same_numbers_give_the_same_bytes()
  local function draw()
    return figure.svg.lines { series = { { label = "x", y = { 3, 1, 2 }, errors = { 1, 1, 1 } } } }
  end
  lu.assertEquals(draw(), draw())
end

function tests.tensors_and_gaps()
  local svg = well_formed(figure.svg.lines { series = { { y = ms.tensor { 1, 2, 0 / 0, 4, 5 } } } })
  local _, paths = svg:gsub("<path", "")
  lu.assertEquals(paths, 2)
  well_formed(figure.svg.lines { series = { { y = { 1, math.huge, false, 2 } }, { y = {} } } })
  well_formed(figure.svg.lines { series = {} })
  well_formed(figure.svg.lines { series = { { y = { 5, 5, 5 } } }, y_range = { 0, 10 } })
end

-- Numbers that are none leave gaps, and the picture says how many; nothing of them is in its paths.
function tests.gaps_are_told()
  local nan, inf = 0 / 0, 1 / 0
  local svg =
    well_formed(
    figure.svg.lines { series = { { y = { 1, nan, 2, 3, inf } },
    { runs = { { -inf, 1 }, { 1, false } } } } })
  lu.assertStrContains(svg, ">3 values are not finite: gaps<")
  svg = well_formed(figure.svg.bars { groups = { "a", "b" },
    series = { { values = { nan, 1 }, errors = { 1, inf } } } })
  lu.assertStrContains(svg, ">1 value is not finite: a gap<")
  svg = well_formed(figure.svg.spectrogram { x = ms.tensor { { 1, nan }, { inf, 2 } } })
  lu.assertStrContains(svg, ">red: 2 values are not finite<")
  lu.assertNotStrContains(figure.svg.lines { series = { { y = { 1, false, 2 } } } }, "finite")
  for _, y in ipairs { { -1e308, 1e308 }, { -1e299, 1e299 }, { 0, 5e-324 }, { 1e9, 1e9 + 1e-7 },
    { 1, 1 + 2 ^ -52 }, { nan }, {} } do
    well_formed(figure.svg.lines { series = { { y = y, label = "x" } } })
    well_formed(figure.svg.lines { series = { { y = y } }, log_y = true })
    well_formed(figure.svg.lines { series = { { runs = { y, { 1e200, 1 } } } } })
    well_formed(figure.svg.bars { groups = y, series = { { values = y, errors = y } } })
  end
end

-- Control characters and bytes that are no UTF-8 have no place in XML.
function tests.any_text_is_written()
  local svg = well_formed(figure.svg.lines { title = "a\0\27<\xff\xc3\xa4\u{FFFE}\r\n&\"'\xc3",
    series = {} })
  lu.assertStrContains(svg, ">a  &lt;?ä?  &amp;&quot;'?<")
end

-- A picture goes into a file that says what it is.
function tests.endings_say_the_kind()
  local draw = { lines = { series = {} }, bars = { groups = {}, series = {} },
    spectrogram = { x = ms.ones { 3, 4 } } }
  for name, options in pairs(draw) do
    for _, ending in ipairs { ".pdf", ".jpg", ".svgz", ".svg.gz", "", ".", "/svg" } do
      local path, why = figure[name](dir .. "/x" .. ending, options)
      lu.assertNil(path)
      lu.assertEquals(why, dir .. "/x" .. ending .. ": the name must end in .svg or .png")
    end
    lu.assertEquals(figure[name](dir .. "/x.SVG", options), dir .. "/x.SVG")
    raises("a file name is expected, got table", figure[name], options)
  end
  lu.assertEquals(sys.list(dir), { "x.SVG" })
end

function tests.logarithms()
  local svg = well_formed(figure.svg.lines { log_x = true, log_y = true,
    series = { { x = { 1, 10, 1e5 }, y = { 1, 1e-6, 0 }, low = { 0, 0, 0 },
      high = { 2, 1, 1 } } } })
  lu.assertStrContains(svg, ">10⁻⁶<")
  lu.assertStrContains(svg, ">10⁵<")
  raises("above 0", figure.svg.lines, { series = { { y = { 1 } } }, log_y = true,
    y_range = { 0, 1 } })
end

function tests.ticks_are_round()
  local scales = require "moonstem.figure.scale"
  local function texts(low, high, options)
    local list = {}
    for i, tick in ipairs(scales.new(low, high, 0, 100, options or {}).ticks) do
      list[i] = tick.text
    end
    return list
  end
  lu.assertEquals(texts(0, 1), { "0", "0.2", "0.4", "0.6", "0.8", "1.0" })
  lu.assertEquals(texts(0.1, 300000), { "0", "50k", "100k", "150k", "200k", "250k", "300k" })
  lu.assertEquals(texts(-1, 1), { "-1.0", "-0.5", "0", "0.5", "1.0" })
  lu.assertEquals(texts(1, 3, { exact = true, whole = true }), { "1", "2", "3" })
  lu.assertEquals(texts(1e-3, 1, { log = true }), { "10⁻³", "0.01", "0.1", "1" })
  local scale = scales.new(0, 10, 100, 0, { exact = true })
  lu.assertEquals(scale.at(0), 100.0)
  lu.assertEquals(scale.at(10), 0.0)
  for _, x in ipairs { 1e-300, 1e300, 1e-9 } do lu.assertTrue(#texts(x, 2 * x) > 1) end
end

function tests.many_points_are_thinned_but_peaks_stay()
  local y = {}
  for i = 1, 200000 do y[i] = 0 end
  y[77777] = 1
  local svg = well_formed(figure.svg.lines { series = { { y = y } }, y_range = { 0, 1 } })
  lu.assertTrue(#svg < 100000)
  lu.assertStrContains(svg, " 16L") -- the peak touches the upper edge of the box
end

function tests.bars()
  local svg = well_formed(figure.svg.bars { title = "t", y_label = "dB",
    groups = { "none", "vocals" }, format = "%.1f",
    series = { { label = "CNN", values = { 1.25, -2 }, errors = { .5, .25 } },
      { values = { false, 3 } } } })
  local _, rects = svg:gsub('<rect[^>]*fill="#0072b2"', "")
  lu.assertEquals(rects, 3) -- two bars and the legend
  lu.assertStrContains(svg, ">-2.0<")
  well_formed(figure.svg.bars { groups = { ("long "):rep(10), "x" },
    series = { { values = { 1, 2 } } } })
  raises("2 values but there are 1 groups", figure.svg.bars,
    { groups = { "a" }, series = { { values = { 1, 2 } } } })
end

function tests.spectrograms()
  local x = ms.uniform { 40, 256 }
  local path = assert(figure.spectrogram(dir .. "/s.png", x:reshape { 1, 40, 256 }))
  lu.assertEquals({ string.unpack(">I4I4", sys.read_file(path), 17) }, { 40, 256, 25 })
  local svg = well_formed(figure.svg.spectrogram { title = "t",
    panels = { { x = x, title = "mix" }, { x = x * 0.1 } } })
  local _, images = svg:gsub("<image", "")
  lu.assertEquals(images, 2)
  lu.assertStrContains(svg, ">mix<")
  well_formed(figure.svg.spectrogram(ms.zeros { 3, 4 }))
  well_formed(figure.svg.spectrogram { x = x, decibel = false, y_top = 4000 })
  raises("must be (frame, frequency)", figure.svg.spectrogram, ms.zeros { 2, 3, 4 })
  raises("several need .svg", figure.spectrogram, dir .. "/s.png",
    { panels = { { x = x }, { x = x } } })
end

-- Prints the palette indices of a PNG, row by row from the top.
local DECODER = [[
import struct, sys, zlib
png, at, data = open(sys.argv[1], "rb").read(), 8, b""
while at < len(png):
    n, kind = struct.unpack(">I4s", png[at:at + 8])
    if kind == b"IHDR": width, height, depth = struct.unpack(">IIB", png[at + 8:at + 17])
    if kind == b"IDAT": data += png[at + 8:at + 8 + n]
    at += n + 12
data = zlib.decompress(data)
stride = (width * depth + 7) // 8
for y in range(height):
    row = data[y * (stride + 1):(y + 1) * (stride + 1)]
    assert row[0] == 0
    print([row[1 + x * depth // 8] >> (8 - depth - x * depth % 8) & ((1 << depth) - 1)
           for x in range(width)])]]

-- Time to the right, low at the bottom: column 3, row 1 of the tensor is the last pixel of the last
-- line.
function tests.pictures_have_the_right_way_up()
  lu.skipIf(sys.capture { "sh", "-c", "command -v python3" } ~= 0, "python3 is not installed")
  local x = ms.tensor { { 0, 0.5 }, { 0, 0 }, { 1, 0 / 0 } }
  local path = assert(figure.spectrogram(dir .. "/x.png", { x = x, decibel = false }))
  local status, text = sys.capture { "python3", "-c", DECODER, path }
  lu.assertEquals(status, 0)
  local rows = {}
  for line in text:gmatch "%b[]" do rows[#rows + 1] = line end
  lu.assertEquals(rows, { "[127, 0, 255]", "[0, 0, 254]" })
end

function tests.extents_leave_out_what_is_not_finite()
  lu.assertEquals({ ms.tensor({ 0 / 0, -2, 3, 1 / 0 }):extent() }, { -2, 3, 2 })
  lu.assertEquals({ ms.tensor({ 0 / 0 }):extent() }, { nil, nil, 1 })
  lu.assertEquals({ ms.zeros({ 0 }):extent() }, { nil, nil, 0 })
end

-- What the colours stand for: decibels below the loudest, a range of one's own, or the numbers as
-- they are.
function tests.the_ends_of_the_colours()
  local function ticks(options)
    local list = {}
    for text in figure.svg.spectrogram(options)
      :gmatch 'font%-size="11" text%-anchor="start"[^>]*>([^<]*)<' do
      list[#list + 1] = text
    end
    return list
  end
  local log_mel = ms.tensor { { -4, -2 }, { 0, 1 } }
  lu.assertEquals(ticks { x = log_mel, decibel = false, z_label = "log10" },
    { "-4", "-3", "-2", "-1", "0", "1" })
  lu.assertEquals(ticks { x = log_mel, decibel = false, range = { -3, 0 } },
    { "-3", "-2", "-1", "0" })
  lu.assertEquals(ticks { x = ms.ones { 2, 2 } * 100 }, { "-80", "-60", "-40", "-20", "0" })
  lu.assertEquals(ticks { x = ms.ones { 2, 2 } * 100, range = { -60, 0 } },
    { "-60", "-40", "-20", "0" })
  for label, options in pairs { ["dB below the loudest"] = {}, dB = { range = { -9, 0 } },
    value = { decibel = false }, ["log10 mel"] = { decibel = false, z_label = "log10 mel" } } do
    options.x = log_mel
    lu.assertStrContains(figure.svg.spectrogram(options), ">" .. label .. "<")
  end
  raises("range must be {low, high}", figure.svg.spectrogram,
    { x = log_mel, decibel = false, range = 80 })
  raises("low below high", figure.svg.spectrogram, { x = log_mel, range = { 0, -80 } })
  raises("number above 0", figure.svg.spectrogram, { x = log_mel, range = -80 })
  raises("x is empty", figure.svg.spectrogram, { x = ms.zeros { 0, 4 } })
end

function tests.negative_values_are_seen()
  lu.skipIf(sys.capture { "sh", "-c", "command -v python3" } ~= 0, "python3 is not installed")
  local x = ms.tensor { { -4, -3 }, { 1 / 0, 0 }, { 0 / 0, 1 } }
  local path = assert(figure.spectrogram(dir .. "/x.png", { x = x, decibel = false }))
  local _, text = sys.capture { "python3", "-c", DECODER, path }
  lu.assertEquals(text, "[51, 203, 254]\n[0, 255, 255]\n")
end

function tests.mistakes_are_told()
  raises("did you mean series?", figure.svg.lines, { serie = {} })
  raises("did you mean label?", figure.svg.lines, { series = { { lable = "x", y = {} } } })
  raises("series is missing", figure.svg.lines, {})
  raises("has 1 numbers but there are 2 points", figure.svg.lines,
    { series = { { x = { 1 }, y = { 1, 2 } } } })
  raises("must be a list or a tensor", figure.svg.lines, { series = { { y = 5 } } })
  raises("must have one dimension", figure.svg.lines, { series = { { y = ms.zeros { 2, 2 } } } })
  raises("low below high", figure.svg.lines, { series = {}, y_range = { 1, 1 } })
  local path, why = figure.lines(dir .. "/none/x.svg", { series = { { y = { 1 } } } })
  lu.assertNil(path)
  lu.assertStrContains(why, dir .. "/none/x.svg")
end

return tests
