--- Damaged, short, silent and missing clips; the cache of checks; the 16 kHz copies.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"

local tests = {}

-- ---- checks and the 16 kHz copies ----

-- Cuts the last part of a file off.
local function truncate(path, share)
  local content = assert(ms.sys.read_file(path))
  assert(ms.sys.write_file(path, content:sub(1, math.floor(#content * share))))
end

local function planted(dir)
  local rows = tools.genre_rows()
  for id = 20, 25 do rows[#rows + 1] = { id, "training", "medium", "Rock" } end
  tools.genre_set(dir, rows, 5)
  local function path(id) return ("%s/fma_medium/000/%06d.mp3"):format(dir, id) end
  truncate(path(20), 0.5)                              -- goes on declaring its full length
  tools.write(path(21), tools.noise(1))                            -- short
  tools.write(path(22), ms.zeros { 5 * tools.RATE })               -- silent
  ms.sys.remove(path(23))                              -- missing
  ms.sys.write_file(path(24), "")                      -- empty
  ms.sys.write_file(path(25), ("no sound\n"):rep(999)) -- not audio
  return assert(ms.data.fma(dir))
end

local function reasons_by_id(set)
  local reasons = {}
  for _, entry in ipairs(set:report()) do
    reasons[tonumber(entry.id or entry.file:match "(%d+)%.mp3$")] = entry.reason
  end
  return reasons
end

local EXPECTED = { [20] = "damaged", [21] = "short", [22] = "silent", [23] = "missing",
  [24] = "unreadable", [25] = "unreadable" }

tests.check_reports_exactly_the_planted_clips = tools.in_folder(function(dir)
  local set = planted(dir)
  local seen = 0
  local checked = assert(set:check { cache = dir .. "/cache", progress = function(done, total)
    seen = seen + 1
    lu.assertEquals({ done, total }, { seen, 24 })
  end })
  lu.assertEquals(seen, 24)
  lu.assertEquals(reasons_by_id(checked), EXPECTED)
  lu.assertEquals(checked:count(), 19)
  lu.assertAlmostEquals(checked.splits.train[1].seconds, 5, 0.3)
  for _, entry in ipairs(checked:report()) do
    if entry.reason == "damaged" then lu.assertTrue(entry.decoded < entry.declared) end
    if entry.detail then lu.assertNotStrContains(entry.detail, entry.file) end
  end
  lu.assertStrContains(tostring(checked:report()), "6 left out of fma")
  lu.assertEquals(set:count(), 24) -- the original is untouched
  lu.assertNotEquals(set.hash, checked.hash)
end)

tests.check_remembers_unchanged_files = tools.in_folder(function(dir)
  local set = planted(dir)
  assert(set:check { cache = dir .. "/cache" })
  local log = dir .. "/cache/check.jsonl"
  local before = ms.sys.size(log)
  tools.text(log, assert(ms.sys.read_file(log)) .. '{"torn')
  local decoded, check = 0, ms.audio.check
  rawset(ms.audio, "check", function(...) decoded = decoded + 1 return check(...) end)
  local good, again = pcall(set.check, set, { cache = dir .. "/cache" })
  rawset(ms.audio, "check", check)
  lu.assertTrue(good, again)
  lu.assertEquals(decoded, 0)
  lu.assertEquals(reasons_by_id(again), EXPECTED)
  lu.assertTrue(ms.sys.size(log) <= before + 8)
end)

tests.check_refuses_when_nothing_is_left = tools.in_folder(function(dir)
  tools.genre_set(dir, tools.genre_rows(), 0.2)
  local set = assert(ms.data.fma(dir))
  tools.refused("the train split is empty (train 0, valid 0, test 0)", set:check())
  lu.assertEquals(assert(set:check { seconds_min = 0.1 }):count(), 19)
end)

tests.pack_writes_once_and_keeps_the_split = tools.in_folder(function(dir)
  local set = planted(dir)
  local cached = assert(ms.data.cache(set, { cache = dir .. "/cache" }))
  lu.assertEquals(reasons_by_id(cached), EXPECTED)
  lu.assertEquals(cached:count(), 19)
  lu.assertEquals(cached.hash, assert(set:check()).hash)
  local item, source = cached.splits.valid[1], set.splits.valid[1]
  lu.assertEquals(item.id, source.id)
  local about = ms.audio.info(item.path)
  lu.assertEquals({ about.rate, about.channels, about.frames }, { tools.RATE, 1, item.samples })
  local a, b = ms.audio.read(item.path), ms.audio.read(source.path, { rate = tools.RATE })
  lu.assertTrue((a - b):abs():max() <= 0.5 / 32768 + 1e-9)
  local written, write_wave = 0, ms.audio.write
  rawset(ms.audio, "write", function(...) written = written + 1 return write_wave(...) end)
  ms.sys.remove(cached.splits.test[1].path)
  local good, again = pcall(ms.data.cache, set, { cache = dir .. "/cache" })
  rawset(ms.audio, "write", write_wave)
  lu.assertTrue(good, again)
  lu.assertEquals(written, 1)
  lu.assertEquals(again.splits.test[1].path, cached.splits.test[1].path)
  lu.assertErrorMsgEquals("cache: cache = FOLDER is needed", ms.data.cache, set)
end)

-- How many copies another call writes.
local function copies_written(set, dir)
  local written, write_wave = 0, ms.audio.write
  rawset(ms.audio, "write", function(...) written = written + 1 return write_wave(...) end)
  local good, why = pcall(ms.data.cache, set, { cache = dir .. "/cache" })
  rawset(ms.audio, "write", write_wave)
  lu.assertTrue(good, why)
  return written
end

tests.damaged_copies_and_records_are_made_again = tools.in_folder(function(dir)
  local set = planted(dir)
  local cached = assert(ms.data.cache(set, { cache = dir .. "/cache" }))
  truncate(cached.splits.test[1].path, 0.9)
  lu.assertEquals(copies_written(set, dir), 1)
  for _, name in ipairs(ms.sys.list(dir .. "/cache")) do
    local path = ("%s/cache/%s"):format(dir, name)
    if name:find "%.jsonl$" then
      local text = assert(ms.sys.read_file(path))
      assert(ms.sys.write_file(path, (text:gsub('"samples": (%d)', function(digit)
        return '"samples": ' .. (digit + 1) % 10
      end)))) -- what records of copies say
    end
  end
  lu.assertEquals(copies_written(set, dir), 19)
  lu.assertEquals(copies_written(set, dir), 0)
end)

tests.pack_keeps_the_level_of_what_passes_full_scale = tools.in_folder(function(dir)
  local lines = { "path,split,labels" }
  for i, split in ipairs { "train", "train", "valid", "test" } do
    local wave = tools.noise(4)
    if i == 2 then wave = wave * (1.5 / wave:abs():max()) end
    tools.write(("%s/%d.wav"):format(dir, i), wave, { encoding = "float" })
    lines[i + 1] = ("%d.wav,%s,%s"):format(i, split, i % 2 == 0 and "x" or "y")
  end
  tools.text(dir .. "/own.csv", table.concat(lines, "\n"))
  local cached = assert(ms.data.cache(assert(ms.data.manifest(dir .. "/own.csv")),
    { cache = dir .. "/cache" }))
  for i, item in ipairs(cached.splits.train) do
    local source, kept = ms.audio.read(("%s/%d.wav"):format(dir, i)), ms.audio.read(item.path)
    lu.assertStrContains(ms.audio.info(item.path).format, i == 2 and "float" or "16 bit")
    lu.assertTrue((source - kept):abs():max() <= (i == 2 and 0 or 0.5 / 32768 + 1e-9))
  end
end)

tests.workers_find_and_write_the_same = tools.in_folder(function(dir)
  local set = planted(dir)
  local alone = assert(ms.data.cache(set, { cache = dir .. "/alone" }))
  local most = 0
  local together = assert(ms.data.cache(set, { cache = dir .. "/together", workers = 3,
    progress = function(done, total, what)
      if what == "files" then most = math.max(most, done / total) end
    end }))
  lu.assertEquals(most, 1)
  lu.assertEquals(reasons_by_id(together), EXPECTED)
  lu.assertEquals(together.hash, alone.hash)
  for i, item in ipairs(together.splits.train) do
    local other = alone.splits.train[i]
    lu.assertEquals(item.path:match "[^/]*$", other.path:match "[^/]*$")
    lu.assertTrue(ms.sys.read_file(item.path) == ms.sys.read_file(other.path))
  end
  local left = {}
  for _, name in ipairs(ms.sys.list(dir .. "/together")) do
    if #name > 2 then left[#left + 1] = name end
  end
  lu.assertEquals(left, { "cache-1.jsonl", "cache-2.jsonl", "cache-3.jsonl", "cache.jsonl",
    "check-1.jsonl", "check-2.jsonl", "check-3.jsonl", "check.jsonl" })
end)

tests.names_may_hold_any_byte = tools.in_folder(function(top)
  local dir = top .. "/odd \xff %41 'place'"
  local lines = { "path,split,labels" }
  for i, name in ipairs { "train/new\nline.wav", "train/\xe9t\xe9, \"live\".wav", "valid/a b.wav",
    "test/%41.wav" } do
    tools.write(dir .. "/" .. name, tools.noise(4))
    lines[i + 1] = ('"%s",%s,%s'):format(name:gsub('"', '""'), name:match "^%a+", i == 2 and "y"
      or "x")
  end
  tools.text(dir .. "/own.csv", table.concat(lines, "\n"))
  local set = assert(ms.data.manifest(dir .. "/own.csv"))
  local cached = assert(ms.data.cache(set, { cache = dir .. "/cache", workers = 2 }))
  lu.assertEquals(cached:count(), 4)
  lu.assertEquals(#cached:report(), 0)
  lu.assertEquals(cached.hash, set.hash)
  for _, item in ipairs(cached.splits.train) do lu.assertTrue(ms.sys.exists(item.path)) end
  lu.assertEquals(ms.sys.size(dir .. "/cache/cache.jsonl"), 1) -- the workers knew how to do it all
end)

tests.cache_reads_the_streams_of_a_stem_mp4 = tools.in_folder(function(dir)
  if ms.sys.run { "sh", "-c", "command -v ffmpeg", stdout = "/dev/null" } ~= 0 then
    lu.skip "ffmpeg is not installed"
  end
  local argv = { "ffmpeg", "-v", "error", "-nostdin" }
  for k = 1, 5 do -- each stream holds a tone of its own level
    local tone = ("sine=frequency=%d:duration=7,volume=%g"):format(200 * k, 0.25 * k)
    table.move({ "-f", "lavfi", "-i", tone }, 1, 4, #argv + 1, argv)
  end
  for k = 0, 4 do table.move({ "-map", k .. ":a" }, 1, 2, #argv + 1, argv) end
  argv[#argv + 1] = dir .. "/test/A - 1.stem.mp4"
  assert(ms.sys.mkdir(dir .. "/test"))
  lu.assertEquals(ms.sys.run(argv), 0)
  local set = assert(ms.data.musdb18(dir, { partial = true }))
  local cached = assert(ms.data.cache(set, { cache = dir .. "/cache" }))
  local item = cached.splits.test[1]
  lu.assertNil(item.streams)
  for stem, share in pairs { mixture = 1, drums = 2, bass = 3, other = 4, vocals = 5 } do
    local level = ms.audio.read(item.stems[stem]):abs():mean():item() * math.pi / 2
    lu.assertAlmostEquals(level * 32, share, 0.2, stem)
  end
  lu.assertAlmostEquals(item.seconds, 7, 0.1)
end)

return tests
