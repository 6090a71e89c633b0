--- Attention between linear layers, and positions of tokens.
local core = require "moonstem.core.tensor"
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local SIZE = options_of.needed(options_of.count)
local APART = 0x9E3779B97F4A7C15 -- between the streams of two steps
local MASKS = 1 << 20            -- between the streams of weights and those of dropout

-- ---- attention ---------------------------------------------------------------------------------
local function check_heads(o)
  if o.dim % o.heads ~= 0 then
    error(("attention: a dim of %d does not divide into %d heads"):format(o.dim, o.heads), 0)
  end
  if o.rotary and o.dim // o.heads % 2 ~= 0 then
    error(("attention: rotary positions need an even width, not %d, of a head"):format(
      o.dim // o.heads), 0)
  end
end

local function pair(name, of, bias, inputs, out)
  return { name .. ".weight", of { inputs, out } }, { name .. ".bias", bias and init.zeros { out } }
end

local function parameters(o)
  check_heads(o)
  local of, list = init.of(o.init, "glorot"), {}
  if o.memory_dim then
    list[1], list[2] = pair("q", of, o.bias, o.dim, o.dim)
    list[3], list[4] = pair("kv", of, o.bias, o.memory_dim, 2 * o.dim)
  else
    list[1], list[2] = pair("qkv", of, o.bias, o.dim, 3 * o.dim)
  end
  list[#list + 1], list[#list + 2] = pair("out", of, o.bias, o.dim, o.dim)
  return list
end

local function linear(self, name, x)
  return x:linear(self[name .. ".weight"], self.options.bias and self[name .. ".bias"] or nil)
end

-- A mask (batch, 1, key) of what lies within the lengths.
local function mask_of_lengths(lengths, batch, keys)
  lengths = type(lengths) == "table" and core.tensor(lengths) or lengths
  core.check_tensor(lengths, "attention: lengths")
  if #lengths:size() ~= 1 or lengths:count() ~= batch then
    error(("attention: lengths must be %d numbers, got %s"):format(batch, lengths:shape()), 0)
  end
  local mask = core.zeros { batch, 1, keys }
  for b = 1, batch do
    local n = math.tointeger(lengths:get(b))
    if not n or n < 1 or n > keys then
      error(("attention: length %d must be a whole number from 1 to %d, got %g"):format(b, keys,
        lengths:get(b)), 0)
    end
    for k = 1, n do mask:set(b, 1, k, 1) end
  end
  return mask
end

local function mask_of(given, batch, keys)
  if given.lengths == nil then return given.mask end
  if given.mask ~= nil then error("attention: either a mask or lengths, not both", 0) end
  return mask_of_lengths(given.lengths, batch, keys)
end

local function how(self)
  local o = self.options
  local p = self.is_training and o.dropout or 0
  return { causal = o.causal, dropout = p, seed = self.seed,
    stream = self.stream + MASKS + core.step() * APART }
end

local function turned(self, x, numbers)
  local o = self.options
  return o.rotary and x:rotary(o.dim // o.heads, { numbers = numbers }) or x
end

local function look_around(self, x, given)
  local o = self.options
  local plain <close> = linear(self, "qkv", x)
  local qkv = turned(self, plain, 2 * o.dim)
  return qkv:attention(o.heads, mask_of(given, x:size(1), x:size(2)), how(self))
end

local function look_at(self, x, memory, given)
  local o = self.options
  local plain_q <close> = linear(self, "q", x)
  local plain_kv <close> = linear(self, "kv", memory)
  local q, kv = turned(self, plain_q), turned(self, plain_kv, o.dim)
  return q:cross_attention(kv, o.heads, mask_of(given, memory:size(1), memory:size(2)), how(self))
end

local TAKES = { memory = options_of.any, mask = options_of.any, lengths = options_of.any }

local function check_memory(self, memory)
  local dim = self.options.memory_dim
  if not dim and memory == nil then return end
  if not dim then
    error("attention: this layer has no memory; it was made without memory_dim", 0)
  end
  core.check_tensor(memory, "attention: memory")
end

--- ms.nn.attention{dim =, heads =, memory_dim = nil, causal = false, dropout = 0, rotary = false,
-- bias = true, init = "glorot", seed = nil} -> layer: attention(x, {memory =, mask =, lengths =})
-- Tokens (batch, token, dim) see each other: a linear layer to queries, keys and values, softmax(q
-- k' / sqrt(dim / heads)) v of every head, a linear layer. memory_dim: they see the tokens of
-- `memory` (batch, token, memory_dim) instead. mask: 1 where a token may be seen and 0 elsewhere,
-- (query, key), (batch, query, key) or (batch, head, query, key), a size but the last 1 for all;
-- what sees nothing becomes 0. lengths: how many tokens of each clip there are to see. causal: no
-- token sees those behind it. dropout: of the softmax's numbers, while training. rotary: queries
-- and keys turn by their places (x:rotary). Parameters: qkv.weight (dim, 3 dim) or q.weight and
-- kv.weight, out.weight; PyTorch's in_proj_weight, transposed, is qkv.weight.
layer.define {
  name = "attention",
  options = { dim = SIZE, heads = SIZE, memory_dim = options_of.count, causal = false,
    dropout = options_of.fraction(0), rotary = false, bias = true, init = init.kind,
    seed = options_of.whole },
  parameters = parameters,
  forward = function(self, x, given)
    given = options_of(given, "attention", TAKES)
    check_memory(self, given.memory)
    local mixed <close> = self.options.memory_dim and look_at(self, x, given.memory, given)
      or look_around(self, x, given)
    return linear(self, "out", mixed)
  end,
}

-- ---- positions ---------------------------------------------------------------------------------
-- Sines and cosines (token, dim) in turn, with wavelengths from 2 pi to 10000 2 pi.
local function waves(tokens, dim)
  local rows = {}
  for t = 1, tokens do
    rows[t] = {}
    for d = 1, dim do
      local angle = (t - 1) * 10000 ^ (-2 * ((d - 1) // 2) / dim)
      rows[t][d] = d % 2 == 1 and math.sin(angle) or math.cos(angle)
    end
  end
  return core.tensor(rows)
end

-- The waves of a layer: made for the longest sequence so far.
local function waves_of(self, tokens)
  local have = rawget(self, "waves")
  if not have or have:size(1) < tokens then
    have = core.keep(waves(tokens, self.options.dim))
    rawset(self, "waves", have)
  end
  return have:slice(1, 1, tokens)
end

local KINDS = options_of.choice("sine", "learnt", "rotary")

--- ms.nn.positions{dim =, kind = "sine", length = nil, deviation = 0.02, seed = nil} -> layer: adds
-- to tokens (batch, token, dim) what tells their places apart
-- sine: sin(p / 10000^(2 k / dim)) in number 2 k + 1 and the cosine in 2 k + 2, p and k from 0
-- (Vaswani et al.); learnt: a row of value (length, dim) for each place, which start normal with
-- this deviation. Rotary positions turn queries and keys: ms.nn.attention{rotary = true}.
layer.define {
  name = "positions",
  options = { dim = SIZE, kind = KINDS("sine"), length = options_of.count,
    deviation = options_of.positive(0.02), seed = options_of.whole },
  parameters = function(o)
    if o.kind == "rotary" then
      error("positions: rotary ones turn queries and keys: ms.nn.attention{rotary = true}", 0)
    end
    local learnt = o.kind == "learnt"
    if learnt and not o.length then error("positions: learnt ones need a length", 0) end
    return { { "value", learnt and init.normal({ o.length, o.dim }, o.deviation) } }
  end,
  forward = function(self, x)
    local o, size = self.options, x:size()
    if #size ~= 3 or size[3] ~= o.dim then
      error(("positions: x must be batch x token x %d, got %s"):format(o.dim, x:shape()), 0)
    end
    if size[2] == 0 then return x end
    if o.kind == "sine" then return x + waves_of(self, size[2]) end
    if size[2] > o.length then
      error(("positions: %d tokens, but there are %d places"):format(size[2], o.length), 0)
    end
    return x + self.value:slice(1, 1, size[2])
  end,
}
