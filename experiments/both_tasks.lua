-- Does it help to go on separating while learning tags? The paper's joint model, begun from a
-- separator of vocals and a trained tail, with ten times the separation's loss beside that of the
-- tags (weight 0: tags only).
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

local function task(o, data, model)
  local tagging = shared.tagging(data, o.seed)
  if o.weight == 0 then return tagging end
  local separation = assert(ms.train.separation_task(shared.songs(),
    { source = "vocals", batch = shared.batch // 2, frames = shared.frames, seed = o.seed,
      valid = 1 }))
  return ms.train.combined_task { { task = tagging },
    { task = separation, weight = o.weight, model = ms.models.separator { unet = model.unet } } }
end

return ms.lab.experiment {
  name = "both_tasks", data = shared.tags, frames = shared.frames, evaluate = shared.evaluate,
  task = task,
  model = function(o, data) return shared.tagger("vocals", data, o.seed) end,
  vary = { weight = { 0, 10 }, seed = { 1, 2, 3 } },
  train = shared.schedule(60, 1e-3),
  score = { "roc_auc", "pr_auc" },
}
