--- Trains one network on a data set that it packs first: moonstem train.lua separator|tagger IN OUT
local here = arg[0]:match "^.*/"
local ms = require "moonstem"
local sizes = dofile(here .. "sizes.lua")
local what, given, out = ...
local s, frames = sizes.separation, sizes.ast.frames
ms.threads(1)

local function data(set) return assert(ms.data.cache(assert(set), { cache = given .. "/pack" })) end

local experiments = {}

function experiments.separator()
  return { out = out, score = {}, data = data(ms.data.musdb18(given .. "/songs")), frames = frames,
    model = function(o)
      return ms.models.separator { widths = sizes.unet.widths, seed = o.seed }
    end,
    evaluate = { segments = 1 },
    train = ms.train.separation { source = "vocals", steps = s.steps, batch = s.batch, lr = s.lr,
      decay_every = s.decay_every, validate_every = s.validate_every } }
end

function experiments.tagger()
  local ast = sizes.ast
  return { out = out, score = { "accuracy" }, data = data(ms.data.fma(given .. "/clips")),
    model = function(o, set)
      return ms.models.tail_only { tail = ms.models.tail { kind = "ast", classes = #set.classes,
        frames = frames, dim = ast.dim, depth = ast.depth, heads = ast.heads,
        normalise = { mean = -6, deviation = 3 }, seed = o.seed } }
    end, train = ms.train.adam_then_sgd(sizes.tagging), frames = frames }
end

local spec = experiments[what]()
spec.name = what
return ms.lab.experiment(spec)
