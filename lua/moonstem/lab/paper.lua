--- The paper's experiments at a scale, in one folder: what quickstart and the tables are made of.
-- The folder holds corpora/ (where stand-ins are rendered), pack/ (16 kHz copies) and one folder
-- per run. Everything is done once: the same calls find what is there, and go on where an interrupt
-- stopped them. What the world refuses (a full disk, Ctrl-C) is raised, so that a script reads as a
-- list.
local ms = require "moonstem"
local experiment = require "moonstem.lab.experiment"
local notes = require "moonstem.lab.notes"
local options_of = require "moonstem.options"
local schedules = require "moonstem.train.schedule.paper"
local runs = require "moonstem.lab.runs"
local scale_of = require "moonstem.lab.scale"
local sets = require "moonstem.lab.sets"
local sealed = require "moonstem.sys.sealed"
local strict = require "moonstem.strict"

local Paper = {}
Paper.__index = Paper

local M = {}

local merge, only = options_of.merge, scale_of.only

local function must(value, why)
  if value then return value end
  error(why, 0)
end

Paper.__tostring = function(self)
  return ("the paper's experiments in %s, seed %d"):format(self.out, self.seed)
end

--- ms.lab.paper{ out = folder, scale = table (see recipes/scale.lua), seed = 1,
--   data = { musdb = dir, mtat = dir }, imagenet = safetensors file of image weights for ASTs,
--   settings = text kept in each result.json, tensorboard = true: event files in their folders,
--   corpus = "stand-ins", or "real" }
-- Data sets that `data` does not name are rendered in the scale's size: as stand-ins, or from the
-- music of human composers in installed Debian packages (ms.corpora.real), in which nobody sings.
function M.new(options)
  local o = options_of(options, "paper", { out = "runs", scale = false, seed = 1, data = {},
    imagenet = false, settings = false, tensorboard = options_of.flag,
    corpus = options_of.choice("stand-ins", "real") "stand-ins" })
  if not o.scale then error("paper: scale is needed, a table as in recipes/scale.lua", 0) end
  scale_of.check(o.scale)
  for name in pairs(o.data) do sets.find(name, "paper") end
  return setmetatable({ out = o.out, scale = o.scale, seed = o.seed, given = o.data,
    imagenet = o.imagenet, settings = o.settings, tensorboard = o.tensorboard,
    corpus = o.corpus, sets = {} }, Paper)
end

-- ---- data ----------------------------------------------------------------------------------
local function record_path(self, name)
  return ("%s/data/%s/result.json"):format(self.out, name)
end

--- The data set "musdb", "mtat" or "fma": the real one or its stand-in, checked and copied at 16
-- kHz mono.
function Paper:data(name)
  sets.find(name, "paper")
  self.sets[name] = self.sets[name] or must(ms.distributed.in_turn(function()
    return sets.open(name, { out = self.out, dir = self.given[name], corpora = self.scale.corpora,
      seed = self.seed, corpus = self.corpus,
      rendered = ms.sys.exists(record_path(self, name)) })
  end))
  return self.sets[name]
end

-- The record of a data set, new where there is none or an old one.
local function prepare(self, name, dataset)
  local path = record_path(self, name)
  local old = ms.sys.exists(path) and sealed.load(path)
  if old and old.hash == dataset.hash then return old end
  local record = { hash = dataset.hash, stand_in = dataset.synthetic, settings = self.settings,
    about = tostring(dataset), notes = notes.of({ [name] = dataset }, {}) }
  if dataset.kind ~= "songs" then
    record.log_mel = must(sets.log_mel(dataset, self.scale.ast.frames))
  end
  must(ms.sys.mkdir(path:match "^(.*)/"))
  must(sealed.save(path, record))
  return record
end

--- Opens a data set and leaves a record of it in data/NAME/result.json: { hash, about, notes,
-- log_mel = { mean, deviation } of the training clips }. The record.
function Paper:prepare(name)
  local dataset = self:data(name)
  return must(ms.distributed.by_first(function() return prepare(self, name, dataset) end))
end

--- Checks and copies a share of a real data set, the k-th of n, and leaves a record of it in
-- share/NAME/KofN/result.json.
function Paper:share(name, k, n)
  local folder = ("%s/share/%s/%dof%d"):format(self.out, name, k, n)
  must(sets.share(name, { out = self.out, dir = self.given[name] }, k, n))
  must(ms.sys.mkdir(folder))
  must(ms.io.save_json(folder .. "/result.json", { settings = self.settings }))
end

-- A part of the scale without which there is no such experiment.
local function part_of(self, name)
  return self.scale[name] or error(("paper: the scale has no part %s"):format(name), 0)
end

-- ---- what an experiment starts from ---------------------------------------------------------
local function name_of(run) return type(run) == "table" and run.name or run end

-- The model of a finished run: of its result, or of its folder.
local function model_of(self, run)
  if type(run) == "table" then return run.model end
  return (must(runs.load(self.out .. "/" .. run)))
end

-- The options of a backend's tail.
local function tail_options(self, o, dataset)
  local own = { classes = #dataset.classes, seed = o.seed }
  if o.backend == "cnn" then return merge(self.scale.tail, own) end
  return merge(only(self.scale.ast, scale_of.AST), own,
    { kind = "ast", normalise = self:prepare(o.set).log_mel })
end

-- An AST starts from image weights, where there are some. What to write down about it; of another
-- tail, `otherwise`.
local function start_tail(self, o, model, otherwise)
  if o.backend ~= "ast" then return otherwise end
  if not self.imagenet then return notes.RANDOM_AST end
  must(ms.models.imagenet.load(model, self.imagenet))
  return "image weights of " .. self.imagenet:match "[^/]*$"
end

-- A U-Net as a separator leaves it, or a random one.
local function unet_of(self, o)
  local from = o.separator and model_of(self, o.separator)
  local sources = from and from.unet.options.sources
  local unet = ms.models.unet(merge(self.scale.unet, { sources = sources, seed = o.seed }))
  return from and ms.train.transfer.unet(from, unet) or unet
end

-- ---- experiments ----------------------------------------------------------------------------
local function experiment_of(self, set, spec)
  return experiment.new(merge(spec, { data = function() return self:data(set) end, score = {},
    out = self.out .. "/" .. spec.name, about = self.settings or nil,
    tensorboard = self.tensorboard,
    needs = { "data/" .. set, table.unpack(spec.needs or {}) },
    settings = function(model, dataset, origin)
      return { data = dataset.hash, parameters = model:count(), origin = origin }
    end }))
end

--- Stage 1: a separator of `source` ("vocals", "bass", "drums", "other", "multi").
function Paper:separator(source)
  local settings, seed = part_of(self, "separation"), self.seed
  local train = ms.train.separation(merge(only(settings, schedules.KNOWN.separation),
    { source = source }))
  local multi = source == "multi"
  return experiment_of(self, "musdb", { name = "separate/" .. source, seed = seed, train = train,
    model = function()
      local own = { sources = multi and 4 or 1, seed = seed }
      return ms.models.separator(merge(self.scale.unet, own))
    end,
    task = function(_, dataset)
      return must(ms.train.separation_task(dataset, merge(only(settings, scale_of.TASK),
        { source = multi and "all" or source, batch = train.batch, seed = seed })))
    end,
    evaluate = { segments = settings.tested } })
end

-- The options of an experiment on a labelled data set.
local LABELLED = { backend = "cnn", set = "mtat", seed = options_of.whole, suffix = "" }

-- An experiment of stage 2 or 3. part: of the scale that the CNN learns by, "tagging" or "joint".
local function labelled(self, o, part, name, needs, model)
  if o.backend ~= "cnn" and o.backend ~= "ast" then
    error(("paper: backend must be cnn or ast, got %s"):format(tostring(o.backend)), 0)
  end
  local ast = o.backend == "ast" and part_of(self, "ast")
  return experiment_of(self, o.set, { name = name .. o.suffix, seed = o.seed, needs = needs,
    train = ast and ms.train.ast(only(ast, schedules.KNOWN.ast))
      or ms.train.adam_then_sgd(self.scale[part]),
    frames = (ast or self.scale.tail or {}).frames or 384,
    model = function(_, dataset) return model(dataset) end })
end

--- The tail alone, stage 2 of the CNN; Table I, first row.
-- options: { backend = "cnn" or "ast", set = "mtat" or "fma", seed = the paper object's,
--   suffix = "" of the run's name }
function Paper:tail(options)
  local o = options_of(options, "paper.tail", LABELLED)
  o.seed = o.seed or self.seed
  local name = ("tail/%s/%s"):format(o.backend, o.set)
  return labelled(self, o, "tagging", name, {}, function(dataset)
    local model = ms.models.tail_only { tail = ms.models.tail(tail_options(self, o, dataset)) }
    return model, { tail = start_tail(self, o, model, nil) }
  end)
end

--- Stage 3: U-Net, adaptation module and tail together, all of it trained; Table I, rows 2 to 7.
-- options: as of paper:tail, and what it starts from, a result or the name of a finished run:
--   { tail = of stage 2 (none: an AST from image weights, or random weights), separator = of stage
--   1
--   (none: a random U-Net) }
function Paper:joint(options)
  local o = options_of(options, "paper.joint", merge(LABELLED, { tail = false, separator = false }))
  o.seed = o.seed or self.seed
  local source, needs = o.separator and name_of(o.separator):match "[^/]+$" or "random", {}
  for _, key in ipairs { "separator", "tail" } do needs[#needs + 1] = name_of(o[key]) or nil end
  local name = ("joint/%s/%s/%s"):format(o.backend, o.set, source)
  return labelled(self, o, "joint", name, needs, function(dataset)
    local tail = tail_options(self, o, dataset)
    local model = ms.models.tagger { unet = unet_of(self, o), tail = tail, classes = tail.classes,
      seed = o.seed }
    local origin = { unet = name_of(o.separator) or "random weights" }
    origin.tail = start_tail(self, o, model, "random weights") -- the adaptation module, too
    if o.tail then
      ms.train.transfer.tail(model_of(self, o.tail), model)
      origin.tail = name_of(o.tail)
    end
    return model, origin
  end)
end

strict.class(Paper, "paper", { "imagenet", "settings", "tensorboard" })

return M
