--- Fourier and cosine transforms along an axis, of any length, by FFTW; as torch.fft and
-- scipy.fft. Complex numbers are a last dimension of 2, (..., n, 2): real part, imaginary part.
-- Options of all: n, the number of points, to which the axis is cut or filled up with zeros; axis,
-- -1 left out, which does not count the dimension of 2; and norm: "backward" (left out; the inverse
-- alone is scaled, by 1 / n), "forward" (the other way round) or "ortho" (both, by the root).
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local transform, as_tensor = core.internal.transform, core.as_tensor

local M = {}

-- The kinds of core/audio/spectrum/fft_lines.h.
local FORWARD, BACK, REAL, HALF, COSINE, COSINE3 = 0, 1, 2, 3, 4, 5

local NORM = options_of.choice("backward", "ortho", "forward")
local OPTIONS = { n = options_of.count, axis = options_of.whole, norm = NORM "backward" }
local DEFAULTS = options_of({}, "fft", OPTIONS)

-- The axis from 0, and its size. complex: whether the last dimension is that of 2.
local function place(name, x, axis, complex)
  local size = x:size()
  local n = #size - (complex and 1 or 0)
  if complex and (n < 1 or size[#size] ~= 2) then
    error(("%s: complex numbers, a last dimension of 2, are expected, got %s"):format(name,
      #size == 0 and "a number" or table.concat(size, "x")), 0)
  end
  axis = axis or -1
  local at = axis < 0 and n + axis or axis - 1
  if at < 0 or at >= n then
    error(("%s: there is no axis %d; there are %d"):format(name, axis, n), 0)
  end
  return at, size[at + 1]
end

-- The factor of a transform of n points.
local function scale(norm, n, inverse)
  if norm == "ortho" then return n ^ -0.5 end
  return (norm == "backward") == inverse and 1 / n or 1
end

local function run(name, x, options, kind, points)
  options = options == nil and DEFAULTS or options_of(options, name, OPTIONS)
  x = as_tensor(x)
  local at, size = place(name, x, options.axis, kind ~= REAL)
  local n = options.n or points and points(size) or size
  if n < 1 then error(name .. ": there are no points to transform", 0) end
  local s = scale(options.norm, n, kind == BACK or kind == HALF)
  return transform(x, kind, at, n, s, s, s)
end

--- ms.fft.fft(x, [{n =, axis = -1, norm = "backward"}]) -> the spectrum of complex numbers x
-- (..., n, 2): y[k] = sum of x[t] exp(-2 pi i k t / n), k and t from 0. Of real numbers take rfft
function M.fft(x, options) return run("fft", x, options, FORWARD) end

--- ms.fft.ifft(x, [{n =, axis = -1, norm = "backward"}]) -> the inverse of fft
function M.ifft(x, options) return run("ifft", x, options, BACK) end

--- ms.fft.rfft(x, [{n =, axis = -1, norm = "backward"}]) -> the first n // 2 + 1 bins of the
-- spectrum of real numbers x (..., n): (..., n // 2 + 1, 2); the others mirror them
function M.rfft(x, options) return run("rfft", x, options, REAL) end

--- ms.fft.irfft(x, [{n =, axis = -1, norm = "backward"}]) -> the inverse of rfft, n real numbers of
-- bins x (..., n // 2 + 1, 2); n left out is twice the number of bins but one, which is even.
-- Imaginary parts of the end bins are ignored
function M.irfft(x, options)
  return run("irfft", x, options, HALF, function(bins) return 2 * (bins - 1) end)
end

-- ---- cosines -----------------------------------------------------------------------------------
-- Weights of bin 0 and of the others. Both types are 2 sum of ..., but for bin 0 of type 3.
local function weights(kind, norm, n, inverse)
  if norm == "ortho" then
    local inner = (2 * n) ^ -0.5
    return kind == COSINE and (4 * n) ^ -0.5 or n ^ -0.5, inner
  end
  local s = (norm == "backward") == inverse and 1 / (2 * n) or 1
  return s, s
end

local COSINE_OPTIONS = options_of.merge(OPTIONS, { type = options_of.whole(2) })
local COSINE_DEFAULTS = options_of({}, "dct", COSINE_OPTIONS)

local function cosine(name, x, options, inverse)
  options = options == nil and COSINE_DEFAULTS or options_of(options, name, COSINE_OPTIONS)
  if options.type ~= 2 and options.type ~= 3 then
    error(("%s: the type is 2 or 3, got %d"):format(name, options.type), 0)
  end
  x = as_tensor(x)
  local at, size = place(name, x, options.axis, false)
  local n = options.n or size
  if n < 1 then error(name .. ": there are no points to transform", 0) end
  local kind = (options.type == 2) == not inverse and COSINE or COSINE3
  local first, inner = weights(kind, options.norm, n, inverse)
  return transform(x, kind, at, n, first, inner)
end

--- ms.fft.dct(x, [{type = 2, n =, axis = -1, norm = "backward"}]) -> the cosine transform of real
-- numbers, as scipy.fft.dct: y[k] = 2 sum of x[t] cos(pi k (2 t + 1) / 2n); type 3 is the inverse
-- of type 2 times 2 n. "ortho" makes both orthogonal
function M.dct(x, options) return cosine("dct", x, options, false) end

--- ms.fft.idct(x, [{type = 2, n =, axis = -1, norm = "backward"}]) -> the inverse of dct of that
-- type
function M.idct(x, options) return cosine("idct", x, options, true) end

-- ---- complex numbers ---------------------------------------------------------------------------
--- ms.fft.abs(z) -> sizes of complex numbers (..., 2), with a gradient of 0 at 0
function M.abs(z) return core.internal.modulus(as_tensor(z)) end

--- ms.fft.complex(re, [im]) -> complex numbers (..., 2) of real parts and imaginary parts (0 left
-- out), of one shape
function M.complex(re, im)
  re = as_tensor(re)
  im = im == nil and core.zeros(re:size()) or as_tensor(im)
  local size, shape = re:size(), im:size()
  local same = #size == #shape
  for d = 1, #size do same = same and size[d] == shape[d] end
  if not same then error("complex: both parts need one shape", 0) end
  size[#size + 1] = 1
  return core.ops.cat { core.ops.reshape(re, size), core.ops.reshape(im, size) }
end

-- ---- frequencies of the bins -------------------------------------------------------------------
local function count_and_rate(name, n, rate)
  n = options_of.count.fits(n)
  if not n then error(name .. ": a number of points, 1 or more, is expected", 0) end
  if rate == nil then return n, 1 end
  if not options_of.number.fits(rate) then
    error(("%s: a rate is expected, a number, got %s"):format(name, options_of.shown(rate)), 0)
  end
  return n, rate + 0.0
end

--- ms.fft.rfftfreq(n, [rate = 1]) -> the frequencies of rfft's bins at a sampling rate
function M.rfftfreq(n, rate)
  n, rate = count_and_rate("rfftfreq", n, rate)
  return core.linspace(0, n // 2 * rate / n, n // 2 + 1)
end

--- ms.fft.fftfreq(n, [rate = 1]) -> the frequencies of fft's bins at a sampling rate: those below
-- half of it, then the negative ones
function M.fftfreq(n, rate)
  n, rate = count_and_rate("fftfreq", n, rate)
  local half = n // 2
  local up = core.linspace(0, (n - half - 1) * rate / n, n - half)
  if half == 0 then return up end
  return core.ops.cat { up, core.linspace(-half * rate / n, -1 * rate / n, half) }
end

return M
