--- Scale-invariant SDR of separated waves, its improvement over the mixture, and summaries of many.
-- Definition (Le Roux, Wisdom, Erdogan, Hershey 2019, "SDR - half-baked or well done?", eq. 4-5):
--   a = <e,s> / <s,s>,   SI-SDR = 10 log10( |a s|^2 / |e - a s|^2 ) dB,
-- over all samples of a wave at once, without any filter and without framing: not BSS Eval's SDR.
local moments = require "moonstem.moments"
local options_of = require "moonstem.options"
local values = require "moonstem.metrics.values"

local M = {}
local WHO = "si_sdr"

-- Largest magnitudes whose squares, and sums of them, neither overflow nor vanish.
local LOW, HIGH = 1e-100, 1e100

local function peak_of(list)
  local peak = 0.0
  for i = 1, #list do
    local v = math.abs(list[i])
    if v ~= v then return v end
    if v > peak then peak = v end
  end
  return peak
end

-- The list with a peak near 1 where its squares would leave the doubles' range: the ratio does not
-- depend on scale.
local function in_range(list)
  local peak = peak_of(list)
  if peak ~= peak or peak == math.huge then
    return nil, WHO .. ": there are samples that are not finite"
  end
  if peak == 0 or (peak > LOW and peak < HIGH) then return list end
  local out = {}
  for i = 1, #list do out[i] = list[i] / peak end
  return out
end

local function centred(list)
  local sum, out = 0.0, {}
  for i = 1, #list do sum = sum + list[i] end
  for i = 1, #list do out[i] = list[i] - sum / #list end
  return out
end

local function prepared(x, what, options)
  local list = values.vector(x, WHO, what)
  return options.zero_mean and centred(list) or list
end

local function energies(estimate, reference)
  local cross, energy = 0.0, 0.0
  for i = 1, #reference do
    local s = reference[i]
    cross, energy = cross + estimate[i] * s, energy + s * s
  end
  return cross, energy
end

local function decibels(estimate, reference)
  local why
  estimate, why = in_range(estimate)
  if not estimate then return nil, why end
  reference, why = in_range(reference)
  if not reference then return nil, why end
  local cross, energy = energies(estimate, reference)
  if energy == 0 then return nil, WHO .. ": the reference is silent, so its SI-SDR is undefined" end
  local gain, rest = cross / energy, 0.0
  for i = 1, #reference do
    local d = estimate[i] - gain * reference[i]
    rest = rest + d * d
  end
  local kept = gain * gain * energy
  if kept == 0 then return -math.huge end
  if rest == 0 then return math.huge end
  return 10 * math.log(kept / rest, 10)
end

--- ms.metrics.si_sdr(estimate, reference, {zero_mean =}) -> dB
-- Scale-invariant signal-to-distortion ratio in dB of one wave.
-- estimate, reference: tensors or lists of equally many samples (mono; raises otherwise).
-- options: { zero_mean = false } subtracts each wave's mean first.
-- Returns the ratio: +infinity for a scaled copy, -infinity for an estimate without any of the
-- reference (silence included). A silent reference gives nil and a message: skip and count it
-- (summary does). Samples that are not finite give nil and a message.
function M.si_sdr(estimate, reference, options)
  local o = options_of(options, "si_sdr", { zero_mean = false })
  estimate = prepared(estimate, "estimate", o)
  reference = prepared(reference, "reference", o)
  if #estimate ~= #reference then
    error(("%s: the estimate has %d samples but the reference has %d")
      :format(WHO, #estimate, #reference), 0)
  end
  return decibels(estimate, reference)
end

--- ms.metrics.si_sdr_improvement(estimate, reference, mixture, {zero_mean =}) -> dB, after, before
-- SI-SDR of the estimate minus SI-SDR of the untouched mixture, in dB.
-- Returns the improvement, the estimate's SI-SDR, the mixture's; or nil and a message as si_sdr,
-- and where the mixture's own SI-SDR is infinite: it is the reference itself, or has nothing of it,
-- so there is no improvement to tell.
function M.si_sdr_improvement(estimate, reference, mixture, options)
  local after, why = M.si_sdr(estimate, reference, options)
  if not after then return nil, why end
  local before, why_not = M.si_sdr(mixture, reference, options)
  if not before then return nil, why_not end
  if math.abs(before) == math.huge then
    return nil, ("%s: the mixture %s, so no improvement can be told"):format(WHO,
      before > 0 and "is the reference itself" or "has nothing of the reference")
  end
  return after - before, after, before
end

local function median(sorted)
  local half = #sorted // 2
  if #sorted % 2 == 1 then return sorted[half + 1] end
  return (sorted[half] + sorted[half + 1]) / 2
end

--- ms.metrics.summary(list) -> {count =, mean =, ...}
-- Summary of many values, as of a SI-SDR per song.
-- list: numbers, or false where a value was skipped (a silent reference).
-- Returns { count=, skipped=, not_numbers=, infinite=, mean=, sd=, se=, median=, min=, max= }:
-- infinite values stay in median, min and max, where they rank above and below all others, but not
-- in mean, sd (n-1) and se; NaN (not_numbers of them) is in none of these; nil and a message when
-- nothing is left. Without finite values the mean is the infinity that all are, or NaN where there
-- are both; so is the median where its two middle values are.
function M.summary(list)
  list = values.lists(list, "summary", "values")
  local finite, all, skipped, not_numbers = {}, {}, 0, 0
  for i = 1, #list do
    local v = list[i]
    if not v then skipped = skipped + 1
    elseif type(v) ~= "number" then
      error(("summary: value %d must be a number or false, got %s"):format(i, type(v)), 0)
    elseif v ~= v then not_numbers = not_numbers + 1
    else
      all[#all + 1] = v
      if v > -math.huge and v < math.huge then finite[#finite + 1] = v end
    end
  end
  if #all == 0 then return nil, ("summary: none of %d values can be used"):format(#list) end
  table.sort(all)
  -- NaN of both infinities
  local of_finite = #finite > 0 and moments(finite) or { mean = all[1] + all[#all] }
  return { count = #all, skipped = skipped, not_numbers = not_numbers, infinite = #all - #finite,
    mean = of_finite.mean, sd = of_finite.sd or 0.0, se = of_finite.se or 0.0,
    median = median(all), min = all[1], max = all[#all] }
end

return M
