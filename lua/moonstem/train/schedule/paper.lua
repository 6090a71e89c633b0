--- The paper's training schedules (recipes/paper.md#training-the-separator, #training-the-cnn,
-- #training-the-ast) as functions of what one may want to change.
local options_of = require "moonstem.options"
local schedule = require "moonstem.train.schedule.phases"

local M = {}

-- First learning rate of each separator (the authors' code; the paper gives the schedule only).
M.LRS = { vocals = 1e-3, bass = 1e-4, drums = 2e-4, other = 3e-4, multi = 3e-4 }

local count, number = options_of.count, options_of.number

-- What Adam and SGD take; all phases of a schedule share all but lr.
local ADAM = options_of.merge(schedule.OPTIMIZERS.adam, { epsilon = 1e-7 })
local SGD = schedule.OPTIMIZERS.sgd

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

--- What each schedule takes, for those who pass settings on.
M.KNOWN = {
  separation = options_of.merge(ADAM, { source = "vocals", lr = number, steps = count(300000),
    batch = count(8), decay_every = count(15000), decay = 0.9, validate_every = count(1000),
    keep = "last", update_bn = count }),
  adam_then_sgd = options_of.merge(ADAM, SGD, { lr = 1e-4, lrs = { 1e-3, 1e-4, 1e-5 },
    patience = 10, epochs = count(200), batch = count(16), update_bn = count }),
  ast = options_of.merge(ADAM, SGD, { lr = 5e-5, halve_after = 5, sgd_lr = 1e-3, epochs = count(15),
    sgd_epochs = count(2), batch = count(4), keep = "best", update_bn = count }),
}

--- Stage 1: Adam, lr * 0.9 every 15000 steps, 300000 steps of 8 mixes, the last checkpoint
-- counts.
-- options: { source = "vocals"|"bass"|"drums"|"other"|"multi", lr = (by source), steps =, batch
-- =,
--   decay_every =, decay = 0.9, validate_every = 1000, keep = "last", update_bn = none (see
--   update_bn.lua), and of
--   Adam beta1, beta2, epsilon = 1e-7, weight_decay = 0 }
function M.separation(options)
  local o = options_of(options, "train.separation", M.KNOWN.separation)
  local lr = o.lr or M.LRS[o.source]
  if not lr then
    error(('train.separation: no learning rate is known for source "%s"; give lr =')
      :format(tostring(o.source)), 0)
  end
  return {
    phases = { adam(o, { lr = lr, steps = o.steps,
      decay = { factor = o.decay, every = o.decay_every } }) },
    source = o.source, batch = o.batch, validate_every = o.validate_every, keep = o.keep,
    update_bn = o.update_bn,
  }
end

--- Stages 2 and 3: Adam, then plain SGD at falling learning rates; each phase ends when more than
-- `patience` epochs in a row brought no new best validation loss, and the next starts from the best
-- weights.
-- options: { lr = 1e-4, lrs = {1e-3, 1e-4, 1e-5} of SGD, patience = 10, epochs = 200 at most,
-- batch = 16,
--   momentum = 0 and nesterov = false of SGD, weight_decay = 0 of all phases (the work that the
--   paper follows [32] has
--   0.9, true, 1e-4; the authors' code has none), beta1, beta2 and epsilon = 1e-7 of Adam,
--   update_bn = none }
function M.adam_then_sgd(options)
  local o = options_of(options, "train.adam_then_sgd", M.KNOWN.adam_then_sgd)
  local phases = { adam(o, { lr = o.lr, patience = o.patience }) }
  for _, lr in ipairs(o.lrs) do
    phases[#phases + 1] = sgd(o, { lr = lr, patience = o.patience })
  end
  return { phases = phases, batch = o.batch, rounds = o.epochs, keep = "best",
    update_bn = o.update_bn }
end

--- Stage 3 (and the tail alone) with the AST (recipes/paper.md#training-the-ast): Adam at 5e-5 for
-- 5 epochs, then halved every second epoch up to the 15th; two epochs of plain SGD from the best
-- weights. The learning rate of SGD is not given in the paper.
-- options: { lr = 5e-5, halve_after = 5 epochs (the next one has half the learning rate), sgd_lr =
-- 1e-3,
--   epochs = 15 of Adam, sgd_epochs = 2, batch = 4, keep = "best" (or "last": neither phase looks
--   at the validation loss),
--   update_bn = none, and of the optimizers the same as adam_then_sgd }
function M.ast(options)
  local o = options_of(options, "train.ast", M.KNOWN.ast)
  return {
    phases = { adam(o, { lr = o.lr, rounds = o.epochs,
                 decay = { factor = 0.5, rounds = 2, after = o.halve_after } }),
               sgd(o, { lr = o.sgd_lr, rounds = o.sgd_epochs }) },
    batch = o.batch, keep = o.keep, update_bn = o.update_bn,
  }
end

return M
