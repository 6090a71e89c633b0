--- The stages of the paper on given data: what quickstart and the tables are made of.
-- A study lives in one folder: corpora/ (where stand-ins are rendered), pack/ (16 kHz copies), one folder per run.
-- Everything is done once: the same calls again find what is there, and go on where an interrupt stopped them.
-- Its methods raise a sentence when the world refuses (a disk is full, Ctrl-C), so that a recipe reads as a list.
local ms = require "moonstem"
local measure = require "moonstem.lab.measure"
local notes = require "moonstem.lab.notes"
local options_of = require "moonstem.options"
local plans = require "moonstem.train.plans"
local predictions = require "moonstem.metrics.predictions"
local runs = require "moonstem.lab.runs"
local sets = require "moonstem.lab.sets"
local strict = require "moonstem.strict"

local Study = {}
Study.__index = Study

local M = {}

local function must(value, why)
  if value then return value, why end
  error(why, 0)
end

-- ---- the scale -----------------------------------------------------------------------------
-- Its parts are options of plans, tasks, models and measurements, merged into what these are given; every name in them
-- belongs to one of these, or a study does not begin.
local merge, count = options_of.merge, options_of.count
local OF_TASK = { frames = count, valid = count, scored = options_of.whole } -- of stage 1
local OF_AST = { dim = count, depth = count, heads = count, frames = count }
local UNET = { widths = options_of.table, levels = count, width = count, pool = options_of.string }
local TAIL = { widths = options_of.table, hidden = count, dropout = options_of.number }
local STAGE_ONE = merge(plans.KNOWN.separation, OF_TASK, { tested = count })
STAGE_ONE.source = nil -- study:separate says it
local PARTS = {
  separation = STAGE_ONE,
  tagging = plans.KNOWN.adam_then_sgd, joint = plans.KNOWN.adam_then_sgd,
  ast = merge(plans.KNOWN.ast, OF_AST), unet = UNET, tail = TAIL,
}

local function check_scale(scale)
  options_of.check(scale, "scale", merge(PARTS, { corpora = options_of.table, seeds = options_of.table }))
  for name, known in pairs(PARTS) do options_of.check(scale[name] or {}, "scale." .. name, known) end
  for corpus, given in pairs(scale.corpora or {}) do ms.corpora.check(corpus, given) end
end

-- The settings that are among the known ones.
local function only(settings, known)
  local picked = {}
  for name in pairs(known) do picked[name] = settings[name] end
  return picked
end

Study.__tostring = function(self) return ("study in %s, seed %d"):format(self.out, self.seed) end

--- ms.lab.study{ out = folder, scale = table (see recipes/scale.lua), seed = 1, data = { musdb = dir, mtat = dir },
--   imagenet = safetensors file of image weights for ASTs, settings = text kept in each result.json }
-- Data sets that `data` does not name are rendered as stand-ins of the scale's size.
function M.new(options)
  local o = options_of(options, "study", { out = "runs", scale = false, seed = 1, data = {}, imagenet = false,
    settings = false })
  if not o.scale then error("study: scale is needed, a table as in recipes/scale.lua", 0) end
  check_scale(o.scale)
  for name in pairs(o.data) do sets.find(name, "study") end
  must(ms.sys.mkdir(o.out))
  return setmetatable({ out = o.out, scale = o.scale, seed = o.seed, given = o.data, imagenet = o.imagenet,
                        settings = o.settings, sets = {}, results = {}, started = ms.sys.now() }, Study)
end

-- ---- data ----------------------------------------------------------------------------------
local function record_path(self, name)
  return ("%s/data/%s/result.json"):format(self.out, name)
end

--- The data set "musdb", "mtat" or "fma": the real one or its stand-in, checked and packed to 16 kHz mono.
function Study:data(name)
  sets.find(name, "study")
  self.sets[name] = self.sets[name] or must(sets.open(name, { out = self.out, dir = self.given[name],
    corpora = self.scale.corpora, seed = self.seed, rendered = ms.sys.exists(record_path(self, name)) }))
  return self.sets[name]
end

--- Opens a data set and leaves a record of it in data/NAME/result.json: { hash, counts, classes, stand_in, notes, log_mel =
-- { mean, deviation } of the training clips }. The record.
function Study:prepare(name)
  local path, dataset = record_path(self, name), self:data(name)
  local old = ms.sys.exists(path) and ms.io.load_json(path)
  if old and old.hash == dataset.hash then return old end
  local record = { hash = dataset.hash, stand_in = dataset.stand_in, settings = self.settings, about = tostring(dataset),
                   notes = notes.of({ [name] = dataset }, {}) }
  if dataset.kind ~= "songs" then record.log_mel = must(sets.log_mel(dataset, self.scale.ast.frames)) end
  must(ms.sys.mkdir(path:match "^(.*)/"))
  must(ms.io.save_json(path, record))
  return record
end

-- ---- runs ----------------------------------------------------------------------------------
-- Trains a model in its folder and measures it, or finds both done.
-- run: { name =, seed =, model =, task =, plan =, dataset =, origin = what it started from, measure = as lab/measure.lua
-- takes it }
local function stage(self, run)
  local dir = ("%s/%s"):format(self.out, run.name)
  local path = dir .. "/result.json"
  local record = ms.sys.exists(path) and must(ms.io.load_json(path))
  if not record then must(measure.check(run.dataset, run.measure, "study")) end
  local trained = must(ms.train.run { model = run.model, task = run.task, plan = run.plan, out = dir, seed = run.seed,
    name = run.name,
    settings = { data = run.dataset.hash, parameters = run.model:count(), origin = run.origin } })
  if trained.interrupted then error("interrupted", 0) end
  if not record then
    local scores, predicted = measure.scores(run.model, run.dataset, run.measure)
    must(scores, predicted)
    if predicted then must(predictions.write(dir .. "/predictions.safetensors", predicted, run.dataset)) end
    record = { name = run.name, options = { seed = run.seed }, scores = scores, data = run.dataset.hash,
               stand_in = run.dataset.stand_in, origin = run.origin, settings = self.settings, seconds = trained.seconds,
               steps = trained.steps }
    must(ms.io.save_json(path, record))
  end
  local result = { name = run.name, dir = dir, model = run.model, scores = record.scores, origin = run.origin,
                   seed = run.seed, stand_in = run.dataset.stand_in,
                   seconds = trained.seconds, steps = trained.steps }
  self.results[#self.results + 1] = result
  return result
end

--- What a finished run left: { name =, dir =, model =, scores = }. Raises where there is none.
function Study:result(name)
  local dir = ("%s/%s"):format(self.out, name)
  local record = must(ms.io.load_json(dir .. "/result.json"))
  return { name = name, dir = dir, model = must(runs.load(dir)), scores = record.scores }
end

--- Stage 1: a separator of `source` ("vocals", "bass", "drums", "other", "multi").
-- The result: { name =, dir =, model = separator, scores = { improvement, si_sdr in dB, ... }, seconds =, steps = }.
function Study:separate(source)
  local dataset, o = self:data "musdb", self.scale.separation
  local parts = source == "multi" and "all" or source
  local plan = ms.train.separation(merge(only(o, plans.KNOWN.separation), { source = source }))
  local task = must(ms.train.separation_task(dataset, merge(only(o, OF_TASK), { source = parts, batch = plan.batch,
    seed = self.seed })))
  local model = ms.models.separator(merge(self.scale.unet, { sources = source == "multi" and 4 or 1, seed = self.seed }))
  return stage(self, { name = "separate/" .. source, seed = self.seed, model = model, task = task, plan = plan,
    dataset = dataset, measure = { source = parts, evaluate = { segments = o.tested } } })
end

-- Stages 2 and 3 on a labelled data set. o: options of the stage; scale: "tagging" or "joint", of the CNN.
local function tagging(self, o, model, scale, origin)
  local dataset = self:data(o.set)
  local sizes = o.backend == "ast" and self.scale.ast or self.scale[scale]
  local frames = o.backend == "ast" and self.scale.ast.frames or 384
  local plan = o.backend == "ast" and ms.train.ast(only(sizes, plans.KNOWN.ast)) or ms.train.adam_then_sgd(sizes)
  local task = must(ms.train.tagging_task(dataset, { batch = plan.batch, seed = o.seed, frames = frames }))
  return stage(self, { name = o.name, seed = o.seed, model = model, task = task, plan = plan, dataset = dataset,
    origin = origin, measure = { frames = frames } })
end

-- The options of a backend's tail.
local function tail_options(self, o)
  local classes = #self:data(o.set).classes
  if o.backend == "cnn" then
    return merge(self.scale.tail, { classes = classes, seed = o.seed })
  elseif o.backend == "ast" then
    return merge(only(self.scale.ast, OF_AST), { kind = "ast", classes = classes,
      normalise = self:prepare(o.set).log_mel, seed = o.seed })
  end
  error(("study: backend must be cnn or ast, got %s"):format(tostring(o.backend)), 0)
end

-- An AST starts from image weights, where there are some. What to write down about it.
local function start_ast(self, model)
  if not self.imagenet then return notes.RANDOM_AST end
  must(ms.models.imagenet.load(model, self.imagenet))
  return "image weights of " .. self.imagenet:match "[^/]*$"
end

local STAGE = { backend = "cnn", set = "mtat", name = false, seed = false }

--- The tail alone, stage 2 of the CNN; Table I, first row.
-- options: { backend = "cnn" or "ast", set = "mtat" or "fma", seed = of the study, name = of the run }
function Study:tail(options)
  local o = options_of(options, "study.tail", STAGE)
  o.seed = o.seed or self.seed
  o.name = o.name or ("tail/%s/%s"):format(o.backend, o.set)
  local model = ms.models.tail_model { tail = ms.models.tail(tail_options(self, o)) }
  return tagging(self, o, model, "tagging", { tail = o.backend == "ast" and start_ast(self, model) or nil })
end

--- Stage 3: U-Net, adaptation module and tail together, all of it trained; Table I, rows 2 to 7.
-- options: as of study:tail, and { tail = result of stage 2 (none: an AST from image weights, or random weights),
--   separator = result of stage 1 (none: a random U-Net) }
function Study:joint(options)
  local known = { tail = false, separator = false }
  for key, value in pairs(STAGE) do known[key] = value end
  local o = options_of(options, "study.joint", known)
  o.seed = o.seed or self.seed
  local from = o.separator and o.separator.model
  local source = o.separator and o.separator.name:match "[^/]+$" or "random"
  o.name = o.name or ("joint/%s/%s/%s"):format(o.backend, o.set, source)
  local unet = ms.models.unet(merge(self.scale.unet, { sources = from and from.unet.options.sources, seed = o.seed }))
  if from then ms.train.hand_over.unet(from, unet) end
  local tail = tail_options(self, o)
  local model = ms.models.tagger { unet = unet, tail = tail, classes = tail.classes, seed = o.seed }
  local origin = { unet = o.separator and o.separator.name or "random weights", tail = "random weights" }
  if o.backend == "ast" then origin.tail = start_ast(self, model) end -- the adaptation module, too
  if o.tail then
    ms.train.hand_over.tail(o.tail.model, model)
    origin.tail = o.tail.name
  end
  return tagging(self, o, model, "joint", origin)
end

--- Notes for the reader of a report: stand-ins, clips left out, tags that no mean counts.
function Study:notes()
  return notes.of(self.sets, self.results)
end

strict.class(Study, "study", { "imagenet", "settings" })

return M
