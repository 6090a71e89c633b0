--- Writing sound: the nearest whole numbers, one level, the same bytes, whole files or none.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "audio_tools"

local audio = ms.audio
local name, contents, clean, wave_of = tools.name, tools.contents, tools.clean, tools.wave_of
local sine, largest_difference, flat, assert_raises, assert_refuses =
  tools.sine, tools.largest_difference, tools.flat, tools.assert_raises, tools.assert_refuses
local tests = {}

function tests.test_lossless_files_keep_their_samples()
  local x = sine(440, 16000, 8000)
  for ending, worst in pairs { wav = 2 ^ -15, flac = 2 ^ -15, aiff = 2 ^ -15 } do
    local path = name(ending)
    lu.assertTrue(audio.write(path, x, 16000))
    local y, rate, notice = audio.read(path)
    lu.assertEquals(rate, 16000)
    lu.assertNil(notice)
    lu.assertEquals(y:size(), { 8000 })
    lu.assertTrue(largest_difference(flat(x), flat(y)) <= worst, ending)
  end
  local path = name "wav"
  assert(audio.write(path, x, 16000, { encoding = "float" }))
  lu.assertTrue(audio.read(path):bytes() == x:bytes())
  assert(audio.write(path, x, 16000, { encoding = "int24" }))
  lu.assertTrue(largest_difference(flat(x), flat(audio.read(path))) <= 2 ^ -23)
  clean()
end

function tests.test_lossy_files_sound_alike_and_keep_their_length()
  local x = sine(440, 48000, 48000)
  for _, ending in ipairs { "ogg", "opus", "mp3" } do
    local path = name(ending)
    lu.assertTrue(audio.write(path, x, 48000, { quality = 0.9 }))
    local y = audio.read(path)
    lu.assertEquals(y:size(), { 48000 }, ending)
    lu.assertTrue(largest_difference(flat(x), flat(y), 5000, 43000) < 0.03, ending)
  end
  clean()
end

local STEPS = { int16 = 1 << 15, int24 = 1 << 23 }

function tests.test_whole_numbers_are_the_nearest_ones()
  ms.seed(1)
  local x = ms.uniform { 50000 } - 0.5
  for _, ending in ipairs { "wav", "aiff", "flac" } do
    for encoding, steps in pairs(STEPS) do
      local path = name(ending)
      assert(audio.write(path, x, 16000, { encoding = encoding }))
      local off = (audio.read(path) - x) * steps
      lu.assertTrue(math.abs(off:mean():item()) < 0.02, ending .. encoding)
      lu.assertTrue(off:abs():max() < 0.51, ending .. encoding)
    end
  end
  local path = name "wav"
  assert(audio.write(path, ms.tensor { -1e-9, 1e-9, 0.5 / 32768, 1.5 / 32768, -0.75 / 32768, 1,
    -1 }, 16000))
  lu.assertEquals((audio.read(path) * 32768):totable(), { 0, 0, 0, 2, -1, 32767, -32768 })
  clean()
end

function tests.test_whole_numbers_that_are_read_and_written_stay_as_they_are()
  for encoding, steps in pairs(STEPS) do
    local path, again = name "wav", name "wav"
    local hop = steps // 16384 + 1 -- all of 16 bits would do; of 24 a part
    local x = wave_of(2 * steps // hop, function(n) return (n * hop - steps) / steps end)
    assert(audio.write(path, x, 16000, { encoding = encoding }))
    local y = audio.read(path)
    lu.assertTrue(y:bytes() == x:bytes())
    assert(audio.write(again, y, 16000, { encoding = encoding }))
    lu.assertTrue(contents(again) == contents(path))
  end
  clean()
end

function tests.test_a_wave_above_full_scale_is_scaled_as_a_whole_and_says_so()
  local loud = ms.tensor { 2, -1, 0.5, 0 }
  for _, ending in ipairs { "wav", "flac", "aiff" } do
    local path = name(ending)
    local good, notice = audio.write(path, loud, 8000)
    lu.assertTrue(good)
    lu.assertStrContains(notice, path
      .. ": the wave peaks at 2, above full scale; all of it was scaled by 0.5")
    lu.assertStrContains(notice, 'encoding = "float"')
    lu.assertEquals((audio.read(path) * 32768):totable(), { 32767, -16384, 8192, 0 })
  end
  local path = name "wav"
  lu.assertEquals({ audio.write(path, loud, 8000, { encoding = "float" }) }, { true })
  lu.assertEquals(audio.read(path):totable(), { 2, -1, 0.5, 0 })
  lu.assertEquals({ audio.write(path, loud / 2, 8000) }, { true }) -- full scale itself is within
  -- as what rounding brings back
  lu.assertEquals({ audio.write(path, loud * 0.500005, 8000) }, { true })
  lu.assertEquals((audio.read(path) * 32768):totable(), { 32767, -16384, 8192, 0 })
  local soft = name "ogg"
  local tone = sine(440, 48000, 48000, 1.6)
  local _, notice = audio.write(soft, tone, 48000, { quality = 0.9 })
  lu.assertStrContains(notice, "scaled by 0.625")
  lu.assertTrue(largest_difference(flat(tone / 1.6), flat(audio.read(soft)), 5000, 43000) < 0.03)
  clean()
end

function tests.test_two_writes_give_the_same_bytes()
  local x = ms.randn { 48000, 2 } * 0.1
  for _, case in ipairs { { "wav" }, { "wav", "float" }, { "aiff", "float" }, { "flac", "int24" },
    { "ogg" }, { "opus" }, { "mp3" } } do
    local path, bytes = name(case[1]), {}
    for i = 1, 2 do
      assert(audio.write(path, x, 48000, { encoding = case[2] }))
      bytes[i] = contents(path)
    end
    lu.assertTrue(bytes[1] == bytes[2], table.concat(case, " "))
    lu.assertNil(bytes[1]:find("PEAK", 1, true)) -- libsndfile's chunk that holds the time of day
  end
  clean()
end

function tests.test_a_sink_writes_what_write_writes()
  local x = ms.randn { 30000, 2 } * 0.1
  for _, case in ipairs { { "wav" }, { "wav", "float" }, { "flac", "int24" }, { "ogg" } } do
    local path, piecewise = name(case[1]), name(case[1])
    assert(audio.write(path, x, 16000, { encoding = case[2] }))
    local sink <close> = assert(audio.create(piecewise, 16000,
      { channels = 2, encoding = case[2] }))
    for at = 1, 30000, 7001 do
      lu.assertTrue(sink:write(x:slice(1, at, math.min(30000, at + 7000))) == sink)
    end
    lu.assertNil(io.open(piecewise))
    lu.assertEquals({ sink:finish() }, { true })
    lu.assertTrue(contents(path) == contents(piecewise), table.concat(case, " "))
    assert_raises("closed", sink.write, sink, x)
  end
  clean()
end

function tests.test_a_sink_that_is_not_finished_leaves_nothing()
  local folder = name "d"
  assert(ms.sys.mkdir(folder))
  local path = folder .. "/a.wav"
  do
    local sink <close> = assert(audio.create(path, 16000))
    assert(sink:write(ms.zeros { 5000 }))
    assert_raises("the file has 1 channels, the wave 2", sink.write, sink, ms.zeros { 5, 2 })
    assert_refuses("is writing it already", audio.create, path, 16000)
    assert_refuses("is writing it already", audio.write, path, ms.zeros { 5 }, 16000)
    assert_refuses("sample 5003 of the wave is not a finite number", sink.write, sink,
      ms.tensor { 0, 0, 0 / 0 })
  end
  lu.assertEquals(ms.sys.list(folder), {})
  local sink = assert(audio.create(path, 16000))
  assert(sink:write(ms.tensor { 0.5, 1.5, -3 }))
  local good, notice = sink:finish()
  lu.assertTrue(good)
  lu.assertStrContains(notice, "2 samples above full scale were clipped, the wave peaks at 3")
  lu.assertEquals((audio.read(path) * 32768):totable(), { 16384, 32767, -32768 })
  lu.assertEquals(ms.sys.list(folder), { "a.wav" })
  assert_raises("channels must be 1..64", audio.create, path, 16000, { channels = 65 })
  assert_raises("quality must be 0..1", audio.create, path, 16000, { quality = -1 })
  assert_refuses("must end in .wav", audio.create, folder .. "/a.xyz", 16000)
  os.remove(path)
  clean()
end

function tests.test_writing_refuses_what_cannot_be_written()
  local x, path = sine(440, 16000, 100), name "wav"
  assert_refuses("is not a finite number", audio.write, path, ms.tensor { 0, 0 / 0 }, 8000)
  assert_refuses("must end in .wav", audio.write, name "xyz", x, 16000)
  assert_refuses("No such file", audio.write, "/no/such/folder/a.wav", x, 16000)
  assert_refuses("cannot hold", audio.write, name "mp3", ms.zeros { 10, 7 }, 16000)
  assert_refuses(".mp3 files cannot have 96000 Hz", audio.write, name "mp3", x, 96000)
  assert_refuses("no encoding to choose", audio.write, name "mp3", x, 16000, { encoding = "int16" })
  assert_raises("did you mean encoding", audio.write, path, x, 16000, { encodin = "int16" })
  assert_raises("encoding must be", audio.write, path, x, 16000, { encoding = "int8" })
  assert_raises("quality must be 0..1", audio.write, path, x, 16000, { quality = 2 })
  assert_raises("quality must be 0..1", audio.write, path, x, 16000, { quality = -1 })
  assert_raises("(sample, channel)", audio.write, path, ms.zeros { 1, 500 }, 16000)
  for _, rate in ipairs { 0, 999 } do -- what is written can be read
    assert_raises("rate must be 1000..1000000", audio.write, path, x, rate)
    assert_raises("rate must be 1000..1000000", audio.create, path, rate)
  end
  assert(audio.write(path, x, 1000))
  lu.assertEquals(audio.info(path).rate, 1000)
  os.remove(path)
  lu.assertNil(io.open(path))
  clean()
end

return tests
