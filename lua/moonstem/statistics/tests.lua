--- t-tests: two samples (Welch's and pooled) and pairs, two-sided or to one side.
local options_of = require "moonstem.options"
local distributions = require "moonstem.statistics.distributions"
local moments = require "moonstem.moments"
local sample = require "moonstem.statistics.sample"

local M = {}

local SIDES = { ["two-sided"] = "two-sided", greater = "one-sided (greater)",
  less = "one-sided (less)" }

local function options_for(options, who)
  local o = options_of(options, who, { alternative = "two-sided", level = 0.95, names = false })
  if not SIDES[o.alternative] then
    error(("%s: alternative must be two-sided, greater or less, got %s")
      :format(who, tostring(o.alternative)), 0)
  end
  if not (o.level > 0 and o.level < 1) then error(who .. ": level must be between 0 and 1", 0) end
  o.names = o.names or { "a", "b" }
  return o
end

local function finite(v)
  return v == v and v > -math.huge and v < math.huge
end

-- A sample as moments: a list of values, or { mean =, sd =, n = } as papers print them.
local function moments_of(x, who, name)
  if type(x) == "table" and x.mean then
    if type(x.mean) ~= "number" or type(x.sd) ~= "number" or type(x.n) ~= "number" then
      error(("%s: %s needs mean, sd and n"):format(who, name), 0)
    end
    if not (finite(x.mean) and finite(x.sd)) then
      return nil, ("%s: the mean or sd of %s is not finite"):format(who, name)
    end
    if x.sd < 0 or not (x.n >= 1 and x.n == math.floor(x.n) and finite(x.n)) then
      error(("%s: %s needs an sd of 0 or more and a whole number n"):format(who, name), 0)
    end
    return { n = x.n, mean = x.mean, sd = x.n > 1 and x.sd or nil, min = x.mean, max = x.mean }
  end
  local list, missing = sample.numbers(x, who, name)
  if not list then return nil, missing end
  if #list == 0 then return { n = 0 } end
  return moments(list)
end

local function p_of(t, df, alternative)
  if alternative == "greater" then return distributions.t_cdf(-t, df) end
  if alternative == "less" then return distributions.t_cdf(t, df) end
  return math.min(1, 2 * distributions.t_cdf(-math.abs(t), df))
end

-- The result, from a difference of means, its standard error and its degrees of freedom.
local function result(test, o, difference, se, df, n)
  local t = difference / se
  local reach = distributions.t_quantile(0.5 + o.level / 2, df) * se
  return { test = ("%s t-test, %s"):format(test, SIDES[o.alternative]), t = t, df = df,
           p = p_of(t, df, o.alternative), alternative = o.alternative, n = n,
             difference = difference, se = se,
           level = o.level, low = difference - reach, high = difference + reach }
end

local function largest(a, b)
  return math.max(math.abs(a.min), math.abs(a.max), math.abs(b.min), math.abs(b.max))
end

-- Both samples, or nil and why no test can be made of them.
local function two(a, b, who, o)
  local first, why = moments_of(a, who, o.names[1])
  if not first then return nil, why end
  local second
  second, why = moments_of(b, who, o.names[2])
  if not second then return nil, why end
  for i, s in ipairs { first, second } do
    if s.n < 2 then
      return nil, ("a t-test needs at least two runs per row, row %s has %d")
        :format(o.names[i], s.n)
    end
    if not finite(s.sd ^ 4) then
      return nil, ("%s: the values of %s are too large for their squares to be numbers")
        :format(who, o.names[i])
    end
  end
  if math.max(first.sd, second.sd) <= sample.ROUNDING * largest(first, second) then
    return nil, ("the values of %s and of %s do not vary (are they repeats of one seed?), so \z
      there is no t-test")
      :format(o.names[1], o.names[2])
  end
  return first, second
end

--- ms.statistics.welch_t_test(a, b, {alternative =, level =, names =}) -> result
-- Do two samples differ in their means? The variances need not be equal (Welch 1947).
-- a, b: lists of numbers or tensors (false marks a missing run), or { mean =, sd =, n = } as a
-- paper prints them. alternative: "two-sided", "greater" (a above b) or "less"; level = 0.95 of the
-- interval; names = { "a", "b" } for messages. Returns { test = its name, t =, df =, p =,
-- difference = mean a - mean b, se = of the difference, low =, high = two-sided interval of the
-- difference, level =, n = { of a, of b }, alternative = }. nil and a message for fewer than two
-- values, values that are not finite, or no variation at all.
function M.welch_t_test(a, b, options)
  local o = options_for(options, "welch_t_test")
  local first, second = two(a, b, "welch_t_test", o)
  if not first then return nil, second end
  local va, vb = first.sd ^ 2 / first.n, second.sd ^ 2 / second.n
  local df = (va + vb) ^ 2 / (va ^ 2 / (first.n - 1) + vb ^ 2 / (second.n - 1))
  return result("Welch's", o, first.mean - second.mean, math.sqrt(va + vb), df,
    { first.n, second.n })
end

--- ms.statistics.pooled_t_test(a, b, {alternative =, level =, names =}) -> result
-- Student's two-sample test, for samples of equal variance; df = number of values - 2. Otherwise as
-- welch_t_test.
function M.pooled_t_test(a, b, options)
  local o = options_for(options, "pooled_t_test")
  local first, second = two(a, b, "pooled_t_test", o)
  if not first then return nil, second end
  local df = first.n + second.n - 2
  local variance = ((first.n - 1) * first.sd ^ 2 + (second.n - 1) * second.sd ^ 2) / df
  local se = math.sqrt(variance * (1 / first.n + 1 / second.n))
  return result("pooled", o, first.mean - second.mean, se, df, { first.n, second.n })
end

-- The differences of the pairs that are whole, the largest value in them, and how many are not
-- whole.
local function differences(a, b, who)
  if #a ~= #b then
    error(("%s: %d values of a but %d of b make no pairs"):format(who, #a, #b), 0)
  end
  local list, top, missing = {}, 0.0, 0
  for i = 1, #a do
    if a[i] and b[i] then
      list[#list + 1] = a[i] - b[i]
      top = math.max(top, math.abs(a[i]), math.abs(b[i]))
    else missing = missing + 1 end
  end
  return list, top, missing
end

--- ms.statistics.paired_t_test(a, b, {alternative =, level =, names =}) -> result
-- Do pairs differ, as two models trained from the same seeds? a[i] belongs to b[i]; pairs of which
-- one is false are left out and counted in result.missing. Otherwise as welch_t_test, n = number of
-- pairs.
function M.paired_t_test(a, b, options)
  local who = "paired_t_test"
  local o = options_for(options, who)
  if type(a) == "userdata" then a = a:totable() end
  if type(b) == "userdata" then b = b:totable() end
  for i, x in ipairs { a, b } do
    local ok, why = sample.numbers(x, who, o.names[i])
    if not ok then return nil, why end
  end
  local list, top, missing = differences(a, b, who)
  if #list < 2 then
    return nil, ("a paired t-test needs at least two pairs, %s and %s have %d")
      :format(o.names[1], o.names[2], #list)
  end
  local d = moments(list)
  if not finite(d.sd) then
    return nil, who .. ": the differences are too large for their squares to be numbers"
  end
  if d.sd <= sample.ROUNDING * top then
    return nil, ("all pairs of %s and %s differ by the same amount, so there is no t-test")
      :format(o.names[1], o.names[2])
  end
  local r = result("paired", o, d.mean, d.se, #list - 1, #list)
  r.missing = missing
  return r
end

return M
