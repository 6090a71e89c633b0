--- What happens to the stems before they are added: balance, effects of the style, one tilt and
-- gain for all. Every step is linear over the stems or acts on one stem alone, so that the mixture
-- stays their plain sum.
local mixing = require "standins.sound.mixing"
local filters = require "standins.sound.filters"
local synth = require "standins.sound.synth"

local effects = {}

--- The stems in the order in which everything walks over them.
effects.stems = { "vocals", "drums", "bass", "other" }

local function gain(decibels) return 10 ^ (decibels / 20) end

--- A level in decibels, -200 for silence.
function effects.decibels(rms) return 20 * math.log(math.max(rms, 1e-10), 10) end

-- Each stem's loudness in decibels and its spread, before the gain for all.
local loudness = { vocals = { -17, 1.8 }, drums = { -20, 2.2 }, bass = { -20.5, 2 },
  other = { -20, 2.2 } }

--- Brings each stem to its loudness. Own ensembles have a firm `other` and softer drums.
function effects.balance(rng, stems, is_own)
  for _, name in ipairs(effects.stems) do
    local level = rng:normal(loudness[name][1], loudness[name][2])
    if is_own and name == "other" then level = -18 end
    if is_own and name == "drums" then level = level - 4 end
    local rms = mixing.rms(stems[name])
    if rms > 1e-6 then
      mixing.scale(stems[name], gain(level) / math.sqrt(mixing.active_rms(stems[name]) * rms))
    end
  end
end

local function filter_all(wave, list)
  for _, coefficients in ipairs(list) do mixing.filter(wave, coefficients) end
  return wave
end

local function seed(rng) return rng:bits() end

local function drive(amount)
  return function(rng, stems)
    local rms = mixing.rms(stems.other)
    if not rng:chance(0.7) or rms <= 1e-6 then return end
    mixing.drive(stems.other, 0.35 * amount / rms)
    mixing.scale(stems.other, rms / mixing.rms(stems.other))
  end
end

local function pump(rng, stems, form)
  if not rng:chance(0.6) then return end
  local period = synth.rate * 60 / form.bpm
  mixing.pump(stems.other, period, 0.75)
  mixing.pump(stems.bass, period, 0.75)
end

local function lofi(rng, stems)
  if not rng:chance(0.5) then return end
  local band = { filters.highpass(rng:uniform(60, 150)), filters.lowpass(rng:uniform(5000, 9000)) }
  for _, name in ipairs(effects.stems) do filter_all(stems[name], band) end
  local noise = seed(rng)
  mixing.noise(stems.other, noise, gain(rng:uniform(-66, -52)))
end

-- An old record: narrow, mono, with crackle and hiss.
local function old(rng, stems)
  if not rng:chance(0.85) then return end
  local low, high = rng:uniform(150, 350), rng:uniform(2800, 5000)
  local band = { filters.slope(low), filters.highpass(low, 1), filters.lowpass(high),
    filters.lowpass(high, 1) }
  for _, name in ipairs(effects.stems) do filter_all(mixing.mono(stems[name]), band) end
  local frames = stems.other:size(1)
  local dust, clicks = mixing.silence(frames, 1),
    math.floor(frames / synth.rate * rng:uniform(4, 40))
  mixing.pulses(dust, seed(rng), clicks, rng:normal(0, 0.12))
  mixing.noise(dust, seed(rng), gain(rng:uniform(-52, -40)))
  if rng:chance(0.8) then mixing.add(stems.other, filter_all(dust, band)) end
  dust:close()
end

local function shuffled(rng, wave)
  local width = math.floor(rng:uniform(0.08, 0.6) * synth.rate)
  return mixing.grains(wave, width, rng:permutation(wave:size(1) // width))
end

local function weird(rng, stems)
  for _, name in ipairs(effects.stems) do
    local choice = rng:uniform()
    if mixing.peak(stems[name]) > 0 then
      if choice < 0.3 then mixing.reverse(stems[name])
      elseif choice < 0.55 then mixing.ring(stems[name], rng:uniform(20, 700) / synth.rate)
      elseif choice < 0.75 then stems[name] = shuffled(rng, stems[name]) end
    end
  end
  if not rng:chance(0.5) then return end
  local noise = mixing.silence(stems.other:size(1), 2)
  mixing.noise(noise, seed(rng), gain(rng:uniform(-42, -24)))
  filter_all(noise, { filters.highpass(rng:uniform(100, 900)),
    filters.lowpass(rng:uniform(1500, 9000)) })
  mixing.add(stems.other, noise)
  noise:close()
end

local by_name = { drive = drive(4), drive2 = drive(9), pump = pump, lofi = lofi, old = old,
  weird = weird }

--- The effect of a style, by name ("wash" is done by the reverberation).
function effects.apply(rng, stems, name, form)
  if by_name[name] then by_name[name](rng, stems, form) end
end

--- The sum of the stems, as a new wave.
function effects.sum(stems)
  local mixture = stems[effects.stems[1]]:clone()
  for i = 2, #effects.stems do mixing.add(mixture, stems[effects.stems[i]]) end
  return mixture
end

--- One gain for all stems: the sum comes to `level` decibels, or less where a peak would pass 0.98.
function effects.level(stems, level)
  local mixture = effects.sum(stems)
  local peak = mixing.peak(mixture)
  for _, name in ipairs(effects.stems) do peak = math.max(peak, mixing.peak(stems[name])) end
  local factor = math.min(gain(level) / (mixing.rms(mixture) + 1e-9), 0.98 / (peak + 1e-9))
  mixture:close()
  for _, name in ipairs(effects.stems) do mixing.scale(stems[name], factor) end
end

--- One tilt and one gain for all stems; see effects.level.
function effects.master(rng, stems, level)
  local tilt = gain(rng:normal(0, 2.5)) - 1
  local slope = filters.slope(rng:uniform(600, 2500))
  for _, name in ipairs(effects.stems) do mixing.filter(stems[name], slope, 1, tilt) end
  effects.level(stems, level)
end

return effects
