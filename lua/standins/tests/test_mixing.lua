--- The mixing desk of the stand-ins and the wave files of their voices.
local lu = require "luaunit"
local ms = require "moonstem"
local filters = require "standins.sound.filters"
local mixing = require "standins.sound.mixing"
local tools = require "standins.tools"
local waves = require "standins.sound.waves"

local T = {}

local function sine(frames, hertz)
  local list = {}
  for i = 1, frames do list[i] = math.sin(2 * math.pi * hertz * i / 44100) end
  return ms.tensor(list)
end

function T.test_filters_pass_and_stop()
  local function level(coefficients, hertz)
    return mixing.rms(mixing.filter(sine(44100, hertz), coefficients)) * math.sqrt(2)
  end
  lu.assertAlmostEquals(level(filters.highpass(1000), 8000), 1, 0.03)
  lu.assertAlmostEquals(level(filters.highpass(1000), 1000), math.sqrt(0.5), 0.01)
  lu.assertAlmostEquals(level(filters.lowpass(1000), 8000), 1 / 64, 0.01)
  lu.assertAlmostEquals(level(filters.band(2900, 2.5), 2900), 1, 0.01)
  lu.assertAlmostEquals(level(filters.slope(1000), 1000), math.sqrt(0.5), 0.01)
end

function T.test_sums_of_quantised_waves_are_exact()
  local a, b = sine(1000, 440), mixing.scale(sine(1000, 1234), 0.3)
  mixing.quantise(mixing.scale(a, 0.5))
  mixing.quantise(b)
  local whole = mixing.pcm16(mixing.add(a:clone(), b))
  local one, two = mixing.pcm16(a), mixing.pcm16(b)
  for i = 0, 999 do
    local at = 2 * i + 1
    local sum = string.unpack("<i2", one, at) + string.unpack("<i2", two, at)
    lu.assertEquals((string.unpack("<i2", whole, at)), sum)
  end
end

function T.test_reverb_has_the_energy_that_was_asked_for()
  local impulse, out = mixing.silence(88200, 1), mixing.silence(88200, 2)
  impulse:set(1, 1)
  mixing.reverb(out, impulse, 44100, 1, 0.5, 1)
  lu.assertAlmostEquals(mixing.rms(out) ^ 2 * 88200, 0.25, 0.01)
  lu.assertEquals(out:get(100, 1), 0)
end

function T.test_channels_and_pieces_of_waves()
  local wave = ms.tensor { { 1, 3 }, { -6, 4 }, { 0, 0.5 } }
  lu.assertEquals(mixing.peak(wave), 6)
  lu.assertEquals(mixing.to_mono(wave):totable(), { 2, -1, 0.25 })
  lu.assertEquals(mixing.grains(wave, 1, { 2, 1 }):totable(), { { -6, 4 }, { 1, 3 }, { 0, 0.5 } })
  local counted = ms.tensor { 1, 2, 3, 4, 5 }
  lu.assertEquals(mixing.grains(counted, 2, { 2, 1 }):totable(), { 3, 4, 1, 2, 5 })
  lu.assertTrue(mixing.mono(wave) == wave)
  lu.assertEquals(wave:totable(), { { 2, 2 }, { -1, -1 }, { 0.25, 0.25 } })
end

function T.test_waves_that_do_not_fit_raise()
  lu.assertErrorMsgContains("stereo", mixing.add, mixing.silence(10, 1), mixing.silence(10, 2))
  lu.assertErrorMsgContains("1 or 2 channels", mixing.rms, ms.zeros { 2, 2, 2 })
  mixing.add(mixing.silence(10, 2), mixing.silence(10, 1), math.mininteger)
  mixing.add(mixing.silence(10, 2), mixing.silence(10, 1), math.maxinteger)
end

-- The waves that voices write are read whole or not at all.
function T.test_wave_files_are_read_and_refused()
  local path = os.tmpname()
  assert(waves.write(path, mixing.quantise(sine(100, 1000)), 44100))
  local wave, rate = waves.read(path)
  lu.assertEquals({ wave:size(1), rate }, { 100, 44100 })
  local bytes = ms.sys.read_file(path)
  assert(tools.write(path, bytes:sub(1, 150)))
  lu.assertNil(waves.read(path))
  os.remove(path)
end

return T
