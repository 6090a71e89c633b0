--- Layers whose weight is computed from others: by length and direction, or over its largest
-- singular value.
local core = require "moonstem.tensor"
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

-- The layer inside; raises unless it has a weight.
local function inner_of(o, who)
  local inner = o.layer
  if not layer.is_layer(inner) or not inner.has.weight then
    error(("%s: a layer that has a weight is needed, such as ms.nn.conv1d{...}"):format(who), 0)
  end
  return inner
end

-- What the layer inside starts from, with other entries in place of the weight's.
local function starts_of(inner, replace)
  local starts = {}
  for _, p in ipairs(inner.starts) do
    for _, entry in ipairs(p[1] == "weight" and replace(p[2]) or { p }) do
      starts[#starts + 1] = entry
    end
  end
  return starts
end

-- Runs the forward function of the layer inside with that weight.
local function run(self, weight, ...)
  local inner = self.options.layer
  local as_inner = setmetatable({ options = inner.options, weight = weight },
    { __index = function(_, name) return self[name] end })
  return inner.definition.forward(as_inner, ...)
end

-- A weight (..., out) as a matrix.
local function matrix(weight)
  local size = weight:size()
  return weight:reshape { -1, size[#size] }
end

local function lengths(weight)
  local flat <close> = matrix(weight)
  local squares <close> = flat:square()
  local sums <close> = squares:sum(1)
  return sums:sqrt()
end

-- The lengths of the weight that is drawn right before, with the stream before.
local function lengths_of(start)
  return { size = { start.size[#start.size] }, draw = function(seed, stream)
    local weight <close> = start.draw(seed, stream - 1)
    return lengths(weight)
  end }
end

--- ms.nn.weight_norm{layer =} -> layer: as the one inside, such as ms.nn.conv1d{...}, whose weight
-- is g v / |v| for each output (the weight's last dimension), as PyTorch's weight_norm. Its
-- parameters are v and g, which start as the weight and its lengths.
layer.define {
  name = "weight_norm", options = { layer = options_of.needed(options_of.any) },
  parameters = function(o)
    return starts_of(inner_of(o, "weight_norm"), function(start)
      return { { "v", start }, { "g", lengths_of(start) } }
    end)
  end,
  forward = function(self, x, ...)
    local flat <close> = matrix(self.v)
    local length <close> = lengths(self.v)
    local gain <close> = self.g / length
    local scaled <close> = flat * gain
    local weight <close> = scaled:reshape(self.v:size())
    return run(self, weight, x, ...)
  end,
}

-- x over its length, and no longer than that where it is 0.
local function unit(x)
  local square <close> = x:square()
  local sum <close> = square:sum()
  return x / math.max(math.sqrt(sum:item()), 1e-12)
end

-- Better guesses of the singular vectors (rest, 1) and (out, 1) of a matrix.
local function iterate(m, v, u, times)
  local turned <close> = m:permute { 2, 1 }
  for _ = 1, times do
    local left <close> = m:matmul(u)
    v = unit(left)
    local right <close> = turned:matmul(v)
    u = unit(right)
  end
  return v, u
end

-- The vectors of this call, which training moves on: once, whatever backward computes again.
local function vectors(self, m)
  local v, u = self.v, self.u
  if core.is_recomputing() then return v, u end
  core.no_grad(function()
    v, u = unit(v), unit(u)
    if not self.is_training then return end
    v, u = iterate(m, v, u, self.options.iterations)
    self.v:copy(v)
    self.u:copy(u)
  end)
  return v, u
end

local function product(size)
  local n = 1
  for d = 1, #size - 1 do n = n * size[d] end
  return n
end

local MOST_ITERATIONS = 1000 -- at each call; the guess is kept, so that one is enough in training

--- ms.nn.spectral_norm{layer =, iterations = 1} -> layer: as the one inside, such as
-- ms.nn.linear{...}, whose weight is divided by its largest singular value, as PyTorch's
-- spectral_norm: guessed by that many steps of power iteration at each call while training.
layer.define {
  name = "spectral_norm",
  options = { layer = options_of.needed(options_of.any), iterations = options_of.count(1) },
  parameters = function(o)
    if o.iterations > MOST_ITERATIONS then
      error(("spectral_norm: iterations must be 1 to %d, got %d"):format(MOST_ITERATIONS,
        o.iterations), 0)
    end
    return starts_of(inner_of(o, "spectral_norm"), function(start)
      local size = start.size
      return { { "weight", start }, { "v", init.normal({ product(size), 1 }, 1), running = true },
        { "u", init.normal({ size[#size], 1 }, 1), running = true } }
    end)
  end,
  forward = function(self, x, ...)
    local m <close> = matrix(self.weight)
    local v, u = vectors(self, m)
    local left <close> = m:matmul(u)
    local both <close> = left * v
    local sigma <close> = both:sum()
    local weight <close> = self.weight / sigma
    return run(self, weight, x, ...)
  end,
}
