--- Data sets: CSV, the loaders, damaged clips, the pack, plans of batches. All on tiny sets made here.
local lu = require "luaunit"
local ms = require "moonstem"
local csv = require "moonstem.data.csv"

local tests = {}
local RATE = 16000

-- ---- tools ----

local function noise(seconds, rate)
  return ms.randn { math.floor(seconds * (rate or RATE)) } * 0.1
end

local function write(path, wave, options, rate)
  assert(ms.sys.mkdir(path:match "^(.*)/"))
  assert(ms.audio.write(path, wave, rate or RATE, options))
end

local function text(path, content)
  assert(ms.sys.mkdir(path:match "^(.*)/"))
  assert(ms.sys.write_file(path, content))
end

local function remove(path)
  if ms.sys.is_dir(path) then
    for _, name in ipairs(ms.sys.list(path)) do remove(path .. "/" .. name) end
  end
  ms.sys.remove(path)
end

-- Runs `body` with a new folder that is removed afterwards, whatever happens.
local function in_folder(body)
  return function()
    local folder = assert(ms.sys.tempdir())
    local good, why = xpcall(body, function(e)
      return type(e) == "string" and debug.traceback(e) or e
    end, folder)
    remove(folder)
    if not good then error(why, 0) end
  end
end

local function refused(sentence, value, why)
  lu.assertNil(value)
  lu.assertStrContains(why, sentence)
end

local function ids(items)
  local list = {}
  for i, item in ipairs(items) do list[i] = item.id end
  return list
end

-- ---- CSV ----

function tests.csv_reads_what_rfc_4180_allows()
  local rows = csv.parse 'a,b,c\r\n"1,2","x ""q"" y","l1\nl2"\r\n,,\n\n"","",z'
  lu.assertEquals(rows,
    { { "a", "b", "c" }, { "1,2", 'x "q" y', "l1\nl2" }, { "", "", "" }, { "", "", "z" } })
  lu.assertEquals(csv.parse '\xEF\xBB\xBFa\tb\n"x\ty"\t1\n', { { "a", "b" }, { "x\ty", "1" } })
  lu.assertEquals(csv.parse 'a\n"""quoted"""\n"a\r\nb"', { { "a" }, { '"quoted"' }, { "a\r\nb" } })
  lu.assertEquals(csv.parse "", {})
end

function tests.csv_errors_name_line_and_field()
  refused("csv: line 3, field 2: a quoted field that is never closed", csv.parse 'a,b\n1,2\n3,"4\n5')
  refused("t: line 2, field 1: a quote inside an unquoted field", csv.parse('a,b\n1"2,3', { name = "t" }))
  refused('line 4, field 1: text after the closing quote', csv.parse 'a,b\n1,"2\n2"\n"3"z,4\n')
  refused("cannot read", csv.read "/nonexistent/x.csv")
  local next_row = csv.rows("a,b\n1,2\n\"3\n3\",4\n5\n", { name = "t" })
  lu.assertEquals(next_row(), { "1", "2" })
  lu.assertEquals(next_row(), { "3\n3", "4" })
  lu.assertEquals({ next_row() }, { nil, "t: line 5: 1 fields, but the header has 2" })
  lu.assertNil(next_row())
end

function tests.csv_rows_keep_only_the_columns_asked_for()
  local source = 'a,b,c\n"1 ""one""\n","2,""2",3\n4,5,6'
  local next_row, header = csv.rows(source, { columns = { 2, 3 } })
  lu.assertEquals(header, { { "a", "b", "c" } })
  local fields, position = next_row()
  lu.assertEquals(fields, { '2,"2', "3" })
  lu.assertEquals(csv.line(source, position), 2)
  lu.assertEquals(next_row(), { "5", "6" })
  lu.assertNil(next_row())
end

-- ---- musdb18 ----

local STEMS = { "vocals", "other", "drums", "bass" }

local function song(folder, seconds)
  local mixture
  for _, stem in ipairs(STEMS) do
    local wave = noise(seconds)
    mixture = mixture and mixture + wave or wave
    write(("%s/%s.wav"):format(folder, stem), wave, { encoding = "float" })
  end
  write(folder .. "/mixture.wav", mixture, { encoding = "float" })
end

local function song_set(dir, seconds, names)
  for _, name in ipairs(names or { "A - 1", "B - 2", "C - 3", "D - 4" }) do
    song(("%s/train/%s"):format(dir, name), seconds)
  end
  song(dir .. "/test/E - 5", seconds)
end

tests.musdb18_folders_of_wav = in_folder(function(dir)
  song_set(dir, 0.1)
  local set = assert(ms.data.musdb18(dir))
  lu.assertEquals(set.kind, "songs")
  lu.assertEquals(ids(set.splits.train), { "train/A - 1", "train/B - 2", "train/D - 4" })
  lu.assertEquals(ids(set.splits.valid), { "train/C - 3" })
  lu.assertEquals(set.splits.test[1].stems.vocals, dir .. "/test/E - 5/vocals.wav")
  lu.assertStrContains(tostring(set), "musdb18: 5 songs (train 3, valid 1, test 1); split ")
  lu.assertStrContains(tostring(set), "none of the 14 validation songs is here")
  ms.sys.remove(dir .. "/train/A - 1/bass.wav")
  set = assert(ms.data.musdb18(dir))
  lu.assertEquals(#set:report(), 1)
  lu.assertEquals(set:report()[1].reason, "missing")
  lu.assertEquals(set:report()[1].file, dir .. "/train/A - 1/bass.wav")
end)

tests.musdb18_validation_by_name_or_folder = in_folder(function(dir)
  song_set(dir, 0.1, { "A - 1", "ANiMAL - Rockshow", "Leaf - Summerghost" })
  local set = assert(ms.data.musdb18(dir))
  lu.assertEquals(ids(set.splits.valid), { "train/ANiMAL - Rockshow", "train/Leaf - Summerghost" })
  lu.assertEquals(set.notes, {})
  song(dir .. "/valid/F - 6", 0.1)
  set = assert(ms.data.musdb18(dir))
  lu.assertEquals(#set.splits.train, 3)
  lu.assertEquals(#set.splits.valid, 1)
end)

tests.musdb18_stem_mp4 = in_folder(function(dir)
  for _, name in ipairs { "train/A - 1", "train/B - 2", "test/C - 3" } do
    text(("%s/%s.stem.mp4"):format(dir, name), "x")
  end
  local set = assert(ms.data.musdb18(dir))
  local item = set.splits.test[1]
  lu.assertEquals(item.name, "C - 3")
  lu.assertEquals(item.stems.bass, dir .. "/test/C - 3.stem.mp4")
  lu.assertEquals(item.streams, { mixture = 0, drums = 1, bass = 2, other = 3, vocals = 4 })
end)

tests.wrong_folders_are_refused_with_found_and_expected = in_folder(function(dir)
  text(dir .. "/holiday/photo.jpg", "x")
  for loader, expected in pairs { musdb18 = "DIR/train/<Artist - Title>",
    mtat = "DIR/annotations_final.csv", fma = "DIR/fma_metadata/tracks.csv" } do
    local set, why = ms.data[loader](dir)
    lu.assertNil(set)
    lu.assertStrContains(why, "found in " .. dir .. ": holiday")
    lu.assertStrContains(why, "expected layout:")
    lu.assertStrContains(why, expected)
    refused("does not exist", ms.data[loader](dir .. "/nowhere"))
  end
  song(dir .. "/train/A - 1", 0.1)
  refused("the valid split is empty (train 1, valid 0, test 0)", ms.data.musdb18(dir))
  lu.assertEquals(assert(ms.data.musdb18(dir, { partial = true })):count(), 1)
  lu.assertErrorMsgEquals("musdb18: unknown option partal, did you mean partial?",
    ms.data.musdb18, dir, { partal = true })
end)

-- ---- MagnaTagATune ----


-- annotations_final.csv with all 50 tags in another order plus some outside the top 50.
local function annotations(rows, names)
  local header = { "clip_id" }
  for _, name in ipairs(names) do header[#header + 1] = name end
  header[#header + 1] = "mp3_path"
  local lines = { '"' .. table.concat(header, '"\t"') .. '"' }
  for i, row in ipairs(rows) do
    local fields, has = { tostring(i) }, {}
    for _, tag in ipairs(row.tags) do has[tag] = true end
    for _, name in ipairs(names) do fields[#fields + 1] = has[name] and "1" or "0" end
    fields[#fields + 1] = row.path
    lines[#lines + 1] = '"' .. table.concat(fields, '"\t"') .. '"'
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The 50 names as the loader has them, from an accepted set: sorted they serve as another order.
local function tag_names(dir)
  local source = assert(ms.sys.read_file(package.searchpath("moonstem.data.mtat", package.path)))
  local names, counts = {}, {}
  for name, valid, test in source:gmatch '{ "([%a ]+)", (%d+), (%d+) }' do
    names[#names + 1] = name
    counts[#counts + 1] = { valid = tonumber(valid), test = tonumber(test) }
  end
  return names, counts, dir
end

local function shuffled_columns()
  local columns = tag_names()
  lu.assertEquals(#columns, 50)
  for _, other in ipairs { "clasical", "harpsicord", "zither" } do columns[#columns + 1] = other end
  table.sort(columns)
  return columns
end

-- A set whose train split has every tag: clip k of folder a carries tags k, k + 10, ...
local function tag_set(dir, seconds)
  local names, rows = tag_names(), {}
  for k = 1, 10 do
    local tags = {}
    for t = k, 50, 10 do tags[#tags + 1] = names[t] end
    rows[k] = { path = ("a/clip%02d-0-29.mp3"):format(k), tags = tags }
  end
  for _, folder in ipairs { "c", "c", "d", "f" } do
    rows[#rows + 1] = { path = ("%s/clip%02d-0-29.mp3"):format(folder, #rows), tags = { "guitar", "zither" } }
  end
  for _, row in ipairs(rows) do
    write(dir .. "/" .. row.path:gsub("mp3$", "wav"), noise(seconds))
    ms.sys.rename(dir .. "/" .. row.path:gsub("mp3$", "wav"), dir .. "/" .. row.path)
  end
  return rows
end

tests.mtat_split_columns_and_untagged_clips = in_folder(function(dir)
  local rows = tag_set(dir, 0.1)
  rows[#rows + 1] = { path = "b/untagged.mp3", tags = { "zither", "clasical" } }
  rows[#rows + 1] = { path = "b/gone.mp3", tags = { "choral", "guitar" } }
  rows[#rows + 1] = { path = "6/norine_braun-now_and_zen-08-gently-117-146.mp3", tags = { "guitar" } }
  text(dir .. "/annotations_final.csv", annotations(rows, shuffled_columns()))
  local set = assert(ms.data.mtat(dir))
  lu.assertEquals(#set.classes, 50)
  lu.assertEquals({ set.classes[1], set.classes[22], set.classes[48], set.classes[49], set.classes[50] },
    { "guitar", "no vocals", "female voice", "metal", "choral" })
  lu.assertEquals({ set:count "train", set:count "valid", set:count "test" }, { 10, 2, 2 })
  lu.assertEquals(set.splits.train[1].id, "a/clip01-0-29")
  lu.assertEquals(set.splits.train[1].labels, { 1, 11, 21, 31, 41 })
  lu.assertEquals(set.splits.valid[1].labels, { 1 })
  local reasons = {}
  for _, entry in ipairs(set:report()) do reasons[entry.id] = entry.reason end
  lu.assertEquals(reasons, { ["b/gone"] = "missing",
    ["6/norine_braun-now_and_zen-08-gently-117-146"] = "known to be damaged" })
  lu.assertEquals(set.notes, {})
  lu.assertEquals(set.hash, assert(ms.data.mtat(dir)).hash)
  rows[1].tags[1] = nil
  text(dir .. "/annotations_final.csv", annotations(rows, shuffled_columns()))
  local other = assert(ms.data.mtat(dir))
  lu.assertNotEquals(set.hash, other.hash)
  lu.assertEquals(#other.notes, 1)
end)

tests.mtat_refuses_broken_tables = in_folder(function(dir)
  local file = dir .. "/annotations_final.csv"
  local columns = shuffled_columns()
  text(file, annotations({ { path = "z/x.mp3", tags = { "guitar" } } }, columns))
  refused('annotations_final.csv: line 2: mp3_path "z/x.mp3" is not in one of the folders', ms.data.mtat(dir))
  text(file, (annotations({ { path = "a/x.mp3", tags = { "guitar" } } }, columns):gsub('"1"\t"0"', '"1"\t"yes"')))
  refused('is "yes", not 0 or 1', ms.data.mtat(dir))
  text(file, annotations({}, { "guitar" }))
  refused('line 1: there is no column "classical" among 3 columns', ms.data.mtat(dir))
  text(file, annotations({ { path = "a/x.mp3", tags = { "guitar" } } }, columns))
  refused("no audio: 1 items are listed and none is there", ms.data.mtat(dir))
  text(file, annotations({ { path = "a/x.mp3", tags = { "guitar" } } }, columns) .. '"1"\t"2\n')
  refused("line 3, field 2: a quoted field that is never closed", ms.data.mtat(dir))
end)

-- 25 863 rows with exactly the published counts: the labels of a split are dealt out in turn.
local function real_sized()
  local names, counts = tag_names()
  local rows = {}
  local function deal(folder, clips, count_of)
    local first, turn = #rows, 0
    for i = 1, clips do rows[first + i] = { path = ("%s/%d.mp3"):format(folder, i), tags = {} } end
    for tag, name in ipairs(names) do
      for _ = 1, count_of(tag) do
        table.insert(rows[first + turn % clips + 1].tags, name)
        turn = turn + 1
      end
    end
  end
  deal("c", 1529, function(tag) return counts[tag].valid end)
  deal("e", 4332, function(tag) return counts[tag].test end)
  deal("0", 15244, function() return 1000 end)
  while #rows < 25863 do rows[#rows + 1] = { path = ("7/%d.mp3"):format(#rows), tags = { "zither" } } end
  return rows
end

tests.mtat_checks_a_table_of_the_real_size = in_folder(function(dir)
  local file, rows, columns = dir .. "/annotations_final.csv", real_sized(), shuffled_columns()
  text(file, annotations(rows, columns))
  refused("no audio: 21105 items are listed", ms.data.mtat(dir))
  rows[25863].tags = { "guitar" }
  text(file, annotations(rows, columns))
  refused("the real set's 25863 rows but 15245 clips in the train split instead of 15244", ms.data.mtat(dir))
  refused("no audio: 21106 items", ms.data.mtat(dir, { counts = false }))
  rows[25863].tags, rows[1].tags = {}, { "choral", "metal" }
  text(file, annotations(rows, columns))
  refused('instead of', ms.data.mtat(dir))
end)

-- ---- FMA ----

local GENRES = { "Electronic", "Instrumental", "Hip-Hop", "Country", "Spoken", "Old-Time / Historic",
  "Classical", "Blues", "International", "Pop", "Folk", "Jazz", "Experimental", "Easy Listening",
  "Rock", "Soul-RnB" }

-- tracks.csv with quoting horrors in columns that do not matter.
local function tracks(rows)
  local lines = { ",album,artist,set,set,track,track", ",title,bio,split,subset,genre_top,title", "track_id,,,,,," }
  for _, r in ipairs(rows) do
    lines[#lines + 1] = ('%d,"A, ""B""","<p>one</p>\n<p>two, three</p>",%s,%s,%s,"x\r\ny"')
      :format(r[1], r[2], r[3], r[4])
  end
  return table.concat(lines, "\n") .. "\n"
end

local function genre_rows()
  local rows = {}
  for g, genre in ipairs(GENRES) do
    rows[#rows + 1] = { 1000 * g, "training", g == 16 and "small" or "medium", genre }
  end
  rows[#rows + 1] = { 5, "validation", "medium", "Rock" }
  rows[#rows + 1] = { 6, "test", "small", "Jazz" }
  rows[#rows + 1] = { 7, "test", "medium", "Pop" }
  return rows
end

local function genre_set(dir, rows, seconds)
  text(dir .. "/fma_metadata/tracks.csv", tracks(rows))
  for _, r in ipairs(rows) do
    local path = ("%s/fma_medium/%03d/%06d"):format(dir, r[1] // 1000, r[1])
    if r[3] ~= "large" then
      write(path .. ".mp3", noise(seconds or 0.2))
    end
  end
end

tests.fma_splits_subsets_and_known_bad_tracks = in_folder(function(dir)
  local rows = genre_rows()
  rows[#rows + 1] = { 98567, "training", "small", "Rock" }
  rows[#rows + 1] = { 9, "training", "medium", "" }
  rows[#rows + 1] = { 10, "training", "large", "Rock" }
  genre_set(dir, rows)
  local set = assert(ms.data.fma(dir))
  lu.assertEquals({ set:count "train", set:count "valid", set:count "test" }, { 16, 1, 2 })
  lu.assertEquals(set.classes, GENRES)
  lu.assertEquals(set.splits.valid[1].id, "000005")
  lu.assertEquals(set.splits.valid[1].class, 15)
  lu.assertEquals(set.splits.test[1].path, dir .. "/fma_medium/000/000006.mp3")
  local reasons = {}
  for i, entry in ipairs(set:report()) do reasons[i] = entry.reason end
  lu.assertItemsEquals(reasons, { "known to be damaged", "no genre" })
  local less = assert(ms.data.fma(dir .. "/fma_medium", { subset = "medium-minus-small" }))
  lu.assertEquals({ less:count "train", less:count "valid", less:count "test" }, { 15, 1, 1 })
  lu.assertEquals(less.notes, { "no training clip has Soul-RnB" })
  lu.assertErrorMsgContains("subset must be", ms.data.fma, dir, { subset = "large" })
end)

tests.fma_refuses_broken_tables = in_folder(function(dir)
  local file = dir .. "/fma_metadata/tracks.csv"
  text(file, ",album,set\n,title,split\n1,x,training\n")
  refused('the third header row must begin with track_id, not "1"', ms.data.fma(dir))
  text(file, ",album,set\n,title,split\ntrack_id,,\n1,x,training\n")
  refused("the columns set/split, set/subset and track/genre_top must occur once", ms.data.fma(dir))
  text(file, tracks { { 1, "training", "medium", "Rock" }, { 2, "holdout", "medium", "Rock" } })
  refused('tracks.csv: line 7: the split is "holdout"', ms.data.fma(dir))
  text(file, tracks(genre_rows()))
  refused("no audio: 19 items are listed and none is there", ms.data.fma(dir))
end)

-- ---- manifests ----

tests.manifest_of_clips = in_folder(function(dir)
  for _, name in ipairs { "a", "b, live", "c" } do write(("%s/in/%s.wav"):format(dir, name), noise(0.1)) end
  local file = dir .. "/own.csv"
  text(file, 'labels,note,path,split\nrock; loud,"x\ny",in/a.wav,train\n'
    .. 'rock|quiet,,"in/b, live.wav",validation\nloud,,in/c.wav,test\n')
  local set = assert(ms.data.manifest(file))
  lu.assertEquals(set.kind, "tags")
  lu.assertEquals(set.name, "own.csv")
  lu.assertEquals(set.classes, { "loud", "quiet", "rock" })
  lu.assertEquals(set.splits.train[1].labels, { 1, 3 })
  lu.assertEquals(set.splits.valid[1].path, dir .. "/in/b, live.wav")
  refused("kind is genres, but some clips have several labels", ms.data.manifest(file, { kind = "genres" }))
  text(file, "path\tsplit\tlabels\nin/a.wav\ttrain\tx\nin/c.wav\tvalid\tx\nin/b, live.wav\ttest\ty\n")
  set = assert(ms.data.manifest(file, { name = "mine" }))
  lu.assertEquals(set.kind, "genres")
  lu.assertEquals(set.splits.test[1].class, 2)
  lu.assertStrContains(tostring(set), "mine: 3 clips (train 1, valid 1, test 1); 2 genres; split ")
end)

tests.manifest_of_songs_and_refusals = in_folder(function(dir)
  for _, name in ipairs { "s1", "s2", "s3" } do song(dir .. "/" .. name, 0.1) end
  local file, lines = dir .. "/own.csv", { "name,split,mixture,vocals,other,drums,bass" }
  for i, split in ipairs { "train", "valid", "test" } do
    local s = "s" .. i
    lines[i + 1] = ("%s,%s,%s/mixture.wav,%s/vocals.wav,%s/other.wav,%s/drums.wav,%s/bass.wav")
      :format(s, split, s, s, s, s, s)
  end
  text(file, table.concat(lines, "\n"))
  local set = assert(ms.data.manifest(file))
  lu.assertEquals(set.kind, "songs")
  lu.assertEquals(set.splits.train[1].stems.bass, dir .. "/s1/bass.wav")
  local header = "path,split,labels\n"
  for content, sentence in pairs {
    ["file,split,labels\n"] = 'line 1: there is no column "path" (the columns are: file, split, labels)',
    [header .. "a.wav,train,x\nb.wav,dev,x\n"] = 'line 3: the split is "dev", not train, valid or test',
    [header .. "a.wav,train,;\n"] = "line 2: a.wav has no label",
    [header .. "a.wav,train,x\na.wav,test,x\n"] = "line 3: a.wav is listed twice",
    [header .. "a.wav,train\n"] = "line 2: 2 fields, but the header has 3",
    [header] = "no audio: 0 items are listed",
    [""] = "the file ends where a row was expected",
  } do
    text(file, content)
    local none, why = ms.data.manifest(file)
    lu.assertNil(none)
    lu.assertStrContains(why, sentence)
    lu.assertStrContains(why, "clips/a.mp3,train,rock;loud")
  end
end)

-- ---- checks and the pack ----

-- Cuts the last part of a file off.
local function truncate(path, share)
  local content = assert(ms.sys.read_file(path))
  assert(ms.sys.write_file(path, content:sub(1, math.floor(#content * share))))
end

local function planted(dir)
  local rows = genre_rows()
  for id = 20, 25 do rows[#rows + 1] = { id, "training", "medium", "Rock" } end
  genre_set(dir, rows, 5)
  local function path(id) return ("%s/fma_medium/000/%06d.mp3"):format(dir, id) end
  truncate(path(20), 0.5)                              -- goes on declaring its full length
  write(path(21), noise(1))                            -- short
  write(path(22), ms.zeros { 5 * RATE })               -- silent
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

tests.check_reports_exactly_the_planted_clips = in_folder(function(dir)
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
  end
  lu.assertStrContains(tostring(checked:report()), "6 left out of fma")
  lu.assertEquals(set:count(), 24) -- the original is untouched
  lu.assertNotEquals(set.hash, checked.hash)
end)

tests.check_remembers_unchanged_files = in_folder(function(dir)
  local set = planted(dir)
  assert(set:check { cache = dir .. "/cache" })
  local log = dir .. "/cache/checked.jsonl"
  local before = ms.sys.size(log)
  text(log, assert(ms.sys.read_file(log)) .. '{"torn')
  local decoded, check = 0, ms.audio.check
  rawset(ms.audio, "check", function(...) decoded = decoded + 1 return check(...) end)
  local good, again = pcall(set.check, set, { cache = dir .. "/cache" })
  rawset(ms.audio, "check", check)
  lu.assertTrue(good, again)
  lu.assertEquals(decoded, 0)
  lu.assertEquals(reasons_by_id(again), EXPECTED)
  lu.assertTrue(ms.sys.size(log) <= before + 8)
end)

tests.check_refuses_when_nothing_is_left = in_folder(function(dir)
  genre_set(dir, genre_rows(), 0.2)
  local set = assert(ms.data.fma(dir))
  refused("the train split is empty (train 0, valid 0, test 0)", set:check())
  lu.assertEquals(assert(set:check { seconds_min = 0.1 }):count(), 19)
end)

tests.pack_writes_once_and_keeps_the_split = in_folder(function(dir)
  local set = planted(dir)
  local packed = assert(ms.data.pack(set, { cache = dir .. "/pack" }))
  lu.assertEquals(reasons_by_id(packed), EXPECTED)
  lu.assertEquals(packed:count(), 19)
  lu.assertEquals(packed.hash, assert(set:check()).hash)
  local item, source = packed.splits.valid[1], set.splits.valid[1]
  lu.assertEquals(item.id, source.id)
  local about = ms.audio.info(item.path)
  lu.assertEquals({ about.rate, about.channels, about.frames }, { RATE, 1, item.samples })
  local a, b = ms.audio.read(item.path), ms.audio.read(source.path, { rate = RATE })
  lu.assertTrue((a - b):abs():max() <= 1 / 32768)
  local written, write_wave = 0, ms.audio.write
  rawset(ms.audio, "write", function(...) written = written + 1 return write_wave(...) end)
  ms.sys.remove(packed.splits.test[1].path)
  local good, again = pcall(ms.data.pack, set, { cache = dir .. "/pack" })
  rawset(ms.audio, "write", write_wave)
  lu.assertTrue(good, again)
  lu.assertEquals(written, 1)
  lu.assertEquals(again.splits.test[1].path, packed.splits.test[1].path)
  lu.assertErrorMsgEquals("pack: cache = FOLDER is needed", ms.data.pack, set)
end)

tests.pack_reads_the_streams_of_a_stem_mp4 = in_folder(function(dir)
  if ms.sys.run { "sh", "-c", "command -v ffmpeg", stdout = "/dev/null" } ~= 0 then
    lu.skip "ffmpeg is not installed"
  end
  for i, name in ipairs { "train/A - 1", "train/B - 2", "test/C - 3" } do
    local argv = { "ffmpeg", "-v", "error", "-nostdin" }
    for k = 0, 4 do -- stream k holds a tone of its own level
      local tone = ("sine=frequency=%d:duration=7,volume=%g"):format(200 * i, 0.25 * (k + 1))
      table.move({ "-f", "lavfi", "-i", tone }, 1, 4, #argv + 1, argv)
    end
    for k = 0, 4 do table.move({ "-map", k .. ":a" }, 1, 2, #argv + 1, argv) end
    argv[#argv + 1] = ("%s/%s.stem.mp4"):format(dir, name)
    assert(ms.sys.mkdir(argv[#argv]:match "^(.*)/"))
    lu.assertEquals(ms.sys.run(argv), 0)
  end
  local packed = assert(ms.data.pack(assert(ms.data.musdb18(dir)), { cache = dir .. "/pack" }))
  local item = packed.splits.test[1]
  lu.assertNil(item.streams)
  for stem, share in pairs { mixture = 1, drums = 2, bass = 3, other = 4, vocals = 5 } do
    local level = ms.audio.read(item.stems[stem]):abs():mean():item() * math.pi / 2
    lu.assertAlmostEquals(level * 32, share, 0.2, stem)
  end
  lu.assertAlmostEquals(item.seconds, 7, 0.1)
end)

-- ---- plans: batches and slices ----

-- A tag set whose clips claim `seconds` without holding them: plans look at lengths only.
local function claimed(dir, seconds)
  text(dir .. "/annotations_final.csv", annotations(tag_set(dir, 0.1), shuffled_columns()))
  local set = assert(ms.data.mtat(dir))
  for _, split in pairs(set.splits) do
    for _, item in ipairs(split) do item.samples = math.floor(seconds * RATE) end
  end
  return set
end

local function starts(plan)
  local list = {}
  for _, batch in ipairs(plan) do
    for i, row in ipairs(batch.rows) do
      list[#list + 1] = batch.items[i].id .. " " .. row[1].start
    end
  end
  return list
end

tests.tag_batches_use_every_clip_once = in_folder(function(dir)
  local set = claimed(dir, 29.12)
  local plan = assert(ms.data.tag_batches(set, "train", { batch = 4, seed = 3, epoch = 1 }))
  lu.assertEquals(#plan, 3)
  lu.assertEquals({ #plan[1].rows, #plan[2].rows, #plan[3].rows }, { 4, 4, 2 })
  lu.assertNil(plan[4])
  local first, seen = starts(plan), {}
  for _, batch in ipairs(plan) do
    for _, item in ipairs(batch.items) do seen[item.id] = (seen[item.id] or 0) + 1 end
    for _, row in ipairs(batch.rows) do
      lu.assertEquals(row[1].start % 160, 0)
      lu.assertTrue(row[1].start >= 0 and row[1].start + 61792 <= 29.12 * RATE)
    end
  end
  for _, item in ipairs(set.splits.train) do lu.assertEquals(seen[item.id], 1) end
  local function again(seed, epoch)
    return starts(ms.data.tag_batches(set, "train", { batch = 4, seed = seed, epoch = epoch }))
  end
  lu.assertEquals(again(3, 1), first)
  lu.assertNotEquals(again(3, 2), first)
  lu.assertNotEquals(again(4, 1), first)
  -- Crops do not depend on the batch size, and a last batch of one clip is dropped.
  local small = ms.data.tag_batches(set, "train", { batch = 3, seed = 3, epoch = 1 })
  lu.assertEquals(#small, 3)
  lu.assertEquals(starts(small), table.move(first, 1, 9, 1, {}))
end)

tests.targets_of_tags_and_genres = in_folder(function(dir)
  local set = claimed(dir .. "/tags", 10)
  local batch = ms.data.tag_batches(set, "train", { batch = 10 })[1]
  local targets = batch.targets
  lu.assertEquals(targets:size(), { 10, 50 })
  lu.assertEquals(targets:sum():item(), 50)
  for i, item in ipairs(batch.items) do
    for _, label in ipairs(item.labels) do lu.assertEquals(targets:get(i, label), 1) end
  end
  genre_set(dir .. "/fma", genre_rows(), 0.2)
  local genres = assert(ms.data.fma(dir .. "/fma"))
  for _, item in ipairs(genres.splits.test) do item.samples = 160000 end
  local pair = ms.data.tag_batches(genres, "test", { batch = 16 })[1]
  lu.assertEquals(pair.targets:size(), { 2 })
  lu.assertItemsEquals(pair.targets:totable(), { 12, 10 })
  refused("the valid split has 1 clips, too few for a batch", (function()
    genres.splits.valid[1].samples = 160000
    return ms.data.tag_batches(genres, "valid")
  end)())
  refused("frames but a crop has 384; dataset:check{seconds_min = 3.862}", ms.data.tag_batches(genres, "train"))
  lu.assertErrorMsgContains("there is no split dev", ms.data.tag_batches, genres, "dev")
end)

tests.slices_of_the_paper = in_folder(function(dir)
  local set = claimed(dir, 29.12)
  local half = assert(ms.data.slices(set, "test"))
  lu.assertEquals({ #half, #half[1].rows }, { 2, 14 })
  lu.assertEquals(half[1].rows[2][1].start, 192 * 160)
  lu.assertEquals(half[1].truth[1], 1)
  lu.assertEquals(half[1].targets:size(), { 14, 50 })
  lu.assertEquals(half[1].item.id, set.splits.test[1].id)
  lu.assertEquals(#ms.data.slices(set, "valid", { hop = 384 })[1].rows, 7)
  lu.assertEquals(#ms.data.slices(set, "test", { frames = 768 })[1].rows, 6)
  lu.assertErrorMsgContains("hop must be a whole number", ms.data.slices, set, "test", { hop = 0 })
end)

tests.batches_go_through_the_feed = in_folder(function(dir)
  genre_set(dir, genre_rows(), 5)
  local packed = assert(ms.data.pack(assert(ms.data.fma(dir)), { cache = dir .. "/pack" }))
  local batch = ms.data.tag_batches(packed, "train", { batch = 3, epoch = 5 })[2]
  local feed <close> = ms.audio.feed { workers = 2 }
  feed:push(batch.rows)
  local waves = assert(feed:pop())
  lu.assertEquals(waves:size(), { 3, 61792 })
  local whole = ms.audio.read(batch.items[3].path)
  local start = batch.rows[3][1].start
  lu.assertEquals((waves:slice(1, 3, 3):reshape { 61792 } - whole:slice(1, start + 1, start + 61792))
    :abs():max(), 0)
end)

-- ---- additive mixing ----

local function packed_songs(dir)
  song_set(dir, 13)
  return assert(ms.data.pack(assert(ms.data.musdb18(dir)), { cache = dir .. "/pack" }))
end

local function waves_of(batch)
  local feed <close> = ms.audio.feed { workers = 2 }
  feed:push(batch.rows)
  return assert(feed:pop())
end

-- The segments of a row as "song stem" -> weight, after checking their common crop.
local function contents(row, stem_of)
  local parts, offset = {}, nil
  for _, segment in ipairs(row) do
    offset = offset or segment.start % 48000
    lu.assertEquals(segment.start % 48000, offset)
    lu.assertTrue(offset < 34208)
    parts[#parts + 1] = ("%s@%d%+d"):format(stem_of[segment.path], segment.start // 48000, segment.weight)
  end
  return parts, offset
end

local function stem_names(set)
  local names = {}
  for _, items in pairs(set.splits) do
    for _, item in ipairs(items) do
      for stem, path in pairs(item.stems) do names[path] = item.name .. " " .. stem end
    end
  end
  return names
end

tests.mixes_follow_the_equations = in_folder(function(dir)
  local set = packed_songs(dir)
  local names = stem_names(set)
  lu.assertEquals(#ms.data.segments(set, "train"), 9) -- 13 s: segments at 0, 3, 6 s of three songs
  local batch = assert(ms.data.mixes(set, "vocals", { batch = 2, seed = 5, step = 1 }))
  lu.assertEquals({ #batch.rows, batch.count, batch.sources }, { 4, 2, { "vocals" } })
  for e = 1, 2 do
    local mixture, crop = contents(batch.rows[e], names)
    local target, same = contents(batch.rows[2 + e], names)
    lu.assertEquals(crop, same)
    lu.assertEquals({ #mixture, #target }, { 6, 2 })
    lu.assertEquals({ mixture[1], mixture[2] }, target)
    local places = {}
    for _, part in ipairs(mixture) do
      local place, stem = part:gsub(" %a+@", "@"):gsub("[+-]1$", ""), part:match " (%a+)@"
      lu.assertEquals(part:sub(-2), part:find "vocals" and places[place] and "-1" or "+1")
      places[place] = (places[place] or 0) + 1
      lu.assertTrue(stem == "vocals" or stem == "mixture")
    end
    local different = 0
    for _ in pairs(places) do different = different + 1 end
    lu.assertEquals(different, 4)
  end
  -- Numerically: mixture - target is the accompaniment of two other segments, read here by hand.
  local mixtures, targets = batch:split(waves_of(batch))
  lu.assertEquals(mixtures:size(), { 2, 61792 })
  lu.assertEquals(targets:size(), { 2, 1, 61792 })
  local rest = mixtures:slice(1, 1, 1):reshape { 61792 } - targets:slice(1, 1, 1):reshape { 61792 }
  for k = 3, 6 do
    local s = batch.rows[1][k]
    rest = rest - ms.audio.read(s.path):slice(1, s.start + 1, s.start + 61792) * s.weight
  end
  lu.assertTrue(rest:abs():max() < 1e-5)
end)

tests.mixes_of_bass_and_of_all_sources = in_folder(function(dir)
  local set = packed_songs(dir)
  local names = stem_names(set)
  local bass = ms.data.mixes(set, "bass", { batch = 3, step = 7 })
  lu.assertEquals({ #bass.rows, #bass.rows[1], #bass.rows[4] }, { 6, 3, 1 })
  lu.assertEquals(#ms.data.mixes(set, "bass", { step = 7, bass_twice = true }).rows[1], 6)
  local all = ms.data.mixes(set, "all", { batch = 2, step = 1 })
  lu.assertEquals({ #all.rows, all.sources }, { 10, STEMS })
  local parts = contents(all.rows[2], names)
  lu.assertEquals(#parts, 7)
  local order = {}
  for i, part in ipairs(parts) do order[i] = part:match " (%a+)@" end
  lu.assertEquals(order, { "vocals", "vocals", "other", "other", "drums", "drums", "bass" })
  local mixtures, targets = all:split(waves_of(all))
  lu.assertEquals(targets:size(), { 2, 4, 61792 })
  lu.assertTrue((targets:sum(2):reshape { 2, 61792 } - mixtures):abs():max() < 1e-5)
end)

tests.mixes_are_pure_and_validation_is_plain = in_folder(function(dir)
  local set = packed_songs(dir)
  local plan = ms.data.mixes(set, "drums", { batch = 2, seed = 9 })
  lu.assertEquals(plan[40].rows, plan[40].rows)
  lu.assertEquals(plan[40].rows, ms.data.mixes(set, "drums", { batch = 2, seed = 9, step = 40 }).rows)
  lu.assertNotEquals(plan[40].rows, plan[41].rows)
  lu.assertNotEquals(plan[40].rows, ms.data.mixes(set, "drums", { batch = 2, seed = 8, step = 40 }).rows)
  local valid = ms.data.mixes(set, "all", { batch = 2, split = "valid" })
  lu.assertEquals({ #valid, valid[1].count, valid[2].count }, { 2, 2, 1 })
  lu.assertEquals({ #valid[1].rows, #valid[2].rows }, { 10, 5 })
  local mixture, drums = valid[2].rows[1], valid[2].rows[4]
  lu.assertEquals(#mixture, 1)
  lu.assertEquals(mixture[1].path, set.splits.valid[1].stems.mixture)
  lu.assertEquals(drums[1].path, set.splits.valid[1].stems.drums)
  lu.assertEquals(drums[1].start, mixture[1].start)
end)

tests.mixes_refuse_what_cannot_work = in_folder(function(dir)
  song_set(dir, 8, { "A - 1", "B - 2" })
  local set = assert(ms.data.musdb18(dir))
  refused("the train split has 1 segments of 6 s but an example takes 4 different ones",
    ms.data.mixes(set, "vocals"))
  song_set(dir .. "/brief", 5)
  refused("the train split has no song longer than 6 s",
    ms.data.mixes(assert(ms.data.musdb18(dir .. "/brief")), "vocals"))
  lu.assertErrorMsgContains("source must be vocals, other, drums, bass or all, got guitar",
    ms.data.mixes, set, "guitar")
  lu.assertErrorMsgContains("holds songs, which have no labels", ms.data.tag_batches, set, "train")
end)

return tests
