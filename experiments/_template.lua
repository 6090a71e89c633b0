-- Does the tail lose anything with half its width? A template: copy it, change the question, run it:
--   build/moonstem experiments/_template.lua DIR      DIR: MagnaTagATune, or a stand-in of the same layout
local ms = require "moonstem"
local dataset = assert(ms.data.mtat(arg[1] or "runs/quickstart-quick/corpora/tags", { partial = true }))

return ms.lab.experiment {
  name = "half_width_tail",
  data = dataset,
  model = function(o)
    local w = o.width
    local widths = { w, w, 2 * w, 2 * w, 2 * w, 2 * w, 4 * w }
    local tail = ms.models.cnn_tail { classes = #dataset.classes, widths = widths, seed = o.seed }
    return ms.models.tail_model { tail = tail }
  end,
  vary = { width = { 8, 16 }, seed = { 1, 2 } },
  train = ms.train.adam_then_sgd { rate = 1e-3, patience = 2, epochs = 4 },
  score = { "roc_auc", "pr_auc" },
}
