--[[md
# Tag a folder of your own

From a folder of sounds to a network that names them: data set, checks, training, scores by class,
and the new network at work on a song. Your folder has a folder for each class, with audio of any
kind inside. Here the stems of twelve rendered songs stand for it, cut into clips of four seconds;
rendering and training take less than a minute.
]]
--%%
local ms = require "moonstem"
local root = ms.sys.exists "recipes/paper.lua" and "." or "../.."
local folder = root .. "/runs/notebooks"
assert(ms.corpora.songs { out = folder .. "/songs", songs = 12, seconds = 16, progress = false })
local songs = assert(ms.data.musdb18(folder .. "/songs"))
local RATE, CLIP = 16000, 4 * 16000

-- Writes the clips of a stem that are not silent as CLASS/SONG-NUMBER.flac.
local function cut(class, path, name)
  local wave = assert(ms.audio.read(path, { rate = RATE, mono = true }))
  assert(ms.sys.mkdir(folder .. "/own/" .. class))
  for k = 1, wave:size(1) // CLIP do
    local clip = wave[{ { (k - 1) * CLIP + 1, k * CLIP } }]
    local file = ("%s/own/%s/%s-%d.flac"):format(folder, class, name, k)
    if clip:abs():max() > 0.02 then assert(ms.audio.write(file, clip, RATE)) end
  end
end

for _, split in ipairs { "train", "valid", "test" } do
  for _, song in ipairs(songs:items(split)) do
    for _, class in ipairs { "bass", "drums", "other", "vocals" } do
      cut(class, song.stems[class], song.name:gsub("[^%w]+", "-"))
    end
  end
end
--[[md
## The data set

Clips of one song must not stand in two splits, or the network is asked what it has heard: `group`
says what belongs together.
]]
--%%
local clips = assert(ms.data.folders(folder .. "/own", {
  group = function(clip) return clip.id:match "/(.*)%-%d+%.%w+$" end }))
print(clips)
print("classes:", table.concat(clips.classes, ", "))
local example = clips:items "train"[1]
ms.show(assert(ms.audio.read(example.path)), { kind = "mel", rate = RATE, bands = 64,
  title = example.id, width = 480, panel_height = 100 })
ms.play(example.path, { seconds = 2 });
--[[md
## Training

The tail of the paper in small, on log-mel spectrograms of half the paper's length. The schedule
is data; the run lies in its own folder, goes on where it was stopped, and is not repeated.
]]
--%%
local copies = assert(ms.data.cache(clips, { cache = folder .. "/pack" }))
local model = ms.models.tail_only { tail = ms.models.cnn_tail { classes = #copies.classes,
  frames = 192, widths = { 8, 8, 16, 16, 16, 16, 32 }, hidden = 32, seed = 1 } }
local task = assert(ms.train.tagging_task(copies, { frames = 192, batch = 8 }))
local run = assert(ms.train.run { model = model, task = task, out = folder .. "/tagger",
  quiet = true, schedule = ms.train.adam_then_sgd { lr = 2e-3, lrs = {}, patience = 20,
    epochs = 12, batch = 8, update_bn = 8 } })
print(model)
print(run.steps .. " steps")
ms.show(ms.lab.runs(folder .. "/tagger"), { width = 480, height = 220 })
--[[md
## Scores by class

On songs that the network has not heard.
]]
--%%
local predicted = assert(ms.evaluate.predict(model, copies, "test", { frames = 192 }))
local scores = ms.evaluate.scores(copies, predicted)
print(("accuracy %.0f %% on %d clips; guessing gives 25 %%"):format(100 * scores.accuracy,
  scores.clips))
local _, detail = ms.metrics.accuracy(predicted.scores, predicted.truths)
ms.show(detail, { kind = "confusion", names = copies.classes, width = 420, height = 300,
  title = "Clips of songs that were not trained on" })
--[[md
## At work

A file of any length is read piece by piece; the network says what it hears in each slice of two
seconds, and the mean of that is the answer. In a shell, the same is `moonstem tag
song.mp3 --model runs/notebooks/tagger`.
]]
--%%
local song = songs:items "test"[1]
for _, stem in ipairs { "drums", "mixture" } do
  local read, source = ms.evaluate.reader(song.stems[stem])
  local p = assert(ms.evaluate.listen(model, "genres", read))
  source:close()
  local best = 1
  for c = 2, #p do if p[c] > p[best] then best = c end end
  print(("%-8s %s"):format(stem, copies.classes[best]))
end
