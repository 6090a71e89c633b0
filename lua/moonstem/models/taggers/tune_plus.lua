--- TUne+ (Vélez Vásquez and Burgoyne 2022, "Tailed U-Net: multi-scale music representation
-- learning"): a U-Net over waves whose way down begins once more behind it and ends in one vector.
-- They pre-train it by contrast (ms.loss.nt_xent over m.body's vectors of two crops of each clip).
local core = require "moonstem.tensor"
local checked = require "moonstem.models.parts.waves"
local front = require "moonstem.models.parts.mel_db"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local LEVELS, EXTRA = 5, 4

local function block(inputs, out)
  return net.chain { name = "block",
    nn.conv1d { in_channels = inputs, out_channels = out, padding = 1 }, front.norm(out, 0) }
end

local function up(inputs, out)
  return nn.conv_transpose1d { in_channels = inputs, out_channels = out, kernel = 3, stride = 3 }
end

local function joined(a, b) return core.ops.cat({ a, b }, 3) end

-- The widths of level k: w, 2 w, ..., 16 w.
local function width_of(o, k) return o.width * 2 ^ (k - 1) // 1 end

local function down_blocks(o)
  local list = {}
  for k = 1, LEVELS do list[k] = block(k > 1 and width_of(o, k - 1) or 1, width_of(o, k)) end
  return list
end

-- From level k + 1 to level k, k = 4 .. 1: a transposed convolution, and a block over it and the
-- skip.
local function up_blocks(o)
  local ups, blocks = {}, {}
  for k = LEVELS - 1, 1, -1 do
    ups[#ups + 1] = up(width_of(o, k + 1), width_of(o, k))
    blocks[#blocks + 1] = block(2 * width_of(o, k), width_of(o, k))
  end
  return ups, blocks
end

local function tail_blocks(o)
  local list = {}
  for k = 2, LEVELS do list[k - 1] = block(width_of(o, k - 1) + width_of(o, k), width_of(o, k)) end
  local inputs = width_of(o, LEVELS)
  for _ = 1, EXTRA do
    list[#list + 1] = block(inputs, 2 * width_of(o, LEVELS))
    inputs = 2 * width_of(o, LEVELS)
  end
  list[#list + 1] = block(inputs, o.features)
  return list
end

-- waves (batch, samples) -> (batch, features)
local function embed(self, waves)
  local x, maps = checked(waves):reshape { waves:size(1), waves:size(2), 1 }, {}
  for k, part in ipairs(self.down) do
    x = part(k > 1 and self.pool(x) or x)
    maps[k] = x
  end
  for i, part in ipairs(self.mix) do
    local k = LEVELS - i
    x = part(joined(self.up[i](x), maps[k]))
    maps[k] = x
  end
  for i, part in ipairs(self.tail) do
    x = self.pool(x)
    x = part(i < LEVELS and joined(x, maps[i + 1]) or x)
  end
  return x:mean(2)
end

local function body(o)
  local ups, mix = up_blocks(o)
  return net.module { name = "body", order = { "down", "up", "mix", "tail" }, down = down_blocks(o),
    up = ups, mix = mix, tail = tail_blocks(o), pool = nn.max_pool { kernel = 3 }, forward = embed }
end

--- ms.models.tune_plus{classes = 50, samples = 59049, width = 11, features = 512}
-- m(waves): (batch, samples) at 16 kHz -> logits (batch, classes); m.body(waves) -> vectors (batch,
-- features). samples: a power of 3, 3^9 or more.
return net.define { name = "tune_plus",
  options = { classes = options_of.count(50), samples = options_of.count(59049),
    width = options_of.count(11), features = options_of.count(512), seed = 0 },
  build = function(o)
    return net.module { name = "tune_plus", order = { "body", "linear" }, input = { o.samples },
      body = body(o), linear = nn.linear { in_features = o.features, out_features = o.classes },
      forward = function(self, waves) return self.linear(self.body(waves)) end }
  end }
