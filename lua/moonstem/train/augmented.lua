--- Augmentation inside a task: the clips of a batch changed one by one, then mixed with each other.
local augment_of = require "moonstem.audio.augment"
local core = require "moonstem.core.tensor"
local evaluate = require "moonstem.evaluate"

local M = {}

-- Which numbers each clip of a batch draws.
local function places(task, batch)
  local list = {}
  for k, item in ipairs(batch.items) do
    list[k] = { seed = task.options.seed, epoch = batch.epoch, clip = task.place[item] }
  end
  return list
end

-- Every wave of (batch, samples) changed on its own.
local function changed(augment, waves, list)
  local rows = {}
  for k, where in ipairs(list) do
    rows[k] = augment:wave(waves:slice(1, k, k):reshape(-1), where):reshape(1, -1)
  end
  return core.ops.cat(rows, 1)
end

-- (batch) class numbers or (batch, classes) as shares of every class.
local function shares(task, batch)
  if task.kind == "tags" then return batch.targets end
  local rows = {}
  for k, item in ipairs(batch.items) do
    rows[k] = {}
    for c = 1, #task.classes do rows[k][c] = c == item.class and 1 or 0 end
  end
  return core.tensor(rows)
end

--- The cross-entropy of targets that are shares of classes.
local function soft_loss(task, logits, targets)
  if task.kind == "tags" then return evaluate.tagging_loss("tags", logits, targets) end
  return -(targets * logits:log_softmax(-1)):sum(-1):mean()
end

--- An augmentation of a caller's: itself, or made of its list of effects; nil of nil. sees: "wave"
-- or "magnitude", what the model is given.
function M.of(given, sees)
  local augment = given
  if given ~= nil and type(given.settings) ~= "function" then augment = augment_of(given) end
  if augment and sees == "wave" and augment:has "spectra" then
    error("augment: the model sees waves, which effects on spectrograms cannot change", 0)
  end
  return augment
end

--- What a task's feed gives: waves where the model sees them, or some effect changes them.
function M.transform(augment, sees)
  return augment and augment:has "wave" and "wave" or sees
end

--- The loss of a step: x as the feed gives it, waves or magnitudes.
function M.loss(task, model, x, batch)
  local augment, list = task.augment, places(task, batch)
  if augment:has "wave" then
    x = changed(augment, x, list)
    if task.sees == "magnitude" then x = x:magnitude() end
  end
  if augment:has "spectra" then x = augment:spectra(x, list) end
  if not augment:has "mix" then
    return evaluate.tagging_loss(task.kind, model(x), batch.targets)
  end
  local mixed, targets = augment:mix(x, shares(task, batch),
    { seed = task.options.seed, epoch = batch.epoch, clip = batch.number })
  return soft_loss(task, model(mixed), targets)
end

--- Each item's place in the list of training items, by which its numbers are drawn.
function M.places(dataset)
  local place = {}
  for k, item in ipairs(dataset:items "train") do place[item] = k end
  return place
end

return M
