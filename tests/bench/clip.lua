--- A clip to read in benchmarks: 30 s of stereo noise as MP3 (44.1 kHz, 128 kbit/s).
local ms = require "moonstem"

local CLIP_S <const>, RATE <const> = 30, 44100

--- clip(folder) -> the path of folder/clip.mp3, newly made.
return function(folder)
  local wave, mp3 = folder .. "/clip.wav", folder .. "/clip.mp3"
  assert(ms.audio.write(wave, ms.randn { CLIP_S * RATE, 2 } * 0.1, RATE))
  assert(ms.sys.run { "ffmpeg", "-loglevel", "error", "-y", "-i", wave, "-b:a", "128k", mp3 } == 0,
    "ffmpeg failed")
  ms.sys.remove(wave)
  return mp3
end
