--- The step of a run whose numbers were not finite, once more.
local core = require "moonstem.core.tensor"
local feeder = require "moonstem.train.feeder"
local folder = require "moonstem.train.folder"
local last = require "moonstem.train.last"
local loop = require "moonstem.train.loop"
local rules = require "moonstem.train.schedule.phases"
local sealed = require "moonstem.sys.sealed"
local step = require "moonstem.train.step"
local sys = require "moonstem.sys"

-- The state before the step, or the nearest one that is kept. true, or nil and a sentence.
local function take_up(job, record)
  local path = record.state and job.folder:path "not_finite.safetensors" or last.path(job.folder)
  if path then return last.load(job, path) end
  job.position = rules.start()
  job.optimizer = job:new_optimizer()
  return true
end

-- Takes the steps before the one that is asked for.
local function walk(job, source, number)
  while job.position.step < number - 1 do
    local _ <close> = core.scope()
    local tensor, extra = source:pop()
    if tensor == false then return nil, extra end
    local loss = step.take(job, tensor, extra)
    if not loss then
      return nil, ("step %d is not finite either, unlike before"):format(job.position.step + 1)
    end
    rules.step(job.position, loss)
  end
  return true
end

local function look(job, record)
  job.model:train()
  local source <close> = feeder.open(job.task, job.position.step, nil, job.settings.seed)
  local ok, why = walk(job, source, record.step)
  if not ok then return nil, why end
  local _ <close> = core.scope()
  local tensor, extra = source:pop()
  if tensor == false then return nil, extra end
  local seen = step.look(job, tensor, extra)
  seen.step, seen.what, seen.clips = record.step, record.what, record.clips
  return seen
end

--- ms.train.replay { model =, task =, schedule =, out =, seed =, settings = } -> what was seen; or
-- nil and a sentence. Repeats the last step of a run whose loss, gradients or weights were not
-- finite, from not_finite.json of its folder, where the script that trained it is given with
-- ms.train.replay in place of ms.train.run. The folder stays as it is; the model has the weights
-- before the step, and the gradients of it.
-- What was seen: { step =, what = as in the message, clips = names, loss =, parts = and gradients =
-- lists of { name =, low =, high = (of the finite numbers), not_finite = how many are not } },
-- parts in the order in which they are computed: the first one with not_finite above 0 is where it
-- began.
return function(o)
  local job = loop.job(o)
  local path = o.out .. "/not_finite.json"
  if not sys.exists(path) then
    return nil, ("%s: no step of this run was not finite"):format(o.out)
  end
  local record, why = sealed.load(path)
  if not record then return nil, why end
  local same
  same, why = folder.same(o.out, job.settings)
  if not same then return nil, why end
  job.folder = folder.at(o.out)
  local ok
  ok, why = take_up(job, record)
  if not ok then return nil, why end
  return look(job, record)
end
