--- The stages of the paper on given data: what quickstart and the tables are made of.
-- A study lives in one folder: corpora/ (where stand-ins are rendered), pack/ (16 kHz copies), one folder per run.
-- Everything is done once: the same calls again find what is there, and go on where an interrupt stopped them.
-- Its methods raise a sentence when the world refuses (a disk is full, Ctrl-C), so that a recipe reads as a list.
local ms = require "moonstem"
local notes = require "moonstem.lab.notes"
local options_of = require "moonstem.options"
local run = require "moonstem.lab.run"
local runs = require "moonstem.lab.runs"
local scale_of = require "moonstem.lab.scale"
local sets = require "moonstem.lab.sets"
local stages = require "moonstem.lab.stages"
local strict = require "moonstem.strict"

local Study = {}
Study.__index = Study

local M = {}

local function must(value, why)
  if value then return value, why end
  error(why, 0)
end

Study.__tostring = function(self) return ("study in %s, seed %d"):format(self.out, self.seed) end

--- ms.lab.study{ out = folder, scale = table (see recipes/scale.lua), seed = 1, data = { musdb = dir, mtat = dir },
--   imagenet = safetensors file of image weights for ASTs, settings = text kept in each result.json }
-- Data sets that `data` does not name are rendered as stand-ins of the scale's size.
function M.new(options)
  local o = options_of(options, "study", { out = "runs", scale = false, seed = 1, data = {}, imagenet = false,
    settings = false })
  if not o.scale then error("study: scale is needed, a table as in recipes/scale.lua", 0) end
  scale_of.check(o.scale)
  for name in pairs(o.data) do sets.find(name, "study") end
  must(ms.sys.mkdir(o.out))
  return setmetatable({ out = o.out, scale = o.scale, seed = o.seed, given = o.data, imagenet = o.imagenet,
                        settings = o.settings, sets = {}, results = {}, known = {} }, Study)
end

-- ---- data ----------------------------------------------------------------------------------
local function record_path(self, name)
  return ("%s/data/%s/result.json"):format(self.out, name)
end

--- The data set "musdb", "mtat" or "fma": the real one or its stand-in, checked and copied at 16 kHz mono.
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
  local record = { hash = dataset.hash, stand_in = dataset.synthetic, settings = self.settings, about = tostring(dataset),
                   notes = notes.of({ [name] = dataset }, {}) }
  if dataset.kind ~= "songs" then record.log_mel = must(sets.log_mel(dataset, self.scale.ast.frames)) end
  must(ms.sys.mkdir(path:match "^(.*)/"))
  must(ms.io.save_json(path, record))
  return record
end

-- ---- runs ----------------------------------------------------------------------------------
--- Does an experiment of moonstem.lab.stages, or finds it done: what results are, { name =, dir =, model =, scores =, origin =,
-- seed =, stand_in =, seconds =, steps = }.
function Study:run(e)
  local dir, dataset, origin = ("%s/%s"):format(self.out, e.name), self:data(e.data), nil
  local schedule = e.schedule(self.scale)
  local record, model, trained = run.finish { dir = dir, name = e.name, who = "study", seed = e.seed, dataset = dataset,
    schedule = schedule, measure = e.measure(self.scale),
    make = function()
      local made
      made, origin = e.model(self, dataset)
      return made, must(e.task(dataset, schedule, self.scale))
    end,
    settings = function(made) return { data = dataset.hash, parameters = made:count(), origin = origin } end,
    record = function()
      return { name = e.name, options = { seed = e.seed }, origin = origin, settings = self.settings }
    end }
  must(record, model)
  local result = { name = e.name, dir = dir, model = model, scores = record.scores, origin = origin, seed = e.seed,
                   stand_in = dataset.synthetic, seconds = trained.seconds, steps = trained.steps }
  self.results[#self.results + 1], self.known[e.name] = result, result
  return result
end

--- What a finished run left: { name =, dir =, model =, scores = }. Raises where there is none.
function Study:result(name)
  if self.known[name] then return self.known[name] end
  local dir = ("%s/%s"):format(self.out, name)
  local record = must(ms.io.load_json(dir .. "/result.json"))
  return { name = name, dir = dir, model = must(runs.load(dir)), scores = record.scores }
end

--- Stage 1: a separator of `source` ("vocals", "bass", "drums", "other", "multi").
-- The result: { name =, dir =, model = separator, scores = { improvement, si_sdr in dB, ... }, seconds =, steps = }.
function Study:separate(source)
  return self:run(stages.separator(source, self.seed))
end

-- The options of a labelled stage, with the study's seed.
local function labelled(self, options, who, more)
  return options_of(options, who, options_of.merge(stages.LABELLED, { seed = self.seed }, more))
end

--- The tail alone, stage 2 of the CNN; Table I, first row.
-- options: { backend = "cnn" or "ast", set = "mtat" or "fma", seed = of the study, name = of the run }
function Study:tail(options)
  return self:run(stages.tail(labelled(self, options, "study.tail", {})))
end

-- The name of a result that a stage starts from; the study knows it from then on.
local function name_of(self, result)
  if not result then return nil end
  self.known[result.name] = result
  return result.name
end

--- Stage 3: U-Net, adaptation module and tail together, all of it trained; Table I, rows 2 to 7.
-- options: as of study:tail, and { tail = result of stage 2 (none: an AST from image weights, or random weights),
--   separator = result of stage 1 (none: a random U-Net) }
function Study:joint(options)
  local o = labelled(self, options, "study.joint", { tail = false, separator = false })
  o.tail, o.separator = name_of(self, o.tail), name_of(self, o.separator)
  return self:run(stages.joint(o))
end

--- Notes for the reader of a report: stand-ins, clips left out, tags that no mean counts.
function Study:notes()
  return notes.of(self.sets, self.results)
end

strict.class(Study, "study", { "imagenet", "settings" })

return M
