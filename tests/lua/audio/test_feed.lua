--- Feeds: order, the same bits for any number of workers, errors, closing, memory.
local lu = require "luaunit"
local ms = require "moonstem"

local audio = ms.audio
local SAMPLES, RATE = 8000, 16000
local tests = {}
local scratch = os.tmpname()
os.remove(scratch)

-- Four files of different kinds and rates, two seconds or more each; made once.
local kinds = { { "wav", 16000 }, { "flac", 44100 }, { "mp3", 44100 }, { "ogg", 22050 } }
local files

local function make_files()
  if files then return files end
  files = {}
  for i, kind in ipairs(kinds) do
    local path, rate = ("%s-%d.%s"):format(scratch, i, kind[1]), kind[2]
    assert(audio.write(path, ms.randn { 3 * rate, 2 } * ms.tensor(0.1), rate))
    files[i] = path
  end
  return files
end

local function assert_raises(text, f, ...)
  local ok, why = pcall(f, ...)
  lu.assertFalse(ok, "should have raised: " .. text)
  lu.assertStrContains(tostring(why), text)
end

-- The k-th batch: 3 rows of 1..3 segments from here and there.
local function batch(k)
  local rows = {}
  for r = 1, 3 do
    local row = {}
    for s = 1, (k + r) % 3 + 1 do
      local at = 10 * r + s
      row[s] = {
        path = make_files()[ms.random.integer(1, "file", k, at, #kinds)],
        start = ms.random.integer(1, "start", k, at, 2 * RATE) - 1,
        weight = ms.random.uniform(1, "weight", k, at),
      }
    end
    rows[r] = row
  end
  return rows
end

local function run(options, batches)
  local feed <close> = audio.feed(options)
  for k = 1, batches do feed:push(batch(k)) end
  local bits = {}
  for k = 1, batches do bits[k] = assert(feed:pop()):bytes() end
  lu.assertEquals(feed:pending(), 0)
  return bits
end

function tests.test_order_and_bits_do_not_depend_on_the_workers()
  for _, transform in ipairs { "wave", "magnitude" } do
    local function options(workers, ahead)
      return { workers = workers, ahead = ahead, samples = SAMPLES, rate = RATE,
        transform = transform }
    end
    local alone = run(options(1, 1), 8)
    lu.assertTrue(alone[1] ~= alone[2])
    for _, o in ipairs { options(4, 3), options(2, 8), options(3, 1) } do
      local bits = run(o, 8)
      for k = 1, 8 do lu.assertTrue(bits[k] == alone[k], transform .. k) end
    end
  end
end

function tests.test_a_row_is_the_weighted_sum_of_mono_crops()
  local path = make_files()
  local feed <close> = audio.feed { samples = SAMPLES, rate = RATE }
  feed:push { { { path = path[1], start = 100, weight = 0.5 },
    { path = path[3], start = 777, weight = -2 } }, { { path = path[2], start = 5 } } }
  local x = feed:pop()
  lu.assertEquals(x:size(), { 2, SAMPLES })
  local a, b, c = audio.read(path[1], { rate = RATE }), audio.read(path[3], { rate = RATE }),
    audio.read(path[2], { rate = RATE })
  for n = 1, SAMPLES, 7 do
    lu.assertAlmostEquals(x:get(1, n), 0.5 * a:get(100 + n) - 2 * b:get(777 + n), 2e-6)
    lu.assertAlmostEquals(x:get(2, n), c:get(5 + n), 1e-6)
  end
end

function tests.test_magnitudes_are_those_of_the_waves()
  local feed <close> = audio.feed { samples = SAMPLES, rate = RATE }
  local other <close> = audio.feed { samples = SAMPLES, rate = RATE, transform = "magnitude" }
  feed:push(batch(1))
  other:push(batch(1))
  local x = other:pop()
  lu.assertEquals(x:size(), { 3, 47, 256 })
  lu.assertTrue(x:bytes() == audio.magnitude(feed:pop()):bytes())
end

function tests.test_an_error_names_its_file_and_spares_the_other_batches()
  local good = make_files()[1]
  for _, workers in ipairs { 1, 4 } do
    local feed <close> = audio.feed { samples = SAMPLES, rate = RATE, workers = workers }
    feed:push { { { path = good } } }
    feed:push { { { path = good } }, { { path = "/no/first.wav" } },
      { { path = "/no/second.wav" } } }
    feed:push { { { path = good, start = 3 * RATE - SAMPLES + 1 } } }
    feed:push { { { path = good, start = 3 * RATE - SAMPLES } } }
    lu.assertNotNil(feed:pop())
    local x, why = feed:pop()
    lu.assertNil(x)
    lu.assertStrContains(why, "/no/first.wav: No such file")
    x, why = feed:pop()
    lu.assertNil(x)
    lu.assertStrContains(why, good .. ": of 8000 samples from sample 40001 on")
    lu.assertStrContains(why, "only 7999 can be read")
    lu.assertEquals(assert(feed:pop()):size(), { 1, SAMPLES })
  end
end

function tests.test_crops_that_reach_into_silence_need_pad()
  local path = ("%s-short.wav"):format(scratch)
  assert(audio.write(path, ms.ones { 1000 }, RATE, { encoding = "float" }))
  local feed <close> = audio.feed { samples = 2000, rate = RATE, pad = true }
  feed:push { { { path = path, start = 200 } } }
  local x = assert(feed:pop())
  lu.assertEquals({ x:get(1, 800), x:get(1, 801), x:get(1, 2000) }, { 1, 0, 0 })
  assert(audio.write(path, ms.tensor { 0 / 0, 1, 1 }, RATE, { encoding = "float" }))
  feed:push { { { path = path } } }
  local y, why = feed:pop()
  lu.assertNil(y)
  lu.assertStrContains(why, path .. ": sample 0 at 16000 Hz is not a finite number")
  os.remove(path)
end

function tests.test_mistakes_raise()
  local good = make_files()[1]
  assert_raises("did you mean workers", audio.feed, { wokers = 2 })
  assert_raises("workers must be 1..64", audio.feed, { workers = 65 })
  assert_raises("workers must be 1..64", audio.feed, { workers = 0 })
  assert_raises("samples must be 1..1073741824", audio.feed, { samples = 1 << 40 })
  assert_raises("ahead must be", audio.feed, { ahead = 0 })
  assert_raises("samples must be", audio.feed, { samples = 100, transform = "magnitude" })
  assert_raises('transform must be "wave" or "magnitude"', audio.feed, { transform = "mel" })
  local feed = audio.feed { samples = SAMPLES }
  assert_raises("nothing to pop", feed.pop, feed)
  assert_raises("at least one row", feed.push, feed, {})
  assert_raises("row 2 must be a list of segments", feed.push, feed, { { { path = good } }, {} })
  assert_raises("row 1 must be a list of segments", feed.push, feed, { { path = good } })
  assert_raises("needs a path", feed.push, feed, { { {} } })
  assert_raises("did you mean start", feed.push, feed, { { { path = good, strat = 1 } } })
  assert_raises("start must be 0 or more", feed.push, feed, { { { path = good, start = -1 } } })
  assert_raises("a whole number", feed.push, feed, { { { path = good, start = 0.5 } } })
  assert_raises("weight is not a finite", feed.push, feed, { { { path = good, weight = 0 / 0 } } })
  lu.assertEquals(feed:pending(), 0)
  feed:push { { { path = good } } }
  feed:close()
  assert_raises("closed", feed.pop, feed)
  feed:close()
end

function tests.test_closing_while_workers_run()
  for k = 1, 30 do
    local feed <close> = audio.feed { samples = SAMPLES, workers = 4, ahead = 2 }
    for b = 1, 6 do feed:push(batch(b)) end
    if k % 3 == 0 then feed:pop() end
  end
  for _ = 1, 5 do -- left to the collector
    audio.feed { samples = SAMPLES, workers = 3 }:push(batch(1))
  end
  collectgarbage()
  collectgarbage()
end

function tests.test_workers_stay_within_ahead()
  collectgarbage()
  collectgarbage()
  local feed <close> = audio.feed { samples = 40000, rate = RATE, workers = 2, ahead = 2 }
  local rows = {}
  for r = 1, 20 do rows[r] = { { path = make_files()[1] } } end
  local before = ms.memory().live
  for _ = 1, 12 do feed:push(rows) end
  local most = 0
  for _ = 1, 12 do
    feed:pop():close()
    most = math.max(most, ms.memory().live - before)
  end
  -- one batch is 3.2 MB; two ahead, one just popped, and the workers' own blocks
  lu.assertTrue(most < 5 * 20 * 40000 * 4, ("%d bytes"):format(most))
end

-- Kilobytes that this process occupies.
local function resident()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmRSS:%s+(%d+)"
    if kilobytes then return tonumber(kilobytes) end
  end
end

-- A sanitizer keeps freed memory aside: what the process occupies says nothing then.
local function sanitized()
  for line in io.lines "/proc/self/maps" do
    if line:find("libasan", 1, true) then return true end
  end
  return false
end

function tests.test_memory_does_not_grow()
  local feed <close> = audio.feed { samples = SAMPLES, rate = RATE, workers = 2, ahead = 2 }
  local function turn(k)
    feed:push(batch(k))
    assert(feed:pop()):close()
    if k % 10 == 0 then collectgarbage() end
  end
  for k = 1, 60 do turn(k) end
  local before, held = resident(), ms.memory().held
  for k = 1, 240 do turn(k % 60 + 1) end
  lu.assertTrue(ms.memory().held - held < 1 << 20)
  if sanitized() then return end
  lu.assertTrue(resident() - before < 8 * 1024, ("%d kB more"):format(resident() - before))
end

function tests.test_zz_remove_the_files()
  for _, path in ipairs(files or {}) do os.remove(path) end
  files = nil
end

return tests
