--- What the parameters of layers start from: sizes, and numbers that are a function of a seed and a
-- stream alone.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local words = require "moonstem.core.words"
local weights = core.weights

local M = {}

local IS_DOUBLE = core.machine().real == "f64"

-- A list of sizes for certain, without whatever its metatable does.
local function checked(size)
  if type(size) ~= "table" then error("sizes are a list such as {2, 3}", 4) end
  local list = {}
  for d = 1, rawlen(size) do
    list[d] = options_of.count.fits(rawget(size, d))
    if not list[d] then error("sizes must be whole numbers, 1 or more", 4) end
  end
  return list
end

-- draw(seed, stream) -> a tensor
local function start(size, draw) return { size = checked(size), draw = draw } end

-- ---- without fans ------------------------------------------------------------------------------
--- ms.nn.init.zeros{2, 3}: zeros
function M.zeros(size) return start(size, function() return core.zeros(size) end) end

--- ms.nn.init.ones{2, 3}: ones
function M.ones(size) return start(size, function() return core.ones(size) end) end

--- ms.nn.init.constant({2, 3}, value): this number everywhere
function M.constant(size, value)
  local number = options_of.number.fits(value)
  if not number then error("constant: the value must be a number", 2) end
  return start(size, function()
    local zeros <close> = core.zeros(size)
    return zeros + number
  end)
end

--- ms.nn.init.uniform({2, 3}, [low = 0], [high = 1]): uniform from low to below high
function M.uniform(size, low, high)
  return start(size, function(seed, stream)
    return weights.uniform(seed, stream, low or 0, high or 1, size)
  end)
end

--- ms.nn.init.normal({2, 3}, [deviation = 0.02]): normal around 0, not truncated
function M.normal(size, deviation)
  return start(size, function(seed, stream)
    return weights.normal(seed, stream, 0, deviation or 0.02, size)
  end)
end

--- ms.nn.init.truncated_normal({2, 3}, [deviation = 0.02]): normal around 0 within two deviations,
-- as Keras and JAX have it: what comes has 0.88 of the deviation
function M.truncated_normal(size, deviation)
  return start(size, function(seed, stream)
    return weights.truncated_normal(seed, stream, 0, deviation or 0.02, size)
  end)
end

-- ---- by fans -----------------------------------------------------------------------------------
-- Fan in and fan out of a kernel (..., in, out): the places before are the receptive field. A
-- vector has as many of both as numbers.
local function fans(given)
  local size = checked(given)
  local field, n = 1, #size
  for d = 1, n - 2 do field = field * size[d] end
  return field * (size[n - 1] or size[n] or 1), field * (size[n] or 1)
end

local function uniform_within(size, limit)
  return start(size, function(seed, stream)
    return weights.uniform(seed, stream, -limit, limit, size)
  end)
end

local GLOROT = { gain = 1.0 }

--- ms.nn.init.glorot({3, 3, 16, 32}, {gain = 1}): Glorot-uniform, +-gain sqrt(6 / (fan in + fan
-- out)), of a kernel whose last two sizes are inputs and outputs; also called glorot_uniform
function M.glorot(size, options)
  local fan_in, fan_out = fans(size)
  local gain = options_of(options, "glorot", GLOROT).gain
  return uniform_within(size, gain * math.sqrt(6 / (fan_in + fan_out)))
end

M.glorot_uniform = M.glorot

--- ms.nn.init.glorot_normal({3, 3, 16, 32}, {gain = 1}): normal with the deviation gain sqrt(2 /
-- (fan in + fan out))
function M.glorot_normal(size, options)
  local fan_in, fan_out = fans(size)
  local gain = options_of(options, "glorot_normal", GLOROT).gain
  return M.normal(size, gain * math.sqrt(2 / (fan_in + fan_out)))
end

local KAIMING = { slope = 0.0, mode = options_of.choice("fan_in", "fan_out")("fan_in") }

-- sqrt(2 / ((1 + slope^2) fan))
local function kaiming(size, options, who)
  local o, fan_in, fan_out = options_of(options, who, KAIMING), fans(size)
  return math.sqrt(2 / ((1 + o.slope ^ 2) * (o.mode == "fan_in" and fan_in or fan_out)))
end

--- ms.nn.init.kaiming_uniform({3, 3, 16, 32}, {slope = 0, mode = "fan_in"}): +-sqrt(6 / ((1 +
-- slope^2) fan)) before a leaky ReLU of that slope; mode "fan_out" keeps gradients' size instead
function M.kaiming_uniform(size, options)
  return uniform_within(size, math.sqrt(3) * kaiming(size, options, "kaiming_uniform"))
end

--- ms.nn.init.kaiming_normal({3, 3, 16, 32}, {slope = 0, mode = "fan_in"}): normal with the
-- deviation sqrt(2 / ((1 + slope^2) fan))
function M.kaiming_normal(size, options)
  return M.normal(size, kaiming(size, options, "kaiming_normal"))
end

-- ---- orthogonal --------------------------------------------------------------------------------
local function identity(n)
  local x = core.zeros { n, n }
  for i = 1, n do x:set(i, i, 1) end
  return x
end

-- The factor of x (rows >= columns) with orthonormal columns, x = u p, by Newton and Schulz: every
-- singular value goes to 1 once all are below sqrt(3).
local function polar(x)
  local columns = x:size(2)
  local half, most = identity(columns) * 1.5, IS_DOUBLE and 1e-26 or 1e-11
  x = x / x:square():sum():sqrt()
  for _ = 1, 200 do
    local square = x:permute { 2, 1 }:matmul(x)
    local off = (square - half / 1.5):square():mean():item()
    x = x:matmul(half - square * 0.5)
    if off < most then break end
  end
  return x
end

--- ms.nn.init.orthogonal({64, 64}, {gain = 1}): all sizes but the last are one. The rows or the
-- columns of this matrix, whichever are fewer, are orthonormal, uniformly distributed, and then
-- multiplied by gain
function M.orthogonal(size, options)
  local gain = options_of(options, "orthogonal", { gain = 1.0 }).gain
  size = checked(size)
  if #size < 2 then error("orthogonal: needs two sizes or more", 2) end
  return start(size, function(seed, stream)
    local scope <close> = core.scope()
    local x = weights.normal(seed, stream, 0, 1, size):reshape { -1, size[#size] }
    local is_wide = x:size(1) < x:size(2)
    local u = polar(is_wide and x:permute { 2, 1 } or x)
    if is_wide then u = u:permute { 2, 1 } end
    return scope:keep((u * gain):reshape(size))
  end)
end

-- ---- by name -----------------------------------------------------------------------------------
--- ms.nn.init.of("orthogonal") -> the function of that name; a function is returned as it is, and
-- nothing gives `default`. For layers whose option `init` says what their weights start from.
function M.of(given, default)
  if type(given) == "function" then return given end
  local name = given or default
  local f = type(name) == "string" and name ~= "of" and rawget(M, name)
  if f then return f end
  local known = {}
  for key, value in pairs(M) do
    if key ~= "of" and type(value) == "function" then known[key] = true end
  end
  local shown = type(name) == "string" and name or type(name)
  error(("there is no initialiser %s%s"):format(shown, words.hint(shown, known)), 0)
end

--- The kind of such an option, for lists of options.
M.kind = options_of.either(options_of.string, options_of.callable)

return M
