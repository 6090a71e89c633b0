--- The commands separate and tag: names, refusals, levels, streams and exit statuses.
local lu = require "luaunit"
local ms = require "moonstem"
local describe = require "moonstem.train.model_config".describe
local inputs = require "moonstem.app.inputs"
local stem_names = require "moonstem.app.stem_names"
local tools = require "data_tools"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local tests = {}

-- Runs the program in a folder: exit status, standard output, standard error.
local function run(dir, ...)
  local status = ms.sys.run { "sh", "-c", 'cd "$0" && exec "$@" > out.txt 2> err.txt', dir, PROGRAM,
    ... }
  return status, assert(ms.sys.read_file(dir .. "/out.txt")),
    assert(ms.sys.read_file(dir .. "/err.txt"))
end

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  table.sort(list)
  return list
end

-- A separator that knows nothing, which is enough here; about: what else its checkpoint says.
local function save_separator(dir, sources, about)
  ms.seed(4)
  local model = ms.models.separator { unet = ms.models.unet { widths = { 4, 8, 8, 8, 8, 8 },
    sources = sources } }
  about = about or {}
  about.model = describe(model)
  assert(ms.train.save_weights(dir .. "/s.safetensors", model, about))
  return model
end

-- broken: one of its weights is NaN.
local function save_tagger(dir, broken)
  ms.seed(5)
  local tail = ms.models.cnn_tail { classes = 3, widths = { 4, 4, 8, 8, 8, 8, 16 }, hidden = 16 }
  local model = ms.models.tail_only { tail = tail }
  if broken then model:parameters()[1].value:reshape({ -1 }):set(1, 0 / 0) end
  assert(ms.train.save_weights(dir .. "/t.safetensors", model,
    { model = describe(model), classes = { "a", "b", "c" }, kind = "tags" }))
  return model
end

local function tone(seconds, peak)
  local list = {}
  for n = 1, math.floor(seconds * 16000) do list[n] = peak * math.sin(n * 0.13) end
  return ms.tensor(list)
end

-- The largest |sources + rest - mixture| in steps of 16 bits.
local function residue(dir, name, sources, mixture)
  local sum = ms.audio.read(("%s/%s.rest.wav"):format(dir, name))
  for _, source in ipairs(sources) do
    sum = sum + ms.audio.read(("%s/%s.%s.wav"):format(dir, name, source))
  end
  return (sum - mixture):abs():max() * 32768
end

-- ---- names ----------------------------------------------------------------------------------
local function chosen(files, sources)
  local list = {}
  local options = { out = "/no/o", format = "wav" }
  for i, song in ipairs(assert(stem_names.choose(files, sources or { "x" }, options))) do
    list[i] = song.stems[1]
  end
  return list
end

function tests.test_songs_keep_their_own_name_where_they_can()
  lu.assertEquals(chosen { "a.wav", "/q/b.c.flac", "d" },
    { "/no/o/a.x.wav", "/no/o/b.c.x.wav", "/no/o/d.x.wav" })
  lu.assertEquals(chosen { "/q/a.wav", "/q/a.mp3" }, { "/no/o/a.wav.x.wav", "/no/o/a.mp3.x.wav" })
  lu.assertEquals(chosen { "/A/1.wav", "/B/1.wav", "/B/2.wav" },
    { "/no/o/A/1.x.wav", "/no/o/B/1.x.wav", "/no/o/2.x.wav" })
  lu.assertEquals(chosen { "/A/C/1.wav", "/B/C/1.wav" },
    { "/no/o/A/C/1.x.wav", "/no/o/B/C/1.x.wav" })
  lu.assertEquals(chosen { "/q/1.wav", "/B/1.wav", "/B/1.mp3" },
    { "/no/o/q/1.wav.x.wav", "/no/o/B/1.wav.x.wav", "/no/o/B/1.mp3.x.wav" })
  lu.assertEquals(chosen { "/q/.wav" }, { "/no/o/.wav.x.wav" })
end

function tests.test_a_file_that_is_named_twice_is_separated_once()
  local songs, twice = stem_names.choose({ "/q/a.wav", "/q//./a.wav", "/q/b.wav" }, { "x" },
    { out = "/no/o", format = "wav" })
  lu.assertEquals(#songs, 2)
  lu.assertEquals(twice, { "/q//./a.wav" })
end

tests.test_no_stem_takes_the_place_of_a_song_or_a_file = tools.in_folder(function(dir)
  for _, name in ipairs { "a.wav", "a.x.wav", "b.rest.wav" } do
    tools.text(dir .. "/" .. name, "sound")
  end
  local function refused(sentence, files, force)
    tools.refused(sentence,
      stem_names.choose(files, { "x" }, { out = dir, format = "wav", force = force }))
  end
  refused("a.x.wav exists already; --force", { dir .. "/a.wav" })
  refused("would take the place of a song that is to be separated",
    { dir .. "/a.wav", dir .. "/a.x.wav" }, true)
  refused("b.rest.wav exists already", { "/q/b.wav" })
  lu.assertEquals(#assert(stem_names.choose({ dir .. "/a.wav" }, { "x" },
    { out = dir, format = "wav", force = true })), 1)
  refused("/q/c.wav and /r/c.wav.wav would both be separated into",
    { "/q/c.wav", "/q/c.mp3", "/r/c.wav.wav" }, true)
end)

tests.test_resume_leaves_out_the_songs_whose_stems_are_all_there = tools.in_folder(function(dir)
  for _, name in ipairs { "a.x.wav", "a.rest.wav", "b.x.wav" } do
    tools.text(dir .. "/" .. name, "sound")
  end
  local songs = assert(stem_names.choose({ "/q/a.wav", "/q/b.wav", "/q/c.wav" }, { "x" },
    { out = dir, format = "wav", resume = true }))
  lu.assertEquals({ songs[1].file, songs[2].file, songs[3] }, { "/q/b.wav", "/q/c.wav" })
end)

tests.test_folders_stand_for_the_sounds_in_them = tools.in_folder(function(dir)
  for _, name in ipairs { "b.MP3", "a/x.flac", "a/cover.jpg", "notes.txt" } do
    tools.text(dir .. "/in/" .. name, "")
  end
  lu.assertEquals(inputs.files { "z.txt", dir .. "/in/" },
    { "z.txt", dir .. "/in/a/x.flac", dir .. "/in/b.MP3" })
  tools.text(dir .. "/none/cover.jpg", "")
  tools.refused("none: there are no sound files in this folder", inputs.files { dir .. "/none" })
end)

-- ---- separate -------------------------------------------------------------------------------
tests.test_stems_may_have_names_as_long_as_names_may_be = tools.in_folder(function(dir)
  save_separator(dir, 1)
  local name = ("n"):rep(239) -- NAME.source.wav and the four letters of its temporary file
  assert(ms.audio.write(("%s/%s.wav"):format(dir, name), tone(0.1, 0.5), 16000))
  local status, out, err = run(dir, "separate", "--model", "s.safetensors", name .. ".wav")
  lu.assertEquals(status, 0, err)
  lu.assertEquals(#lines(out), 2)
  lu.assertStrContains(err, "  1/1 s of sound  ")
end)

tests.test_separate_writes_what_the_library_separates = tools.in_folder(function(dir)
  local model = save_separator(dir, 4)
  local song = tools.noise(9)
  tools.write(dir .. "/A/song.wav", song, { encoding = "float" })
  tools.write(dir .. "/B/song.wav", tone(3, 0.5), { encoding = "float" })
  local status, out, err = run(dir, "separate", "--model", "s.safetensors", "A/song.wav",
    "B/song.wav", "--out", "o", "--rate", "16000")
  lu.assertEquals(status, 0)
  lu.assertEquals(#lines(out), 10)
  lu.assertNotStrContains(err, "scaled")
  local sources = { "vocals", "other", "drums", "bass" }
  lu.assertTrue(residue(dir .. "/o/A", "song", sources, song) <= 3)
  lu.assertTrue(residue(dir .. "/o/B", "song", sources, tone(3, 0.5)) <= 3)
  local whole = ms.evaluate.separate(model, song)
  for k, source in ipairs(sources) do
    local stem = ms.audio.read(("%s/o/A/song.%s.wav"):format(dir, source))
    lu.assertTrue((stem - whole:slice(1, k, k):reshape { -1 }):abs():max() * 32768 < 0.51)
  end
  for _, name in ipairs(lines(out)) do lu.assertTrue(ms.sys.exists(dir .. "/" .. name)) end
  lu.assertEquals(#ms.sys.list(dir .. "/o/A"), 5) -- nothing else is left there
end)

tests.test_loud_stems_are_turned_down_together = tools.in_folder(function(dir)
  save_separator(dir, 4)
  local hot = tone(3, 1.6)
  tools.write(dir .. "/hot.wav", hot, { encoding = "float" })
  local status, _, err = run(dir, "separate", "--model", "s.safetensors", "hot.wav")
  lu.assertEquals(status, 0)
  local gain = tonumber(err:match "all stems were scaled by ([%d.]+)")
  lu.assertStrContains(err, "hot.wav: its loudest stem peaks at")
  local sources = { "vocals", "other", "drums", "bass" }
  lu.assertTrue(residue(dir, "hot", sources, hot * gain) < 10) -- gain has four digits
  status, _, err = run(dir, "separate", "--model", "s.safetensors", "hot.wav", "--bits", "float",
    "--out", "f")
  lu.assertEquals(status, 0)
  lu.assertNotStrContains(err, "scaled")
  lu.assertTrue(residue(dir .. "/f", "hot", sources, hot) < 0.1)
  status = run(dir, "separate", "--model", "s.safetensors", "hot.wav", "--bits", "24", "--out", "g")
  lu.assertEquals(status, 0)
  lu.assertStrContains(ms.audio.info(dir .. "/g/hot.bass.wav").format, "24 bit")
end)

tests.test_one_bad_song_does_not_stop_the_others = tools.in_folder(function(dir)
  save_separator(dir, 1, { settings = { plan = { source = "drums" } } })
  tools.write(dir .. "/good.wav", tone(2, 0.5))
  tools.text(dir .. "/empty.wav", "")
  local broken = tone(4, 0.5)
  broken:set(40000, 0 / 0)
  tools.write(dir .. "/nan.wav", broken, { encoding = "float" })
  broken:set(40000, 1e20)
  tools.write(dir .. "/big.wav", broken, { encoding = "float" })
  local status, out, err = run(dir, "separate", "--model", "s.safetensors", "empty.wav", "nan.wav",
    "big.wav", "gone.wav", "good.wav")
  lu.assertEquals(status, 1)
  lu.assertEquals(lines(out), { "./good.drums.wav", "./good.rest.wav" })
  lu.assertStrContains(err, "empty.wav: the file is empty")
  lu.assertStrContains(err, "nan.wav: sample 40000 at 16000 Hz (2.50 s) is not a finite number")
  lu.assertStrContains(err,
    "big.wav: sample 40000 at 16000 Hz (2.50 s) is 1e+20, where full scale is 1")
  lu.assertStrContains(err, "gone.wav: No such file")
  lu.assertStrContains(err, "1 of 5 files were separated")
  lu.assertStrContains(err, "good.wav (5 of 5)  2/2 s of sound")
  lu.assertNotStrContains(err, "empty.wav (")
  lu.assertFalse(ms.sys.exists(dir .. "/nan.drums.wav"))
end)

tests.test_nothing_is_written_over_unless_forced = tools.in_folder(function(dir)
  save_separator(dir, 1)
  tools.write(dir .. "/a.wav", tone(2, 0.5))
  tools.write(dir .. "/b.wav", tone(2, 0.5))
  tools.text(dir .. "/b.rest.wav", "mine")
  local status, out, err = run(dir, "separate", "--model", "s.safetensors", "a.wav", "b.wav")
  lu.assertEquals({ status, out }, { 1, "" })
  lu.assertStrContains(err, "./b.rest.wav exists already; --force writes over it")
  lu.assertFalse(ms.sys.exists(dir .. "/a.rest.wav"))
  lu.assertEquals(ms.sys.read_file(dir .. "/b.rest.wav"), "mine")
  lu.assertEquals(run(dir, "separate", "--model", "s.safetensors", "a.wav", "b.wav", "--force"), 0)
  lu.assertEquals(ms.audio.info(dir .. "/b.rest.wav").frames, 32000)
  for _, wrong in ipairs { "rest", "a/b", "" } do
    status, _, err = run(dir, "separate", "--model", "s.safetensors", "a.wav", "--force",
      "--source", wrong)
    lu.assertEquals(status, 1)
    lu.assertStrContains(err, "it becomes part of a file name")
  end
end)

tests.test_options_that_contradict_each_other_are_refused = tools.in_folder(function(dir)
  save_separator(dir, 1)
  tools.write(dir .. "/a.wav", tone(2, 0.5))
  local rows = {
    { "--bits is for WAV and FLAC", "--format", "mp3", "--bits", "24" },
    { "FLAC holds 16 or 24", "--format", "flac", "--bits", "float" },
    { "there is nothing above", "--rate", "16000", "--above", "rest" },
    { "separate: --mp3 is --format mp3 here", "--mp3" },
    { "separate: -n is --model RUN here", "-n", "htdemucs" },
  }
  for _, row in ipairs(rows) do
    local status, out, err = run(dir, "separate", "a.wav", "--model", "s.safetensors",
      table.unpack(row, 2))
    lu.assertEquals({ status, out }, { 2, "" })
    lu.assertStrContains(err, row[1])
  end
  lu.assertEquals(#ms.sys.list(dir), 4) -- model, song, output of the last run
end)

tests.test_what_is_no_file_is_refused_before_any_work = tools.in_folder(function(dir)
  save_tagger(dir)
  for name, sentence in pairs { ["-"] = "sound is not read from standard input",
    ["https://nowhere.example/a.mp3"] = "addresses are not read" } do
    local status, out, err = run(dir, "tag", "--model", "t.safetensors", "--", name)
    lu.assertEquals({ status, out }, { 1, "" })
    lu.assertStrContains(err, sentence)
  end
end)

tests.test_results_take_no_files_place_unless_forced = tools.in_folder(function(dir)
  save_tagger(dir)
  tools.write(dir .. "/x.wav", tone(5, 0.5))
  tools.text(dir .. "/old.npz", "mine")
  local song = ms.sys.read_file(dir .. "/x.wav")
  local function refused(sentence, ...)
    local status, out, err = run(dir, ...)
    lu.assertEquals({ status, out }, { 1, "" })
    lu.assertStrContains(err, sentence)
  end
  local tag = { "tag", "x.wav", "--model", "t.safetensors", "--manifest" }
  local embed = { "embed", "x.wav", "--model", "t.safetensors", "-o" }
  for _, command in ipairs { tag, embed } do
    local function with(...)
      local list = table.move(command, 1, #command, 1, {})
      return table.unpack(table.move({ ... }, 1, select("#", ...), #list + 1, list))
    end
    refused("x.wav would take the place of x.wav", with("x.wav", "--force"))
    refused("would take the place of t.safetensors", with("./t.safetensors", "--force"))
    refused("there is no folder gone", with "gone/f.csv")
    refused("old.npz exists; --force writes over it", with "old.npz")
    lu.assertEquals(run(dir, with("old.npz", "--force")), 0)
    tools.text(dir .. "/old.npz", "mine")
  end
  lu.assertEquals(ms.sys.read_file(dir .. "/x.wav"), song)
end)

tests.test_damage_is_told_by_both_commands = tools.in_folder(function(dir)
  save_separator(dir, 1)
  save_tagger(dir)
  tools.write(dir .. "/whole.mp3", tone(12, 0.5))
  local bytes = assert(ms.sys.read_file(dir .. "/whole.mp3"))
  tools.text(dir .. "/cut.mp3", bytes:sub(1, #bytes * 2 // 3))
  for _, command in ipairs { "separate", "tag" } do
    local function of(song)
      if command == "tag" then return run(dir, "tag", "--model", "t.safetensors", song) end
      return run(dir, "separate", song, "--model", "s.safetensors")
    end
    local status, out, err = of "cut.mp3"
    lu.assertEquals(status, 0)
    lu.assertStrContains(err, "cut.mp3: 192000 frames are declared, but only")
    lu.assertTrue(#out > 0)
    status, _, err = of "whole.mp3"
    lu.assertEquals(status, 0)
    lu.assertNotStrContains(err, "declared")
  end
end)

-- What docs/formats.md says of all commands: refused files end with status 1, damaged ones are
-- told and worked on, `data check` leaves both out.
tests.test_refused_and_damaged_files_are_named_by_all_commands = tools.in_folder(function(dir)
  save_separator(dir, 1)
  save_tagger(dir)
  tools.write(dir .. "/good.wav", tools.noise(5))
  local bytes = ms.sys.read_file(dir .. "/good.wav")
  tools.text(dir .. "/cut.wav", bytes:sub(1, #bytes - 20000))
  tools.text(dir .. "/empty.wav", "")
  tools.text(dir .. "/text.wav", "no sound")
  tools.text(dir .. "/m.csv", "path,split,labels\ngood.wav,train,x\ncut.wav,test,x\n"
    .. "empty.wav,test,y\ntext.wav,test,y\n")
  local sentences = { "cut.wav: 80000 frames are declared, but only 70000 can be decoded",
    "empty.wav: the file is empty (0 bytes)", "text.wav: it is not an audio file of a known kind" }
  local files = { "good.wav", "cut.wav", "empty.wav", "text.wav" }
  local function with(...)
    return table.unpack(table.move(files, 1, #files, select("#", ...) + 1, { ... }))
  end
  for _, command in ipairs { { "separate", "--model", "s.safetensors" },
    { "tag", "--model", "t.safetensors" },
    { "embed", "--model", "t.safetensors", "-o", "f.npz" } } do
    local status, _, err = run(dir, with(table.unpack(command)))
    lu.assertEquals(status, 1)
    for _, sentence in ipairs(sentences) do lu.assertStrContains(err, sentence) end
    lu.assertStrContains(err, "2 of 4 files were")
  end
  local _, out, err = run(dir, "data", "check", "m.csv", "--partial")
  lu.assertStrContains(out .. err, "3 left out")
  for _, sentence in ipairs(sentences) do
    lu.assertStrContains(out .. err, sentence:match ": (.*)")
  end
end)

-- ---- tag ------------------------------------------------------------------------------------
tests.test_tags_of_slices_pictures_and_a_manifest = tools.in_folder(function(dir)
  local model = save_tagger(dir):eval()
  local wave = tools.noise(11)
  tools.write(dir .. "/A/x.wav", wave, { encoding = "float" })
  tools.write(dir .. "/B/x.wav", tools.noise(6), { encoding = "float" })
  local status, out, err = run(dir, "tag", "A", "B", "--model", "t.safetensors", "--slices",
    "--csv", "--threshold", "0", "--pictures", "p", "--manifest", "m.csv")
  lu.assertEquals(status, 0, err)
  local all = lines(out)
  lu.assertEquals(#all, 7) -- names, four slices of A/x.wav and two of B/x.wav
  lu.assertEquals(all[7], "file,start,a,b,c")
  lu.assertStrContains(all[2], "A/x.wav,1.92,")
  local x = ms.audio.magnitude(wave):slice(1, 193, 576):reshape { 1, 384, -1 }
  local logit = ms.no_grad(function() return model(x) end):get(1, 2)
  lu.assertAlmostEquals(tonumber(all[2]:match "^[^,]+,[^,]+,[^,]+,([^,]+)"),
    1 / (1 + math.exp(-logit)), 1e-6)
  for _, name in ipairs { "p/A/x.svg", "p/B/x.svg" } do
    lu.assertStrContains(ms.sys.read_file(dir .. "/" .. name), "beginning of the slice")
  end
  local data = assert(ms.data.manifest(dir .. "/m.csv", { partial = true }))
  lu.assertEquals(data.classes, { "a", "b", "c" })
  status, out, err = run(dir, "tag", "B", "--model", "t.safetensors", "--slices", "--threshold",
    "1")
  lu.assertEquals({ status, err }, { 0, err })
  lu.assertStrContains(out, "B/x.wav\n  no tag of 100 % or more\n    0 s  -\n")
end)

tests.test_features_are_what_the_last_layer_gets = tools.in_folder(function(dir)
  local model = save_tagger(dir):eval()
  local wave = tools.noise(11)
  tools.write(dir .. "/x.wav", wave, { encoding = "float" })
  tools.write(dir .. "/y.wav", tools.noise(4), { encoding = "float" })
  local status, out, err = run(dir, "embed", "x.wav", "gone.wav", "y.wav", "--model",
    "t.safetensors", "-o", "f.npz")
  lu.assertEquals({ status, out }, { 1, "wrote f.npz\n" })
  lu.assertStrContains(err, "gone.wav: No such file")
  local f = assert(ms.io.load_npz(dir .. "/f.npz"))
  lu.assertEquals(f.files, { "x.wav", "y.wav" })
  lu.assertEquals(f.file:totable(), { 0, 0, 0, 0, 1 })
  lu.assertEquals({ f.slices:shape(), f.mean:shape() }, { "5x16", "2x16" })
  lu.assertTrue((f.mean[1] - f.slices[{ { 1, 4 } }]:mean(1)):abs():max() < 1e-6)
  local x = ms.audio.magnitude(wave):slice(1, 193, 576):reshape { 1, 384, -1 }
  local logits = ms.no_grad(function() return model(x) end)
  local classifier = model.tail.head.linear[2]
  lu.assertTrue((classifier(f.slices[{ { 2, 2 } }]) - logits):abs():max() < 1e-5)
  status, out, err = run(dir, "embed", "x.wav", "--model", "t.safetensors", "-o", "g.npz",
    "--layer", "tail.block.2.conv")
  lu.assertEquals({ status, out }, { 1, "" })
  lu.assertEquals(err, "moonstem: embed: tail_only has no layer tail.block.2.conv; did you mean "
    .. "tail.block.2.conv.1?\n")
end)

tests.test_tags_are_the_mean_over_half_overlapping_slices = tools.in_folder(function(dir)
  local model = save_tagger(dir):eval()
  local wave = tools.noise(11)
  tools.write(dir .. "/x.wav", wave, { encoding = "float" })
  local status, out = run(dir, "tag", "--model", "t.safetensors", "x.wav", "--json")
  lu.assertEquals(status, 0)
  local magnitude, rows = ms.audio.magnitude(wave), {}
  for first = 1, magnitude:size(1) - 383, 192 do
    local slice = magnitude:slice(1, first, first + 383):reshape { 1, 384, -1 }
    rows[#rows + 1] = ms.no_grad(function() return model(slice) end):totable()[1]
  end
  lu.assertEquals(#rows, 4)
  local want, got = ms.evaluate.average("tags", rows), ms.io.json_decode(out).tags
  for c, name in ipairs { "a", "b", "c" } do lu.assertAlmostEquals(got[name], want[c], 1e-7) end
end)

tests.test_tag_names_what_it_cannot_hear = tools.in_folder(function(dir)
  save_tagger(dir)
  tools.write(dir .. "/short.wav", tools.noise(1))
  tools.write(dir .. "/silent.wav", ms.zeros { 80000 })
  local broken = tone(8, 0.5)
  broken:set(100000, -1 / 0)
  tools.write(dir .. "/inf.wav", broken, { encoding = "float" })
  local status, out, err = run(dir, "tag", "--model", "t.safetensors", "short.wav", "inf.wav",
    "silent.wav",
    "--top", "2")
  lu.assertEquals(status, 1)
  lu.assertStrContains(err, "short.wav: it is 1.00 s long; at least 3.86 s are needed")
  lu.assertStrContains(err, "inf.wav: sample 100000 at 16000 Hz (6.25 s) is not a finite number")
  lu.assertStrContains(err, "silent.wav is silent (peak 0)")
  lu.assertStrContains(err, "1 of 3 files were tagged")
  lu.assertEquals(select(2, out:gsub("%%", "")), 2)
  for _, top in ipairs { "0", "-1", "x", "1.5" } do
    status, _, err = run(dir, "tag", "--model", "t.safetensors", "silent.wav", "--top=" .. top)
    lu.assertEquals(status, 2)
    lu.assertStrContains(err, "a whole number, 1 or more, is expected, got '" .. top .. "'")
  end
end)

tests.test_tag_names_a_model_whose_scores_are_no_numbers = tools.in_folder(function(dir)
  save_tagger(dir, true)
  tools.write(dir .. "/x.wav", tools.noise(5))
  for _, form in ipairs { "--top=2", "--json" } do
    local status, out, err = run(dir, "tag", "--model", "t.safetensors", "x.wav", form)
    lu.assertEquals({ status, out }, { 1, "" })
    lu.assertStrContains(err, "x.wav: the model's scores are not numbers (NaN)")
  end
end)

-- ---- all commands ---------------------------------------------------------------------------
function tests.test_output_that_cannot_be_written_is_no_success()
  if not ms.sys.exists "/dev/full" then lu.skip "there is no /dev/full" end
  for _, argv in ipairs { { "help" }, { "-e", "print(1)" }, { "-e", "print(1) os.exit(0)" },
    { "--version" } } do
    argv = { PROGRAM, table.unpack(argv) }
    argv.stdout, argv.stderr = "/dev/full", "/dev/null"
    lu.assertEquals(ms.sys.run(argv), 1, argv[3] or argv[2])
  end
  lu.assertEquals(ms.sys.run { PROGRAM, "-e", "local x = 1", stdout = "/dev/full" }, 0)
end

-- ---- whose code runs --------------------------------------------------------------------------
tests.test_files_beside_the_data_are_no_commands_and_no_modules = tools.in_folder(function(dir)
  for _, name in ipairs { "tag", "runs", "own", "moonstem/app/commands/zz.lua",
    "moonstem/models/zz.lua" } do
    tools.text(dir .. "/" .. name, "print 'code of the data' return { summary = '', run = print }")
  end
  for _, words in ipairs { { "tag" }, { "runs" }, { "own" }, { "zz" }, { "--help" },
    { "--complete", "" } } do
    local _, out, err = run(dir, table.unpack(words))
    lu.assertNotStrContains(out .. err, "code of the data", false, words[1])
  end
  local status, _, err = run(dir, "own")
  lu.assertEquals(status, 2)
  lu.assertStrContains(err, "a script without the ending .lua is called as ./own")
  lu.assertStrContains(select(2, run(dir, "./own")), "code of the data")
end)

return tests
