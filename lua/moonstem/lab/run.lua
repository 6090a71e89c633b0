--- One run: a model is trained in its folder, measured on the test split, and what came out stands
-- in result.json.
local ms = require "moonstem"
local measure = require "moonstem.lab.measure"
local example = require "moonstem.report.example"
local merge = require("moonstem.options").merge
local predictions = require "moonstem.metrics.predictions"
local rerun = require "moonstem.train.identity.rerun"
local sealed = require "moonstem.sys.sealed"

local M = {}

local SKIPPED = 200 -- clips left out that a result names

-- What a result says of its data: { name =, kind =, about = a line, notes =, skipped = list of
-- { file, reason }, left_out = their number }.
local function about_data(dataset)
  local all, few = dataset.skipped or {}, {}
  for i, entry in ipairs(all) do
    if i <= SKIPPED then few[i] = { file = entry.file, reason = entry.reason } end
  end
  local tells = getmetatable(dataset) and tostring(dataset) or nil
  return { name = dataset.name, kind = dataset.kind, about = tells and tells:match "[^;\n]*",
    notes = dataset.notes, skipped = few, left_out = #all }
end

-- Keeps a stretch of a test song for reports, where songs were separated.
local function keep_example(o, model)
  if o.dataset.kind ~= "songs" or type(o.measure.evaluate) == "function" then return true end
  return example.keep(o.dir, model, o.dataset, o.measure.source)
end

-- Measures a trained model and writes result.json, predictions of clips beside it: the record, or
-- nil and a sentence.
local function measured(o, path, model, trained)
  local scores, predicted = measure.scores(model, o.dataset, o.measure)
  if not scores then return nil, predicted end
  for _, name in ipairs(o.measure.score or {}) do
    if type(scores[name]) ~= "number" then
      local of = o.dataset.name or "this data"
      error(("%s: there is no score %s for %s"):format(o.who, name, of), 0)
    end
  end
  local ok, why = true, nil
  if predicted then
    ok, why = predictions.write(o.dir .. "/predictions.safetensors", predicted, o.dataset)
  end
  if ok then ok, why = keep_example(o, model) end
  if not ok then return nil, why end
  local record = { scores = scores, data = o.dataset.hash, stand_in = o.dataset.synthetic,
                   dataset = about_data(o.dataset), parameters = model:count(),
                   seconds = trained.seconds, steps = trained.steps }
  for key, value in pairs(o.record()) do record[key] = value end
  ok, why = sealed.save(path, record)
  return ok and record, why
end

-- The record of a run that is done, false where one may begin; or nil and a sentence.
local function found(o, path)
  if ms.sys.exists(path) then return sealed.load(path) end
  local able, why = measure.check(o.dataset, o.measure, o.who)
  if not able then return nil, why end
  return false
end

--- Trains a model and measures it; steps that are finished are skipped. o: { dir = folder, name =,
-- who = for messages,
--   seed =, dataset =,
--   make = function() -> model, task; or a model, nil and a sentence; schedule = of training,
--   settings = function(model) -> what else results depend on (ms.train.run),
--   measure = as lab/measure.lua takes it,
--   record = function() -> fields that result.json has beside scores, data, steps and seconds,
--   quiet =, live =, tensorboard =, not_finite = as ms.train.run takes them }
-- Whether the test split can be measured is asked before hours are spent. The record, the trained
-- model and what ms.train.run gave; or nil and a sentence, "interrupted" after Ctrl-C.
function M.finish(given)
  local o = merge(given, { dir = rerun.folder(given.dir) })
  local path = o.dir .. "/result.json"
  local record, why = found(o, path)
  if record == nil then return nil, why end
  local model, task, refusal = o.make()
  if not task then return nil, refusal end
  local trained
  trained, why = ms.train.run { model = model, task = task, schedule = o.schedule, out = o.dir,
    seed = o.seed, name = o.name, quiet = o.quiet, live = o.live, settings = o.settings(model),
    tensorboard = o.tensorboard, not_finite = o.not_finite,
    inputs = { data = { name = o.dataset.name, split = o.dataset.hash,
      content = o.dataset.content } } }
  if not trained then return nil, why end
  if trained.interrupted then return nil, "interrupted" end
  if not record then
    record, why = ms.distributed.by_first(function()
      return measured(o, path, model, trained)
    end)
  end
  if not record then return nil, why end
  return record, model, trained
end

return M
