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

-- The window of `size` samples that all take.
local hann = {}
for n = 0, SIZE - 1 do hann[n + 1] = 0.5 - 0.5 * math.cos(2 * math.pi * n / SIZE) end

local function tone(hertz, count)
  local y = {}
  for n = 1, count do y[n] = math.sin(2 * math.pi * hertz * n / RATE) end
  return y
end

-- Every eighth sample; of two waves one below the other.
local function picked(y) return y:reshape(-1, 8):slice(2, 1, 1):reshape(-1) end

local function every8(a, b)
  return ms.ops.cat({ picked(a):reshape(1, -1), picked(b):reshape(1, -1) }, 1)
end

local function half(rows, columns)
  return (ms.ones(rows, columns) * 0.5):totable()
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
    gradients(function(y) return spectral.centroid(y, with()) / RATE end),
    { function(s) return spectral.centroid(nil, { spectrogram = s, rate = 8 }) end,
      { { { 0, 0, 0 }, { 1, 2, 1 }, { 0, 0, 5 } } }, { 0, 2, 4 }, grad = false },
    wrong = { { function() spectral.centroid(ms.zeros(9), { spectrogram = ms.zeros(3, 4) }) end,
      "give a wave or a spectrogram, not both" } },
  },
  ["audio.spectral.bandwidth"] = {
    by_librosa("bandwidth", function(y) return spectral.bandwidth(y, with()) end),
    gradients(function(y) return spectral.bandwidth(y, with()) / RATE end),
  },
  ["audio.spectral.rolloff"] = {
    by_librosa("rolloff", function(y) return spectral.rolloff(y, with()) end),
    { function(s) return spectral.rolloff(nil, { spectrogram = s, rate = 8, share = 0.5 }) end,
      { { { 1, 1, 1 }, { 5, 1, 0 }, { 0, 0, 1 }, { 0, 0, 0 } } }, { 2, 0, 4, 0 }, grad = false },
  },
  ["audio.spectral.contrast"] = {
    by_librosa("contrast", function(y)
      return spectral.contrast(y, with { low = 100, bands = 5 })
    end),
    gradients(function(y) return spectral.contrast(y, with { low = 200, bands = 3 }) / 1000 end),
    gradients(function(y)
      local o = with { low = 200, bands = 3, linear = true, quantile = 0.3 }
      return spectral.contrast(y, o) / 100
    end),
    wrong = { { function() spectral.contrast(ms.zeros(9), { bands = 9 }) end, "a lower `low`" } },
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
  ["audio.chroma"] = {
    by_librosa("chroma", function(y) return audio.chroma(y, with()) end, { 1e-5, 1e-6 }),
    by_librosa("chroma0", function(y) return audio.chroma(y, with { tuning = 0, norm = 2 }) end,
      { 1e-5, 1e-6 }), -- librosa's filters are floats
    gradients(function(y) return audio.chroma(y, with { tuning = 0, norm = 1 }) end),
    gradients(function(y) return audio.chroma(y, with { tuning = 0.1, norm = false }) end),
    { function(y) return audio.chroma(y, with { tuning = 0 }):slice(1, 1, 1) end,
      { { table.unpack(SHORT, 1, 100) } }, audio.chroma(ms.tensor(SHORT):slice(1, 1, 100),
        with { tuning = 0 }):slice(1, 1, 1) },
    wrong = { { function() audio.chroma(ms.zeros(9), { norm = 3 }) end, 'must be "max", 1, 2' } },
  },
  ["audio.estimate_tuning"] = {
    { function(y) return audio.estimate_tuning(y, with()) end, { Y }, -0.03, grad = false },
    { function(y) return audio.estimate_tuning(y, { rate = 8000 }) end, { tone(452, 4000) }, 0.46,
      grad = false, near = { 0.05, 0.05 } },
    { function(y) return audio.estimate_tuning(y) end, { { 0, 0 } }, 0, grad = false },
  },
  ["audio.onset_strength"] = {
    by_librosa("onset", function(y) return audio.onset_strength(y, with { bands = BANDS }) end),
    by_librosa("onset3", function(y)
      return audio.onset_strength(y, with { bands = BANDS, lag = 2, max_size = 3 })
    end),
    gradients(function(y) return audio.onset_strength(y, with { bands = 5 }) end),
    wrong = { { function() audio.onset_strength(ms.zeros(9)) end, "lag = 1 frames are all" } },
  },
  ["audio.hpss"] = {
    { function(y) return every8(audio.hpss(y, { size = SIZE, hop = HOP })) end, { Y }, golden.hpss,
      grad = false },
    { function(y)
      return every8(audio.hpss(y, { size = SIZE, hop = HOP, margin = { 2, 3 }, kernel = { 7, 9 },
        power = 1 }))
    end, { Y }, golden.hpss2, grad = false },
    { function(y) -- both parts add up to the wave
      local h, p = audio.hpss(y, { size = 64, hop = 16 })
      return (h + p - y):abs():max() < 1e-5
    end, { SHORT }, true, grad = false },
    { function(y) return audio.hpss(y, { size = 16, hop = 4, mask = true }) end, { { 0, 0 } },
      results = { half(1, 9), half(1, 9) }, grad = false },
    wrong = { { function() audio.hpss(ms.zeros(9), { margin = 0.5 }) end, "1 or more" } },
  },
  ["audio.griffin_lim"] = {
    { function(y)
      local s = y:power_spectrum(hann, HOP, SIZE // 2, 1)
      return picked(audio.griffin_lim(s, { hop = HOP, steps = 4, start = "zero", samples = 4000 }))
    end, { Y }, golden.griffin, grad = false, near = { 1e-3, 1e-9 } },
    { function(y) -- more steps come nearer
      local s = y:power_spectrum(hann, 64, SIZE // 2, 1)
      local function off(steps)
        local back = audio.griffin_lim(s, { steps = steps, samples = 4000 })
        return (back:power_spectrum(hann, 64, SIZE // 2, 1) - s):square():mean():item()
      end
      return off(20) < off(2) / 2
    end, { Y }, true, grad = false },
    wrong = {
      { function() audio.griffin_lim(ms.zeros(3)) end, "size / 2 + 1) are expected, got {3}" },
      { function() audio.griffin_lim(ms.zeros(3, 5), { momentum = 2 }) end, "0 to 1, got 2" },
    },
  },
  ["audio.cqt"] = {
    { function(y) return audio.cqt(y, { rate = RATE, hop = 128, low = 110, bins = 36 }) end, { Y },
      golden.cqt, near = { 1e-5, 1e-6 }, grad = false }, -- librosa's wavelets are floats
    { function(y)
      return audio.cqt(y, { rate = RATE, hop = 128, low = 300, bins = 30, bins_per_octave = 24,
        sparsity = 0, scale = false })
    end, { Y }, golden.cqt24, near = { 1e-5, 1e-6 }, grad = false },
    { function(y) -- a tone's largest bin
      local c = audio.cqt(y, { rate = RATE, hop = 128, low = 110, bins = 36 })
      local size = c:square():sum(-1):slice(1, 16, 16):reshape(-1):totable()
      local best = 1
      for k, v in ipairs(size) do if v > size[best] then best = k end end
      return best
    end, { tone(440, 4000) }, 25, grad = false },
    wrong = {
      { function() audio.cqt(ms.zeros(9), { rate = 8000 }) end, "above half the rate; take fewer" },
      { function() audio.cqt(ms.zeros(9), { bins = 1001, low = 1e-9 }) end, "at most 1000 bins" },
      { function() audio.cqt(ms.zeros(9), { low = 1e-45 }) end, "samples, above 65536" },
    },
  },
  ["audio.preemphasis"] = {
    { function(y) return audio.preemphasis(y):slice(1, 1, 500) end, { Y }, golden.preemphasis },
    { function(y) return audio.preemphasis(y, { coef = 0.5 }) end, { { { 1, 2, 4 }, { 0, 0, 2 } } },
      { { 1, 1.5, 3 }, { 0, 0, 2 } } },
    wrong = { { function() audio.preemphasis { 1 } end, "2 samples or more" } },
  },
  ["audio.rms"] = {
    by_librosa("rms", function(y) return audio.rms(y, { size = SIZE, hop = HOP }) end),
    gradients(function(y) return audio.rms(y, { size = SIZE, hop = HOP }) end),
    { function(y) return audio.rms(y, { size = 2, hop = 1, centre = false }) end,
      { { { 3, 4, 0 }, { 1, 1, 1 } } }, { { math.sqrt(12.5), math.sqrt(8) }, { 1, 1 } } },
    wrong = { { function() audio.rms({ 1, 2 }, { centre = false }) end,
      "at least 2048 samples, got 2" } },
  },
  ["audio.zero_crossings"] = {
    by_librosa("zero_crossings", function(y)
      return audio.zero_crossings(y, { size = SIZE, hop = HOP })
    end),
    { function(y) return audio.zero_crossings(y, { size = 4, hop = 2, centre = false }) end,
      { { 1, -1, 0, -0.5, 2, -1e-11 } }, { 0.75, 0.5 }, grad = false },
    wrong = { { function() audio.zero_crossings { 1 } end, "a wave of at least 2, got 1" } },
  },
  ["audio.trim"] = {
    { function(y)
      local silent = ms.zeros(1000)
      local part, first, last = audio.trim(ms.ops.cat({ silent, y, silent }, 1),
        { top_db = 40, size = SIZE, hop = HOP })
      return first - 1, last, part:size()[1] - (last - first + 1)
    end, { Y }, results = { golden.trim:get(1), golden.trim:get(2), 0 }, grad = false },
    { function(y) return audio.trim(y, { size = 2, hop = 1, ref = 1 }) end,
      { { { 0, 0, 0, 0, 0 }, { 0, 0, 1, 0, 0 } } },
      results = { { { 0, 0 }, { 1, 0 } }, 3, 4 }, grad = false },
    { function(y) return audio.trim(y, { ref = 1 }) end, { { 0, 0, 0 } }, results = { {}, 1, 0 },
      grad = false },
  },
  ["audio.split_silence"] = {
    { function(y)
      local list = audio.split_silence(ms.ops.cat({ y, y }, 1),
        { top_db = 30, size = SIZE, hop = HOP })
      for k, pair in ipairs(list) do list[k] = { pair[1] - 1, pair[2] } end
      return ms.tensor(list)
    end, { Y }, golden.split, grad = false },
    { function(y) return #audio.split_silence(y, { ref = 1 }) end, { { 0, 0, 0 } }, 0,
      grad = false },
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
