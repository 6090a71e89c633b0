--- The adaptation module (paper, section 2.A; recipes/paper.md#adaptation-of-the-cnn): what the
-- decoder knows enters the tail at equal time resolution. Both kinds pool the map by two over
-- frequency.
local core = require "moonstem.core.tensor"
local nn = require "moonstem.nn"
local net = require "moonstem.net"
local options_of = require "moonstem.options"

--- ms.models.adaptation{maps = {channels}, widths = tail widths, blocks = {2, 3, ...}, kind =
-- "sum", seed = 0}
-- a(k, x, map): x, the input of tail block k >= 2, joined with the decoder's map of equal time
-- resolution. Map j meets block blocks[j].
-- kind: "sum", the paper's: a 1x1 convolution to the tail's width, then a sum; "concat", the
-- authors' code's: the map's channels after the tail's.
return net.define { name = "adaptation", options = { maps = {}, widths = {},
  blocks = options_of.table, kind = options_of.choice("sum", "concat") "sum", seed = 0 },
  build = function(o)
  local at, convs = {}, {} -- at[k]: which map block k meets
  local sum = o.kind == "sum"
  for j, channels in ipairs(o.maps) do
    local k = o.blocks and o.blocks[j] or j + 1
    at[k] = j
    local out = o.widths[k - 1]
    convs[j] = sum and nn.conv2d { in_channels = channels, out_channels = out, kernel = 1 } or nil
  end
  return net.module {
    name = "adapt",
    order = sum and { "conv" } or {},
    conv = convs,
    forward = function(self, k, x, map)
      local pooled = map:max_pool2d(1, 2)
      if sum then return x + self.conv[at[k]](pooled) end
      return core.ops.cat { x, pooled }
    end,
  }:init(o.seed)
end }
