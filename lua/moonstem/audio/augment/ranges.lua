--- What an effect of ms.audio.augment may be given: a number, or {low, high} to draw from.
local M = {}

local Range = {}
Range.__index = Range

--- The declaration of a range: its default, and what its ends must lie between. log: numbers are
-- drawn evenly by ratio, not by difference.
function M.range(low, high, least, most, log)
  return setmetatable({ default = { low, high }, least = least, most = most, log = log }, Range)
end

function M.is_range(declared) return getmetatable(declared) == Range end

local function pair_of(value)
  if type(value) == "number" then return { value, value } end
  if type(value) ~= "table" or #value ~= 2 then return nil end
  local low, high = value[1], value[2]
  if type(low) == "number" and type(high) == "number" and low <= high then return { low, high } end
end

--- A caller's value as { low, high }; raises.
function M.take(declared, value, who)
  local pair = pair_of(value == nil and declared.default or value)
  if pair and pair[1] >= declared.least and pair[2] <= declared.most then return pair end
  error(("%s must be a number or {low, high} within %g to %g"):format(who, declared.least,
    declared.most), 0)
end

--- Draws from a pair that `take` gave.
function M.draw(declared, pair, source)
  local low, high = pair[1], pair[2]
  if low == high then return low end
  if declared.log then return low * (high / low) ^ source:uniform(0, 1) end
  return source:uniform(low, high)
end

return M
