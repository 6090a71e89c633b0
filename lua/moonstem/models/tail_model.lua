--- The tail alone (Table I, first row; stage 2): log-mel of the mixture, then the tail.
local core = require "moonstem.core.tensor"
local net = require "moonstem.net"
local mel = require "moonstem.models.mel"

--- ms.models.tail_model{tail = a tail}  m(magnitude): (batch, frames, 256) -> logits (batch, classes)
return function(o)
  core.options(o, "tail_model", { "tail" })
  return net.module {
    name = "tail_model",
    order = { "tail" },
    input = { o.tail.options.frames, 256 },
    tail = o.tail,
    forward = function(self, magnitude)
      return self.tail(mel.image { mel.log_mel(magnitude) })
    end,
  }
end
