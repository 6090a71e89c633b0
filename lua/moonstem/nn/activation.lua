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

--- ms.nn.softplus{} -> layer: x:softplus()
activation "softplus"

--- ms.nn.softmax{} -> layer: x:softmax(), along the last dimension
activation "softmax"
