--- Reports, tables of results, the lab's grids, experiments and run folders.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"
local grid = require "moonstem.lab.grid"
local csv = require "moonstem.data.csv"
local headlines = require "moonstem.report.headlines"
local tables = require "moonstem.report.tables"

local T = {}

local folder, root = tools.folders(T)

-- ---- tables --------------------------------------------------------------------------------
function T.test_spread_of_repeats()
  local mean, sd, n = tables.mean_sd { 1, 2, 3, 4 }
  lu.assertEquals(mean, 2.5)
  lu.assertAlmostEquals(sd, math.sqrt(5 / 3), 1e-12)
  lu.assertEquals(n, 4)
  lu.assertNil(select(2, tables.mean_sd { 7 }))
  lu.assertEquals(tables.number(91.473, 0.031), "91.47 ± 0.03")
  lu.assertEquals(tables.number(91.473, nil, 1), "91.5")
  lu.assertEquals(tables.number(nil), "-")
end

function T.test_columns_line_up()
  lu.assertEquals(tables.text({ "model", "score" }, { { "tail", "1 ± 2" }, { "U-Net", "12" } }),
    "model  score\n------------\ntail   1 ± 2\nU-Net     12")
end

function T.test_seeds_are_one_row()
  local results = {
    { options = { width = 32, seed = 1 }, scores = { roc_auc = 0.5 } },
    { options = { width = 64, seed = 1 }, scores = { roc_auc = 0.8 } },
    { options = { width = 32, seed = 2 }, scores = { roc_auc = 0.7 } },
  }
  local header, rows = tables.of_results(results, { "width", "seed" }, { "roc_auc" })
  lu.assertEquals(header, { "width", "runs", "roc_auc" })
  lu.assertEquals(rows, { { "32", "2", "0.6000 ± 0.1414" }, { "64", "1", "0.8000" } })
end

function T.test_scores_that_are_not_finite_are_shown_and_said()
  local results = {
    { options = { seed = 1 }, scores = { gain = math.huge, auc = 0.5 } },
    { options = { seed = 2 }, scores = { gain = 1.0, auc = 0 / 0, undefined = "no tag differs" } },
  }
  local header, rows, notes = tables.of_results(results, { "seed" }, { "gain", "auc" })
  lu.assertEquals({ header, rows }, { { "runs", "gain", "auc" }, { { "2", "inf", "nan" } } })
  lu.assertEquals(notes, { "gain of seed=1 is inf", "auc of seed=2 is nan: no tag differs" })
  lu.assertEquals({ tables.number(-math.huge, 1), tables.number(0 / 0), tables.number(-(0 / 0)) },
    { "-inf ± 1.00", "nan", "nan" })
  lu.assertEquals(
    csv.text({ "a", "b", "c" }, { { a = math.huge, b = -math.huge, c = 0 / 0 },
    { a = "x\ny", b = 'q"' } }, { digits = 10 }), 'a,b,c\ninf,-inf,nan\n"x\ny","q""",\n')
end

function T.test_table_one_has_the_papers_numbers_beside_ours()
  local t = ms.report.table_one { { "tail alone", { scores = { roc_auc = 0.75, pr_auc = 0.2 } },
    roc_auc = 91.47 } }
  lu.assertEquals(t.rows, { { "tail alone", "75.00", "91.47", "20.00", "-" } })
end

-- ---- what is said of runs -----------------------------------------------------------------------
local function run_with(scores, seed, stand_in)
  return { name = "x/" .. (scores.si_sdr and "vocals" or "tail"), scores = scores, seed = seed,
    stand_in = stand_in }
end

function T.test_scores_in_a_line()
  local said = {}
  for i, scores in ipairs { { roc_auc = 0.5, pr_auc = 0 / 0, clips = 42 },
    { accuracy = 0.6125, clips = 7 },
                            { si_sdr = 5.421, improvement = 5.5312, segments = 49 },
                            { si_sdr = -1, improvement = -math.huge, segments = 1 },
                              { loss = 1 } } do
    said[i] = headlines.score(scores) .. " of " .. headlines.tested(scores)
  end
  lu.assertEquals(said, { "ROC-AUC 50.00 %, PR-AUC nan % of 42 clips",
    "accuracy 61.25 % of 7 clips",
    "SI-SDR 5.42 dB, +5.53 dB of 49 segments", "SI-SDR -1.00 dB, -inf dB of 1 segments", "- of -" })
end

function T.test_what_is_said_of_several_runs()
  local tail = { roc_auc = 0.5, pr_auc = 0.5, clips = 42 }
  local vocals = { si_sdr = 5.421, improvement = 5.5312, segments = 49, unmixed = 2, perfect = 0 }
  lu.assertEquals(ms.report.headlines { run_with(vocals, 2, true), run_with(tail, 1, true),
    run_with(tail, 1, true) }, {
    "42 test clips, one seed: a difference of a point or two means nothing",
    "on music rendered here, on which scores cannot be set beside the paper's",
    "vocals: SI-SDR 5.42 dB, +5.53 dB over the mixture (medians of 49 test segments; 2 left out \z
      where the mixture is the "
      .. "source itself)" })
  lu.assertEquals(ms.report.headlines { run_with(tail, 1),
    run_with({ roc_auc = 1, pr_auc = 1, clips = 50 }, 2) }, { "42 to 50 test clips, 2 seeds" })
  lu.assertEquals(ms.report.headlines {}, {})
end

function T.test_table_one_of_stand_ins_stands_alone()
  local t = ms.report.table_one(
    { { "tail", { scores = { roc_auc = 0.75, pr_auc = 0.2 } }, roc_auc = 91.47 } }, true)
  lu.assertEquals({ t.header, t.rows }, { { "model", "ROC-AUC %", "PR-AUC %" },
    { { "tail", "75.00", "20.00" } } })
  lu.assertNil(t.caption:find("aper", 1, true))
end

-- Runs below a folder: two taggers and two separators of one last name.
local function four_runs(dir)
  local function put(name, task, scores)
    local at = dir .. "/" .. name
    assert(ms.sys.mkdir(at))
    assert(ms.io.save_json(at .. "/settings.json",
      { asked = { task = task }, started = "2026-01-01T00:00:00Z", moonstem = "1.2.3",
      machine = { cores = 2 } }))
    for step = 1, 3 do
      assert(ms.io.append_json_line(at .. "/metrics.jsonl", { step = step, valid_loss = 1 / step }))
    end
    if not task.source then
      assert(ms.io.save_safetensors(at .. "/best.safetensors", { x = ms.zeros { 1 } },
        { about = ms.io.json_encode { kind = "tags" } }))
    end
    if scores then
      assert(ms.io.save_json(at .. "/result.json",
        { scores = scores, options = { seed = 1 }, stand_in = true }))
    end
  end
  put("separate/vocals", { source = "vocals" },
    { si_sdr = 5.421, improvement = 5.5312, segments = 49 })
  put("more/separate/vocals", { source = "vocals" })
  put("joint/vocals", { batch = 4 }, { roc_auc = 0.5, pr_auc = 0.25, clips = 42 })
  put("tail", { batch = 4 }, { roc_auc = 0.5, pr_auc = 0.25, clips = 42 })
end

function T.test_the_list_of_runs_tells_scores_and_draws_losses_of_one_kind()
  local dir = folder()
  four_runs(dir)
  local status, text = ms.sys.capture { "/proc/self/exe", "runs", dir, "--plot", dir
    .. "/loss.svg" }
  lu.assertEquals(status, 0)
  local flat = text:gsub(" +", " ")
  for _,
    part in ipairs { "joint/vocals 3 0.33333 finished ROC-AUC 50.00 %, PR-AUC 25.00 % 42 clips",
    "more/separate/vocals 3 0.33333 unfinished - -",
      "separate/vocals 3 0.33333 finished SI-SDR 5.42 dB, +5.53 dB 49 segments",
    "42 test clips, one seed: a difference of a point or two means nothing",
    "on music rendered here",
    "wrote " .. dir .. "/loss-tags.svg", "wrote " .. dir .. "/loss-separation.svg" } do
    lu.assertStrContains(flat, part)
  end
  lu.assertStrContains(tostring(ms.lab.runs(dir)), "42 test clips, one seed")
  local waves = assert(ms.sys.read_file(dir .. "/loss-separation.svg"))
  for _, part in ipairs { ">more/separate/vocals<", ">separate/vocals<",
    "mean absolute error of waves" } do
    lu.assertStrContains(waves, part)
  end
  lu.assertNil(waves:find("joint/vocals", 1, true))
  lu.assertStrContains(assert(ms.sys.read_file(dir .. "/loss-tags.svg")), "cross-entropy of tags")
end

function T.test_the_report_of_experiments_says_what_the_terminal_says()
  local dir, runs = folder(), {}
  four_runs(dir)
  for i, name in ipairs { "separate/vocals", "tail" } do
    local result = assert(ms.io.load_json(("%s/%s/result.json"):format(dir, name)))
    runs[i] = { name = name, dir = dir .. "/" .. name, scores = result.scores, seed = 1,
      stand_in = true, steps = 3, seconds = 61,
                model = { count = function() return 5 end } }
  end
  local paper = { out = dir, scale = { lr = 3e-4 }, seed = 1, sets = {} }
  local page = ms.report.of_paper { paper = paper, title = "Experiments", runs = runs,
    notes = { "mtat is a stand-in." },
    tables = { ms.report.table_one({ { "tail alone", runs[2], roc_auc = 91.47 } }, true) } }
  lu.assertEquals(page, dir .. "/report/index.html")
  local text = assert(ms.sys.read_file(dir .. "/report/report.md"))
  for _, sentence in ipairs(ms.report.headlines(runs)) do
    lu.assertStrContains(text, sentence:gsub("^vocals", "separate/vocals") .. "\n")
  end
  for _, part in ipairs { "- mtat is a stand-in.", "| scale · lr | 0.0003 |",
    "| Moonstem | 1.2.3 |",
    "| begun (UTC) | 2026-01-01 00:00:00 |",
    "| separate/vocals | 1 | - | 3 | - | 5.53 | 5.42 | 49 segments |",
    "| tail | 1 | - | 3 | - | 25.00 | 50.00 | 42 clips |" } do
    lu.assertStrContains(text, part)
  end
  lu.assertNil(text:find("91.47", 1, true))
  lu.assertStrContains(assert(ms.sys.read_file(page)), "<td>42 clips</td>")
end

function T.test_runs_are_found_with_and_without_their_root()
  local dir = folder()
  four_runs(dir .. "/kept")
  assert(ms.sys.mkdir(dir .. "/elsewhere/tail"))
  local script = dir .. "/find.lua"
  assert(ms.sys.write_file(script, [[
    local ms = require "moonstem"
    local records = require "moonstem.report.results"
    for _, name in ipairs { "tail", "kept/tail", "runs/tail", "./kept/tail", "/x", "elsewhere/tail",
      "none" } do
      io.write(records.find(name), " ")
    end
    ms.lab.root = "kept"
    io.write(records.find "tail", " ", records.find "kept/tail", " ", #ms.lab.runs "joint", " ",
      #ms.lab.runs())]]))
  local status, text = ms.sys.capture { ms.sys.absolute "/proc/self/exe", script, dir = dir }
  lu.assertEquals(status, 0)
  lu.assertEquals(text,
    "runs/tail kept/tail runs/tail ./kept/tail /x elsewhere/tail runs/none kept/tail kept/tail 1 4")
end

-- ---- the report of a recipe ------------------------------------------------------------------
local function plan_run(dir, name, seed, origin)
  local per_tag = { { name = "guitar", pr_auc = 0.5 + seed / 10 },
    { name = "slow", pr_auc = 0.5 - seed / 10 } }
  assert(ms.sys.mkdir(dir))
  assert(ms.io.save_json(dir .. "/settings.json",
    { moonstem = "1.2.3", machine = { cores = 2, cpu = "avx2", threads = 1, host = "a-host" } }))
  assert(ms.io.save_json(dir .. "/result.json",
    { name = name, options = { seed = seed }, scores = { per_tag = per_tag },
    data = "c0ffee", origin = origin, settings = "scale smoke", seconds = 60 * seed,
      steps = 10 * seed }))
  return dir
end

local function one_cell_table()
  local layout = { name = "t", title = "Table T", head = { "net" }, runs = 2, unit = "%",
    columns = { { name = "a", label = "A" } }, rows = { { name = "tail", label = { "tail" } } } }
  return ms.report.paper_table { layout = layout,
    results = { { row = "tail", column = "a", seed = 1, value = 0.25 } } }
end

function T.test_the_report_of_a_plan()
  local dir = folder()
  local paths = { plan_run(dir .. "/1", "tail/ast/mtat/1", 1, { tail = "random weights" }),
    plan_run(dir .. "/2", "tail/ast/mtat/2", 2, { tail = "random weights" }) .. "/result.json",
    plan_run(dir .. "/3", "separate/vocals", 3), dir .. "/4" }
  local figure = assert(ms.report.compare_tags(paths[1], paths[2]))
  local page = assert(ms.report.of_recipe { title = "A plan", tables = { one_cell_table() },
    figures = { figure }, notes = { "mtat is a stand-in." }, runs = paths, out = dir .. "/report" })
  lu.assertEquals(page, dir .. "/report/index.html")
  lu.assertEquals(ms.sys.list(dir .. "/report"),
    { "index.html", "report.md", "tag_differences.svg" })
  local text = assert(ms.sys.read_file(dir .. "/report/report.md"))
  for _, part in ipairs { "# A plan\n\n## Summary\n", "- runs: **3** (all finished)",
    "2 against 1: guitar gains most (+10.00 points of PR-AUC), slow loses most (-10.00)",
    "### What it does not show\n\n- mtat is a stand-in.\n",
    "- " .. dir .. "/4: there is no such folder\n", "## Table T",
    "| tail | tail | 25.00 | n = 1/2 |",
    "## PR-AUC tag by tag", "| guitar | 60.00 | 70.00 | +10.00 |",
    "| tail/ast/mtat | 2 | - | 10 to 20 | 3:00 |", "| separate/vocals | 1 | - | 30 | 3:00 |",
    "| recipe's settings | scale smoke |", "| data | split c0ffee |",
    "| started from | tail from random weights |", "| Moonstem | 1.2.3 |",
    "| processor | 2 cores |",
    "| kernels | avx2 |", "| threads | 1 |" } do
    lu.assertStrContains(text, part)
  end
  lu.assertNil(text:find("a-host", 1, true))
  local html = assert(ms.sys.read_file(page))
  lu.assertStrContains(html, "<svg")
  lu.assertStrContains(html,
    '<td class="bar" style="--a:0.5;--b:1;--m:0.5;">+10.00</td>') -- of points from -10 to 10
  lu.assertStrContains(html, '<td class="bar" style="--a:0;--b:0.5;--m:0.5;">-10.00</td>')
  lu.assertErrorMsgContains("of_recipe", ms.report.of_recipe, { titel = "x" })
end

-- ---- the lab -------------------------------------------------------------------------------
function T.test_a_grid_is_every_combination()
  local points, names = grid.points { width = { 32, 64 }, seed = { 1, 2 }, rate = { 1e-3 } }
  lu.assertEquals(names, { "rate", "width", "seed" })
  local said = {}
  for i, point in ipairs(points) do said[i] = grid.name(point, names) end
  lu.assertEquals(said, { "rate=0.001,width=32,seed=1", "rate=0.001,width=32,seed=2",
                          "rate=0.001,width=64,seed=1", "rate=0.001,width=64,seed=2" })
  points, names = grid.points(nil)
  lu.assertEquals({ points, names }, { { { seed = 1 } }, {} })
  lu.assertErrorMsgContains("vary.width must be a list", grid.points, { width = 32 })
  lu.assertErrorMsgContains("two runs of vary would be called a=b_c", grid.points,
    { a = { "b c", "b/c" } })
end

-- Six clips of noise or silence-like hum with one tag each, in every split.
local function noise_dataset()
  local dir = root()
  local items = {}
  for i = 1, 6 do
    local wave = ms.uniform { 80000 } * (i % 2 == 0 and 0.5 or 0.01)
    local path = ("%s/%d.wav"):format(dir, i)
    assert(ms.audio.write(path, wave, 16000))
    items[i] = { id = tostring(i), path = path, labels = { i % 2 + 1 } }
  end
  return { kind = "tags", name = "noise", hash = "none", classes = { "loud", "soft" },
           items = function() return items end }
end

local function small_model(point)
  return ms.models.tail_only { tail = ms.models.cnn_tail { classes = 2, hidden = 4,
    seed = point.seed, widths = { 2, 2, 2, 2, 2, 2, point.width } } }
end

local function small_experiment()
  return ms.lab.experiment {
    name = "widths", out = folder(), data = noise_dataset(), model = small_model,
    vary = { width = { 2, 4 }, seed = { 1 } }, score = { "roc_auc", "pr_auc" },
    train = ms.train.adam_then_sgd { lr = 1e-2, lrs = {}, epochs = 2, batch = 3 },
  }
end

function T.test_an_experiment_runs_its_grid_once()
  local experiment = small_experiment()
  local results = assert(experiment:run { quiet = true })
  lu.assertEquals(#results, 2)
  lu.assertStrContains(experiment:table(results), "width  runs  roc_auc  pr_auc")
  lu.assertTrue(ms.sys.exists(experiment.dir .. "/width=4,seed=1/best.safetensors"))
  local again = assert(experiment:run { quiet = true })
  lu.assertEquals(again[2].scores, results[2].scores)
  local list = ms.lab.runs(experiment.dir)
  lu.assertEquals(#list, 2)
  lu.assertEquals(list[1].settings.also.options, { seed = 1, width = 2 })
  lu.assertEquals(#list[1].rows, 2)
  lu.assertNotNil(list[1].result.scores.roc_auc)
end

function T.test_the_best_run_is_loaded_as_a_model()
  local experiment = small_experiment()
  assert(experiment:run { quiet = true })
  local model = assert(ms.lab.best(experiment.dir))
  lu.assertEquals(model.name, "tail_only")
  lu.assertErrorMsgContains("there is no run", ms.lab.best, experiment.dir .. "/nothing")
end

function T.test_an_experiment_tells_what_it_lacks()
  lu.assertErrorMsgContains("experiment: data is needed", ms.lab.experiment, { name = "x" })
  lu.assertErrorMsgContains("there is no option date", ms.lab.experiment, { date = 1 })
  lu.assertErrorMsgContains("model must be a function", ms.lab.experiment, { model = 1 })
end

return T
