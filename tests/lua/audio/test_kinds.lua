--- Kinds of sound files: known by their bytes, read to their end, exact at every place, damage
-- told.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "audio_tools"

local audio = ms.audio
local name, spill, contents = tools.name, tools.spill, tools.contents
local tests = {}

tests.teardown = tools.clean

local function noise(seed, frames, channels)
  ms.seed(seed)
  return ms.randn { frames, channels } * ms.tensor(0.1)
end

-- A file of noise -> path, its bytes.
local function make(ending, rate, frames, channels, seed)
  local path = name(ending)
  assert(audio.write(path, noise(seed or 1, frames, channels or 1), rate))
  return path, contents(path)
end

local function ffmpeg(...)
  local argv = { "ffmpeg", "-v", "error", "-nostdin", "-y", stdout = "/dev/null", ... }
  if ms.sys.run(argv) ~= 0 then lu.skip "ffmpeg is not installed" end
end

local function read(path, options)
  options = options or {}
  options.mono = false
  return assert(audio.read(path, options))
end

-- A whole and good file of so many frames.
local function assert_good(path, frames, words)
  local wave, _, notice = audio.read(path, { mono = false })
  lu.assertNil(notice, words)
  lu.assertEquals(wave:size(1), frames, words)
  lu.assertEquals(audio.info(path).frames, frames, words)
  local check = audio.check(path)
  lu.assertTrue(check.ok, check.reason)
  return wave
end

-- What can be read of a file that lacks something, which is told.
local function assert_short(sentence, path)
  local wave, _, notice = audio.read(path, { mono = false })
  lu.assertStrContains(notice, sentence)
  local check = audio.check(path)
  lu.assertFalse(check.ok)
  lu.assertStrContains(check.reason, sentence)
  return wave
end

-- Stretches of a file are what the whole holds there.
local function assert_crops(path, tolerance)
  local whole = read(path)
  local rate, frames = audio.info(path).rate, whole:size(1)
  local starts = { 0, 1, 100, rate // 3, rate, frames // 2, frames - rate, frames - 3000,
    frames - 700, frames - 1 }
  for _, first in ipairs(starts) do
    local count = math.min(3000, frames - first)
    local part = read(path, { start = first / rate, length = count / rate })
    lu.assertEquals(part:size(1), count)
    local worst = (part - whole:slice(1, first + 1, first + count)):abs():max()
    lu.assertTrue(worst <= (tolerance or 0), ("%s: frame %d is off by %g")
      :format(path, first, worst))
  end
end

local function big_endian(n, bytes)
  return string.pack(">I" .. bytes, n)
end

local function with(bytes, at, piece)
  return bytes:sub(1, at - 1) .. piece .. bytes:sub(at + #piece)
end

-- ---- MPEG audio -----------------------------------------------------------------------------

-- An MP3 of variable rate without its length header.
local function headless(rate, frames, channels)
  local path, bytes = make("mp3", rate, frames, channels)
  os.remove(path)
  local tag = bytes:find("Xing", 1, true) or bytes:find("Info", 1, true)
  local head = bytes:match "\255[\251\250\243\242]"
  local second = bytes:find(head, tag + 120, true)
  return bytes:sub(second)
end

function tests.mpeg_audio_is_known_by_its_frames_under_any_name()
  local bytes = headless(44100, 3 * 44100, 2)
  -- an ID3v2 tag of 70000 bytes with what looks like the header of a frame in it
  local tag = "ID3\4\0\0" .. string.char(0, 70000 >> 14, 70000 >> 7 & 127, 70000 & 127)
    .. ("\255\251\144\100" .. ("x"):rep(96)):rep(700)
  local want = read(spill("mp3", bytes))
  lu.assertTrue(want:size(1) >= 3 * 44100)
  for _, ending in ipairs { "mp3", "wav", "bin", "flac", "ogg", "m4a" } do
    for _, before in ipairs { "", tag, ("junk "):rep(300) } do
      local wave = assert_good(spill(ending, before .. bytes .. "TAG" .. ("\0"):rep(125)),
        want:size(1), ending)
      lu.assertTrue(wave:bytes() == want:bytes())
    end
  end
  lu.assertEquals(audio.info(spill("x", headless(22050, 4000, 1))).rate, 22050)
end

function tests.what_is_no_sound_behind_an_mp3_is_no_damage()
  local _, bytes = make("mp3", 44100, 30000, 1)
  local frames = read(spill("mp3", bytes)):size(1)
  local lyrics = "LYRICSBEGIN" .. ("la "):rep(1000) .. "003011LYRICS200TAG" .. ("\0"):rep(125)
  for _, more in ipairs { lyrics, ("\0"):rep(30000), ("no frames "):rep(20000) } do
    assert_good(spill("mp3", bytes .. more), frames)
    assert_short("decoding stopped", spill("mp3", bytes .. more .. headless(44100, 30000, 1)))
  end
end

function tests.mp3_inside_wav_is_mp3()
  local bytes = headless(44100, 2 * 44100, 1)
  local want = read(spill("mp3", bytes))
  local fmt = string.pack("<I2I2I4I4I2I2I2", 0x55, 1, 44100, 8000, 1, 0, 12)
    .. string.pack("<I2I4I2I2I2", 1, 2, 417, 1, 1393)
  local wav = "fmt " .. string.pack("<s4", fmt) .. "data" .. string.pack("<s4", bytes)
  local wave = assert_good(spill("wav", "RIFF" .. string.pack("<s4", "WAVE" .. wav)), want:size(1))
  lu.assertTrue(wave:bytes() == want:bytes())
end

function tests.joined_mp3s_are_read_to_the_last()
  local _, one = make("mp3", 44100, 2 * 44100, 1)
  local _, other = make("mp3", 44100, 44100, 1, 2)
  local joined = spill("mp3", one .. other)
  local wave = read(joined)
  lu.assertTrue(math.abs(wave:size(1) - 3 * 44100) < 3 * 1152)
  assert_good(joined, wave:size(1))
  local first = assert_good(spill("mp3", one), 2 * 44100)
  lu.assertTrue((wave:slice(1, 1, 80000) - first:slice(1, 1, 80000)):abs():max() < 1e-6)
  assert_crops(joined, 1e-6)
  local _, slow = make("mp3", 22050, 22050, 1)
  local part = assert_short("its rate or channels change on the way", spill("mp3", one .. slow))
  lu.assertTrue(part:size(1) > 2 * 44100 - 1152)
end

function tests.a_flac_that_another_is_joined_to_is_told()
  local alone, bytes = make("flac", 44100, 44100, 1)
  assert_good(alone, 44100)
  local _, other = make("flac", 44100, 22050, 1, 2)
  local part = assert_short("another file is joined to it", spill("flac", bytes .. other))
  lu.assertEquals(part:size(1), 44100)
end

-- ---- Ogg ------------------------------------------------------------------------------------

-- The pages of an Ogg file, and a page with its checksum made new (RFC 3533, section 6).
local function pages_of(bytes)
  local list, at = {}, 1
  while at <= #bytes do
    local segments, size = bytes:byte(at + 26), 0
    for i = 1, segments do size = size + bytes:byte(at + 26 + i) end
    list[#list + 1] = bytes:sub(at, at + 26 + segments + size)
    at = at + 27 + segments + size
  end
  return list
end

local function sealed(page)
  page = with(page, 23, "\0\0\0\0")
  local crc = 0
  for i = 1, #page do
    crc = crc ~ page:byte(i) << 24
    for _ = 1, 8 do crc = (crc << 1 ~ (crc >> 31) * 0x04C11DB7) & 0xFFFFFFFF end
  end
  return with(page, 23, string.pack("<I4", crc))
end

-- The same stream under another number, as each link of a chain has its own.
local function renumbered(bytes)
  local pages = pages_of(bytes)
  for i, page in ipairs(pages) do pages[i] = sealed(with(page, 15, "link")) end
  return table.concat(pages)
end

function tests.chains_of_ogg_are_read_to_the_last_link()
  for ending, rate in pairs { ogg = 44100, opus = 48000 } do
    local _, one = make(ending, rate, 2 * rate, 2)
    local _, other = make(ending, rate, rate + 77, 2, 2)
    local chain = spill(ending, one .. renumbered(other))
    local wave = assert_good(chain, 3 * rate + 77, ending)
    local second = read(spill(ending, other))
    lu.assertTrue((wave:slice(1, 2 * rate + 1, -1) - second):abs():max() < 1e-6)
    assert_crops(chain)
    -- against the standard, but read by the reference decoders
    local alike = spill(ending, one .. other)
    assert_good(alike, read(alike):size(1), ending)
    lu.assertTrue(read(alike):size(1) >= 3 * rate + 77)
    assert_crops(alike)
    local _, mono = make(ending, rate, rate, 1)
    lu.assertEquals(assert_short("its rate or channels change on the way",
      spill(ending, one .. renumbered(mono))):size(1), 2 * rate)
  end
  local _, one = make("ogg", 44100, 44100, 1)
  local _, slow = make("ogg", 22050, 22050, 1)
  assert_short("its rate or channels change on the way", spill("ogg", one .. renumbered(slow)))
end

-- The same packets with time stamps moved on the pages from one to another.
local function stamped(bytes, from, to, by)
  local pages = pages_of(bytes)
  for i = from, to or #pages do
    pages[i] = sealed(with(pages[i], 7, string.pack("<i8", string.unpack("<i8", pages[i], 7) + by)))
  end
  return table.concat(pages), #pages
end

function tests.stretches_are_right_where_time_stamps_are_not()
  for ending, rate in pairs { ogg = 44100, opus = 48000 } do
    local path, bytes = make(ending, rate, 8 * rate, 1)
    assert_crops(path)
    local wave = read(path)
    local odd, pages = stamped(bytes, 4, 6, -104)
    lu.assertTrue(pages > 7)
    odd = spill(ending, odd)
    lu.assertTrue((assert_good(odd, 8 * rate, ending) - wave):abs():max() == 0)
    assert_crops(odd)
    -- the last stamp promises more: it cannot be had, and nothing is made room for
    local endless = spill(ending, (stamped(bytes, pages, pages, 1 << 56)))
    local all = read(endless)
    lu.assertTrue(all:size(1) >= 8 * rate and all:size(1) < 8 * rate + 6000)
    lu.assertEquals(audio.info(endless).frames, all:size(1))
  end
end

function tests.a_lost_page_is_told_and_all_else_is_read()
  for ending, rate in pairs { ogg = 44100, opus = 48000 } do
    local path, bytes = make(ending, rate, 8 * rate, 1)
    local wave, pages = read(path), pages_of(bytes)
    local middle = #pages // 2
    local lost = table.concat(pages, "", 1, middle - 1) .. table.concat(pages, "", middle + 1)
    lost = spill(ending, lost)
    local rest = assert_short("parts of it are missing", lost)
    lu.assertTrue(rest:size(1) < 8 * rate and rest:size(1) > 6 * rate, ending)
    assert_crops(lost)
    lu.assertTrue((rest:slice(1, -rate, -1) - wave:slice(1, -rate, -1)):abs():max() < 1e-5, ending)
    local cut = bytes:sub(1, #bytes - #pages[#pages] - 10)
    assert_short("the file's end is missing", spill(ending, cut))
  end
end

-- ---- declared lengths -------------------------------------------------------------------------

function tests.flac_that_declares_no_length_is_whole()
  local path, bytes = make("flac", 44100, 100000, 2)
  -- 36 bits that count the samples, behind the 20 + 3 + 5 bits of rate, channels and width
  local open = with(bytes, 8 + 14, string.char(bytes:byte(8 + 14) & 0xF0) .. "\0\0\0\0")
  local wave = assert_good(spill("flac", open), 100000)
  lu.assertTrue(wave:bytes() == read(path):bytes())
  assert_crops(spill("flac", open))
end

function tests.sizes_that_programs_leave_open_mean_the_end_of_the_file()
  local _, wav = make("wav", 44100, 50000, 1)
  local at = wav:find("data", 1, true) + 4
  for _, size in ipairs { 0, 0xFFFFFFFF, 0x7FFFF000, 0x7FFFFFFF } do
    local open = with(with(wav, at, string.pack("<I4", size)), 5, string.pack("<I4", size))
    if size == 0 then
      ffmpeg "-version"
    end
    assert_good(spill("wav", open), 50000, tostring(size))
  end
  local _, aiff = make("aiff", 44100, 50000, 1)
  at = aiff:find("SSND", 1, true) + 4
  assert_good(spill("aiff", with(aiff, at, big_endian(0x7F000008, 4))), 50000)
  local au = ".snd" .. big_endian(24, 4) .. "\255\255\255\255" .. big_endian(3, 4)
    .. big_endian(8000, 4) .. big_endian(1, 4)
  assert_good(spill("au", au .. ("\1\2\3\4"):rep(2500)), 5000)
end

function tests.files_whose_end_is_missing_say_so()
  local declared = "100000 frames are declared, but only"
  for ending, sentence in pairs { wav = declared, aiff = declared, mp3 = declared, flac = "" } do
    local path, bytes = make(ending, 44100, 100000, 1)
    local wave = assert_short(sentence, spill(ending, bytes:sub(1, #bytes // 2)))
    local count = wave:size(1)
    lu.assertTrue(count > 40000 and count <= 50000, ending)
    local same = count - 3000 -- an MP3's last frames lean on what is missing
    lu.assertTrue((wave - read(path):slice(1, 1, count)):slice(1, 1, same):abs():max() == 0)
    lu.assertEquals(audio.info(path).frames, 100000)
  end
  local au = ".snd" .. big_endian(24, 4) .. big_endian(20000, 4) .. big_endian(3, 4)
    .. big_endian(8000, 4) .. big_endian(1, 4)
  assert_short("10000 frames are declared, but only 5000", spill("au", au .. ("\1\2"):rep(5000)))
end

-- ---- through ffmpeg ---------------------------------------------------------------------------

local function as_ffmpeg_decodes(path, channels)
  local raw = name "raw"
  ffmpeg("-i", path, "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "f32le", raw)
  local bytes = contents(raw)
  return ms.from_string(bytes, { #bytes // (4 * channels), channels })
end

function tests.what_the_libraries_do_not_read_ffmpeg_reads()
  local source = make("wav", 44100, 60000, 2)
  local kinds = {
    { "m4a", "aac" }, { "caf", "alac" }, { "aac", "aac" }, { "wma", "wmav2" },
  }
  for _, kind in ipairs(kinds) do
    local made = name(kind[1])
    ffmpeg("-i", source, "-c:a", kind[2], made)
    local path = spill("wav", contents(made)) -- its name tells nothing
    local wave = read(path)
    local want = as_ffmpeg_decodes(path, 2)
    lu.assertEquals(wave:size(), want:size(), kind[2])
    lu.assertTrue((wave - want):abs():max() == 0, kind[2])
    lu.assertTrue(audio.check(path).ok, kind[2])
    local part = read(path, { start = 1, length = 0.2 })
    lu.assertTrue((part - want:slice(1, 44101, 52920)):abs():max() == 0, kind[2])
  end
end

-- The channels of 8SVX stand one behind the other; libsndfile takes them for interleaved.
function tests.stereo_of_amiga_is_read_by_ffmpeg()
  local left, right = ("\16\32\240"):rep(2000), ("\64\0\0"):rep(2000)
  local body = left .. right
  local chunks = "VHDR"
    .. string.pack(">s4", string.pack(">I4I4I4I2BBI4", #left, 0, 0, 8000, 1, 0, 0x10000))
    .. "CHAN" .. string.pack(">s4", big_endian(6, 4)) .. "BODY" .. string.pack(">s4", body)
  local path = spill("8svx", "FORM" .. string.pack(">s4", "8SVX" .. chunks))
  ffmpeg("-i", path, name "wav")
  local wave = assert_good(path, 6000)
  lu.assertEquals(wave:slice(1, 1, 3):totable(), { { 1 / 8, 1 / 2 }, { 1 / 4, 0 }, { -1 / 8, 0 } })
end

function tests.streams_of_any_container_are_read()
  local path = name "mka"
  local one, two = make("wav", 44100, 20000, 1), make("wav", 44100, 20000, 1, 2)
  ffmpeg("-i", one, "-i", two, "-map", "0:a", "-map", "1:a", "-c:a", "flac", path)
  for stream, source in pairs { [0] = one, [1] = two } do
    lu.assertTrue((read(path, { stream = stream }) - read(source)):abs():max() == 0)
  end
  tools.assert_refuses("there is no audio stream 2 in it", audio.read, path, { stream = 2 })
  tools.assert_refuses("there is no audio stream 1 in it", audio.read, one, { stream = 1 })
end

function tests.playlists_lead_nowhere()
  local song = make("wav", 44100, 20000, 1)
  ffmpeg "-version"
  local list = spill("m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" .. song
    .. "\n#EXT-X-ENDLIST\n")
  tools.assert_refuses("it is not an audio file of a known kind", audio.read, list)
  list = spill("txt", "ffconcat version 1.0\nfile '" .. song:match "[^/]*$" .. "'\n")
  tools.assert_refuses("it is not an audio file of a known kind", audio.read, list)
end

function tests.without_ffmpeg_a_sentence_names_it()
  local path = spill("mp4", "\0\0\0\24ftypisom" .. ("\0"):rep(100))
  local script = spill("lua", "print(select(2, require 'moonstem'.audio.read(arg[1])))")
  local status, text = ms.sys.capture { ms.sys.absolute "/proc/self/exe", script, path,
    env = { PATH = "/nonexistent" } }
  lu.assertEquals(status, 0)
  lu.assertStrContains(text, "which is missing: install the package ffmpeg")
end

-- Tones of rising level, so that each channel is known by its level; the fourth of six is
-- the low one, which encoders filter.
function tests.channels_come_and_go_in_the_order_of_wav()
  local list, rate = {}, 48000
  for c = 1, 6 do list[c] = tools.sine(60, rate, rate, c / 10):reshape { rate, 1 } end
  local wave, source = ms.cat(list, 2), name "wav"
  assert(audio.write(source, wave, rate))
  for _, ending in ipairs { "ogg", "opus", "flac" } do
    local ours, theirs = name(ending), name(ending)
    assert(audio.write(ours, wave, rate))
    ffmpeg("-i", source, theirs)
    for _, path in ipairs { ours, theirs } do
      local got = read(path)
      lu.assertEquals(got:size(2), 6)
      for c = 1, 6 do
        local level = got:slice(1, 9601, 38400):slice(2, c, c):abs():mean():item() * math.pi / 2
        lu.assertAlmostEquals(level, c / 10, c == 4 and 0.1 or 0.03, path)
      end
    end
    local both = as_ffmpeg_decodes(ours, 6):slice(1, 9601, 38400) - read(ours):slice(1, 9601, 38400)
    lu.assertTrue(both:abs():max() < 1e-3, ending)
  end
end

return tests
