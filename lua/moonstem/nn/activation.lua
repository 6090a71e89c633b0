--- Activations as layers, for chains and models as data: a call of the operator of that name.
local layer = require "moonstem.net.layer"

-- Each option is { name, default }, in the order in which the operator takes them.
local function activation(name, ...)
  local list, options = { ... }, {}
  for _, option in ipairs(list) do options[option[1]] = option[2] end
  return layer.define {
    name = name, options = options,
    forward = function(self, x)
      local arguments = {}
      for k, option in ipairs(list) do arguments[k] = self.options[option[1]] end
      return x[name](x, table.unpack(arguments))
    end,
  }
end

--- ms.nn.relu{} -> layer: x:relu()
activation "relu"

--- ms.nn.relu6{} -> layer: x:relu6()
activation "relu6"

--- ms.nn.leaky_relu{slope = 0.01} -> layer: x:leaky_relu(slope)
activation("leaky_relu", { "slope", 0.01 })

--- ms.nn.gelu{} -> layer: x:gelu()
activation "gelu"

--- ms.nn.silu{} -> layer: x:silu()
activation "silu"

--- ms.nn.sigmoid{} -> layer: x:sigmoid()
activation "sigmoid"

--- ms.nn.logsigmoid{} -> layer: x:logsigmoid()
activation "logsigmoid"

--- ms.nn.tanh{} -> layer: x:tanh()
activation "tanh"

--- ms.nn.elu{alpha = 1} -> layer: x:elu(alpha)
activation("elu", { "alpha", 1.0 })

--- ms.nn.selu{} -> layer: x:selu()
activation "selu"

--- ms.nn.mish{} -> layer: x:mish()
activation "mish"

--- ms.nn.celu{alpha = 1} -> layer: x:celu(alpha)
activation("celu", { "alpha", 1.0 })

--- ms.nn.hardsigmoid{} -> layer: x:hardsigmoid()
activation "hardsigmoid"

--- ms.nn.hardswish{} -> layer: x:hardswish()
activation "hardswish"

--- ms.nn.softsign{} -> layer: x:softsign()
activation "softsign"

--- ms.nn.hardtanh{low = -1, high = 1} -> layer: x:hardtanh(low, high)
activation("hardtanh", { "low", -1.0 }, { "high", 1.0 })

--- ms.nn.softplus{beta = 1, threshold = 20} -> layer: x:softplus(beta, threshold)
activation("softplus", { "beta", 1.0 }, { "threshold", 20.0 })

--- ms.nn.softmax{axis = -1} -> layer: x:softmax(axis)
activation("softmax", { "axis", -1 })

--- ms.nn.log_softmax{axis = -1} -> layer: x:log_softmax(axis)
activation("log_softmax", { "axis", -1 })
