--- The paper's training plans (recipes/paper.md#training-the-separator, #training-the-cnn,
-- #training-the-ast) as functions of what one may want to change.
local options_of = require "moonstem.options"
local schedule = require "moonstem.train.schedule"

local M = {}

-- First learning rate of each separator (the authors' code; the paper gives the schedule only).
M.RATES = { vocals = 1e-3, bass = 1e-4, drums = 2e-4, other = 3e-4, multi = 3e-4 }

local count, number = options_of.count, options_of.number

-- What Adam and SGD take; all phases of a plan share all but the rate.
local ADAM, SGD = options_of.merge(schedule.OPTIMIZERS.adam, { epsilon = 1e-7 }), schedule.OPTIMIZERS.sgd

-- The names in `of`, with the values that the options give them.
local function pick(o, of)
  local picked = {}
  for name in pairs(of) do picked[name] = o[name] end
  return picked
end

local function adam(o, phase)
  return options_of.merge(pick(o, ADAM), { optimizer = "adam" }, phase)
end

local function sgd(o, phase)
  return options_of.merge(pick(o, SGD), { optimizer = "sgd" }, phase)
end

--- What each plan takes, for those who pass settings on.
M.KNOWN = {
  separation = options_of.merge(ADAM, { source = "vocals", rate = number, steps = count(300000), batch = count(8),
    decay_every = count(15000), decay = 0.9, validate_every = count(1000), keep = "last", calibrate = count }),
  adam_then_sgd = options_of.merge(ADAM, SGD, { rate = 1e-4, rates = { 1e-3, 1e-4, 1e-5 }, patience = 10,
    epochs = count(200), batch = count(16), calibrate = count }),
  ast = options_of.merge(ADAM, SGD, { rate = 5e-5, halve_after = 5, sgd_rate = 1e-3, epochs = count(15),
    sgd_epochs = count(2), batch = count(4), keep = "best", calibrate = count }),
}

--- Stage 1: Adam, rate * 0.9 every 15000 steps, 300000 steps of 8 mixes, the last checkpoint
-- counts.
-- options: { source = "vocals"|"bass"|"drums"|"other"|"multi", rate = (by source), steps =, batch
-- =,
--   decay_every =, decay = 0.9, validate_every = 1000, keep = "last", calibrate = none (see
--   calibrate.lua), and of
--   Adam beta1, beta2, epsilon = 1e-7, weight_decay = 0 }
function M.separation(options)
  local o = options_of(options, "train.separation", M.KNOWN.separation)
  local rate = o.rate or M.RATES[o.source]
  if not rate then
    error(("train.separation: no rate is known for source \"%s\"; give rate ="):format(tostring(o.source)), 0)
  end
  return {
    phases = { adam(o, { rate = rate, steps = o.steps, decay = { factor = o.decay, every = o.decay_every } }) },
    source = o.source, batch = o.batch, validate_every = o.validate_every, keep = o.keep, calibrate = o.calibrate,
  }
end

--- Stages 2 and 3: Adam, then plain SGD at falling rates; each phase ends when more than `patience`
-- epochs in a row brought no new best validation loss, and the next starts from the best weights.
-- options: { rate = 1e-4, rates = {1e-3, 1e-4, 1e-5} of SGD, patience = 10, epochs = 200 at most,
-- batch = 16,
--   momentum = 0 and nesterov = false of SGD, weight_decay = 0 of all phases (the work that the
--   paper follows [32] has
--   0.9, true, 1e-4; the authors' code has none), beta1, beta2 and epsilon = 1e-7 of Adam,
--   calibrate = none }
function M.adam_then_sgd(options)
  local o = options_of(options, "train.adam_then_sgd", M.KNOWN.adam_then_sgd)
  local phases = { adam(o, { rate = o.rate, patience = o.patience }) }
  for _, rate in ipairs(o.rates) do
    phases[#phases + 1] = sgd(o, { rate = rate, patience = o.patience })
  end
  return { phases = phases, batch = o.batch, rounds = o.epochs, keep = "best", calibrate = o.calibrate }
end

--- Stage 3 (and the tail alone) with the AST (recipes/paper.md#training-the-ast): Adam at 5e-5 for
-- 5 epochs, then halved every second epoch up to the 15th; two epochs of plain SGD from the best
-- weights. The rate of SGD is not given in the paper.
-- options: { rate = 5e-5, halve_after = 5 epochs (the next one has half the rate), sgd_rate = 1e-3,
--   epochs = 15 of Adam, sgd_epochs = 2, batch = 4, keep = "best" (or "last": neither phase looks
--   at the validation loss),
--   calibrate = none, and of the optimizers the same as adam_then_sgd }
function M.ast(options)
  local o = options_of(options, "train.ast", M.KNOWN.ast)
  return {
    phases = { adam(o, { rate = o.rate, rounds = o.epochs, decay = { factor = 0.5, rounds = 2, after = o.halve_after } }),
               sgd(o, { rate = o.sgd_rate, rounds = o.sgd_epochs }) },
    batch = o.batch, keep = o.keep, calibrate = o.calibrate,
  }
end

return M
