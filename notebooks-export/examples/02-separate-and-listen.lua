--[[md
# Separate and listen

A small U-Net takes the voice out of a song that it has never heard. Songs with stems are rendered
by Debian's synthesizers, and the network is trained on seven of them for 120 steps: half a minute
on two cores, the first time. The quickstart trains it three times as long on three times as many
songs, the paper for 300 000 steps.
]]
--%%
local ms = require "moonstem"
local root = ms.sys.exists "recipes/paper.lua" and "." or "../.."
local folder = root .. "/runs/notebooks"
local separator = dofile(root .. "/notebooks-export/examples/_separator.lua")
local model, songs = separator(folder)
print(songs)
print(model)
--[[md
## How it learnt

The loss is the mean absolute error of waves. Mixtures for training are sums of stems of several
songs, louder and harder than the songs that validate.
]]
--%%
ms.show(ms.lab.runs(folder .. "/separate"), { width = 480, height = 240 })
--[[md
## A song that it has not heard

The network works on mono waves at 16 kHz; any file can be read so. Here are the seconds of the
test song in which the voice is loudest.
]]
--%%
local rate = 16000
local song = songs:items "test"[1]
local stems = {}
for _, name in ipairs { "mixture", "vocals" } do
  stems[name] = assert(ms.audio.read(song.stems[name], { rate = rate, mono = true }))
end
print(song.name, ("%.1f s"):format(stems.mixture:size(1) / rate))
--%%
local estimate = ms.evaluate.separate(model, stems.mixture)[1]
local length = math.floor(1.6 * rate)
local frames = stems.vocals[{ { 1, -1 - stems.vocals:size(1) % rate } }]:reshape { -1, rate }
local first = (frames:square():mean(2):argmax(1):item() - 1) * rate + 1
first = math.min(first, stems.mixture:size(1) - length + 1)
local function cut(wave) return wave[{ { first, first + length - 1 } }] end
ms.play(cut(stems.mixture), { rate = rate, title = "mixture" })
ms.play(cut(estimate), { rate = rate, title = "what the network takes for the voice" })
ms.play(cut(stems.vocals), { rate = rate, title = "the voice as it is" });
--[[md
## How it looks

The same seconds on one scale of decibels. The network multiplies the mixture's spectrogram by a
mask between 0 and 1, so it can only take away; between the harmonics of the voice it leaves some
of the accompaniment.
]]
--%%
for _, row in ipairs { { "mixture", stems.mixture }, { "estimate", estimate },
  { "vocals", stems.vocals } } do
  local magnitude = ms.audio.magnitude(cut(row[2]):reshape { 1, -1 })[1]
  ms.show(magnitude[{ {}, { 1, 128 } }], { kind = "spectrogram", title = row[1], rate = rate,
    hop = 160, y_top = 4000, range = { -40, 30 }, width = 400, panel_height = 90 })
end
--[[md
## How well

The scale-invariant signal-to-distortion ratio says how much of the estimate is the voice, in
decibels. The mixture itself, as an estimate that does nothing, is where a separator starts from.
]]
--%%
local before = ms.metrics.si_sdr(stems.mixture, stems.vocals)
local after = ms.metrics.si_sdr(estimate, stems.vocals)
print(("this song:      mixture %.0f dB, estimate %.0f dB"):format(before, after))
local scores = ms.evaluate.separation(model, songs, "vocals", "test")
print(("all test songs: %.0f dB better than the mixture, median of %d segments"):format(
  scores.improvement, scores.segments))
--[[md
With songs of your own, in a shell: `moonstem separate runs/notebooks/separate song.mp3 --out
stems`.
]]
