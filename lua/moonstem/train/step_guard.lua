--- Ctrl-C in the middle of a training step, at the prompt: the step is cut off and the run saved as
-- it was before it, so that the model trains on as if nothing had been.
local core = require "moonstem.core.tensor"
local sys = require "moonstem.sys"

local Guard = {}
Guard.__index = Guard

local M = {}

-- Running statistics of a model and copies of them: a forward pass moves them layer by layer.
local function statistics_of(model)
  local list = {}
  for _, t in ipairs(model:tensors()) do
    if not t.trainable then list[#list + 1] = { core.keep(t.value), core.keep(t.value:clone()) } end
  end
  return list
end

--- The guard of a step of a job, a value to be closed; nil where nothing is cut off: in scripts,
-- which end their steps.
function M.open(job)
  if not sys.let_cut(true) then return nil end
  job.statistics = job.statistics or statistics_of(job.model)
  for _, pair in ipairs(job.statistics) do pair[2]:copy(pair[1]) end
  return setmetatable({ job = job }, Guard)
end

--- From here on the step is taken as a whole.
function Guard.commit() sys.let_cut(false) end

function Guard:__close(thrown)
  sys.let_cut(false)
  if thrown == nil or sys.signal() ~= "INT" then return end
  for _, pair in ipairs(self.job.statistics) do pair[1]:copy(pair[2]) end
  local ok, why = self.job:save_last()
  self.job.progress:finish(ok and "interrupted" or nil, why, self.job.position)
end

return M
