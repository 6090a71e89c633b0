--- Separation at a recording's own rate and channels, with models whose answer is known.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"

local tests = {}

-- A separator of one source that is the mixture through f.
local function model_of(f)
  return setmetatable({ eval = function() end, train = function() end }, {
    __call = function(_, wave) return f(wave):reshape { 1, 1, wave:size(2) } end,
  })
end

local function share(k)
  return model_of(function(wave) return wave * k end)
end

-- Stereo noise below 6 kHz and above, with different channels.
local function noise(rate, seconds)
  ms.seed(9)
  return ms.randn { math.floor(rate * seconds), 2 } * 0.1
end

-- Stems (sample, channel) of a recording, and what was told of it.
local function separated(dir, model, wave, rate, options)
  assert(ms.audio.write(dir .. "/in.wav", wave, rate, { encoding = "float" }))
  options.bits = "float"
  local files = { dir .. "/a.wav", dir .. "/rest.wav" }
  local done = assert(ms.evaluate.separate_file(model, dir .. "/in.wav", files, options))
  local a, its_rate = ms.audio.read(files[1], { mono = false })
  lu.assertEquals(its_rate, rate)
  return a, (ms.audio.read(files[2], { mono = false })), done
end

local function largest(x) return (x:abs():max()) end

-- A share of the mixture is that share of each channel, at every rate, from the first sample to the
-- last.
for _, rate in ipairs { 8000, 11025, 16000, 22050, 44100, 48000 } do
  tests["test_a_share_of_the_mixture_at_" .. rate] = tools.in_folder(function(dir)
    local wave = noise(rate, 2.31)
    local a, rest, done = separated(dir, share(0.3), wave, rate, {})
    lu.assertEquals({ done.samples, done.channels, done.gain }, { wave:size(1), 2, 1 })
    lu.assertEquals(a:size(), wave:size())
    lu.assertTrue(largest(a - wave * 0.3) < 2e-5, largest(a - wave * 0.3))
    lu.assertTrue(largest(a + rest - wave) < 1e-6)
  end)
end

local function tone(rate, hertz, n)
  return (ms.range(1, n) * (2 * math.pi * hertz / rate)):sin() * 0.25
end

-- What is above the network's 8 kHz, by the option above.
local function above(dir, choice)
  local rate, n = 44100, 44100
  local low, high = tone(rate, 1000, n), tone(rate, 12000, n)
  local wave = ms.stack({ low + high, low }, 2)
  local a, rest = separated(dir, share(0.6), wave, rate, { above = choice })
  local middle = { { 8000, 36000 }, 1 }
  return a[middle], rest[middle], low[{ { 8000, 36000 } }], high[{ { 8000, 36000 } }]
end

tests.test_frequencies_that_the_network_does_not_hear = tools.in_folder(function(dir)
  local a, rest, low, high = above(dir, "rest")
  lu.assertTrue(largest(a - low * 0.6) < 1e-3)
  lu.assertTrue(largest(rest - low * 0.4 - high) < 1e-3)
  a, rest, low, high = above(dir, "zero")
  lu.assertTrue(largest(a - low * 0.6) < 1e-3)
  lu.assertTrue(largest(rest - low * 0.4) < 1e-3)
  lu.assertTrue(largest(high) > 0.2)
end)

-- A filter of the network's sound is that filter of the recording's.
tests.test_a_low_pass_keeps_what_lies_below = tools.in_folder(function(dir)
  local taps = ms.signal.firwin(255, 2500 / 8000)
  local model = model_of(function(wave)
    return ms.signal.convolve(wave, taps, { mode = "same" })
  end)
  local rate, n = 48000, 96000
  local low, high = tone(rate, 700, n), tone(rate, 4700, n)
  local a, rest = separated(dir, model, ms.stack({ low + high, high - low }, 2), rate, {})
  local function middle(x, channel) return x[{ { 9000, 87000 }, channel }] end
  local function inner(x) return x[{ { 9000, 87000 } }] end
  lu.assertTrue(largest(middle(a, 1) - inner(low)) < 0.002)
  lu.assertTrue(largest(middle(a, 2) + inner(low)) < 0.002)
  lu.assertTrue(largest(middle(rest, 2) - inner(high)) < 0.002)
end)

tests.test_the_networks_own_sound_is_mono_at_16_khz = tools.in_folder(function(dir)
  assert(ms.audio.write(dir .. "/in.wav", noise(44100, 1.5), 44100))
  local done = assert(ms.evaluate.separate_file(share(0.5), dir .. "/in.wav",
    { dir .. "/a.wav", dir .. "/rest.wav" }, { rate = 16000 }))
  lu.assertEquals({ done.rate, done.channels, done.samples }, { 16000, 1, 24000 })
  lu.assertError(ms.evaluate.separate_file, share(0.5), dir .. "/in.wav",
    { dir .. "/a.wav", dir .. "/rest.wav" }, { rate = 44100 })
end)

tests.test_a_separator_whose_samples_are_no_numbers_is_told = tools.in_folder(function(dir)
  assert(ms.audio.write(dir .. "/in.wav", noise(16000, 5), 16000))
  for _, odd in ipairs { 0 / 0, 1 / 0, -1 / 0 } do
    local model = model_of(function(wave)
      local y = wave * 0.5
      y[{ 1, 5000 }] = odd
      return y
    end)
    for _, rate in ipairs { false, 16000 } do
      local done, why = ms.evaluate.separate_file(model, dir .. "/in.wav",
        { dir .. "/a.wav", dir .. "/rest.wav" }, { rate = rate or nil })
      lu.assertNil(done)
      lu.assertStrContains(why, "in.wav: the separator gives samples that are not finite numbers")
      lu.assertFalse(ms.sys.exists(dir .. "/a.wav"))
    end
  end
end)

tests.test_kinds_of_files = tools.in_folder(function(dir)
  assert(ms.audio.write(dir .. "/in.wav", noise(22050, 1.5), 22050))
  for _, kind in ipairs { "flac", "ogg", "mp3" } do
    local files = { dir .. "/a." .. kind, dir .. "/rest." .. kind }
    assert(ms.evaluate.separate_file(share(0.5), dir .. "/in.wav", files, { bits = "24" }))
    local info = ms.audio.info(files[1])
    lu.assertEquals({ info.rate, info.channels }, { 22050, 2 })
    lu.assertTrue(math.abs(info.frames - 33075) <= 1200, info.frames)
  end
end)

return tests
