--- The only training loop: schedules are data (schedule/phases.lua), what is learnt is a task.
--   task.feed, task:batch(step)           see feeder.lua; steps count from 0
--   task:loss(model, tensor, extra)       the loss of a step, one number that can go backward
--   task:validate(model)                  a table of numbers, `loss` among them; or nil and a
--   sentence
--   task.steps_per_epoch                  nil where the schedule has validate_every
--   task.options                          JSON-able, for settings.json; or nil
--   task.kind, task.classes               "tags" or "genres" and the names of the classes, for the
--   checkpoint; or nil
--   task:names(step)                      the clips of a batch, for messages; or nil
--   task:clips, task:part                 how batches are shared by ranks (tasks.lua); or nil
-- Nothing random is hidden: step n of a run depends on the seed, n and the weights before it alone
-- (also what ms.randn and math.random give inside these functions), so a run that goes on from
-- last.safetensors gives the same bits as one that was never stopped.
local optim = require "moonstem.core.optim"
local core = require "moonstem.core.tensor"
local defaults = require "moonstem.distributed.defaults"
local sys = require "moonstem.sys"
local update_bn = require "moonstem.train.update_bn"
local checkpoint = require "moonstem.train.checkpoint"
local finite = require "moonstem.train.step.finite"
local model_config = require "moonstem.train.model_config"
local feeder = require "moonstem.train.feeder"
local identity = require "moonstem.train.identity"
local batches = require "moonstem.train.ranks.batches"
local last = require "moonstem.train.last"
local not_finite = require "moonstem.train.step.not_finite"
local options_of = require "moonstem.options"
local randomness = require "moonstem.train.step.randomness"
local ranks = require "moonstem.train.ranks"
local once = require "moonstem.train.ranks.job"
local rerun = require "moonstem.train.identity.rerun"
local rules = require "moonstem.train.schedule.phases"
local progress = require "moonstem.train.progress"
local statistics = require "moonstem.train.step.statistics"
local step = require "moonstem.train.step"
local tensorboard = require "moonstem.io.tensorboard"

local M = {}

-- ---- a job: a run in the making ------------------------------------------------------------
local Job = {}
Job.__index = Job

function Job:phase()
  return self.schedule.phases[self.position.phase]
end

function Job:new_optimizer()
  local phase = self:phase()
  return optim[phase.optimizer](self.parameters, rules.optimizer_options(phase))
end

function Job:round_steps()
  return self.schedule.validate_every or self.task.steps_per_epoch
end

function Job:save_last()
  local ok, why = self.folder:ours()
  if ok then ok, why = self.events:flush() end
  if not ok then return nil, why end
  self.position.seconds = self.seconds_before + sys.now() - self.started
  self.saved_at = sys.now()
  return last.save(self)
end

-- What best.safetensors says about itself: enough to build the model again and to name its origin.
function Job:about()
  return { model = model_config.describe(self.model), step = self.position.step,
    loss = self.position.best,
           kind = self.task.kind, classes = self.task.classes, settings = self.settings }
end

-- ---- one step ------------------------------------------------------------------------------
-- The next step. Its loss; false where it was left out; or nil and a sentence.
function Job:step()
  local _ <close> = core.scope()
  local tensor, extra = self.feeder:pop()
  if tensor == false then return nil, extra end
  local loss, fault = step.take(self, tensor, extra)
  if loss then return loss end
  if fault.lost then return nil, fault.lost end
  local left_out, why = not_finite.met(self, fault)
  if not left_out then return nil, why end
  return false
end

-- What is saved is looked at once more: true, or nil and a sentence.
function Job:sound(what)
  local names = finite.state(self.model, self.optimizer)
  if #names == 0 then return true end
  return nil, ("%s at step %d: %s is not finite%s"):format(what, self.position.step, names[1],
    not_finite.kept(self))
end

-- ---- the end of a round --------------------------------------------------------------------
function Job:validate()
  randomness.at(self.settings.seed, self.position.step, "validation")
  if self.schedule.update_bn then
    local ok, why = update_bn(self.model, self.task, self.position.step, self.schedule.update_bn)
    if not ok then return nil, why end
  end
  self.model:eval()
  local scores, why = self.task:validate(self.model)
  self.model:train()
  if not scores then return nil, why end
  if not finite.number(scores.loss) then
    return nil, ("the validation loss at step %d is not a finite number%s")
      :format(self.position.step, not_finite.kept(self))
  end
  local sound
  sound, why = self:sound "after the validation"
  return sound and scores, why
end

-- The line of metrics.jsonl for the round that ends here.
function Job:row(scores)
  local p = self.position
  local row = { step = p.step, round = p.round + 1, phase = p.phase,
    optimizer = self:phase().optimizer,
                lr = rules.lr(self:phase(), p.phase_step - 1, p.rounds_in_phase, p.plateau),
                train_loss = rules.mean_loss(p), left_out = p.round_skipped }
  for name, value in pairs(scores) do row["valid_" .. name] = value end
  return row
end

-- A new phase starts from the best weights with a fresh optimizer.
function Job:enter_phase()
  self.optimizer = self:new_optimizer()
  return self.schedule.keep ~= "best" or once.load_weights(self, "best.safetensors")
end

function Job:save_best()
  if self.folder.muted then return true end
  return checkpoint.save_weights(self.folder:path "best.safetensors", self.model, self:about())
end

-- Validates, records, moves on in the schedule and saves. true, or nil and a sentence.
function Job:end_round()
  local scores, why = once.validate(self, self.validate)
  if scores then why = select(2, self.folder:ours()) end
  if why then return nil, why end
  local row, p = self:row(scores), self.position
  local improved, switched = rules.validated(self.schedule, p, scores.loss)
  if improved or self.schedule.keep == "last" then
    local ok
    ok, why = self:save_best()
    if not ok then return nil, why end
  end
  row.best = improved
  local ok
  ok, why = self.folder:record(row)
  if not ok then return nil, why end
  self.progress:round(row, p)
  self.events:round(row)
  if switched then
    ok, why = self:enter_phase()
    if not ok then return nil, why end
    self.progress:phase(self:phase(), p)
  end
  return self:save_last()
end

-- ---- from start to end ---------------------------------------------------------------------
local KNOWN = { model = options_of.table, task = options_of.table, schedule = options_of.table,
  out = options_of.string,
                seed = options_of.whole, settings = options_of.table, quiet = options_of.flag,
                tensorboard = options_of.flag,
                not_finite = options_of.either(options_of.choice "stop", options_of.natural),
                save_every = options_of.number, interrupted = options_of.callable,
                name = options_of.string, live = options_of.flag, inputs = options_of.table,
                micro_batch = options_of.count }

local function check_options(o)
  options_of.check(o, "train.run", KNOWN)
  for _, key in ipairs { "model", "task", "schedule", "out" } do
    if not o[key] then error(("train.run: the option %s is needed"):format(key), 0) end
  end
  rules.check(o.schedule)
  if not (o.schedule.validate_every or o.task.steps_per_epoch) then
    error("train.run: the schedule needs validate_every, or the task steps_per_epoch", 0)
  end
end

--- The job of such options (ms.train.run), without its folder. Raises about options.
function M.job(o)
  check_options(o)
  local micro_batch = o.micro_batch or defaults.micro_batch
  return setmetatable({
    model = o.model, task = o.task, schedule = o.schedule, parameters = o.model:parameters(),
    settings = { seed = o.seed or 1, schedule = o.schedule, model = model_config.describe(o.model),
      task = o.task.options,
                 precision = core.precision() == "bf16" and "bf16" or nil,
                 micro_batch = micro_batch, also = o.settings or {} },
    ranks = ranks.of(micro_batch),
    statistics = statistics.of(o.model), allowed = math.tointeger(o.not_finite) or 0,
    save_every = o.save_every or 300, interrupted = o.interrupted or sys.interrupted,
    started = sys.now(), saved_at = sys.now(), seconds_before = 0,
  }, Job)
end

-- Takes up the state that is kept, where there is one. true, or nil and a sentence.
function Job:take_up()
  local path = last.path(self.folder)
  if path then
    local ok, why = last.load(self, path)
    if not ok then return nil, why end
  else
    self.position = rules.start()
    self.optimizer = self:new_optimizer()
  end
  return self.position.done or self.folder:rewind(self.position)
end

-- One step and what belongs to it. true, or nil and a sentence.
function Job:advance()
  local loss, why = self:step()
  if loss == nil then return nil, why end
  rules.step(self.position, loss)
  if loss then
    self.events:step(self.position.step, loss, self.optimizer.lr)
    self.progress:step(self.position, loss, self.optimizer.lr)
  end
  if sys.now() - self.saved_at > self.save_every then return self:save_last() end
  return true
end

-- Steps and validations until the schedule is done. "done", "interrupted", or nil and a sentence.
function Job:work()
  while not self.position.done do
    local ok, why = nil, "interrupted"
    if not self.interrupted() then
      local due = rules.due(self.schedule, self.position, self:round_steps())
      ok, why = (due and self.end_round or self.advance)(self)
    end
    if not ok and why == "interrupted" then -- a validation that was cut short is made again
      ok, why = self:save_last()
      return ok and "interrupted", why
    end
    if not ok then return nil, why end
  end
  return "done"
end

local function result_of(self, how)
  local p = self.position
  return { done = how == "done", interrupted = how == "interrupted", dir = self.folder.dir,
    steps = p.step,
           rounds = p.round, best = p.best, best_round = p.best_round, seconds = p.seconds,
           checkpoint = self.folder:path "best.safetensors" }
end

local function start(self, o)
  local ok, why = once.take_up(self, self.take_up)
  if not ok then return nil, why end
  self.progress = progress.new(self, { quiet = o.quiet or self.folder.muted, live = o.live,
    name = o.name or o.out })
  if self.position.done then return "done" end
  if rerun.is_other(self.folder.dir) then
    return nil, "it is not finished, and another run is to be made once more"
  end
  if self.position.step > 0 then ok, why = self.folder:go_on() end
  if not ok then return nil, why end
  self.events, why = tensorboard.open(o.tensorboard and not self.folder.muted and self.folder,
    self.settings, self.position)
  if not self.events then return nil, why end
  self.model:train()
  local task = self.ranks and batches.task(self.task, self.ranks.dp) or self.task
  self.feeder = feeder.open(task, self.position.step, nil, self.settings.seed)
  self.progress:begin(self.position)
  local _ <close> = self.feeder
  return self:work()
end

--- Trains a model by a schedule in the folder `out`, or goes on with what was begun there.
-- options: { model =, task =, schedule = (see schedule/phases.lua), out = folder, seed = 1,
--   settings = JSON-able table of all else that the result depends on (a folder begun with others
--   is refused),
--   save_every = 300 seconds between checkpoints inside a round, quiet = no progress line, name =
--   for it, live = true for curves of the losses on a terminal, tensorboard = true: losses,
--   learning rates and scores also go to an event file in the folder (tensorboard --logdir FOLDER),
--   not_finite = "stop", or how many steps may be left out whose loss or gradients are not finite:
--   weights and running statistics stay as they were (ms.train.replay looks at the last such step),
--   inputs = JSON-able table of data (and more) that is recorded, and told where it differs when
--   the run goes on or is made again,
--   interrupted = function that tells whether to stop (Ctrl-C and SIGTERM by default),
--   micro_batch = clips: see ms.distributed.data_parallel }
-- Afterwards the model has the weights that count: the best by validation loss, or the last
-- (schedule.keep).
-- Returns { done =, interrupted =, dir =, steps =, rounds =, best = loss, best_round =, seconds =,
-- checkpoint = path }, or nil and a sentence (a loss that is not finite, an unreadable file, a full
-- disk, a folder in use).
function M.run(o)
  local self = M.job(o)
  local inputs = options_of.merge(o.inputs or {}, { weights = identity.weights(o.model) })
  local opened, why = once.open_folder(self, rerun.folder(o.out), inputs)
  if not opened then return nil, why end
  local held <close> = opened
  self.folder = held
  local how
  how, why = start(self, o)
  if self.progress then self.progress:finish(how, why, self.position) end
  if not how then
    once.heed_lost(self)
    return nil, ("%s: %s"):format(o.name or o.out, why)
  end
  if how == "done" then
    if not held.muted then last.drop_previous(held) end
    local about
    about, why = once.load_weights(self, "best.safetensors")
    if not about then return nil, why end
    o.model:eval()
  end
  return result_of(self, how)
end

return M
