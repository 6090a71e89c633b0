--- Sound: files, resampling, spectra, features, the threaded feed.
local core = require "moonstem.core.audio"
local ops = require("moonstem.core.tensor").ops

local audio = { stft = ops.stft, istft = ops.istft, magnitude = ops.magnitude,
  frontend = require("moonstem.audio.frontend").new }
for name, value in pairs(core) do audio[name] = value end
for name, value in pairs(require "moonstem.core.music") do audio[name] = value end
audio.running_median, audio.tuning = nil, nil -- for features
audio.tempo = require("moonstem.audio.music").tempo

-- Functions of files, by what they are about.
local FEATURES = {
  chroma = { "chroma", "estimate_tuning" }, decibels = { "power_to_db", "amplitude_to_db" },
  cqt = { "cqt" }, delta = { "delta" }, hpss = { "hpss" }, inverse = { "griffin_lim" },
  mel = { "mel", "mfcc" },
  onset = { "onset_strength" }, silence = { "trim", "split_silence" },
  wave = { "rms", "zero_crossings", "preemphasis" },
}
for file, names in pairs(FEATURES) do
  local functions = require("moonstem.audio.feature." .. file)
  for _, name in ipairs(names) do audio[name] = functions[name] end
end
audio.spectral = require "moonstem.audio.feature.spectral"

audio.augment = require "moonstem.audio.augment"

return audio
