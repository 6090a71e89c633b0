--- What the experiments share: corpora, sizes, one separator of vocals, all of them made once in
-- runs/experiments. moonstem experiments/NAME.lua [mtat=DIR] [musdb=DIR] [smoke] [...]: without
-- folders, stand-ins are rendered. smoke: a few clips and steps in runs/smoke, to see that all runs
-- through. --jobs, --slurm, --live and more are the program's (--help).
local ms = require "moonstem"

local FRAMES, BATCH = 192, 8 -- half the paper's each, so that an experiment takes minutes
local WIDTHS = { 8, 16, 32, 32, 48, 48 } -- of the U-Net, half the paper's or less

local given = dofile((arg[0]:match "^.*/" or "") .. "_arguments.lua") { "mtat=DIR", "musdb=DIR",
  "smoke", "--OPTION" }
local folders, is_smoke = { mtat = given.mtat, musdb = given.musdb }, given.smoke

-- A number of the real thing, or of the smoke form.
local function size(real, smoke) return is_smoke and smoke or real end

ms.lab.root = size(ms.lab.root, "runs/smoke")
local out = size("runs/experiments", "runs/smoke/experiments")
local paper = ms.lab.paper { out = out, data = folders, scale = {
  corpora = { songs = { songs = size(64, 4), seconds = size(30, 12) },
    tags = { clips = size(720, 24), seconds = size(10, 6) } },
  unet = { widths = WIDTHS },
  separation = { steps = size(800, 2), batch = 8, frames = 128, lr = 3e-3, decay_every = 40,
    validate_every = size(100, 2), valid = size(24, 1), scored = size(3, 1),
    tested = size(60, 2), update_bn = size(8, 1) },
} }

local shared = { frames = FRAMES, batch = BATCH, evaluate = { hop = 4 * FRAMES }, out = out,
  size = size }

--- The labelled clips; and the same with few for validation, enough for schedules that keep the
-- last weights.
shared.all_tags = paper:data "mtat"
shared.all_tags.partial = is_smoke or nil -- of a few clips, most classes may be left without one
shared.tags = assert(shared.all_tags:part { split = "valid", share = 1 / 8 })

--- The songs that the separator learnt from.
function shared.songs() return paper:data "musdb" end

--- A U-Net that begins as the separator of vocals ("vocals"), as the one of a model that is given,
-- or at random.
function shared.unet(start, seed)
  local unet = ms.models.unet { widths = WIDTHS, seed = seed }
  if type(start) == "table" then return ms.train.transfer.unet(start, unet) end
  if start ~= "vocals" then return unet end
  shared.separator = shared.separator or paper:separator("vocals"):finish()
  return ms.train.transfer.unet(shared.separator.model, unet)
end

--- Options of the CNN tail.
function shared.tail(seed)
  return { widths = { 16, 16, 32, 32, 32, 32, 64 }, hidden = 128, frames = FRAMES,
    classes = #shared.tags.classes,
           seed = seed }
end

--- The same number of Adam's steps for every run; the last weights count.
function shared.schedule(steps, lr)
  steps = size(steps, 2)
  return { phases = { { optimizer = "adam", lr = lr, steps = steps } }, batch = BATCH,
    validate_every = steps,
           keep = "last", update_bn = size(8, 1) }
end

--- Tags of random crops, as an experiment learns them by default.
function shared.tagging(data, seed)
  return assert(ms.train.tagging_task(data, { batch = BATCH, frames = FRAMES, seed = seed }))
end

--- A tail that has learnt the tags of `data` alone: stage 2, done once for each training split and
-- seed.
function shared.trained_tail(data, seed)
  local model = ms.models.tail_only { tail = ms.models.cnn_tail(shared.tail(seed)) }
  local name = ("tail/%s-%d"):format(data.hash, seed)
  local run = assert(ms.train.run { model = model, task = shared.tagging(data, seed),
    schedule = shared.schedule(600, 2e-3),
    out = out .. "/" .. name, seed = seed, name = name })
  if run.interrupted then error("interrupted", 0) end
  return model
end

--- U-Net, adaptation module and such a tail, before stage 3. levels: of the decoder that meet the
-- tail (all).
function shared.tagger(start, data, seed, levels)
  local options = shared.tail(seed)
  local model = ms.models.tagger { unet = shared.unet(start, seed), tail = options,
    classes = options.classes,
    levels = levels, seed = seed }
  return ms.train.transfer.tail(shared.trained_tail(data, seed), model)
end

--- What a linear probe is trained by: batches of 64 slices until six epochs in a row brought
-- nothing new.
shared.probe_schedule = ms.train.adam_then_sgd { lr = 3e-3, lrs = {}, patience = 5, epochs = 60,
  batch = 64 }

local MEL = ms.audio.mel_matrix()

-- Means over time and frequency of all maps of a U-Net's decoder; its batch norms are first set to
-- the clips.
local function decoder_means(start, seed)
  local unet, task = shared.unet(start, seed), shared.tagging(shared.tags, seed)
  function task.loss(_, _, magnitude) return unet(magnitude) end
  assert(require "moonstem.train.update_bn"(unet, task, 0, 16))
  unet:eval()
  return function(magnitude)
    local _, maps = unet(magnitude)
    for k, map in ipairs(maps) do maps[k] = map:mean(2):mean(2) end
    return ms.cat(maps)
  end
end

local function spectrum(magnitude) return magnitude:matmul(MEL):log10(1e-4):mean(2) end

--- Features of all clips (ms.lab.probe), worked out once: what a frozen U-Net makes of them
-- ("vocals", or "random": one for each seed), or the mean "log-mel" spectrum.
function shared.features(kind, seed)
  local name = kind == "random" and "random-" .. seed or kind
  local file = ("%s/features/%s-%s.json"):format(out, shared.all_tags.hash, name)
  local known = ms.sys.exists(file)
  local extract = kind == "log-mel" and spectrum or not known and decoder_means(kind, seed) or nil
  return assert(ms.lab.probe.features(shared.all_tags,
    { extract = extract, frames = FRAMES, hop = 2 * FRAMES, file = file }))
end

return shared
