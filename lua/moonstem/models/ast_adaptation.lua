--- The adaptation module of the AST (paper, section 2.A; recipes/paper.md#adaptation-of-the-ast):
-- convolutions without overlap cut the decoder's maps into the grid of patches, and are added to
-- the patches' tokens at every second layer.
local core = require "moonstem.core.tensor"
local nn = require "moonstem.nn"
local net = require "moonstem.net"
local options_of = require "moonstem.options"

local TIME, FREQUENCY = 16, 32 -- what a patch spans of the map of full resolution

--- Tokens of a map of the grid, one frequency row after another, with nothing for [CLS] in front.
local function tokens_of(map)
  local s = map:size()
  local patches = map:permute { 1, 3, 2, 4 }:reshape { s[1], s[2] * s[3], s[4] }
  return core.ops.cat({ core.zeros { s[1], 1, s[4] }, patches }, 2)
end

--- Every frame twice: (batch, time, frequency, channel) -> (batch, 2 time, frequency, channel).
local function twice(map)
  local s = map:size()
  local frames = map:reshape { s[1], s[2], 1, s[3] * s[4] }
  return core.ops.cat({ frames, frames }, 3):reshape { s[1], 2 * s[2], s[3], s[4] }
end

--- The kernel of a map that is `scale` times coarser than full resolution. At 32 a frame spans two
-- patches.
local function kernel_of(scale)
  if math.type(scale) ~= "integer" or scale < 1 or FREQUENCY % scale ~= 0 then
    error(("ast_adaptation: scales must be 1, 2, 4, 8, 16 or 32, got %s"):format(tostring(scale)),
      4)
  end
  return { math.max(1, TIME // scale), FREQUENCY // scale }
end

--- ms.models.ast_adaptation{maps = {channels}, dim = 768, layers = {3, 5, ...}, scales = {1, 2, 4,
-- ...}, seed = 0}
-- a(k, x, map): the input x of layer k (batch, 1 + patches, dim) with the decoder's map added to
-- the patches; [CLS] stays as it is. Map j meets layer layers[j] and is scales[j] times coarser
-- than full resolution; at scale 32, where a frame spans two columns of the grid, every frame is
-- taken twice.
return net.define { name = "ast_adaptation", options = { maps = {}, dim = options_of.count(768),
  layers = options_of.table, scales = options_of.table, seed = 0 }, build = function(o)
  local at, convs, scales = {}, {}, {}
  for j, channels in ipairs(o.maps) do
    at[o.layers and o.layers[j] or 2 * j + 1] = j
    scales[j] = o.scales and o.scales[j] or 1 << (j - 1)
    local kernel = kernel_of(scales[j])
    convs[j] = nn.conv2d { in_channels = channels, out_channels = o.dim, kernel = kernel,
      stride = kernel, same = false }
  end
  return net.module {
    name = "adapt",
    order = { "conv" },
    conv = convs,
    forward = function(self, k, x, map)
      local j = at[k]
      return x + tokens_of(self.conv[j](scales[j] > TIME and twice(map) or map))
    end,
  }:init(o.seed)
end }
