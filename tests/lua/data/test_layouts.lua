--- Published data sets in tiny trees of their layouts: what is opened, and what is refused and why.
local lu = require "luaunit"
local ms = require "moonstem"
local registry = require "moonstem.data.registry"
local tools = require "data_tools"

local T = {}

local folder = tools.folders(T)

-- An empty file where audio is listed: opening a data set reads none.
local function touch(path) tools.text(path, "") end

local function counts(set)
  return { set:count "train", set:count "valid", set:count "test" }
end

local function note_of(set) return table.concat(set.notes, "; ") end

local function known_as(name, dir) lu.assertEquals(assert(registry.guess(dir)).name, name) end

-- ---- folders of classes ------------------------------------------------------------------------
function T.test_folders()
  local dir = folder() .. "/mine"
  for _, class in ipairs { "blues", "rock" } do
    for n = 1, 20 do touch(("%s/%s/%d.wav"):format(dir, class, n)) end
  end
  touch(dir .. "/blues/notes.txt")
  touch(dir .. "/blues/._1.wav")
  touch(dir .. "/README")
  local set = assert(ms.data.folders(dir))
  lu.assertEquals(counts(set), { 32, 4, 4 })
  lu.assertEquals({ set.name, set.kind, set.classes }, { "mine", "genres", { "blues", "rock" } })
  lu.assertEquals(set:report()[1].reason, "not audio")
  lu.assertEquals(ms.data.folders(dir).hash, set.hash)
  lu.assertNotEquals(ms.data.folders(dir, { seed = 2 }).hash, set.hash)
  local grouped = assert(ms.data.folders(dir, { group = function(clip)
    return tonumber(clip.id:match "(%d+)%.wav$") // 2
  end }))
  local home = {}
  for _, split in ipairs { "train", "valid", "test" } do
    for _, item in ipairs(grouped:items(split)) do
      local group = tonumber(item.id:match "(%d+)%.wav$") // 2
      lu.assertEquals(home[group] or split, split)
      home[group] = split
    end
  end
  dir = folder()
  for _, split in ipairs { "train", "valid", "test" } do
    for _, class in ipairs { "a", "b" } do touch(("%s/%s/%s/1.flac"):format(dir, split, class)) end
  end
  set = assert(ms.data.folders(dir))
  lu.assertEquals(counts(set), { 2, 2, 2 })
  lu.assertEquals(set:items("valid")[2].id, "valid/b/1.flac")
  tools.refused("folders: there is no folder with clips", ms.data.folders(folder()))
  tools.refused("DIR/<class>/<clip>.wav", ms.data.folders(folder()))
end

local function gtzan(ending, inner)
  local dir = folder()
  for _, genre in ipairs { "blues", "jazz" } do
    for n = 45, 64 do
      touch(("%s/%s/%s/%s.%05d.%s"):format(dir, inner, genre, genre, n, ending))
    end
  end
  return dir
end

function T.test_gtzan()
  local dir = gtzan("wav", "genres_original")
  touch(dir .. "/genres_original/jazz/jazz.1.wav")
  local set = assert(ms.data.gtzan(dir))
  known_as("gtzan", dir)
  lu.assertEquals(set:count(), 39)
  lu.assertStrContains(note_of(set), "drawn at random: GTZAN repeats recordings")
  lu.assertStrContains(tostring(set:report()), "jazz.1.wav: not named <genre>.<five digits>")
  lu.assertStrContains(tostring(set:report()), "jazz.00054.wav: known to be damaged")
  dir = gtzan("au", "genres")
  tools.text(dir .. "/train_filtered.txt", "blues/blues.00045.wav\njazz/jazz.00045.wav\n")
  tools.text(dir .. "/valid_filtered.txt", "blues/blues.00046.wav\r\njazz/jazz.00046.wav\r\n")
  tools.text(dir .. "/test_filtered.txt", "blues/blues.00047.wav\njazz/jazz.00047.wav\n")
  set = assert(ms.data.gtzan(dir))
  lu.assertEquals(counts(set), { 2, 2, 2 })
  lu.assertEquals(set:items("valid")[1].id, "blues/blues.00046.au")
  lu.assertEquals(note_of(set), "")
  tools.text(dir .. "/test_filtered.txt", "a/a.wav\nb/b.wav\n")
  tools.refused("test_filtered.txt: 0 of its 2 clips are here", ms.data.gtzan(dir))
  tools.text(dir .. "/test_filtered.txt", "torn\n")
  tools.refused("test_filtered.txt: line 1: no clip's name", ms.data.gtzan(dir))
  tools.refused("gtzan: there are no clips", ms.data.gtzan(folder()))
end

-- ---- MTG-Jamendo -------------------------------------------------------------------------------
local HEADER = "TRACK_ID\tARTIST_ID\tALBUM_ID\tPATH\tDURATION\tTAGS\n"

local function track(number, artist, ...)
  return ("track_%07d\tartist_%06d\talbum_000001\t%02d/%d.mp3\t200.5\t%s\n")
    :format(number, artist, number % 100, number, table.concat({ ... }, "\t"))
end

local function jamendo(ending, subset)
  local dir = folder()
  local base = dir .. "/data/splits/split-0/" .. (subset or "autotagging_top50tags")
  tools.text(base .. "-train.tsv", HEADER .. track(214, 1, "genre---rock", "instrument---piano")
    .. track(215, 2, "genre---pop") .. track(216, 2, "mood/theme---happy", "genre---rock"))
  tools.text(base .. "-validation.tsv", HEADER .. track(1217, 3, "genre---rock"))
  tools.text(base .. "-test.tsv", HEADER .. track(1300218, 4, "genre---pop", "genre---rock"))
  for _, number in ipairs { 214, 215, 216, 1217, 1300218 } do
    touch(("%s/audio/%02d/%d%s"):format(dir, number % 100, number, ending))
  end
  return dir, base
end

function T.test_jamendo()
  local dir, base = jamendo ".mp3"
  known_as("jamendo", dir)
  local set = assert(ms.data.jamendo(dir))
  lu.assertEquals(counts(set), { 3, 1, 1 })
  lu.assertEquals(set.classes,
    { "genre---pop", "genre---rock", "instrument---piano", "mood/theme---happy" })
  local first = set:items("train")[1]
  lu.assertEquals({ first.id, first.labels, first.artist },
    { "track_0000214", { 2, 3 }, "artist_000001" })
  lu.assertEquals(set:items("test")[1].path, dir .. "/audio/18/1300218.mp3")
  lu.assertEquals(assert(ms.data.jamendo((jamendo ".low.mp3"))):count(), 5)
  lu.assertEquals(assert(ms.data.jamendo(jamendo(".mp3", "autotagging"), { tags = "all" })):count(),
    5)
  tools.refused("there is no " .. dir .. "/data/splits/split-2",
    ms.data.jamendo(dir, { split = 2 }))
  local function test_is(sentence, text)
    tools.text(base .. "-test.tsv", text)
    tools.refused("autotagging_top50tags-test.tsv: line " .. sentence, ms.data.jamendo(dir))
  end
  test_is("1: the header must be \"TRACK_ID", "TRACK\tARTIST_ID\n")
  test_is("2: 5 fields, but a track has 6", HEADER .. "track_1\ta\tb\t0/1.mp3\t1\n")
  test_is('2: the tag "rock" has no category', HEADER .. track(7, 1, "rock"))
  test_is('2: the duration is "long"', HEADER .. "track_1\ta\tb\t01/1.mp3\tlong\tgenre---pop\n")
  test_is('2: the path is "../1.mp3"', HEADER .. "track_1\ta\tb\t../1.mp3\t1\tgenre---pop\n")
  test_is("3: track_0000007 was listed before", HEADER .. track(7, 1, "genre---pop"):rep(2))
  tools.text(base .. "-test.tsv", HEADER .. track(1300218, 1, "genre---pop"))
  lu.assertStrContains(note_of(assert(ms.data.jamendo(dir))), "artists in two: artist_000001")
  lu.assertErrorMsgContains('option tags must be "top50tags", "genre"', ms.data.jamendo, dir,
    { tags = "top50" })
end

-- ---- ESC-50 ------------------------------------------------------------------------------------
local function esc_row(fold, source, target, category, small)
  return ("%d-%d-A-%d.wav,%d,%d,%s,%s,%d,A\n"):format(fold, source, target, fold, target, category,
    small and "True" or "False", source)
end

local ESC_HEADER = "filename,fold,target,category,esc10,src_file,take\n"

local function esc50(more)
  local dir, rows = folder(), { ESC_HEADER }
  for fold = 1, 5 do
    rows[#rows + 1] = esc_row(fold, 100 + fold, 0, "dog", true)
    rows[#rows + 1] = esc_row(fold, 200 + fold, 14, "chirping_birds", false)
    rows[#rows + 1] = esc_row(fold, 300 + fold, 36, "rooster", true)
  end
  for k = 2, #rows do touch(dir .. "/audio/" .. rows[k]:match "^[^,]+") end
  tools.text(dir .. "/meta/esc50.csv", table.concat(rows) .. (more or ""))
  return dir
end

function T.test_esc50()
  local dir = esc50()
  known_as("esc50", dir)
  local set = assert(ms.data.esc50(dir))
  lu.assertEquals(counts(set), { 9, 3, 3 })
  lu.assertEquals(set.classes, { "dog", "chirping_birds", "rooster" })
  for fold = 1, 5 do
    set = assert(ms.data.esc50(dir, { fold = fold }))
    lu.assertEquals(set:items("test")[1].fold, fold)
    lu.assertEquals(set:items("valid")[1].fold, (fold + 3) % 5 + 1)
  end
  set = assert(ms.data.esc50(dir, { esc10 = true }))
  lu.assertEquals({ set.name, #set.classes, set:count() }, { "esc10", 2, 10 })
  local function refused(sentence, row) tools.refused(sentence, ms.data.esc50(esc50(row))) end
  refused("esc50.csv: line 17: source 101 has the fold 2 here and 1 before",
    esc_row(2, 101, 0, "dog"))
  refused("target 0 has the category cat here and dog before", esc_row(1, 900, 0, "cat"))
  refused("category dog has the target 5 here and 0 before", esc_row(1, 900, 5, "dog"))
  refused('the fold is "6", not 1 to 5', esc_row(6, 900, 0, "dog"))
  refused("is listed twice", esc_row(1, 101, 0, "dog"))
  refused("is not named fold-source-take-target.wav", "dog.wav,1,0,dog,True,9,A\n")
  local none = folder()
  tools.refused("DIR/meta/esc50.csv", ms.data.esc50(none))
  tools.text(none .. "/meta/esc50.csv", "filename,target\n")
  tools.refused("line 1: there is no column fold", ms.data.esc50(none))
  lu.assertErrorMsgContains("fold must be 1 to 5, got 6", ms.data.esc50, dir, { fold = 6 })
end

-- ---- NSynth ------------------------------------------------------------------------------------
local function nsynth(change)
  local dir, number = folder(), 0
  for _, split in ipairs { "train", "valid", "test" } do
    local notes = {}
    for family = 0, split == "train" and 10 or 2 do
      number = number + 1
      local name = ("inst_acoustic_%03d-%03d-100"):format(number, 21 + family)
      notes[name] = { instrument_family = family, instrument_source = family % 3,
        pitch = 21 + family, instrument_str = name:match "^[^-]+",
        qualities = { family % 2, 0, 0, 0, 1, 0, 0, 0, 0, 0 } }
      touch(("%s/nsynth-%s/audio/%s.wav"):format(dir, split, name))
    end
    if change then change(notes, split) end
    tools.text(("%s/nsynth-%s/examples.json"):format(dir, split), ms.io.json_encode(notes))
  end
  return dir
end

function T.test_nsynth()
  local dir = nsynth()
  known_as("nsynth", dir)
  local set = assert(ms.data.nsynth(dir))
  lu.assertEquals(counts(set), { 11, 3, 3 })
  lu.assertEquals({ set.kind, #set.classes, set.classes[10] }, { "genres", 11, "synth_lead" })
  lu.assertEquals(set:items("valid")[3].class, 3)
  lu.assertStrContains(note_of(set), "a part of NSynth: train 11 of 289205")
  set = assert(ms.data.nsynth(dir, { target = "source" }))
  lu.assertEquals(set:items("train")[3].class, 3)
  set = assert(ms.data.nsynth(dir, { target = "qualities", partial = true }))
  lu.assertEquals({ set.kind, set:items("train")[2].labels }, { "tags", { 1, 5 } })
  set = assert(ms.data.nsynth(dir, { target = "pitch", partial = true }))
  lu.assertEquals({ #set.classes, set.classes[set:items("train")[1].class] }, { 128, "21" })
  local function broken(field, value)
    return nsynth(function(notes)
      for _, note in pairs(notes) do note[field] = value end
    end)
  end
  tools.refused("instrument_family is 11, not 0 to 10",
    ms.data.nsynth(broken("instrument_family", 11)))
  tools.refused("qualities is no list of 10 numbers",
    ms.data.nsynth(broken("qualities", { 1 }), { target = "qualities" }))
  lu.assertStrContains(note_of(assert(ms.data.nsynth(broken("instrument_str", "one")))),
    "instruments of training notes are in other splits, too: one")
  tools.refused("nsynth-train/examples.json", ms.data.nsynth(folder()))
end

-- ---- OpenMIC-2018 ------------------------------------------------------------------------------
local function openmic(more)
  local dir, rows = folder(), { "sample_key,instrument,relevance,num_responses" }
  local parts = { split01_train = {}, split01_test = {} }
  for k = 1, 24 do
    local key = ("%06d_%d"):format(k * 1000, k)
    local names = { "piano", "voice", "mallet_percussion" }
    rows[#rows + 1] = ("%s,%s,0.9,3"):format(key, names[k % 3 + 1])
    rows[#rows + 1] = ("%s,banjo,%g,3"):format(key, k % 2 * 0.5)
    table.insert(parts[k <= 20 and "split01_train" or "split01_test"], key)
    touch(("%s/audio/%s/%s.ogg"):format(dir, key:sub(1, 3), key))
  end
  tools.text(dir .. "/openmic-2018-aggregated-labels.csv", table.concat(rows, "\n") .. "\n"
    .. (more or ""))
  for name, keys in pairs(parts) do
    tools.text(("%s/partitions/%s.csv"):format(dir, name), table.concat(keys, "\n") .. "\n")
  end
  return dir
end

function T.test_openmic()
  local dir = openmic()
  known_as("openmic", dir)
  local set = assert(ms.data.openmic(dir, { partial = true }))
  lu.assertEquals(counts(set), { 17, 3, 4 })
  lu.assertEquals(#set.classes, 20)
  local item = set:items("test")[1] -- number 21: banjo of relevance 0.5, piano
  lu.assertEquals({ item.id, item.labels, item.known }, { "021000_21", { 2, 13 }, { 2, 13 } })
  item = set:items("test")[2]
  lu.assertEquals({ item.labels, item.known }, { { 20 }, { 2, 20 } })
  lu.assertStrContains(note_of(set), "each clip was labelled for a few instruments")
  lu.assertStrContains(note_of(set), "split01_test has 4 clips, 5085 in the published set")
  local function refused(sentence, row) tools.refused(sentence, ms.data.openmic(openmic(row))) end
  refused('line 50: there is no instrument "kazoo"', "001000_1,kazoo,1,3\n")
  refused('line 50: the relevance is "2", not 0 to 1', "001000_1,flute,2,3\n")
  refused('line 50: the sample_key is "a"', "a,flute,1,3\n")
  refused("line 50: banjo of 001000_1 is there twice", "001000_1,banjo,1,3\n")
  tools.text(dir .. "/partitions/split01_test.csv", "001000_1\n")
  tools.refused("split01_test.csv: line 1: 001000_1 was listed before", ms.data.openmic(dir))
  tools.text(dir .. "/partitions/split01_test.csv", "999999_1\n")
  tools.refused("split01_test.csv: line 1: 999999_1 has no labels", ms.data.openmic(dir))
  tools.refused("there is no openmic-2018-aggregated-labels.csv", ms.data.openmic(folder()))
  lu.assertErrorMsgContains("valid must be a share", ms.data.openmic, dir, { valid = 1.5 })
end

return T
