--- Normalisation by mean and variance.
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
