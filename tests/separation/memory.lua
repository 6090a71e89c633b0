--- Songs of any length: separates and tags stereo noise with small networks, each in a process of
-- its own, and prints samples and peak memory. Wrong where memory grows with the length, or samples
-- are lost.
local ms = require "moonstem"
local commands = require "commands"

local RATE = 44100 -- of the songs
local ROOM = 64    -- MiB that a long song may take more than the shortest

local function write_song(path, minutes)
  local sink <close> = assert(ms.audio.create(path, RATE, { channels = 2 }))
  local left = math.floor(minutes * 60 * RATE)
  while left > 0 do
    local _ <close> = ms.scope()
    local n = math.min(left, RATE)
    assert(sink:write((ms.uniform { n, 2 } - 0.5) * 0.6))
    left = left - n
  end
  assert(sink:finish())
end

local function measure(dir, minutes)
  local song = dir .. "/song.wav"
  write_song(song, minutes)
  local row = { minutes = minutes, samples = ms.audio.info(song).frames }
  row.separate = commands.peak_of(dir, "separate", song, "--model",
    dir .. "/separate.safetensors", "--out", dir, "--force")
  row.stem = ms.audio.info(dir .. "/song.rest.wav").frames
  row.tag = commands.peak_of(dir, "tag", song, "--model", dir .. "/tag.safetensors")
  return row
end

local function run(dir, list)
  commands.save_networks(dir)
  local bad, first = 0, nil
  print "  minutes         samples    in a stem  separate, peak MiB  tag, peak MiB"
  for _, minutes in ipairs(list) do
    local row = measure(dir, minutes)
    first = first or row
    local grown = math.max(row.separate - first.separate, row.tag - first.tag) > ROOM
    local lost = row.stem ~= row.samples
    if grown or lost then bad = bad + 1 end
    print(("  %7g %15d %12d %19.1f %14.1f%s%s"):format(minutes, row.samples, row.stem, row.separate,
      row.tag, grown and "  memory grows" or "", lost and "  samples are lost" or ""))
  end
  return bad
end

return function(dir, o) return run(dir, o.minutes) end
