--- Learning curves of runs: on which axes, under which names; and on the terminal during training.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

-- A folder as training leaves it: rows of metrics.jsonl.
local function new_run(name, rows, task, scores)
  local path = dir .. "/" .. name
  assert(sys.mkdir(path))
  assert(ms.io.save_json(path .. "/settings.json", { asked = { task = task } }))
  if scores then assert(ms.io.save_json(path .. "/result.json", { scores = scores })) end
  for _, row in ipairs(rows) do
    assert(ms.io.append_json_line(path .. "/metrics.jsonl", row))
  end
  return path
end

local function tagger(name, low)
  return new_run(name, { { step = 10, train_loss = low + 2, valid_loss = low + 1 },
    { step = 20, train_loss = low + 1, valid_loss = low } }, {}, { per_tag = {} })
end

local function separator(name)
  return new_run(name,
    { { step = 5, train_loss = 9, valid_loss = 8, valid_improvement = -1 },
      { step = 9, train_loss = 7, valid_loss = 6, valid_improvement = 3 } },
    { source = "vocals" })
end

-- The figure that ms.plot shows.
local function plotted(...)
  local shown
  local before = ms.display.sink(function(figure) shown = figure end)
  local ok, why = pcall(ms.plot, ...)
  ms.display.sink(before)
  assert(ok, why)
  return shown
end

local function raises(part, ...)
  local ok, why = pcall(ms.plot, ...)
  lu.assertFalse(ok)
  lu.assertStrContains(why, part)
end

function tests.runs_that_learn_the_same_share_an_axis()
  local a, b = tagger("tail/cnn/seed-1", 1), tagger("joint/cnn/seed-1", 3)
  local figure = plotted(a, b, { title = "two" })
  lu.assertEquals(figure.alt,
    "two: 2 runs, cross-entropy of tags (dashed: training) over step, tail from 1 to 2, \z
      joint from 3 to 4")
  lu.assertEquals(figure.title, "two")
  local svg = figure:svg()
  for _, part in ipairs { ">tail<", ">joint<", ">step (dashed: training)<", ">two<" } do
    lu.assertStrContains(svg, part)
  end
  lu.assertEquals(select(2, svg:gsub("stroke%-dasharray", "")), 2)
  lu.assertNotStrContains(svg, "dB")
end

-- Runs of which nothing says what they learn are runs as well, with a loss.
function tests.runs_of_ones_own()
  local rows = { { step = 1, train_loss = 2, valid_loss = 3 } }
  lu.assertStrContains(plotted { dir = "x/y", rows = rows }:svg(), ">loss<")
end

function tests.separators_and_taggers_have_axes_of_their_own()
  tagger("tail", 1)
  separator "vocals"
  local figure = plotted(dir)
  local svg = figure:svg()
  for _, part in ipairs { ">Separators<", ">Taggers<", ">SI-SDR gain (dB)<", ">mixture<",
    ">cross-entropy of tags<", ">step (dashed: training)<",
    ">mean absolute error of waves<" } do
    lu.assertStrContains(svg, part)
  end
  lu.assertEquals(figure.height, 3 * 420)
  lu.assertStrContains(figure.alt, "; ")
end

function tests.runs_are_found_by_what_ms_lab_gives()
  tagger("a", 1)
  tagger("b", 2)
  local list = ms.lab.runs(dir)
  lu.assertEquals(plotted(list).alt, plotted(list[1], list[2]).alt)
  lu.assertEquals(ms.figure.of(list).alt, plotted(list).alt)
  lu.assertStrContains(ms.figure.of(list[2]).alt, "/b: ")
end

function tests.mistakes_are_told()
  raises("plot: " .. dir .. "/none: there is no run", dir .. "/none")
  raises("plot: argument 2 must be a run, a list of runs or a name of one, got 5",
    tagger("a", 1), 5)
  raises("plot: there is no run to show")
  raises("there is no option titel; did you mean title?", dir .. "/a", { titel = "x" })
  raises("has no measurements yet", new_run("begun", {}))
end

-- ---- while a run trains ---------------------------------------------------------------------
local TRAINING = [[
  local loader = ms.data.loader { items = 8, batch = 4, load = function(i)
    return { x = ms.ones { 2 } * i, class = i %% 2 + 1 }
  end }
  local task = ms.train.loader_task { loader = loader, valid = loader, loss = function(m, b)
    return ms.loss.cross_entropy(m(b.x), b.class)
  end }
  local model = ms.net.chain { name = "m", ms.nn.linear { in_features = 2, out_features = 2 } }
  assert(ms.train.run { model = model, task = task, out = %q, name = "toy", live = %s, schedule = {
    batch = 4, validate_every = 2, keep = "last",
    phases = { { optimizer = "adam", lr = 1e-3, steps = 4 } } } })
]]

local function script(live)
  local path = dir .. "/x.lua"
  assert(sys.write_file(path, TRAINING:format(dir .. "/run", live)))
  return path
end

local function on_terminal(path, locale)
  local status, tool = sys.capture { "sh", "-c", "command -v script" }
  lu.skipIf(status ~= 0, "bsdutils is not installed")
  local out
  status, out = sys.capture { tool:match "%S+", "-qec", PROGRAM .. " " .. path, "/dev/null",
    stdin = "/dev/null", env = { LANG = locale, LC_ALL = false, LC_CTYPE = false, TERM = "xterm" } }
  lu.assertEquals(status, 0)
  return (out:gsub("\r\n", "\n"))
end

function tests.curves_grow_on_a_terminal()
  local out = on_terminal(script "true", "C.UTF-8")
  local chart = out:match "toy\n[^\n]*━ training loss.-\n +│?.-└─.*"
  lu.assertNotNil(chart, out)
  lu.assertStrContains(out, "━ validation loss")
  lu.assertStrMatches(out, ".*toy: done: 4 steps.*")
end

function tests.curves_are_asked_for_and_stay_out_of_logs()
  lu.assertNotStrContains(on_terminal(script "nil", "C.UTF-8"), "━")
  sys.run { "rm", "-r", dir .. "/run" }
  lu.assertNotStrContains(on_terminal(script "true", "C"), "━")
  sys.run { "rm", "-r", dir .. "/run" }
  lu.assertEquals(sys.run { PROGRAM, script "true", stderr = dir .. "/err" }, 0)
  lu.assertNotStrContains(sys.read_file(dir .. "/err"), "━")
  lu.assertNotStrContains(sys.read_file(dir .. "/run/log.txt"), "━")
end

-- A chart is drawn in the place of the last one: as many lines up as it had.
function tests.charts_take_each_others_place()
  assert(sys.write_file(dir .. "/x.lua", [[
    local live = require "moonstem.display.live".new()
    live:curves { series = { { y = { 1, 2 } } } }
    live:curves { series = { { y = { 1, 2, 3 } } }, title = "later" }
    live:erase() io.stderr:write "a line that stays\n" live:again()
  ]]))
  local out = on_terminal(dir .. "/x.lua", "C.UTF-8")
  local first, up, second, up_again = out:match "^(.-)\r\27%[(%d+)A\27%[J(.-)\r\27%[(%d+)A\27%[J"
  lu.assertEquals(tonumber(up), select(2, first:gsub("\n", "")))
  lu.assertEquals(tonumber(up_again), select(2, second:gsub("\n", "")))
  lu.assertStrMatches(out, ".*a line that stays\n[^\n]*later\n.*")
end

-- A recipe's chart shows the runs that are in work, by their measurements.
function tests.recipes_show_the_runs_in_work()
  local runs = { tagger("tail/cnn", 1), tagger("joint/cnn", 2) }
  assert(sys.write_file(dir .. "/x.lua", ([[
    local progress = require "moonstem.lab.progress"
    local jobs, running = {}, {}
    for i, path in ipairs { %q, %q } do
      jobs[i] = { name = "joint/" .. i, kind = "joint", needs = {}, dir = path }
      running[i] = { job = jobs[i], since = 0 }
    end
    local tell = progress.new { name = "table", list = jobs, asked = { live = true, workers = 2 } }
    tell.chart.drawn = -100
    tell:tick { running = running, state = { ["joint/1"] = "running", ["joint/2"] = "running" } }
  ]]):format(runs[1], runs[2])))
  local out = on_terminal(dir .. "/x.lua", "C.UTF-8")
  lu.assertStrContains(out, "━ tail")
  lu.assertStrContains(out, "━ joint")
end

return tests
