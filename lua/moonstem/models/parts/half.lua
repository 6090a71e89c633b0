--- Numbers rounded to half precision (IEEE 754 binary16: 11 bits, 6e-8 to 65504, infinity beyond),
-- kept as this build's numbers: for networks whose authors computed their front end so.
local core = require "moonstem.tensor"

local M = {}

local LARGEST = 65504 -- the next number, 65520 rounded, is infinity
local NORMAL = 2 ^ -14 -- below it the steps are 2^-24

-- Of x to the bits of 2^bits less than it has, by Veltkamp's splitting.
local function shortened(x, bits)
  local scaled = x * (2 ^ bits + 1)
  return scaled - (scaled - x)
end

local IS_DOUBLE = core.machine().real == "f64"
local SPARE = IS_DOUBLE and 42 or 13 -- bits of a number beyond 11
local STEP = IS_DOUBLE and 1.5 * 2 ^ 28 or 1.5 * 2 ^ -1 -- the last bit of such a number is 2^-24

--- half(x) -> x >= 0 rounded to half precision; outside the graph
function M.round(x)
  local _ <close> = core.scope()
  return core.no_grad(function()
    local fine = (x + STEP) - STEP
    local y = x:lt(NORMAL):where(fine, shortened(x, SPARE))
    return core.keep(y:masked_fill(y:gt(LARGEST), math.huge))
  end)
end

return M
