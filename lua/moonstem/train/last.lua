--- The state that a run goes on from: last.safetensors, and previous.safetensors, which was the
-- last one before it and counts where that is missing.
local checkpoint = require "moonstem.train.checkpoint"
local sys = require "moonstem.sys"

local M = {}

local LAST, PREVIOUS = "last.safetensors", "previous.safetensors"

--- Writes the state of a job, unless another rank does. true, or nil and a sentence.
function M.save(job)
  if job.folder.muted then return true end
  local path = job.folder:path(LAST)
  if sys.exists(path) then
    local ok, why = sys.rename(path, job.folder:path(PREVIOUS))
    if not ok then return nil, why end
  end
  return checkpoint.save(path, job.model, job.optimizer, job.position)
end

-- What to do about a file that cannot be read.
local function way_back(folder, path, why)
  local other = folder:path(PREVIOUS)
  local position = path ~= other and sys.exists(other) and checkpoint.position(other)
  if not position then return why end
  return ("%s; remove it, and the run goes on from %s, the state after step %d"):format(why, other,
    position.step)
end

--- Removes the state before the last one: of a run that is done.
function M.drop_previous(folder) sys.remove(folder:path(PREVIOUS)) end

--- The path of the state in a folder; nil where there is none.
function M.path(folder)
  for _, name in ipairs { LAST, PREVIOUS } do
    if sys.exists(folder:path(name)) then return folder:path(name) end
  end
end

--- Position, weights and optimizer of a job from a file. true, or nil and a sentence.
function M.load(job, path)
  local position, why = checkpoint.position(path)
  if not position then return nil, way_back(job.folder, path, why) end
  job.position, job.seconds_before = position, position.seconds
  if position.done then return true end
  job.optimizer = job:new_optimizer()
  local ok
  ok, why = checkpoint.load(path, job.model, job.optimizer)
  return ok, ok or way_back(job.folder, path, why)
end

return M
