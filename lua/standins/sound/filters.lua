--- Coefficients {b0, b1, b2, a1, a2} of second-order filters at 44.1 kHz, from Bristow-Johnson's
-- cookbook.
local filters = {}

local rate = 44100
local flat = math.sqrt(0.5) -- the quality of a Butterworth filter of second order

local function turn(hertz, quality)
  local w = 2 * math.pi * math.min(hertz, 0.49 * rate) / rate
  return math.cos(w), math.sin(w) / (2 * quality)
end

--- High-pass of second order.
function filters.highpass(hertz, quality)
  local c, alpha = turn(hertz, quality or flat)
  local a0 = 1 + alpha
  local b = (1 + c) / 2 / a0
  return { b, -2 * b, b, -2 * c / a0, (1 - alpha) / a0 }
end

--- Low-pass of second order.
function filters.lowpass(hertz, quality)
  local c, alpha = turn(hertz, quality or flat)
  local a0 = 1 + alpha
  local b = (1 - c) / 2 / a0
  return { b, 2 * b, b, -2 * c / a0, (1 - alpha) / a0 }
end

--- Band-pass with gain 1 at its centre.
function filters.band(hertz, quality)
  local c, alpha = turn(hertz, quality)
  local a0 = 1 + alpha
  return { alpha / a0, 0, -alpha / a0, -2 * c / a0, (1 - alpha) / a0 }
end

--- High-pass of first order.
function filters.slope(hertz)
  local k = math.tan(math.pi * math.min(hertz, 0.49 * rate) / rate)
  return { 1 / (1 + k), -1 / (1 + k), 0, (k - 1) / (k + 1), 0 }
end

return filters
