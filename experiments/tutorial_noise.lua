-- Does noise in the training clips help where the folder is small?
--   moonstem experiments/tutorial_noise.lua [FOLDER] [--live]      the folder "music" without one
local ms = require "moonstem"
local given = dofile((arg[0]:match "^.*/" or "") .. "_arguments.lua") { "FOLDER", "--OPTION" }
local clips = assert(ms.data.folders(given.FOLDER or "music"))

return ms.lab.experiment {
  name = "tutorial_noise", data = clips, frames = 192,
  model = function(o)
    return ms.models.tail_only { tail = ms.models.cnn_tail { classes = #clips.classes,
      frames = 192, widths = { 4, 4, 8, 8, 8, 8, 16 }, hidden = 32, seed = o.seed } }
  end,
  task = function(o, data)
    local noise = o.noise and { { "noise", snr = { 10, 30 } }, rate = 16000 } or nil
    return ms.train.tagging_task(data, { frames = 192, batch = 8, seed = o.seed, augment = noise })
  end,
  vary = { noise = { false, true }, seed = { 1, 2, 3 } },
  train = ms.train.adam_then_sgd { lr = 2e-3, lrs = {}, epochs = 4, batch = 8, update_bn = 4 },
  score = { "accuracy" },
}
