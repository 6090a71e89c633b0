--- Layers of transformers: attention and two linear layers, each with a norm, around sums.
local core = require "moonstem.core.tensor"
local layer = require "moonstem.net.layer"
local module = require "moonstem.net.module"
local options_of = require "moonstem.options"
require "moonstem.nn.attention"
require "moonstem.nn.dropout"
require "moonstem.nn.linear"
require "moonstem.nn.normalization"

local nn = layer.kinds
local SIZE = options_of.needed(options_of.count)
local OPTIONS = { dim = SIZE, heads = SIZE, hidden = options_of.count,
  norm = options_of.choice("pre", "post")("pre"), activation = "gelu", dropout = 0.0,
  causal = false, rotary = false, memory_dim = options_of.count,
  epsilon = options_of.positive(1e-5) }
local TAKES = { mask = options_of.any, lengths = options_of.any, memory = options_of.any,
  memory_mask = options_of.any, memory_lengths = options_of.any }

-- ---- parts: attention, what looks at a memory if there is one, two linear layers --------------
local function attention(o, memory_dim)
  return nn.attention { dim = o.dim, heads = o.heads, dropout = o.dropout, memory_dim = memory_dim,
    causal = not memory_dim and o.causal, rotary = not memory_dim and o.rotary }
end

local function linear(inputs, out)
  return nn.linear { in_features = inputs, out_features = out }
end

local function parts_of(o)
  local hidden, norms, drops = o.hidden or 4 * o.dim, {}, {}
  for k = 1, o.memory_dim and 3 or 2 do
    norms[k] = nn.layer_norm { channels = o.dim, epsilon = o.epsilon }
  end
  for k = 1, #norms + 1 do drops[k] = nn.dropout { p = o.dropout } end
  local spec = { order = { "norm", "attention" }, norm = norms, attention = attention(o),
    linear = { linear(o.dim, hidden), linear(hidden, o.dim) }, dropout = drops }
  if o.memory_dim then
    spec.order[3], spec.cross = "cross", attention(o, o.memory_dim)
  end
  return spec
end

-- x and what `part` makes of it, with the norm before the part or behind the sum.
local function around(self, k, x, part)
  local norm, drop = self.norm[k], self.dropout[k]
  if self.is_pre then return x + drop(part(norm(x))) end
  return norm(x + drop(part(x)))
end

local function forward(self, x, given)
  given = options_of(given, "transformer_layer", TAKES)
  x = around(self, 1, x, function(y)
    return self.attention(y, { mask = given.mask, lengths = given.lengths })
  end)
  local k = 2
  if #self.norm == 3 then
    k = 3
    x = around(self, 2, x, function(y)
      return self.cross(y, { memory = given.memory, mask = given.memory_mask,
        lengths = given.memory_lengths })
    end)
  end
  return around(self, k, x, function(y)
    return self.linear[2](self.dropout[k + 1](self.act(self.linear[1](y))))
  end)
end

--- ms.nn.transformer_layer{dim =, heads =, hidden = 4 dim, norm = "pre", activation = "gelu",
-- dropout = 0, causal = false, rotary = false, memory_dim = nil, epsilon = 1e-5} -> module:
-- layer(x, {mask =, lengths =, memory =, memory_mask =, memory_lengths =})
-- Tokens (batch, token, dim) to tokens: attention, then two linear layers with `hidden` numbers in
-- between, each around a sum. norm: "pre", before the parts, or "post", behind the sums.
-- memory_dim: between them attention to a memory (batch, token, memory_dim), as in decoders. The
-- rest as ms.nn.attention; activation: the name of an operator. PyTorch's TransformerEncoderLayer
-- and TransformerDecoderLayer have the defaults "post", "relu", 0.1 and hidden = 2048.
function nn.transformer_layer(given)
  local o = options_of(given, "transformer_layer", OPTIONS)
  local spec, act = parts_of(o), rawget(core.ops, o.activation)
  if not act then
    error("transformer_layer: activation must be the name of an operator, got " .. o.activation, 2)
  end
  spec.name, spec.forward, spec.is_pre = "transformer_layer", forward, o.norm == "pre"
  spec.act = function(y) return act(y) end
  return module.new(spec)
end
