-- Does a U-Net that has learnt to separate vocals know more about tags than a random one? Its weights are frozen;
-- a linear layer learns from the means of its decoder's maps, or, for comparison, from the mean log-mel spectrum.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

return ms.lab.probe.experiment {
  name = "linear_probe", data = shared.all_tags,
  features = function(o) return shared.features(o.features) end,
  vary = { features = { "log-mel", "vocals", "random" }, seed = { 1, 2, 3 } },
  train = shared.probe_plan,
  score = { "roc_auc", "pr_auc" },
}
