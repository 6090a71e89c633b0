--- Training plans as data, and the rule that leads from one phase to the next. Pure: no tensors here.
--   plan  = { phases = list, batch =, validate_every = steps (nil: once per epoch),
--             rounds = most validations in all, keep = "best" or "last",
--             calibrate = batches for running statistics before a validation (nil: as training leaves them) }
--   phase = { optimizer = "adam" or "sgd", rate =, epsilon =, momentum = ..., decay = { factor =, every = steps },
--             steps = n (ends after n steps) or patience = n (ends on a plateau) }
-- A round is what lies between two validations: an epoch, or `validate_every` steps.
local M = {}

-- What a phase says about itself; every other key is an option of its optimizer.
local OWN = { optimizer = true, decay = true, steps = true, patience = true }

--- Learning rate of a phase after `done` of its steps: rate * factor ^ (done // every).
function M.rate(phase, done)
  if not phase.decay then return phase.rate end
  return phase.rate * phase.decay.factor ^ (done // phase.decay.every)
end

--- The options of a phase's optimizer.
function M.optimizer_options(phase)
  local options = {}
  for key, value in pairs(phase) do
    if not OWN[key] then options[key] = value end
  end
  return options
end

local function check_phase(phase, i)
  local function refuse(text) error(("train: phase %d: %s"):format(i, text), 0) end
  if phase.optimizer ~= "adam" and phase.optimizer ~= "sgd" then
    refuse(("optimizer must be \"adam\" or \"sgd\", got %s"):format(tostring(phase.optimizer)))
  end
  if type(phase.rate) ~= "number" then refuse "it needs a rate" end
  if (phase.steps == nil) == (phase.patience == nil) then
    refuse "it ends either after `steps` or on a plateau of `patience`: give one of the two"
  end
end

--- Raises for a plan that cannot be run; returns it.
function M.check(plan)
  if type(plan) ~= "table" or type(plan.phases) ~= "table" or #plan.phases == 0 then
    error("train: a plan needs a list of phases", 0)
  end
  for i, phase in ipairs(plan.phases) do check_phase(phase, i) end
  return plan
end

--- The position before the first step. It holds numbers and booleans only and is kept in checkpoints.
function M.start()
  return {
    step = 0, round = 0, phase = 1,     -- steps and rounds in all; the current phase
    phase_step = 0, round_step = 0,     -- steps in this phase and in this round
    loss_sum = 0.0,                     -- of the steps of this round
    stale = 0, best_round = 0,          -- rounds since the best; the best round (0: none)
    seconds = 0.0, done = false,
  }
end

--- The steps of a plan, or nil where plateaus decide.
function M.total_steps(plan)
  local sum = 0
  for _, phase in ipairs(plan.phases) do
    if not phase.steps then return nil end
    sum = sum + phase.steps
  end
  return sum
end

--- The most rounds that a plan can take, or nil where only its steps are limited.
function M.total_rounds(plan, round_steps)
  local steps = M.total_steps(plan)
  local rounds = steps and -(-steps // round_steps)
  if rounds and plan.rounds then return math.min(rounds, plan.rounds) end
  return rounds or plan.rounds
end

--- Notes one step taken.
function M.step(position, loss)
  position.step = position.step + 1
  position.phase_step = position.phase_step + 1
  position.round_step = position.round_step + 1
  position.loss_sum = position.loss_sum + loss
end

--- Whether a validation comes next: after a full round of `round_steps`, and at the last step of a phase.
function M.due(plan, position, round_steps)
  if position.round_step == 0 then return false end
  return position.round_step >= round_steps or position.phase_step == plan.phases[position.phase].steps
end

-- A phase is over after its steps, or when more than `patience` rounds brought no new best.
local function phase_over(phase, position)
  if phase.steps then return position.phase_step >= phase.steps end
  return position.stale > phase.patience
end

--- Notes a validation loss and moves on. Returns improved (a new best) and switched (a new phase has begun).
-- The best value carries over from phase to phase; position.done tells the end.
function M.validated(plan, position, value)
  local improved = position.best == nil or value < position.best
  position.round = position.round + 1
  position.round_step, position.loss_sum = 0, 0.0
  if improved then
    position.best, position.best_round, position.stale = value, position.round, 0
  else
    position.stale = position.stale + 1
  end
  local switched = phase_over(plan.phases[position.phase], position)
  if switched then
    position.phase, position.phase_step, position.stale = position.phase + 1, 0, 0
  end
  position.done = position.phase > #plan.phases or position.round == plan.rounds
  return improved, switched and not position.done
end

return M
