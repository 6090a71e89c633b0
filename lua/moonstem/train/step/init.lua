--- One step of a run: its loss, its gradients and what it changes, each looked at before the next.
local core = require "moonstem.core.tensor"
local finite = require "moonstem.train.step.finite"
local optim = require "moonstem.core.optim"
local batches = require "moonstem.train.ranks.batches"
local parts = require "moonstem.net.parts"
local randomness = require "moonstem.train.step.randomness"
local rules = require "moonstem.train.schedule.phases"
local guard_of = require "moonstem.train.step.guard"

local M = {}

-- The loss of a batch, whose random numbers are those of the step.
local function loss_of(job, tensor, extra)
  core.step(job.position.step)
  if job.ranks and job.ranks.dp then return batches.loss(job, tensor, extra, 1) end
  randomness.at(job.settings.seed, job.position.step, "loss")
  return job.task:loss(job.model, tensor, extra)
end

local function is_tensor(y)
  local meta = debug.getmetatable(y)
  return meta ~= nil and meta.__name == "moonstem.tensor"
end

-- Calls hear(name, y) for what each part of the model gives while the loss is computed once more.
local function heard(job, tensor, extra, hear)
  if not parts.is_module(job.model) then return end
  local stop = job.model:watch(function(name, y)
    if is_tensor(y) then hear(name, y) end
  end)
  local ok, why = pcall(loss_of, job, tensor, extra)
  stop()
  job.statistics:restore()
  if not ok then error(why, 0) end
end

-- The first part whose result is not finite.
local function first_part(job, tensor, extra)
  local first
  heard(job, tensor, extra, function(name, y)
    if not first and not y:finite() then first = name end
  end)
  return first
end

-- The loss and the gradients of a batch, by all ranks where there are several: a number; or nil and
-- a sentence where one of them is lost.
local function computed(job, tensor, extra)
  core.step(job.position.step)
  if job.ranks then
    local same, why = job.ranks:compare(job.position.step)
    if not same then return nil, why end
    return job.ranks:backward(extra, function(i) return batches.loss(job, tensor, extra, i) end)
  end
  local loss = loss_of(job, tensor, extra)
  local value = loss:item()
  if finite.number(value) then loss:backward() end
  return value
end

-- A step that is not taken: everything is as it was before it.
local function refused(job, tensor, extra, fault)
  job.statistics:restore()
  fault.part = first_part(job, tensor, extra)
  fault.untouched = true
  return nil, fault
end

--- Takes the next step of a job: its loss; or nil and what is not finite: { what = "the loss",
-- tensors = names, part = the first part of the model whose result is not finite, untouched =
-- whether weights and optimizer are as before }, or { lost = a sentence about another rank }.
function M.take(job, tensor, extra)
  rules.apply(job.optimizer, job:phase(), job.position)
  job.optimizer:zero()
  job.statistics:note()
  local guard <close> = guard_of.open(job)
  local value, lost = computed(job, tensor, extra)
  if not value then
    job.statistics:restore()
    return nil, { lost = lost }
  end
  if not finite.number(value) then
    return refused(job, tensor, extra, { what = "the loss", tensors = {} })
  end
  local names = finite.gradients(job.parameters)
  if #names > 0 then
    return refused(job, tensor, extra, { what = "the gradient", tensors = names })
  end
  local limit = job:phase().clip_grad_norm
  if limit then optim.clip_grad_norm(job.optimizer, limit) end
  guard.commit()
  job.optimizer:step()
  names = finite.state(job.model, job.optimizer)
  if #names > 0 then return nil, { what = "what the step left", tensors = names } end
  return value
end

-- A tensor as a row of what replaying tells.
local function row(name, x)
  local low, high, count = x:extent()
  return { name = name, low = low, high = high, not_finite = count }
end

--- The next step of a job looked at, and not taken: { loss =, parts =, gradients = }, lists of
-- { name =, low =, high =, not_finite = how many numbers are not }, parts in the order in which
-- they are computed.
function M.look(job, tensor, extra)
  local seen = { parts = {}, gradients = {} }
  job.statistics:note()
  heard(job, tensor, extra, function(name, y) table.insert(seen.parts, row(name, y:detach())) end)
  job.optimizer:zero()
  local loss = loss_of(job, tensor, extra)
  seen.loss = loss:item()
  loss:backward()
  for _, p in ipairs(job.parameters) do
    if p.value.grad then table.insert(seen.gradients, row(p.name, p.value.grad)) end
  end
  job.statistics:restore()
  return seen
end

return M
