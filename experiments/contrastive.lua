-- Does contrast teach a U-Net more about tags than separation, as TUne+ has it? The paper's joint
-- model from a U-Net that learnt to tell clips apart by two changed crops of each, from one that
-- learnt to separate vocals, and from a random one; the same tail and budget.
--   build/moonstem experiments/contrastive.lua [mtat=DIR] [musdb=DIR]
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

local STEPS, BATCH = 200, shared.size(16, 2) -- two crops each: as many, and as long, as the
-- separator saw
local RATE, SECONDS = 16000, (127 * 160 + 512) / 16000
local WIDTH, FEATURES = 184, 64 -- channels of the decoder's maps, and of what is contrasted
local TEMPERATURE = 0.1 -- of cosines of 16 pairs; at 0.5 the loss hardly tells near from far
local change = ms.audio.augment { { "gain", db = { -12, 6 } }, { "polarity" },
  { "noise", snr = { 10, 40 } } }

-- A changed crop from anywhere in a clip.
local function crop(item, draw)
  local about = assert(ms.audio.info(item.path))
  local wave = assert(ms.audio.read(item.path, { rate = RATE, mono = true, length = SECONDS,
    start = draw:uniform(0, about.frames / about.rate - SECONDS - 0.01) }))
  return change:wave(wave, draw)
end

-- Whole batches alone: the loss of both splits is then among as many pairs.
local function pairs_of(split, seed)
  return ms.data.loader { items = shared.all_tags:items(split), batch = BATCH, shuffle = true,
    seed = seed, workers = 2, drop_last = true,
    load = function(item, draw) return { x = crop(item, draw), y = crop(item, draw) } end }
end

-- waves -> vectors: the decoder's mean maps through two linear layers, thrown away afterwards.
local function body(seed)
  local head = ms.net.chain { ms.nn.linear { in_features = WIDTH, out_features = WIDTH },
    ms.net.op "relu", ms.nn.linear { in_features = WIDTH, out_features = FEATURES } }
  return ms.net.module { name = "body", order = { "unet", "head" }, head = head:init(seed),
    unet = shared.unet("random", seed), forward = function(self, waves)
      local _, maps = self.unet(waves:magnitude())
      for k, map in ipairs(maps) do maps[k] = map:mean { 2, 3 } end
      return self.head(ms.cat(maps))
    end }
end

local function contrasted(seed)
  local model, name = body(seed), ("contrast/%s-%d"):format(shared.tags.hash, seed)
  local run = assert(ms.train.run { model = model, seed = seed, name = name,
    out = shared.out .. "/" .. name, schedule = shared.schedule(STEPS, 1e-3),
    task = ms.train.loader_task { loader = pairs_of("train", seed), valid = pairs_of("valid", seed),
      loss = function(m, batch)
        return ms.loss.nt_xent(m(batch.x), m(batch.y), { temperature = TEMPERATURE })
      end, options = { temperature = TEMPERATURE } } })
  if run.interrupted then error("interrupted", 0) end
  return model
end

return ms.lab.experiment {
  name = "contrastive", data = shared.tags, frames = shared.frames, evaluate = shared.evaluate,
  model = function(o, data)
    local start = o.start == "contrast" and contrasted(o.seed) or o.start
    return shared.tagger(start, data, o.seed)
  end,
  vary = { start = { "random", "vocals", "contrast" }, seed = shared.size({ 1, 2, 3 }, { 1 }) },
  train = shared.schedule(60, 1e-3), score = { "roc_auc", "pr_auc" },
}
