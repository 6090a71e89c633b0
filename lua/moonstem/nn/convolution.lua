--- Convolutions of images (batch, time, frequency, channel) and sequences (batch, time, channel).
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local CHANNELS = options_of.needed(options_of.count)
local SAME = options_of.choice "same"

-- Channels of one group; raises where the groups do not divide them.
local function part(o, name, who)
  if o[name] % o.groups ~= 0 then
    error(("%s: %d groups do not divide %s = %d"):format(who, o.groups, name, o[name]), 0)
  end
  return o[name] // o.groups
end

-- Weight and bias; `kernel` a list of sizes.
local function weights_of(o, kernel, inputs, out)
  local size = table.move(kernel, 1, #kernel, 1, {})
  size[#size + 1], size[#size + 2] = inputs, out
  return {
    { "weight", init.glorot(size) }, { "bias", o.bias and init.zeros { o.out_channels } },
  }
end

local function convolution(who, kernel)
  return function(o)
    part(o, "out_channels", who)
    return weights_of(o, kernel(o), part(o, "in_channels", who), o.out_channels)
  end
end

local function transposed(who, kernel)
  return function(o)
    part(o, "in_channels", who)
    return weights_of(o, kernel(o), o.in_channels, part(o, "out_channels", who))
  end
end

local function two(o) return o.kernel end
local function one(o) return { o.kernel } end

-- What the operators conv1d and conv2d are given by name.
local function window(o)
  return { stride = o.stride, padding = o.padding, dilation = o.dilation, groups = o.groups,
    same = o.same }
end

-- What the transposed ones are given.
local function transposed_window(o)
  return { stride = o.stride, padding = o.padding, output_padding = o.output_padding,
    dilation = o.dilation, groups = o.groups }
end

-- Whether norm_conv2d can compute it.
local function is_plain(o)
  return not o.padding and o.dilation[1] * o.dilation[2] * o.groups == 1
end

--- ms.nn.conv2d{in_channels =, out_channels =, kernel = 3, stride = 1, padding = nil, dilation = 1,
-- groups = 1, same = true, bias = true, seed = nil} -> layer: images (batch, time, frequency,
-- in_channels) to (..., out_channels)
-- kernel, stride, padding, dilation: one number or two. padding: zeros on each side, or "same": as
-- many as give size / stride places; without it, same = true stands for "same" and same = false for
-- none (PyTorch's default). groups: so many groups of channels with kernels of their own (as many
-- as in_channels: depthwise). The start depends on the seed alone if there is one, otherwise on how
-- many layers the program has made before; a network's init(seed) draws by the layers' names alone.
layer.define {
  name = "conv2d", word = "conv",
  options = { in_channels = CHANNELS, out_channels = CHANNELS, kernel = options_of.pair(3),
    stride = options_of.pair(1), padding = options_of.either(SAME, options_of.pair0),
    dilation = options_of.pair(1), groups = options_of.count(1), same = true, bias = true,
    seed = options_of.whole },
  parameters = convolution("conv2d", two),
  forward = function(self, x) return x:conv2d(self.weight, self.bias, window(self.options)) end,
  fused = function(self, norm, x)
    local o = self.options
    if is_plain(o) then
      return x:norm_conv2d(norm, self.weight, self.bias, { stride = o.stride, same = o.same })
    end
    local normalised <close> = x:batch_norm(norm)
    return normalised:conv2d(self.weight, self.bias, window(o))
  end,
}

--- ms.nn.conv1d{in_channels =, out_channels =, kernel = 3, stride = 1, padding = 0, dilation = 1,
-- groups = 1, bias = true, seed = nil} -> layer: sequences (batch, time, in_channels) to (...,
-- out_channels)
-- padding: zeros on each side, or "same": as many as give time / stride places. groups, seed: as
-- ms.nn.conv2d's.
layer.define {
  name = "conv1d", word = "conv",
  options = { in_channels = CHANNELS, out_channels = CHANNELS, kernel = options_of.count(3),
    stride = options_of.count(1), padding = options_of.either(SAME, options_of.natural)(0),
    dilation = options_of.count(1), groups = options_of.count(1), bias = true,
    seed = options_of.whole },
  parameters = convolution("conv1d", one),
  forward = function(self, x) return x:conv1d(self.weight, self.bias, window(self.options)) end,
}

--- ms.nn.conv_transpose2d{in_channels =, out_channels =, kernel = 2, stride = 2, padding = 0,
-- output_padding = 0, dilation = 1, groups = 1, bias = true, seed = nil} -> layer: transposed
-- convolution, by default to twice the time and frequency
-- All but the channels and groups: one number or two. padding: rows and columns that are cut off on
-- each side; output_padding: more of them at the end. groups, seed: as ms.nn.conv2d's.
layer.define {
  name = "conv_transpose2d", word = "up", stream = "up_conv2d", -- its name when streams were named
  options = { in_channels = CHANNELS, out_channels = CHANNELS, kernel = options_of.pair(2),
    stride = options_of.pair(2), padding = options_of.pair0(0),
    output_padding = options_of.pair0(0), dilation = options_of.pair(1),
    groups = options_of.count(1), bias = true, seed = options_of.whole },
  parameters = transposed("conv_transpose2d", two),
  forward = function(self, x)
    return x:conv_transpose2d(self.weight, self.bias, transposed_window(self.options))
  end,
}

--- ms.nn.conv_transpose1d{in_channels =, out_channels =, kernel =, stride = 1, padding = 0,
-- output_padding = 0, dilation = 1, groups = 1, bias = true, seed = nil} -> layer: transposed
-- convolution of sequences (batch, time, in_channels)
-- padding: places that are cut off on each side; output_padding: more of them at the end. groups,
-- seed: as ms.nn.conv2d's.
layer.define {
  name = "conv_transpose1d", word = "up",
  options = { in_channels = CHANNELS, out_channels = CHANNELS, kernel = CHANNELS,
    stride = options_of.count(1), padding = options_of.natural(0),
    output_padding = options_of.natural(0), dilation = options_of.count(1),
    groups = options_of.count(1), bias = true, seed = options_of.whole },
  parameters = transposed("conv_transpose1d", one),
  forward = function(self, x)
    return x:conv_transpose1d(self.weight, self.bias, transposed_window(self.options))
  end,
}
