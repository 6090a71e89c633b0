--- Slopes of features over time, as librosa.feature.delta: local polynomials (Savitzky and Golay).
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"

local M = {}

local function dot(a, b)
  local sum = 0
  for k, value in ipairs(a) do sum = sum + value * b[k] end
  return sum
end

-- What the derivative of that order of a fitted polynomial of that degree weighs `width` numbers
-- with. It is the same everywhere in the window. Orthogonal polynomials, one degree after another.
local function weights(width, order)
  local half, bases, q, factorial = width // 2, {}, nil, 1
  for degree = 0, order do
    q = {}
    for k = -half, half do q[#q + 1] = k ^ degree end
    for _, basis in ipairs(bases) do
      local share = dot(q, basis) / dot(basis, basis)
      for k in ipairs(q) do q[k] = q[k] - share * basis[k] end
    end
    bases[degree + 1], factorial = q, factorial * math.max(1, degree)
  end
  local norm = dot(q, q)
  for k in ipairs(q) do q[k] = q[k] * factorial / norm end
  return q
end

local KNOWN = { width = options_of.count(9), order = options_of.count(1), axis = options_of.whole }

local function check(o)
  if o.width < 3 or o.width % 2 == 0 or o.width > 1023 then
    error(("audio.delta: width must be an odd number, 3 to 1023, got %d"):format(o.width), 0)
  end
  if o.order >= o.width or o.order > 10 then
    error(("audio.delta: order must be below the width and at most 10, got %d"):format(o.order), 0)
  end
end

-- x's axis and its length.
local function axis_of(x, o)
  local size = x:size()
  local axis = o.axis or (#size > 1 and -2 or -1)
  local n = size[axis < 0 and #size + 1 + axis or axis]
  if not n then
    error(("audio.delta: axis must be 1 to %d or negative from the end, got %d")
      :format(#size, axis), 0)
  end
  if n < o.width then
    error(("audio.delta: width = %d frames are more than the %d there are"):format(o.width, n), 0)
  end
  return axis, n
end

--- ms.audio.delta(x, { width = 9, order = 1, axis = -2 }) -> x's shape
-- The derivative of that order over frames, from a polynomial fitted to `width` frames around each
-- (librosa.feature.delta, mode "interp": the ends take the nearest whole window's). x: features
-- (..., frames, n), or (frames). Gradients pass.
-- options: { width = 9 (odd), order = 1, axis = -2, or -1 of one dimension }
function M.delta(x, options)
  local o = options_of(options, "audio.delta", KNOWN)
  check(o)
  x = core.as_tensor(x)
  local axis, n = axis_of(x, o)
  local sum
  for k, weight in ipairs(weights(o.width, o.order)) do
    if weight ~= 0 then
      local part = x:slice(axis, k, n - o.width + k) * weight
      sum = sum and sum + part or part
    end
  end
  local half, parts = o.width // 2, {}
  local first, last = sum:slice(axis, 1, 1), sum:slice(axis, -1, -1)
  for k = 1, half do parts[k], parts[half + 1 + k] = first, last end
  parts[half + 1] = sum
  return core.ops.cat(parts, axis)
end

return M
