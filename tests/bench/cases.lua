--- The cases of the PyTorch benchmark (bench.py), under its names.
-- cases[name](options) -> { step = function, flops = function -> those of a step, or nil, audio_s =
-- seconds of sound or nil,
--   model = what a training step trains, or nil }
local ms = require "moonstem"

local CLIP_S, FRAMES, RATE = 29, 384, 16000

local function noise(...) return ms.randn { ... } * 0.1 end
local function samples(frames) return (frames - 1) * 160 + 512 end

--- Multiply-adds of one item, counted as two, forward.
local function flops_of(model)
  local _, flops = model:trace()
  return flops
end

--- One training step as the peer counts it: forward, loss, backward, Adam.
local function train(model, x, target, loss)
  local opt = ms.optim.adam(model:parameters(), { lr = 1e-4 })
  return { model = model, flops = function()
    return 3 * flops_of(model) * x:size(1)
  end, step = function()
    local _ <close> = ms.scope()
    opt:zero()
    loss(model(x), target):backward()
    opt:step()
  end }
end

local function separation(sources)
  return function()
    local target = noise(8, sources, samples(FRAMES))
    return train(ms.models.separator { sources = sources }, noise(8, samples(FRAMES)), target,
      ms.loss.l1)
  end
end

local function tags(classes, batch)
  if classes == 50 then
    local scope <close> = ms.scope()
    return scope:keep((ms.uniform { batch, 50 } - 0.9):relu() * 10), ms.loss.bce_with_logits
  end
  local list = {}
  for k = 1, 16 do list[k] = k end
  return ms.tensor(list), ms.loss.cross_entropy
end

local function tagging(make, classes, batch, frames)
  return function()
    local target, loss = tags(classes, batch or 16)
    return train(make(classes), noise(batch or 16, samples(frames or FRAMES)):magnitude(), target,
      loss)
  end
end

local function tail(classes)
  return ms.models.tail_only { tail = ms.models.cnn_tail { classes = classes } }
end

local function joint(sources)
  return function(classes)
    return ms.models.tagger { unet = ms.models.unet { sources = sources }, classes = classes }
  end
end

local function ast_tail(classes)
  return ms.models.tail_only { tail = ms.models.ast_tail { classes = classes } }
end

local function ast_joint(classes)
  return ms.models.tagger { unet = ms.models.unet(), tail = { kind = "ast" }, classes = classes }
end

--- A clip's prediction: the mean over half-overlapping slices.
local function predict(make, frames)
  frames = frames or FRAMES
  return function()
    local model, wave = make(50):eval(), noise(1, CLIP_S * RATE)
    local n = (CLIP_S * 100 - frames) // (frames // 2) + 1
    return { flops = function() return flops_of(model) * n end, audio_s = CLIP_S, step = function()
      local _ <close> = ms.scope()
      ms.no_grad(function()
        local magnitude, slices = wave:magnitude():reshape { -1, 256 }, {}
        for k = 1, n do
          local first = (k - 1) * (frames // 2) + 1
          slices[k] = magnitude:slice(1, first, first + frames - 1):reshape { 1, frames, 256 }
        end
        return model(ms.cat(slices, 1)):sigmoid():mean(1)
      end)
    end }
  end
end

local function front(f)
  return function()
    local wave, mel = noise(1, CLIP_S * RATE), ms.audio.mel_matrix()
    return { audio_s = CLIP_S, step = function()
      local _ <close> = ms.scope()
      f(wave, mel)
    end }
  end
end

--- A crop of an MP3 at 44.1 kHz as the feed reads it: decoded, mono, 16 kHz.
local function crops(o)
  local path = o.mp3 or error("feed/mp3: --mp3 must name a file of 29 s or more", 0)
  local k = 0
  return { step = function()
    local _ <close> = ms.scope()
    assert(ms.audio.read(path, { rate = RATE, start = k * 7 % (CLIP_S - 4), length = 3.862 }))
    k = k + 1
  end }
end

return {
  ["train/separator"] = separation(1),
  ["train/separator4"] = separation(4),
  ["train/cnn_tail"] = tagging(tail, 50),
  ["train/cnn_tail16"] = tagging(tail, 16),
  ["train/cnn_model"] = tagging(joint(1), 50),
  ["train/cnn_model4"] = tagging(joint(4), 50),
  ["train/ast_tail"] = tagging(ast_tail, 50, 4, 768),
  ["train/ast_model"] = tagging(ast_joint, 50, 4, 768),
  ["predict/ast_model"] = predict(ast_joint, 768),
  ["predict/cnn_tail"] = predict(tail),
  ["predict/cnn_model"] = predict(joint(1)),
  ["front/stft"] = front(function(wave) wave:magnitude() end),
  ["front/logmel"] = front(function(wave, mel) wave:magnitude():matmul(mel):log10(1e-4) end),
  ["feed/mp3"] = crops,
  ["front/stft-istft"] = front(function(wave) wave:stft():istft() end),
}
