--- Fuzz of valid files: files of every codec, made with ffmpeg and sox, must be read as ffmpeg
-- decodes them, and any stretch of a file must be what the whole file holds there.
--   build/moonstem tests/valid_files.lua [files = 400] [seed = 1] [crops of each = 40]
-- Prints a table of differences by codec; status 1 when one is larger than its reason allows.
local ms = require "moonstem"

local M = {}

-- ---- what is made ----

local ALL = { 8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000 }
local MPEG = { 8000, 11025, 16000, 22050, 32000, 44100, 48000 }
local OPUS_RATES = { 8000, 16000, 24000, 48000 }

-- Why numbers may differ from ffmpeg's. Lengths are in samples, amplitudes in full scales; files
-- shorter than `below` seconds may be off by `padding` samples.
local SAME = { length = 0, sample = 0, crop = 0, why = "the same numbers" }
local PLAIN = { length = 0, sample = 2 ^ -23, crop = 0,
  why = "the same numbers, rounded to floats once" }
local STEPS = { length = 0, sample = 2 ^ -7, crop = 0,
  why = "predictions are rounded differently, which adds up in a block" }
local VORBIS = { length = 0, padding = 2048, below = 2, sample = 1e-4, crop = 0,
  why = "transforms in floats; in files of one or two pages ffmpeg counts the ends otherwise than \z
    oggdec" }
local OPUS = { length = 0, sample = 1e-4, crop = 0,
  why = "ffmpeg rounds what libopus decodes to 16 bits" }
local FLOATS = { length = 0, padding = 1152, below = 0.2, sample = 1e-4, crop = 1e-6,
  why =
    "transforms in floats, by other algorithms; of files of a few frames ffmpeg keeps the padding" }
local PIPE = { length = 0, sample = 0, crop = 0, why = "ffmpeg decodes it for us" }

--- One row a codec: name, ending, what the program gets, and what may differ. `rates`, `channels`
-- restrict the draw; `by` = "sox" makes the file with sox; `reference`: more input options of the
-- ffmpeg that decodes.
M.codecs = {
  { "wav pcm_u8", "wav", { "-c:a", "pcm_u8" }, SAME },
  { "wav pcm_s16", "wav", { "-c:a", "pcm_s16le" }, SAME },
  { "wav pcm_s24", "wav", { "-c:a", "pcm_s24le" }, SAME },
  { "wav pcm_s32", "wav", { "-c:a", "pcm_s32le" }, PLAIN },
  { "wav float", "wav", { "-c:a", "pcm_f32le" }, SAME },
  { "wav double", "wav", { "-c:a", "pcm_f64le" }, PLAIN },
  { "wav alaw", "wav", { "-c:a", "pcm_alaw" }, SAME },
  { "wav ulaw", "wav", { "-c:a", "pcm_mulaw" }, SAME },
  { "wav ms adpcm", "wav", { "-c:a", "adpcm_ms" }, STEPS, channels = { 1, 2 } },
  { "wav ima adpcm", "wav", { "-c:a", "adpcm_ima_wav" }, STEPS, channels = { 1, 2 } },
  { "wav gsm", "wav", { "-t", "wav", "-e", "gsm-full-rate" }, STEPS, by = "sox", channels = { 1 },
    rates = { 8000 } },
  { "wav mp3", "wav", { "-c:a", "libmp3lame" }, FLOATS, channels = { 1, 2 }, rates = MPEG },
  { "wav from a pipe", "wav", { "-c:a", "pcm_s16le", "-f", "wav", "pipe:1" }, SAME, pipe = true },
  { "wav by sox", "wav", { "-t", "wav", "-b", "24" }, SAME, by = "sox" },
  { "aiff s16", "aiff", { "-c:a", "pcm_s16be" }, SAME },
  { "aiff s24 by sox", "aiff", { "-t", "aiff", "-b", "24" }, SAME, by = "sox" },
  { "au s16", "au", { "-c:a", "pcm_s16be" }, SAME },
  { "au ulaw by sox", "au", { "-t", "au", "-e", "mu-law" }, SAME, by = "sox" },
  { "caf s24", "caf", { "-c:a", "pcm_s24be" }, SAME },
  { "caf alac", "caf", { "-c:a", "alac" }, PIPE, channels = { 1, 2 } },
  { "w64 s16", "w64", { "-c:a", "pcm_s16le" }, SAME },
  { "rf64 s16", "wav", { "-c:a", "pcm_s16le", "-rf64", "always" }, SAME },
  { "flac s16", "flac", { "-c:a", "flac", "-sample_fmt", "s16" }, SAME },
  { "flac s24", "flac", { "-c:a", "flac", "-sample_fmt", "s32" }, SAME },
  { "flac by sox", "flac", { "-t", "flac", "-C", "8" }, SAME, by = "sox" },
  { "flac from a pipe", "flac", { "-c:a", "flac", "-sample_fmt", "s16", "-f", "flac", "pipe:1" },
    SAME, pipe = true },
  { "ogg vorbis", "ogg", { "-c:a", "libvorbis", "-q:a", "4" }, VORBIS },
  { "vorbis by sox", "ogg", { "-t", "ogg", "-C", "3" }, VORBIS, by = "sox" },
  { "opus", "opus", { "-c:a", "libopus" }, OPUS, rates = OPUS_RATES,
    reference = { "-c:a", "libopus" } },
  { "opus low", "opus", { "-c:a", "libopus", "-b:a", "16k" }, OPUS, rates = OPUS_RATES,
    channels = { 1, 2 }, reference = { "-c:a", "libopus" } },
  { "ogg flac", "ogg", { "-c:a", "flac", "-sample_fmt", "s16" }, PIPE },
  { "mp3 cbr", "mp3", { "-c:a", "libmp3lame", "-b:a", "64k" }, FLOATS, rates = MPEG,
    channels = { 1, 2 } },
  { "mp3 vbr", "mp3", { "-c:a", "libmp3lame", "-q:a", "4" }, FLOATS, rates = MPEG,
    channels = { 1, 2 } },
  { "mp3 cbr, no header", "mp3", { "-c:a", "libmp3lame", "-b:a", "96k", "-write_xing", "0" },
    FLOATS, rates = MPEG, channels = { 1, 2 } },
  { "mp3 vbr, no header", "mp3", { "-c:a", "libmp3lame", "-q:a", "2", "-write_xing", "0" }, FLOATS,
    rates = MPEG, channels = { 1, 2 } },
  { "mp3, no tags", "mp3", { "-c:a", "libmp3lame", "-q:a", "5", "-write_xing", "0",
    "-id3v2_version", "0" }, FLOATS, rates = MPEG, channels = { 1, 2 } },
  { "mp3, old tags", "mp3", { "-c:a", "libmp3lame", "-id3v2_version", "3", "-write_id3v1", "1" },
    FLOATS, rates = MPEG, channels = { 1, 2 } },
  { "mp3, picture", "mp3", { "-c:a", "libmp3lame", "-q:a", "4", "-id3v2_version", "3" }, FLOATS,
    rates = MPEG, channels = { 1, 2 }, picture = true },
  { "mp2", "mp2", { "-c:a", "mp2" }, FLOATS, rates = { 16000, 22050, 32000, 44100, 48000 },
    channels = { 1, 2 } },
  { "aac adts", "aac", { "-c:a", "aac" }, PIPE },
  { "m4a aac", "m4a", { "-c:a", "aac" }, PIPE },
  { "m4a aac, picture", "m4a", { "-c:a", "aac" }, PIPE, picture = true },
  { "m4a alac", "m4a", { "-c:a", "alac" }, PIPE, channels = { 1, 2 } },
  { "webm opus", "webm", { "-c:a", "libopus" }, PIPE, rates = OPUS_RATES },
  { "mka vorbis", "mka", { "-c:a", "libvorbis" }, PIPE },
  { "mka flac", "mka", { "-c:a", "flac" }, PIPE },
  { "wavpack", "wv", { "-c:a", "wavpack" }, PIPE },
  { "wma", "wma", { "-c:a", "wmav2" }, PIPE, rates = { 22050, 32000, 44100 }, channels = { 1, 2 } },
}
local WRONG = { "wav", "mp3", "ogg", "flac", "bin", "m4a", "" }

local function draws(seed, i)
  local n = 0
  local d = {}
  function d.integer(most) n = n + 1 return ms.random.integer(seed, "valid files", i, n, most) end
  function d.uniform() n = n + 1 return ms.random.uniform(seed, "valid files", i, n) end
  function d.one_of(list) return list[d.integer(#list)] end
  return d
end

local function must(value, why)
  if not value then error(why, 0) end
  return value
end

local function run(argv)
  argv.stderr = "/dev/null"
  local status, why = ms.sys.run(argv)
  if status ~= 0 then error(("%s: status %s"):format(table.concat(argv, " "), status or why), 0) end
end

-- Noise below half the rate's half, so that encoders find something to keep: raw floats.
local function write_source(path, rate, channels, frames)
  local list = {}
  for c = 1, channels do
    local noise = ms.randn { math.max(frames // 4, 1) } * ms.tensor(0.1)
    list[c] = ms.audio.resample(noise, rate // 4, rate)
  end
  local length = math.min(frames, list[1]:count())
  for c = 1, channels do list[c] = list[c]:slice(1, 1, length):reshape { length, 1 } end
  must(ms.sys.write_file(path, (channels > 1 and ms.cat(list, 2) or list[1]):bytes()))
end

local function append(list, ...)
  for _, item in ipairs { ... } do
    if type(item) == "table" then
      table.move(item, 1, #item, #list + 1, list)
    else
      list[#list + 1] = item
    end
  end
  return list
end

local function encode(codec, source, rate, channels, path, picture)
  if codec.by == "sox" then
    return run(append({ "sox", "-t", "f32", "-r", rate, "-c", channels, source }, codec[3], path))
  end
  local argv = append({ "ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "f32le", "-ar", rate,
    "-ac", channels,
    "-i", source }, codec.picture and { "-i", picture, "-map", "0", "-map", "1", "-c:v", "copy",
    "-disposition:v", "attached_pic" } or {}, { "-metadata", "title=A song: äöü", "-metadata",
      "artist=B" }, codec[3])
  if codec.pipe then argv.stdout = path else argv[#argv + 1] = path end
  for i, word in ipairs(argv) do argv[i] = tostring(word) end
  run(argv)
end

--- Makes file number i, of up to `longest` seconds, in a folder -> path, and what it is in words.
function M.make(folder, seed, i, codec, picture, longest)
  local d = draws(seed, i)
  local rate, channels = d.one_of(codec.rates or ALL), d.one_of(codec.channels or { 1, 2, 2, 6 })
  if rate * channels > 200000 then longest = longest / 4 end
  local seconds = 0.01 * (longest / 0.01) ^ d.uniform()
  local frames = math.floor(seconds * rate)
  local name = ("%s/%04d"):format(folder, i)
  ms.seed(seed * 100000 + i)
  write_source(name .. ".raw", rate, channels, frames)
  local made = name .. "." .. codec[2]
  encode(codec, name .. ".raw", rate, channels, made, picture)
  os.remove(name .. ".raw")
  local path = made
  if d.integer(3) == 1 then
    path = name .. "-wrong." .. d.one_of(WRONG)
    must(os.rename(made, path))
  end
  return path, ("%s %d Hz, %d channels, %d frames, seed %d, file %d")
    :format(codec[1], rate, channels, frames, seed, i)
end

-- ---- what is compared ----

-- What ffmpeg decodes, (frame, channel).
local function reference(path, codec, channels)
  local raw = path .. ".ref"
  run(append({ "ffmpeg", "-v", "quiet", "-nostdin", "-y" }, codec.reference or {}, "-i", path,
    "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "f32le", raw))
  local bytes = must(ms.sys.read_file(raw))
  os.remove(raw)
  local frames = #bytes // (4 * channels)
  return frames > 0 and ms.from_string(bytes:sub(1, frames * channels * 4), { frames, channels })
    or nil, frames
end

local function largest(a, b)
  local worst = (a - b):abs():max()
  return type(worst) == "number" and worst or worst:item()
end

local function crop_difference(path, whole, rate, d)
  local frames = whole:size(1)
  local first = d.integer(frames) - 1
  local count = d.integer(math.min(frames - first, 2 * rate))
  local part,
    why = ms.audio.read(path, { start = first / rate, length = count / rate, mono = false })
  if not part then return math.huge, why end
  if part:size(1) ~= count then
    return math.huge, ("%d frames of %d"):format(part:size(1), count)
  end
  return largest(part, whole:slice(1, first + 1, first + count))
end

-- A file of one frame that ffmpeg does not open either is no difference.
local function both_refuse(path, codec)
  local ok, wanted = pcall(reference, path, codec, 1)
  os.remove(path .. ".ref")
  return not ok or not wanted
end

local function fits(r, allowed, seconds)
  local length = math.abs(r.length) <= allowed.length
    or (seconds < (allowed.below or 0) and math.abs(r.length) <= allowed.padding)
  return length and r.sample <= allowed.sample and r.crop <= allowed.crop
end

--- Compares one file -> {length =, sample =, crop =, words =}: differences, and a sentence where
-- something is wrong.
function M.compare(path, codec, seed, i, crops)
  local allowed, d = codec[4], draws(seed, -i)
  local whole, rate, notice = ms.audio.read(path, { mono = false })
  if not whole then
    local refused = both_refuse(path, codec)
    return { length = refused and 0 or math.huge, sample = 0, crop = 0, words = not refused and rate
      or nil }
  end
  local channels = whole:size(2)
  local wanted, frames = reference(path, codec, channels)
  local both = math.min(whole:size(1), frames)
  local r = { length = whole:size(1) - frames, sample = 0, crop = 0, words = notice }
  if both > 0 then r.sample = largest(whole:slice(1, 1, both), wanted:slice(1, 1, both)) end
  for _ = 1, crops do
    local worst, words = crop_difference(path, whole, rate, d)
    r.crop, r.words = math.max(r.crop, worst), r.words or words
  end
  local check = must(ms.audio.check(path))
  if not check.ok then r.words = r.words or check.reason end
  if not fits(r, allowed, whole:size(1) / rate) then
    r.words = r.words or "differs by more than is explained"
  end
  return r
end

--- All of it, with options {folder =, files =, seed =, crops =, longest = seconds} -> list of
--- {name, files, length, sample, crop, why} a codec, and a list of sentences on what is wrong.
function M.run(options)
  local folder = options.folder
  local picture = folder .. "/cover.png"
  run { "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=300x300", "-frames:v", "1",
    picture }
  local rows, wrong = {}, {}
  for i = 1, options.files do
    local codec = M.codecs[(i - 1) * 5 % #M.codecs + 1] -- any few neighbours are of all sorts
    local path, what = M.make(folder, options.seed, i, codec, picture, options.longest)
    local r = M.compare(path, codec, options.seed, i, options.crops)
    if r.words then
      wrong[#wrong + 1] = ("%s (%s): %s"):format(path:match "[^/]*$", what, r.words)
    end
    local row = rows[codec[1]] or { codec[1], 0, 0, 0, 0, codec[4].why }
    if not rows[codec[1]] then rows[codec[1]], rows[#rows + 1] = row, row end
    row[2] = row[2] + 1
    if math.abs(r.length) > math.abs(row[3]) then row[3] = r.length end
    row[4], row[5] = math.max(row[4], r.sample), math.max(row[5], r.crop)
    if r.words and options.keep then os.rename(path, options.keep .. "/" .. path:match "[^/]*$")
    else os.remove(path) end
    if options.progress then options.progress() end
  end
  os.remove(picture)
  return rows, wrong
end

-- ---- the long form ----

local function main()
  local files, seed, crops = tonumber(arg[1] or 400), tonumber(arg[2] or 1), tonumber(arg[3] or 40)
  local folder = os.tmpname()
  os.remove(folder)
  must(ms.sys.mkdir(folder))
  local progress = ms.sys.progress { label = "files", total = files }
  local rows, wrong = M.run { folder = folder, files = files, seed = seed, crops = crops,
    longest = 20, progress = function() progress:step() end, keep = os.getenv "MOONSTEM_KEEP" }
  progress:finish()
  print(("%-20s %5s %8s %10s %10s  %s"):format("codec", "files", "length", "sample", "crop",
    "what may differ"))
  for _, row in ipairs(rows) do
    print(("%-20s %5d %8g %10.2g %10.2g  %s"):format(table.unpack(row)))
  end
  for _, words in ipairs(wrong) do print("WRONG " .. words) end
  print(("%d files, seed %d, %d crops each: %d wrong"):format(files, seed, crops, #wrong))
  ms.sys.remove(folder)
  os.exit(#wrong == 0 and 0 or 1, true)
end

if arg and arg[0]:match "valid_files%.lua$" then main() end
return M
