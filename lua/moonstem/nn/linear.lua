--- Linear layers of one input and of two, and embeddings.
local core = require "moonstem.core.tensor"
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local SIZE = options_of.needed(options_of.count)

--- ms.nn.linear{in_features =, out_features =, bias = true, init = "glorot", seed = nil} -> layer:
-- y = x weight + bias; weight (in_features, out_features). init: what the weight starts from, a
-- name in ms.nn.init or a function of a size. seed: as ms.nn.conv2d's.
layer.define {
  name = "linear",
  options = { in_features = SIZE, out_features = SIZE, bias = true, init = init.kind,
    seed = options_of.whole },
  parameters = function(o)
    return {
      { "weight", init.of(o.init, "glorot") { o.in_features, o.out_features } },
      { "bias", o.bias and init.zeros { o.out_features } },
    }
  end,
  forward = function(self, x) return x:linear(self.weight, self.bias) end,
}

--- ms.nn.bilinear{in1_features =, in2_features =, out_features =, bias = true, init = nil, seed =
-- nil} -> layer: bilinear(a, b), a (..., in1_features) and b (..., in2_features) to (...,
-- out_features): y[k] = sum over i and j of a[i] weight[i, j, k] b[j], + bias[k]. Starts as
-- PyTorch's, uniform within 1 / sqrt(in1_features), or as init says, with a bias of 0.
layer.define {
  name = "bilinear",
  options = { in1_features = SIZE, in2_features = SIZE, out_features = SIZE, bias = true,
    init = init.kind, seed = options_of.whole },
  parameters = function(o)
    local limit = 1 / math.sqrt(o.in1_features)
    local function torch(size) return init.uniform(size, -limit, limit) end
    local of = o.init and init.of(o.init) or torch
    return {
      { "weight", of { o.in1_features, o.in2_features, o.out_features } },
      { "bias", o.bias and (o.init and init.zeros or torch) { o.out_features } },
    }
  end,
  forward = function(self, a, b)
    local o = self.options
    core.check_tensor(b, "bilinear: the second input")
    local size_a, size_b = a:size(), b:size()
    if size_a[#size_a] ~= o.in1_features or size_b[#size_b] ~= o.in2_features then
      error(("bilinear: expected (..., %d) and (..., %d), got %s and %s"):format(o.in1_features,
        o.in2_features, a:shape(), b:shape()), 0)
    end
    table.insert(size_a, 1)
    table.insert(size_b, #size_b, 1)
    local left <close> = a:reshape(size_a)
    local right <close> = b:reshape(size_b)
    local pairs_of <close> = left * right
    size_a[#size_a - 1] = o.in1_features * o.in2_features
    size_a[#size_a] = nil
    local rows <close> = pairs_of:reshape(size_a)
    local weight <close> = self.weight:reshape { size_a[#size_a], o.out_features }
    return rows:linear(weight, self.bias)
  end,
}

-- Normal rows, of which that of the padding is 0.
local function table_of(o)
  local of = init.of(o.init or function(size) return init.normal(size, 1) end)
  local all = of { o.count, o.dim }
  if not o.padding then return all end
  return { size = all.size, draw = function(seed, stream)
    local rows = all.draw(seed, stream)
    for j = 1, o.dim do rows:set(o.padding, j, 0) end
    return rows
  end }
end

--- ms.nn.embedding{count =, dim =, padding = nil, init = nil, seed = nil} -> layer: whole numbers
-- from 1 to count, of any shape, to rows of weight (count, dim), (..., dim)
-- Starts normal with deviation 1, as PyTorch's. padding: a row that starts as 0 and learns nothing,
-- as PyTorch's padding_idx, from 1.
layer.define {
  name = "embedding",
  options = { count = SIZE, dim = SIZE, padding = options_of.count, init = init.kind,
    seed = options_of.whole },
  parameters = function(o)
    if o.padding and o.padding > o.count then
      error(("embedding: padding is row %d of %d"):format(o.padding, o.count), 0)
    end
    return { { "weight", table_of(o) } }
  end,
  forward = function(self, index)
    return self.weight:embedding(index, { padding = self.options.padding or nil })
  end,
}
