-- The paper's idea for later work: no U-Net at inference. While the tail learns tags, 1x1
-- convolutions of its maps also learn to predict a frozen U-Net's decoder maps of equal time
-- resolution; later, U-Net and convolutions go.
local ms = require "moonstem"
local mel = require "moonstem.models.mel"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

local function student(seed) -- m(magnitude) -> logits, predictions fine to coarse
  local tail, predict = ms.models.cnn_tail(shared.tail(seed)), {}
  for j, width in ipairs { 16, 32, 32, 48, 48 } do
    predict[j] = ms.nn.conv2d { in_channels = tail.options.widths[j], out_channels = width,
      kernel = 1 }
  end
  return ms.net.module { name = "student", order = { "tail", "predict" }, tail = tail,
    predict = predict,
    forward = function(self, magnitude)
      local x, predictions = mel.image { mel.log_mel(magnitude) }, {}
      for k, block in ipairs(self.tail.block) do
        if self.predict[k - 1] then predictions[k - 1] = self.predict[k - 1](x) end
        x = block(x)
      end
      return self.tail.head(x:reshape { x:size(1), -1 }), predictions
    end }:init(seed)
end

local function task(o, data)
  local learnt = shared.tagging(data, o.seed)
  if o.teacher == "none" then return learnt end
  local teacher = shared.unet(o.teacher, o.seed):freeze()
  function learnt.loss(_, model, magnitude, batch)
    local logits, predictions = model(magnitude)
    local loss, _, maps = ms.evaluate.tagging_loss("tags", logits, batch.targets),
      teacher(magnitude)
    for j, prediction in ipairs(predictions) do
      local map = maps[#maps - j]:max_pool2d(1, 2)
      loss = loss + ms.loss.mse(prediction, map) * (0.1 / map:square():mean():item())
    end
    return loss
  end
  return learnt
end

return ms.lab.experiment {
  name = "feature_supervision", data = shared.tags, frames = shared.frames,
  evaluate = shared.evaluate, task = task,
  model = function(o) return student(o.seed) end,
  vary = { teacher = { "none", "random", "vocals" }, seed = { 1, 2, 3 } },
  train = shared.schedule(200, 2e-3),
  score = { "roc_auc", "pr_auc" },
}
