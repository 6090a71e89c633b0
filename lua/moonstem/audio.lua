--- Sound: files, resampling, spectra, the mel matrix, the threaded feed.
local core = require "moonstem.core.audio"
local ops = require("moonstem.core.tensor").ops

local audio = { stft = ops.stft, istft = ops.istft, magnitude = ops.magnitude,
  frontend = require("moonstem.audio.frontend").new }
for name, value in pairs(core) do audio[name] = value end
return audio
