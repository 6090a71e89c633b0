-- Which level of the decoder carries the gain? A trained tail and a frozen U-Net that separates
-- vocals, of whose decoder the tail receives one map (5: half the full resolution, 1: the
-- coarsest), none, or all five. With none, only the separated vocals reach the tail; "tail" is the
-- tail alone, trained as long.
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

local LEVELS = { none = {}, all = { 5, 4, 3, 2, 1 } }

return ms.lab.experiment {
  name = "which_level", data = shared.tags, frames = shared.frames, evaluate = shared.evaluate,
  model = function(o, data)
    if o.level == "tail" then return shared.trained_tail(data, o.seed) end
    return shared.tagger("vocals", data, o.seed, LEVELS[o.level] or { o.level }):freeze "unet"
  end,
  vary = { level = { "tail", "none", "all", 5, 4, 3, 2, 1 }, seed = { 1, 2, 3 } },
  train = shared.schedule(60, 1e-3),
  score = { "roc_auc", "pr_auc" },
}
