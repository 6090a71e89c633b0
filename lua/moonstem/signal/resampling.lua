--- Resampling by whole-number ratios, and the low-pass filters for it.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local internal, as_tensor = core.internal, core.as_tensor

local M = {}

local function sinc(x)
  return x == 0 and 1 or math.sin(math.pi * x) / (math.pi * x)
end

-- The taps of a low-pass filter, in a table.
local function low_pass(n, cutoff, window, beta)
  local options = { periodic = false }
  if window == "kaiser" then options.beta = beta end
  local weights = core.window(window, n, options):totable()
  local taps, sum = {}, 0
  for k = 1, n do
    taps[k] = cutoff * sinc(cutoff * (k - 1 - (n - 1) / 2)) * weights[k]
    sum = sum + taps[k]
  end
  for k = 1, n do taps[k] = taps[k] / sum end
  return taps
end

local WINDOW = { window = "hamming", beta = 12.0 }

--- ms.signal.firwin(n, cutoff, [{window = "hamming", beta = 12}]) -> n taps of a low-pass filter by
-- a window of ms.window's: cutoff is a share of half the sampling rate, 0 to 1; constants pass
-- unchanged; beta is the Kaiser window's. As scipy.signal.firwin
function M.firwin(n, cutoff, options)
  options = options_of(options, "firwin", WINDOW)
  local count = options_of.count.fits(n)
  if not count then error("firwin: a number of taps, 1 or more, is expected", 0) end
  if type(cutoff) ~= "number" or not (cutoff > 0 and cutoff < 1) then
    error(("firwin: the cutoff lies between 0 and 1, got %s"):format(options_of.shown(cutoff)), 0)
  end
  return core.tensor(low_pass(count, cutoff, options.window, options.beta))
end

local function common(a, b)
  while b > 0 do a, b = b, a % b end
  return a
end

local RESAMPLING = { window = "kaiser", beta = 5.0, taps = options_of.any }

-- The taps of the filter, each times up, and how many lie before its centre.
local function taps_of(options, up, down)
  if options.taps ~= nil then
    local taps = as_tensor(options.taps)
    local size = taps:size()
    if #size ~= 1 or size[1] < 1 then error("resample_poly: taps are a list of numbers", 0) end
    return taps * up, (size[1] - 1) // 2
  end
  local most = math.max(up, down)
  local half = 10 * most
  local list = low_pass(2 * half + 1, 1 / most, options.window, options.beta)
  for k = 1, #list do list[k] = list[k] * up end
  return core.tensor(list), half
end

--- ms.signal.resample_poly(x, up, down, [{window = "kaiser", beta = 5, taps =}]) -> signals x
-- (..., n) at up / down times their rate, ceil(n up / down) samples, with zeros beyond both ends: a
-- low-pass filter by that window, or the taps that are given, which have no gradient. As
-- scipy.signal.resample_poly; ms.audio.resample is the better filter for sound
function M.resample_poly(x, up, down, options)
  options = options_of(options, "resample_poly", RESAMPLING)
  up, down = options_of.count.fits(up), options_of.count.fits(down)
  if not up or not down then
    error("resample_poly: up and down are whole numbers, 1 or more", 0)
  end
  x = as_tensor(x)
  local size = x:size()
  local n = size[#size]
  if not n or n < 1 then error("resample_poly: signals with 1 or more samples are expected", 0) end
  local shared = common(up, down)
  up, down = up // shared, down // shared
  if up > 1 << 20 or down > 1 << 20 then
    error(("resample_poly: the ratio %d / %d has terms above %d"):format(up, down, 1 << 20), 0)
  end
  if up == 1 and down == 1 then return x:clone() end
  local taps, half = taps_of(options, up, down)
  return internal.polyphase(x, taps, up, down, half, (n * up + down - 1) // down)
end

return M
