--- Seeded random numbers for the stand-in corpora: xoshiro256** on Lua's 64-bit integers.
-- A generator belongs to one piece: its state comes from (format, seed, purpose, index, attempt),
-- so that any piece can be rendered alone, in any order, by any worker. The order of the draws is
-- part of the format: raise `format` whenever it changes.
local rng = {}
rng.__index = rng

--- The version of everything that decides what a seed sounds like.
rng.format = 1

-- The output mix of splitmix64 (Steele, Lea, Flood 2014).
local function mix(z)
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

local function hash(text)
  local h = 0
  for i = 1, #text do h = mix(h + 0x9e3779b97f4a7c15 + text:byte(i)) end
  return h
end

--- A generator for one purpose: seed (integer), purpose (text), then any integers.
function rng.new(seed, purpose, ...)
  local state = mix(rng.format * 0x9e3779b97f4a7c15 + seed)
  state = mix(state + hash(purpose))
  for i = 1, select("#", ...) do state = mix(state + 0x9e3779b97f4a7c15 + (select(i, ...))) end
  local r = setmetatable({}, rng)
  for i = 1, 4 do
    state = state + 0x9e3779b97f4a7c15
    r[i] = mix(state)
  end
  return r
end

local function rotate(x, n) return (x << n) | (x >> (64 - n)) end

--- The next 64 bits (Blackman, Vigna 2018).
function rng:bits()
  local out = rotate(self[2] * 5, 7) * 9
  local t = self[2] << 17
  self[3] = self[3] ~ self[1]
  self[4] = self[4] ~ self[2]
  self[2] = self[2] ~ self[3]
  self[1] = self[1] ~ self[4]
  self[3] = self[3] ~ t
  self[4] = rotate(self[4], 45)
  return out
end

--- The four numbers that decide all draws from here on.
function rng:state() return self[1], self[2], self[3], self[4] end

--- A number from [low, high); [0, 1) without arguments.
function rng:uniform(low, high)
  local u = (self:bits() >> 11) * 0x1p-53
  if not low then return u end
  return low + (high - low) * u
end

--- A whole number from low to high, both included.
function rng:integer(low, high) return low + math.floor(self:uniform() * (high - low + 1)) end

--- True with the given probability.
function rng:chance(p) return self:uniform() < p end

--- A normally distributed number (Box and Muller; always two uniform draws).
function rng:normal(mean, deviation)
  local radius = math.sqrt(-2 * math.log(1 - self:uniform()))
  return mean + deviation * radius * math.cos(2 * math.pi * self:uniform())
end

--- One of a list, with equal chances or by a list of weights.
function rng:pick(list, weights)
  if not weights then return list[self:integer(1, #list)] end
  local total = 0
  for _, w in ipairs(weights) do total = total + w end
  local u = self:uniform() * total
  for i, w in ipairs(weights) do
    u = u - w
    if u < 0 then return list[i] end
  end
  return list[#list]
end

--- A list {1..n} in random order.
function rng:permutation(n)
  local list = {}
  for i = 1, n do list[i] = i end
  for i = n, 2, -1 do
    local j = self:integer(1, i)
    list[i], list[j] = list[j], list[i]
  end
  return list
end

return rng
