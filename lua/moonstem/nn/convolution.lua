--- Convolutions of images (batch, time, frequency, channel).
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local CHANNELS = options_of.needed(options_of.count)

--- ms.nn.conv2d{in_channels =, out_channels =, kernel = 3, stride = 1, same = true, bias = true,
-- seed = nil} -> layer: images (batch, time, frequency, in_channels) to (..., out_channels)
-- kernel and stride: one number or two. same: zeros around. The start depends on the seed alone if
-- there is one, otherwise on how many layers the program has made before; a network's init(seed)
-- draws by the layers' names alone.
layer.define {
  name = "conv2d", word = "conv",
  options = { in_channels = CHANNELS, out_channels = CHANNELS, kernel = options_of.pair(3),
    stride = options_of.pair(1), same = true, bias = true, seed = options_of.whole },
  parameters = function(o)
    return {
      { "weight", init.glorot { o.kernel[1], o.kernel[2], o.in_channels, o.out_channels } },
      { "bias", o.bias and init.zeros { o.out_channels } },
    }
  end,
  forward = function(self, x)
    local o = self.options
    return x:conv2d(self.weight, self.bias, { stride = o.stride, same = o.same })
  end,
  fused = function(self, norm, x)
    local o = self.options
    return x:norm_conv2d(norm, self.weight, self.bias, { stride = o.stride, same = o.same })
  end,
}

--- ms.nn.conv_transpose2d{in_channels =, out_channels =, seed = nil} -> layer: transposed
-- convolution 2x2 of stride 2, to twice the time and frequency. seed: as ms.nn.conv2d's.
layer.define {
  name = "conv_transpose2d", word = "up", stream = "up_conv2d", -- its name when streams were named
  options = { in_channels = CHANNELS, out_channels = CHANNELS, seed = options_of.whole },
  parameters = function(o)
    return {
      { "weight", init.glorot { 2, 2, o.in_channels, o.out_channels } },
      { "bias", init.zeros { o.out_channels } },
    }
  end,
  forward = function(self, x) return x:conv_transpose2d(self.weight, self.bias) end,
}
