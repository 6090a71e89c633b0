--- Tensors that are learnt and depend on nothing.
local core = require "moonstem.core.tensor"
local init = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local options_of = require "moonstem.options"

--- ms.nn.parameter{size = {...}, deviation = 0.02, seed = nil} -> layer: a tensor that is learnt,
-- which layer() returns. Starts normal around 0, not truncated.
layer.define {
  name = "parameter",
  options = { size = options_of.needed(options_of.table), deviation = 0.02,
    seed = options_of.whole },
  parameters = function(o) return { { "value", init.normal(o.size, o.deviation) } } end,
  forward = function(self) return core.weights.handle(self.value) end,
}
