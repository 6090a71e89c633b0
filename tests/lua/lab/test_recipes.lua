--- Recipes: order of runs, workers, what is shared, stopped, broken or asked for wrongly; the
-- paper's recipes as lists.
local lu = require "luaunit"
local ms = require "moonstem"
local example = require "moonstem.report.example"
local places = require "places"
local exit = require "moonstem.sys.status"
local queue = require "moonstem.lab.queue"
local tools = require "data_tools"

local T = {}

local folder, root = tools.folders(T)
local PROGRAM = ms.sys.absolute "/proc/self/exe"
local RECIPES = places.ROOT .. "recipes/"

-- ---- jobs ------------------------------------------------------------------------------------
local function names(list)
  local out = {}
  for i, job in ipairs(list) do out[i] = job.name end
  return table.concat(out, " ")
end

function T.test_needs_come_first_and_once()
  local jobs = queue.jobs()
  jobs:add { name = "roof", needs = { "walls", "wood" } }
  jobs:add { name = "walls", needs = { "wood", "floor" } }
  for _, name in ipairs { "wood", "floor", "wood", "garden" } do jobs:add { name = name } end
  lu.assertEquals(names(jobs:in_order { "roof", "walls" }), "wood floor walls roof")
end

function T.test_circles_and_unknown_needs_are_refused()
  local jobs = queue.jobs()
  jobs:add { name = "egg", needs = { "hen" } }
  jobs:add { name = "hen", needs = { "egg" } }
  jobs:add { name = "nest", needs = { "twigs" } }
  lu.assertErrorMsgContains("needs itself", function() jobs:in_order { "egg" } end)
  lu.assertErrorMsgContains("there is no job twigs", function() jobs:in_order { "nest" } end)
end

-- ---- the queue --------------------------------------------------------------------------------
-- Jobs that are lines of shell; a job is done when its folder holds a file `ok`.
local function shell_jobs(lines)
  local list = {}
  for i, line in ipairs(lines) do
    local dir = root() .. "/" .. line[1]
    list[i] = { name = line[1], needs = line.needs or {}, dir = dir,
      command = { "sh", "-c", line[2], "sh", dir },
                done = function() return ms.sys.exists(dir .. "/ok") end }
  end
  return list
end

local function work_off(list, workers)
  return queue.run(list, { workers = workers, tell = function() end })
end

function T.test_a_failure_is_told_and_stops_only_what_needs_it()
  local told, how = work_off(shell_jobs {
    { "a", "touch $1/ok" }, { "b", "echo too bad; exit 3" },
      { "c", "touch $1/ok", needs = { "a", "b" } },
    { "d", "touch $1/ok", needs = { "a" } }, { "e", "touch $1/ok", needs = { "c" } },
      { "f", "true" },
  }, 2)
  lu.assertEquals(how, "finished")
  lu.assertEquals(told.state, { a = "done", b = "failed", c = "blocked", d = "done", e = "blocked",
    f = "failed" })
  lu.assertEquals(told.why.b, "exit status 3: too bad")
  lu.assertEquals(told.why.c, "it needs b, which failed")
  lu.assertEquals(told.ran, 2)
end

function T.test_what_is_done_does_not_run_again_and_what_is_busy_is_tried_again()
  local list = shell_jobs {
    { "a", "echo again >> $1/times; touch $1/ok" },
    { "b", "test -e $1/seen && touch $1/ok && exit 0; touch $1/seen; exit " .. exit.AGAIN,
      needs = { "a" } },
  }
  local first = work_off(list, 1)
  local second = work_off(list, 1)
  lu.assertEquals({ first.ran, second.ran }, { 2, 0 })
  lu.assertEquals(second.state, { a = "done", b = "done" })
  lu.assertEquals(ms.sys.read_file(root() .. "/a/times"), "again\n")
end

function T.test_as_many_at_a_time_as_workers()
  local enter = "mkdir $1/../in_$$; ls -d $1/../in_* | wc -l >> $1/../most; sleep 0.2; rmdir \z
    $1/../in_$$; touch $1/ok"
  local told = work_off(shell_jobs { { "a", enter }, { "b", enter }, { "c", enter },
    { "d", enter } }, 2)
  lu.assertEquals(told.ran, 4)
  local most = 0
  for n in ms.sys.read_file(root() .. "/most"):gmatch "%d+" do
    most = math.max(most, tonumber(n))
  end
  lu.assertEquals(most, 2)
end


-- ---- the paper's recipes as lists ------------------------------------------------------------
local function listed(recipe, ...)
  local status, text = ms.sys.capture { PROGRAM, RECIPES .. recipe, "--dry-run", "--scale", "paper",
    "--out", root(), ... }
  lu.assertEquals(status, 0)
  local seen, counts = {}, {}
  for name in text:gmatch "to do%s+(%S+)" do
    local kind = name:match "^[^/]+"
    lu.assertNil(seen[name])
    seen[name], counts[kind] = true, (counts[kind] or 0) + 1
  end
  return seen, counts
end

function T.test_the_paper_needs_155_trainings()
  local all, one = listed "table1.lua"
  lu.assertEquals(one, { data = 3, separate = 5, tail = 20, joint = 120 })
  local _, two = listed "table2.lua"
  lu.assertEquals(two, { data = 2, separate = 1, tail = 10, joint = 20 })
  local total = 0
  for _, recipe in ipairs { "table2.lua", "figure2.lua" } do
    for name in pairs(listed(recipe)) do all[name] = true end
  end
  for name in pairs(all) do total = total + (name:find "^data/" and 0 or 1) end
  lu.assertEquals(total, 155)
end

function T.test_real_music_has_no_genres_and_no_vocals()
  local one, counts = listed("table1.lua", "--corpus", "real")
  lu.assertEquals(counts, { data = 2, separate = 4, tail = 10, joint = 50 })
  lu.assertNil(one["separate/vocals"] or one["data/fma"])
  local _, two = listed("figure2.lua", "--corpus", "real")
  lu.assertEquals(two, { data = 2, separate = 4, tail = 10, joint = 40 })
  local given = root()
  one = listed("table1.lua", "--corpus", "real", "--data", "musdb=" .. given, "--data",
    "fma=" .. given)
  lu.assertTrue(one["separate/vocals"] and one["data/fma"])
end

function T.test_rows_columns_and_seeds_can_be_picked()
  local seen = listed("table1.lua", "--only", "vocals", "--column", "cnn/mtat", "--seeds", "2")
  local list = {}
  for name in pairs(seen) do list[#list + 1] = name end
  table.sort(list)
  lu.assertEquals(list, { "data/mtat", "data/musdb", "joint/cnn/mtat/vocals+tail/2",
    "separate/vocals", "tail/cnn/mtat/2" })
end

function T.test_a_recipe_tells_what_it_is()
  tools.text(root() .. "/told.lua", [[
    local scales = dofile(arg[1])
    arg = { [0] = arg[0], "--out", "out" }
    local lab = require("moonstem").lab
    local recipe = lab.recipe { name = "told", scales = scales, arguments = arg }
    recipe:cell("tail", "", recipe:tail {})
    print(recipe)]])
  local status, text = ms.sys.capture { PROGRAM, root() .. "/told.lua", RECIPES .. "scale.lua" }
  lu.assertEquals({ status, text }, { 0, "recipe told: 6 jobs in out\n" })
end

-- Status and everything that a command line says.
local function said(...)
  local path = folder()
  local status, text = ms.sys.capture { PROGRAM, stderr = path, ... }
  return status, text .. ms.sys.read_file(path)
end

function T.test_a_command_line_that_makes_no_sense_is_told_why()
  local cases = {
    { "table1 has no row vocal; it has tail, random, bass", "table1.lua", "--only", "vocal" },
    { "table1 has no column rnn; it has cnn/mtat, cnn/fma", "table1.lua", "--column", "rnn" },
    { "table1 has no row vocals; it has tail, random, bass", "table1.lua", "--only", "vocals",
      "--corpus", "real" },
    { "there is no folder /nowhere", "table2.lua", "--data", "mtat=/nowhere" },
    { "there is no data set mtt; there are ", "table2.lua", "--data", "mtt=/" },
    { "--seeds wants a list as 1-5 or 1,3, got 5-1", "figure2.lua", "--seeds", "5-1" },
    { "--jobs: a whole number, 1 or more, is expected, got '0'", "figure2.lua", "--jobs", "0" },
    { "--threads: a whole number, 1 or more, is expected, got '-2'", "table1.lua", "--threads",
      "-2" },
    { "--seed: a whole number, 0 or more, is expected, got 'x'", "quickstart.lua", "--seed", "x" },
    { "unknown option '--nosuch'", "quickstart.lua", "--nosuch" },
    { "there is no file /no.safetensors", "table2.lua", "--imagenet", "/no.safetensors" },
  }
  for _, case in ipairs(cases) do
    local words = { table.unpack(case, 3) }
    local status, text = said(RECIPES .. case[2], "--out", folder(), table.unpack(words))
    lu.assertStrContains(text, case[1])
    lu.assertEquals(status, 2)
    lu.assertNotStrContains(text, "traceback")
  end
end

-- ---- a recipe from start to end -------------------------------------------------------------
local PLAN = places.TESTS .. "cluster/plan.lua"
local CNN = { "--only", "tail", "--only", "random" } -- five jobs

-- The recipe of a few jobs on a tiny genre set; a function that runs it.
local function plan()
  local dir = folder()
  tools.genre_set(dir .. "/fma", tools.genre_rows(), 4)
  tools.song_set(dir .. "/musdb", 16)
  return function(...) return { PROGRAM, PLAN, "--data", "fma=" .. dir .. "/fma",
    "--data", "musdb=" .. dir .. "/musdb", ... } end
end

local function values(out)
  local list = {}
  for i, r in ipairs(ms.io.load_json(out .. "/results/plan/results.json")) do
    list[i] = ("%s %s %d %.17g"):format(r.row, r.column, r.seed, r.value)
  end
  return list
end

function T.test_killed_anywhere_and_begun_again_gives_the_same()
  local command, whole, broken = plan(), folder(), folder()
  local status, text = said(table.unpack(command("--out", whole, "--jobs", "2", table.unpack(CNN)),
    2))
  lu.assertEquals(status, 0)
  lu.assertStrContains(text, "plan: 5 of 5 jobs done, 5 now")
  lu.assertEquals(#values(whole), 4)
  local argv = command("--out", broken, table.unpack(CNN))
  argv.stdout, argv.stderr = "/dev/null", "/dev/null"
  local process = assert(ms.sys.spawn(argv))
  while not ms.sys.exists(broken .. "/tail/cnn/fma/1/settings.json") do ms.sys.sleep(0.01) end
  process:kill "TERM"
  process:wait(60)
  lu.assertFalse(ms.sys.exists(broken .. "/joint/cnn/fma/random+tail/2/result.json"))
  status, text = said(table.unpack(command("--out", broken, table.unpack(CNN)), 2))
  lu.assertEquals(status, 0)
  lu.assertStrContains(text, "plan: 5 of 5 jobs done")
  lu.assertEquals(values(broken), values(whole))
  status, text = said(table.unpack(command("--out", broken, table.unpack(CNN)), 2))
  lu.assertStrContains(text, "plan: 5 of 5 jobs done, 0 now")
  lu.assertEquals(status, 0)
end

-- A job whose work gets a signal, or none, and then ends with the sentence of a data set's pass.
local function node_after(signal, dir)
  local code = [[local signal, dir = ...
    local job = { name = "a", needs = {}, dir = dir, done = function() return false end,
      work = function()
        ms.sys.interrupted()
        if signal ~= "none" then ms.sys.run { "kill", "-" .. signal, tostring(ms.sys.pid()) } end
        error("cache: interrupted after 1 of 2; the same call goes on from there", 0)
      end }
    os.exit(require "moonstem.lab.job.node".run("plan", { find = function() return job end }, "a",
      1))]]
  return said("-e", code, signal, dir)
end

function T.test_a_signal_is_no_failure_whatever_the_work_says()
  for signal, status in pairs { INT = 130, TERM = 143, HUP = 129, USR1 = 75, none = 1 } do
    local out = folder()
    local ended, text = node_after(signal, out)
    lu.assertEquals(ended, status)
    lu.assertStrContains(text, "plan: cache: interrupted after 1 of 2")
    lu.assertEquals(ms.sys.exists(out .. "/failure.json"), signal == "none")
  end
end

function T.test_results_that_are_broken_or_of_other_settings_are_refused()
  local command, out = plan(), folder()
  local status, text = said(table.unpack(command("--out", out, "--only", "tail"), 2))
  lu.assertEquals({ status, text }, { 0, text })
  tools.text(out .. "/tail/cnn/fma/1/result.json", "{ half")
  status, text = said(table.unpack(command("--out", out, table.unpack(CNN)), 2))
  lu.assertEquals(status, 1)
  lu.assertStrContains(text, "remove it, and the job runs again")
  lu.assertStrContains(text,
    "blocked: joint/cnn/fma/random+tail/1: it needs tail/cnn/fma/1, which failed")
  lu.assertStrContains(text, "n = 1/2")
  lu.assertStrContains(text, "plan: 3 of 5 jobs done, 1 now")
  status,
    text = said(table.unpack(command("--out", out, "--only", "tail", "--imagenet", "/dev/null"), 2))
  lu.assertEquals(status, 1)
  lu.assertStrContains(text, "was made with another scale")
  status, text = said(table.unpack(command("--out", out, "--node", "tail/cnn/fma/9"), 2))
  lu.assertEquals(status, 2)
  lu.assertStrContains(text, "there is no job tail/cnn/fma/9")
end

function T.test_an_ast_on_four_separated_sources()
  local command, out = plan(), folder()
  local status, text = said(table.unpack(command("--out", out, "--only", "multi", "--seeds", "3"),
    2))
  lu.assertEquals({ status, text }, { 0, text })
  lu.assertStrContains(text, "plan: 4 of 4 jobs done, 4 now")
  lu.assertStrContains(text, "the AST started from random weights, not from ImageNet")
  local set = ms.io.load_json(out .. "/data/fma/result.json")
  local model = ms.lab.load(out .. "/joint/ast/fma/multi/3")
  lu.assertEquals(model.tail.options.normalise, set.log_mel)
  lu.assertEquals({ model.tail.options.channels, model.tail.options.classes }, { 5, 16 })
  local separator = ms.lab.load(out .. "/separate/multi")
  lu.assertEquals(separator.unet.options.sources, 4)
  local kept = assert(example.read(out .. "/separate/multi")) -- for reports
  lu.assertEquals({ kept.sources, #kept.waves, kept.waves[9][1] },
    { { "vocals", "other", "drums", "bass" }, 9, "bass-separated" })
  local page = assert(ms.sys.read_file(out .. "/results/plan/index.html"))
  lu.assertEquals(select(2, page:gsub('src="data:audio/mpeg', "")), 9)
  tools.remove(out .. "/separate/multi/example") -- as runs of earlier versions are
  local report = { PROGRAM, "report", out .. "/separate/multi", "-o", out .. "/multi.html" }
  lu.assertEquals(ms.sys.run { stdout = "/dev/null", table.unpack(report) }, 0)
  lu.assertNil(assert(ms.sys.read_file(out .. "/multi.html")):find("data:audio", 1, true))
  local songs = table.concat(command(), "\n"):match "musdb=([^\n]*)"
  table.move({ "--songs", songs }, 1, 2, #report + 1, report)
  lu.assertEquals(ms.sys.run { stdout = "/dev/null", table.unpack(report) }, 0)
  page = assert(ms.sys.read_file(out .. "/multi.html"))
  lu.assertEquals(select(2, page:gsub('src="data:audio/mpeg', "")), 9)
  lu.assertTrue((assert(example.read(out .. "/separate/multi")).waves[9][2]
    - kept.waves[9][2]):abs():max() < 1e-3)
end

function T.test_commands_are_self_contained()
  local command, out = plan(), folder()
  local _,
    text = said(table.unpack(command("--out", out, "--commands", "--seeds", "1", table.unpack(CNN)),
    2))
  local count = 0
  for line in text:gmatch "[^\n]+" do
    lu.assertEquals(ms.sys.run { "sh", "-c", "cd /; " .. line, stdout = "/dev/null",
      stderr = "/dev/null" }, 0)
    count = count + 1
  end
  lu.assertEquals(count, 3)
  local _, after = said(table.unpack(command("--out", out, "--seeds", "1", table.unpack(CNN)), 2))
  lu.assertStrContains(after, "plan: 3 of 3 jobs done, 0 now")
end

-- ---- scales ------------------------------------------------------------------------------------
function T.test_a_scale_says_how_long_crops_are()
  local function frames(tail)
    local paper = ms.lab.paper { out = folder(),
      scale = { tail = tail, ast = { frames = 768 }, tagging = {}, joint = {} } }
    return { paper:tail({}).frames, paper:joint({}).frames, paper:tail({ backend = "ast" }).frames }
  end
  lu.assertEquals(frames { frames = 192 }, { 192, 192, 768 })
  lu.assertEquals(frames {}, { 384, 384, 768 })
end

-- ---- run folders of an earlier version ------------------------------------------------------
local GOLDEN = places.GOLDEN .. "run/"

-- The paper's experiments in a folder that holds what the first version of all this left.
local function paper_of_old(dir, keep)
  tools.genre_set(dir .. "/fma", tools.genre_rows(), 4)
  local run = dir .. "/out/tail/cnn/fma"
  ms.sys.mkdir(run)
  for _, name in ipairs(ms.sys.list(GOLDEN)) do
    if keep(name) then ms.sys.write_file(run .. "/" .. name, ms.sys.read_file(GOLDEN .. name)) end
  end
  local paper = ms.lab.paper { out = dir .. "/out", settings = "kept",
    data = { fma = dir .. "/fma" }, scale = {
    tail = { widths = { 2, 2, 2, 2, 2, 2, 4 }, hidden = 4 }, ast = { frames = 384 },
    tagging = { lr = 1e-3, lrs = {}, patience = 1, epochs = 2, batch = 8 } } }
  return paper, run
end

function T.test_runs_of_earlier_versions_are_found_done()
  local paper, run = paper_of_old(folder(), function() return true end)
  local result = paper:tail({ set = "fma" }):finish()
  lu.assertEquals({ result.scores.accuracy, result.scores.clips, result.steps }, { 0.0, 2, 4 })
  lu.assertEquals(ms.sys.read_file(run .. "/metrics.jsonl"),
    ms.sys.read_file(GOLDEN .. "metrics.jsonl"))
  lu.assertEquals(ms.sys.read_file(run .. "/result.json"),
    ms.sys.read_file(GOLDEN .. "result.json"))
  local read = ms.lab.runs(run)[1]
  lu.assertEquals({ read.steps, read.result.scores.accuracy }, { 4, 0.0 })
  lu.assertEquals((ms.lab.load(run)):count(), 850)
end

function T.test_runs_of_earlier_versions_are_measured_where_they_were_stopped_before()
  local paper, run = paper_of_old(folder(), function(name)
    return name ~= "result.json" and name ~= "predictions.safetensors"
  end)
  paper:tail({ set = "fma" }):finish()
  local old, new = ms.io.load_json(GOLDEN .. "result.json"), ms.io.load_json(run .. "/result.json")
  old.scores.seconds, new.scores.seconds = nil, nil
  lu.assertEquals({ new.dataset, new.parameters }, { { name = "fma", kind = "genres",
    about = "fma: 19 clips (train 16, valid 1, test 2)", notes = {}, skipped = {}, left_out = 0 },
    850 }) -- which earlier versions did not write
  new.dataset, new.parameters, new.crc32c = nil, nil, nil
  lu.assertEquals(new, old)
  lu.assertEquals(ms.sys.read_file(run .. "/metrics.jsonl"),
    ms.sys.read_file(GOLDEN .. "metrics.jsonl"))
end

return T
