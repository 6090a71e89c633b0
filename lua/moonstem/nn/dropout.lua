--- Dropout.
local core = require "moonstem.core.tensor"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local APART = 0x9E3779B97F4A7C15 -- between the streams of two steps

--- ms.nn.dropout{p = 0.5, seed = nil} -> layer: zeroes a share p of its input while training and
-- scales the rest. The mask is a function of the layer and of ms.step().
layer.define {
  name = "dropout",
  options = { p = options_of.fraction(0.5), seed = options_of.whole },
  forward = function(self, x)
    local p = self.options.p
    if not self.is_training or p == 0 then return x end
    return x:dropout(p, self.seed, self.stream + core.step() * APART)
  end,
}
