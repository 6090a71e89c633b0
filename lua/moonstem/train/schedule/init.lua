--- Learning rates over steps, as data: for phases of ms.train.run, and for loops written by hand.
--   local schedule = ms.train.schedule.cosine { lr = 1e-3, steps = 10000 }
--   for step = 1, 10000 do opt.lr = schedule:at(step) ... end
-- Steps count from 1: schedule:at(1) is the rate of the first. What a step is, an update or an
-- epoch, is the caller's choice. Values are those of PyTorch's schedulers. A schedule is a plain
-- table, { kind = "cosine", lr = 0.001, ... }, which settings keep as JSON.
local options_of = require "moonstem.options"
local plateau = require "moonstem.train.schedule.plateau"
local strict = require "moonstem.strict"
local words = require "moonstem.core.words"

local M = {}

local number, count, needed = options_of.number, options_of.count, options_of.needed
local POSITIVE, FRACTION = options_of.positive, options_of.fraction

-- ---- kinds: their options, and the rate after t steps ----------------------------------------
local KINDS = {}

KINDS.constant = { options = { lr = needed(number) }, lr = function(o) return o.lr end }

KINDS.step = {
  options = { lr = needed(number), step_size = count, milestones = options_of.table, gamma = 0.1 },
  check = function(o)
    if (o.step_size == nil) == (o.milestones == nil) then
      return "it needs step_size or milestones, one of the two"
    end
  end,
  lr = function(o, t)
    if o.step_size then return o.lr * o.gamma ^ (t // o.step_size) end
    local passed = 0
    for _, at in ipairs(o.milestones) do passed = passed + (t >= at and 1 or 0) end
    return o.lr * o.gamma ^ passed
  end,
}

KINDS.exponential = {
  options = { lr = needed(number), gamma = needed(number) },
  lr = function(o, t) return o.lr * o.gamma ^ t end,
}

KINDS.cosine = {
  options = { lr = needed(number), steps = needed(count), min_lr = 0.0, restarts = count },
  lr = function(o, t)
    local steps = o.steps
    while o.restarts and t >= steps do t, steps = t - steps, steps * o.restarts end
    return o.min_lr + (o.lr - o.min_lr) * (1 + math.cos(math.pi * t / steps)) / 2
  end,
}

KINDS.polynomial = {
  options = { lr = needed(number), steps = needed(count), power = 1.0 },
  lr = function(o, t) return o.lr * (1 - math.min(t, o.steps) / o.steps) ^ o.power end,
}

KINDS.warm_up = {
  options = { lr = needed(number), steps = needed(count), start_factor = 1 / 3, end_factor = 1.0 },
  lr = function(o, t)
    local part = math.min(t, o.steps) / o.steps
    return o.lr * (o.start_factor + (o.end_factor - o.start_factor) * part)
  end,
}

-- ---- one cycle -------------------------------------------------------------------------------
-- The phases as {last step from 0, first lr, last lr, first momentum, last momentum}.
local function cycle_of(o)
  local first, top = o.lr / o.div_factor, o.lr
  local last, low, high = first / o.final_div_factor, o.base_momentum, o.max_momentum
  local up = o.pct_start * o.steps - 1
  if o.three_phase then
    return { { up, first, top, high, low }, { 2 * up, top, first, low, high },
      { o.steps - 1, first, last, high, high } }
  end
  return { { up, first, top, high, low }, { o.steps - 1, top, last, low, high } }
end

local function between(o, a, b, part)
  if o.anneal == "linear" then return (b - a) * part + a end
  return b + (a - b) / 2 * (1 + math.cos(math.pi * part))
end

-- lr and momentum after t steps.
local function in_cycle(o, t)
  if t >= o.steps then
    error(("schedule.one_cycle: it has %d steps; there is no step %d"):format(o.steps, t + 1), 0)
  end
  local start, phases = 0, cycle_of(o)
  for i, p in ipairs(phases) do
    if t <= p[1] or i == #phases then
      local part = (t - start) / (p[1] - start)
      return between(o, p[2], p[3], part), between(o, p[4], p[5], part)
    end
    start = p[1]
  end
end

KINDS.one_cycle = {
  options = { lr = needed(number), steps = needed(count), pct_start = FRACTION(0.3),
    anneal = options_of.choice("cos", "linear")("cos"), div_factor = POSITIVE(25),
    final_div_factor = POSITIVE(1e4), three_phase = options_of.flag(false),
    cycle_momentum = options_of.flag(false), base_momentum = FRACTION(0.85),
    max_momentum = FRACTION(0.95) },
  lr = function(o, t) return (in_cycle(o, t)) end,
}

-- ---- one after another -----------------------------------------------------------------------
KINDS.chain = {
  options = { parts = needed(options_of.table), milestones = needed(options_of.table) },
  lr = function(o, t)
    local i, first = 1, 0
    while o.milestones[i] and t >= o.milestones[i] do i, first = i + 1, o.milestones[i] end
    return M.of(o.parts[i]):at(t - first + 1)
  end,
}

KINDS.plateau = { options = plateau.OPTIONS, lr = plateau.lr }

-- ---- schedules -------------------------------------------------------------------------------
local Schedule = {}

-- A whole schedule of plain data; raises where it is none.
local function checked(given, who, kind)
  if not KINDS[kind] then
    error(("%s: there is no schedule %s%s"):format(who, tostring(kind),
      words.hint(tostring(kind), KINDS)), 0)
  end
  local o = options_of(given, who, options_of.merge(KINDS[kind].options, { kind = kind }))
  local why = KINDS[kind].check and KINDS[kind].check(o)
  if why then error(("%s: %s"):format(who, why), 0) end
  return setmetatable(o, Schedule)
end

local function new(kind, given) return checked(given, "schedule." .. kind, kind) end

--- ms.train.schedule.of(value, who) -> schedule: of plain data, as settings keep it, or of a
-- number, a constant rate; a schedule is returned as it is. Raises for anything else, about `who`.
function M.of(value, who)
  who = who or "schedule"
  if getmetatable(value) == Schedule then return value end
  if type(value) == "number" then value = { kind = "constant", lr = value } end
  if type(value) ~= "table" then
    error(("%s: a number or a schedule is expected, got %s"):format(who, type(value)), 0)
  end
  return checked(value, who, value.kind)
end

local function at_step(step)
  local n = math.tointeger(step)
  if not n or n < 1 then
    error(("schedule: a step is a whole number, 1 or more, got %s"):format(tostring(step)), 0)
  end
  return n
end

--- schedule:at(step) -> the learning rate of that step, counted from 1; of a plateau, which needs
-- no step, the present one.
function Schedule:at(step)
  if self.kind == "plateau" then return plateau.lr(self) end
  return KINDS[self.kind].lr(self, at_step(step) - 1)
end

--- schedule:base() -> the rate that its factors multiply: of an optimizer before its first step
function Schedule:base()
  return rawget(self, "lr") or M.of(self.parts[1]):base()
end

--- schedule:momentum(step) -> of a one_cycle: the momentum of that step, for opt.momentum or
-- opt.beta1.
function Schedule:momentum(step)
  if self.kind ~= "one_cycle" then error("schedule: only one_cycle has a momentum", 0) end
  return (select(2, in_cycle(self, at_step(step) - 1)))
end

--- schedule:observe(value) -> the learning rate from now on: of a plateau, which looks at a value,
-- such as a validation loss, after each round.
function Schedule:observe(value)
  if self.kind ~= "plateau" then error("schedule: only a plateau observes values", 0) end
  return plateau.observe(self, self, value)
end

--- schedule:apply(opt, step) -> the rate of that step, which it sets as opt.lr; with cycle_momentum
-- of one_cycle the optimizer's momentum or beta1 follow, too
function Schedule:apply(opt, step)
  opt.lr = self:at(step)
  if rawget(self, "cycle_momentum") then
    local has_momentum = opt.name == "sgd" or opt.name == "rmsprop"
    opt[has_momentum and "momentum" or "beta1"] = self:momentum(step)
  end
  return opt.lr
end

strict.class(Schedule, "schedule", { "step_size", "milestones", "restarts", "now", "best", "bad",
  "cooling" })

--- ms.train.schedule.constant(options) -> schedule: lr at all steps. options: { lr = }
function M.constant(options) return new("constant", options) end

--- ms.train.schedule.step(options) -> schedule: lr times gamma after every step_size steps, or
-- after each of the milestones (PyTorch's StepLR, MultiStepLR).
-- options: { lr =, step_size = or milestones = { 30, 80 }, gamma = 0.1 }
function M.step(options) return new("step", options) end

--- ms.train.schedule.exponential(options) -> schedule: lr gamma^steps (PyTorch's ExponentialLR).
-- options: { lr =, gamma = }
function M.exponential(options) return new("exponential", options) end

--- ms.train.schedule.cosine(options) -> schedule: from lr down to min_lr along half a cosine
-- (PyTorch's CosineAnnealingLR, T_max and eta_min; as there it rises again behind its steps); with
-- restarts = n it begins anew then, n times as long each time (CosineAnnealingWarmRestarts).
-- options: { lr =, steps =, min_lr = 0, restarts = none }
function M.cosine(options) return new("cosine", options) end

--- ms.train.schedule.polynomial(options) -> schedule: lr (1 - done / steps)^power, 0 behind its
-- steps (PyTorch's PolynomialLR).
-- options: { lr =, steps =, power = 1 }
function M.polynomial(options) return new("polynomial", options) end

--- ms.train.schedule.warm_up(options) -> schedule: from start_factor lr to end_factor lr in a
-- straight line, then constant (PyTorch's LinearLR).
-- options: { lr =, steps =, start_factor = 1/3, end_factor = 1 }
function M.warm_up(options) return new("warm_up", options) end

--- ms.train.schedule.one_cycle(options) -> schedule: from lr / div_factor up to lr in the share
-- pct_start of its steps, then down to lr / div_factor / final_div_factor (PyTorch's OneCycleLR,
-- whose max_lr is lr here); three_phase: down as it came up, then the rest. A step behind the last
-- one raises. cycle_momentum: schedule:apply moves the momentum the other way, between
-- base_momentum and max_momentum (PyTorch's default; schedule:momentum(step) gives it).
-- options: { lr =, steps =, pct_start = 0.3, anneal = "cos" ("linear"), div_factor = 25,
--   final_div_factor = 1e4, three_phase = false, cycle_momentum = false, base_momentum = 0.85,
--   max_momentum = 0.95 }
function M.one_cycle(options) return new("one_cycle", options) end

--- ms.train.schedule.plateau(options) -> schedule: lr times factor where more than `patience`
-- values in a row, told by schedule:observe(value), brought no new best (PyTorch's
-- ReduceLROnPlateau).
-- options: { lr =, mode = "min" ("max"), factor = 0.1, patience = 10, threshold = 1e-4,
--   threshold_mode = "rel" ("abs"), cooldown = 0 (values that are not counted afterwards), min_lr =
--   0, eps = 1e-8 (smaller changes are left out) }
function M.plateau(options) return new("plateau", options) end

-- After how many steps each part of a chain but the last ends: by its own steps.
local function ends_of(parts)
  local ends, sum = {}, 0
  for i = 1, #parts - 1 do
    local steps = rawget(parts[i], "steps")
    if not steps then
      error(("schedule.chain: part %d has no steps of its own; give milestones"):format(i), 0)
    end
    sum = sum + steps
    ends[i] = sum
  end
  return ends
end

--- ms.train.schedule.chain(parts) -> schedule: one after another, each from its first step on; a
-- part lasts its own steps, or until its milestone (PyTorch's SequentialLR). A number among the
-- parts is a constant rate.
-- parts: { schedule, schedule, ..., milestones = { 500, ... } }
function M.chain(parts)
  if type(parts) ~= "table" or #parts == 0 then
    error("schedule.chain: a list of schedules is expected", 0)
  end
  local list, options = {}, options_of.merge(parts)
  for i, part in ipairs(parts) do
    options[i] = nil
    list[i] = M.of(part, ("schedule.chain, part %d"):format(i))
    if list[i].kind == "plateau" then error("schedule.chain: a plateau has no steps", 0) end
  end
  options_of.check(options, "schedule.chain", { milestones = options_of.table })
  local ends = parts.milestones or ends_of(list)
  if #ends ~= #list - 1 then
    error(("schedule.chain: %d parts need %d milestones, got %d"):format(#list, #list - 1, #ends),
      0)
  end
  return new("chain", { parts = list, milestones = ends })
end

return M
