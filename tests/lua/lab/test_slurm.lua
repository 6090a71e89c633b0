--- A recipe on a real Slurm, of one node: the results of --jobs 1; runs that are told to stop or
-- killed in the middle go on; a run that fails stops only what needs it, and --retry does the rest.
-- tests/cluster/hosts.lua does more, on several hosts.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local tools = require "data_tools"

package.path = places.ROOT .. "tests/cluster/?.lua;" .. package.path
local cluster = require "cluster"
local levels = require "moonstem.lab.slurm.levels"
local lock = require "moonstem.sys.lock"
local queue = require "moonstem.lab.queue"

local T = {}

local folder = tools.folders(T)
local PROGRAM = ms.sys.absolute "/proc/self/exe"
local PLAN = places.ROOT .. "tests/cluster/plan.lua"

-- The words of a command line of the plan on small data sets, in the folder `out`.
local function plan_on(dir)
  tools.genre_set(dir .. "/fma", tools.genre_rows(), 4)
  tools.song_set(dir .. "/musdb", 16)
  return function(out, ...)
    return PROGRAM, PLAN, "--out", out, "--data", "fma=" .. dir .. "/fma", "--data",
      "musdb=" .. dir .. "/musdb", ...
  end
end

-- ---- without Slurm -----------------------------------------------------------------------------
function T.test_batch_files_are_written_and_can_be_read()
  local dir = folder()
  local words, out = plan_on(dir), dir .. "/out"
  local status, text = ms.sys.capture { words(out, "--slurm", "--dry-run", "--time", "2:00:00",
    "--partition", "long", "--cpus", "3") }
  lu.assertEquals(status, 0)
  lu.assertStrContains(text, "/3-joint-cnn.sh") -- a level below the tails
  local tail = ms.sys.read_file(out .. "/slurm/plan/2-tail-cnn.sh")
  for _, part in ipairs { "#SBATCH --array=1-2\n", "#SBATCH --cpus-per-task=3\n",
    "#SBATCH --time=2:00:00 ", "#SBATCH --partition=long\n", "\n  tail/cnn/fma/1\n" } do
    lu.assertStrContains(tail, part)
  end
  local submit = ms.sys.read_file(out .. "/slurm/plan/submit.sh")
  lu.assertStrContains(submit, 'corresponding "$job_3_joint_cnn" "$job_2_tail_cnn"')
  lu.assertStrContains(submit, 'after "${job_2_separate}_[1]" "${job_1_data}_2"')
  for _, file in ipairs { "submit.sh", "1-data.sh", "3-joint-ast.sh" } do
    lu.assertEquals(ms.sys.run { "bash", "-n", out .. "/slurm/plan/" .. file }, 0)
  end
end

function T.test_levels_hold_a_thousand_and_wait_for_partners_alone()
  local jobs, names, chosen = queue.jobs(), {}, {}
  jobs:add { name = "data", kind = "data" }
  jobs:add { name = "far", kind = "far", needs = { "data" } }
  for k = 1, 1001 do
    names[k] = "run " .. k
    jobs:add { name = names[k], kind = "run", needs = { "data", "far" } }
  end
  local list = jobs:in_order(names)
  for _, job in ipairs(list) do chosen[job.name] = true end
  local all, place = levels.of(list, chosen)
  local told = {}
  for i, level in ipairs(all) do told[i] = ("%s %d"):format(level.name, #level.jobs) end
  lu.assertEquals(told, { "1-data 1", "2-far 1", "3-run 1000", "3-run-2 1" })
  lu.assertEquals(levels.partners(jobs, jobs:find "run 7", place), { "far" })
  lu.assertEquals({ place["run 1001"].task, place["run 1000"].task }, { 1, 1000 })
  chosen.data, chosen.far = nil, nil -- which are done
  all, place = levels.of(list, chosen)
  lu.assertEquals(all[1].name, "1-run")
  lu.assertEquals(levels.partners(jobs, jobs:find "run 7", place), {})
end

function T.test_a_node_names_what_is_missing()
  local dir = folder()
  local words, out = plan_on(dir), dir .. "/out"
  local errors = dir .. "/errors.txt"
  local argv = { words(out, "--node", "joint/cnn/fma/random+tail/2") }
  argv.stderr = errors
  lu.assertEquals(ms.sys.run(argv), 66)
  lu.assertStrContains(ms.sys.read_file(errors), "joint/cnn/fma/random+tail/2 needs data/fma, \z
    which is to do; and tail/cnn/fma/2, which is to do")
end

-- ---- experiments -------------------------------------------------------------------------------
local EXPERIMENT = [[
local ms = require "moonstem"
local net = require "moonstem.net"
assert(ms.lab.words(arg)[1] == "own")
return ms.lab.experiment { name = "toy", out = arg[0]:match "^(.*)/" .. "/toy", frames = 16,
  data = assert(ms.data.fma(arg[0]:match "^(.*)/" .. "/fma", { partial = true })),
  model = function(o, data)
    return net.module { name = "toy", order = { "linear" },
      linear = ms.nn.linear { in_features = 256, out_features = #data.classes },
      forward = function(self, magnitude) return self.linear(magnitude:mean(2)) end }:init(o.seed)
  end,
  train = { phases = { { optimizer = "adam", lr = 1e-2, steps = 3 } }, batch = 4,
    validate_every = 3, keep = "last" },
  vary = { seed = { 1, 2 } }, score = { "accuracy" } }
]]

function T.test_an_experiment_is_a_plan_too()
  local dir = folder()
  tools.genre_set(dir .. "/fma", tools.genre_rows(), 4)
  tools.text(dir .. "/toy.lua", EXPERIMENT)
  local function asked(...)
    local status, text = ms.sys.capture { PROGRAM, dir .. "/toy.lua", "own", stderr = dir
      .. "/errors.txt", ... }
    return text, status
  end
  local files = asked("--slurm", "--dry-run")
  lu.assertStrContains(files, "/toy/slurm/toy/1-run.sh  2 runs")
  local batch = ms.sys.read_file(dir .. "/toy/slurm/toy/1-run.sh")
  lu.assertStrContains(batch, "\n  seed=1\n  seed=2\n")
  lu.assertStrContains(batch, "toy.lua own \\\n  --node \"$run\"")
  local text, status = asked("--jobs", "2")
  lu.assertEquals({ status, text }, { 0, text })
  lu.assertStrContains(text, "accuracy")
  lu.assertStrContains((asked "--status"), "toy: 2 jobs: 2 done")
  local got, count = cluster.hashes(dir .. "/toy")
  tools.remove(dir .. "/toy")
  lu.assertStrContains((asked()), "accuracy")
  lu.assertEquals({ count, got }, { 2, (cluster.hashes(dir .. "/toy")) })
end

-- Two jobs share the files of the data set, the third finds their work done.
function T.test_a_data_set_is_checked_and_copied_by_several_jobs()
  local dir = folder()
  local words = plan_on(dir)
  local out = dir .. "/out"
  for _, node in ipairs { "share/fma/1of2", "share/fma/2of2" } do
    lu.assertEquals(ms.sys.run { stderr = dir .. "/errors.txt", words(out, "--shares", "2",
      "--node", node) }, 0)
  end
  local function copies() return select(2, ms.sys.capture { "find", out .. "/pack", "-name",
    "*.wav", "-printf", "%f %s %T@\n" }) end
  local before = copies()
  lu.assertEquals(select(2, before:gsub("\n", "")), 19) -- of its twenty clips one is damaged
  lu.assertEquals(ms.sys.run { stderr = dir .. "/errors.txt", words(out, "--shares", "2",
    "--node", "data/fma") }, 0)
  lu.assertEquals(copies(), before)
end

-- ---- with it -----------------------------------------------------------------------------------
-- Waits for what must come, and tells what the cluster says where it does not.
local function await(c, what, f)
  if cluster.eventually(600, f) then return end
  local _, text = c:ask "squeue"
  error(("%s has not come\n%s"):format(what, text), 0)
end

-- Two runs are held in their second step. One is told to stop as at its limit, one is killed.
local function stop_two(c, out)
  local told, killed = out .. "/tail/cnn/fma/1", out .. "/tail/cnn/fma/2"
  await(c, "the second step of both tails", function() return c:has "held-1" and c:has "held-2" end)
  lu.assertEquals(c:ask("scancel", "--signal=USR1", "--batch", cluster.task_of(told)), 0)
  ms.sys.run { "kill", "-9", tostring(lock.holder(killed .. "/node").pid) }
  c:hook("go", "")
  return told, killed
end

function T.test_stopped_killed_and_failed_runs_end_as_those_of_one_process_do()
  local why = cluster.lacking()
  if why then lu.skip("no Slurm: " .. why) end
  local dir = folder()
  local words, out = plan_on(dir), dir .. "/out"
  local c <close> = cluster.start()
  c:hook("hold-1", "tail/cnn/fma/1")
  c:hook("hold-2", "tail/cnn/fma/2")
  c:hook("break", "separate/multi")
  local status, text = c:ask(words(out, "--slurm", "--cpus", "1", "--mem", "2G"))
  lu.assertEquals({ status, text }, { 0, text })
  local told, killed = stop_two(c, out)
  await(c, "the end of the queue", function() return c:idle() end)
  lu.assertEquals({ cluster.starts_of(told), cluster.starts_of(killed) }, { 2, 2 })
  status, text = c:ask(words(out, "--status"))
  lu.assertEquals(status, 1)
  lu.assertStrContains(text, "this run was told to fail")
  lu.assertStrContains(text, "it needs separate/multi, which is failed")
  lu.assertStrContains(text, "plan: 9 jobs: 6 done, 1 failed, 2 blocked")
  status, text = c:ask(words(out, "--slurm"))
  lu.assertEquals(status, 1)
  lu.assertStrContains(text, "it was handed over before")
  c:unhook "break"
  lu.assertEquals(c:ask(words(out, "--slurm", "--retry", "--cpus", "1", "--mem", "2G")), 0)
  await(c, "the end of the second queue", function() return c:idle() end)
  lu.assertStrContains(select(2, c:ask(words(out, "--status"))), "plan: 9 jobs: 9 done")
  lu.assertEquals(c:ask(words(dir .. "/here", "--jobs", "1")), 0)
  local got, count = cluster.hashes(out)
  lu.assertEquals(count, 7)
  lu.assertEquals(got, (cluster.hashes(dir .. "/here")))
end

return T
