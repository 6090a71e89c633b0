-- How wide must a network be to tell the classes of a folder apart?
--   moonstem experiments/tutorial_width.lua [FOLDER] [--live]      the folder "music" without one
local ms = require "moonstem"
local given = dofile((arg[0]:match "^.*/" or "") .. "_arguments.lua") { "FOLDER", "--OPTION" }
local clips = assert(ms.data.folders(given.FOLDER or "music"))

return ms.lab.experiment {
  name = "tutorial_width", data = clips, frames = 192,
  model = function(o)
    local w = o.width
    return ms.models.tail_only { tail = ms.models.cnn_tail { classes = #clips.classes,
      frames = 192, widths = { w, w, 2 * w, 2 * w, 2 * w, 2 * w, 4 * w }, hidden = 32,
      seed = o.seed } }
  end,
  vary = { width = { 2, 8 }, seed = { 1, 2, 3 } },
  train = ms.train.adam_then_sgd { lr = 2e-3, lrs = {}, epochs = 4, batch = 8, update_bn = 4 },
  score = { "accuracy" },
}
