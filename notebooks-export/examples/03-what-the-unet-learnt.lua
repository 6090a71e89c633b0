--[[md
# What the U-Net learnt

A network that separates voices has to know what a voice looks like in a spectrogram. This
notebook looks inside of one: at its mask, its kernels, and the maps that the paper hands to a
music tagger. The network is the small one of the notebook *Separate and listen*; it is trained
here if that has not been done.
]]
--%%
local ms = require "moonstem"
local root = ms.sys.exists "recipes/paper.lua" and "." or "../.."
local separator = dofile(root .. "/notebooks-export/examples/_separator.lua")
local model, songs = separator(root .. "/runs/notebooks")
local unet = model.unet
print(unet)
--[[md
## The mask

Four seconds (384 frames) of a test song, as the network sees them: magnitudes of 256 frequencies.
For each of these points the mask says what share belongs to the voice. Below it is the share that
the voice really has.
]]
--%%
local function magnitude(song, stem)
  local wave = assert(ms.audio.read(song.stems[stem], { rate = 16000, mono = true, start = 4,
    length = 61792 / 16000 }))
  return ms.audio.magnitude(wave:reshape { 1, -1 })
end
local song = songs:items "test"[2]
local mixture, vocals = magnitude(song, "mixture"), magnitude(song, "vocals")
local mask, maps = ms.no_grad(function() return unet(mixture) end)
print("magnitudes", mixture:shape(), "mask", mask:shape())
--%%
local function show_share(share, title)
  ms.show(share[{ {}, { 1, 128 } }], { kind = "spectrogram", title = title, z_label = "share",
    decibel = false, range = { 0, 1 }, rate = 16000, hop = 160, y_top = 4000, width = 440,
    panel_height = 90 })
end
local truth = (vocals / mixture:maximum(1e-3)):clamp(0, 1)
show_share(mask[{ 1, {}, {}, 1 }], "The mask")
show_share(truth[1], "The voice's share of the mixture")
--%%
local weight = mixture:square()
local difference = ((mask[{ {}, {}, {}, 1 }] - truth):abs() * weight):sum() / weight:sum()
print(("mean difference of mask and share, weighted by energy: %.1f"):format(difference:item()))
--[[md
## Kernels

The first convolution sees the logarithm of the spectrogram. Its eight kernels weigh a point and
its neighbours, 3 frames by 3 frequencies; those with both signs answer to edges in time or in
frequency. The second convolution combines what they give.
]]
--%%
ms.show(unet.encoder[1].conv[1], { title = "Kernels of the first convolution", width = 600 })
--[[md
## What the maps show

On its way down the encoder halves time and frequency six times; the decoder goes up again. Its
maps, from coarse to fine, are what the joint model of the paper gives to the tagger.
]]
--%%
for level, map in ipairs(maps) do print(level, map:shape()) end
--%%
local fine = maps[4][1]:permute { 3, 2, 1 } -- (channel, frequency, time)
local _, liveliest = fine:std { 2, 3 }:topk(6)
ms.show(fine:index_select(1, liveliest):flip(2), { kind = "slices", width = 480,
  title = "The six liveliest channels of map 4" })
--[[md
The fine chequered pattern comes from the transposed convolutions that double the size of a map:
odd and even positions are computed by weights of their own.

## Does it tell singing from silence?

The mean of map 4 over stretches of a quarter of a second, of all test songs: every stretch is a
point of as many numbers as a time step of the map has. If the network knows what a voice is,
stretches with and without a voice lie apart, even on the two axes along which the points vary
most.
]]
--%%
local points, labels = {}, {}
for k, item in ipairs(songs:items "test") do
  local mixed, sung = magnitude(item, "mixture"), magnitude(item, "vocals")
  local _, levels = ms.no_grad(function() return unet(mixed) end)
  points[k] = levels[4][1]:reshape { 16, 6, -1 }:mean(2)
  for _, loudness in ipairs(sung[1]:reshape { 16, -1 }:mean(2):totable()) do
    labels[#labels + 1] = loudness > 0.05 and "voice" or "no voice"
  end
end
ms.show(ms.cat(points, 1), { kind = "embedding", labels = labels, size = 5, width = 480,
  height = 320, title = "Stretches of the test songs in map 4" })
