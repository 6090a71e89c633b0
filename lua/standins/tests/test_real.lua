--- Corpora of real music: MIDI files and modules made here, in a made package.
local lu = require "luaunit"
local csv = require "moonstem.data.csv"
local events = require "standins.real.events"
local excerpts = require "standins.real.excerpts"
local labels = require "standins.real.labels"
local midi = require "standins.score.midi"
local mixing = require "standins.sound.mixing"
local ms = require "moonstem"
local packages = require "standins.real.packages"
local sounds = require "standins.real.sounds"
local tools = require "standins.tools"
local tracker = require "moonstem.core.tracker"
local wad = require "standins.real.wad"
local work_folder = require "moonstem.sys.work_folder"

local T = {}
local real = ms.corpora.real
local folder

local function has(list, x)
  for _, y in ipairs(list) do if x == y then return true end end
  return false
end

-- ---- made files ----------------------------------------------------------------------------
-- Quarter notes of `keys`, one after the other, at 120 a minute: half a second each.
local function quarters(keys)
  local notes = {}
  for i, key in ipairs(keys) do notes[i] = { (i - 1) * 192, 180, key, 100 } end
  return notes
end

local function repeated(keys, n)
  local list = {}
  for _ = 1, n do for _, key in ipairs(keys) do list[#list + 1] = key end end
  return list
end

-- A song of 16 seconds: piano, bass, drums; and, in the second half, a flute on the piano's
-- channel.
local function made_song(bpm)
  return midi.file {
    midi.tempo(bpm or 120),
    midi.track("Piano", 0, 0, quarters(repeated({ 60, 64 }, 8)), 100, 40),
    midi.track("Bass", 1, 33, quarters(repeated({ 36, 43 }, 16)), 100, 64),
    midi.track("Drums", 9, 0, quarters(repeated({ 36, 38 }, 16)), 100, 64),
    "\xa4\x00\xc0\73\0\x90\72\100" .. "\x8c\x00\x80\72\0" .. "\0\xff\x2f\0", -- 12 to 16 s
  }
end

-- A module of four channels in the classic Amiga format: a loud square wave for each name, played
-- in turn on its own channel.
local function made_module(names)
  local out = { ("%-20s"):format("made"):gsub(" ", "\0"), nil }
  for i = 1, 31 do
    local length = names[i] and 512 or 0
    out[#out + 1] = string.pack(">c22I2BBI2I2", names[i] or "", length // 2, 0, 64, 0, length // 2)
  end
  out[#out + 1] = string.pack("BBc128c4", 1, 127, "\0", "M.K.")
  for row = 0, 63 do
    for channel = 1, 4 do
      local plays = names[channel] and row % 8 == 2 * (channel - 1)
      local note = plays and string.pack(">I2BB", 214 * channel, channel << 4, 0)
      out[#out + 1] = note or "\0\0\0\0"
    end
  end
  for _ = 1, #names do out[#out + 1] = ("\x40\x40\x40\x40\xc0\xc0\xc0\xc0"):rep(64) end
  return table.concat(out)
end

-- ---- MIDI ------------------------------------------------------------------------------------
function T.test_events_know_notes_times_and_programs()
  local song = assert(events.read(made_song()))
  lu.assertEquals({ song.division, #song.notes, song.xg }, { 192, 81, nil })
  local flute = song.notes[#song.notes]
  for _, note in ipairs(song.notes) do if note.program == 73 then flute = note end end
  lu.assertEquals({ flute.key, flute.channel, flute.drums }, { 72, 0, false })
  lu.assertAlmostEquals(flute.seconds, 12, 1e-9)
  lu.assertAlmostEquals(flute.stop, 16, 1e-9)
  lu.assertAlmostEquals(events.tempo(song, 0, 16), 120, 1e-3)
end

function T.test_tempo_is_the_mean_over_time()
  local quick = "\0\xff\x51\x03" .. string.pack(">I3", 250000) -- 240 a minute
  local slow = "\x83\0\xff\x51\x03" .. string.pack(">I3", 1000000) -- 60, two quarters later
  local song = assert(events.read(midi.file { quick .. slow .. "\0\xff\x2f\0",
    midi.track("Bass", 1, 33, quarters(repeated({ 36 }, 8)), 100, 64) }))
  lu.assertAlmostEquals(song.notes[3].seconds, 0.5, 1e-9)
  lu.assertAlmostEquals(song.notes[4].seconds, 1.5, 1e-9)
  lu.assertAlmostEquals(events.tempo(song, 0, 2), (240 * 0.5 + 60 * 1.5) / 2, 1e-6)
end

function T.test_excerpts_keep_programs_and_the_chosen_notes()
  local song = assert(events.read(made_song()))
  local bytes, at = events.excerpt(song, 12, 14, function(note) return not note.drums end)
  lu.assertAlmostEquals(at, 12, 1e-9)
  local part = assert(events.read(bytes))
  local programs = {}
  for _, note in ipairs(part.notes) do
    lu.assertFalse(note.drums)
    lu.assertTrue(note.seconds < 2)
    programs[note.program] = (programs[note.program] or 0) + 1
  end
  lu.assertEquals(programs, { [33] = 4, [73] = 1 })
end

function T.test_files_that_would_sound_wrong_are_left_out()
  local xg = midi.file { "\0\xb3\0\127" .. midi.track("Kit", 3, 0, quarters { 36 }, 100, 64) }
  lu.assertTrue(events.read(xg).xg)
  local _, why = events.read("RIFF" .. ("\0"):rep(40))
  lu.assertStrContains(why, "no MIDI")
  _, why = events.read(made_song():sub(1, 12) .. "\xe7\x28" .. made_song():sub(15))
  lu.assertStrContains(why, "frames, not beats")
end

function T.test_events_that_the_chunk_cuts_off_are_left_out()
  local whole = "\0\x90\x3c\x40"
  for _, rest in ipairs { "\0\x90", "\0\x90\x3c", "\0\xc0", "\0\xff\x51\3\7", "\0\xff" } do
    local song = assert(events.read(midi.file { whole .. rest }))
    lu.assertEquals(#song.notes, 1)
    lu.assertEquals(#midi.scan(whole .. rest).notes, 1)
    lu.assertEquals(midi.scan(whole .. rest).programs, {})
  end
end

-- More bytes than four would make a number below 0, and the reader go back for ever.
function T.test_numbers_of_midi_files_have_four_bytes_at_most()
  local n, at = midi.read_variable(("\xff"):rep(9) .. "\x7f", 1)
  lu.assertEquals({ n, at }, { (1 << 28) - 1, 5 })
  local chunk = "\0\xff\1" .. ("\xff"):rep(9) .. "\x7f" .. ("\0\x90\x3c\x40"):rep(3)
  lu.assertTrue(#assert(events.read(midi.file { chunk })).notes < 4)
  lu.assertTrue(#midi.scan(chunk).notes < 4)
end

function T.test_pieces_in_wad_files_are_found()
  folder = folder or assert(ms.sys.tempdir())
  local song, rows = made_song(), ""
  local lumps = { { "D_E1M1", song }, { "SPRITE", "MThd" }, { "D_MUS", "MUS!" }, { "D_ABC", song } }
  local body, at = "", 12
  for _, lump in ipairs(lumps) do
    rows = rows .. string.pack("<I4I4c8", at, #lump[2], lump[1])
    body, at = body .. lump[2], at + #lump[2]
  end
  local path = folder .. "/made.wad"
  assert(ms.sys.write_file(path, string.pack("<c4I4I4", "PWAD", #lumps, at) .. body .. rows))
  lu.assertEquals(wad.names(path), { "D_ABC", "D_E1M1" })
  lu.assertTrue(wad.read(path .. "/D_E1M1") == song)
  lu.assertNil(wad.read(path .. "/D_NONE"))
  lu.assertEquals(wad.names(folder .. "/none.wad"), {})
end

-- ---- tags --------------------------------------------------------------------------------------
function T.test_tags_are_true_of_what_sounds()
  local song = assert(events.read(made_song()))
  local first = labels.tags(song, 0, 8)
  for _, tag in ipairs { "piano", "bass", "drums", "beat", "no vocals", "no guitar", "no flute" } do
    lu.assertTrue(has(first, tag), tag)
  end
  for _, tag in ipairs { "flute", "no piano", "no drums", "guitar", "solo", "fast", "slow" } do
    lu.assertFalse(has(first, tag), tag)
  end
  local second = labels.tags(song, 12, 16, { "blues" })
  for _, tag in ipairs { "flute", "no piano", "blues" } do lu.assertTrue(has(second, tag), tag) end
  lu.assertFalse(has(second, "piano"))
  lu.assertTrue(has(labels.tags(events.read(made_song(150)), 0, 6), "fast"))
  lu.assertTrue(has(labels.tags(events.read(made_song(60)), 0, 6), "slow"))
end

function T.test_one_piano_is_a_solo_and_a_choir_leaves_voices_open()
  local function alone(program)
    return labels.tags(events.read(midi.file { midi.tempo(120),
      midi.track("One", 0, program, quarters(repeated({ 60 }, 16)), 100, 64) }), 0, 8)
  end
  for _, tag in ipairs { "solo", "piano", "piano solo", "no drums", "no voice" } do
    lu.assertTrue(has(alone(0), tag), tag)
  end
  for _, tag in ipairs { "no voice", "no vocals", "instrumental", "vocals" } do
    lu.assertFalse(has(alone(52), tag), tag)
  end
end

-- ---- names ------------------------------------------------------------------------------------
function T.test_names_of_instruments_tell_their_stem()
  local expected = { drums = { "BassDrum", "snare:soundwave", "Drum.Hihat.Closed", "HallBaseDrum.1",
    "hihato", "BuffBD", "C-Hihat" }, bass = { "bass:alexg", "Guitar.Bass.NewPoem2", "HugeBass" },
    other = { "Bassoon", "bass-oboe:*", "piano:necros", "Flute2", "SynthLead" },
    vocals = { "Vox.Speech.Scream", "rap 1" }, mixed = { "Groove.3" } }
  for stem, names in pairs(expected) do
    for _, name in ipairs(names) do lu.assertEquals(sounds.stem(name), stem, name) end
  end
  for _, name in ipairs { "", "037", "NoName", "by reed", "all samples are", "THE TRAP" } do
    lu.assertNil(sounds.stem(name), name)
  end
end

function T.test_no_composer_is_in_two_parts()
  local part_of = {}
  for _, package in ipairs(packages.list) do
    for _, row in ipairs(package.composers or {}) do
      local _, composer, part = table.unpack(row)
      lu.assertTrue(part == "train" or part == "valid" or part == "test")
      lu.assertEquals(part_of[composer] or part, part, composer)
      part_of[composer] = part
    end
    lu.assertTrue(package.kind == "recording" or package.composers ~= nil, package.name)
  end
end

function T.test_excerpts_are_where_all_stems_sound()
  local active = { drums = {}, bass = {} }
  for second = 5, 20 do active.drums[second] = true end
  for second = 11, 30 do active.bass[second] = true end
  lu.assertEquals({ excerpts.choose(active, 30, 10) }, { 10, 10, 10 })
  lu.assertEquals({ excerpts.choose(active, 8, 10) }, { 0, 8, 0 })
end

-- ---- modules ----------------------------------------------------------------------------------
local NAMES = { "bassdrum", "fretless bass", "piano", "lead" }

local function need_libopenmpt()
  local module, why = tracker.open(made_module(NAMES))
  lu.skipIf(not module and why:find "libopenmpt0", why)
  return assert(module, why)
end

function T.test_instruments_of_modules_add_up()
  local whole = need_libopenmpt()
  local names = whole:names()
  lu.assertEquals({ table.unpack(names, 1, 4) }, NAMES)
  local frames, sum = 44100, mixing.silence(44100, 2)
  for i = 1, 4 do
    local one <close> = assert(tracker.open(made_module(NAMES)))
    for k = 1, 4 do if k ~= i then one:mute(k) end end
    local wave = one:read(44100, frames)
    lu.assertTrue(mixing.rms(wave) > 0.01, NAMES[i])
    mixing.add(sum, wave)
  end
  lu.assertTrue(mixing.peak(mixing.add(sum, (whole:read(44100, frames)), 0, -1)) < 1e-5)
end

function T.test_modules_refuse_what_makes_no_sense()
  local module <close> = need_libopenmpt()
  lu.assertErrorMsgContains("no such instrument", module.mute, module, 32)
  lu.assertErrorMsgContains("8000 to 192000", module.read, module, 100, 10)
  local nothing, why = tracker.open("no module")
  lu.assertNil(nothing)
  lu.assertStrContains(why, "no such format")
  local frames = select(2, module:read(8000, 8000 * 60))
  lu.assertTrue(frames > 8000 and frames < 8000 * 60)
end

-- ---- corpora ----------------------------------------------------------------------------------
-- A package with songs of three composers, one for each part, among those that are known while f
-- runs.
local function with_package(f)
  folder = folder or assert(ms.sys.tempdir())
  assert(ms.sys.mkdir(folder .. "/music"))
  for i, name in ipairs { "a", "b", "c" } do
    assert(ms.sys.write_file(("%s/music/%s.mid"):format(folder, name), made_song(110 + 10 * i)))
  end
  assert(ms.sys.write_file(folder .. "/music/d.mid", midi.file { midi.tempo(120),
    midi.track("Bass", 1, 33, quarters { 36 }, 100, 64) }))
  table.insert(packages.list, { name = "made-music", folder = folder .. "/music", files = "%.mid$",
    kind = "midi", licence = "none", composers = { { "^a", "Ada", "train" },
      { "^b", "Bob", "valid" }, { "^c", "Cy", "test" }, { "", "Dan", "train" } } })
  local results = table.pack(pcall(f))
  table.remove(packages.list)
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2)
end

local function need_tools()
  lu.skipIf(not tools.on_path "fluidsynth" or not ms.sys.exists(tools.soundfont),
    "fluidsynth and timgm6mb-soundfont are needed")
end

local function options(name)
  return { out = folder and folder .. "/" .. name, packages = { "made-music" }, workers = 1,
    soundfonts = { tools.soundfont }, progress = false, seconds = 6 }
end

local function assert_song(path)
  local sum
  for _, stem in ipairs { "vocals", "drums", "bass", "other" } do
    local wave = assert(ms.audio.read(("%s/%s.wav"):format(path, stem), { mono = false }))
    lu.assertEquals(mixing.rms(wave) > 1e-4, stem ~= "vocals", stem)
    sum = sum and mixing.add(sum, wave) or wave
  end
  local mixture = assert(ms.audio.read(path .. "/mixture.wav", { mono = false }))
  lu.assertEquals(mixing.peak(mixing.add(mixture, sum, 0, -1)), 0)
  lu.assertEquals(mixture:size(), { 6 * 44100, 2 })
end

function T.test_songs_have_true_stems()
  need_tools()
  with_package(function()
    local made = assert(real.songs(options "songs"))
    lu.assertEquals({ made.count, made.rendered, #made.missing }, { 3, 3, 0 })
    local root, music = made.out, ms.data.musdb18(made.out)
    for part, name in pairs { train = "Ada - a", valid = "Bob - b", test = "Cy - c" } do
      lu.assertEquals(#music:items(part), 1)
      lu.assertEquals(music:items(part)[1].name, name .. " (made-music)")
      assert_song(("%s/%s/%s (made-music)"):format(root, part, name))
    end
    local text = ms.sys.read_file(root .. "/LICENCES.md")
    lu.assertStrContains(text, "`c.mid`: test, by Cy")
    lu.assertStrContains(text, "`d.mid`: left out: no drums")
    lu.assertEquals(real.songs(options "songs").rendered, 0)
    local other = options "songs"
    other.seconds = 7
    local nothing, why = real.songs(other)
    lu.assertNil(nothing)
    lu.assertStrContains(why, "seconds 6")
  end)
end

function T.test_two_renderings_are_equal()
  need_tools()
  with_package(function()
    local one, two = options "one", options "two"
    one.songs, two.songs = 1, 1
    assert(real.songs(one))
    assert(real.songs(two))
    for _, stem in ipairs { "drums", "bass", "other", "mixture" } do
      local name = ("/train/Ada - a (made-music)/%s.wav"):format(stem)
      lu.assertTrue(ms.sys.read_file(one.out .. name) == ms.sys.read_file(two.out .. name), stem)
    end
  end)
end

function T.test_tagged_clips_say_what_sounds()
  need_tools()
  with_package(function()
    local made = assert(real.tags(options "tags"))
    lu.assertEquals(made.count, 6)
    local folders = { ada = "[0-9ab]", bob = "c", cy = "[def]" }
    local rows = assert(csv.read(made.out .. "/manifest.csv"))
    lu.assertEquals(#rows, 7)
    for i = 2, 7 do
      local path, _, tags = table.unpack(rows[i])
      lu.assertStrMatches(path, folders[path:match "/(%a+)%-made"] .. "/.*")
      lu.assertTrue((";" .. tags .. ";"):find(";drums;", 1, true) ~= nil, tags)
    end
    local dataset = assert(ms.data.mtat(made.out, { partial = true }))
    lu.assertEquals(#dataset:items "test", 2)
    local wave, rate = ms.audio.read(dataset:items("test")[1].path)
    lu.assertEquals({ wave:size(1), rate }, { 96000, 16000 })
  end)
end

function T.test_the_lab_takes_real_music_in_place_of_stand_ins()
  need_tools()
  local sets = require "moonstem.lab.sets"
  with_package(function()
    local o = options "unused"
    local asked = { out = folder .. "/lab", corpus = "real", seed = 1, corpora = {
      songs = { packages = o.packages, soundfonts = o.soundfonts, seconds = 6, progress = false },
      genres = {} } }
    local set = assert(sets.open("musdb", asked))
    lu.assertTrue(set.synthetic)
    lu.assertStrContains(table.concat(set.notes, "; "), "human composers")
    lu.assertEquals(#set:items "valid", 1)
    local nothing, why = sets.open("fma", asked)
    lu.assertNil(nothing)
    lu.assertStrContains(why, "nothing real for fma")
  end)
end

-- ---- what is missing, and what makes no sense -------------------------------------------------
function T.test_missing_packages_are_named()
  table.insert(packages.list, { name = "gone-music", folder = "/no/such/folder", files = "%.mid$",
    kind = "midi", licence = "none", composers = { { "", "Nobody", "train" } } })
  folder = folder or assert(ms.sys.tempdir())
  local nothing, why = real.songs { out = folder .. "/gone", packages = { "gone-music" } }
  table.remove(packages.list)
  lu.assertNil(nothing)
  lu.assertStrContains(why, "apt-get install --no-install-recommends gone-music")
end

function T.test_wishes_that_make_no_sense_raise()
  lu.assertErrorMsgContains("no option song", real.songs, { out = "x", song = 3 })
  lu.assertErrorMsgContains("seconds must lie", real.tags, { out = "x", seconds = 0.5 })
  lu.assertErrorMsgContains("out, the folder", real.songs, {})
  lu.assertErrorMsgContains("no package simutrans-dato", real.songs,
    { out = "x", packages = { "simutrans-dato" } })
  lu.assertErrorMsgContains("kind module", real.tags, { out = "x", packages = { "pachi-data" } })
  lu.assertErrorMsgContains("no corpus", real.survey, "films")
end

-- Removes what the tests above made; the name puts it last.
function T.test_zz_clean_up()
  if folder then work_folder.clear(folder) end
  lu.assertTrue(not folder or not ms.sys.exists(folder))
end

return T
