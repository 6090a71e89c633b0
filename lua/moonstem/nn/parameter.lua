--- Tensors that are learnt and depend on nothing.
local core = require "moonstem.core.tensor"
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

--- ms.nn.parameter{size = {...}, init = nil, deviation = 0.02, seed = nil} -> layer: a tensor that
-- is learnt, which layer() returns. Starts normal around 0 with that deviation, not truncated, or
-- as init says (ms.nn.init.of): "ones", "zeros", ...
layer.define {
  name = "parameter",
  options = { size = options_of.needed(options_of.table), init = init.kind, deviation = 0.02,
    seed = options_of.whole },
  parameters = function(o)
    local start = o.init and init.of(o.init)(o.size) or init.normal(o.size, o.deviation)
    return { { "value", start } }
  end,
  forward = function(self) return core.weights.handle(self.value) end,
}
