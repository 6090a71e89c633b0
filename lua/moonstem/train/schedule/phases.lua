--- The phases of a training, as data, and the rule that leads from one to the next. Pure: no
-- tensors here.
--   schedule = { phases = list, batch =, validate_every = steps (nil: once per epoch),
--             rounds = most validations in all, keep = "best" or "last",
--             update_bn = batches for running statistics before a validation (nil: as training
--             leaves them) }
--   phase = { optimizer = "adam", "sgd", ..., epsilon =, momentum = ... and all that it takes,
--             lr = a number or one of ms.train.schedule (init.lua), which counts steps, with
--             lr_by = "round" rounds; a plateau looks at the validation loss,
--             decay = { factor =, every = steps } or { factor =, rounds = n, after = n },
--             clip_grad_norm = limit; it ends after steps = n, after rounds = n, or on a plateau
--             of patience = n }
-- A round is what lies between two validations: an epoch, or `validate_every` steps.
local optim = require "moonstem.core.optim"
local options_of = require "moonstem.options"
local plateau = require "moonstem.train.schedule.plateau"
local schedules = require "moonstem.train.schedule"

local M = {}

-- How a phase may end: one of these.
local ENDS = { "steps", "rounds", "patience" }
-- What a phase says about itself; every other key is an option of its optimizer.
local OWN = { optimizer = options_of.string, decay = options_of.table, steps = options_of.count,
              rounds = options_of.count, patience = options_of.whole,
              lr_by = options_of.choice("step", "round"), clip_grad_norm = options_of.positive }
-- What each optimizer takes, as the core declares it, and groups.
M.OPTIMIZERS = {}
for name, options in pairs(optim._options) do
  local known = { groups = options_of.table }
  for option, kind in pairs(options) do known[option] = options_of[kind] end
  M.OPTIMIZERS[name] = known
end
local SCHEDULE = { phases = options_of.table, source = options_of.string, batch = options_of.count,
               validate_every = options_of.count, rounds = options_of.count,
               keep = options_of.string,
               update_bn = options_of.count }
local DECAY = { factor = options_of.number, every = options_of.count, rounds = options_of.count,
  after = options_of.whole }

--- Learning rate of a phase after `steps` steps and `rounds` whole rounds of it: lr * factor ^
-- (steps // every); or constant for the first `after` rounds, then times the factor, and again
-- every decay.rounds rounds.
-- state: of a plateau, in the position.
function M.lr(phase, steps, rounds, state)
  if type(phase.lr) == "table" then
    local schedule = schedules.of(phase.lr)
    if schedule.kind == "plateau" then return (state or schedule).now or schedule:base() end
    return schedule:at((phase.lr_by == "round" and rounds or steps) + 1)
  end
  local d = phase.decay
  if not d then return phase.lr end
  if d.every then return phase.lr * d.factor ^ (steps // d.every) end
  return phase.lr * d.factor ^ (math.max(0, rounds - d.after + d.rounds) // d.rounds)
end

--- Sets the optimizer's rate, and what goes with it, for the next step.
function M.apply(opt, phase, position)
  local schedule = type(phase.lr) == "table" and schedules.of(phase.lr)
  if schedule and rawget(schedule, "cycle_momentum") then
    local done = phase.lr_by == "round" and position.rounds_in_phase or position.phase_step
    schedule:apply(opt, done + 1)
  end
  opt.lr = M.lr(phase, position.phase_step, position.rounds_in_phase, position.plateau)
end

--- The options of a phase's optimizer.
function M.optimizer_options(phase)
  local options = {}
  for key, value in pairs(phase) do
    if not OWN[key] then options[key] = value end
  end
  options.lr = schedules.of(phase.lr):base()
  return options
end

local function check_phase(phase, i)
  local who = ("train: phase %d"):format(i)
  local function refuse(text) error(("%s: %s"):format(who, text), 0) end
  local known = M.OPTIMIZERS[phase.optimizer]
  if not known then
    refuse(("optimizer must be a name in ms.optim, such as \"adam\", got %s")
      :format(tostring(phase.optimizer)))
  end
  options_of.check(phase, who .. ", " .. phase.optimizer,
    options_of.merge(OWN, known, { lr = options_of.any }))
  if phase.decay then options_of.check(phase.decay, who .. ", decay", DECAY) end
  if phase.lr == nil then refuse "it needs lr, a learning rate" end
  schedules.of(phase.lr, who .. ", lr")
  if type(phase.lr) == "table" and phase.decay then
    refuse "a schedule of lr and decay do not go together"
  end
  if type(phase.lr) ~= "table" and phase.lr_by then refuse "lr_by is of a schedule of lr" end
  local given = 0
  for _, name in ipairs(ENDS) do given = given + (phase[name] and 1 or 0) end
  if given ~= 1 then
    refuse("it ends after `steps`, after `rounds` or on a plateau of `patience`: give one of the "
      .. "three")
  end
end

--- Raises for a schedule that cannot be run; returns it.
function M.check(schedule)
  if type(schedule) ~= "table" or type(schedule.phases) ~= "table" or #schedule.phases == 0 then
    error("train: a schedule needs a list of phases", 0)
  end
  options_of.check(schedule, "train: schedule", SCHEDULE)
  if schedule.keep and schedule.keep ~= "best" and schedule.keep ~= "last" then
    error(('train: schedule: keep must be "best" or "last", got %s'):format(schedule.keep), 0)
  end
  for i, phase in ipairs(schedule.phases) do check_phase(phase, i) end
  return schedule
end

--- The position before the first step. It holds numbers and booleans only and is kept in
-- checkpoints.
function M.start()
  return {
    step = 0, round = 0, phase = 1,     -- steps and rounds in all; the current phase
    phase_step = 0, rounds_in_phase = 0,    -- steps and rounds in this phase
    round_step = 0,                     -- steps in this round
    loss_sum = 0.0,                     -- of the steps of this round that were taken
    -- skipped, round_skipped: steps left out, in all and in this round; nil where there are none
    rounds_since_best = 0, best_round = 0,
               -- rounds since the best; the best round (0: none)
    seconds = 0.0, done = false,
  }
end

--- The steps of a schedule with rounds of `round_steps`, or nil where plateaus decide.
function M.total_steps(schedule, round_steps)
  local sum = 0
  for _, phase in ipairs(schedule.phases) do
    if phase.patience then return nil end
    sum = sum + (phase.steps or phase.rounds * round_steps)
  end
  return sum
end

--- Notes one step taken; loss: false where it was left out.
function M.step(position, loss)
  position.step = position.step + 1
  position.phase_step = position.phase_step + 1
  position.round_step = position.round_step + 1
  if loss then
    position.loss_sum = position.loss_sum + loss
  else
    position.skipped = (position.skipped or 0) + 1
    position.round_skipped = (position.round_skipped or 0) + 1
  end
end

--- The mean loss of the steps of this round that were taken; NaN where there are none.
function M.mean_loss(position)
  return position.loss_sum / (position.round_step - (position.round_skipped or 0))
end

--- Whether a validation comes next: after a full round of `round_steps`, and at the last step of a
-- phase.
function M.due(schedule, position, round_steps)
  if position.round_step == 0 then return false end
  return position.round_step >= round_steps
    or position.phase_step == schedule.phases[position.phase].steps
end

-- A phase is over after its steps, or when more than `patience` rounds brought no new best.
local function phase_over(phase, position)
  if phase.steps then return position.phase_step >= phase.steps end
  if phase.rounds then return position.rounds_in_phase >= phase.rounds end
  return position.rounds_since_best > phase.patience
end

-- A plateau of lr looks at the value; its state is the position's.
local function observe(phase, position, value)
  local lr = type(phase.lr) == "table" and schedules.of(phase.lr)
  if not lr or lr.kind ~= "plateau" then return end
  position.plateau = position.plateau or {}
  plateau.observe(lr, position.plateau, value)
end

--- Notes a validation loss and moves on. Returns improved (a new best) and switched (a new phase
-- has begun). The best value carries over from phase to phase; position.done tells the end.
function M.validated(schedule, position, value)
  local improved = position.best == nil or value < position.best
  position.round, position.rounds_in_phase = position.round + 1, position.rounds_in_phase + 1
  position.round_step, position.loss_sum, position.round_skipped = 0, 0.0, nil
  if improved then
    position.best, position.best_round, position.rounds_since_best = value, position.round, 0
  else
    position.rounds_since_best = position.rounds_since_best + 1
  end
  local phase = schedule.phases[position.phase]
  observe(phase, position, value)
  local switched = phase_over(phase, position)
  if switched then
    position.plateau = nil
    position.phase, position.phase_step, position.rounds_in_phase = position.phase + 1, 0, 0
    position.rounds_since_best = 0
  end
  position.done = position.phase > #schedule.phases or position.round == schedule.rounds
  return improved, switched and not position.done
end

return M
