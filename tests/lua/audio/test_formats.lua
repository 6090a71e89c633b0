--- docs/formats.md, row by row: a file is made for each and read, and what the page says of it
-- holds.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "audio_tools"

local audio = ms.audio
local name, spill, contents = tools.name, tools.spill, tools.contents
local tests = {}

tests.teardown = tools.clean

local PAGE = (arg[0]:match "^.*/" or "./") .. "../../docs/formats.md"
local PLAYLIST = "#EXTM3U\n#EXTINF:1,\nsong.wav\n"

-- Rows of the page's tables by their heading, each a list of cells.
local function tables_of(page)
  local sections, rows = {}, nil
  for line in page:gmatch "[^\n]+" do
    local heading = line:match "^## (.*)"
    if heading then
      rows = {}
      sections[heading] = rows
    elseif rows and line:find "^|" and not line:find "^|%-" then
      local cells = {}
      for cell in line:gmatch "| *(.-) *%f[|]" do cells[#cells + 1] = cell end
      rows[#rows + 1] = cells
    end
  end
  for _, list in pairs(sections) do table.remove(list, 1) end
  return sections
end

local sections = tables_of(contents(PAGE))

local function ffmpeg(...)
  local argv = { "ffmpeg", "-v", "error", "-nostdin", "-y", stdout = "/dev/null", ... }
  lu.skipIf(ms.sys.run(argv) ~= 0, "ffmpeg is not installed, or cannot make such a file")
end

local function noise(rate, channels, frames)
  ms.seed(rate + channels)
  local path = name "wav"
  assert(audio.write(path, ms.randn { frames, channels } * 0.1, rate, { encoding = "float" }))
  return path
end

-- A file of noise from ffmpeg, with these options.
local function encoded(ending, options)
  return function(rate, channels, frames)
    local path, argv = name(ending), { "-i", noise(rate, channels, frames) }
    for word in options:gmatch "%S+" do argv[#argv + 1] = word end
    argv[#argv + 1] = path
    ffmpeg(table.unpack(argv))
    return path
  end
end

-- The same through a pipe, so that nothing can be filled in afterwards.
local function piped(ending, options)
  return function(rate, channels, frames)
    local path = name(ending)
    local status = ms.sys.run { "sh", "-c", ('ffmpeg -v error -nostdin -i "$0" %s - | cat > "$1"')
      :format(options), noise(rate, channels, frames), path }
    lu.skipIf(status ~= 0 or #contents(path) == 0, "ffmpeg is not installed")
    return path
  end
end

local function video(ending, codec)
  return function(rate, channels, frames)
    local path = name(ending)
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-i", noise(rate, channels, frames), "-c:a",
      codec, path)
    return path
  end
end

local function amr(_, _, frames)
  return spill("amr", "#!AMR\n" .. ("\x3c" .. ("\0"):rep(31)):rep(frames // 160))
end

-- A module of one pattern with one note.
local function module()
  local function instrument(...) return ("\0"):rep(22) .. string.pack(">I2BBI2I2", ...) end
  return spill("mod", ("\0"):rep(20) .. instrument(32, 0, 64, 0, 32)
    .. instrument(0, 0, 0, 0, 1):rep(30) .. "\1\127" .. ("\0"):rep(128) .. "M.K."
    .. string.pack(">I2BB", 428, 0x10, 0) .. ("\0"):rep(1020)
    .. (("\64"):rep(16) .. ("\192"):rep(16)):rep(2))
end

local function single(rate)
  local path = name "wav"
  assert(audio.write(path, ms.tensor { 0.5 }, rate))
  return path
end

-- How the file of each row is made: function(rate, channels, frames) -> path.
local MAKERS = {
  ["WAV / 8 bit"] = encoded("wav", "-c:a pcm_u8"),
  ["WAV / 16 bit"] = encoded("wav", "-c:a pcm_s16le"),
  ["WAV / 24 bit"] = encoded("wav", "-c:a pcm_s24le"),
  ["WAV / 32 bit"] = encoded("wav", "-c:a pcm_s32le"),
  ["WAV / float"] = encoded("wav", "-c:a pcm_f32le"),
  ["WAV / double"] = encoded("wav", "-c:a pcm_f64le"),
  ["WAV / A-law"] = encoded("wav", "-c:a pcm_alaw"),
  ["WAV / mu-law"] = encoded("wav", "-c:a pcm_mulaw"),
  ["WAV / Microsoft ADPCM"] = encoded("wav", "-c:a adpcm_ms"),
  ["WAV / IMA ADPCM"] = encoded("wav", "-c:a adpcm_ima_wav"),
  ["WAV / MP3"] = encoded("wav", "-c:a libmp3lame"),
  ["WAV from a pipe, its sizes left open / 16 bit"] = piped("wav", "-c:a pcm_s16le -f wav"),
  ["RF64 / 16 bit"] = encoded("wav", "-c:a pcm_s16le -rf64 always"),
  ["Wave64 / 16 bit"] = encoded("w64", "-c:a pcm_s16le"),
  ["AIFF / 16 bit"] = encoded("aiff", "-c:a pcm_s16be"),
  ["AIFF / 24 bit"] = encoded("aiff", "-c:a pcm_s24be"),
  ["AIFF / 8 bit"] = encoded("aiff", "-c:a pcm_s8"),
  ["AIFF / 32 bit"] = encoded("aiff", "-c:a pcm_s32be"),
  ["AIFF / float"] = encoded("aiff", "-c:a pcm_f32be"),
  ["AIFF-C / mu-law"] = encoded("aiff", "-c:a pcm_mulaw"),
  ["AU / 8 bit"] = encoded("au", "-c:a pcm_s8"),
  ["AU / 16 bit"] = encoded("au", "-c:a pcm_s16be"),
  ["AU / 24 bit"] = encoded("au", "-c:a pcm_s24be"),
  ["AU / mu-law"] = encoded("au", "-c:a pcm_mulaw"),
  ["CAF / 16 bit"] = encoded("caf", "-c:a pcm_s16be"),
  ["FLAC / 16 bit"] = encoded("flac", "-sample_fmt s16"),
  ["FLAC / 24 bit"] = encoded("flac", "-sample_fmt s32"),
  ["FLAC from a pipe, no length in its header / 16 bit"] = piped("flac", "-sample_fmt s16 -f flac"),
  ["Ogg / Vorbis"] = encoded("ogg", "-c:a libvorbis"),
  ["Ogg / Opus"] = encoded("opus", "-c:a libopus"),
  ["MP3 with a length header / Layer III"] = encoded("mp3", "-c:a libmp3lame"),
  ["MP3 without one / Layer III"] = encoded("mp3", "-c:a libmp3lame -write_xing 0"),
  ["MP2 / Layer II"] = encoded("mp2", "-c:a mp2"),
  ["M4A / AAC"] = encoded("m4a", "-c:a aac"),
  ["M4A / ALAC"] = encoded("m4a", "-c:a alac"),
  ["AAC (ADTS) / AAC"] = encoded("aac", "-c:a aac"),
  ["WMA / WMA 2"] = encoded("wma", "-c:a wmav2"),
  ["WebM / Opus"] = encoded("webm", "-c:a libopus"),
  ["Matroska / FLAC"] = encoded("mka", "-c:a flac"),
  ["Matroska / Opus"] = encoded("mka", "-c:a libopus"),
  ["MP4, a video / AAC"] = video("mp4", "aac"),
  ["Matroska, a video / Vorbis"] = video("mkv", "libvorbis"),
  ["AC-3 / AC-3"] = encoded("ac3", "-c:a ac3"),
  ["AMR / narrow band"] = amr,
  ["WavPack / WavPack"] = encoded("wv", "-c:a wavpack"),
  ["True Audio / TTA"] = encoded("tta", "-c:a tta"),
  ["tracker module (MOD, XM, S3M, IT) / libopenmpt"] = module,
  ["WAV, a single sample / 16 bit"] = single,
}

local function decoded_frames(path, channels)
  local raw = name "raw"
  ffmpeg("-i", path, "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "f32le", raw)
  return #contents(raw) // (4 * channels)
end

local function numbers(text)
  local list = {}
  for n in text:gmatch "%d+" do list[#list + 1] = tonumber(n) end
  return list
end

local function check_read(row, make, rate, channels)
  local words = ("%s, %s, %d Hz, %d channels"):format(row[1], row[2], rate, channels)
  local frames = row[1]:find "single" and 1 or rate // 160 * 160
  local path = make(rate, channels, frames)
  local wave, its_rate, notice = audio.read(path, { mono = false })
  lu.assertNotNil(wave, ("%s: %s"):format(words, its_rate))
  lu.assertEquals({ its_rate, wave:size(2), notice }, { rate, channels }, words)
  local want = row[5] == "exact" and frames or decoded_frames(path, channels)
  lu.assertEquals(wave:size(1), want, words)
end

function tests.every_kind_that_the_page_calls_read_is_read()
  local rows = 0
  for _, row in ipairs(sections.Read) do
    local make = MAKERS[row[1] .. " / " .. row[2]]
    lu.assertNotNil(make, row[1] .. " / " .. row[2])
    rows = rows + 1
    local rates, channels = numbers(row[3]), numbers(row[4])
    for k = 0, math.max(#rates, #channels) - 1 do -- each of both at least once
      check_read(row, make, rates[k % #rates + 1], channels[k % #channels + 1])
    end
  end
  local makers = 0
  for _ in pairs(MAKERS) do makers = makers + 1 end
  lu.assertEquals(rows, makers)
end

-- ---- refused and damaged ---------------------------------------------------------------------
local function whole(key, rate, channels)
  return MAKERS[key](rate or 44100, channels or 2, 100000)
end

-- The first part of a file, `share` of it.
local function cut(key, share, rate)
  return function()
    local path = whole(key, rate)
    local bytes = contents(path)
    return spill(path:match "[^.]*$", bytes:sub(1, math.floor(#bytes * share)))
  end
end

local function wav_of(rate)
  return "RIFF" .. string.pack("<s4", "WAVEfmt " .. string.pack("<s4",
    string.pack("<I2I2I4I4I2I2", 1, 1, rate, 2 * rate, 2, 16)) .. "data"
    .. string.pack("<s4", ("\1\2"):rep(500)))
end

-- As some encoders of Windows wrote it: a whole Ogg file in the data of a WAV file.
local function vorbis_in_wav()
  local format = string.pack("<I2I2I4I4I2I2s2", 0x674f, 1, 44100, 11000, 1, 16, ("\1"):rep(8))
  return "RIFF" .. string.pack("<s4", "WAVEfmt " .. string.pack("<s4", format) .. "data"
    .. string.pack("<s4", "OggS" .. ("\0"):rep(500)))
end

local function refused_makers()
  return {
    ["no file of this name"] = function() return "/nowhere/song.wav" end,
    ["a folder (`separate`, `tag`, `embed` take the sound files in it)"] =
      function() return "/usr" end,
    ["an empty file"] = function() return spill("wav", "") end,
    ["a text"] = function() return spill("wav", "hello, this is a text\n") end,
    ["random bytes"] = function()
      return spill("mp3", (ms.randn { 5000 }):bytes():gsub("\255", "\254") .. "")
    end,
    ["a MIDI file"] = function()
      return spill("mid", "MThd\0\0\0\6\0\0\0\1\0\140MTrk\0\0\0\4\0\255\47\0")
    end,
    ["a playlist"] = function() return spill("m3u8", PLAYLIST) end,
    ["a WAV that ends in its header"] = function()
      return spill("wav", wav_of(44100):sub(1, 36))
    end,
    ["a WAV without samples"] = encoded("wav", "-af atrim=end_sample=0"),
    ["a WAV with Ogg Vorbis inside"] = function() return spill("wav", vorbis_in_wav()) end,
    ["G.722 without a header (GSM and PCM likewise)"] = encoded("g722", "-ac 1 -ar 16000"),
    ["a WAV of 1 Hz"] = function() return spill("wav", wav_of(1)) end,
    ["a video without sound"] = function()
      local path = name "mp4"
      ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:d=1", path)
      return path
    end,
    ["an M4A that is cut off, its index at the end"] = cut("M4A / AAC", 0.5),
  }
end

local function damaged_makers()
  local front = encoded("m4a", "-c:a aac -movflags faststart")
  return {
    ["a WAV that is cut off"] = cut("WAV / 16 bit", 0.5),
    ["an AIFF that is cut off"] = cut("AIFF / 16 bit", 0.5),
    ["an MP3 that is cut off"] = cut("MP3 with a length header / Layer III", 0.5),
    ["a FLAC that is cut off"] = cut("FLAC / 16 bit", 0.5),
    ["an Ogg Vorbis that is cut off"] = cut("Ogg / Vorbis", 0.6),
    ["an Opus that is cut off"] = cut("Ogg / Opus", 0.6, 48000),
    ["an M4A that is cut off, its index in front"] = function()
      local bytes = contents(front(44100, 2, 100000))
      return spill("m4a", bytes:sub(1, #bytes * 2 // 3))
    end,
    ["a WebM that is cut off"] = cut("WebM / Opus", 0.5, 48000),
    ["a WavPack that is cut off"] = cut("WavPack / WavPack", 0.6),
  }
end

-- For each row its file, what makes it, and the sentence of the page.
local function each_row(section, makers, visit)
  local rows = 0
  for _, row in ipairs(sections[section]) do
    lu.assertNotNil(makers[row[1]], row[1])
    visit(row[1], makers[row[1]](44100, 1, 100), row[2]:match "`(.*)`")
    rows, makers[row[1]] = rows + 1, nil
  end
  lu.assertNil(next(makers))
  lu.assertTrue(rows > 0)
end

function tests.every_kind_that_the_page_calls_refused_is_refused_with_its_sentence()
  each_row("Refused", refused_makers(), function(what, path, sentence)
    local wave, why = audio.read(path)
    lu.assertNil(wave, what)
    lu.assertEquals(why:sub(1, #path + 2), path .. ": ", what)
    lu.assertStrContains(why, sentence, false, what)
  end)
end

function tests.every_kind_that_the_page_calls_damaged_is_read_and_told()
  each_row("Damaged, and read as far as they go", damaged_makers(), function(what, path, sentence)
    local wave, rate, notice = audio.read(path)
    lu.assertNotNil(wave, ("%s: %s"):format(what, rate))
    lu.assertTrue(wave:count() > 10000 and wave:count() < 100000, what)
    lu.assertStrContains(notice or "nothing", sentence, false, what)
    local check = audio.check(path)
    lu.assertFalse(check.ok, what)
    lu.assertStrContains(check.reason, sentence, false, what)
  end)
end

return tests
