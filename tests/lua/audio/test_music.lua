--- What libraries hear in music, on sounds by formula: click tracks, tones, EBU's signals.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}
local audio = ms.audio
local RATE = 22050

-- A tensor (samples) of f(time in seconds).
local function sound(seconds, rate, f)
  local y = {}
  for i = 1, math.floor(seconds * rate + 0.5) do y[i] = f((i - 1) / rate) end
  return ms.tensor(y)
end

local function tone(hertz, seconds, rate, level)
  return sound(seconds, rate, function(t)
    return (level or 0.5) * math.sin(2 * math.pi * hertz * t)
  end)
end

-- Short tones, so many a minute, with nothing in between.
local function clicks(bpm, seconds, rate)
  return sound(seconds, rate, function(t)
    local since = t % (60 / bpm)
    return since < 0.05 and 0.5 * math.exp(-since * 300) * math.sin(2 * math.pi * 1000 * since) or 0
  end)
end

-- ---- aubio -----------------------------------------------------------------------------------
function tests.test_onsets_of_clicks()
  for _, rate in ipairs { 16000, 44100 } do
    local found = audio.onsets(clicks(137, 6, rate), { rate = rate })
    lu.assertEquals(#found, 14)
    for k, at in ipairs(found) do lu.assertAlmostEquals(at, (k - 1) * 60 / 137, 0.005) end
  end
  lu.assertEquals(audio.onsets(ms.zeros(16000), { rate = 16000 }), {})
  local y = clicks(120, 4, RATE)
  lu.assertEquals(#audio.onsets(y, { rate = RATE }), 8)
  lu.assertEquals(#audio.onsets(y * 1e-3, { rate = RATE }), 8) -- the level does not matter
  local sparse = audio.onsets(clicks(240, 4, RATE), { rate = RATE, gap = 0.4 })
  for k = 2, #sparse do lu.assertTrue(sparse[k] - sparse[k - 1] > 0.39) end
end

function tests.test_tempo_and_beats_of_clicks()
  for _, bpm in ipairs { 90, 120 } do
    local y = clicks(bpm, 20, RATE)
    local tempo, beats = audio.tempo(y, { rate = RATE })
    lu.assertAlmostEquals(tempo, bpm, bpm / 100)
    lu.assertEquals(beats, audio.beats(y, { rate = RATE }))
    for _, at in ipairs(beats) do
      local off = at * bpm / 60
      lu.assertAlmostEquals(off, math.floor(off + 0.5), 0.1)
    end
    local stereo = ms.ops.cat({ y:reshape { 1, -1 }, y:reshape { 1, -1 } }, 1)
    lu.assertEquals(audio.beats(stereo, { rate = RATE }), beats)
  end
  local none, few = audio.tempo(ms.zeros(RATE), { rate = RATE })
  lu.assertNil(none)
  lu.assertEquals(few, {})
end

function tests.test_pitch_of_tones()
  for _, method in ipairs { "yinfast", "yin", "yinfft", "mcomb", "fcomb", "schmitt", "specacf" } do
    local p, sure = audio.pitch(tone(261.63, 0.5, RATE), { rate = RATE, method = method })
    lu.assertEquals(p:size(), { 11 })
    lu.assertEquals(sure:size(), { 11 })
    lu.assertAlmostEquals(p:get(8), 261.63, 0.8, method)
  end
  local _, sure = audio.pitch(tone(110, 0.5, 8000), { rate = 8000, size = 1024 })
  lu.assertTrue(sure:get(6) > 0.99)
  lu.assertEquals(audio.pitch(ms.zeros(8000), { rate = 8000, silence = -60 }):abs():max(), 0)
end

-- ---- loudness: EBU Tech 3341 and 3342 -----------------------------------------------------------
-- Stereo tones of 1000 Hz at these peaks in dB below full scale, for these seconds.
local function ebu(parts, rate)
  local pieces = {}
  for _, part in ipairs(parts) do
    local second = tone(1000, 1, rate, 10 ^ (part[1] / 20))
    for _ = 1, part[2] do pieces[#pieces + 1] = second end
  end
  local wave = ms.ops.cat(pieces, 1):reshape { 1, -1 }
  return ms.ops.cat({ wave, wave }, 1)
end

function tests.test_loudness_of_ebus_signals()
  local l = audio.loudness(ebu({ { -23, 5 } }, 48000), { rate = 48000 })
  lu.assertAlmostEquals(l.integrated, -23, 0.1) -- case 1
  lu.assertAlmostEquals(l.momentary, -23, 0.1)
  lu.assertAlmostEquals(l.short_term, -23, 0.1)
  lu.assertAlmostEquals(l.sample_peak, -23, 0.01)
  lu.assertAlmostEquals(l.true_peak, -23, 0.2)
  l = audio.loudness(ebu({ { -36, 10 }, { -23, 60 }, { -36, 10 } }, 8000), { rate = 8000 })
  lu.assertAlmostEquals(l.integrated, -23, 0.1) -- case 3: what is 10 LU below is left out
  l = audio.loudness(ebu({ { -20, 20 }, { -30, 20 } }, 8000), { rate = 8000 })
  lu.assertAlmostEquals(l.range, 10, 1) -- case 1 of Tech 3342
end

function tests.test_loudness_of_mono_and_of_silence()
  local l = audio.loudness(tone(997, 2, 48000, 1), { rate = 48000 }) -- ITU-R BS.1770
  lu.assertAlmostEquals(l.integrated, -3.01, 0.01)
  lu.assertEquals(l.short_term, -math.huge)
  lu.assertEquals(audio.loudness(ms.zeros(48000), { rate = 48000 }).integrated, -math.huge)
end

function tests.test_true_peak_lies_between_samples()
  local l = audio.loudness(sound(1, 48000, function(t)
    return 0.5 * math.sin(2 * math.pi * 12000 * t + math.pi / 4)
  end), { rate = 48000 })
  lu.assertAlmostEquals(l.sample_peak, -9.03, 0.02)
  lu.assertAlmostEquals(l.true_peak, -6.02, 0.4)
end

-- ---- Rubber Band -----------------------------------------------------------------------------
-- The frequency of a tone, by its crossings of zero in the middle.
local function frequency(y, rate)
  local n = y:size()[1]
  local list, count = y:slice(1, n // 4, 3 * n // 4):totable(), 0
  for k = 2, #list do
    if (list[k] >= 0) ~= (list[k - 1] >= 0) then count = count + 1 end
  end
  return count * rate / (2 * #list)
end

function tests.test_stretching_keeps_the_pitch()
  local y = tone(440, 1, RATE)
  for _, fine in ipairs { false, true } do
    for _, speed in ipairs { 0.5, 1.3, 2 } do
      local z = audio.time_stretch(y, speed, { rate = RATE, fine = fine })
      lu.assertEquals(z:size(), { math.floor(RATE / speed + 0.5) })
      lu.assertAlmostEquals(frequency(z, RATE), 440, 5)
    end
  end
  local both = ms.ops.cat({ y:reshape { 1, -1 }, y:reshape { 1, -1 } * 0 }, 1)
  local two = audio.time_stretch(both, 1.5, { rate = RATE })
  lu.assertEquals(two:size(), { 2, 14700 })
  lu.assertEquals(two:slice(1, 2, 2):abs():max(), 0)
  lu.assertEquals(audio.time_stretch(ms.tensor { 1 }, 16, { rate = RATE }):size(), { 1 })
end

function tests.test_pitches_are_shifted()
  local y = tone(440, 1, RATE)
  for _, steps in ipairs { -12, 3, 7 } do
    local z = audio.pitch_shift(y, steps, { rate = RATE })
    lu.assertEquals(z:size(), { RATE })
    lu.assertAlmostEquals(frequency(z, RATE), 440 * 2 ^ (steps / 12), 8)
  end
end

-- ---- mistakes --------------------------------------------------------------------------------
function tests.test_mistakes()
  local y = ms.zeros(8000)
  local function raises(text, f, ...) lu.assertErrorMsgContains(text, f, ...) end
  raises("beats: the option rate is needed, in Hz", audio.beats, y, {})
  raises("rate must be 1000..192000, got 5", audio.onsets, y, { rate = 5 })
  raises('method must be one of default, energy, hfc, ', audio.onsets, y,
    { rate = 8000, method = "hcf" })
  raises("size must be a power of 2, got 1000", audio.pitch, y, { rate = 8000, size = 1000 })
  raises("sample 3 of the wave is not a finite number", audio.loudness,
    ms.tensor { { 0, 0, 0 }, { 0, 0, 0 / 0 } }, { rate = 8000 })
  raises("a wave (samples) or (channels, samples)", audio.loudness, ms.zeros(100, 100, 1),
    { rate = 8000 })
  raises("of 1..64 channels is expected, got 8000x2", audio.pitch_shift, ms.zeros(8000, 2), 1,
    { rate = 8000 })
  raises("speed must be 1/16 to 16, got 0.0", audio.time_stretch, y, 0, { rate = 8000 })
  raises("semitones must be -48 to 48, got 49.0", audio.pitch_shift, y, 49, { rate = 8000 })
  raises("it has no gradient", audio.fingerprint, ms.zeros(9):needs_grad() * 2, { rate = 8000 })
  raises("number 2 of fingerprint 1 is not one of 32 bits", audio.duplicates, { { 1, -1 } })
  raises("fingerprint 2 is not a list", audio.duplicates, { { 1 }, 2 })
end

-- ---- running medians, of which hpss is made ----------------------------------------------------
function tests.test_running_medians()
  local median = require("moonstem.core.music").running_median
  local x = ms.tensor { { 5, 1, 4, 2 }, { 3, 3, 0, 9 }, { 8, 7, 6, 5 } }
  lu.assertEquals(median(x, 2, 3):totable(), { { 5, 4, 2, 2 }, { 3, 3, 3, 9 }, { 8, 7, 6, 5 } })
  lu.assertEquals(median(x, 1, 3):totable(), { { 5, 1, 4, 2 }, { 5, 3, 4, 5 }, { 8, 7, 6, 5 } })
  lu.assertEquals(median(x, -1, 1):totable(), x:totable())
  lu.assertEquals(median(ms.tensor { 5, 1, 4, 2 }, 1, 2):totable(), { 5, 5, 4, 4 }) -- as SciPy
  lu.assertEquals(median(ms.tensor { 1, 2 }, 1, 31):totable(), { 2, 1 }) -- mirrored many times
  local odd = median(ms.tensor { 0 / 0, 1, 0 / 0, 2, 3 }, 1, 3):totable()
  lu.assertNotEquals(odd[1], odd[1])
  lu.assertEquals({ table.unpack(odd, 4) }, { 3, 3 })
  lu.assertEquals(median(ms.zeros(0, 3), 1, 3):size(), { 0, 3 })
end

-- What ms.audio.read gives with mono = false: features would take it for thousands of waves.
function tests.test_recordings_are_told_from_waves()
  local recording = ms.randn { 600, 2 }
  for name, f in pairs { mel = audio.mel, rms = audio.rms, hpss = audio.hpss } do
    lu.assertErrorMsgContains(("audio.%s: waves are (..., samples), got {600, 2}; is it a "
      .. "recording (sample, channel)?"):format(name), f, recording)
  end
  lu.assertErrorMsgContains("wave:t() turns a recording (sample, channel)", audio.loudness,
    ms.randn { 600, 100 }, { rate = 16000 })
  lu.assertEquals(audio.rms(recording:t(), { size = 512, hop = 128 }):size(1), 2)
  lu.assertEquals(audio.rms(ms.randn { 600, 9 }, { size = 4, hop = 2 }):size(1), 600)
end

return tests
