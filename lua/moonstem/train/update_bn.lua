--- Running statistics of batch norm from a few batches at the present weights, for runs of few
-- steps: Keras' momentum of 0.99 forgets its start only after some 500 steps, and a validation
-- before that measures the start, too. Training itself does not look at running statistics, so
-- nothing else about a run changes.
local core = require "moonstem.core.tensor"
local feeder = require "moonstem.train.feeder"
local options_of = require "moonstem.options"
local parts = require "moonstem.net.parts"

-- The running statistics of a model's batch norms, and the share that each takes of a batch's own.
-- Other layers' tensors that are not trained, such as spectral norm's vectors, are no means.
local function running(model)
  local values, shares = {}, {}
  parts.walk(model, function(_, u)
    local share = 1 - (u.options.momentum or 1)
    for _, t in ipairs(share > 0 and u:tensors() or {}) do
      if not t.trainable then values[#values + 1], shares[#shares + 1] = t.value, share end
    end
  end)
  return values, shares
end

local function check(model, task, first, count)
  if not parts.is_module(model) then error("update_bn: model must be a module of ms.net", 3) end
  if type(task) ~= "table" or not (task.main or task).loss then
    error("update_bn: task must be a task, as ms.train.tagging_task and its like give", 3)
  end
  options_of.check({ first = first, count = count }, "update_bn",
    { first = options_of.natural, count = options_of.count })
end

--- ms.train.update_bn(model, task, first, count) -> true, or nil and a message (a file that cannot
-- be read). Sets the running statistics of the model's batch norms to their means over the task's
-- batches of steps first to first + count - 1, as PyTorch's swa_utils.update_bn. Of a combined task
-- only the main one counts, which is what the model is used for. The model must be in training
-- mode.
return function(model, task, first, count)
  check(model, task, first, count)
  local _ <close> = core.scope()
  task = task.main or task
  local values, shares = running(model)
  local sums = {}
  for i, value in ipairs(values) do sums[i] = core.zeros(value:size()) end
  local source <close> = feeder.open(task, first, count)
  for k = 1, count do
    local _ <close> = core.scope()
    for _, value in ipairs(values) do value:copy(core.zeros(value:size())) end
    local tensor, extra = source:pop()
    if tensor == false then return nil, extra end
    core.step(first + k - 1)
    -- From zero, which leaves (1 - momentum) times the batch's own.
    core.no_grad(task.loss, task, model, tensor, extra)
    for i, value in ipairs(values) do sums[i]:copy(sums[i] + value / (count * shares[i])) end
  end
  for i, value in ipairs(values) do value:copy(sums[i]) end
  return true
end
