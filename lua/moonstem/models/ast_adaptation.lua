--- The adaptation module of the AST (paper, section 3.3; facts, section 3.4): convolutions without overlap cut the
-- decoder's maps into the grid of patches, and are added to the patches' tokens at every second layer.
local core = require "moonstem.core.tensor"
local nn = require "moonstem.core.nn"
local net = require "moonstem.net"

local KERNEL = { 16, 32 } -- time x frequency, of the finest map; halved from level to level

--- Tokens of a map of the grid, one frequency row after another, with nothing for [CLS] in front.
local function tokens_of(map)
  local s = map:size()
  local patches = map:permute { 1, 3, 2, 4 }:reshape { s[1], s[2] * s[3], s[4] }
  return core.ops.cat({ core.zeros { s[1], 1, s[4] }, patches }, 2)
end

--- ms.models.ast_adaptation{maps = {channels, fine to coarse}, dim = 768, seed = 0}
-- a(k, x, map): the input x of layer k = 3, 5, ... (batch, 1 + patches, dim) with the decoder's map added to the
-- patches; [CLS] stays as it is. Map j (fine to coarse, from full resolution, at most five) meets layer 2 j + 1.
return function(o)
  core.options(o, "ast_adaptation", { "maps", "dim", "seed" })
  local convs = {}
  for j, channels in ipairs(o.maps) do
    local kernel = { KERNEL[1] >> (j - 1), KERNEL[2] >> (j - 1) }
    convs[j] = nn.conv2d { inp = channels, out = o.dim or 768, kernel = kernel, stride = kernel, same = false }
  end
  return net.module {
    name = "adapt",
    order = { "conv" },
    conv = convs,
    forward = function(self, k, x, map) return x + tokens_of(self.conv[k // 2](map)) end,
  }:init(o.seed or 0)
end
