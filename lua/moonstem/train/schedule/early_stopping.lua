--- Early stopping: whether a value has stopped getting better.
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"

local Stopper = {}

local KNOWN = { patience = options_of.whole(10), min_delta = 0.0,
  mode = options_of.choice("min", "max")("min") }

--- stopper:update(value) -> whether to stop, and whether the value is a new best: after a
-- validation.
function Stopper:update(value)
  if type(value) ~= "number" then
    error(("early_stopping: a number is expected, got %s"):format(type(value)), 0)
  end
  self.count = self.count + 1
  local sign = self.mode == "min" and -1 or 1
  local better = self.best == nil or sign * value > sign * self.best + self.min_delta
  if better then self.best, self.best_update, self.bad = value, self.count, 0
  else self.bad = self.bad + 1 end
  return self.bad > self.patience, better
end

strict.class(Stopper, "stopper", { "best", "best_update" })

--- ms.train.early_stopping(options) -> stopper: stopper:update(value) says when more than patience
-- values in a row were no better than the best by more than min_delta, as phases of ms.train.run
-- and PyTorch's plateau count. Fields: best, best_update (which one it was), count (of updates),
-- bad (since the best); all are plain, so that a checkpoint may keep them.
-- options: { patience = 10, min_delta = 0, mode = "min" ("max") }
return function(options)
  local o = options_of(options, "early_stopping", KNOWN)
  return setmetatable({ patience = o.patience, min_delta = o.min_delta, mode = o.mode, bad = 0,
    count = 0 }, Stopper)
end
