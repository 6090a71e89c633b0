-- How much labelled data does pre-training save? The linear probe again, on shares of the training clips: with how few
-- does the U-Net that separates vocals do as well as a random one, or as the spectrum, with more?
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

return ms.lab.experiment {
  name = "labelled_data",
  data = function(o) return shared.all_tags:part { share = o.share, seed = o.seed } end,
  model = function(o, data) return ms.lab.probe.model(shared.features(o.features, o.seed), #data.classes, o.seed) end,
  task = function(o, data) return ms.lab.probe.task(data, shared.features(o.features, o.seed), { seed = o.seed }) end,
  evaluate = function(model, data, o) return ms.lab.probe.scores(model, data, shared.features(o.features, o.seed)) end,
  vary = { features = { "log-mel", "random", "vocals" }, share = { 1 / 8, 1 / 4, 1 / 2, 1 }, seed = { 1, 2, 3 } },
  train = ms.train.adam_then_sgd { rate = 3e-3, rates = {}, patience = 5, epochs = 60 },
  score = { "roc_auc", "pr_auc" },
}
