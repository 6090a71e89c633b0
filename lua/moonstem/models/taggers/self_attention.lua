--- Self-attention tagger (Won, Chun and Serra 2019, "Toward interpretable music tagging with
-- self-attention"), as Won et al. 2020 compare it (CNNSA of minzwon/sota-music-tagging-models):
-- residual blocks over 15 seconds that keep time from the fourth on, then two layers of a
-- transformer. There the dropout of the attention's own numbers is 0.5; here one number is for all.
local core = require "moonstem.tensor"
local front = require "moonstem.models.parts.mel_db"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local BANDS, LAYERS, HEADS = 128, 2, 8
local WIDTHS = { 128, 128, 256, 256, 256, 256, 256 }
local SHORTENING = 3 -- blocks that halve time as well as bands

-- The token (1, 1, dim) that the answer is read from: fixed numbers in 0..1, as the authors have.
local function class_token(dim)
  local list = {}
  for k = 1, dim do list[k] = core.random.uniform(0, "class token", k) end
  return core.keep(core.tensor_from(list, { 1, 1, dim }))
end

local function blocks_of(widths)
  local blocks, inputs = {}, 1
  for k, width in ipairs(widths) do
    blocks[k] = front.residual_block(inputs, width, { k <= SHORTENING and 2 or 1, 2 })
    inputs = width
  end
  return blocks, inputs
end

local function layers_of(dim, o)
  local layers = {}
  for k = 1, LAYERS do
    layers[k] = nn.transformer_layer { dim = dim, heads = HEADS, hidden = o.hidden, norm = "post",
      dropout = o.dropout, epsilon = 1e-12 }
  end
  return layers
end

-- waves (batch, samples) -> tokens (batch, frames, dim), by taking the largest of the bands left.
local function tokens(self, waves)
  local x = self.norm(front.image(waves, BANDS))
  for _, block in ipairs(self.block) do x = block(x) end
  return x:amax(3)
end

local function forward_with(token)
  return function(self, waves)
    local x = tokens(self, waves)
    x = core.ops.cat({ token:expand { x:size(1), 1, x:size(3) }, x }, 2)
    for _, layer in ipairs(self.layer) do x = layer(x) end
    return self.head(self.pooler(x:slice(2, 1, 1):reshape { x:size(1), -1 }):tanh())
  end
end

--- ms.models.self_attention{classes = 50, samples = 240000, widths = {128, 128, 256, 256, 256, 256,
-- 256}, hidden = 1024, dropout = 0.4}
-- m(waves): (batch, samples) at 16 kHz -> logits (batch, classes). hidden: numbers between the two
-- linear layers of a transformer's layer; the last width must be a multiple of 8 heads.
return net.define { name = "self_attention",
  options = { classes = options_of.count(50), samples = options_of.count(240000), widths = WIDTHS,
    hidden = options_of.count(1024), dropout = options_of.fraction(0.4), seed = 0 },
  build = function(o)
    local blocks, dim = blocks_of(net.expect_widths(o.widths, "self_attention"))
    return net.module { name = "self_attention",
      order = { "norm", "block", "layer", "pooler", "head" }, input = { o.samples },
      norm = front.norm(1), block = blocks, layer = layers_of(dim, o),
      pooler = nn.linear { in_features = dim, out_features = dim },
      head = front.plain_head(dim, o.classes), forward = forward_with(class_token(dim)) }
  end }
