--- The rule of ms.train.schedule.plateau: a learning rate that falls where a value stops getting
-- better. Pure: options o, and a state { now =, best =, bad =, cooling = } of numbers.
local options_of = require "moonstem.options"

local M = {}

--- What the schedule takes. The last four are its state, which a checkpoint may bring.
M.OPTIONS = { lr = options_of.needed(options_of.number),
  mode = options_of.choice("min", "max")("min"), factor = options_of.fraction(0.1),
  patience = options_of.whole(10), threshold = 1e-4,
  threshold_mode = options_of.choice("rel", "abs")("rel"), cooldown = options_of.whole(0),
  min_lr = 0.0, eps = 1e-8,
  now = options_of.number, best = options_of.number, bad = options_of.whole,
  cooling = options_of.whole }

--- The present rate.
function M.lr(state) return state.now or state.lr end

-- Whether a value is better than the best by more than the threshold.
local function is_better(o, value, best)
  if best == nil then return true end
  local sign = o.mode == "min" and -1 or 1
  if o.threshold_mode == "abs" then return sign * value > sign * best + o.threshold end
  return sign * value > sign * best * (1 + sign * o.threshold)
end

-- The counts after a value.
local function counted(o, state, value)
  local better = is_better(o, value, state.best)
  if better then state.best = value end
  state.bad = better and 0 or (state.bad or 0) + 1
  if (state.cooling or 0) > 0 then state.cooling, state.bad = state.cooling - 1, 0 end
end

--- Looks at a value; returns the rate from now on.
function M.observe(o, state, value)
  counted(o, state, value)
  local lr = state.now or o.lr
  if state.bad > o.patience then
    local lower = math.max(lr * o.factor, o.min_lr)
    if lr - lower > o.eps then lr = lower end
    state.cooling, state.bad = o.cooldown, 0
  end
  state.now = lr
  return lr
end

return M
