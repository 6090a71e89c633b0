--- Stand-in corpora: random numbers, MIDI, melodies, tags and layouts without tools; a few short
-- pieces with them.
local lu = require "luaunit"
local csv = require "moonstem.data.csv"
local ms = require "moonstem"
local data_tools = require "data_tools"
local mixing = require "standins.sound.mixing"
local sealed = require "moonstem.sys.sealed"
local corpora = ms.corpora
local melody = require "standins.score.melody"
local midi = require "standins.score.midi"
local names = require "standins.layouts.names"
local piece = require "standins.piece"
local rng = require "standins.rng"
local styles = require "standins.score.styles"
local tag_table = require "standins.layouts.tag_table"
local tags = require "standins.layouts.tags"
local theory = require "standins.score.theory"
local tools = require "standins.tools"
local labels = require "standins.layouts.labels"
local work_folder = require "moonstem.sys.work_folder"

local T = {}

local function contains(list, x)
  for _, y in ipairs(list) do if x == y then return true end end
  return false
end

-- ---- random numbers ------------------------------------------------------------------------
-- The first outputs of the published generators from their published seeding.
function T.test_the_generator_is_xoshiro()
  local r = setmetatable({ 1, 2, 3, 4 }, rng)
  local expected = { 11520, 0, 1509978240, 1215971899390074240 }
  for _, value in ipairs(expected) do lu.assertEquals(r:bits(), value) end
end

function T.test_generators_differ_by_every_part_of_their_key()
  local seen = {}
  for _, key in ipairs { { 1, "a", 1, 1 }, { 2, "a", 1, 1 }, { 1, "b", 1, 1 }, { 1, "a", 2, 1 },
    { 1, "a", 1, 2 } } do
    local first = rng.new(table.unpack(key)):bits()
    lu.assertNil(seen[first])
    lu.assertEquals(rng.new(table.unpack(key)):bits(), first)
    seen[first] = true
  end
end

function T.test_draws_have_their_means()
  local r, sum, squares, ones = rng.new(1, "test"), 0, 0, 0
  for _ = 1, 20000 do
    local x = r:normal(2, 3)
    sum, squares = sum + x, squares + (x - 2) ^ 2
    if r:pick({ 1, 2 }, { 3, 1 }) == 1 then ones = ones + 1 end
    local n = r:integer(-2, 2)
    lu.assertTrue(n >= -2 and n <= 2)
  end
  lu.assertAlmostEquals(sum / 20000, 2, 0.1)
  lu.assertAlmostEquals(math.sqrt(squares / 20000), 3, 0.1)
  lu.assertAlmostEquals(ones / 20000, 0.75, 0.02)
end

function T.test_even_draws_follow_their_weights_in_any_stretch()
  local counts = { a = 0, b = 0 }
  for k = 101, 140 do
    local name = names.draw({ { "a", 3 }, { "b", 1 } }, 5, "test", k)
    counts[name] = counts[name] + 1
  end
  lu.assertAlmostEquals(counts.a, 30, 2)
end

-- ---- MIDI ------------------------------------------------------------------------------------
function T.test_midi_tracks_survive_a_round_trip()
  local notes = { { 0, 96, 60, 100 }, { 96, 96, 62, 90 }, { 20000, 10, 64, 80 } }
  local track = midi.track("Lead", 3, 40, notes, 100, 64)
  local chunks = midi.split(midi.file { midi.tempo(120), track })
  lu.assertEquals(#chunks, 2)
  local found = midi.scan(chunks[2])
  lu.assertEquals({ found.name, found.channel, found.programs[1].program }, { "Lead", 3, 40 })
  for i, note in ipairs(notes) do
    lu.assertEquals(found.notes[i], { note[1], 0, note[3], note[4] })
  end
  local changed = midi.scan(midi.with_program(chunks[2], found.programs, 77))
  lu.assertEquals(changed.programs[1].program, 77)
  lu.assertEquals(changed.notes, found.notes)
end

-- Running status, system exclusive and meta events, as other programs write them.
function T.test_midi_reads_running_status_and_foreign_events()
  local chunk = "\0\xf0\3abc" .. "\0\xff\1\2hi" .. "\0\xc5\20" .. "\x81\x00\x95\60\100"
    .. "\10\60\0" .. "\10\64\50"
    .. "\0\xe5\0\64" .. "\0\xff\x2f\0"
  local track = midi.scan(chunk)
  lu.assertEquals(track.channel, 5)
  lu.assertEquals(track.programs[1].program, 20)
  lu.assertEquals(track.notes, { { 128, 0, 60, 100 }, { 148, 0, 64, 50 } })
end

function T.test_no_midi_is_refused()
  local nothing, why = midi.split("RIFFxxxxxxxxxxxxxx")
  lu.assertNil(nothing)
  lu.assertStrContains(why, "no MIDI")
end

-- ---- music -----------------------------------------------------------------------------------
local function laid_out(name, seed, start)
  local r = rng.new(seed, "test")
  local form = theory.form(r, styles[name], 20, start or "intro")
  theory.lay_out(r, form, styles[name], 4)
  return r, form
end

function T.test_forms_fill_their_bars()
  for seed = 1, 20 do
    local _, form = laid_out("pop", seed)
    local bars = 0
    for _, section in ipairs(form.sections) do
      lu.assertEquals(section.first, bars)
      bars = bars + section.bars
    end
    lu.assertEquals({ bars, #form.chords }, { form.bars, form.bars })
    lu.assertEquals(form.sections[1].kind, "I")
    lu.assertTrue(form.bars * 4 * 60 / form.bpm >= 20)
  end
end

function T.test_melodies_keep_to_range_scale_and_strong_beats()
  local r, form = laid_out("folk", 3)
  local bars = {}
  for b = 0, form.bars - 1 do bars[#bars + 1] = b end
  local line = melody.line(r, form, bars, 50, 65, 1, 0.1)
  lu.assertTrue(#line > 10)
  for _, note in ipairs(line) do
    local chord = theory.pitch_classes(form.key, form.chords[note[1] // 4 + 1])
    lu.assertTrue(note[3] >= 50 and note[3] <= 65)
    if note[1] % 2 == 0 then lu.assertTrue(contains(chord, note[3] % 12)) end
    lu.assertTrue(contains(chord, note[3] % 12) or contains(form.scale, (note[3] - form.key) % 12))
  end
end

function T.test_the_same_seed_writes_the_same_score()
  local function first_part()
    return piece.compose(rng.new(7, "test"), "baroque",
      { seconds = 10, start = "anywhere" }).band.parts[1].data
  end
  lu.assertEquals(first_part(), first_part())
end

-- ---- tags and layouts --------------------------------------------------------------------------
function T.test_tables_of_tags_are_those_of_the_data_set()
  lu.assertEquals({ #tag_table.columns, #tag_table.top }, { 188, 50 })
  for _, tag in ipairs(tag_table.top) do lu.assertTrue(contains(tag_table.columns, tag), tag) end
end

-- Own ensembles need no tools; the styles that mma plays are judged as if by a man with drums and
-- nothing else.
local function guess(style)
  local traits = { style = style, bpm = 120, vocal = true, gender = "m", drums = true, parts = 2,
    programs = {} }
  return labels.tags(traits, -15)
end

function T.test_every_top_tag_occurs_in_a_larger_corpus()
  local seen, o = {}, { seed = 1, count = 400, seconds = 10 }
  for _, p in ipairs(tags.pieces(o)) do
    local list
    if not styles[p.style].own then list = guess(p.style)
    else
      local wishes = tags.wishes(o, p)
      list = tags.judge(o, p, piece.compose(rng.new(1, "tags", p.index, 1), p.style, wishes).traits,
        wishes.level)
    end
    for _, tag in ipairs(list) do seen[tag] = true end
  end
  for _, tag in ipairs(tag_table.top) do lu.assertTrue(seen[tag], tag) end
end

function T.test_tags_follow_the_traits()
  local traits = { style = "rock", bpm = 150, vocal = true, gender = "f", drums = true, parts = 4,
    programs = { ["29"] = 0.5, ["0"] = 0.1 } }
  local list = labels.tags(traits, -10)
  for _, tag in ipairs { "rock", "guitar", "fast", "drums", "female voice", "singing", "loud" } do
    lu.assertTrue(contains(list, tag), tag)
  end
  for _, tag in ipairs { "piano", "slow", "no vocals", "male", "quiet", "solo" } do
    lu.assertFalse(contains(list, tag), tag)
  end
end

function T.test_genres_and_parts_are_all_there()
  local counts = corpora.stats("genres", { clips = 160 })
  local count = 0
  for name, by_part in pairs(counts.genres) do
    count = count + 1
    for _, part in ipairs { "training", "validation", "test" } do
      lu.assertTrue((by_part[part] or 0) > 0, name .. " " .. part)
    end
  end
  lu.assertEquals({ count, counts.count }, { 16, 160 })
end

local function ids(name, count)
  local list = {}
  for i, p in ipairs(require("standins.layouts." .. name).pieces { seed = 4, count = count }) do
    list[i] = p
  end
  return list
end

-- A piece stays what it is when the corpus grows, so that a larger one goes on from a smaller one.
function T.test_a_smaller_corpus_is_part_of_a_larger_one()
  for _, name in ipairs { "songs", "tags", "genres" } do
    local larger = {}
    for _, p in ipairs(ids(name, 70)) do larger[p.id] = p end
    local small = ids(name, 30)
    lu.assertEquals(#small, 30)
    for _, p in ipairs(small) do lu.assertEquals(p, larger[p.id]) end
  end
end

function T.test_songs_bear_validation_names_and_tags_fill_the_folders()
  local known, parts = {}, { train = 0, valid = 0, test = 0 }
  for _, p in ipairs(ids("songs", 24)) do
    if p.name == "Actions - One Minute Smile"
      or p.name == "Clara Berry And Wooldog - Waltz For My Victims" then
      known[#known + 1] = p.part
    end
  end
  lu.assertEquals(known, { "train", "train" })
  for _, p in ipairs(ids("tags", 100)) do parts[p.part] = parts[p.part] + 1 end
  lu.assertEquals(parts, { train = 70, valid = 10, test = 20 })
end

function T.test_table_rows_are_quoted_where_they_must_be()
  lu.assertEquals(csv.row { 1, "", 'a "b", c', "x\ny" }, '1,,"a ""b"", c","x\ny"\n')
  lu.assertEquals(csv.row({ 1, "b c" }, { separator = "\t", quoted = true }), '"1"\t"b c"\n')
end

function T.test_wishes_that_make_no_sense_raise()
  lu.assertErrorMsgContains("no option song", corpora.songs, { out = "x", song = 3 })
  lu.assertErrorMsgContains("seconds must lie", corpora.tags, { out = "x", seconds = 0.5 })
  lu.assertErrorMsgContains("out, the folder", corpora.genres, {})
  lu.assertErrorMsgContains("clips must be a whole number", corpora.tags,
    { out = "x", clips = 1.5 })
  lu.assertErrorMsgContains("no corpus", corpora.stats, "films")
end

-- ---- packages ----------------------------------------------------------------------------------
function T.test_recipes_install_what_rendering_needs()
  local recipe = ms.sys.read_file((arg[0]:match "^(.*)/" or ".") .. "/../../recipes/packages.sh")
  local listed = {}
  for name in recipe:match('corpora_packages="([^"]*)"'):gmatch "%S+" do listed[name] = true end
  for _, need in ipairs(tools.needs) do lu.assertTrue(listed[need.package], need.package) end
end

-- ---- with tools ---------------------------------------------------------------------------------
local folder

local function need_tools()
  local there, why = tools.check()
  lu.skipIf(not there, why)
  folder = folder or assert(ms.sys.tempdir())
  return folder
end

local function all_files(path, list, prefix)
  list, prefix = list or {}, prefix or ""
  for _, name in ipairs(ms.sys.list(path)) do
    local file = path .. "/" .. name
    if ms.sys.is_dir(file) then all_files(file, list, prefix .. name .. "/")
    elseif not name:find "^lock" then list[prefix .. name] = ms.sys.read_file(file) end
  end
  return list
end

-- Whether two folders hold the same bytes.
local function assert_same(one, two)
  local a, b = all_files(one), all_files(two)
  for name, bytes in pairs(a) do lu.assertTrue(bytes == b[name], name) end
  for name in pairs(b) do lu.assertNotNil(a[name], name) end
end

local function assert_sum(song)
  local sum
  for _, stem in ipairs { "vocals", "drums", "bass", "other" } do
    local wave = assert(ms.audio.read(("%s/%s.wav"):format(song, stem), { mono = false }))
    lu.assertTrue(mixing.rms(wave) > 1e-4, stem)
    sum = sum and mixing.add(sum, wave) or wave
  end
  local mixture = assert(ms.audio.read(song .. "/mixture.wav", { mono = false }))
  lu.assertEquals(mixing.peak(mixing.add(mixture, sum, 0, -1)), 0)
  lu.assertEquals(mixture:size(), { 8 * 44100, 2 })
end

function T.test_songs_with_tools()
  local root = need_tools() .. "/songs"
  local o = { songs = 2, seconds = 8, seed = 2, workers = 2, progress = false, out = root }
  lu.assertEquals(assert(corpora.songs(o)).rendered, 2)
  for _, part in ipairs { "train", "test" } do
    assert_sum(("%s/%s/%s"):format(root, part, ms.sys.list(root .. "/" .. part)[1]))
  end
  local left = root .. "/.moonstem/work-2" -- by a process that was killed
  assert(ms.sys.mkdir(left))
  -- what is there stays; a file that has gone comes back as it was
  lu.assertEquals(assert(corpora.songs(o)).rendered, 0)
  lu.assertFalse(ms.sys.exists(left))
  local before = all_files(root)
  local lost = ("%s/test/%s/bass.wav"):format(root, ms.sys.list(root .. "/test")[1])
  assert(ms.sys.remove(lost))
  o.workers = 1
  lu.assertEquals(assert(corpora.songs(o)).rendered, 1)
  for name, bytes in pairs(all_files(root)) do lu.assertTrue(bytes == before[name], name) end
  assert(corpora.verify(root))
  -- other settings in the same folder are refused
  o.seed = 3
  local nothing, why = corpora.songs(o)
  lu.assertNil(nothing)
  lu.assertStrContains(why, "seed 2, not 3")
end

function T.test_tags_with_tools()
  local root = need_tools() .. "/tags"
  local o = { clips = 4, seconds = 4, seed = 2, progress = false, workers = 1, out = root .. "1" }
  assert(corpora.tags(o))
  o.workers, o.out = 2, root .. "2"
  assert(corpora.tags(o))
  assert_same(root .. "1", root .. "2")
  local header, rest = ms.sys.read_file(root .. "1/annotations_final.csv"):match("^([^\n]*)\n(.*)$")
  lu.assertEquals(select(2, header:gsub("\t", "")), 189)
  local path = rest:match('"([^"]*%.mp3)"\n')
  local wave, rate = ms.audio.read(root .. "1/" .. path)
  lu.assertEquals({ wave:size(1), rate }, { 64000, 16000 })
end

function T.test_genres_with_tools()
  local root = need_tools() .. "/genres"
  assert(corpora.genres { clips = 3, seconds = 4, seed = 2, progress = false, out = root })
  local text = ms.sys.read_file(root .. "/fma_metadata/tracks.csv")
  lu.assertStrContains(text, "\ntrack_id,,")
  lu.assertStrContains(text, 'A ""stand-in"" band')
  local n = 0
  for name in pairs(all_files(root)) do if name:find("%.mp3$") then n = n + 1 end end
  lu.assertEquals(n, 3)
end

local function changed(path, from, to)
  local text = assert(ms.sys.read_file(path))
  local new, n = text:gsub(from, to)
  lu.assertEquals(n, 1, text)
  assert(ms.sys.write_file(path, new))
end

-- Damage, and a piece that another version of something would have drawn in its place.
function T.test_a_corpus_is_what_its_seed_gave()
  local root = need_tools() .. "/sealed"
  local o = { clips = 2, seconds = 3, seed = 3, workers = 1, progress = false, out = root }
  assert(corpora.tags(o))
  assert(corpora.verify(root))
  local piece_of, corpus = root .. "/.moonstem/pieces/00002.json", root .. "/.moonstem/corpus.json"
  local before = ms.sys.read_file(piece_of)
  -- what this seed gives, whatever plays it: another sum is another corpus (rng.format)
  lu.assertEquals(ms.io.load_json(piece_of).score, "aee645bf")
  changed(piece_of, '"attempt": 1', '"attempt": 2')
  data_tools.refused("piece 00002 is damaged or has gone", corpora.verify(root))
  lu.assertEquals(assert(corpora.tags(o)).rendered, 1)
  lu.assertEquals(ms.sys.read_file(piece_of), before)
  -- a sound record of another piece
  local record = ms.io.load_json(piece_of)
  record.crc32c, record.attempt = nil, 2
  assert(sealed.save(piece_of, record))
  data_tools.refused("piece 00002 is not what the seed gave", corpora.verify(root))
  data_tools.refused("piece 00002 is not what the seed gave", corpora.tags(o))
  changed(corpus, '"seed": 3', '"seed": 4')
  data_tools.refused("corpus.json was changed after it was written", corpora.tags(o))
  data_tools.refused("No such file", corpora.verify(root .. "/nothing"))
end

-- Removes what the tests above rendered; the name puts it last.
function T.test_zz_clean_up()
  if folder then work_folder.clear(folder) end
  lu.assertTrue(not folder or not ms.sys.exists(folder))
end

return T
