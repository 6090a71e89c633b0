--- Pooling and interpolation of sequences (batch, time, channel) and images (batch, time,
-- frequency, channel).
require "moonstem.tensor" -- the functions of tensors that are written in Lua
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local PAIR, PAIR0 = options_of.pair, options_of.pair0

--- ms.nn.max_pool{kernel = 2, stride = kernel, padding = 0} -> layer: the largest number of every
-- window, as x:max_pool's
layer.define {
  name = "max_pool", word = "pool",
  options = { kernel = PAIR(2), stride = PAIR, padding = PAIR0(0) },
  forward = function(self, x) return x:max_pool(self.options) end,
}

--- ms.nn.avg_pool{kernel = 2, stride = kernel, padding = 0, count_include_pad = true} -> layer: the
-- mean of every window, as x:avg_pool's
layer.define {
  name = "avg_pool", word = "pool",
  options = { kernel = PAIR(2), stride = PAIR, padding = PAIR0(0), count_include_pad = true },
  forward = function(self, x) return x:avg_pool(self.options) end,
}

local SIZE = options_of.needed(options_of.either(options_of.count, options_of.pair))

--- ms.nn.adaptive_avg_pool{size =} -> layer: means to that number of places: one for sequences; for
-- images {rows, columns} or one for both
layer.define {
  name = "adaptive_avg_pool", word = "pool", options = { size = SIZE },
  forward = function(self, x)
    local size = self.options.size
    if type(size) == "number" and #x:size() == 4 then size = { size, size } end
    return x:adaptive_avg_pool(size)
  end,
}

--- ms.nn.global_pool{mode = "avg"} -> layer: (batch, channel), the mean over all places, or with
-- mode = "max" the largest number
layer.define {
  name = "global_pool", word = "pool",
  options = { mode = options_of.choice("avg", "max")("avg") },
  forward = function(self, x) return x:global_pool(self.options) end,
}

--- ms.nn.upsample{scale = | size =, mode = "nearest", align_corners = false} -> layer: more places,
-- as x:upsample's: "nearest", "linear" (of sequences) or "bilinear" (of images)
layer.define {
  name = "upsample",
  options = { scale = PAIR, size = PAIR, align_corners = false,
    mode = options_of.choice("nearest", "linear", "bilinear")("nearest") },
  forward = function(self, x) return x:upsample(self.options) end,
}
