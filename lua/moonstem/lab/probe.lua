--- Linear probes: what do frozen features know about tags or genres? Features are worked out once,
-- slice by slice; a linear layer learns from them; a clip's prediction is the mean over its slices.
-- See experiment() at the bottom.
local ms = require "moonstem"
local front = require("moonstem.audio.frontend").paper
local batching = require "moonstem.data.batching"
local evaluating = require "moonstem.evaluate.mode"
local experiment = require "moonstem.lab.experiment"
local options_of = require "moonstem.options"
local sealed = require "moonstem.sys.sealed"
local strict = require "moonstem.strict"

local M = {}

local ROWS = 32 -- slices at once, however long a clip is

-- ---- features ------------------------------------------------------------------------------
local function extract_split(dataset, split, o, into)
  local slices, why = ms.data.slices(dataset, split, { frames = o.frames, hop = o.hop or o.frames })
  if not slices then return nil, why end
  local feed <close> = ms.audio.feed { samples = front:samples(o.frames), transform = "magnitude" }
  for k = 1, #slices do
    local entry, features = slices[k], {}
    for first = 1, #entry.rows, ROWS do
      if ms.sys.interrupted() then return nil, "interrupted" end
      local _ <close> = ms.scope()
      feed:push(table.move(entry.rows, first, math.min(first + ROWS - 1, #entry.rows), 1, {}))
      local magnitude
      magnitude, why = feed:pop()
      if not magnitude then return nil, why end
      table.move(ms.no_grad(o.extract, magnitude):totable(), 1, ROWS, #features + 1, features)
    end
    into[entry.item.id] = features
  end
  return true
end

--- ms.lab.probe.features(dataset, { extract = function(magnitude) -> (slices, width), frames = 384
-- of a slice,
-- hop = frames, file = path.json }) -> { [id of a clip] = list of its slices' features }, of all
-- splits.
-- magnitude: (slices, frames, 256). Kept in `file`, if given, and read from there the next time.
-- nil and a sentence when audio or the file cannot be read.
function M.features(dataset, options)
  local o = options_of(options, "probe.features",
    { extract = false, frames = options_of.count(384),
    hop = options_of.count, file = options_of.string })
  if o.file and ms.sys.exists(o.file) then return sealed.load(o.file) end
  if type(o.extract) ~= "function" then
    error("probe.features: extract, a function, is needed", 2)
  end
  local all = {}
  for _, split in ipairs { "train", "valid", "test" } do
    local ok, why = extract_split(dataset, split, o, all)
    if not ok then return nil, why end
  end
  if not o.file then return all end
  local ok, why = ms.sys.mkdir(o.file:match "^(.*)/" or ".")
  if ok then ok, why = sealed.save(o.file, all) end
  return ok and all, why
end

--- ms.lab.probe.join(list of features) -> features: those of each slice behind one another
function M.join(parts)
  local joined = {}
  for id, rows in pairs(parts[1]) do
    joined[id] = {}
    for k in ipairs(rows) do
      local row = {}
      for _, part in ipairs(parts) do table.move(part[id][k], 1, #part[id][k], #row + 1, row) end
      joined[id][k] = row
    end
  end
  return joined
end

-- ---- learning ------------------------------------------------------------------------------
--- ms.lab.probe.model(features, classes, seed) -> a batch norm and a linear layer: (slices, width)
-- -> (slices, classes)
function M.model(features, classes, seed)
  local _, rows = next(features)
  local width = #rows[1]
  return ms.net.module { name = "probe", order = { "norm", "linear" }, input = { width },
    norm = ms.nn.batch_norm { channels = width },
    linear = ms.nn.linear { in_features = width, out_features = classes },
    forward = function(self, x) return self.linear(self.norm(x)) end }:init(seed or 0)
end

-- Every slice of a split: lists of features and of targets beside them.
local function slices(dataset, features, split)
  local xs, ys = {}, {}
  for _, item in ipairs(dataset:items(split)) do
    local target = batching.target(dataset, item)
    for _, x in ipairs(features[item.id]) do xs[#xs + 1], ys[#ys + 1] = x, target end
  end
  return xs, ys
end

local Task = {}
Task.__index = Task

-- Every slice once an epoch, in an order of the epoch's own, but for the last few that would make a
-- smaller batch.
function Task:batch(step)
  local epoch, k, x, y = step // self.steps_per_epoch, step % self.steps_per_epoch, {}, {}
  local size = self.options.batch
  local order = ms.random.shuffle(self.options.seed, "probe", epoch, #self.xs)
  for n = k * size + 1, math.min((k + 1) * size, #self.xs) do
    x[#x + 1], y[#y + 1] = self.xs[order[n]], self.ys[order[n]]
  end
  return nil, { x = x, y = y }
end

function Task:loss(model, _, batch)
  return ms.evaluate.tagging_loss(self.kind, model(ms.tensor(batch.x)), ms.tensor(batch.y))
end

function Task:validate(model)
  local _ <close> = ms.scope()
  return { loss = self:loss(model, nil, { x = self.valid_xs, y = self.valid_ys }):item() }
end

strict.class(Task, "task", { "names", "feed", "main" })

--- ms.lab.probe.task(dataset, features, { batch = 64 slices, seed = 1 }) -> task for ms.train.run,
-- without audio
function M.task(dataset, features, options)
  local o = options_of(options, "probe.task", { batch = options_of.count(64), seed = 1 })
  local xs, ys = slices(dataset, features, "train")
  local valid_xs, valid_ys = slices(dataset, features, "valid")
  return setmetatable({ kind = dataset.kind, classes = dataset.classes, xs = xs, ys = ys,
    valid_xs = valid_xs,
    valid_ys = valid_ys, options = o, steps_per_epoch = math.max(1, #xs // o.batch) }, Task)
end

local function predict(model, dataset, features)
  local predicted = { scores = {}, truths = {}, items = {} }
  for k, item in ipairs(dataset:items "test") do
    local _ <close> = ms.scope()
    local logits = model(ms.tensor(features[item.id])):totable()
    predicted.scores[k] = ms.evaluate.average(dataset.kind, logits)
    predicted.truths[k], predicted.items[k] = batching.target(dataset, item), item
  end
  return predicted
end

--- ms.lab.probe.scores(model, dataset, features) -> scores on the test split and predictions, as
-- ms.evaluate.tags
function M.scores(model, dataset, features)
  local predicted = evaluating(model, predict, model, dataset, features)
  local scores, why = ms.evaluate.scores(dataset, predicted)
  if not scores then return nil, why end
  return scores, predicted
end

-- f, which is asked again only when the point is another one.
local function remembered(f)
  local last, value
  return function(point)
    if point ~= last then last, value = point, f(point) end
    return value
  end
end

--- ms.lab.probe.experiment{ features = function(point) -> features, ... } -> an experiment in
-- linear probes. The other
-- options are those of ms.lab.experiment; model, task and evaluate follow from the features.
function M.experiment(spec)
  if type(spec) ~= "table" or type(spec.features) ~= "function" then
    error("probe.experiment: features, a function of the point, is needed", 2)
  end
  local features, whole = remembered(spec.features), {}
  for key, value in pairs(spec) do whole[key] = value end
  whole.features = nil
  whole.model = function(o, data) return M.model(features(o), #data.classes, o.seed) end
  whole.task = function(o, data)
    return M.task(data, features(o), { batch = spec.train.batch, seed = o.seed })
  end
  whole.evaluate = function(model, data, o) return M.scores(model, data, features(o)) end
  return experiment.new(whole)
end

return M
