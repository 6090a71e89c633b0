--- How numbers are spread: median, mode, quantile, histogram, bincount.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local internal, ops, as_tensor = core.internal, core.ops, core.as_tensor

local M = {}

-- Values at positions, one for each line along the axis; with keep they have its dimension, too.
local function with_values(x, axis, at, options)
  return (options and options.keep and ops.gather or internal.pick)(x, axis, at), at
end

local function shown(value) return type(value) == "number" and tostring(value) or type(value) end

local function check_count(name, value)
  if math.type(value) ~= "integer" or value < 1 then
    error(("%s must be a whole number, 1 or more, got %s"):format(name, shown(value)), 0)
  end
  return value
end

local function flat(x) return ops.reshape(x, { x:count() }) end

--- x:median([axis], {keep = false}) -> without an axis the median of all, a tensor with gradient;
-- along an axis the medians, with gradient, and their positions, from 1: the axis disappears, or
-- stays as 1 with keep. Of an even number of numbers the lower one of the middle, as PyTorch's;
-- NaN where there is one. x:quantile(0.5) is the mean of the two
function M.median(x, axis, options)
  x = as_tensor(x)
  if axis ~= nil then return with_values(x, axis, internal.median(x, axis, options), options) end
  if options ~= nil then error("median: keep belongs to an axis", 0) end
  if x:count() == 0 then error("median: the tensor is empty", 0) end
  local all = flat(x)
  return internal.pick(all, 1, internal.median(all, 1))
end

--- x:mode([axis = -1], {keep = false}) -> the numbers that are there most often along one
-- dimension, the smallest of several, with gradient, and the last position of each, from 1: the
-- axis disappears, or stays as 1 with keep
function M.mode(x, axis, options)
  x = as_tensor(x)
  return with_values(x, axis or -1, internal.mode(x, axis, options), options)
end

-- ---- quantiles -------------------------------------------------------------------------------
-- From the rank below, from 0, and the share of the way to the one above: how much of that counts.
local INTERPOLATIONS = {
  linear = function(_, share) return share end,
  lower = function() return 0 end,
  higher = function(_, share) return share > 0 and 1 or 0 end,
  midpoint = function(_, share) return share > 0 and 0.5 or 0 end,
  nearest = function(below, share) -- the even one of two
    return (share > 0.5 or (share == 0.5 and below % 2 == 1)) and 1 or 0
  end,
}

local HOW = options_of.choice("linear", "lower", "higher", "nearest", "midpoint")
local OPTIONS = { interpolation = HOW "linear", keep = false }
local DEFAULTS = options_of({}, "quantile", OPTIONS)

-- The numbers of q, and whether it was a list.
local function list_of(q)
  local is_list = type(q) ~= "number" and #as_tensor(q):size() > 0
  if is_list and #as_tensor(q):size() > 1 then
    error("quantile: q must be a number or a list of numbers", 0)
  end
  local list = type(q) == "number" and { q } or flat(as_tensor(q)):totable()
  for _, v in ipairs(list) do
    if not (v >= 0 and v <= 1) then
      error(("quantile: q must be from 0 to 1, got %g"):format(v), 0)
    end
  end
  return list, is_list
end

-- Sizes of 1, but for the axis.
local function along(size, axis, n)
  local list = {}
  for d = 1, #size do list[d] = d == axis and n or 1 end
  return list
end

-- Ranks below the quantiles, from 0, then those above; the shares of the way between the two, and
-- whether any lies between.
local function ranks_of(list, n, share_of)
  local ranks, shares, between = {}, {}, false
  for i, q in ipairs(list) do
    local rank = q * (n - 1)
    local below = math.floor(rank)
    local share = share_of(below, rank - below)
    ranks[i], ranks[#list + i] = below + share // 1, math.ceil(rank)
    shares[i], between = share % 1, between or share % 1 > 0
  end
  return ranks, shares, between
end

-- The quantiles of x along the axis, which are then its only places there.
local function interpolate(x, list, axis, share_of)
  local k <const> = #list
  local ranks, shares, between = ranks_of(list, x:size(axis), share_of)
  local at = internal.ranks(x, core.tensor(between and ranks or table.move(ranks, 1, k, 1, {})),
    axis)
  local y = ops.gather(x, axis, at)
  if not between then return y end
  local low, high = ops.slice(y, axis, 1, k), ops.slice(y, axis, k + 1, 2 * k)
  local weights = shares[1]
  if k > 1 then weights = ops.reshape(core.tensor(shares), along(y:size(), axis, k)) end
  return ops.add(low, ops.mul(ops.sub(high, low), weights))
end

-- The axis first, where q is a list; 1 in its old place, or nothing.
local function arrange(y, axis, is_list, keep)
  local size, order = y:size(), { axis }
  for d = 1, #size do if d ~= axis then order[#order + 1] = d end end
  local shape = is_list and { size[axis] } or {}
  for d, s in ipairs(size) do
    if d ~= axis then shape[#shape + 1] = s elseif keep then shape[#shape + 1] = 1 end
  end
  return ops.reshape(is_list and ops.permute(y, order) or y, shape)
end

local function axis_of(x, axis, name)
  local n = #x:size()
  if math.type(axis) ~= "integer" or axis == 0 or axis > n or axis < -n then
    error(("%s: there is no dimension %s; the tensor has %d"):format(name, shown(axis), n), 0)
  end
  return axis < 0 and axis + n + 1 or axis
end

--- x:quantile(q, [axis], {interpolation = "linear", keep = false}) -> the number below which the
-- share q of x lies, of all or along one dimension, which disappears, or stays as 1 with keep;
-- with gradient. Of a list q the quantiles come along a new first dimension. Between two numbers:
-- "linear", "lower", "higher", "nearest", "midpoint", as PyTorch's; NaN where there is one
function M.quantile(x, q, axis, options)
  local o = options == nil and DEFAULTS or options_of(options, "quantile", OPTIONS)
  x = as_tensor(x)
  if x:count() == 0 then error("quantile: the tensor is empty", 0) end
  local list, is_list = list_of(q)
  local line = axis == nil and flat(x) or x
  local at = axis == nil and 1 or axis_of(x, axis, "quantile")
  local y = interpolate(line, list, at, INTERPOLATIONS[o.interpolation])
  y = arrange(y, at, is_list, o.keep)
  if axis ~= nil or not o.keep then return y end
  local shape = is_list and { #list } or {}
  for _ = 1, #x:size() do shape[#shape + 1] = 1 end
  return ops.reshape(y, shape)
end

-- ---- counts ----------------------------------------------------------------------------------
local HISTOGRAM = { min = options_of.number, max = options_of.number, weights = false,
  density = false }

local function range_of(x, o)
  local low, high = o.min, o.max
  if not (low and high) then
    local least, most, wrong = x:extent()
    if wrong > 0 then
      error("histogram: x has numbers that are infinite or NaN; give min and max", 0)
    end
    low, high = low or least or 0, high or most or 1
  end
  if not (low < math.huge and high < math.huge and low > -math.huge and high > -math.huge) then
    error("histogram: min and max must be finite", 0)
  end
  if low > high then error(("histogram: min %g is above max %g"):format(low, high), 0) end
  if low == high then return low - 0.5, high + 0.5 end
  return low, high
end

--- x:histogram([bins = 100], {density = false, min, max, weights}) -> how many numbers of x are in
-- each of the bins, or the sum of their weights, and the bins' edges (bins + 1). Bins are evenly
-- spaced from min to max, by default those of x; an edge belongs to the bin above it, the last one
-- to the last bin; other numbers count nowhere. density: the counts over their sum and the width
-- of a bin. As PyTorch's and NumPy's; without gradient
function M.histogram(x, bins, options)
  local o = options_of(options, "histogram", HISTOGRAM)
  x, bins = as_tensor(x):detach(), bins == nil and 100 or bins
  if type(bins) == "table" then
    error("histogram: bins is how many there are, evenly spaced from min to max, got a table", 0)
  end
  check_count("histogram: bins", bins)
  local low, high = range_of(x, o)
  local edges = core.linspace(low, high, bins + 1)
  local counts = internal.histogram(x, bins, edges, o.weights and as_tensor(o.weights) or nil)
  if not o.density then return counts, edges end
  return ops.div(counts, counts:sum():item() * (high - low) / bins), edges
end

--- x:bincount([n], {weights = nil}) -> a list: how often each class is in x, whole numbers from 1,
-- or the sum of the weights there, with gradient to them. At least n long; PyTorch's counts from 0
function M.bincount(x, n, options)
  local weights = options ~= nil and options_of(options, "bincount", { weights = false }).weights
  x = as_tensor(x):detach()
  local counts = internal.bincount(x, n == nil and 1 or check_count("bincount: n", n))
  if not weights then return counts end
  weights = as_tensor(weights)
  if weights:count() ~= x:count() then
    error(("bincount: a weight for each of the %d numbers is expected, got %d")
      :format(x:count(), weights:count()), 0)
  end
  return ops.scatter_add(core.zeros { counts:count() }, 1, flat(x), flat(weights))
end

return M
