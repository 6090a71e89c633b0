--- What a run was asked for, as settings.json and checkpoints hold it, under the present names.
local model_config = require "moonstem.train.model_config"
local renamed = require "moonstem.renamed"

local M = {}

local function rename(given, who)
  if type(given) ~= "table" then
    error(("%s: a table is expected, got %s"):format(who, type(given)), 0)
  end
  return renamed.options(given, who, {}, true)
end

--- Settings that were read from a file, changed in place and returned; nil of nil.
function M.current(asked)
  if type(asked) ~= "table" then return asked end
  rename(asked, "train.run")
  local schedule = rename(asked.schedule or {}, "train: schedule")
  for _, phase in ipairs(schedule.phases or {}) do
    rename(phase, tostring(type(phase) == "table" and phase.optimizer or "phase"))
  end
  if asked.model then asked.model = model_config.current(asked.model) end
  return asked
end

--- The position of a run that was read from a checkpoint, likewise.
function M.position(position) return rename(position, "train: position") end

return M
