--- Normalisation by mean and variance, and rectifiers whose slope is learnt.
local core = require "moonstem.tensor"
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

local CHANNELS = options_of.needed(options_of.count)

-- What operators that begin with this batch norm are given.
local function prologue(self)
  local o = self.options
  return { weight = self.weight, bias = self.bias, running_mean = self.running_mean,
    running_var = self.running_var, training = self.is_training, slope = o.slope,
    epsilon = o.epsilon, momentum = o.momentum }
end

--- ms.nn.batch_norm{channels =, epsilon = 1e-3, momentum = 0.99, slope = 1} -> layer: batch norm
-- over all dimensions but the last (Keras' defaults: running <- momentum running + (1 - momentum)
-- batch), then leaky ReLU with that slope (1: none, 0: ReLU) in the same pass
layer.define {
  name = "batch_norm", word = "norm",
  options = { channels = CHANNELS, epsilon = options_of.positive(1e-3),
    momentum = options_of.share(0.99), slope = options_of.share(1) },
  parameters = function(o)
    return {
      { "weight", init.ones { o.channels } },
      { "bias", init.zeros { o.channels } },
      { "running_mean", init.zeros { o.channels }, running = true },
      { "running_var", init.ones { o.channels }, running = true },
    }
  end,
  forward = function(self, x) return x:batch_norm(prologue(self)) end,
  prologue = prologue,
}

--- ms.nn.layer_norm{channels =, epsilon = 1e-6} -> layer: layer norm over the last dimension
layer.define {
  name = "layer_norm", word = "norm",
  options = { channels = CHANNELS, epsilon = options_of.positive(1e-6) },
  parameters = function(o)
    return { { "weight", init.ones { o.channels } }, { "bias", init.zeros { o.channels } } }
  end,
  forward = function(self, x)
    return x:layer_norm(self.weight, self.bias, self.options.epsilon)
  end,
}

--- ms.nn.group_norm{groups =, channels =, epsilon = 1e-5} -> layer: group norm of (batch, ...,
-- channel): mean and variance of each clip's groups of channels
layer.define {
  name = "group_norm", word = "norm",
  options = { groups = CHANNELS, channels = CHANNELS, epsilon = options_of.positive(1e-5) },
  parameters = function(o)
    if o.channels % o.groups ~= 0 then
      error(("group_norm: %d groups do not divide %d channels"):format(o.groups, o.channels), 0)
    end
    return { { "weight", init.ones { o.channels } }, { "bias", init.zeros { o.channels } } }
  end,
  forward = function(self, x)
    local o = self.options
    return x:group_norm(o.groups, self.weight, self.bias, o.epsilon)
  end,
}

--- ms.nn.instance_norm{channels =, epsilon = 1e-5, affine = false} -> layer: instance norm of
-- (batch, ..., channel): mean and variance of each channel of each clip; affine: then times weight,
-- plus bias (PyTorch's default is neither)
layer.define {
  name = "instance_norm", word = "norm",
  options = { channels = CHANNELS, epsilon = options_of.positive(1e-5), affine = false },
  parameters = function(o)
    return { { "weight", o.affine and init.ones { o.channels } },
      { "bias", o.affine and init.zeros { o.channels } } }
  end,
  forward = function(self, x)
    local o, size = self.options, x:size()
    if size[#size] ~= o.channels then
      error(("instance_norm: x has %d channels but the layer has %d (x %s)"):format(size[#size],
        o.channels, x:shape()), 0)
    end
    if not o.affine then return x:instance_norm(nil, nil, o.epsilon) end
    return x:instance_norm(self.weight, self.bias, o.epsilon)
  end,
}

--- ms.nn.rms_norm{channels =, epsilon = 1.1920929e-7} -> layer: root mean square norm over the last
-- dimension, times weight
layer.define {
  name = "rms_norm", word = "norm",
  options = { channels = CHANNELS, epsilon = options_of.positive(2.0 ^ -23) },
  parameters = function(o) return { { "weight", init.ones { o.channels } } } end,
  forward = function(self, x) return x:rms_norm(self.weight, self.options.epsilon) end,
}

--- ms.nn.prelu{channels = 1, start = 0.25} -> layer: x where it is above 0, elsewhere x times a
-- slope that is learnt: one for all, or one for each of the channels
layer.define {
  name = "prelu",
  options = { channels = options_of.count(1), start = options_of.number(0.25) },
  parameters = function(o)
    return { { "weight", { size = { o.channels }, draw = function()
      return core.full({ o.channels }, o.start)
    end } } }
  end,
  forward = function(self, x) return x:prelu(self.weight) end,
}
