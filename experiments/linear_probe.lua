-- Does a U-Net that has learnt to separate vocals know more about tags than a random one? Its
-- weights are frozen; a linear layer learns from the means of its decoder's maps, from the mean
-- log-mel spectrum, or from both.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

return ms.lab.probe.experiment {
  name = "linear_probe", data = shared.all_tags,
  features = function(o)
    local parts = {}
    for kind in o.features:gmatch "[^+]+" do parts[#parts + 1] = shared.features(kind, o.seed) end
    return ms.lab.probe.join(parts)
  end,
  vary = { features = { "log-mel", "random", "vocals", "log-mel+random", "log-mel+vocals" },
    seed = { 1, 2, 3 } },
  train = shared.probe_schedule,
  score = { "roc_auc", "pr_auc" },
}
