-- How long must a crop be for the network to tell the classes of a folder apart?
--   moonstem experiments/tutorial_crop.lua [FOLDER] [--live]      the folder "music" without one
local ms = require "moonstem"
local given = dofile((arg[0]:match "^.*/" or "") .. "_arguments.lua") { "FOLDER", "--OPTION" }
local clips = assert(ms.data.folders(given.FOLDER or "music"))

return ms.lab.experiment {
  name = "tutorial_crop", data = clips,
  model = function(o)
    return ms.models.tail_only { tail = ms.models.cnn_tail { classes = #clips.classes,
      frames = o.frames, widths = { 8, 8, 16, 16, 16, 16, 32 }, hidden = 32, seed = o.seed } }
  end,
  vary = { frames = { 192, 384 }, seed = { 1, 2, 3 } },
  train = ms.train.adam_then_sgd { lr = 2e-3, lrs = {}, epochs = 4, batch = 8, update_bn = 4 },
  score = { "accuracy" },
}
