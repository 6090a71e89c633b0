-- Which changes of the sound help a network that learns tags from few clips? A quarter of the
-- training clips; every change is drawn anew for each clip and epoch (?ms.audio.augment).
--   build/moonstem experiments/augmentation.lua [mtat=DIR]
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

local CHANGES = {
  none = {}, gain = { { "gain", db = { -12, 6 } } }, noise = { { "noise", snr = { 10, 40 } } },
  pitch = { { "pitch", semitones = { -2, 2 }, p = 0.5 } }, mixup = { { "mixup", alpha = 0.4 } },
  masks = { { "time_mask", frames = { 0, 30 } }, { "frequency_mask", bins = { 0, 24 } } },
}

return ms.lab.experiment {
  name = "augmentation", data = assert(shared.tags:part { share = 1 / 4 }), frames = shared.frames,
  model = function(o)
    return ms.models.tail_only { tail = ms.models.cnn_tail(shared.tail(o.seed)) }
  end,
  task = function(o, data)
    return ms.train.tagging_task(data, { batch = shared.batch, frames = shared.frames,
      seed = o.seed, augment = CHANGES[o.change] })
  end,
  vary = { change = { "none", "gain", "noise", "pitch", "masks", "mixup" }, seed = { 1, 2, 3 } },
  train = shared.schedule(600, 2e-3), evaluate = shared.evaluate, score = { "roc_auc", "pr_auc" },
}
