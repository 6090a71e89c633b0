--- Ctrl-C in the middle of a training step, at the prompt: the step is cut off and the run saved as
-- it was before it, so that the model trains on as if nothing had been.
local sys = require "moonstem.sys"

local Guard = {}
Guard.__index = Guard

local M = {}

--- The guard of a step of a job, a value to be closed; it cuts nothing off in scripts, which end
-- their steps.
function M.open(job)
  return setmetatable({ job = job, cuts = sys.let_cut(true) }, Guard)
end

--- From here on the step is taken as a whole.
function Guard.commit() sys.let_cut(false) end

function Guard:__close(thrown)
  sys.let_cut(false)
  if not self.cuts or thrown == nil or sys.signal() ~= "INT" then return end
  self.job.statistics:restore()
  local ok, why = self.job:save_last()
  self.job.progress:finish(ok and "interrupted" or nil, why, self.job.position)
end

return M
