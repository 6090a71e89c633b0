--- The tail alone (Table I, first row; stage 2): log-mel of the mixture, then the tail.
local net = require "moonstem.net"
local mel = require "moonstem.models.mel"

--- ms.models.tail_only{tail = a tail, mixture = "log_mel"}
-- m(magnitude): (batch, frames, 256) -> logits (batch, classes). mixture = "mel_of_log": the mel of the logarithm.
return net.define { name = "tail_only", options = { tail = false, mixture = "log_mel" }, build = function(o)
  net.expect(o.tail, "tail_only", "tail", "a tail, as ms.models.cnn_tail{} makes")
  local form = mel.form(o.mixture, "tail_only", "mixture")
  return net.module {
    name = "tail_only",
    order = { "tail" },
    input = { o.tail.options.frames, 256 },
    tail = o.tail,
    forward = function(self, magnitude)
      mel.check(magnitude)
      return self.tail(mel.image { form(magnitude) })
    end,
  }
end }
