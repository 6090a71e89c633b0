--- Figures of values: which picture suits what, its axes and ticks, itself in words, its files.
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
  lu.assertStrContains(tostring(message), part)
end

local function contains(svg, ...)
  for _, part in ipairs { ... } do lu.assertStrContains(svg, part) end
end

local function count(svg, piece) return select(2, svg:gsub(piece, "")) end

-- Pixels (across, down) at which a text stands, as the SVG has it.
local function place_of(svg, text)
  for x, y, rest in svg:gmatch '<text x="([%d%.%-]+)" y="([%d%.%-]+)"([^\n]*)' do
    if rest:find(">" .. text .. "</text>", 1, true) then return tonumber(x), tonumber(y) end
  end
  error("there is no text " .. text)
end

-- The place of a box with a picture or a chart in it: x, y, width, height.
local function image_of(svg)
  local x, y, w, h =
    svg:match '<image x="([%d%.]+)" y="([%d%.]+)" width="([%d%.]+)" height="([%d%.]+)"'
  return tonumber(x), tonumber(y), tonumber(w), tonumber(h)
end

function tests.a_figure_is_a_value()
  local f = figure.of({ 3, 2, 1 }, { title = "loss & more", width = 300, height = 200 })
  lu.assertEquals({ f.title, f.width, f.height }, { "loss & more", 300, 200 })
  lu.assertEquals(f.alt, "loss & more: a curve, from 1 to 3")
  lu.assertEquals(tostring(f), "figure of 300 x 200 pixels: loss & more: a curve, from 1 to 3")
  contains(f:svg(), 'role="img" aria-label="loss &amp; more: a curve, from 1 to 3"',
    ">loss &amp; more</text>")
  lu.assertEquals(f:save(dir .. "/x.svg"), dir .. "/x.svg")
  lu.assertEquals(sys.read_file(dir .. "/x.svg"), f:svg())
  local path, why = f:save(dir .. "/x.pdf")
  lu.assertNil(path)
  lu.assertStrContains(why, "must end in .svg or .png")
  path, why = f:save(dir .. "/none/x.svg")
  lu.assertNil(path)
  lu.assertStrContains(why, dir .. "/none/x.svg")
  raises("did you mean figure:save?", function() return f:sav "x" end)
end

function tests.a_figure_becomes_a_png_of_twice_its_pixels()
  lu.skipIf(sys.run { "rsvg-convert", "--version", stdout = "/dev/null" } ~= 0,
    "librsvg2-bin is not installed")
  local f = figure.of(ms.randn { 4, 5 }, { width = 300, height = 200 })
  assert(f:save(dir .. "/x.png"))
  lu.assertEquals({ (">I4I4"):unpack(sys.read_file(dir .. "/x.png"), 17) }, { 600, 400, 25 })
  local bundle = ms.display.bundle(f)
  lu.assertEquals(bundle["image/png"], f:png())
  lu.assertEquals({ bundle.alt, bundle["text/plain"], bundle["text/html"] },
    { f.alt, tostring(f), nil })
end

-- Without the program the SVG itself stands in a page.
function tests.a_figure_without_rsvg_is_svg_in_html()
  local png = require "moonstem.figure.png"
  local before = png.program
  png.program = "no-such-program"
  local f = figure.of { 1, 2 }
  local ok, bundle = pcall(ms.display.bundle, f)
  png.program = before
  lu.assertTrue(ok)
  lu.assertEquals({ bundle["image/png"], bundle["text/html"] }, { nil, f:svg() })
end

function tests.what_suits_a_value()
  local words = {
    { "a curve", { 1, 2, 3 } }, { "a curve", ms.randn { 20 } },
    { "2 curves, a from 1 to 2, b from 3 to 4", { b = { 3, 4 }, a = { 1, 2 } } },
    { "2 curves, 1 from 1 to 2, 2 from 3 to 4", { ms.tensor { 1, 2 }, ms.tensor { 3, 4 } } },
    { "a wave of 1 channel, 2 s at 8000 Hz", ms.zeros { 16000 }, { rate = 8000 } },
    { "a wave of 1 channel, 16000 samples", ms.zeros { 16000 } },
    { "a wave of 2 channels, 1 s at 16000 Hz", ms.zeros { 2, 16000 }, { rate = 16000 } },
    { "a wave of 2 channels, 1 s at 16000 Hz", ms.zeros { 16000, 2 }, { rate = 16000 } },
    { "a spectrogram of 1 s and 257 bins", ms.ones { 100, 257 }, { rate = 16000, hop = 160 } },
    { "a heat map of 4 rows and 5 columns", ms.zeros { 4, 5 } },
    { "a picture of 30 x 20 pixels", ms.zeros { 20, 30, 3 } },
    { "7 slices of 20 x 30 numbers", ms.zeros { 7, 20, 30 } },
    { "4 slices of 20 x 30 numbers", ms.zeros { 20, 30, 4 } },
    { "12 kernels of 5 x 3 numbers", ms.zeros { 5, 3, 2, 6 } },
    { "8 kernels of 3 x 3 numbers", ms.nn.conv2d { in_channels = 2, out_channels = 4 } },
    { "8 kernels of 1 x 5 numbers",
      ms.nn.conv1d { in_channels = 2, out_channels = 4, kernel = 5 } },
    { "a confusion matrix of 2 classes, 3 of 4 right", { confusion = { { 2, 1 }, { 0, 1 } } } },
  }
  for _, row in ipairs(words) do
    lu.assertStrContains(figure.of(row[2], row[3]).alt, row[1])
  end
end

function tests.kinds_that_are_not_there_are_told()
  raises("did you mean histogram?", figure.of, ms.ones { 3 }, { kind = "histogramm" })
  raises("no picture suits \"text\" by itself; kind = says which: bars, confusion, curves,",
    figure.of, "text")
  raises("no picture suits a tensor of 2 dimensions (0x3) by itself", figure.of, ms.zeros { 0, 3 })
  raises("no picture suits a tensor of 4 dimensions (2x30x30x4)", figure.of,
    ms.zeros { 2, 30, 30, 4 })
  raises("figure.of: options are a table, got 22050", figure.of, ms.ones { 9 }, 22050)
  raises("show: options are a table, got 22050", ms.show, ms.ones { 9 }, 22050)
  raises("no picture suits table", figure.of, ms.nn.linear { in_features = 2, out_features = 3 })
  raises("there is no option colors", figure.of, ms.ones { 3, 4 }, { colors = "grey" })
  raises("there are no colours gray; did you mean grey?", figure.of, ms.ones { 3, 4 },
    { colours = "gray" })
  raises("needs its rate", figure.of, ms.ones { 4000 }, { kind = "mel" })
  raises("must be (sample)", figure.of, ms.ones { 100, 200 }, { kind = "wave" })
  raises("as many rows as columns", figure.of, ms.ones { 3, 4 }, { kind = "confusion" })
  raises("rows must be a list of 3 names, got 2", figure.of, ms.ones { 3, 4 },
    { rows = { "a", "b" } })
  raises("a file name is expected, got userdata", figure.wave, ms.ones { 3 })
end

function tests.options_of_the_wrong_kind_are_told()
  local numbers, wave = ms.ones { 3 }, ms.ones { 5000 }
  local function told(part, x, options) raises(part, figure.of, x, options) end
  told('figure.lines: option width must be a whole number, 1 or more, got "5"', numbers,
    { width = "5" })
  told("figure.lines: width must be from 120 to 20000 pixels, got 30", numbers, { width = 30 })
  told("option title must be a string or a number, got table", numbers, { title = {} })
  told("figure.wave: option rate must be a number above 0, got -1", wave, { rate = -1 })
  told('figure.of: option size must be a whole number, 1 or more, got "a"', wave,
    { kind = "spectrogram", rate = 8000, size = "a" })
  told('the format "%d" does not fit the number 0.5', { { 0.5 } },
    { kind = "heat_map", format = "%d" })
  told("labels must be a list, one for each point, got 5", { { 1, 2 } },
    { kind = "scatter", labels = 5 })
  told("x must be (point, 2), got 3x3", ms.ones { 3, 3 }, { kind = "scatter" })
  told("most must be a whole number, 1 or more, got 0", ms.ones { 3, 3, 1, 2 }, { most = 0 })
end

-- ---- waves ----------------------------------------------------------------------------------
function tests.waves_have_seconds()
  local wave = ms.zeros { 32000 }
  wave[20000] = 0.9
  local svg = figure.svg.wave { x = wave, rate = 16000, start = 10 }
  contains(svg, ">time (s)<", ">amplitude<", ">11.0<", ">0.5<", ">-0.5<")
  local ten, twelve = place_of(svg, "10.0"), place_of(svg, "12.0")
  -- The peak is at 20000 / 16000 seconds behind the start; a column of pixels stands for both ends.
  local highest, at = math.huge, nil
  for x, y in svg:match('<path d="([^"]*)"'):gmatch "([%d%.]+) ([%d%.]+)" do
    if tonumber(y) < highest then highest, at = tonumber(y), tonumber(x) end
  end
  lu.assertAlmostEquals((at - ten) / (twelve - ten) * 2, 19999 / 16000, 0.004)
end

function tests.long_waves_keep_their_extremes()
  local wave = ms.randn({ 300000 }, { seed = 1 }) * 0.01
  wave[123456], wave[223456] = 0.875, -0.75
  local svg = figure.svg.wave { x = wave, y_range = { -1, 1 } }
  lu.assertTrue(#svg < 60000)
  local top, bottom = math.huge, -math.huge
  for y in svg:match('<path d="([^"]*)"'):gmatch "[%d%.]+ ([%d%.]+)" do
    top, bottom = math.min(top, tonumber(y)), math.max(bottom, tonumber(y))
  end
  local _, zero = place_of(svg, "0")
  local _, one = place_of(svg, "1.0")
  lu.assertAlmostEquals((zero - 4 - top) / (zero - one), 0.875, 1e-3)
  lu.assertAlmostEquals((zero - 4 - bottom) / (zero - one), -0.75, 1e-3)
  contains(svg, ">sample<")
end

function tests.waves_above_full_scale_say_so()
  local loud = figure.of(ms.tensor { 0, 1.5, -1 }, { kind = "wave" })
  contains(loud:svg(), ">full scale<")
  contains(loud.alt, "peak 1.5, above full scale")
  lu.assertNotStrContains(figure.of(ms.tensor { 0, 1 }, { kind = "wave" }):svg(), "full scale")
  contains(figure.of(ms.tensor { 0, 0 / 0, 1, 1 / 0 }, { kind = "wave" }):svg(),
    ">2 values are not finite: gaps<")
end

-- ---- spectra --------------------------------------------------------------------------------
-- A sine of 1000 Hz has its loudest mel band where the axis says 1000 Hz.
function tests.mel_axes_say_hertz()
  local rate = 16000
  local wave = (ms.range(0, rate - 1) * (2 * math.pi * 1000 / rate)):sin()
  local mel = ms.audio.mel(wave, { rate = rate })
  local _, band = mel:sum(1):max()
  local svg = figure.of(mel, { kind = "mel", rate = rate, hop = 512 }):svg()
  contains(svg, ">frequency (Hz)<", ">time (s)<", ">dB below the loudest<", ">2k<", ">-80<")
  local _, tick = place_of(svg, "1k")
  local _, y, _, height = image_of(svg)
  local row = (y + height - (tick - 4)) / height * 128 -- from the bottom
  lu.assertAlmostEquals(row, band - 0.5, 1)
  local own = figure.of(wave, { kind = "mel", rate = rate }):svg()
  lu.assertEquals(own, svg)
end

function tests.spectrograms_of_waves_have_linear_hertz()
  local rate = 8000
  local wave = (ms.range(0, rate - 1) * (2 * math.pi * 3000 / rate)):sin()
  local f = figure.of(wave, { kind = "spectrogram", rate = rate, size = 512, hop = 128 })
  contains(f.alt, "a spectrogram of 1.008 s and 257 bins, colours from -80 to 0 dB")
  local _, y3 = place_of(f:svg(), "3k")
  local _, y2 = place_of(f:svg(), "2k")
  local _, top, _, height = image_of(f:svg())
  lu.assertAlmostEquals((y2 - y3) / height, 1000 / 4000, 1e-3)
  lu.assertAlmostEquals((top + height - (y3 - 4)) / height, 3000 / 4000, 1e-3)
end

-- Complex numbers are shown by their magnitudes.
function tests.complex_spectra()
  local x = ms.randn { 5, 7, 2 }
  local options = { kind = "spectrogram", rate = 8000, hop = 100 }
  lu.assertEquals(figure.of(x, options):svg(),
    figure.of(x:square():sum(3):sqrt(), options):svg())
end

-- Where neither rate nor hop is known the axes count, and levels stay levels.
function tests.spectra_without_units_are_counted()
  local svg = figure.of(ms.tensor { { -40, -20 }, { -30, -10 } }, { kind = "spectrogram" }):svg()
  contains(svg, ">frame<", ">bin<", ">value<", ">-40<", ">-10<")
  raises("a mel axis needs rate or y_top", figure.svg.spectrogram,
    { x = ms.ones { 2, 3 }, rate = false, y_scale = "mel" })
  raises("y_scale must be", figure.svg.spectrogram, { x = ms.ones { 2, 3 }, y_scale = "log" })
end

-- ---- matrices -------------------------------------------------------------------------------
function tests.heat_maps_name_and_number_their_cells()
  local svg = figure.svg.heat_map { x = ms.tensor { { 0.25, -1 }, { 0, 0.5 } }, format = "%.2f",
    rows = { "up", "down" }, columns = { "a<b", "c" }, x_label = "column", y_label = "row",
    z_label = "weight" }
  contains(svg, ">a&lt;b<", ">column<", ">row<", ">weight<", ">-1.00<", ">0.50<")
  local _, up = place_of(svg, "up")
  local _, down = place_of(svg, "down")
  lu.assertTrue(up < down)
  lu.assertEquals({ place_of(svg, "0.25") }, { (place_of(svg, "a&lt;b")), up })
end

function tests.cells_count_from_one()
  local svg = figure.svg.heat_map(ms.ones { 3, 4 })
  contains(svg, ">1<", ">2<", ">3<", ">4<")
  lu.assertNotStrContains(svg, ">0<")
  lu.assertNotStrContains(svg, ">1.5<")
end

function tests.confusions_are_shaded_by_rows()
  local svg = figure.of({ { 30, 10 }, { 0, 2 } }, { kind = "confusion", names = { "yes", "no" } })
    :svg()
  contains(svg, ">30<", ">10<", ">predicted<", ">true<", ">share of the true class<", ">1.0<")
end

-- Numbers of one sign grow brighter, those of both diverge from a middle; both are told apart in
-- grey.
function tests.colours_are_told_apart_in_grey()
  local heat = require "moonstem.figure.heat"
  local function light(place, map)
    local r, g, b = heat.colour(place, map)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  end
  for i = 1, 50 do
    lu.assertTrue(light(i / 50) > light((i - 1) / 50))
    lu.assertTrue(light(i / 50, "grey") > light((i - 1) / 50, "grey"))
    local higher, lower = 0.5 + i / 100, 0.5 - i / 100
    lu.assertTrue(light(higher, "diverging") < light(higher - 0.01, "diverging"))
    lu.assertTrue(light(lower, "diverging") < light(lower + 0.01, "diverging"))
  end
  local signed, positive = figure.of(ms.tensor { { -3, 1 } }), figure.of(ms.tensor { { 1, 3 } })
  contains(signed:svg(), ">-2<", ">0<", ">2<", heat.hex(127 / 128, "diverging"))
  contains(positive:svg(), ">1.0<", ">3.0<", heat.hex(127 / 128))
end

function tests.kernels_stand_side_by_side()
  local svg = figure.svg.kernels { x = ms.randn { 3, 3, 2, 5 }, title = "conv" }
  lu.assertEquals(count(svg, "<image"), 10)
  svg = figure.svg.kernels { x = ms.randn { 3, 3, 4, 5 }, most = 12 }
  lu.assertEquals(count(svg, "<image"), 12)
  contains(svg, ">the first 12 of 20 kernels<")
  raises("weights (height, width, in, out)", figure.svg.kernels, ms.ones { 3, 4 })
end

function tests.many_series_have_colours_of_their_own()
  for n = 2, 20, 6 do
    local series, colours = {}, {}
    for i = 1, n do series[i] = { label = tostring(i), y = { i, i } } end
    for colour in figure.svg.lines { series = series }
      :gmatch '<path [^>]*stroke="(#%x+)"' do colours[colour] = true end
    local count_of = 0
    for _ in pairs(colours) do count_of = count_of + 1 end
    lu.assertEquals(count_of, n)
  end
end

function tests.a_bare_list_is_a_curve()
  lu.assertEquals(figure.svg.lines { 3, 2, 1 },
    figure.svg.lines { series = { { y = { 3, 2, 1 } } } })
  lu.assertEquals(figure.svg.lines(ms.tensor { 3, 2 }), figure.svg.lines { 3, 2 })
end

-- ---- points ---------------------------------------------------------------------------------
function tests.points_have_colours_by_label()
  local svg = figure.svg.scatter { x = { 0, 1, 2, 3 }, y = { 0, 1, 4, 9 },
    labels = { "b", "a", "b", "a" }, x_label = "x", y_label = "square" }
  contains(svg, ">a<", ">b<", ">square<")
  lu.assertEquals(count(svg, '<circle[^>]*fill="#0072b2"'), 2)
  lu.assertEquals(count(svg, '<circle[^>]*fill="#d55e00"'), 2)
  raises("3 labels for 2 points", figure.svg.scatter,
    { x = { 1, 2 }, y = { 1, 2 }, labels = { 1, 2, 3 } })
  raises("x has 2 numbers, y 1", figure.svg.scatter, { x = { 1, 2 }, y = { 1 } })
end

-- Points along (3, 4) with a little beside it: the first axis is that direction.
function tests.embeddings_lie_on_their_principal_axes()
  local t, beside = ms.linspace(-1, 1, 21), ms.randn({ 21 }, { seed = 2 }) * 1e-3
  local x = ms.stack({ t * 3 - beside * 4, t * 4 + beside * 3, ms.ones { 21 } }, 2)
  local svg = figure.svg.embedding { x = x }
  contains(svg, ">axis 1 (100 % of the variance)<", ">axis 2 (0 % of the variance)<")
  local left, right = place_of(svg, "-4"), place_of(svg, "4")
  local first, last = svg:match '<circle cx="([%d%.]+)"', svg:match '.*<circle cx="([%d%.]+)"'
  local function along(px) return (tonumber(px) - left) / (right - left) * 8 - 4 end
  lu.assertAlmostEquals(along(first), -5, 0.05)
  lu.assertAlmostEquals(along(last), 5, 0.05)
  raises("not finite", figure.svg.embedding, ms.full({ 4, 3 }, 0 / 0))
  raises("at least 3 points", figure.svg.embedding, ms.ones { 2, 3 })
end

function tests.histograms_count()
  local svg = figure.svg.histogram { x = { 0, 0.1, 0.2, 0.9, 1, 0 / 0 }, bins = 2 }
  contains(svg, ">count<", ">1 value is not finite: a gap<")
  local _, base = place_of(svg, "0")
  local heights = {}
  for height in svg:gmatch '<rect[^>]*height="([%d%.]+)" fill="#0072b2"' do
    heights[#heights + 1] = tonumber(height)
  end
  lu.assertEquals(#heights, 2)
  lu.assertAlmostEquals(heights[1] / heights[2], 3 / 2, 1e-3)
  lu.assertNotNil(base)
  raises("bins must be a whole number", figure.svg.histogram, { x = { 1 }, bins = 0 })
  contains(figure.of(ms.randn { 1000 }, { kind = "histogram", density = true }):svg(), ">density<")
end

-- Every kind takes numbers that are none, single numbers, and constant ones.
function tests.poor_numbers_are_drawn()
  local nan, inf = 0 / 0, 1 / 0
  for _, kind in ipairs { "wave", "curves", "histogram" } do
    for _, x in ipairs { { 1 }, { 5, 5, 5 }, { nan }, { inf, -inf, 1 }, { 1e30, -1e30 } } do
      lu.assertNotStrContains(figure.of(x, { kind = kind }):svg(), '="nan')
    end
  end
  for _, kind in ipairs { "heat_map", "spectrogram", "image" } do
    for _, x in ipairs { { { 0 } }, { { nan, inf } }, { { 3, 3 }, { 3, 3 } } } do
      lu.assertNotStrContains(figure.of(x, { kind = kind }):svg(), '="nan')
    end
  end
end

function tests.files_of_every_kind()
  local x = ms.uniform { 8, 6 }
  local options = { scatter = { x = { 1 }, y = { 2 } }, histogram = x, heat_map = x,
    wave = ms.ones { 9 }, kernels = ms.ones { 3, 3, 1, 2 }, slices = ms.ones { 2, 3, 4 }, image = x,
    embedding = x }
  for name, given in pairs(options) do
    local path = ("%s/%s.svg"):format(dir, name)
    lu.assertEquals(figure[name](path, given), path)
    lu.assertEquals(sys.read_file(path), figure.svg[name](given))
  end
end

return tests
