--- The random numbers of one effect on one clip in one epoch: a function of these and the seed, so
-- that nothing depends on workers, threads, or on what other effects drew.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"

local Source = {}
Source.__index = Source

local random = core.random
local M = {}

local MOST = 1 << 12 -- numbers of one effect on one clip

--- A number in [low, high).
function Source:uniform(low, high)
  self.count = self.count + 1
  local u = random.uniform(self.seed, self.purpose, self.epoch, self.clip * MOST + self.count)
  return low + (high - low) * u
end

--- One of 1..n.
function Source:integer(n)
  return math.min(n, 1 + math.floor(self:uniform(0, n)))
end

--- A number of a normal distribution (Box and Muller's formula).
function Source:normal()
  local radius = math.sqrt(-2 * math.log(1 - self:uniform(0, 1)))
  return radius * math.cos(2 * math.pi * self:uniform(0, 1))
end

-- A number of a gamma distribution of scale 1 (Marsaglia and Tsang).
local function gamma(self, shape)
  if shape < 1 then
    return gamma(self, shape + 1) * (1 - self:uniform(0, 1)) ^ (1 / shape)
  end
  local d = shape - 1 / 3
  for _ = 1, 1000 do
    local x = self:normal()
    local v = (1 + x / math.sqrt(9 * d)) ^ 3
    if v > 0 and math.log(1 - self:uniform(0, 1)) < 0.5 * x * x + d - d * v + d * math.log(v) then
      return d * v
    end
  end
  return d
end

--- A number of a beta distribution with both parameters alike.
function Source:beta(alpha)
  local a, b = gamma(self, alpha), gamma(self, alpha)
  return a + b > 0 and a / (a + b) or 0.5
end

--- A tensor of normal numbers.
function Source:noise(size)
  self.count = self.count + 1
  return core.randn(size, { seed = self.seed,
    purpose = ("%s %d %d %d"):format(self.purpose, self.epoch, self.clip, self.count) })
end

--- What a caller says of a clip, { seed =, epoch =, clip = } or a loader's draw, as three numbers.
function M.where(given)
  if type(given) == "table" and type(given.seed) == "function" then
    return { seed = given:seed(), epoch = 0, clip = 0 }
  end
  local o = options_of(given, "augment", { seed = 1, epoch = 1, clip = 1 })
  if o.epoch < 0 or o.clip < 0 or o.epoch >= 1 << 31 or o.clip >= 1 << 31 then
    error("augment: epoch and clip must be 0 or more", 0)
  end
  return o
end

--- The source of effect number k.
function M.new(where, k)
  return setmetatable({ seed = where.seed, purpose = "augment " .. k, epoch = where.epoch,
    clip = where.clip, count = 0 }, Source)
end

return M
