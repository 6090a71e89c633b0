--- Filters of second order by their kind, after Robert Bristow-Johnson's formulas.
local M = {}

-- Each kind: b0, b1, b2, a0, a1, a2 of the cosine c of the angle, alpha, the root g of the gain.
local KINDS = {
  lowpass = function(c, a) return (1 - c) / 2, 1 - c, (1 - c) / 2, 1 + a, -2 * c, 1 - a end,
  highpass = function(c, a) return (1 + c) / 2, -1 - c, (1 + c) / 2, 1 + a, -2 * c, 1 - a end,
  bandpass = function(c, a) return a, 0, -a, 1 + a, -2 * c, 1 - a end,
  peak = function(c, a, g) return 1 + a * g, -2 * c, 1 - a * g, 1 + a / g, -2 * c, 1 - a / g end,
  low_shelf = function(c, a, g)
    local r = 2 * math.sqrt(g) * a
    return g * (g + 1 - (g - 1) * c + r), 2 * g * (g - 1 - (g + 1) * c),
      g * (g + 1 - (g - 1) * c - r), g + 1 + (g - 1) * c + r, -2 * (g - 1 + (g + 1) * c),
      g + 1 + (g - 1) * c - r
  end,
  high_shelf = function(c, a, g)
    local r = 2 * math.sqrt(g) * a
    return g * (g + 1 + (g - 1) * c + r), -2 * g * (g - 1 + (g + 1) * c),
      g * (g + 1 + (g - 1) * c - r), g + 1 - (g - 1) * c + r, 2 * (g - 1 - (g + 1) * c),
      g + 1 - (g - 1) * c - r
  end,
}

--- { b0, b1, b2, a1, a2 } of y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].
function M.biquad(kind, hertz, rate, q, db)
  local angle = 2 * math.pi * hertz / rate
  local b0, b1, b2, a0, a1, a2 = KINDS[kind](math.cos(angle), math.sin(angle) / (2 * q),
    10 ^ (db / 40))
  return { b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0 }
end

return M
