--- Experiments: one question, a grid of runs, a table of scores (experiments/README.md).
local ms = require "moonstem"
local crop = require "moonstem.audio.crop"
local grid = require "moonstem.lab.grid"
local tables = require "moonstem.report.tables"
local finished = require "moonstem.report.results"
local job_options = require "moonstem.lab.job.options"
local job_work = require "moonstem.lab.job.work"
local queue = require "moonstem.lab.queue"
local run = require "moonstem.lab.run"
local runs = require "moonstem.lab.runs"
local options_of = require "moonstem.options"
local rerun = require "moonstem.train.identity.rerun"
local sealed = require "moonstem.sys.sealed"
local strict = require "moonstem.strict"
local exit = require "moonstem.sys.status"

local Experiment = {}
Experiment.__index = Experiment
Experiment.__name = "moonstem.experiment"

local M = {}

local TABLE_OR_FUNCTION = options_of.either(options_of.table, options_of.callable)
local KNOWN = { name = options_of.string, data = TABLE_OR_FUNCTION, model = options_of.callable,
  task = options_of.callable, train = options_of.table, score = options_of.table,
  vary = options_of.table, seed = options_of.whole, needs = options_of.table,
  out = options_of.string, frames = options_of.count, evaluate = TABLE_OR_FUNCTION,
  settings = options_of.callable, about = options_of.string, tensorboard = options_of.flag,
  not_finite = options_of.either(options_of.choice "stop", options_of.natural) }
local NEEDED = { "name", "data", "model", "train", "score" }

local function check(spec)
  options_of.check(spec, "experiment", KNOWN)
  for _, key in ipairs(NEEDED) do
    if spec[key] == nil then error(("experiment: %s is needed"):format(key), 0) end
  end
end

-- The source as tasks and evaluations call it.
local function source_of(schedule)
  return schedule.source == "multi" and "all" or schedule.source
end

-- What results depend on beside the seed and the schedule.
local function settings_of(self, point, model, dataset, origin)
  if self.settings then return self.settings(model, dataset, origin) end
  return { data = dataset.hash, options = point, frames = self.frames }
end

-- What is learnt: as the experiment says, or what its data are for.
local function task_of(self, point, dataset, model)
  if self.task then return self.task(point, dataset, model) end
  local schedule = self.train
  if dataset.kind ~= "songs" then
    local size = self.frames and { frames = self.frames } or crop.options_for(model)
    return ms.train.tagging_task(dataset,
      options_of.merge(size, { batch = schedule.batch, seed = point.seed }))
  end
  return ms.train.separation_task(dataset, { source = source_of(schedule), batch = schedule.batch,
    frames = self.frames or 384, seed = point.seed })
end

-- What the test split is measured by.
local function given_of(self, point)
  local own = type(self.evaluate) == "function"
    and function(model, dataset) return self.evaluate(model, dataset, point) end
  return { source = source_of(self.train), frames = self.frames, evaluate = own or self.evaluate,
    score = self.score }
end

-- Says the notes of data, once, before hours are spent on them.
local function say_notes(self, dataset, quiet)
  for _, note in ipairs(not quiet and self.looked_at ~= dataset and dataset.notes or {}) do
    io.stderr:write(("%s: note: %s\n"):format(dataset.name, note))
  end
  self.looked_at = dataset
end

-- The folder of a point of the grid.
local function dir_of(self, name) return name == "" and self.dir or self.dir .. "/" .. name end

-- One point of the grid: its record, the model and what training gave; or nil and a message,
-- "interrupted" after Ctrl-C.
local function run_point(self, point, name, quiet, live)
  ms.seed(point.seed)
  local dataset, why, origin = self.data, nil, nil
  if type(dataset) == "function" then dataset, why = dataset(point) end
  if not dataset then return nil, why end
  say_notes(self, dataset, quiet)
  return run.finish { dir = dir_of(self, name),
    name = name == "" and self.name or name, who = "experiment", seed = point.seed,
    dataset = dataset, schedule = self.train, quiet = quiet, live = live,
    measure = given_of(self, point), tensorboard = self.tensorboard,
    not_finite = self.not_finite,
    make = function()
      local model
      model, origin = self.model(point, dataset)
      return model, task_of(self, point, dataset, model)
    end,
    settings = function(model) return settings_of(self, point, model, dataset, origin) end,
    record = function()
      return { name = self.name, options = point, origin = origin, settings = self.about }
    end }
end

--- The only run of an experiment, which it does or finds done: { name =, dir =, model =, scores =,
-- origin = what the model started from, seed =, stand_in =, seconds =, steps = }. Raises where it
-- cannot, "interrupted" after Ctrl-C.
function Experiment:finish()
  if #self.names > 0 then error("experiment: finish is of one run; run works off a grid", 2) end
  local record, model, trained = run_point(self, self.points[1], "", false)
  if not record then error(model, 0) end
  return { name = self.name, dir = self.dir, model = model, scores = record.scores,
    origin = record.origin, seed = self.points[1].seed, stand_in = record.stand_in,
    seconds = trained.seconds, steps = trained.steps }
end

-- As run_point, or false for a point that is passed over.
local function run_or_pass(self, point, o)
  local name = grid.name(point, self.names)
  if rerun.is_other(dir_of(self, name)) then return false end
  local result, why = run_point(self, point, name, o.quiet, o.live)
  if result or not why:find("in use by another process", 1, true) then return result, why end
  io.stderr:write(why, "; passed over\n")
  return false
end

--- Runs every point of the grid that is not finished and prints the table. Points that another
-- process works on are passed over, so the same experiment started twice shares the work.
-- options: { quiet = true: no progress and no table; live = true: curves of the losses on a
-- terminal }.
-- Returns the list of { options =, scores = }, or nil and a sentence.
function Experiment:run(options)
  local o = options_of(options, "experiment:run",
    { quiet = options_of.flag, live = options_of.flag })
  local results = {}
  for _, point in ipairs(self.points) do
    local result, why = run_or_pass(self, point, o)
    if result == nil then return nil, why end
    results[#results + 1] = result or nil
  end
  if not o.quiet then print(self:table(results)) end
  return results
end

--- The table of results: a row for each setting, mean ± standard deviation over seeds; below it,
-- scores that are not finite.
function Experiment:table(results)
  local header, rows, notes = tables.of_results(results, self.names, self.score)
  return table.concat({ tables.text(header, rows), table.unpack(notes) }, "\n")
end

--- What it will do, in a line.
Experiment.__tostring = function(self)
  local vary = #self.names > 0 and " over " .. table.concat(self.names, ", ") or ""
  return ("experiment %s: %d run%s%s, scored by %s, in %s"):format(self.name, #self.points,
    #self.points == 1 and "" or "s",
    vary, table.concat(self.score, ", "), self.dir)
end

-- ---- as a plan of jobs (lab/job/work.lua) -----------------------------------------------------
local function record_of(dir)
  local path = dir .. "/result.json"
  if not ms.sys.exists(path) then return false end
  return sealed.load(path)
end

local function job_of(self, point)
  local name = grid.name(point, self.names)
  local dir = rerun.folder(dir_of(self, name))
  return { name = name == "" and self.name or name, kind = "run", dir = dir,
    done = function() return record_of(dir) end,
    work = function()
      local record, why = run_point(self, point, name, false)
      if not record then error(why, 0) end
    end }
end

-- asked: what job/options.lua gives; words: the script's own arguments.
local function plan_of(self, script, asked, words)
  local plan = { name = self.name, title = "The runs of " .. self.name .. ".", out = self.dir,
    script = script, jobs = queue.jobs(), list = {}, aim = "the table", asked = asked }
  for i, point in ipairs(self.points) do
    local job = plan.jobs:add(job_of(self, point))
    job.command = job_work.command(script, job.name, asked.threads, words)
    plan.list[i] = job
  end
  return plan
end

-- The table of the runs that are finished; nil and a sentence where one of them was trained with
-- other settings than the script asks for now.
local function print_table(self, plan)
  local results = {}
  for i, job in ipairs(plan.list) do
    local record, why = job.done()
    if record then
      local point = self.points[i]
      record, why = run_point(self, point, grid.name(point, self.names), true)
    end
    if not record and why then return nil, why end
    results[#results + 1] = record or nil
  end
  print(self:table(results))
  return true
end

-- One run after another in this process; the exit status.
local function run_here(self, live)
  local results, why = self:run { live = live }
  if results then return exit.FINISHED end
  if why == "interrupted" then return exit.stopped() or exit.INTERRUPTED end
  io.stderr:write(self.name, ": ", why, "\n")
  return exit.FAILED
end

-- What the program does with a script that returns an experiment: the exit status.
function Experiment.__run(self, arguments)
  local asked, words = job_options.of_script(arguments, self.about or "The runs of "
    .. self.name .. ".")
  local plan = plan_of(self, arguments[0], asked, words)
  local status = job_work.aside(plan)
  if status then return status end
  if asked.workers == 1 then return run_here(self, asked.live) end
  return job_work.off(plan, function() return print_table(self, plan) end)
end

--- ms.lab.experiment{ name =, data = data set, model = function(point, data) -> model,
--   train = schedule,
--   score = list of names, vary = { NAME = list, seed = list }, task = function(point, data, model)
--   -> task,
--   seed = 1 where none varies, frames = of a crop and of a slice (what the model's input says),
--   out = folder (ms.lab.root/name),
--   needs = names of what a recipe does before, about = text kept in result.json, tensorboard =
--   true: event files for TensorBoard in the runs' folders,
--   not_finite = "stop", or how many steps of a run may be left out (ms.train.run),
--   settings = function(model, data, origin) -> what results depend on (the point and the data),
--   evaluate = options of ms.evaluate, or function(model, data, point) -> scores, and predictions
--   if any }
-- model may return an origin, too, what the model started from: a record kept in result.json.
-- `point` holds one value of each thing that varies, and `seed`, which a model should be given too.
-- `data` may be a function of the point as well. Without `task`, tags or genres are learnt, or of
-- songs the schedule's source; a task of one's own is a table as moonstem.train.loop describes it.
-- Scores: roc_auc, pr_auc (tags), accuracy (genres), improvement, si_sdr in dB (songs; the plan's
-- source), on the test split; result.json of a run holds them all, those of every tag among them.
-- A script that returns an experiment is run by the program, which takes --jobs, --slurm and more
-- behind it (--help); e:run() does it at the prompt.
function M.new(spec)
  check(spec)
  local self = setmetatable({}, Experiment)
  for key, value in pairs(spec) do self[key] = value end
  self.points, self.names = grid.points(spec.vary, spec.seed)
  self.dir = spec.out or runs.folder(finished.root(), spec.name)
  self.looked_at = false -- the data set whose notes were said last
  return self
end

strict.class(Experiment, "experiment", { "task", "vary", "seed", "needs", "out", "frames",
  "evaluate",
  "settings", "about", "tensorboard", "not_finite" })

return M
