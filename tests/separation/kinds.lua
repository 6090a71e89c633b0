--- Length and delay of the stems of files of many kinds, rates and channels, made with ffmpeg and
-- compared with what ffmpeg decodes.
local ms = require "moonstem"
local network = require "network"

local RATES, CHANNELS = { 8000, 16000, 22050, 44100, 48000, 96000 }, { 1, 2, 6 }
local SECONDS, LIMIT, REACH = 2.3, 1e-3, 4096

-- Ending, options of ffmpeg, and rates and channels that the codec has where these are fewer.
local KINDS = {
  { "wav", { "-c:a", "pcm_s16le" } },
  { "flac", { "-c:a", "flac" } },
  { "ogg", { "-c:a", "libvorbis" } },
  { "mp3", { "-c:a", "libmp3lame" }, rate = 48000, channels = 2 },
  { "m4a", { "-c:a", "aac" } },
  { "webm", { "-c:a", "libopus" }, rates = { [8000] = true, [16000] = true, [48000] = true } },
  { "mkv", { "-c:a", "flac" } },
}

local function ffmpeg(...)
  return ms.sys.run { "ffmpeg", "-v", "quiet", "-nostdin", "-y", stdout = "/dev/null",
    stderr = "/dev/null", ... } == 0
end

local function fits(kind, rate, channels)
  return rate <= (kind.rate or rate) and channels <= (kind.channels or channels)
    and (not kind.rates or kind.rates[rate])
end

local function write_noise(path, rate, channels)
  ms.seed(rate + channels)
  local list = {}
  for c = 1, channels do
    list[c] = ms.audio.resample(ms.randn { math.floor(SECONDS * rate / 4) } * 0.05, rate // 4, rate)
  end
  assert(ms.audio.write(path, ms.stack(list, 2), rate, { encoding = "float" }))
end

-- What ffmpeg decodes, (sample, channel).
local function decoded(path, channels)
  local raw = path .. ".raw"
  assert(ffmpeg("-i", path, "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "f32le", raw), path)
  local bytes = assert(ms.sys.read_file(raw))
  return ms.from_string(bytes, { #bytes // (4 * channels), channels })
end

local function column(x)
  return #x:size() == 1 and x:reshape { -1, 1 } or x
end

-- By how many samples a lags behind b, where they are alike most.
local function lag_of(a, b)
  local n = math.min(a:size(1), b:size(1), 4 * REACH)
  local function first(x) return x:slice(1, 1, n):slice(2, 1, 1):reshape { n } end
  local alike = ms.signal.correlate(first(a), first(b), { mode = "full" })
  local _, place = alike:max(1)
  return place:item() - n
end

local function measure(dir, model, path, rate, channels)
  local files = { dir .. "/stem.wav", dir .. "/rest.wav" }
  local done = assert(ms.evaluate.separate_file(model, path, files, { bits = "float" }))
  local sum
  for _, file in ipairs(files) do
    local x = column(assert(ms.audio.read(file, { mono = false })))
    sum = sum and sum + x or x
  end
  assert(done.rate == rate and done.channels == channels and sum:size(2) == channels, path)
  local want = decoded(path, channels)
  local both = math.min(sum:size(1), want:size(1))
  return sum:size(1) - want:size(1), lag_of(sum, want),
    ((sum:slice(1, 1, both) - want:slice(1, 1, both)):abs():max())
end

local function row_of(dir, model, kind)
  local row = { files = 0, length = 0, lag = 0, worst = 0 }
  for _, rate in ipairs(RATES) do
    for _, channels in ipairs(CHANNELS) do
      local _ <close> = ms.scope()
      local source, path = dir .. "/source.wav", ("%s/song.%s"):format(dir, kind[1])
      write_noise(source, rate, channels)
      if fits(kind, rate, channels) and ffmpeg("-i", source, kind[2][1], kind[2][2], path) then
        local heard = ms.audio.info(path) -- Opus tells no rate but 48 kHz
        local length, lag, worst = measure(dir, model, path, heard.rate, channels)
        row.files, row.worst = row.files + 1, math.max(row.worst, worst)
        row.length = math.max(row.length, math.abs(length))
        row.lag = math.max(row.lag, math.abs(lag))
      end
    end
  end
  return row
end

return function(dir)
  if not ffmpeg "-version" then return print "  skipped: ffmpeg is not installed" or 0 end
  local model, bad = network(1), 0
  print "  kind  files  lengths off by  delay  sources and rest beside what ffmpeg decodes"
  for _, kind in ipairs(KINDS) do
    local row = row_of(dir, model, kind)
    local good = row.files > 0 and row.length == 0 and row.lag == 0 and row.worst < LIMIT
    bad = bad + (good and 0 or 1)
    print(("  %-5s %5d %15d %6d  off by %.2g%s"):format(kind[1], row.files, row.length, row.lag,
      row.worst, good and "" or "  BEYOND"))
  end
  return bad
end
