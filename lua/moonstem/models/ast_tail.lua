--- The Audio Spectrogram Transformer tail (paper, section 3.2; facts, section 3.3): 16x16 patches as tokens
-- behind one classification token [CLS], learnt positions, pre-norm blocks of attention and two linear layers
-- with GELU; a linear layer reads [CLS].
local core = require "moonstem.core.tensor"
local nn = require "moonstem.core.nn"
local net = require "moonstem.net"

local MELS, PATCH = 128, 16
local ROWS = MELS // PATCH

local function block(dim, heads)
  return net.module {
    name = "layer",
    order = { "norm", "attention", "linear" },
    norm = { nn.layer_norm { channels = dim }, nn.layer_norm { channels = dim } },
    attention = nn.attention { dim = dim, heads = heads },
    linear = { nn.linear { inp = dim, out = 4 * dim }, nn.linear { inp = 4 * dim, out = dim } },
    forward = function(self, x)
      x = x + self.attention(self.norm[1](x))
      return x + self.linear[2](self.linear[1](self.norm[2](x)):gelu())
    end,
  }
end

local function check(o, frames, normalise)
  if frames % PATCH ~= 0 or frames < PATCH then
    error(("ast_tail: %d frames do not divide into patches of %d"):format(frames, PATCH), 3)
  end
  if o.kind and o.kind ~= "ast" then error("ast_tail: kind must be ast, got " .. tostring(o.kind), 3) end
  if normalise then
    core.options(normalise, "ast_tail.normalise", { "mean", "deviation" })
    if not normalise.mean or not (normalise.deviation and normalise.deviation > 0) then
      error("ast_tail: normalise needs a mean and a deviation above 0", 3)
    end
  end
end

--- [CLS] in front of every sequence of tokens (batch, token, dim).
local function behind_cls(cls, tokens)
  local size = tokens:size()
  return core.ops.cat({ cls + core.zeros { size[1], 1, size[3] }, tokens }, 2)
end

--- Maps (batch, column, row, dim) -> tokens (batch, row * columns + column, dim): one frequency row after another.
local function tokens_of(map)
  local size = map:size()
  return map:permute { 1, 3, 2, 4 }:reshape { size[1], size[2] * size[3], size[4] }
end

--- ms.models.ast_tail{classes = 50, channels = 1, dim = 768, depth = 12, heads = 12, frames = 768,
--   normalise = {mean =, deviation =}, seed = 0}
-- t(x, join): log-mel image (batch, frames, 128, channels) -> logits (batch, classes). `join(k, x)`, if
-- given, may change the input of layer k >= 2, tokens (batch, 1 + patches, dim), [CLS] first: that is where
-- an adaptation module enters. frames must be a multiple of 16. With `normalise`, x becomes (x - mean) /
-- (2 deviation) first (facts, section 4.3). Kernels start Glorot-uniform, positions and [CLS] normal with
-- deviation 0.02 (not truncated); ms.models.imagenet starts from image models instead.
return function(o)
  o = o or {}
  core.options(o, "ast_tail", { "kind", "classes", "channels", "dim", "depth", "heads", "frames", "normalise", "seed" })
  local dim, depth, frames, channels = o.dim or 768, o.depth or 12, o.frames or 768, o.channels or 1
  check(o, frames, o.normalise)
  local layers = {}
  for k = 1, depth do layers[k] = block(dim, o.heads or 12) end
  return net.module {
    name = "tail",
    order = { "patch", "position", "cls", "layer", "norm", "head" },
    input = { frames, MELS, channels },
    options = { kind = "ast", classes = o.classes or 50, channels = channels, dim = dim, depth = depth,
      heads = o.heads or 12, frames = frames, normalise = o.normalise },
    patch = nn.conv2d { inp = channels, out = dim, kernel = PATCH, stride = PATCH, same = false },
    position = nn.parameter { size = { 1, 1 + frames // PATCH * ROWS, dim }, deviation = 0.02 },
    cls = nn.parameter { size = { 1, 1, dim }, deviation = 0.02 },
    layer = layers,
    norm = nn.layer_norm { channels = dim },
    head = nn.linear { inp = dim, out = o.classes or 50 },
    forward = function(self, x, join)
      local norm = self.options.normalise
      if norm then x = (x - norm.mean) / (2 * norm.deviation) end
      x = behind_cls(self.cls(), tokens_of(self.patch(x))) + self.position()
      for k, layer in ipairs(self.layer) do
        if join and k > 1 then x = join(k, x) end
        x = layer(x)
      end
      return self.head(self.norm(x:slice(2, 1, 1):reshape { x:size(1), dim }))
    end,
  }:init(o.seed or 0)
end
