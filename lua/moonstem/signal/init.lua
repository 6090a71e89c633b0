--- Signals along the last axis, in batches, as scipy.signal has them: convolution, filters,
-- analytic signals, resampling, spectrograms; with gradients.
local core = require "moonstem.tensor"
local filters = require "moonstem.signal.filters"
local options_of = require "moonstem.options"
local resampling = require "moonstem.signal.resampling"
local internal, ops, as_tensor = core.internal, core.ops, core.as_tensor

local M = { lfilter = filters.lfilter, lfilter_zi = filters.lfilter_zi,
  filtfilt = filters.filtfilt, firwin = resampling.firwin,
  resample_poly = resampling.resample_poly }

-- The number of samples of a signal.
local function samples(name, x)
  local size = x:size()
  local n = size[#size]
  if not n or n < 1 then
    error(name .. ": signals with 1 or more samples along their last axis are expected", 0)
  end
  return n
end

-- ---- convolution -------------------------------------------------------------------------------
local CONVOLUTION = { mode = options_of.choice("full", "same", "valid") "full",
  method = options_of.choice("auto", "direct", "fft") "auto" }

-- Where a mode's numbers begin in the full convolution, and how many there are. n >= m for "valid".
local function part(mode, n, m)
  if mode == "full" then return 0, n + m - 1 end
  if mode == "same" then return (m - 1) // 2, n end
  return m - 1, n - m + 1
end

--- ms.signal.convolve(x, y, [{mode = "full", method = "auto"}]) -> the convolution along the last
-- axes of x (..., n) and y (..., m), whose batches broadcast. mode: "full", n + m - 1 numbers;
-- "same", the n in their midst; "valid", the |n - m| + 1 that need no zeros beyond the ends.
-- method: "direct" sums, "fft" transforms, "auto" takes the faster one. As scipy.signal.convolve
-- on rows
function M.convolve(x, y, options)
  options = options_of(options, "convolve", CONVOLUTION)
  x, y = as_tensor(x), as_tensor(y)
  local n, m = samples("convolve", x), samples("convolve", y)
  if options.mode == "valid" and m > n then x, y, n, m = y, x, m, n end
  local first, points = part(options.mode, n, m)
  return internal.convolve(x, y, first, points, false, false, options.method)
end

--- ms.signal.correlate(x, y, [{mode = "full", method = "auto"}]) -> the cross-correlation along the
-- last axes: the convolution of x with y from its end. Options as those of convolve. As
-- scipy.signal.correlate on rows
function M.correlate(x, y, options)
  options = options_of(options, "correlate", CONVOLUTION)
  x, y = as_tensor(x), as_tensor(y)
  local n, m = samples("correlate", x), samples("correlate", y)
  if options.mode == "valid" and m > n then
    local first, points = part("valid", m, n)
    return internal.convolve(y, x, first, points, true, false, options.method)
  end
  local first, points = part(options.mode, n, m)
  return internal.convolve(x, y, first, points, false, true, options.method)
end

-- ---- analytic signals ------------------------------------------------------------------------
--- ms.signal.hilbert(x, [{n =}]) -> the analytic signal (..., n, 2) of real signals x (..., n): x
-- itself, and its Hilbert transform as imaginary part; ms.fft.abs of it is the envelope. n cuts the
-- signal or fills it up with zeros. As scipy.signal.hilbert
function M.hilbert(x, options)
  options = options_of(options, "hilbert", { n = options_of.count })
  x = as_tensor(x)
  local n, axis = options.n or samples("hilbert", x), #x:size() - 1
  samples("hilbert", x)
  local REAL, BACK, s = 2, 1, 1 / n -- as in fft.lua; what is below 0 is left out
  local positive = internal.transform(x, REAL, axis, n, 1, 2, 1)
  return internal.transform(positive, BACK, axis, n, s, s, s)
end

-- ---- spectrograms ------------------------------------------------------------------------
local MODE = options_of.choice("power", "magnitude", "complex")
local SPECTROGRAM = { window = options_of.any, size = options_of.count(2048),
  hop = options_of.count, centre = true, mode = MODE "power" }

-- The window of a name or of a tensor, in the midst of `size` numbers.
local function window_of(window, size)
  if type(window) == "string" then return core.window(window, size) end
  local w = as_tensor(window)
  local shape = w:size()
  if #shape ~= 1 or shape[1] > size then
    error(("spectrogram: a window is a name or up to size = %d numbers, got %s"):format(size,
      table.concat(shape, "x")), 0)
  end
  local before = (size - shape[1]) // 2
  local after = size - shape[1] - before
  if before + after == 0 then return w end
  return ops.cat { core.zeros { before }, w, core.zeros { after } }
end

--- ms.signal.spectrogram(x, [{window = "hann", size = 2048, hop = size // 4, centre = true,
-- mode = "power"}]) -> (..., frames, size // 2 + 1) of waves x (..., n): powers of the transforms
-- of frames that begin every hop samples, each times the window; mode = "magnitude" their roots,
-- "complex" the transforms, (..., frames, bins, 2). window: a name of ms.window's, or a tensor of
-- up to size numbers. centre: frames are centred on samples 0, hop, ..., with size // 2 zeros
-- beyond both ends, as in librosa 0.10; otherwise frames lie inside the wave. torch.stft with
-- pad_mode = "constant", frames before bins; no scaling
function M.spectrogram(x, options)
  options = options_of(options, "spectrogram", SPECTROGRAM)
  x = as_tensor(x)
  local size = options.size
  local window = window_of(options.window or "hann", size)
  local hop, padding = options.hop or math.max(size // 4, 1), options.centre and size // 2 or 0
  if options.mode == "complex" then return ops.spectrum(x, window, hop, padding) end
  return ops.power_spectrum(x, window, hop, padding, options.mode == "power" and 2 or 1)
end

return M
