--- What a job does once, whether it is alone or one of several ranks: rank 0 reads and writes the
-- folder and validates; and what becomes of a job whose ranks are lost.
local by_first = require "moonstem.distributed.by_first"
local checkpoint = require "moonstem.train.checkpoint"
local distributed = require "moonstem.core.distributed"
local exit = require "moonstem.sys.status"
local folder = require "moonstem.train.folder"

local M = {}

--- Opens the folder of a run, which rank 0 alone writes; or nil and a sentence, in all ranks.
function M.open_folder(job, dir, inputs)
  if not job.ranks then return folder.open(dir, job.settings, inputs) end
  local opened = folder.muted(dir)
  local ok, why = by_first(function()
    local mine, refused = folder.open(dir, job.settings, inputs)
    opened = mine or opened
    return mine ~= nil, refused
  end)
  return ok and opened, why
end

--- take_up(job), which reads the state that is kept: true, or nil and a sentence.
function M.take_up(job, take_up)
  if not job.ranks then return take_up(job) end
  local ok, why = job.ranks:begin(job)
  if ok then ok, why = by_first(function() return take_up(job) end) end
  if ok then ok, why = job.ranks:spread(job) end
  if not ok or job.ranks.size == 1 then return ok, why end
  local who
  who, why = job.ranks:who()
  if who then job.folder:log(who) end
  return who and true, why
end

--- validate(job): the same scores in all ranks, or nil and a sentence.
function M.validate(job, validate)
  if not job.ranks then return validate(job) end
  local scores, why = by_first(function() return validate(job) end)
  if not scores or not job.schedule.update_bn then return scores, why end
  local ok
  ok, why = job.ranks:spread_model(job.model)
  return ok and scores, why
end

--- Weights from a file of the folder: true, or nil and a sentence.
function M.load_weights(job, name)
  local path = job.folder:path(name)
  if not job.ranks then return checkpoint.load_weights(path, job.model) end
  local ok, why = by_first(function() return checkpoint.load_weights(path, job.model) end)
  if ok then ok, why = job.ranks:spread_model(job.model) end
  return ok, why
end

local function tell(why, kept, refused)
  io.stderr:write(("moonstem: %s; %s\n"):format(why, kept
    and "the state before this step is kept: the same command goes on from there"
    or "the state is not kept: " .. tostring(refused)))
end

--- Where a rank is lost, the first that is left saves the job's state and ends all ranks with a
-- status that asks to be run again: this does not return then.
function M.heed_lost(job)
  local lost, why = distributed.lost()
  if not lost then return end
  if distributed.about() ~= (lost == 0 and 1 or 0) then return distributed.close() end
  job.folder.muted = nil
  local ok, refused = nil, "the run had not begun"
  if job.feeder then ok, refused = job:save_last() end
  tell(why, ok, refused)
  distributed.stop(exit.AGAIN)
end

return M
