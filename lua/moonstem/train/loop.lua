--- The training loop, the only one: schedules are data (phases.lua), what is learnt is a task.
--   task.feed, task:batch(step)           see feeder.lua; steps count from 0
--   task:loss(model, tensor, extra)       the loss of a step, one number that can go backward
--   task:validate(model)                  a table of numbers, `loss` among them; or nil and a
--   sentence
--   task.steps_per_epoch                  nil where the schedule has validate_every
--   task.options                          JSON-able, for settings.json; or nil
--   task.kind, task.classes               "tags" or "genres" and the names of the classes, for the
--   checkpoint; or nil
-- Nothing random is hidden: step n of a run depends on the seed, n and the weights before it alone,
-- so a run that goes on from last.safetensors gives the same bits as one that was never stopped.
local optim = require "moonstem.core.optim"
local core = require "moonstem.core.tensor"
local sys = require "moonstem.sys"
local update_bn = require "moonstem.train.update_bn"
local checkpoint = require "moonstem.train.checkpoint"
local model_config = require "moonstem.train.model_config"
local feeder = require "moonstem.train.feeder"
local folder = require "moonstem.train.folder"
local options_of = require "moonstem.options"
local rules = require "moonstem.train.phases"
local step_guard = require "moonstem.train.step_guard"
local progress = require "moonstem.train.progress"
local tensorboard = require "moonstem.io.tensorboard"

local M = {}

local INFINITY = math.huge

local function finite(x)
  return x == x and x ~= INFINITY and x ~= -INFINITY
end

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
  local ok, why = self.events:flush()
  if not ok then return nil, why end
  self.position.seconds = self.seconds_before + sys.now() - self.started
  self.saved_at = sys.now()
  return checkpoint.save(self.folder:path "last.safetensors", self.model, self.optimizer,
    self.position)
end

-- What best.safetensors says about itself: enough to build the model again and to name its origin.
function Job:about()
  return { model = model_config.describe(self.model), step = self.position.step,
    loss = self.position.best,
           kind = self.task.kind, classes = self.task.classes, settings = self.settings }
end

-- ---- one step ------------------------------------------------------------------------------
-- The first parameter that holds a number which is not finite, for the message.
local function broken_parameter(parameters)
  for _, p in ipairs(parameters) do
    if not p.value:finite() then return p.name end
  end
end

local function not_finite(self, what)
  local name = broken_parameter(self.parameters)
  local kept = sys.exists(self.folder:path "last.safetensors")
    and ("; %s holds the state of an earlier step"):format(self.folder:path "last.safetensors")
      or ""
  return ("%s at step %d is not a finite number (%s)%s"):format(what, self.position.step + 1,
    name and ("the weights %s are not either"):format(name) or "the weights before it are finite",
    kept)
end

-- Loss of one step taken, or nil and a sentence.
function Job:step()
  local _ <close> = core.scope()
  local tensor, extra = self.feeder:pop()
  if tensor == false then return nil, extra end
  core.step(self.position.step)
  rules.apply(self.optimizer, self:phase(), self.position)
  self.optimizer:zero()
  local guard <close> = step_guard.open(self)
  local loss = self.task:loss(self.model, tensor, extra)
  local value = loss:item()
  if not finite(value) then return nil, not_finite(self, "the loss") end
  loss:backward()
  local limit = self:phase().clip_grad_norm
  if limit then optim.clip_grad_norm(self.optimizer, limit) end
  if guard then guard.commit() end
  self.optimizer:step()
  return value
end

-- ---- the end of a round --------------------------------------------------------------------
function Job:validate()
  if self.schedule.update_bn then
    local ok, why = update_bn(self.model, self.task, self.position.step, self.schedule.update_bn)
    if not ok then return nil, why end
  end
  self.model:eval()
  local scores, why = self.task:validate(self.model)
  self.model:train()
  if not scores then return nil, why end
  if not finite(scores.loss) then return nil, not_finite(self, "the validation loss") end
  return scores
end

-- The line of metrics.jsonl for the round that ends here.
function Job:row(scores)
  local p = self.position
  local row = { step = p.step, round = p.round + 1, phase = p.phase,
    optimizer = self:phase().optimizer,
                lr = rules.lr(self:phase(), p.phase_step - 1, p.rounds_in_phase, p.plateau),
                train_loss = p.loss_sum / p.round_step }
  for name, value in pairs(scores) do row["valid_" .. name] = value end
  return row
end

-- A new phase starts from the best weights with a fresh optimizer.
function Job:enter_phase()
  self.optimizer = self:new_optimizer()
  if self.schedule.keep ~= "best" then return true end
  return checkpoint.load_weights(self.folder:path "best.safetensors", self.model)
end

-- Validates, records, moves on in the schedule and saves. true, or nil and a sentence.
function Job:end_round()
  local scores, why = self:validate()
  if not scores then return nil, why end
  local row, p = self:row(scores), self.position
  local improved, switched = rules.validated(self.schedule, p, scores.loss)
  if improved or self.schedule.keep == "last" then
    local ok
    ok, why = checkpoint.save_weights(self.folder:path "best.safetensors", self.model, self:about())
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
                save_every = options_of.number, interrupted = options_of.callable,
                name = options_of.string, live = options_of.flag }

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

local function new_job(o)
  return setmetatable({
    model = o.model, task = o.task, schedule = o.schedule, parameters = o.model:parameters(),
    settings = { seed = o.seed or 1, schedule = o.schedule, model = model_config.describe(o.model),
      task = o.task.options,
                 precision = core.precision() == "bf16" and "bf16" or nil, also = o.settings
                 or {} },
    save_every = o.save_every or 300, interrupted = o.interrupted or sys.interrupted,
    started = sys.now(), saved_at = sys.now(), seconds_before = 0,
  }, Job)
end

-- Takes up the state of last.safetensors, where there is one. true, or nil and a sentence.
function Job:take_up()
  local path = self.folder:path "last.safetensors"
  self.position = rules.start()
  if not sys.exists(path) then
    self.optimizer = self:new_optimizer()
    return true
  end
  local position, why = checkpoint.position(path)
  if not position then return nil, why end
  self.position, self.seconds_before = position, position.seconds
  if position.done then return true end
  self.optimizer = self:new_optimizer()
  local ok
  ok, why = checkpoint.load(path, self.model, self.optimizer)
  if not ok then return nil, why end
  return self.folder:rewind(position.step)
end

-- One step and what belongs to it. true, or nil and a sentence.
function Job:advance()
  local loss, why = self:step()
  if not loss then return nil, why end
  rules.step(self.position, loss)
  self.events:step(self.position.step, loss, self.optimizer.lr)
  self.progress:step(self.position, loss, self.optimizer.lr)
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
  local ok, why = self:take_up()
  if not ok then return nil, why end
  self.progress = progress.new(self, { quiet = o.quiet, live = o.live,
    name = o.name or o.out })
  if self.position.done then return "done" end
  self.events, why = tensorboard.open(o.tensorboard and self.folder, self.settings,
    self.position.step)
  if not self.events then return nil, why end
  core.seed(self.settings.seed)
  self.model:train()
  self.feeder = feeder.open(self.task, self.position.step)
  self.progress:begin(self.position)
  local _ <close> = self.feeder
  return self:work()
end

--- Trains a model by a schedule in the folder `out`, or goes on with what was begun there.
-- options: { model =, task =, schedule = (see phases.lua), out = folder, seed = 1,
--   settings = JSON-able table of all else that the result depends on (a folder begun with others
--   is refused),
--   save_every = 300 seconds between checkpoints inside a round, quiet = no progress line, name =
--   for it, live = true for curves of the losses on a terminal, tensorboard = true: losses,
--   learning rates and scores also go to an event file in the folder (tensorboard --logdir FOLDER),
--   interrupted = function that tells whether to stop (Ctrl-C and SIGTERM by default) }
-- Afterwards the model has the weights that count: the best by validation loss, or the last
-- (schedule.keep).
-- Returns { done =, interrupted =, dir =, steps =, rounds =, best = loss, best_round =, seconds =,
-- checkpoint = path }, or nil and a sentence (a loss that is not finite, an unreadable file, a full
-- disk, a folder in use).
function M.run(o)
  check_options(o)
  local self = new_job(o)
  local opened, why = folder.open(o.out, self.settings)
  if not opened then return nil, why end
  local held <close> = opened
  self.folder = held
  local how
  how, why = start(self, o)
  if self.progress then self.progress:finish(how, why, self.position) end
  if not how then return nil, ("%s: %s"):format(o.name or o.out, why) end
  if how == "done" then
    local about
    about, why = checkpoint.load_weights(held:path "best.safetensors", o.model)
    if not about then return nil, why end
    o.model:eval()
  end
  return result_of(self, how)
end

return M
