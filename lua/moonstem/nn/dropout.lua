--- Dropout of numbers, of channels and of clips.
local core = require "moonstem.tensor"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local APART = 0x9E3779B97F4A7C15 -- between the streams of two steps

local function define(name)
  layer.define {
    name = name,
    options = { p = options_of.fraction(0.5), seed = options_of.whole },
    forward = function(self, x)
      local p = self.options.p
      if not self.is_training or p == 0 then return x end
      return core.ops[name](x, p, self.seed, self.stream + core.step() * APART)
    end,
  }
end

--- ms.nn.dropout{p = 0.5, seed = nil} -> layer: zeroes a share p of its input while training and
-- scales the rest. The mask is a function of the layer and of ms.step().
define "dropout"

--- ms.nn.dropout1d{p = 0.5, seed = nil} -> layer: zeroes a share p of the channels of each sequence
-- (batch, time, channel) while training and scales the rest. The mask is a function of the layer
-- and of ms.step().
define "dropout1d"

--- ms.nn.dropout2d{p = 0.5, seed = nil} -> layer: zeroes a share p of the channels of each image
-- (batch, time, frequency, channel) while training and scales the rest. The mask is a function of
-- the layer and of ms.step().
define "dropout2d"

--- ms.nn.drop_path{p = 0.5, seed = nil} -> layer: zeroes a share p of the clips while training and
-- scales the rest: stochastic depth, the last part of a net.residual. The mask is a function of the
-- layer and of ms.step().
define "drop_path"
