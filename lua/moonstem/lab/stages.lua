--- The stages of the paper as experiments, whatever the scale:
--   { name =, seed =, data = "mtat", needs = names of data sets and experiments that come before,
--     schedule = function(scale) -> plan of training,
--     model = function(study, dataset) -> model, and what it started from,
--     task = function(dataset, schedule, scale) -> task, or nil and a sentence,
--     measure = function(scale) -> as measure.lua takes it }
-- study:run does one; a recipe is a list of them.
local ms = require "moonstem"
local notes = require "moonstem.lab.notes"
local options_of = require "moonstem.options"
local plans = require "moonstem.train.plans"
local scale_of = require "moonstem.lab.scale"

local M = {}

local merge, only = options_of.merge, scale_of.only

local function must(value, why)
  if value then return value end
  error(why, 0)
end

--- The options of an experiment on a labelled data set.
M.LABELLED = { backend = "cnn", set = "mtat", seed = 1, name = options_of.string }

--- Stage 1: a separator of `source` ("vocals", "bass", "drums", "other", "multi").
function M.separator(source, seed)
  local parts = source == "multi" and "all" or source
  return {
    name = "separate/" .. source, seed = seed, data = "musdb", needs = { "data/musdb" },
    schedule = function(scale)
      local settings = only(scale.separation, plans.KNOWN.separation)
      return ms.train.separation(merge(settings, { source = source }))
    end,
    model = function(study)
      local sources = source == "multi" and 4 or 1
      return ms.models.separator(merge(study.scale.unet, { sources = sources, seed = seed }))
    end,
    task = function(dataset, schedule, scale)
      return ms.train.separation_task(dataset, merge(only(scale.separation, scale_of.TASK),
        { source = parts, batch = schedule.batch, seed = seed }))
    end,
    measure = function(scale)
      return { source = parts, evaluate = { segments = scale.separation.tested } }
    end,
  }
end

-- An experiment of stage 2 or 3. o: LABELLED; part: of the scale that the CNN learns by, "tagging"
-- or "joint".
local function labelled(o, part, name, needs, model)
  if o.backend ~= "cnn" and o.backend ~= "ast" then
    error(("study: backend must be cnn or ast, got %s"):format(tostring(o.backend)), 0)
  end
  local ast = o.backend == "ast"
  local function frames(scale) return ast and scale.ast.frames or 384 end
  return {
    name = o.name or name, seed = o.seed, data = o.set, model = model,
    needs = { "data/" .. o.set, table.unpack(needs) },
    schedule = function(scale)
      if ast then return ms.train.ast(only(scale.ast, plans.KNOWN.ast)) end
      return ms.train.adam_then_sgd(scale[part])
    end,
    task = function(dataset, schedule, scale)
      return ms.train.tagging_task(dataset,
        { batch = schedule.batch, seed = o.seed, frames = frames(scale) })
    end,
    measure = function(scale) return { frames = frames(scale) } end,
  }
end

-- The options of a backend's tail.
local function tail_options(study, o, dataset)
  local own = { classes = #dataset.classes, seed = o.seed }
  if o.backend == "cnn" then return merge(study.scale.tail, own) end
  return merge(only(study.scale.ast, scale_of.AST), own,
    { kind = "ast", normalise = study:prepare(o.set).log_mel })
end

-- An AST starts from image weights, where there are some. What to write down about it; of another
-- tail, `otherwise`.
local function start_tail(study, o, model, otherwise)
  if o.backend ~= "ast" then return otherwise end
  if not study.imagenet then return notes.RANDOM_AST end
  must(ms.models.imagenet.load(model, study.imagenet))
  return "image weights of " .. study.imagenet:match "[^/]*$"
end

--- The tail alone, stage 2 of the CNN; Table I, first row. o: LABELLED.
function M.tail(o)
  local name = ("tail/%s/%s"):format(o.backend, o.set)
  return labelled(o, "tagging", name, {}, function(study, dataset)
    local model = ms.models.tail_only { tail = ms.models.tail(tail_options(study, o, dataset)) }
    return model, { tail = start_tail(study, o, model, nil) }
  end)
end

-- A U-Net as a separator leaves it, or a random one.
local function unet_of(study, o)
  local from = o.separator and study:result(o.separator).model
  local sources = from and from.unet.options.sources
  local unet = ms.models.unet(merge(study.scale.unet, { sources = sources, seed = o.seed }))
  return from and ms.train.hand_over.unet(from, unet) or unet
end

--- Stage 3: U-Net, adaptation module and tail together, all of it trained; Table I, rows 2 to 7. o:
-- LABELLED, and the names of the experiments that it starts from: separator (none: a random
-- U-Net), tail (none: an AST from image weights, or random weights).
function M.joint(o)
  local source, needs = o.separator and o.separator:match "[^/]+$" or "random", {}
  for _, key in ipairs { "separator", "tail" } do needs[#needs + 1] = o[key] or nil end
  local name = ("joint/%s/%s/%s"):format(o.backend, o.set, source)
  return labelled(o, "joint", name, needs, function(study, dataset)
    local tail = tail_options(study, o, dataset)
    local model = ms.models.tagger { unet = unet_of(study, o), tail = tail, classes = tail.classes,
      seed = o.seed }
    local origin = { unet = o.separator or "random weights" }
    origin.tail = start_tail(study, o, model, "random weights") -- the adaptation module, too
    if o.tail then
      ms.train.hand_over.tail(study:result(o.tail).model, model)
      origin.tail = o.tail
    end
    return model, origin
  end)
end

return M
