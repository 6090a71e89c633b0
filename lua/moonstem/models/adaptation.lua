--- The adaptation module (paper, section 3.3; facts, section 3.2): what the decoder knows enters the
-- tail at equal time resolution. Both variants pool the map by two over frequency.
local core = require "moonstem.core.tensor"
local nn = require "moonstem.core.nn"
local net = require "moonstem.net"

--- The paper's: a 1x1 convolution to the tail's width, then a sum.
local function sum(self, k, x, map)
  return x + self.conv[k - 1](map:max_pool2d(1, 2))
end

--- The authors' code: concatenation after the tail's channels.
local function concat(_, _, x, map)
  return core.ops.cat { x, map:max_pool2d(1, 2) }
end

--- ms.models.adaptation{maps = {channels, fine to coarse}, widths = tail widths, variant = "paper"}
-- a(k, x, map): x, the input of tail block k >= 2, joined with the decoder's map of equal time
-- resolution. Map j (fine to coarse) meets block j + 1.
return function(o)
  core.options(o, "adaptation", { "maps", "widths", "variant", "seed" })
  local paper = (o.variant or "paper") == "paper"
  local convs = {}
  for j, channels in ipairs(o.maps) do
    convs[j] = paper and nn.conv2d { inp = channels, out = o.widths[j], kernel = 1 } or nil
  end
  return net.module {
    name = "adapt",
    order = paper and { "conv" } or {},
    conv = convs,
    forward = paper and sum or concat,
  }:init(o.seed or 0)
end
