--- The Audio Spectrogram Transformer tail (paper, section 3.2; recipes/paper.md#the-ast-tail):
-- 16x16 patches as tokens behind one classification token [CLS], learnt positions, pre-norm blocks
-- of attention and two linear layers with GELU; a linear layer reads [CLS].
local core = require "moonstem.core.tensor"
local nn = require "moonstem.nn"
local net = require "moonstem.net"
local options_of = require "moonstem.options"

local MELS, PATCH = 128, 16
local ROWS = MELS // PATCH

local function linear(inputs, out)
  return nn.linear { in_features = inputs, out_features = out }
end

local function block(dim, heads)
  return net.module {
    name = "layer",
    order = { "norm", "attention", "linear" },
    norm = { nn.layer_norm { channels = dim }, nn.layer_norm { channels = dim } },
    attention = nn.attention { dim = dim, heads = heads },
    linear = { linear(dim, 4 * dim), linear(4 * dim, dim) },
    forward = function(self, x)
      x = x + self.attention(self.norm[1](x))
      return x + self.linear[2](self.linear[1](self.norm[2](x)):gelu())
    end,
  }
end

local function check_normalise(normalise)
  options_of.check(normalise, "ast_tail.normalise",
    { mean = options_of.number, deviation = options_of.number })
  local mean, deviation = normalise.mean, normalise.deviation
  if not mean or not deviation or deviation <= 0 then
    error(("ast_tail: normalise needs a mean and a deviation above 0, got %s and %s"):format(
      tostring(mean), tostring(deviation)), 5)
  end
end

local OPTIONS = { kind = "ast", classes = options_of.count(50), channels = options_of.count(1),
  dim = options_of.count(768), depth = options_of.count(12), heads = options_of.count(12),
  frames = options_of.count(768),
  normalise = options_of.table, seed = 0 }

local function check_options(o)
  if o.kind ~= "ast" then error("ast_tail: kind must be ast, got " .. o.kind, 4) end
  if o.frames % PATCH ~= 0 then
    local text = "ast_tail: frames must be a multiple of the %d of its patches, got %d"
    error(text:format(PATCH, o.frames), 4)
  end
  if o.normalise then check_normalise(o.normalise) end
end

--- Images of another size would only fail where they meet the positions.
local function check(x, frames, channels)
  local s = core.check_tensor(x, "the image"):size()
  if #s ~= 4 or s[2] ~= frames or s[3] ~= MELS or s[4] ~= channels then
    local text = "the image must be batch x %d x %d x %d, got %s"
    error(text:format(frames, MELS, channels, x:shape()), 0)
  end
end

--- [CLS] in front of every sequence of tokens (batch, token, dim).
local function behind_cls(cls, tokens)
  local size = tokens:size()
  return core.ops.cat({ cls + core.zeros { size[1], 1, size[3] }, tokens }, 2)
end

--- Maps (batch, column, row, dim) -> tokens (batch, row * columns + column, dim): one frequency row
-- after another.
local function tokens_of(map)
  local size = map:size()
  return map:permute { 1, 3, 2, 4 }:reshape { size[1], size[2] * size[3], size[4] }
end

--- ms.models.ast_tail{classes = 50, channels = 1, dim = 768, depth = 12, heads = 12, frames = 768,
--   normalise = {mean =, deviation =}, seed = 0}
-- t(x, join): log-mel image (batch, frames, 128, channels) -> logits (batch, classes). `join(k,
-- x)`, if given, may change the input of layer k, tokens (batch, 1 + patches, dim), [CLS] first:
-- that is where an adaptation module enters. frames must be a multiple of 16. With `normalise`, x
-- becomes (x - mean) / (2 deviation) first (recipes/paper.md#training-the-ast). Kernels start
-- Glorot-uniform, positions and [CLS] normal with deviation 0.02 (not truncated);
-- ms.models.imagenet starts from image models instead.
return net.define { name = "ast_tail", options = OPTIONS, build = function(o)
  check_options(o)
  local dim, frames, channels, norm = o.dim, o.frames, o.channels, o.normalise
  local layers = {}
  for k = 1, o.depth do layers[k] = block(dim, o.heads) end
  return net.module {
    name = "tail",
    order = { "patch", "position", "cls", "layer", "norm", "head" },
    input = { frames, MELS, channels },
    patch = nn.conv2d { in_channels = channels, out_channels = dim, kernel = PATCH, stride = PATCH,
      same = false },
    position = nn.parameter { size = { 1, 1 + frames // PATCH * ROWS, dim }, deviation = 0.02 },
    cls = nn.parameter { size = { 1, 1, dim }, deviation = 0.02 },
    layer = layers,
    norm = nn.layer_norm { channels = dim },
    head = linear(dim, o.classes),
    forward = function(self, x, join)
      check(x, frames, channels)
      if norm then x = (x - norm.mean) / (2 * norm.deviation) end
      x = behind_cls(self.cls(), tokens_of(self.patch(x))) + self.position()
      for k, layer in ipairs(self.layer) do
        if join then x = join(k, x) end
        x = layer(x)
      end
      return self.head(self.norm(x:slice(2, 1, 1):reshape { x:size(1), dim }))
    end,
  }:init(o.seed)
end }
