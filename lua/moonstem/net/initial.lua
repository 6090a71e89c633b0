--- What the parameters of layers start from: sizes, and numbers that are a function of a seed and a
-- stream alone.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local weights = core.weights

local M = {}

-- draw(seed, stream) -> a tensor
local function start(size, draw)
  if type(size) ~= "table" then error("sizes are a list such as {2, 3}", 3) end
  for d = 1, rawlen(size) do
    if not options_of.count.fits(rawget(size, d)) then
      error("sizes must be whole numbers, 1 or more", 3)
    end
  end
  return { size = size, draw = draw }
end

--- ms.nn.init.zeros{2, 3}: zeros
function M.zeros(size) return start(size, function() return core.zeros(size) end) end

--- ms.nn.init.ones{2, 3}: ones
function M.ones(size) return start(size, function() return core.ones(size) end) end

--- ms.nn.init.normal({2, 3}, [deviation = 0.02]): normal around 0, not truncated
function M.normal(size, deviation)
  return start(size, function(seed, stream)
    return weights.normal(seed, stream, 0, deviation or 0.02, size)
  end)
end

-- Fan in + fan out of a kernel (..., in, out): the places before are the receptive field.
local function fans(size)
  local field = 1
  for d = 1, #size - 2 do field = field * size[d] end
  return field * (size[#size - 1] + size[#size])
end

--- ms.nn.init.glorot{3, 3, 16, 32}: Glorot-uniform, +-sqrt(6 / (fan in + fan out)), of a kernel
-- whose last two sizes are inputs and outputs
function M.glorot(size)
  return start(size, function(seed, stream)
    local limit = math.sqrt(6 / fans(size))
    return weights.uniform(seed, stream, -limit, limit, size)
  end)
end

return M
