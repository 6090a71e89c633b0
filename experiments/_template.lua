-- Does the tail lose anything with half its width? A template: copy it, change the question, run
-- it:
--   build/moonstem experiments/_template.lua [mtat=DIR]      without DIR a stand-in is rendered,
--   once
-- ?ms.lab.experiment tells what else may stand here; README.md holds the questions answered so far.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

return ms.lab.experiment {
  name = "half_width_tail", data = shared.tags, frames = shared.frames, evaluate = shared.evaluate,
  model = function(o, data)
    local w = o.width
    return ms.models.tail_only { tail = ms.models.cnn_tail { classes = #data.classes,
      frames = shared.frames,
      widths = { w, w, 2 * w, 2 * w, 2 * w, 2 * w, 4 * w }, hidden = 128, seed = o.seed } }
  end,
  vary = { width = { 8, 16 }, seed = { 1, 2, 3 } },
  train = ms.train.adam_then_sgd { lr = 2e-3, lrs = {}, patience = 2, epochs = 4,
    batch = shared.batch },
  score = { "roc_auc", "pr_auc" },
}
