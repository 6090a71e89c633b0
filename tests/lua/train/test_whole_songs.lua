--- Scores on whole songs, and the oracle of ratio masks, against SciPy 1.17's transforms.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

-- ---- the oracle ------------------------------------------------------------------------------
-- Sources (3, 400, 2) that any program computes alike.
local function sources()
  local list = {}
  for s = 1, 3 do
    list[s] = {}
    for n = 1, 400 do
      list[s][n] = {}
      for c = 1, 2 do
        list[s][n][c] = math.sin(0.05 * s * (n - 1) * (1 + 0.3 * (c - 1))) * s
          + 0.5 * math.cos(0.7 * (n - 1) / s + c - 1)
      end
    end
  end
  return ms.tensor(list)
end

-- Source, channel, sample; with power 1, with power 2.
local EXPECTED = { { 1, 1, 101, 0.066468607, 0.084328898 }, { 2, 2, 202, 1.60775542, 1.474683518 },
  { 3, 1, 301, 0.921577021, 1.157598738 }, { 1, 2, 321, 0.18709877, 0.294187151 } }

function tests.test_the_oracle_is_that_of_scipy()
  local x = sources()
  for power = 1, 2 do
    local y = ms.evaluate.ideal_mask(x, { size = 64, power = power })
    lu.assertEquals(y:size(), { 3, 400, 2 })
    for _, row in ipairs(EXPECTED) do
      lu.assertAlmostEquals(y[{ row[1], row[3], row[2] }], row[3 + power], 2e-6)
    end
    lu.assertTrue((y:sum(1) - x:sum(1)):abs():max() < 1e-5)
  end
end

-- Stretches of 64 frames leave no seams: more samples behind do not change those before.
function tests.test_the_oracle_has_no_seams()
  local x = ms.randn({ 2, 5000 }, { seed = 1, purpose = "x" })
  local whole = ms.evaluate.ideal_mask(x, { size = 64 })
  local short = ms.evaluate.ideal_mask(x:slice(2, 1, 3000), { size = 64 })
  lu.assertEquals((whole:slice(2, 1, 2900) - short:slice(2, 1, 2900)):abs():max(), 0)
end

function tests.test_the_oracle_refuses_what_makes_no_sense()
  local x = ms.ones { 2, 100 }
  lu.assertErrorMsgContains("multiple of 4", ms.evaluate.ideal_mask, x, { size = 30 })
  lu.assertErrorMsgContains("power must be above 0", ms.evaluate.ideal_mask, x, { power = 0 })
  lu.assertErrorMsgContains("(source, sample)", ms.evaluate.ideal_mask, ms.ones { 4 })
end

-- ---- songs --------------------------------------------------------------------------------------
local STEMS = { "vocals", "drums", "bass", "other" }
local folder

-- Two songs of two seconds whose vocals are silent, and the second one's drums, too.
local function write_song(dir, seed)
  assert(ms.sys.mkdir(dir))
  local mixture = ms.zeros { 16000, 2 }
  for i, stem in ipairs(STEMS) do
    local silent = stem == "vocals" or seed == 2 and stem == "drums"
    local gain = silent and 0 or 0.1 * i
    local wave = ms.uniform({ 16000, 2 }, { seed = seed, purpose = stem }) * gain
    assert(ms.audio.write(("%s/%s.wav"):format(dir, stem), wave, 8000, { encoding = "float" }))
    mixture = mixture + wave
  end
  assert(ms.audio.write(dir .. "/mixture.wav", mixture, 8000, { encoding = "float" }))
end

local function dataset()
  folder = folder or assert(ms.sys.tempdir())
  for seed = 1, 2 do write_song(("%s/test/song %d"):format(folder, seed), seed) end
  return assert(ms.data.musdb18(folder, { partial = true }))
end

local function is_nan(x) return x ~= x end

function tests.test_songs_are_judged_frame_by_frame_and_track_by_track()
  local set, seen = dataset(), {}
  local function halved(references, rate)
    lu.assertEquals({ rate, table.unpack(references:size()) }, { 8000, 4, 16000, 2 })
    seen[#seen + 1] = references
    return references * 0.5
  end
  local scores = assert(ms.evaluate.songs(halved, set, "all", "test"))
  lu.assertEquals({ #scores.tracks, scores.tracks[2].name }, { 2, "song 2" })
  -- half of it: the error is the other half, and the scale is forgiven by SI-SDR alone
  lu.assertAlmostEquals(scores.sdr.bass, 20 * math.log(2, 10), 1e-3)
  lu.assertTrue(scores.si_sdr.bass > 100)
  lu.assertEquals(#scores.tracks[1].sdr[4], 2) -- frames of a second
  -- vocals sound nowhere; drums in the first song alone
  lu.assertTrue(is_nan(scores.sdr.vocals) and is_nan(scores.si_sdr.vocals))
  lu.assertAlmostEquals(scores.sdr.drums, 20 * math.log(2, 10), 1e-3)
  lu.assertEquals(#scores.tracks[2].sdr[3], 0)
end

function tests.test_one_source_stands_beside_the_rest()
  local set = dataset()
  local scores = assert(ms.evaluate.songs(function(references)
    return ms.evaluate.ideal_mask(references, { size = 256 })
  end, set, "bass", "test", { songs = 1, window = 0.5 }))
  lu.assertEquals(#scores.tracks, 1)
  lu.assertEquals(#scores.tracks[1].sdr[1], 4)
  lu.assertTrue(scores.sdr.bass > 0 and scores.sdr.rest > scores.sdr.bass)
end

function tests.test_separators_are_judged_as_files_are_separated()
  local set = dataset()
  ms.seed(1)
  local model = ms.models.separator { unet = ms.models.unet { widths = { 4, 4, 4, 4, 4, 4 } } }
  local scores = assert(ms.evaluate.songs(model, set, "bass", "test", { songs = 1 }))
  local song, files = nil, { folder .. "/a.wav", folder .. "/b.wav" }
  for _, item in ipairs(set:items "test") do
    if item.name == scores.tracks[1].name then song = item end
  end
  assert(ms.evaluate.separate_file(model, song.stems.mixture, files, { bits = "float" }))
  local function read(path) return (assert(ms.audio.read(path, { mono = false }))) end
  local bass = read(song.stems.bass)
  local direct = ms.metrics.bss_eval(ms.stack { bass, read(song.stems.mixture) - bass },
    ms.stack { read(files[1]), read(files[2]) }, { window = 8000 })
  for frame = 1, 2 do
    lu.assertAlmostEquals(scores.tracks[1].sdr[1][frame], direct.sdr[1][frame], 1e-9)
    lu.assertAlmostEquals(scores.tracks[1].sar[2][frame], direct.sar[2][frame], 1e-9)
  end
end

function tests.test_songs_that_cannot_be_read_are_named()
  local set = dataset()
  assert(ms.sys.write_file(set:items("test")[1].stems.bass, "no sound"))
  local nothing, why = ms.evaluate.songs(function(x) return x end, set, "bass", "test")
  lu.assertNil(nothing)
  lu.assertStrContains(why, "bass.wav")
  lu.assertErrorMsgContains("source must be", ms.evaluate.songs, function(x) return x end, set,
    "piano", "test")
end

function tests.test_zz_clean_up()
  if folder then ms.sys.run { "rm", "-r", folder } end
end

return tests
