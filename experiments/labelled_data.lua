-- How much labelled data does pre-training save? The linear probe again, on shares of the training
-- clips: with how few does the U-Net that separates vocals do as well as a random one, or as the
-- spectrum, with more?
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

return ms.lab.probe.experiment {
  name = "labelled_data",
  data = function(o) return shared.all_tags:part { share = o.share, seed = o.seed } end,
  features = function(o) return shared.features(o.features, o.seed) end,
  vary = { features = { "log-mel", "vocals", "random" }, share = { 1 / 8, 1 / 4, 1 / 2, 1 },
    seed = { 1, 2, 3 } },
  train = shared.probe_schedule,
  score = { "roc_auc", "pr_auc" },
}
