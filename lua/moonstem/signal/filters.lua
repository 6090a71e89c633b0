--- Filters with feedback: lfilter, its steady state, and filtfilt.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local internal, ops, as_tensor = core.internal, core.ops, core.as_tensor

local M = {}

-- Coefficients: a list, or a single number.
local function coefficients(name, value)
  local list = type(value) == "number" and core.tensor { value } or as_tensor(value)
  local size = list:size()
  if #size ~= 1 or size[1] < 1 then
    error(("%s: b and a are lists of 1 or more coefficients"):format(name), 0)
  end
  return list, size[1]
end

--- ms.signal.lfilter(b, a, x, [zi]) -> signals x (..., n) through the filter whose coefficients
-- are b (of what goes in) and a (of what comes out): a[1] y[t] = b[1] x[t] + b[2] x[t - 1] + ... -
-- a[2] y[t - 1] - ... With zi, the state in front, (order) or (..., order), order =
-- max(#a, #b) - 1, the state behind is a second result, a constant. Computed in double. Gradients
-- of all, b and a, too. As scipy.signal.lfilter
function M.lfilter(b, a, x, zi)
  b, a, x = coefficients("lfilter", b), coefficients("lfilter", a), as_tensor(x)
  zi = zi ~= nil and as_tensor(zi) or nil
  local y = internal.lfilter(b, a, x, zi)
  if not zi then return y end
  return y, internal.lfilter_state(b, a, x, zi)
end

-- A list with zeros behind it up to n numbers, divided by `first`.
local function filled(list, count, n, first)
  if count < n then list = ops.cat { list, core.zeros { n - count } } end
  return ops.div(list, first)
end

--- ms.signal.lfilter_zi(b, a) -> the state (order) in which a step of ones passes the filter as if
-- it had always lasted. As scipy.signal.lfilter_zi
function M.lfilter_zi(b, a)
  local nb, na
  b, nb = coefficients("lfilter_zi", b)
  a, na = coefficients("lfilter_zi", a)
  local n = math.max(na, nb)
  if n < 2 then error("lfilter_zi: a filter of order 0 has no state", 0) end
  local first = ops.slice(a, 1, 1, 1)
  if first:item() == 0 then error("lfilter_zi: the first coefficient of a is 0", 0) end
  b, a = filled(b, nb, n, first), filled(a, na, n, first)
  -- zi[k] = (sum of a[1..k]) zi[1] - sum of (b - b[1] a)[2..k], zi[1] = the same sum of all / of a
  local rest = ops.slice(ops.sub(b, ops.mul(a, ops.slice(b, 1, 1, 1))), 1, 2, n)
  local start = ops.div(ops.sum(rest), ops.sum(a))
  local below = {}
  for k = 1, n - 1 do
    below[k] = {}
    for j = 1, n - 1 do below[k][j] = j < k and 1 or 0 end
  end
  below = core.tensor(below)
  local sums = ops.add(ops.matmul(below, ops.slice(a, 1, 2, n)), 1)
  return ops.sub(ops.mul(sums, start), ops.matmul(below, rest))
end

-- The state for each row of y, whose sample `at` is what has always been.
local function state(zi, y, at)
  return ops.mul(ops.slice(y, -1, at, at), zi)
end

--- ms.signal.filtfilt(b, a, x, [{padtype = "odd", padlen =}]) -> signals x (..., n) through the
-- filter b, a forwards and then backwards, which leaves phases as they are. At both ends padlen
-- samples are put, 3 max(#a, #b) left out: "odd", mirrored at the edge's point; "even", mirrored;
-- "constant", the edge; 0 for none. As scipy.signal.filtfilt
function M.filtfilt(b, a, x, options)
  options = options_of(options, "filtfilt", { padlen = options_of.whole,
    padtype = options_of.choice("odd", "even", "constant") "odd" })
  local nb, na
  b, nb = coefficients("filtfilt", b)
  a, na = coefficients("filtfilt", a)
  x = as_tensor(x)
  local pad = options.padlen or 3 * math.max(na, nb)
  if pad < 0 then error("filtfilt: padlen must be 0 or more, got " .. pad, 0) end
  local y = pad > 0 and internal.extension(x, pad, options.padtype) or x
  local size = y:size()
  local n = size[#size]
  if not n or n < 1 then error("filtfilt: signals with 1 or more samples are expected", 0) end
  if math.max(na, nb) == 1 then
    local gain = ops.div(b, a)
    return ops.mul(ops.mul(x, gain), gain)
  end
  local zi = M.lfilter_zi(b, a)
  y = internal.lfilter(b, a, y, state(zi, y, 1), false)
  y = internal.lfilter(b, a, y, state(zi, y, n), true)
  return pad > 0 and ops.slice(y, -1, pad + 1, n - pad) or y
end

return M
