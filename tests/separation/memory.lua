--- Songs of any length: separates and tags stereo noise with small networks, each in a process of
-- its own, and prints samples and peak memory. Wrong where memory grows with the length, or samples
-- are lost.
local ms = require "moonstem"
local describe = require "moonstem.train.model_config".describe

local RATE = 44100 -- of the songs
local ROOM = 64    -- MiB that a long song may take more than the shortest

-- The command as the program runs it, and then the peak of this process in KiB.
local SCRIPT = [[
local status = require("moonstem.app.commands." .. ...).run { select(2, ...) }
assert(status == 0)
print(io.open("/proc/self/status"):read "a":match "VmHWM:%s*(%d+)")
]]

local function save_networks(dir)
  ms.seed(1)
  local separator = ms.models.separator { unet = ms.models.unet { widths = { 4, 8, 8, 8, 8, 8 } } }
  local tail = ms.models.cnn_tail { classes = 3, widths = { 4, 4, 8, 8, 8, 8, 16 }, hidden = 16 }
  local tagger = ms.models.tail_only { tail = tail }
  assert(ms.train.save_weights(dir .. "/separate.safetensors", separator,
    { model = describe(separator) }))
  assert(ms.train.save_weights(dir .. "/tag.safetensors", tagger,
    { model = describe(tagger), kind = "tags" }))
end

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

-- Peak MiB of a command in a process of its own.
local function peak_of(dir, command, ...)
  local status, text = ms.sys.capture { ms.sys.absolute "/proc/self/exe", dir .. "/child.lua",
    command, ... }
  assert(status == 0, text)
  return tonumber(text:match "(%d+)%s*$") / 1024
end

local function measure(dir, minutes)
  local song = dir .. "/song.wav"
  write_song(song, minutes)
  local row = { minutes = minutes, samples = ms.audio.info(song).frames }
  row.separate = peak_of(dir, "separate", song, "--model", dir .. "/separate.safetensors",
    "--out", dir, "--force")
  row.stem = ms.audio.info(dir .. "/song.rest.wav").frames
  row.tag = peak_of(dir, "tag", song, "--model", dir .. "/tag.safetensors")
  return row
end

local function run(dir, list)
  save_networks(dir)
  assert(ms.sys.write_file(dir .. "/child.lua", SCRIPT))
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
