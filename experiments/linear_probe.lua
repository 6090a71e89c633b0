-- Does a U-Net that has learnt to separate vocals know more about tags than a random one? Its weights are frozen;
-- a linear layer learns from the means of its decoder's maps, or, for comparison, from the mean log-mel spectrum.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

return ms.lab.experiment {
  name = "linear_probe", data = shared.all_tags,
  model = function(o, data) return ms.lab.probe.model(shared.features(o.features, o.seed), #data.classes, o.seed) end,
  task = function(o, data) return ms.lab.probe.task(data, shared.features(o.features, o.seed), { seed = o.seed }) end,
  evaluate = function(model, data, o) return ms.lab.probe.scores(model, data, shared.features(o.features, o.seed)) end,
  vary = { features = { "log-mel", "random", "vocals" }, seed = { 1, 2, 3 } },
  train = ms.train.adam_then_sgd { rate = 3e-3, rates = {}, patience = 5, epochs = 60 },
  score = { "roc_auc", "pr_auc" },
}
