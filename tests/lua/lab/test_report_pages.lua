--- Pages of reports: documents as HTML and Markdown, and what stands in the pages of runs.
local lu = require "luaunit"
local ms = require "moonstem"
local made = require "report_runs"
local tools = require "data_tools"
local example = require "moonstem.report.example"
local series = require "moonstem.report.sections.series"
local settings = require "moonstem.report.settings"

local T = {}

local folder, root = tools.folders(T)

local function read(path) return assert(ms.sys.read_file(path)) end

-- ---- documents -------------------------------------------------------------------------------
local SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><clipPath id="c1"/>'
  .. '<g clip-path="url(#c1)"/></svg>'

local function every_block()
  local doc = ms.report.new "A <report> & more"
  doc:heading { text = "Scores" }
  doc:facts { items = { { "ROC-AUC", "91.47 %", "guessing: 50 %" } } }
  doc:paragraph { text = "What *came* out." }
  doc:table { header = { "model", "ROC-AUC %" }, rows = { { "a|b", "91.47" } },
    caption = "Table I" }
  doc:list { items = { "one", "two" } }
  doc:code { text = "x < y" }
  doc:picture { name = "curve", caption = "Loss", alt = "Chart: loss", svg = SVG,
    numbers = { header = { "step", "loss" }, rows = { { "1", "0.5" } } } }
  doc:picture { name = "heat", png = "\137PNG", caption = "Spectrogram" }
  doc:sound { name = "mixture", wave = ms.randn { 16000 } * 0.1, rate = 16000,
    caption = "mixture" }
  doc:fold { title = "More", inside = ms.report.new "":code { text = "{}" } }
  return doc
end

function T.html_has_every_block()
  local html = every_block():html()
  for _, part in ipairs { "<h1>A &lt;report&gt; &amp; more</h1>",
    '<th scope="row">a|b</th><td>91.47</td>', '<th scope="col">model</th>',
    "<dt>ROC-AUC</dt><dd>91.47 %</dd>", '<svg role="img" aria-label="Chart: loss" xmlns',
    'alt="Spectrogram" src="data:image/png;base64,iVBORw=="',
    'aria-label="mixture" src="data:audio',
    "x &lt; y</pre>", "<summary>More</summary>", "<figcaption>Loss</figcaption>",
    '<th scope="row">1</th><td>0.5</td>' } do
    lu.assertStrContains(html, part)
  end
end

function T.markdown_says_the_same()
  local text = every_block():markdown()
  for _, part in ipairs { "# A \\<report\\> & more\n", "- ROC-AUC: **91.47 %** (guessing: 50 %)",
    "What \\*came\\* out.", "| model | ROC-AUC % |\n|---|---:|\n| a\\|b | 91.47 |",
    "![Loss](curve.svg)", "![Spectrogram](heat.png)", "[mixture](audio/mixture.mp3)",
    "- one\n- two", "### More\n\n```\n{}\n```" } do
    lu.assertStrContains(text, part)
  end
end

function T.a_folder_gets_both_with_what_markdown_needs()
  local dir = folder()
  lu.assertEquals(every_block():write(dir), dir .. "/index.html")
  lu.assertEquals(ms.sys.list(dir), { "audio", "curve.svg", "heat.png", "index.html",
    "report.md" })
  local sound = ms.audio.info(dir .. "/audio/mixture.mp3")
  lu.assertEquals({ sound.rate, sound.channels }, { 16000, 1 })
  lu.assertAlmostEquals(sound.frames / sound.rate, 1, 0.1)
  local ok, why = every_block():save(dir .. "/report.pdf")
  lu.assertNil(ok)
  lu.assertStrContains(why, "must end in .html or .md")
end

function T.a_figure_stands_with_its_own_words()
  local f = ms.figure.of({ 1, 2 }, { kind = "curves", title = "a <b>" })
  local html = ms.report.new "x":picture { name = "f", figure = f }:html()
  local label = 'aria-label="' .. f.alt:gsub("<", "&lt;"):gsub(">", "&gt;") .. '"'
  lu.assertEquals(select(2, html:gsub(label:gsub("%p", "%%%0"), "")), 2) -- of chart and its frame
  lu.assertEquals(select(2, html:gsub('role="img"', "")), 1)
  local doc = ms.report.new "x"
  lu.assertErrorMsgContains("svg, png or figure", doc.picture, doc, { name = "f" })
end

function T.a_sound_file_is_taken_as_it_is()
  local dir = folder()
  tools.write(dir .. "/x.wav", ms.randn { 160 } * 0.1)
  local html = ms.report.new "x":sound { path = dir .. "/x.wav" }:html()
  lu.assertStrContains(html, 'src="data:audio/wav;base64,'
    .. require "moonstem.core.io".base64(read(dir .. "/x.wav")) .. '"')
  local doc = ms.report.new "x"
  lu.assertErrorMsgContains("of no kind that browsers play", doc.sound, doc,
    { path = dir .. "/x.txt" })
  lu.assertErrorMsgContains("No such file", doc.sound, doc, { path = dir .. "/y.wav" })
  lu.assertErrorMsgContains("wave, rate and name are needed", doc.sound, doc, { name = "y" })
end

-- Text as any browser shows it, of HTML.
local function shown(html)
  local text = html:gsub("<script>.-</script>", ""):gsub("<style>.-</style>", ""):gsub("<.->", "")
  for name, letter in pairs { lt = "<", gt = ">", quot = '"' } do
    text = text:gsub("&" .. name .. ";", letter)
  end
  return (text:gsub("&amp;", "&"))
end

local NASTY = '<script>alert("x")</script> & "quotes" \'single\' <b> \255\0 ](javascript:x) '
  .. "| `y` *z*"

function T.names_from_data_are_only_text()
  local doc = ms.report.new(NASTY)
  doc:heading { text = NASTY }
  doc:paragraph { text = NASTY }
  doc:list { items = { NASTY } }
  doc:facts { items = { { NASTY, NASTY, NASTY } } }
  doc:table { header = { NASTY, NASTY }, caption = NASTY, legend = NASTY, bars = { [2] = { 0, 1 } },
    rows = { { NASTY, NASTY }, { NASTY, { NASTY, value = 0.5 } },
      { NASTY, { NASTY, shade = 0.5, tip = NASTY } } } }
  doc:picture { name = NASTY, svg = SVG, caption = NASTY, alt = NASTY }
  doc:picture { name = NASTY, png = "", caption = NASTY }
  doc:sound { name = NASTY, wave = ms.zeros { 1600 }, rate = 16000, caption = NASTY }
  doc:fold { title = NASTY, inside = ms.report.new "":code { text = NASTY } }
  local html = doc:html()
  lu.assertEquals(select(2, html:gsub("<script", "")), 1)
  lu.assertNil(html:find("alert(\"x\")", 1, true))
  lu.assertNil(html:find("<b>", 1, true))
  lu.assertTrue(utf8.len(html) ~= nil and not html:find "%z")
  lu.assertStrContains(shown(html), (NASTY:gsub("\255\0", "\u{FFFD}\u{FFFD}")))
  local text = doc:markdown():gsub("```.-```", "")
  lu.assertNil(text:find "[^\\]%]%(javascript")
  lu.assertNil(text:find "[^\\]<script")
end

function T.markdown_of_lines_that_look_like_marks()
  local doc = ms.report.new "x"
  for _, text in ipairs { "# a", "1. b", "- c", "[d]: e", "f [1, 2]", "g\\*", "h &amp; i" } do
    doc:paragraph { text = text }
  end
  doc:code { text = "```" }
  lu.assertEquals(doc:markdown(), "# x\n\n\\# a\n\n1\\. b\n\n\\- c\n\n\\[d]: e\n\nf [1, 2]\n\n"
    .. "g\\\\\\*\n\nh \\&amp; i\n\n````\n```\n````\n")
end

function T.bars_begin_at_zero_and_stay_inside()
  local html = ms.report.new "x":table { header = { "a", "b" }, bars = { [2] = { -10, 30 } },
    rows = { { "1", { "10 [0, 20]", value = 10, low = 0, high = 20, mark = 5 } },
      { "2", { "-10", value = -10 } }, { "3", { "99", value = 99 } }, { "4", "20.0 ± 1" },
      { "5", { "nan", value = 0 / 0 } }, { "6", "-" } } }:html()
  for _, part in ipairs { '<td class="bar" style="--a:0.25;--b:0.5;--l:0.25;--h:0.75;--m:0.375;">'
    .. "10 [0, 20]</td>", '<td class="bar" style="--a:0;--b:0.25;">-10</td>',
    '<td class="bar" style="--a:0.25;--b:1;">99</td>',
    '<td class="bar" style="--a:0.25;--b:0.75;">20.0 ± 1</td>', "<td>nan</td>", "<td>-</td>" } do
    lu.assertStrContains(html, part)
  end
end

function T.numbers_are_readable()
  local said = {}
  for i, x in ipairs { 0.00029999999999999997, 3e-4, 1e-7, 9.9999999999999995e-8, 0.1 + 0.2, 1e300,
    -2.5, 3.0, 7, 1 / 3 } do
    said[i] = settings.number(x)
  end
  lu.assertEquals(said, { "0.0003", "0.0003", "1e-7", "1e-7", "0.30000000000000004", "1e300",
    "-2.5", "3", "7", "0.3333333333333333" })
  local json = settings.json { lr = 3e-4, list = { 0.1, 1e-7, 2 }, text = "0.10000000000000001" }
  lu.assertStrContains(json, '"lr": 0.0003')
  lu.assertStrContains(json, '"0.10000000000000001"')
  lu.assertEquals(ms.io.json_decode(json),
    { lr = 3e-4, list = { 0.1, 1e-7, 2 }, text = "0.10000000000000001" })
end

function T.settings_have_short_names()
  lu.assertEquals(settings.rows { also = { data = "x" }, model = { defined = "tagger",
    options = { widths = { 8, 16 }, tail = { defined = "cnn_tail",
      options = { dropout = 0.5 } } } },
    schedule = { phases = { { lr = 3e-4, update_bn = true } }, none = {} } },
    { { "data", "x" }, { "model", "tagger" }, { "model · tail", "cnn_tail" },
      { "model · tail · dropout", "0.5" }, { "model · widths", "8, 16" },
      { "schedule · none", "none" }, { "schedule · phases · 1 · lr", "0.0003" },
      { "schedule · phases · 1 · update bn", "yes" } })
end

-- ---- pages of runs ---------------------------------------------------------------------------
local function four_runs(dir)
  made.separator(dir .. "/separate/vocals", { name = "separate/vocals", stand_in = true })
  made.tagger(dir .. "/tail/1", { name = "tail/1", stand_in = true })
  made.tagger(dir .. "/joint <x>/1", { name = "joint <x>/1", stand_in = true, good = 9 })
  made.genres(dir .. "/genres", { name = "genres" })
  return dir
end

local VOID = { meta = true, link = true, img = true, wbr = true }

-- Every element is closed, in order; ids are unique; nothing is fetched from elsewhere; pictures
-- have words; headings do not skip a level.
local function check_page(html)
  local open, ids, level = {}, {}, 0
  local body = html:gsub("<script>.-</script>", ""):gsub("<style>.-</style>", "")
  for closing, name, rest in body:gmatch "<(/?)(%w+)([^>]*)>" do
    if closing == "/" then lu.assertEquals(table.remove(open), name)
    elseif not VOID[name] and not rest:find "/$" then open[#open + 1] = name end
    local id = rest:match ' id="([^"]*)"'
    if id then lu.assertNil(ids[id], id) end
    ids[id or ""] = true
    for attribute, value in rest:gmatch ' ([%w:]*[sh]r[ce]f?)="([^"]*)"' do
      lu.assertTrue(value:find "^data:" == 1 or value:find "^#" == 1, attribute .. "=" .. value)
    end
    if name == "svg" and closing == "" then
      lu.assertStrContains(rest, 'role="img"')
      lu.assertNotNil(rest:match 'aria%-label="[^"]+"')
    elseif name == "audio" and closing == "" then lu.assertNotNil(rest:match 'aria%-label="[^"]+"')
    elseif name == "img" then lu.assertNotNil(rest:match 'alt="[^"]+"') end
    local h = closing == "" and tonumber(name:match "^h(%d)$")
    if h then
      lu.assertTrue(h <= level + 1, ("a heading of level %d below one of %d"):format(h, level))
      level = h
    end
  end
  lu.assertEquals(open, {})
  for target in body:gmatch 'href="#([^"]*)"' do lu.assertTrue(ids[target], target) end
  for name in body:gmatch 'url%(#([^)]*)%)' do lu.assertTrue(ids[name], name) end
end

function T.a_page_of_several_runs_is_whole()
  local dir = four_runs(folder())
  made.unfinished(dir .. "/begun")
  local page = assert(ms.report.of_run(dir))
  lu.assertEquals(page, dir .. "/report.html")
  local html = read(page)
  check_page(html)
  for _, part in ipairs { '<meta name="viewport" content="width=device-width, initial-scale=1">',
    "prefers-color-scheme:dark", "default-src 'none'", '<html lang="en">',
    'src="data:audio/mpeg' } do
    lu.assertStrContains(html, part)
  end
  local text = shown(html)
  for _, part in ipairs { "What came out", "What it does not show",
    "begun is not finished: 20 steps, no test scores", "A <song> & more, 0:00.0 to 0:04.0",
    "24 test clips, one seed", "on music rendered here", "joint <x> against tail: ",
    "separate/vocals: SI-SDR 5.42 dB, +5.53 dB over the mixture", "1 clip was left out",
    'bad "one".mp3', "not audio", "moonstem train.lua --lr 3e-4", "A Processor 3000, 2 cores",
    "avx2, OpenBLAS for Haswell, products in f32", "2026-02-03 04:05:06", "9.8.7", "deadbeef",
    "c0ffee", "0.0003", "1234567", "tags in no mean: choir (no positives)",
    "the <data>: no training clip has slow & sad" } do
    lu.assertStrContains(text, part)
  end
  for _, part in ipairs { "a-host", "0.00029", "9.999999" } do
    lu.assertNotStrContains(text, part)
  end
end

-- The interval and the scores of a page are those of the metrics and of the statistics library.
function T.scores_have_the_intervals_of_the_predictions()
  local dir = made.tagger(folder(), { name = "tail" })
  local kept = require "moonstem.metrics.predictions".read(dir .. "/predictions.safetensors")
  local resamples = ms.statistics.resamples(24, {})
  local scores = assert(resamples:tags(kept.scores, kept.truths))
  local interval = assert(resamples:interval { scores.pr_auc })
  local of_guitar = assert(resamples:interval { scores.per_tag[1].pr_auc })
  local positives = {}
  for c = 1, 4 do
    positives[c] = 0
    for _, row in ipairs(kept.truths) do positives[c] = positives[c] + row[c] end
  end
  local text = shown(read(assert(ms.report.of_run(dir, { title = "One <run>" }))))
  local chance = (positives[1] + positives[2] + positives[3] + positives[4]) / 4 / 24
  for _, part in ipairs { "One <run>", ("%.2f %%"):format(100 * scores.pr_auc.value),
    ("95 %% over clips: %.1f to %.1f; guessing: %.1f %%"):format(100 * interval.low,
      100 * interval.high, 100 * chance),
    ("%.1f [%.1f, %.1f]"):format(100 * of_guitar.value, 100 * of_guitar.low,
      100 * of_guitar.high) } do
    lu.assertStrContains(text, part)
  end
end

function T.genres_are_shown_as_a_confusion_matrix()
  local html = read(assert(ms.report.of_run(made.genres(folder(), { name = "genres" }))))
  check_page(html)
  -- of six clips of each genre two are taken for the next one
  for _, part in ipairs { 'title="Rock taken for Rock: 4 of 6">4</td>',
    'title="Rock taken for Folk: 2 of 6">2</td>', 'title="Folk taken for Rock: 0 of 6">0</td>',
    'style="--s:0.667"', "<td>67 %</td>", "Old-Time / Historic" } do
    lu.assertStrContains(html, part)
  end
  lu.assertStrContains(shown(html), "guessing: 33.3 %")
end

function T.curves_of_one_kind_share_an_axis_and_have_different_names()
  local dir = four_runs(folder())
  assert(ms.report.of_run(dir, { out = dir .. "/md/report.md" }))
  local tags = read(dir .. "/md/losses-tags.svg")
  for _, part in ipairs { ">joint &lt;x&gt;/1<", ">tail/1<", ">cross-entropy of tags<" } do
    lu.assertStrContains(tags, part)
  end
  lu.assertNil(tags:find("separate", 1, true))
  lu.assertFalse(ms.sys.exists(dir .. "/md/losses-separation.svg")) -- there is only one
  local ticks = {}
  for i, name in ipairs { "tail-1", "joint--x--1" } do
    ticks[i] = read(("%s/md/loss-%s.svg"):format(dir, name)):match "text%-anchor=\"end\".-</text>"
  end
  lu.assertEquals(ticks[1], ticks[2])
  lu.assertTrue(ms.sys.exists(dir .. "/md/audio/separate-vocals-mixture.mp3"))
end

function T.curves_of_seeds_are_a_mean_with_a_band()
  local function run(label, values)
    local rows = {}
    for i, v in ipairs(values) do rows[i] = { step = 10 * i, valid_loss = v } end
    return { label = label, rows = rows }
  end
  local curves, words = series.of({ run("a/1", { 1, 2 }), run("a/2", { 3, 6, 5 }),
    run("b", { 7 }) }, "valid_loss")
  lu.assertStrContains(words, "mean of the runs of a setting")
  lu.assertEquals({ curves[1].label, curves[1].x, curves[1].y },
    { "a", { 10, 20, 30 }, { 2, 4, 5 } })
  lu.assertAlmostEquals(curves[1].high[1] - curves[1].y[1], math.sqrt(2), 1e-12)
  lu.assertAlmostEquals(curves[1].low[2], 4 - math.sqrt(8), 1e-12)
  lu.assertEquals({ curves[1].low[3], curves[1].high[3] }, { 5, 5 })
  lu.assertEquals(curves[2], { label = "b", x = { 10 }, y = { 7 } })
  lu.assertEquals(series.rows(curves), { { step = 10, 2, 7 }, { step = 20, 4 }, { step = 30, 5 } })
  curves, words = series.of({ run("a", { 1 }), run("b", { 2 }) }, "valid_loss")
  lu.assertEquals({ #curves, words }, { 2, "" })
end

function T.settings_with_several_seeds_are_one_row()
  local dir = folder()
  for seed = 1, 2 do
    for _, width in ipairs { 8, 16 } do
      made.tagger(("%s/width=%d,seed=%d"):format(dir, width, seed), { name = "widths",
        seed = seed, good = width // 2 })
    end
  end
  assert(ms.report.of_run(dir, { out = dir .. "/report.md" }))
  local text = read(dir .. "/report.md")
  lu.assertStrContains(text, "# Experiment widths: 4 runs\n")
  lu.assertNotNil(text:find "\n| width=8 | 2 | 1234567 | 50 | 2:02 | [%d.]+ ± [%d.]+ %[[%d., ]+%]")
  lu.assertNotNil(text:find("\n- width=8 against width=16: [+-][%d.]+ points of PR%-AUC; "))
  lu.assertStrContains(text, "24 test clips, 2 seeds")
  local values = { {}, {} }
  for i, width in ipairs { 8, 16 } do
    for seed = 1, 2 do
      local result = ("%s/width=%d,seed=%d/result.json"):format(dir, width, seed)
      values[i][seed] = assert(ms.io.load_json(result)).scores.pr_auc
    end
  end
  local test = assert(ms.statistics.welch_t_test(values[1], values[2]))
  lu.assertStrContains(text, ("- width=8 against width=16: %+.2f %% of PR-AUC over seeds (n = 2 "
    .. "and 2), p = %.2g in Welch's t-test\n"):format(100 * test.difference, test.p))
end

function T.what_is_no_run_is_said()
  local function refused(...)
    local page, why = ms.report.of_run(...)
    lu.assertNil(page)
    return why
  end
  lu.assertStrContains(refused "/nowhere", "/nowhere: there is no such folder")
  tools.text(root() .. "/file", "")
  lu.assertStrContains(refused(root() .. "/file"), "is a file; the folder of a run is needed")
  local dir = folder()
  assert(ms.sys.mkdir(dir))
  lu.assertStrContains(refused(dir), "there are no runs (folders with settings.json)")
  made.unfinished(dir)
  lu.assertStrContains(refused(dir, { out = dir .. "/x.pdf" }), "must end in .html or .md")
  lu.assertErrorMsgContains("the folder of a run is needed, got a table", ms.report.of_run, {})
  tools.text(dir .. "/settings.json", "{")
  lu.assertStrContains(refused(dir), "settings.json")
end

function T.files_that_cannot_be_read_are_named()
  local dir = folder()
  made.separator(dir .. "/vocals", { name = "vocals" })
  made.tagger(dir .. "/tail", { name = "tail" })
  made.tagger(dir .. "/other", { name = "other" })
  tools.text(dir .. "/tail/predictions.safetensors", "x")
  tools.text(dir .. "/other/metrics.jsonl", "{\n{}\n")
  tools.text(dir .. "/other/result.json", "[")
  ms.sys.remove(dir .. "/vocals/example/vocals.flac")
  local text = shown(read(assert(ms.report.of_run(dir))))
  for _, part in ipairs { dir .. "/tail/predictions.safetensors",
    dir .. "/other/metrics.jsonl: 1 damaged lines are left out",
    dir .. "/other/result.json: line 1", dir .. "/vocals/example/vocals.flac: No such file" } do
    lu.assertStrContains(text, part)
  end
end

function T.the_command_writes_the_page()
  local dir = made.unfinished(folder() .. "/it's <a> run")
  local function command(...)
    local list = { "/proc/self/exe", "report", ... }
    list.stderr = root() .. "/err"
    local status, text = ms.sys.capture(list)
    return status, text, read(root() .. "/err")
  end
  local status, text, why = command(dir, "-o", root() .. "/deep/page.html")
  lu.assertEquals({ status, text, why }, { 0, "wrote " .. root() .. "/deep/page.html\n", "" })
  lu.assertStrContains(shown(read(root() .. "/deep/page.html")), "Run it's <a> run")
  status, text, why = command(root() .. "/none")
  lu.assertEquals({ status, text, why }, { 1, "", "moonstem: " .. root()
    .. "/none: there is no such folder\n" })
  status, text, why = command()
  lu.assertEquals({ status, text }, { 2, "" })
  lu.assertStrContains(why, "missing argument 'folder'")
end

-- ---- examples --------------------------------------------------------------------------------
function T.an_example_is_what_the_separator_makes_of_the_loudest_stretch()
  local dir = folder()
  local quiet, loud = ms.uniform { 20 * 16000 } * 0.001, ms.uniform { 10 * 16000 } * 0.4
  local vocals = ms.cat({ quiet, loud, quiet }, 1)
  tools.write(dir .. "/vocals.wav", vocals)
  tools.write(dir .. "/mixture.wav", vocals * 2)
  local dataset = { items = function()
    return { { id = "x", stems = { mixture = dir .. "/mixture.wav",
      vocals = dir .. "/vocals.wav" } } }
  end }
  assert(example.keep(dir, made.half, dataset, "vocals"))
  local kept = assert(example.read(dir))
  lu.assertEquals({ kept.song, kept.seconds, kept.sources }, { "x", { 20.0, 30.0 }, { "vocals" } })
  local names = {}
  for i, entry in ipairs(kept.waves) do names[i] = entry[1] end
  lu.assertEquals(names, { "mixture", "vocals", "vocals-separated" })
  local truth, estimate = kept.waves[2][2], kept.waves[3][2]
  lu.assertEquals(truth:size(1), 160000)
  lu.assertTrue((truth - estimate):abs():max() < 2e-4)
  lu.assertTrue((kept.waves[1][2] - truth * 2):abs():max() < 2e-4)
  lu.assertNil(example.read(folder()))
end

return T
