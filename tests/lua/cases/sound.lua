--- Features of sound: values by librosa (tests/golden/make_sound.py), by formulas and by hand.
local ms = require "moonstem"
local places = require "places"

local golden = assert(ms.io.load_safetensors(places.ROOT .. "tests/golden/sound.safetensors"))
local audio, spectral = ms.audio, ms.audio.spectral
local RATE, SIZE, HOP, BANDS = 8000, 256, 128, 20

-- The wave of make_sound.py.
local function wave(count)
  local y = {}
  for n = 0, count - 1 do
    local t = n / RATE
    local x = 0.4 * math.sin(2 * math.pi * 220 * t) + 0.05 * (n * n * 7919 % 1000 / 500 - 1)
    x = x + 0.3 * math.sin(2 * math.pi * (660 + 300 * t) * t) * math.exp(-5 * ((t * 8) % 1))
    y[n + 1] = n >= 3200 and x * 1e-4 or x
  end
  return y
end

local Y, SHORT = wave(4000), wave(1000)

local function with(more)
  local o = { rate = RATE, size = SIZE, hop = HOP }
  for name, value in pairs(more or {}) do o[name] = value end
  return o
end

-- A row whose value is librosa's; without a gradient check, for librosa's wave is long.
local function by_librosa(name, f, near)
  return { f, { Y }, golden[name], near = near, grad = false }
end

-- A row that compares f with another way to the same numbers: their difference is 0.
local function zero(f, inputs, count)
  local none = {}
  for i = 1, count do none[i] = 0 end
  return { f, inputs, none, near = { 1e23, 1e19 } }
end

-- A row for the gradients: f of a short wave equals f of the same wave, whose values the rows of
-- librosa check.
local function gradients(f)
  return { f, { SHORT }, f(ms.tensor(SHORT)):totable() }
end

local function every(n)
  local list = {}
  for i = 1, #Y, n do list[#list + 1] = Y[i] end
  return list
end

local window = {}
for n = 0, 15 do window[n + 1] = 0.5 + 0.25 * math.cos(n) end

-- The transform of one frame, number by number.
local function transform(frame)
  local bins = {}
  for k = 0, #frame // 2 do
    local re, im = 0, 0
    for n = 1, #frame do
      local angle = -2 * math.pi * k * (n - 1) / #frame
      re, im = re + frame[n] * math.cos(angle), im + frame[n] * math.sin(angle)
    end
    bins[k + 1] = { re, im }
  end
  return bins
end

-- Spectra of frames every `hop` samples with so many zeros around.
local function spectra(y, hop, padding, power)
  local list = {}
  for first = 1 - padding, #y + padding - 15, hop do
    local frame = {}
    for n = 1, 16 do frame[n] = (y[first + n - 1] or 0) * window[n] end
    local bins = transform(frame)
    for k, bin in ipairs(power and bins or {}) do
      bins[k] = (bin[1] ^ 2 + bin[2] ^ 2) ^ (power / 2)
    end
    list[#list + 1] = bins
  end
  return list
end

local FEW = { table.unpack(SHORT, 1, 60) }

local cases = {
  spectrum = {
    { function(y) return y:spectrum(window, 5) end, { FEW }, spectra(FEW, 5, 0) },
    { function(y) return y:spectrum(window, 30, 8) end, { FEW }, spectra(FEW, 30, 8) },
    wrong = {
      { function() return ms.zeros(20):spectrum({ 1 }, 1) end, "2 numbers or more, got 1" },
      { function() return ms.zeros(20):spectrum(ms.ones(32), 1) end, "at least 32 samples, got" },
      { function() return ms.zeros(20):spectrum(ms.ones(4), 1, -1) end, "the padding must be" },
      { function() return ms.zeros(0):spectrum(ms.ones(4), 1, 9) end, "got 0" },
    },
  },
  power_spectrum = {
    { function(y) return y:power_spectrum(window, 5, 3) end, { FEW }, spectra(FEW, 5, 3, 2) },
    { function(y) return y:power_spectrum(window, 7, 0, 1) end, { FEW }, spectra(FEW, 7, 0, 1) },
    wrong = { { function() return ms.zeros(20):power_spectrum(ms.ones(4), 1, 0, 3) end,
      "power must be 1 (magnitudes) or 2 (powers)" } },
  },
  overlap_spectrum = {
    zero(function(y) return y:spectrum(window, 16):overlap_spectrum(window, 16, 0, 48)
      - y:slice(1, 1, 48) * ms.ops.cat({ ms.tensor(window), ms.tensor(window), ms.tensor(window) },
        1):square() end, { FEW }, 48),
    wrong = { { function() return ms.zeros(2, 9, 2):overlap_spectrum(ms.ones(16), 4, 0, 21) end,
      "do not reach 21 samples" } },
  },
  ["audio.mel"] = {
    by_librosa("mel", function(y) return audio.mel(y, with { bands = BANDS }) end),
    by_librosa("mel_htk", function(y)
      return audio.mel(y, with { bands = BANDS, htk = true, area = false, low = 50, high = 3000,
        power = 1 })
    end),
    by_librosa("mel_reflect", function(y)
      return audio.mel(y, with { bands = BANDS, pad = "reflect", width = 200, window = "hamming" })
    end),
    by_librosa("mel_left", function(y)
      return audio.mel(y, with { bands = BANDS, centre = false })
    end),
    gradients(function(y)
      return audio.mel(y:reshape(2, 500), with { bands = BANDS, pad = "reflect" })
    end),
    wrong = {
      { function() audio.mel(3) end, "a wave (samples) or (..., samples) is expected, got number" },
      { function() audio.mel(ms.zeros(9), { high = 1e5 }) end, "half the rate, 11025 Hz" },
      { function() audio.mel(ms.zeros(9), { power = 3 }) end, "power must be 1 or 2, got 3" },
      { function() audio.mel(ms.zeros(9), { pad = "reflect" }) end, "cannot be reflected by 1024" },
      { function() audio.mel(ms.zeros(9), { width = 4096 }) end, "at most size = 2048, got 4096" },
    },
  },
  ["audio.mfcc"] = {
    by_librosa("mfcc", function(y) return audio.mfcc(y, with { bands = BANDS, n = 13 }) end),
    by_librosa("mfcc_lifter", function(y)
      return audio.mfcc(y, with { bands = BANDS, n = 13, lifter = 22 })
    end),
    gradients(function(y) return audio.mfcc(y, with { bands = BANDS, n = 5 }) end),
    wrong = { { function() audio.mfcc(ms.zeros(9), { n = 200 }) end,
      "n must be at most the 128 bands, got 200" } },
  },
  ["audio.power_to_db"] = {
    { function(x) return audio.power_to_db(x:square(), { ref = "max", top_db = 30 }) end,
      { every(100) }, golden.power_to_db, grad = false },
    { function(x) return audio.power_to_db(x, { top_db = false }) end, { { 1, 10, 0, 1e-3 } },
      { 0, 10, -100, -30 }, grad = false },
    { function(x) return audio.power_to_db(x, { ref = 2 }) end, { { 1, 10, 0.5 } },
      { -10 * math.log(2, 10), 10 * math.log(5, 10), -10 * math.log(4, 10) } },
    { function(x) return audio.power_to_db(x) end, { {} }, {} },
    wrong = { { function() audio.power_to_db(1, { top_db = -1 }) end, "0 or more, got -1" } },
  },
  ["audio.amplitude_to_db"] = {
    { function(x) return audio.amplitude_to_db(x, { ref = 2, top_db = false }) end,
      { every(100) }, golden.amplitude_to_db, grad = false },
    { function(x) return audio.amplitude_to_db(x) end, { { 1, 10, -0.1 } }, { 0, 20, -20 } },
    wrong = { { function() audio.amplitude_to_db(1, { amin = 0 }) end, "above 0, got 0" } },
  },
  ["audio.spectral.centroid"] = {
    by_librosa("centroid", function(y) return spectral.centroid(y, with()) end),
    gradients(function(y) return spectral.centroid(y, with()) end),
    { function(s) return spectral.centroid(nil, { spectrogram = s, rate = 8 }) end,
      { { { 0, 0, 0 }, { 1, 2, 1 }, { 0, 0, 5 } } }, { 0, 2, 4 }, grad = false },
    wrong = { { function() spectral.centroid(ms.zeros(9), { spectrogram = ms.zeros(3, 4) }) end,
      "give a wave or a spectrogram, not both" } },
  },
  ["audio.spectral.bandwidth"] = {
    by_librosa("bandwidth", function(y) return spectral.bandwidth(y, with()) end),
    gradients(function(y) return spectral.bandwidth(y, with()) end),
  },
  ["audio.spectral.flatness"] = {
    by_librosa("flatness", function(y) return spectral.flatness(y, with()) end),
    gradients(function(y) return spectral.flatness(y, with()) end),
  },
  ["audio.spectral.flux"] = {
    { function(s) return spectral.flux(nil, { spectrogram = s }) end,
      { { { 1, 1 }, { 4, 0 }, { 1, 3 } } }, { 0, math.sqrt(0.5), math.sqrt(1.125) } },
    { function(s) return spectral.flux(nil, { spectrogram = s, rise = true, lag = 2 }) end,
      { { { 1, 1 }, { 4, 0 }, { 1, 3 } } }, { 0, 0, 0.25 } },
    { function(s) return spectral.flux(nil, { spectrogram = s, lag = 3 }) end,
      { { { 1, 1 }, { 4, 0 } } }, { 0, 0 }, grad = false },
  },
  ["audio.preemphasis"] = {
    { function(y) return audio.preemphasis(y):slice(1, 1, 500) end, { Y }, golden.preemphasis },
    { function(y) return audio.preemphasis(y, { coef = 0.5 }) end, { { { 1, 2, 4 }, { 0, 0, 2 } } },
      { { 1, 1.5, 3 }, { 0, 0, 2 } } },
    wrong = { { function() audio.preemphasis { 1 } end, "2 samples or more" } },
  },
  ["audio.delta"] = {
    { function(x) return audio.delta(x) end, { golden.mfcc:totable() }, golden.delta },
    { function(x) return audio.delta(x, { order = 2, width = 7 }) end, { golden.mfcc:totable() },
      golden.delta2 },
    { function(x) return audio.delta(x, { width = 3 }) end, { { 1, 3, 9, 9 } }, { 4, 4, 3, 3 } },
    wrong = {
      { function() audio.delta(ms.zeros(3, 2), { width = 5 }) end, "more than the 3 there are" },
      { function() audio.delta(ms.zeros(3, 2), { width = 4 }) end, "an odd number, 3 to 1023" },
      { function() audio.delta(ms.zeros(3, 2), { width = 3, axis = 3 }) end, "must be 1 to 2" },
    },
  },
}

return cases
