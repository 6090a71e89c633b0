--- Experiments: one question, a grid of runs, a table of scores (design, section 5).
local ms = require "moonstem"
local grid = require "moonstem.lab.grid"
local tables = require "moonstem.report.tables"
local runs = require "moonstem.lab.runs"

local Experiment = {}
Experiment.__index = Experiment
Experiment.__name = "moonstem.experiment"

local M = {}

local KNOWN = { name = "string", data = "table", model = "function", train = "table", score = "table", vary = "table",
                out = "string", evaluate = "table" }
local NEEDED = { "name", "data", "model", "train", "score" }

local function check(spec)
  for key, value in pairs(spec) do
    if not KNOWN[key] then error(("experiment: there is no option %s"):format(tostring(key)), 0) end
    if type(value) ~= KNOWN[key] then
      error(("experiment: %s must be a %s, got %s"):format(key, KNOWN[key], type(value)), 0)
    end
  end
  for _, key in ipairs(NEEDED) do
    if spec[key] == nil then error(("experiment: %s is needed"):format(key), 0) end
  end
end

-- What is learnt from this data under this plan.
local function task_of(dataset, plan, seed)
  if dataset.kind ~= "songs" then
    return ms.train.tagging_task(dataset, { batch = plan.batch, seed = seed })
  end
  local source = plan.source == "multi" and "all" or plan.source
  return ms.train.separation_task(dataset, { source = source, batch = plan.batch, seed = seed })
end

-- All scores of a trained model on the test split, as plain numbers.
local function scores_of(model, dataset, plan, options)
  if dataset.kind ~= "songs" then return ms.evaluate.tags(model, dataset, "test", options) end
  local source = plan.source == "multi" and "all" or plan.source
  return ms.evaluate.separation(model, dataset, source, "test", options)
end

-- Scores of a finished run: read, or measured and written to result.json.
local function result_of(self, dir, point, model)
  local path = dir .. "/result.json"
  if ms.sys.exists(path) then return ms.io.load_json(path) end
  local scores, why = scores_of(model, self.data, self.train, self.evaluate)
  if not scores then return nil, why end
  local kept = {}
  for _, name in ipairs(self.score) do
    if type(scores[name]) ~= "number" then
      error(("experiment: there is no score %s for %s"):format(name, self.data.name or "this data"), 0)
    end
    kept[name] = scores[name]
  end
  local result = { options = point, scores = kept, data = self.data.hash, left_out = scores.left_out }
  local ok
  ok, why = ms.io.save_json(path, result)
  return ok and result, why
end

-- One point of the grid: its result; nil, sentence; or "interrupted".
local function run_point(self, point, name, quiet)
  local dir = name == "" and self.dir or self.dir .. "/" .. name
  ms.seed(point.seed)
  local model = self.model(point)
  local task, why = task_of(self.data, self.train, point.seed)
  if not task then return nil, why end
  local run
  run, why = ms.train.run { model = model, task = task, plan = self.train, out = dir, seed = point.seed,
    name = name == "" and self.name or name, quiet = quiet, settings = { data = self.data.hash, options = point } }
  if not run then return nil, why end
  if run.interrupted then return "interrupted" end
  return result_of(self, dir, point, model)
end

--- Runs every point of the grid that is not finished and prints the table. Points that another process works on are
-- passed over, so the same experiment started twice shares the work.
-- options: { quiet = true: no progress and no table }.
-- Returns the list of { options =, scores = }, or nil and a sentence.
function Experiment:run(options)
  local quiet = options and options.quiet
  local results = {}
  for _, point in ipairs(self.points) do
    local result, why = run_point(self, point, grid.name(point, self.names), quiet)
    if result == "interrupted" then return nil, "interrupted" end
    if result then
      results[#results + 1] = result
    elseif why:find("in use by another process", 1, true) then
      io.stderr:write(why, "; passed over\n")
    else
      return nil, why
    end
  end
  if not quiet then print(self:table(results)) end
  return results
end

--- The table of results: a row for each setting, mean ± standard deviation over seeds.
function Experiment:table(results)
  return tables.text(tables.of_results(results, self.names, self.score))
end

-- What the program does with a script that returns an experiment: the exit status.
function Experiment.__run(self)
  local results, why = self:run()
  if results then return 0 end
  if why ~= "interrupted" then io.stderr:write(self.name, ": ", why, "\n") end
  return why == "interrupted" and 130 or 1
end

--- ms.lab.experiment{ name =, data = data set, model = function(point) -> model, train = plan,
--   score = list of names, vary = { NAME = list, seed = list }, out = folder (ms.lab.root/name),
--   evaluate = options of ms.evaluate }
-- Scores: roc_auc, pr_auc (tags), accuracy (genres), improvement, si_sdr in dB (songs; the plan's source), on the
-- test split. `point` holds one value of each thing that varies, and `seed`, which a model should be given too.
-- A script that returns an experiment is run by the program; e:run() does it at the prompt.
function M.new(spec, root)
  check(spec)
  local self = setmetatable({}, Experiment)
  for key, value in pairs(spec) do self[key] = value end
  self.points, self.names = grid.points(spec.vary)
  self.dir = spec.out or runs.folder(root, spec.name)
  return self
end

return M
