--- Dropout of numbers, of channels and of clips. Of a batch that is computed in shares, each has
-- its rows of the whole batch's mask.
local core = require "moonstem.tensor"
local distributed = require "moonstem.core.distributed"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local APART = 0x9E3779B97F4A7C15 -- between the streams of two steps

-- This share's rows of the mask that the whole batch has: zeros, and what the others are scaled by.
local function share_of_mask(name, size, p, seed, stream, first, count, total)
  local rows = size[1] // math.max(1, count)
  local whole = core.no_grad(function()
    return core.ops[name](core.ones { rows * total, table.unpack(size, 2) }, p, seed, stream)
  end)
  return whole:slice(1, (first - 1) * rows + 1, (first - 1) * rows + size[1])
end

local function dropped(name, x, p, seed, stream)
  local first, count, total = distributed.share()
  if not first or count == total then return core.ops[name](x, p, seed, stream) end
  return x * share_of_mask(name, x:size(), p, seed, stream, first, count, total)
end

local function define(name)
  layer.define {
    name = name,
    options = { p = options_of.fraction(0.5), seed = options_of.whole },
    forward = function(self, x)
      local p = self.options.p
      if not self.is_training or p == 0 then return x end
      return dropped(name, x, p, self.seed, self.stream + core.step() * APART)
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
