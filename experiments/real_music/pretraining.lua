-- Does a U-Net that learnt to separate drums help to tag music of human composers, and does it
-- matter whether it learnt that from stand-ins or from real songs? The tail alone, and joint models
-- that begin from it and from a random U-Net or a separator's, for the same further steps.
--   build/moonstem experiments/real_music/pretraining.lua [smoke]
-- It begins from separators of separation.lua. README.md has the answer.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_songs.lua")
local size = shared.size

local FRAMES, BATCH, UNET = 192, 8, { 8, 16, 32, 32, 48, 48 }

-- Clips of MIDI files, with the tags that are certain.
local function clips()
  local made = assert(ms.corpora.real.tags { out = shared.out .. "/corpora/real-clips",
    clips = size(240, 24), seconds = size(10, 6),
    soundfonts = { "/usr/share/sounds/sf2/TimGM6mb.sf2" } })
  local opened = assert(ms.data.manifest(made.out .. "/manifest.csv", { partial = true }))
  return assert(ms.data.cache(opened, { cache = shared.out .. "/pack" }))
end

local data = clips()

local function tail(seed)
  return { widths = { 16, 16, 32, 32, 32, 32, 64 }, hidden = 128, frames = FRAMES,
    classes = #data.classes, seed = seed }
end

local function schedule(steps, lr)
  return { phases = { { optimizer = "adam", lr = lr, steps = size(steps, 2) } }, batch = BATCH,
    validate_every = size(steps, 2), keep = "last", update_bn = size(8, 1) }
end

-- Trains, or waits for another process that trains the same.
local function run(options)
  local done, why
  repeat
    if why then ms.sys.sleep(2) end
    done, why = ms.train.run(options)
  until done or not why:find("in use by another process", 1, true)
  if assert(done, why).interrupted then error("interrupted", 0) end
end

-- A tail that has learnt the tags alone, the same for all models of a seed.
local function trained_tail(seed)
  local model, name = ms.models.tail_only { tail = ms.models.cnn_tail(tail(seed)) }, "tail/" .. seed
  run { model = model, schedule = schedule(200, 2e-3), seed = seed,
    task = assert(ms.train.tagging_task(data, { batch = BATCH, frames = FRAMES, seed = seed })),
    out = shared.out .. "/" .. name, name = name }
  return model
end

-- The separator of drums that separation.lua has trained.
local function separator(corpus)
  return (assert(ms.lab.load(("%s/real_separation/corpus=%s,source=drums,seed=1"):format(
    ms.lab.root, corpus))))
end

local function model_of(point)
  if point.start == "tail alone" then return trained_tail(point.seed) end
  local unet, options = ms.models.unet { widths = UNET, seed = point.seed }, tail(point.seed)
  if point.start ~= "random U-Net" then
    unet = ms.train.transfer.unet(separator(point.start), unet)
  end
  local model = ms.models.tagger { unet = unet, tail = options, classes = options.classes,
    seed = point.seed }
  return ms.train.transfer.tail(trained_tail(point.seed), model)
end

return ms.lab.experiment {
  name = "real_pretraining", data = data, frames = FRAMES, model = model_of,
  evaluate = { hop = 2 * FRAMES },
  vary = { start = { "tail alone", "random U-Net", "stand-ins", "real" },
    seed = { 1, 2, 3, 4, 5 } },
  train = schedule(30, 1e-3),
  score = { "roc_auc", "pr_auc" },
}
