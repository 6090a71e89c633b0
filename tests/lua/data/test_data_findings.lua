--- What is wrong with a data set as a whole: labels that teach nothing, one file or sound under two
-- names, stems of unequal length, channels that cancel, files that a Mac leaves behind.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"

local tests = {}

-- Writes a manifest of clips { path, split, labels } and what files are not there yet; its path.
local function manifest(dir, rows)
  local lines = { "path,split,labels" }
  for i, row in ipairs(rows) do
    lines[i + 1] = table.concat(row, ",")
    if not ms.sys.exists(dir .. "/" .. row[1]) then
      tools.write(dir .. "/" .. row[1], tools.noise(4))
    end
  end
  tools.text(dir .. "/own.csv", table.concat(lines, "\n"))
  return dir .. "/own.csv"
end

local function link(how, from, to)
  lu.assertEquals(ms.sys.run { "ln", how, from, to }, 0)
end

-- ---- labels ----------------------------------------------------------------------------------
tests.one_class_teaches_nothing = tools.in_folder(function(dir)
  local file = manifest(dir, { { "a.wav", "train", "x" }, { "b.wav", "valid", "x" },
    { "c.wav", "test", "x" } })
  tools.refused("all clips are of one class (x), so there is nothing to tell apart",
    ms.data.manifest(file))
  tools.refused("every tag is one that all clips have, or none (x)",
    ms.data.manifest(file, { kind = "tags" }))
  lu.assertStrContains(tostring(assert(ms.data.manifest(file, { partial = true }))),
    "note: all clips are of one class (x)")
  manifest(dir, { { "a.wav", "train", "x" }, { "b.wav", "valid", "x" }, { "c.wav", "test", "y" } })
  lu.assertEquals(assert(ms.data.manifest(file)).notes,
    { "no training clip has y", "all training clips are of one class (x)" })
  manifest(dir, { { "a.wav", "train", "x" }, { "d.wav", "train", "y" }, { "b.wav", "valid", "x" },
    { "e.wav", "valid", "y" }, { "c.wav", "test", "y" }, { "f.wav", "test", "y" } })
  lu.assertEquals(assert(ms.data.manifest(file)).notes, { "all test clips are of one class (y)" })
  manifest(dir, { { "a.wav", "train", "" }, { "b.wav", "valid", ";" }, { "c.wav", "test", " " } })
  tools.refused("no clip has a label", ms.data.manifest(file))
end)

tests.clips_without_a_label_have_no_tag = tools.in_folder(function(dir)
  local file = manifest(dir, { { "a.wav", "train", "x" }, { "b.wav", "train", "" },
    { "c.wav", "valid", "x" }, { "d.wav", "test", "x" }, { "e.wav", "test", "" } })
  local set = assert(ms.data.manifest(file))
  lu.assertEquals({ set.kind, set.classes, set.splits.train[2].labels }, { "tags", { "x" }, {} })
  lu.assertEquals(set.notes,
    { "2 of 5 clips have no label, and all tags are 0 for them: b.wav, e.wav" })
  local batches = assert(ms.data.tag_batches(set, "train", { batch = 2 }))
  local targets = batches[1].targets:totable()
  table.sort(targets, function(a, b) return a[1] < b[1] end)
  lu.assertEquals(targets, { { 0 }, { 1 } })
  tools.refused("some clips have several labels, or none",
    ms.data.manifest(file, { kind = "genres" }))
end)

tests.slips_of_the_pen_in_labels_are_noted = tools.in_folder(function(dir)
  local set =
    assert(
    ms.data.manifest(
    manifest(dir, { { "a.wav", "train", "Rock;loud;loud" }, { "b.wav", "train", "rock" },
    { "c.wav", "valid", "hip hop" }, { "d.wav", "train", "hip  hop" },
      { "e.wav", "train", "hip hop" },
    { "f.wav", "test", "loud" } })))
  lu.assertEquals(set.notes, {
    'labels that differ in case or spaces alone are different classes (clips): "Rock" (1) and \z
      "rock" (1), "hip  hop" (1) and '
      .. '"hip hop" (2)',
    "labels that stand twice for one clip count once: loud (line 2)",
    "no tag is one that some test clips have and others not, so there will be no score" })
end)

tests.a_split_that_check_empties_tells_what_was_left_out = tools.in_folder(function(dir)
  tools.write(dir .. "/quiet.wav", ms.zeros { 5 * 16000 })
  local set =
    assert(ms.data.manifest(manifest(dir, { { "a.wav", "train", "x;y" }, { "b.wav", "valid", "y" },
    { "quiet.wav", "test", "x" } })))
  tools.refused("the test split is empty (train 1, valid 1, test 0); left out: " .. dir
    .. "/quiet.wav (silent); partial", set:check())
end)

function tests.what_is_no_data_set()
  local function refused(who, got, f, ...)
    lu.assertErrorMsgContains(("%s: a data set is expected, as ms.data.manifest and its like \z
      give, got %s"):format(who, got), f, ...)
  end
  refused("slices", "1", ms.data.slices, 1, "test")
  refused("check", "tensor", ms.data.check, ms.zeros { 3 })
  refused("check", "table", ms.data.check, ms.nn.linear { in_features = 1, out_features = 1 })
  refused("cache", "1", ms.data.cache, 1, { cache = "x" })
  refused("duplicates", '"x"', ms.data.duplicates, "x")
end

-- ---- one thing under two names ---------------------------------------------------------------
tests.a_manifest_lists_a_file_once = tools.in_folder(function(dir)
  local rows = { { "a.wav", "train", "x" }, { "b.wav", "train", "y" }, { "c.wav", "valid", "y" },
    { "d.wav", "test", "y" } }
  local file = manifest(dir, rows)
  assert(ms.sys.mkdir(dir .. "/in"))
  link("-f", dir .. "/a.wav", dir .. "/hard.wav")
  link("-s", dir .. "/a.wav", dir .. "/soft.wav")
  for _, other in ipairs { "./a.wav", "in/../a.wav", dir .. "/a.wav", "hard.wav", "soft.wav" } do
    rows[5] = { other, "test", "x" }
    lu.assertTrue(ms.sys.exists(other:find "^/" and other or dir .. "/" .. other))
    tools.text(file, "path,split,labels\n")
    for _, row in ipairs(rows) do
      tools.text(file, ms.sys.read_file(file) .. table.concat(row, ",") .. "\n")
    end
    tools.refused(("line 6: %s (test) and a.wav (train, line 2) are the same file"):format(other),
      ms.data.manifest(file))
  end
  tools.text(file, "path,split,labels\na.wav,train,x\na.wav,test,x\n")
  tools.refused("line 3: a.wav is listed twice (train in line 2)", ms.data.manifest(file))
end)

tests.linked_songs_are_noted = tools.in_folder(function(dir)
  tools.song_set(dir, 0.1)
  assert(ms.sys.mkdir(dir .. "/valid"))
  link("-s", dir .. "/train/B - 2", dir .. "/valid/B - 2")
  local set = assert(ms.data.musdb18(dir))
  lu.assertEquals(set.notes,
    {
    "a leak between splits, both are the same file: train/B - 2 (train) and train/B - 2 (valid)" })
end)

tests.songs_of_one_name_are_noted = tools.in_folder(function(dir)
  tools.song_set(dir, 0.1)
  tools.text(dir .. "/train/B - 2.stem.mp4", "x")
  tools.song(dir .. "/valid/D - 4", 0.1)
  lu.assertEquals(assert(ms.data.musdb18(dir)).notes, {
    "a leak between splits, both are of one name: train/D - 4 (train) and train/D - 4 (valid)",
    "twice in a split, both are of one name: train/B - 2 (train) and train/B - 2 (train)" })
end)

tests.copies_are_noted_when_decoded = tools.in_folder(function(dir)
  tools.write(dir .. "/copy.flac", tools.noise(4))
  local wave = assert(ms.audio.read(dir .. "/copy.flac"))
  local column = wave:reshape { 64000, 1 }
  tools.write(dir .. "/a.wav", wave, { encoding = "float" })
  tools.write(dir .. "/stereo.wav", ms.cat({ column, column }, 2), { encoding = "float" })
  local file = manifest(dir, { { "a.wav", "train", "x" }, { "b.wav", "train", "y" },
    { "c.wav", "valid", "x" },
    { "copy.flac", "test", "x" }, { "d.wav", "test", "y" }, { "stereo.wav", "train", "x" } })
  local set = assert(ms.data.manifest(file))
  lu.assertEquals(set.notes, {})
  local notes = {
    "a leak between splits, both are the same sound: a.wav (train) and copy.flac (test)",
    "twice in a split, both are the same sound: a.wav (train) and stereo.wav (train)" }
  lu.assertEquals(assert(set:check { cache = dir .. "/cache" }).notes, notes)
  lu.assertEquals(assert(set:check { cache = dir .. "/cache" }).notes, notes) -- from the cache
  lu.assertEquals(set.notes, {})
  lu.assertEquals(assert(set:cache { cache = dir .. "/cache" }).notes, notes)
end)

-- ---- songs and channels ----------------------------------------------------------------------
tests.songs_are_as_long_as_their_shortest_stem = tools.in_folder(function(dir)
  tools.song_set(dir, 13)
  tools.write(dir .. "/train/B - 2/drums.wav", tools.noise(7.5), { encoding = "float" })
  local set = assert(ms.data.musdb18(dir))
  local function starts(songs)
    local list = {}
    for _, segment in ipairs(assert(ms.data.segments(songs, "train"))) do
      if segment.song.name == "B - 2" then list[#list + 1] = segment.start end
    end
    return list
  end
  lu.assertEquals(starts(set), { 0 })
  local checked = assert(set:check {})
  lu.assertEquals(checked.notes[2],
    "the stems differ in length, and only as much as all of them have is used: "
    .. "train/B - 2 (drums 7.500 s, mixture 13.000 s)")
  lu.assertEquals(starts(checked), { 0 })
  local cached = assert(set:cache { cache = dir .. "/cache" })
  lu.assertEquals(cached.notes, checked.notes)
  lu.assertEquals(starts(cached), { 0 })
end)

tests.a_stem_that_is_the_mixture_is_noted = tools.in_folder(function(dir)
  local lines = { "name,split,mixture,vocals,other,drums,bass" }
  for i, split in ipairs { "train", "valid", "test" } do
    tools.write(("%s/%d.wav"):format(dir, i), tools.noise(0.1))
    lines[i + 1] = ("s%d,%s,%d.wav,%s.wav,0.wav,0.wav,0.wav")
      :format(i, split, i, i == 2 and "2" or "0")
  end
  tools.write(dir .. "/0.wav", tools.noise(0.1)) -- a stem that all songs share is no leak
  tools.text(dir .. "/own.csv", table.concat(lines, "\n"))
  lu.assertEquals(assert(ms.data.manifest(dir .. "/own.csv")).notes,
    { "a stem is the same file as the mixture: s2 (vocals)" })
end)

tests.one_level_throughout_is_silence = tools.in_folder(function(dir)
  tools.write(dir .. "/a.wav", ms.ones { 64000 } * 0.25, { encoding = "float" })
  local about = assert(ms.audio.check(dir .. "/a.wav"))
  lu.assertTrue(about.silent and about.constant and not about.ok)
  lu.assertEquals(about.reason, "its level is the same throughout (0.25): there is no sound in it")
  tools.write(dir .. "/b.wav", tools.noise(4) * 0.01 + 0.3, { encoding = "float" })
  about = assert(ms.audio.check(dir .. "/b.wav"))
  lu.assertTrue(about.ok and not about.silent and not about.constant)
end)

tests.channels_that_cancel_are_silent = tools.in_folder(function(dir)
  local wave = tools.noise(4):reshape { 64000, 1 }
  tools.write(dir .. "/a.wav", ms.cat({ wave, -wave }, 2), { encoding = "float" })
  local file = manifest(dir, { { "a.wav", "train", "x" }, { "b.wav", "train", "y" },
    { "c.wav", "train", "x" }, { "d.wav", "valid", "x" }, { "e.wav", "test", "y" } })
  local about = assert(ms.audio.check(dir .. "/a.wav"))
  lu.assertTrue(about.silent and not about.ok and about.peak > 0.1)
  local checked = assert(assert(ms.data.manifest(file)):check {})
  lu.assertEquals(checked:count(), 4)
  lu.assertStrContains(tostring(checked:report()),
    "a.wav: silent (declared 64000 samples, decoded 64000): its channels cancel")
end)

tests.stems_whose_channels_cancel_are_noted = tools.in_folder(function(dir)
  tools.song_set(dir, 4)
  local wave = tools.noise(4):reshape { 64000, 1 }
  tools.write(dir .. "/train/A - 1/drums.wav", ms.cat({ wave, -wave }, 2), { encoding = "float" })
  -- plain silence is no news
  tools.write(dir .. "/train/B - 2/bass.wav", ms.zeros { 64000 }, { encoding = "float" })
  local checked = assert(assert(ms.data.musdb18(dir)):check {})
  lu.assertEquals(checked.notes[2],
    "the channels of a stem cancel, so that in mono it is silent: train/A - 1 (drums)")
  lu.assertEquals(#checked.notes, 2)
end)

-- ---- what a Mac leaves behind ------------------------------------------------------------------
tests.hidden_files_are_passed_over = tools.in_folder(function(dir)
  for _, name in ipairs { "train/A - 1", "train/B - 2", "test/C - 3" } do
    tools.text(("%s/%s.stem.mp4"):format(dir, name), "x")
    tools.text(("%s/%s.stem.mp4"):format(dir, name:gsub("/", "/._")), "\0\5\22\7")
    tools.text(("%s/%s/.DS_Store"):format(dir, name:match "^%a+"), "x")
    tools.text(("%s/%s/__MACOSX/x"):format(dir, name:match "^%a+"), "x")
  end
  local set = assert(ms.data.musdb18(dir))
  lu.assertEquals({ set:count(), #set:report() }, { 3, 0 })
  local file = manifest(dir .. "/own", { { "a.wav", "train", "x" }, { "b.wav", "valid", "y" },
    { "c.wav", "test", "x" }, { "._a.wav", "train", "x" } })
  local own = assert(ms.data.manifest(file))
  lu.assertEquals(own:count(), 3)
  lu.assertStrContains(tostring(own:report()), "._a.wav: a Mac's file about a file, not audio")
end)

return tests
