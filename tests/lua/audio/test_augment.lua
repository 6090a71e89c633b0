--- ms.audio.augment: what each effect does; its numbers depend on seed, epoch and clip alone.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}
local RATE = 16000

local function tone(hertz, seconds)
  local y = {}
  for n = 1, math.floor(seconds * RATE) do
    y[n] = 0.3 * math.sin(2 * math.pi * hertz * (n - 1) / RATE)
  end
  return ms.tensor(y)
end

local function power(x) return x:square():mean():item() end
local function decibels(a, b) return 10 * math.log(a / b, 10) end
local function only(...) return ms.audio.augment { { ... } } end

-- An entry with its options fixed.
local function with(name, options)
  options[1] = name
  return ms.audio.augment { options }
end

function tests.test_gain_polarity_and_noise()
  local y = tone(440, 0.5)
  lu.assertAlmostEquals(decibels(power(with("gain", { db = 3 })(y)), power(y)), 3, 1e-4)
  lu.assertEquals(with("polarity", { p = 1 })(y):totable(), (-y):totable())
  local noise = with("noise", { snr = 10 })(y) - y
  lu.assertAlmostEquals(decibels(power(y), power(noise)), 10, 0.2)
  lu.assertEquals(with("noise", { snr = 10 })(y * 0):abs():max(), 0) -- nothing to compare with
end

function tests.test_what_is_drawn_lies_in_the_range()
  local y, a, low, high = ms.ones { 10 }, with("gain", { db = { -6, 12 } }), 100, -100
  for clip = 1, 200 do
    local db = decibels(power(a(y, { clip = clip })), 1)
    low, high = math.min(low, db), math.max(high, db)
  end
  lu.assertTrue(low >= -6.001 and low < -5 and high <= 12.001 and high > 11, low .. " " .. high)
  local kept = 0
  for clip = 1, 400 do
    if with("polarity", { p = 0.25 })(y, { clip = clip }):get(1) < 0 then kept = kept + 1 end
  end
  lu.assertAlmostEquals(kept, 100, 30)
end

function tests.test_numbers_depend_on_seed_epoch_and_clip_alone()
  local y = ms.randn { 2, 8000 } * 0.1
  local a = ms.audio.augment { { "gain" }, { "noise" }, { "filter" }, { "shift" }, { "room" },
    { "crop", seconds = 0.25 } }
  local first = a(y, { seed = 3, epoch = 2, clip = 5 }):bytes()
  ms.randn { 7 }
  lu.assertEquals(a:wave(y, { seed = 3, epoch = 2, clip = 5 }):bytes(), first)
  for _, other in ipairs { { seed = 4, epoch = 2, clip = 5 }, { seed = 3, epoch = 3, clip = 5 },
    { seed = 3, epoch = 2, clip = 6 } } do
    lu.assertNotEquals(a(y, other):bytes(), first)
  end
  -- an effect's numbers do not depend on those before it
  local b = ms.audio.augment { { "polarity", p = 0 }, { "gain" } }
  local c = ms.audio.augment { { "noise", p = 0 }, { "gain" } }
  lu.assertEquals(b(y):bytes(), c(y):bytes())
end

function tests.test_filters()
  local low, high = tone(100, 0.5), tone(6000, 0.5)
  local function change(kind, y, more)
    local o = ms.options.merge({ kind = kind, hertz = 1000 }, more or {})
    local z = with("filter", o)(y)
    return decibels(power(z:slice(1, 4000, 8000)), power(y))
  end
  lu.assertAlmostEquals(change("lowpass", low), 0, 0.1)
  lu.assertTrue(change("lowpass", high) < -30)
  lu.assertAlmostEquals(change("highpass", high), 0, 0.1)
  lu.assertTrue(change("highpass", low) < -35)
  lu.assertAlmostEquals(change("bandpass", tone(1000, 0.5), { q = 5 }), 0, 0.1)
  lu.assertTrue(change("bandpass", low, { q = 5 }) < -20)
  lu.assertAlmostEquals(change("peak", tone(1000, 0.5), { db = 6 }), 6, 0.1)
  lu.assertAlmostEquals(change("low_shelf", low, { db = -6 }), -6, 0.2)
  lu.assertAlmostEquals(change("low_shelf", high, { db = -6 }), 0, 0.2)
  lu.assertAlmostEquals(change("high_shelf", high, { db = 4 }), 4, 0.2)
end

function tests.test_shift_and_crop()
  local y = ms.tensor { 1, 2, 3, 4, 5 }
  local a = ms.audio.augment { { "shift", seconds = 2 }, rate = 1 }
  lu.assertEquals(a(y):totable(), { 4, 5, 1, 2, 3 })
  a = ms.audio.augment { { "shift", seconds = -1, fill = "zeros" }, rate = 1 }
  lu.assertEquals(a(y):totable(), { 2, 3, 4, 5, 0 })
  a = ms.audio.augment { { "shift", seconds = 9, fill = "zeros" }, rate = 1 }
  lu.assertEquals(a(y):totable(), { 0, 0, 0, 0, 0 })
  a = ms.audio.augment { { "crop", seconds = 3 }, rate = 1 }
  local seen = {}
  for clip = 1, 50 do
    local z = a(y, { clip = clip }):totable()
    lu.assertEquals(#z, 3)
    lu.assertEquals(z[3], z[1] + 2)
    seen[z[1]] = true
  end
  lu.assertEquals(seen, { true, true, true })
  lu.assertEquals(a(ms.tensor { 1, 2 }):totable(), { 1, 2 })
end

-- The frequency of a tone, by its crossings of zero in the middle.
local function frequency(y)
  local n, count = y:count(), 0
  local list = y:slice(1, n // 4, 3 * n // 4):totable()
  for k = 2, #list do
    if (list[k] >= 0) ~= (list[k - 1] >= 0) then count = count + 1 end
  end
  return count * RATE / (2 * #list)
end

function tests.test_stretch_pitch_room_and_codecs_keep_the_size()
  local y = tone(500, 1)
  local z = with("pitch", { semitones = 12 })(y)
  lu.assertEquals(z:size(), { RATE })
  lu.assertAlmostEquals(frequency(z), 1000, 20)
  z = with("stretch", { speed = 2 })(y)
  lu.assertEquals(z:size(), { RATE })
  lu.assertAlmostEquals(frequency(z:slice(1, 1, 8000)), 500, 10)
  lu.assertEquals(z:slice(1, 8001, RATE):abs():max(), 0)
  local click = ms.zeros { RATE }
  click:set(1, 1)
  z = with("room", { time = 0.3, wet = 0.5 })(click)
  lu.assertEquals(z:get(1), 1)
  lu.assertAlmostEquals((z - click):square():sum():item(), 0.25, 0.05)
  local early, late = power(z:slice(1, 1000, 3000)), power(z:slice(1, 5800, 7800))
  lu.assertAlmostEquals(decibels(early, late), 60, 6) -- after 0.3 seconds
  local both = ms.ops.cat({ y:reshape(1, -1), (y * 0.5):reshape(1, -1) }, 1)
  for _, kind in ipairs { "mp3", "ogg", "opus" } do
    z = with("codec", { kind = kind, quality = 0.9 })(both)
    lu.assertEquals(z:size(), { 2, RATE })
    local off = (z - both):slice(2, 4000, 12000)
    lu.assertTrue(decibels(power(both), power(off)) > 20, kind) -- in its place
    lu.assertEquals(with("codec", { kind = kind, quality = 0.9 })(both):bytes(), z:bytes())
  end
end

-- ---- spectrograms and batches ------------------------------------------------------------------
function tests.test_masks()
  local a = ms.audio.augment { { "time_mask", frames = 4, count = 1 },
    { "frequency_mask", bins = 3, count = 1 } }
  local x = ms.ones { 3, 20, 10 }
  local where = { { clip = 1 }, { clip = 2 }, { clip = 3 } }
  local z = a:spectra(x, where)
  for k = 1, 3 do
    local one = z:slice(1, k, k):reshape(20, 10)
    lu.assertEquals(one:sum():item(), 16 * 7)
    lu.assertEquals(one:totable(), a:spectra(ms.ones { 20, 10 }, where[k]):totable())
  end
  lu.assertNotEquals(z:slice(1, 1, 1):totable(), z:slice(1, 2, 2):totable())
  x = ms.ones { 20, 10 }:needs_grad()
  a:spectra(x):sum():backward()
  lu.assertEquals(x.grad:sum():item(), 16 * 7)
  lu.assertErrorMsgContains("a list of where they come from", a.spectra, a, ms.ones { 3, 20, 10 })
end

function tests.test_mixup_and_cutmix()
  local rows, targets = {}, {}
  for k = 1, 6 do
    rows[k], targets[k] = {}, {}
    for t = 1, 8 do rows[k][t] = k end
    for c = 1, 6 do targets[k][c] = c == k and 1 or 0 end
  end
  local x, y = ms.tensor(rows), ms.tensor(targets)
  local numbers = ms.tensor { 1, 2, 3, 4, 5, 6 }:reshape(6, 1)
  for _, name in ipairs { "mixup", "cutmix" } do
    local a = only(name)
    local z, shares = a:mix(x, y, { seed = 2, clip = 1 })
    for k, v in ipairs(shares:sum(2):totable()) do lu.assertAlmostEquals(v, 1, 1e-5, k) end
    -- a row's mean is the classes' mean by their shares
    local off = (z:mean(2) - shares:matmul(numbers):reshape(6)):abs():max()
    lu.assertTrue(off < 1e-5, name)
    lu.assertTrue((z - x):abs():max() > 0, name)
    lu.assertEquals(a:mix(x, y, { seed = 2, clip = 1 }):bytes(), z:bytes())
    lu.assertNotEquals(a:mix(x, y, { seed = 2, clip = 2 }):bytes(), z:bytes())
  end
end

-- ---- loaders and tasks -----------------------------------------------------------------------
function tests.test_any_number_of_workers_gives_the_same_bits()
  local a = ms.audio.augment { { "gain" }, { "pitch", p = 0.5 }, { "noise" }, { "codec", p = 0.5 } }
  local function bits(workers)
    local loader = ms.data.loader { items = 5, batch = 2, seed = 4, workers = workers,
      load = function(i, draw) return { wave = a(tone(100 * i, 0.3), draw) } end }
    local list = {}
    for epoch = 1, 2 do
      for batch in loader:epoch(epoch) do list[#list + 1] = batch.wave:bytes() end
    end
    return list
  end
  local alone = bits(0)
  lu.assertEquals(bits(2), alone)
  lu.assertNotEquals(alone[1], alone[4])
end

local folder

function tests.setup() folder = assert(ms.sys.tempdir()) end
function tests.teardown() ms.sys.run { "rm", "-r", folder } end

local function dataset()
  local lines = { "path,split,labels" }
  for k, split in ipairs { "train", "train", "train", "train", "valid", "test" } do
    assert(ms.audio.write(("%s/%d.wav"):format(folder, k), tone(200 * k, 1.5), RATE))
    lines[k + 1] = ("%d.wav,%s,%s"):format(k, split, k % 2 == 0 and "p" or "q")
  end
  assert(ms.sys.write_file(folder .. "/list.csv", table.concat(lines, "\n") .. "\n"))
  return assert(ms.data.manifest(folder .. "/list.csv", { partial = true }))
end

-- The magnitudes that a task's model sees in a step.
local function seen(task, step)
  local feeder = require("moonstem.train.feeder").open(task, step)
  local x, batch = feeder:pop()
  local got
  task:loss(function(magnitude)
    got = magnitude:bytes()
    return magnitude:mean(2):slice(2, 1, 2)
  end, x, batch)
  getmetatable(feeder).__close(feeder)
  return got
end

function tests.test_a_task_changes_its_training_clips()
  local data = dataset()
  local function task(augment)
    return assert(ms.train.tagging_task(data, { batch = 4, frames = 64, augment = augment }))
  end
  local plain = seen(task(), 0)
  lu.assertEquals(seen(task(ms.audio.augment { { "gain", p = 0 } }), 0), plain)
  for _, effects in ipairs { { { "gain" } }, { { "time_mask", frames = 9 } }, { { "mixup" } },
    { { "noise" }, { "frequency_mask", bins = { 5, 9 } }, { "cutmix" } } } do
    local changed = seen(task(effects), 0)
    lu.assertNotEquals(changed, plain)
    lu.assertEquals(seen(task(effects), 0), changed)
    lu.assertNotEquals(seen(task(effects), 1), changed)
  end
  lu.assertEquals(task { { "gain" } }.options.augment.effects[1].db, { -6, 6 })
end

function tests.test_mistakes()
  local function raises(text, list)
    lu.assertErrorMsgContains(text, ms.audio.augment, list)
  end
  raises("there is no effect gian; did you mean gain?", { { "gian" } })
  raises("augment: gain: there is no option bd; there are db and p", { { "gain", bd = 3 } })
  raises("gain: db must be a number or {low, high} within -120 to 120",
    { { "gain", db = { 3, 1 } } })
  raises('entry 2 must be { "name", option = value }', { { "gain" }, "noise" })
  raises("audio.augment: there is no option rat; did you mean rate?", { rat = 3 })
  raises("option p must be a number from 0 to 1", { { "gain", p = 2 } })
  lu.assertErrorMsgContains("there is no option epohc; did you mean epoch?", only "gain",
    ms.ones { 2 }, { epohc = 2 })
  lu.assertErrorMsgContains("epoch and clip must be 0 or more", only "gain", ms.ones { 2 },
    { clip = -1 })
end

return tests
