--- Data sets: the CSV reader and the loaders, on tiny sets made here.
local lu = require "luaunit"
local ms = require "moonstem"
local csv = require "moonstem.data.csv"
local known = require "moonstem.data.mtat_tags"
local tools = require "data_tools"

local tests = {}

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
  tools.refused("csv: line 3, field 2: a quoted field that is never closed",
    csv.parse 'a,b\n1,2\n3,"4\n5')
  tools.refused("t: line 2, field 1: a quote inside an unquoted field",
    csv.parse('a,b\n1"2,3', { name = "t" }))
  tools.refused('line 4, field 1: text after the closing quote',
    csv.parse 'a,b\n1,"2\n2"\n"3"z,4\n')
  tools.refused("cannot read", csv.read "/nonexistent/x.csv")
  local next_row = csv.rows("a,b\n1,2\n\"3\n3\",4\n5\n", { name = "t" })
  lu.assertEquals(next_row(), { "1", "2" })
  lu.assertEquals(next_row(), { "3\n3", "4" })
  lu.assertEquals({ next_row() }, { nil, "t: line 5: 1 fields, but the header has 2" })
  lu.assertNil(next_row())
end

function tests.csv_cells_count_values_of_a_line()
  lu.assertEquals(csv.cells({ 1, nil, "=x" }, 3), "1,,'=x\n")
  lu.assertEquals(csv.cells({}, 0), "\n")
  for _, count in ipairs { -1, 1.5, 1 << 50 } do
    lu.assertErrorMsgContains("csv.cells: count must be a whole number", csv.cells, {}, count)
  end
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

function tests.csv_rows_may_be_wide()
  local row = {}
  for i = 1, 100000 do row[i] = i % 7 end
  local line = table.concat(row, ",") .. "\n"
  local next_row, header = csv.rows(line:rep(2) .. "1,2\n", { name = "t", columns = { 99999, 3 } })
  lu.assertEquals(#header[1], 100000)
  lu.assertEquals(next_row(), { "4", "3" })
  lu.assertEquals({ next_row() }, { nil, "t: line 3: 2 fields, but the header has 100000" })
  next_row = csv.rows(line:rep(2))
  lu.assertEquals(#next_row(), 100000)
  lu.assertNil(next_row())
end

-- ---- musdb18 ----

tests.musdb18_folders_of_wav = tools.in_folder(function(dir)
  tools.song_set(dir, 0.1)
  local set = assert(ms.data.musdb18(dir))
  lu.assertEquals(set.kind, "songs")
  lu.assertEquals(tools.ids(set.splits.train), { "train/A - 1", "train/B - 2", "train/D - 4" })
  lu.assertEquals(tools.ids(set.splits.valid), { "train/C - 3" })
  lu.assertEquals(set.splits.test[1].stems.vocals, dir .. "/test/E - 5/vocals.wav")
  lu.assertStrContains(tostring(set), "musdb18: 5 songs (train 3, valid 1, test 1); split ")
  lu.assertStrContains(tostring(set), "none of the 14 validation songs is here")
  ms.sys.remove(dir .. "/train/A - 1/bass.wav")
  set = assert(ms.data.musdb18(dir))
  lu.assertEquals(#set:report(), 1)
  lu.assertEquals(set:report()[1].reason, "missing")
  lu.assertEquals(set:report()[1].file, dir .. "/train/A - 1/bass.wav")
end)

tests.musdb18_validation_by_name_or_folder = tools.in_folder(function(dir)
  tools.song_set(dir, 0.1, { "A - 1", "ANiMAL - Rockshow", "Leaf - Summerghost" })
  local set = assert(ms.data.musdb18(dir))
  lu.assertEquals(tools.ids(set.splits.valid), { "train/ANiMAL - Rockshow",
    "train/Leaf - Summerghost" })
  lu.assertEquals(set.notes, {})
  tools.song(dir .. "/valid/F - 6", 0.1)
  set = assert(ms.data.musdb18(dir))
  lu.assertEquals(#set.splits.train, 3)
  lu.assertEquals(#set.splits.valid, 1)
end)

tests.musdb18_stem_mp4 = tools.in_folder(function(dir)
  for _, name in ipairs { "train/A - 1", "train/B - 2", "test/C - 3" } do
    tools.text(("%s/%s.stem.mp4"):format(dir, name), "x")
  end
  local set = assert(ms.data.musdb18(dir))
  local item = set.splits.test[1]
  lu.assertEquals(item.name, "C - 3")
  lu.assertEquals(item.stems.bass, dir .. "/test/C - 3.stem.mp4")
  lu.assertEquals(item.streams, { mixture = 0, drums = 1, bass = 2, other = 3, vocals = 4 })
end)

tests.wrong_folders_are_refused_with_found_and_expected = tools.in_folder(function(dir)
  tools.text(dir .. "/holiday/photo.jpg", "x")
  for loader, expected in pairs { musdb18 = "DIR/train/<Artist - Title>",
    mtat = "DIR/annotations_final.csv", fma = "DIR/fma_metadata/tracks.csv" } do
    local set, why = ms.data[loader](dir)
    lu.assertNil(set)
    lu.assertStrContains(why, "found in " .. dir .. ": holiday")
    lu.assertStrContains(why, "expected layout:")
    lu.assertStrContains(why, expected)
    tools.refused("does not exist", ms.data[loader](dir .. "/nowhere"))
  end
  tools.song(dir .. "/train/A - 1", 0.1)
  tools.refused("the valid split is empty (train 1, valid 0, test 0)", ms.data.musdb18(dir))
  lu.assertEquals(assert(ms.data.musdb18(dir, { partial = true })):count(), 1)
  lu.assertErrorMsgEquals("musdb18: there is no option partal; did you mean partial?",
    ms.data.musdb18, dir, { partal = true })
end)

-- ---- MagnaTagATune ----


tests.mtat_split_columns_and_untagged_clips = tools.in_folder(function(dir)
  local rows = tools.tag_set(dir, 0.1)
  rows[#rows + 1] = { path = "b/untagged.mp3", tags = { "zither", "clasical" } }
  rows[#rows + 1] = { path = "b/gone.mp3", tags = { "choral", "guitar" } }
  rows[#rows + 1] = { path = "6/norine_braun-now_and_zen-08-gently-117-146.mp3",
    tags = { "guitar" } }
  tools.text(dir .. "/annotations_final.csv", tools.annotations(rows, tools.shuffled_columns()))
  local set = assert(ms.data.mtat(dir))
  lu.assertEquals(#set.classes, 50)
  lu.assertEquals({ set.classes[1], set.classes[22], set.classes[48], set.classes[49],
    set.classes[50] }, { "guitar", "no vocals", "female voice", "metal", "choral" })
  lu.assertEquals({ set:count "train", set:count "valid", set:count "test" }, { 10, 2, 2 })
  lu.assertEquals(set.splits.train[1].id, "a/clip01-0-29")
  lu.assertEquals(set.splits.train[1].labels, { 1, 11, 21, 31, 41 })
  lu.assertEquals(set.splits.valid[1].labels, { 1 })
  local reasons = {}
  for _, entry in ipairs(set:report()) do reasons[entry.id] = entry.reason end
  lu.assertEquals(reasons, { ["b/gone"] = "missing",
    ["6/norine_braun-now_and_zen-08-gently-117-146"] = "known to be damaged" })
  lu.assertEquals(set.notes,
    { "no tag is one that some test clips have and others not, so there will be no score" })
  lu.assertEquals(set.hash, assert(ms.data.mtat(dir)).hash)
  rows[1].tags[1] = nil
  tools.text(dir .. "/annotations_final.csv", tools.annotations(rows, tools.shuffled_columns()))
  local other = assert(ms.data.mtat(dir))
  lu.assertNotEquals(set.hash, other.hash)
  lu.assertStrContains(other.notes[1], "no training clip has guitar")
end)

tests.mtat_refuses_broken_tables = tools.in_folder(function(dir)
  local file = dir .. "/annotations_final.csv"
  local columns = tools.shuffled_columns()
  tools.text(file, tools.annotations({ { path = "z/x.mp3", tags = { "guitar" } } }, columns))
  tools.refused('annotations_final.csv: line 2: mp3_path "z/x.mp3" is not in one of the folders',
    ms.data.mtat(dir))
  local good = tools.annotations({ { path = "a/x.mp3", tags = { "guitar" } } }, columns)
  tools.text(file, (good:gsub('"1"\t"0"', '"1"\t"yes"')))
  tools.refused('is "yes", not 0 or 1', ms.data.mtat(dir))
  tools.text(file, tools.annotations({}, { "guitar" }))
  tools.refused('line 1: there is no column "classical" among 3 columns', ms.data.mtat(dir))
  table.insert(columns, columns[1])
  tools.text(file, tools.annotations({ { path = "a/x.mp3", tags = { "guitar" } } }, columns))
  tools.refused("stands there twice", ms.data.mtat(dir))
  tools.text(file, good)
  tools.refused("no audio: 1 items are listed and none is there", ms.data.mtat(dir))
  tools.text(file, good .. '"1"\t"2\n')
  tools.refused("line 3, field 2: a quoted field that is never closed", ms.data.mtat(dir))
end)

-- 25 863 rows with exactly the published counts: the labels of a split are dealt out in turn.
local function real_sized()
  local names = tools.tag_names()
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
  deal("c", 1529, function(tag) return known[tag][2] end)
  deal("e", 4332, function(tag) return known[tag][3] end)
  deal("0", 15244, function() return 1000 end)
  while #rows < 25863 do
    rows[#rows + 1] = { path = ("7/%d.mp3"):format(#rows), tags = { "zither" } }
  end
  return rows
end

tests.mtat_checks_a_table_of_the_real_size = tools.in_folder(function(dir)
  local file, rows, columns = dir .. "/annotations_final.csv", real_sized(),
    tools.shuffled_columns()
  tools.text(file, tools.annotations(rows, columns))
  tools.refused("no audio: 21105 items are listed", ms.data.mtat(dir))
  rows[25863].tags = { "guitar" }
  tools.text(file, tools.annotations(rows, columns))
  tools.refused("the real set's 25863 rows but 15245 clips in the train split instead of 15244",
    ms.data.mtat(dir))
  tools.refused("no audio: 21106 items", ms.data.mtat(dir, { counts = false }))
  rows[25863].tags, rows[1].tags = {}, { "choral", "metal" }
  tools.text(file, tools.annotations(rows, columns))
  tools.refused('instead of', ms.data.mtat(dir))
end)

-- ---- FMA ----

tests.fma_splits_subsets_and_known_bad_tracks = tools.in_folder(function(dir)
  local rows = tools.genre_rows()
  rows[#rows + 1] = { 98567, "training", "small", "Rock" }
  rows[#rows + 1] = { 9, "training", "medium", "" }
  rows[#rows + 1] = { 10, "training", "large", "Rock" }
  tools.genre_set(dir, rows)
  local set = assert(ms.data.fma(dir))
  lu.assertEquals({ set:count "train", set:count "valid", set:count "test" }, { 16, 1, 2 })
  lu.assertEquals(set.classes, tools.GENRES)
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

tests.fma_refuses_broken_tables = tools.in_folder(function(dir)
  local file = dir .. "/fma_metadata/tracks.csv"
  tools.text(file, ",album,set\n,title,split\n1,x,training\n")
  tools.refused('the third header row must begin with track_id, not "1"', ms.data.fma(dir))
  tools.text(file, ",album,set\n,title,split\ntrack_id,,\n1,x,training\n")
  tools.refused("the columns set/split, set/subset and track/genre_top must occur once",
    ms.data.fma(dir))
  tools.text(file, tools.tracks { { 1, "training", "medium", "Rock" },
    { 2, "holdout", "medium", "Rock" } })
  tools.refused('tracks.csv: line 7: the split is "holdout"', ms.data.fma(dir))
  tools.text(file, tools.tracks(tools.genre_rows()))
  tools.refused("no audio: 19 items are listed and none is there", ms.data.fma(dir))
end)

-- ---- manifests ----

tests.manifest_of_clips = tools.in_folder(function(dir)
  for _, name in ipairs { "a", "b, live", "c" } do
    tools.write(("%s/in/%s.wav"):format(dir, name), tools.noise(0.1))
  end
  local file = dir .. "/own.csv"
  tools.text(file, 'labels,note,path,split\nrock; loud,"x\ny",in/a.wav,train\n'
    .. 'rock|quiet,,"in/b, live.wav",validation\nloud,,in/c.wav,test\n')
  local set = assert(ms.data.manifest(file))
  lu.assertEquals(set.kind, "tags")
  lu.assertEquals(set.name, "own.csv")
  lu.assertEquals(set.classes, { "loud", "quiet", "rock" })
  lu.assertEquals(set.splits.train[1].labels, { 1, 3 })
  lu.assertEquals(set.splits.valid[1].path, dir .. "/in/b, live.wav")
  tools.refused("kind is genres, but some clips have several labels",
    ms.data.manifest(file, { kind = "genres" }))
  tools.text(file,
    "path\tsplit\tlabels\nin/a.wav\ttrain\tx\nin/c.wav\tvalid\tx\nin/b, live.wav\ttest\ty\n")
  set = assert(ms.data.manifest(file, { name = "mine" }))
  lu.assertEquals(set.kind, "genres")
  lu.assertEquals(set.splits.test[1].class, 2)
  lu.assertStrContains(tostring(set), "mine: 3 clips (train 1, valid 1, test 1); 2 genres; split ")
end)

tests.manifest_of_songs_and_refusals = tools.in_folder(function(dir)
  for _, name in ipairs { "s1", "s2", "s3" } do tools.song(dir .. "/" .. name, 0.1) end
  local file, lines = dir .. "/own.csv", { "name,split,mixture,vocals,other,drums,bass" }
  for i, split in ipairs { "train", "valid", "test" } do
    local s = "s" .. i
    lines[i + 1] = ("%s,%s,%s/mixture.wav,%s/vocals.wav,%s/other.wav,%s/drums.wav,%s/bass.wav")
      :format(s, split, s, s, s, s, s)
  end
  tools.text(file, table.concat(lines, "\n"))
  local set = assert(ms.data.manifest(file))
  lu.assertEquals(set.kind, "songs")
  lu.assertEquals(set.splits.train[1].stems.bass, dir .. "/s1/bass.wav")
  local header = "path,split,labels\n"
  for content, sentence in pairs {
    ["file,split,labels\n"] =
      'line 1: there is no column "path" (the columns are: file, split, labels)',
    [header .. "a.wav,train,x\nb.wav,dev,x\n"] =
      'line 3: the split is "dev", not train, valid or test',
    [header .. "a.wav,train,x;\xe9\n"] =
      "line 2: the labels of a.wav are not UTF-8; convert the table, as with \"iconv",
    ["path,split,labels,split\n"] = 'line 1: the column "split" stands there twice',
    ["path;split;labels\na.wav;train;x\n"] = "separate them by commas or tabs, not semicolons",
    ["\xff\xfep\0a\0"] = "it is UTF-16; save it as UTF-8",
    ["path,split,labels\ra.wav,train,x\r"] = "its lines end in carriage returns alone",
    [header .. "a.wav,train,\0\n"] = "line 2: there is a zero byte",
    [header .. "a.wav,train,x\na.wav,test,x\n"] = "line 3: a.wav is listed twice",
    [header .. "a.wav,train\n"] = "line 2: 2 fields, but the header has 3",
    [header] = "no audio: 0 items are listed",
    [""] = "the file ends where a row was expected",
  } do
    tools.text(file, content)
    local none, why = ms.data.manifest(file)
    lu.assertNil(none)
    lu.assertStrContains(why, sentence)
    lu.assertStrContains(why, "clips/a.mp3,train,rock;loud")
  end
end)

return tests
