--- Student's t and the normal distribution: distribution functions and quantiles, in Lua doubles.
-- Both are checked against scipy.stats to 1e-9, relative, far into the tails.
local M = {}

local exp, log, sqrt, abs, huge = math.exp, math.log, math.sqrt, math.abs, math.huge
local HALF_LOG_2PI = 0.5 * log(2 * math.pi)

-- From so many degrees of freedom on, the incomplete beta function would lose digits (its x is too
-- close to 1), and Hill's transformation is exact to the last.
local HILL_FROM = 1e5

-- log(1 + x) without losing small x: the rounding of 1 + x cancels in the quotient.
local function log1p(x)
  local u = 1 + x
  if u == 1 then return x end
  if u == huge then return u end
  return log(u) * (x / (u - 1))
end

-- ---- the beta function ---------------------------------------------------------------------
-- What Stirling's formula leaves out of log gamma(x), x >= 10 (Bernoulli numbers; the next term is
-- below 1e-16).
local STIRLING = { 1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156 }

local function stirling_rest(x)
  local sum, power = 0.0, 1 / x
  for _, c in ipairs(STIRLING) do
    sum, power = sum + c * power, power / (x * x)
  end
  return sum
end

-- log gamma(x) for x > 0: moved up to where Stirling's formula holds.
local function log_gamma(x)
  local product = 1.0
  while x < 10 do product, x = product * x, x + 1 end
  return (x - 0.5) * log(x) - x + HALF_LOG_2PI + stirling_rest(x) - log(product)
end

-- log B(a, b). Large arguments would cancel in a difference of log gammas, so Stirling's terms are
-- taken together.
local function log_beta(a, b)
  local p, q = math.min(a, b), math.max(a, b)
  if q < 10 then return log_gamma(p) + log_gamma(q) - log_gamma(p + q) end
  local rest = stirling_rest(q) - stirling_rest(p + q)
  if p < 10 then
    return log_gamma(p) + rest + p - p * log(p + q) + (q - 0.5) * log1p(-p / (p + q))
  end
  return HALF_LOG_2PI - 0.5 * log(q) + rest + stirling_rest(p)
    + (p - 0.5) * log(p / (p + q)) + q * log1p(-p / (p + q))
end

-- The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method.
local function beta_fraction(x, a, b)
  local TINY = 1e-300
  local function off_zero(v) return abs(v) < TINY and TINY or v end
  local c, d = 1.0, 1 / off_zero(1 - (a + b) * x / (a + 1))
  local f = d
  for m = 1, 1000000 do
    local even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d, c = 1 / off_zero(1 + even * d), off_zero(1 + even / c)
    f = f * d * c
    local odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d, c = 1 / off_zero(1 + odd * d), off_zero(1 + odd / c)
    f = f * d * c
    if abs(d * c - 1) < 1e-15 then return f end
  end
  return f
end

-- I_x(a, b) with y = 1 - x given too, so that neither end loses digits.
local function beta_share(x, y, a, b)
  if x <= 0 then return 0.0 end
  if y <= 0 then return 1.0 end
  local log_x, log_y = x < 0.5 and log(x) or log1p(-y), y < 0.5 and log(y) or log1p(-x)
  local front = exp(a * log_x + b * log_y - log_beta(a, b))
  if x < (a + 1) / (a + b + 2) then return front * beta_fraction(x, a, b) / a end
  return 1 - front * beta_fraction(y, b, a) / b
end

local MOST = 1e10 -- there seven digits are left

--- ms.statistics.incomplete_beta(x, a, b) -> I_x(a, b)
-- The regularised incomplete beta function, 0 <= x <= 1, a and b above 0 (and below 1e10). Raises
-- outside.
function M.incomplete_beta(x, a, b)
  if not (x >= 0 and x <= 1 and a > 0 and b > 0 and a < MOST and b < MOST) then
    error("incomplete_beta: x must be in [0, 1], a and b above 0 and below 1e10", 0)
  end
  return beta_share(x, 1 - x, a, b)
end

-- ---- tails: P(T > t) for t >= 0 ------------------------------------------------------------
local function density(z)
  return exp(-0.5 * z * z - HALF_LOG_2PI)
end

-- Series about 0 (all terms positive) near the middle, the continued fraction of Mills's ratio
-- beyond.
local function normal_tail(z)
  if z > 3 then
    local f = z
    for k = 200, 1, -1 do f = z + k / f end
    return density(z) / f
  end
  local sum, term, k = z, z, 1
  while term > 1e-17 * sum do
    k = k + 2
    term = term * z * z / k
    sum = sum + term
  end
  return 0.5 - density(z) * sum
end

-- The normal deviate that belongs to t (Hill 1970, CACM algorithm 395), its first correction.
local function hill(t, df)
  local a = df - 0.5
  local y = a * log1p(t / df * t)
  return sqrt(y) * (1 + (y + 3) / (48 * a * a))
end

local function t_tail(t, df)
  if df >= HILL_FROM then return normal_tail(hill(t, df)) end
  local ratio = t / df * t
  if t == huge then return 0.0 end
  if ratio == huge then -- the leading term, by logarithms
    return exp(df / 2 * (log(df) - 2 * log(t)) - log_beta(df / 2, 0.5)) / df
  end
  return 0.5 * beta_share(1 / (1 + ratio), ratio / (1 + ratio), df / 2, 0.5)
end

local function t_density(t, df)
  return exp(-(df + 1) / 2 * log1p(t / df * t) - log_beta(df / 2, 0.5)) / sqrt(df)
end

local function check_df(df, who)
  if type(df) ~= "number" or df ~= df or df <= 0 or df == huge then
    error(("%s: the degrees of freedom must be above 0 and finite, got %s")
      :format(who, tostring(df)), 3)
  end
end

local function both_sides(tail, t)
  if t ~= t then return t end
  return t > 0 and 1 - tail(t) or tail(-t)
end

-- ---- quantiles -----------------------------------------------------------------------------
-- t >= 0 with tail(t) = p, p <= 1/2: bracketed by doubling, then Newton on the logarithm of the
-- tail, and halving where a step would leave the bracket.
local function solve(tail, slope, p)
  if p >= 0.5 then return 0.0 end
  if p <= 0 then return huge end
  local low, high = 0.0, 1.0
  while tail(high) > p do low, high = high, 2 * high end
  local t = low == 0 and high / 2 or low
  for _ = 1, 200 do
    local now = tail(t)
    if now > p then low = t else high = t end
    local step = log(now / p) * now / slope(t)
    local new = t + step
    if not (new > low and new < high) then new = 0.5 * (low + high) end
    if abs(new - t) <= 1e-15 * new or new == low or new == high then return new end
    t = new
  end
  return t
end

local function quantile(tail, slope, p, who)
  if type(p) ~= "number" or not (p >= 0 and p <= 1) then
    error(("%s: a probability is between 0 and 1, got %s"):format(who, tostring(p)), 3)
  end
  local t = solve(tail, slope, math.min(p, 1 - p))
  return p < 0.5 and -t or t
end

--- ms.statistics.t_cdf(t, df) -> P(T <= t)
-- Student's t distribution with df > 0 degrees of freedom (any number, not only whole ones).
-- P(T > t) without loss of digits is t_cdf(-t, df).
function M.t_cdf(t, df)
  check_df(df, "t_cdf")
  return both_sides(function(x) return t_tail(x, df) end, t)
end

--- ms.statistics.t_quantile(p, df) -> t with P(T <= t) = p
-- p: 0 to 1 (the ends give -infinity and infinity); df > 0.
function M.t_quantile(p, df)
  check_df(df, "t_quantile")
  return quantile(function(x)
    return t_tail(x, df)
  end, function(x) return t_density(x, df) end, p, "t_quantile")
end

--- ms.statistics.normal_cdf(z) -> P(Z <= z) of the standard normal distribution
function M.normal_cdf(z)
  return both_sides(normal_tail, z)
end

--- ms.statistics.normal_quantile(p) -> z with P(Z <= z) = p
function M.normal_quantile(p)
  return quantile(normal_tail, density, p, "normal_quantile")
end

return M
