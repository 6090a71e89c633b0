--- What a run does about numbers that are not finite: a sentence, a record that repeats the step,
-- and the steps that it was allowed to leave out.
--   not_finite.json         which step, what was not finite, where, of which clips
--   not_finite.safetensors  the state before that step, as in last.safetensors
local batch_names = require "moonstem.train.step.batch_names"
local checkpoint = require "moonstem.train.checkpoint"
local core_io = require "moonstem.core.io"
local sealed = require "moonstem.sys.sealed"
local sys = require "moonstem.sys"

local M = {}

local NAMED = 8 -- clips in a sentence

local function few(list)
  local text = table.concat(list, ", ", 1, math.min(#list, NAMED))
  return #list > NAMED and ("%s and %d more"):format(text, #list - NAMED) or text
end

-- "the gradient of out.bias (and of 3 more tensors)"
local function what_of(fault)
  local first, more = fault.tensors[1], #fault.tensors - 1
  if not first then return fault.what end
  return ("%s of %s%s"):format(fault.what, first,
    more > 0 and (" (and of %d more tensors)"):format(more) or "")
end

local function where_of(fault)
  if fault.part then
    return ("; %s is the first part of the model whose result is not"):format(fault.part)
  end
  return #fault.tensors == 0 and "; the results of all parts of the model are" or ""
end

local function clips_of(fault)
  return #fault.clips > 0 and "; its clips are " .. few(fault.clips) or ""
end

--- The end of sentences: which checkpoint is sound.
function M.kept(job)
  local last = job.folder:path "last.safetensors"
  return sys.exists(last) and ("; %s holds the state of an earlier step"):format(last) or ""
end

-- Writes both files; where that fails, the reason for the sentence.
local function dump(job, fault)
  local state = job.folder:path "not_finite.safetensors"
  local ok, why = true, nil
  if job.folder.muted then return "" end
  if fault.untouched then
    ok, why = checkpoint.save(state, job.model, job.optimizer, job.position)
  end
  if not ok then return "; it is not kept for replaying: " .. why end
  ok, why = sealed.save(job.folder:path "not_finite.json", { step = job.position.step + 1,
    seed = job.settings.seed, what = fault.what, tensors = core_io.list(fault.tensors),
    part = fault.part, clips = core_io.list(fault.clips),
    state = fault.untouched or nil })
  return ok and "; ms.train.replay repeats the step" or "; it is not kept for replaying: " .. why
end

-- The whole sentence; fault: see step/init.lua.
local function sentence(job, fault)
  local step = job.position.step
  fault.clips = batch_names.of(job.task, job.settings.seed, step)
  return ("%s at step %d is not a finite number%s%s"):format(what_of(fault), step + 1,
    where_of(fault), clips_of(fault)) .. dump(job, fault)
end

--- After a step that met such numbers: true where it may be left out, a line in the log says so;
-- nil and a sentence where the run must stop: by default, when `allowed` steps were left out
-- before, and when weights were changed already.
function M.met(job, fault)
  local text, skipped = sentence(job, fault), job.position.skipped or 0
  if not fault.untouched or skipped >= job.allowed then return nil, text .. M.kept(job) end
  job.progress:say(("%s; the step is left out, %d of %d"):format(text, skipped + 1, job.allowed))
  return true
end

return M
