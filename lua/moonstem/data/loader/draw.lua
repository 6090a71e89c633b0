--- The random numbers of one item in one epoch: a pure function of (seed, epoch, item, how many
-- were drawn), so that it does not matter which process asks, or when.
local core = require "moonstem.core.tensor"
local strict = require "moonstem.strict"

local Draw = {}
Draw.__index = Draw

local random = core.random

--- A source. turn: how often the item came before in this epoch (weighted sampling repeats some).
local function new(seed, epoch, item, turn)
  return setmetatable({ root = seed, purpose = ("loader %d %d"):format(epoch, turn), item = item,
    epoch = epoch, count = 0 }, Draw)
end

-- The counter of the next number.
local function advance(self)
  self.count = self.count + 1
  return self.count
end

--- draw:uniform([low, high]) -> a number in [low, high), by default [0, 1), on 2^24 steps
function Draw:uniform(low, high)
  low, high = low or 0, high or 1
  return low + (high - low) * random.uniform(self.root, self.purpose, self.item, advance(self))
end

--- draw:normal([mean, sd]) -> a number of a normal distribution, by default of mean 0 and standard
-- deviation 1 (Box and Muller's formula)
function Draw:normal(mean, sd)
  local radius = math.sqrt(-2 * math.log(1 - self:uniform()))
  return (mean or 0) + (sd or 1) * radius * math.cos(2 * math.pi * self:uniform())
end

--- draw:integer(n) -> one of 1 to n; draw:integer(first, last) -> one of first to last
function Draw:integer(first, last)
  if not last then first, last = 1, first end
  if math.type(first) ~= "integer" or math.type(last) ~= "integer" or last < first then
    error(("draw:integer: a range of whole numbers is expected, got %s to %s")
      :format(tostring(first), tostring(last)), 2)
  end
  local n = last - first + 1
  return first - 1 + random.integer(self.root, self.purpose, self.item, advance(self), n)
end

--- draw:seed() -> a whole number, for functions that take { seed = }
function Draw:seed()
  return self:integer(1, 1 << 52)
end

strict.class(Draw, "draw")

return new
