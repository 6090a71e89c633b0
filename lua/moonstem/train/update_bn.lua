--- Running statistics of batch norm from a few batches at the present weights, for runs of few
-- steps: Keras' momentum of 0.99 forgets its start only after some 500 steps, and a validation
-- before that measures the start, too. Training itself does not look at running statistics, so
-- nothing else about a run changes.
local core = require "moonstem.core.tensor"
local feeder = require "moonstem.train.feeder"
local options_of = require "moonstem.options"
local parts = require "moonstem.net.parts"

-- The running statistics of a model's batch norms: { layer =, value =, ... }. Other layers' tensors
-- that are not trained, such as spectral norm's vectors, are no means; and a norm in evaluation
-- mode keeps its own.
local function running(model)
  local list = {}
  parts.walk(model, function(_, u)
    local moves = u:training() and (u.options.momentum or 1) < 1
    for _, t in ipairs(moves and u:tensors() or {}) do
      if not t.trainable then
        list[#list + 1] = { layer = u, value = t.value, before = t.value:clone(),
          sum = core.zeros(t.value:size()), batches = 0 }
      end
    end
  end)
  return list
end

local function check(model, task, first, count)
  if not parts.is_module(model) then error("update_bn: model must be a module of ms.net", 3) end
  if type(task) ~= "table" or not (task.main or task).loss then
    error("update_bn: task must be a task, as ms.train.tagging_task and its like give", 3)
  end
  options_of.check({ first = first, count = count }, "update_bn",
    { first = options_of.natural, count = options_of.count })
end

-- From zero, uses of the norm in a batch leave the mean of what they saw times 1 - momentum^uses.
local function begin_batch(list)
  for _, s in ipairs(list) do
    s.value:copy(core.zeros(s.value:size()))
    s.layer.uses = 0
  end
end

local function end_batch(list, count)
  for _, s in ipairs(list) do
    local uses = s.layer.uses
    if uses > 0 then
      local share = 1 - s.layer.options.momentum ^ uses
      s.sum:copy(s.sum + s.value / (count * share))
      s.batches = s.batches + 1
    end
  end
end

-- The means; what no batch came through, and all that was cut short, is as before.
local function finish(list, count)
  for _, s in ipairs(list) do
    s.layer.uses = nil
    s.value:copy(count and s.batches > 0 and s.sum * (count / s.batches) or s.before)
  end
end

--- ms.train.update_bn(model, task, first, count) -> true, or nil and a message (a file that cannot
-- be read). Sets the running statistics of the model's batch norms to their means over the task's
-- batches of steps first to first + count - 1, as PyTorch's swa_utils.update_bn, however often the
-- loss of a step uses a norm. Of a combined task only the main one counts, which is what the model
-- is used for. Norms in evaluation mode keep their statistics, as do those that no batch uses.
return function(model, task, first, count)
  check(model, task, first, count)
  local _ <close> = core.scope()
  task = task.main or task
  local list, done = running(model), nil
  local _ <close> = setmetatable({}, { __close = function() finish(list, done) end })
  local source <close> = feeder.open(task, first, count)
  for k = 1, count do
    local _ <close> = core.scope()
    begin_batch(list)
    local tensor, extra = source:pop()
    if tensor == false then return nil, extra end
    core.step(first + k - 1)
    core.no_grad(task.loss, task, model, tensor, extra)
    end_batch(list, count)
  end
  done = count
  return true
end
