--- Linear layers, and attention between two of them.
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local SIZE = options_of.needed(options_of.count)

--- ms.nn.linear{in_features =, out_features =, bias = true, seed = nil} -> layer: y = x weight +
-- bias; weight (in_features, out_features). seed: as ms.nn.conv2d's.
layer.define {
  name = "linear",
  options = { in_features = SIZE, out_features = SIZE, bias = true, seed = options_of.whole },
  parameters = function(o)
    return {
      { "weight", init.glorot { o.in_features, o.out_features } },
      { "bias", o.bias and init.zeros { o.out_features } },
    }
  end,
  forward = function(self, x) return x:linear(self.weight, self.bias) end,
}

--- ms.nn.attention{dim =, heads =, seed = nil} -> layer: tokens (batch, token, dim) see each other:
-- a linear layer to queries, keys and values, softmax(q k' / sqrt(dim / heads)) v of every head, a
-- linear layer
layer.define {
  name = "attention",
  options = { dim = SIZE, heads = SIZE, seed = options_of.whole },
  parameters = function(o)
    if o.dim % o.heads ~= 0 then
      error(("attention: a dim of %d does not divide into %d heads"):format(o.dim, o.heads), 0)
    end
    return {
      { "qkv.weight", init.glorot { o.dim, 3 * o.dim } }, { "qkv.bias", init.zeros { 3 * o.dim } },
      { "out.weight", init.glorot { o.dim, o.dim } }, { "out.bias", init.zeros { o.dim } },
    }
  end,
  forward = function(self, x)
    local qkv <close> = x:linear(self["qkv.weight"], self["qkv.bias"])
    local mixed <close> = qkv:attention(self.options.heads)
    return mixed:linear(self["out.weight"], self["out.bias"])
  end,
}
