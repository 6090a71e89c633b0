--- The tail alone (Table I, first row; stage 2): log-mel of the mixture, then the tail.
local mel = require "moonstem.models.mel"
local net = require "moonstem.net"
local options_of = require "moonstem.options"

local FORM = options_of.choice("log_mel", "mel_of_log")

local OPTIONS = { tail = false, mixture = FORM "log_mel" }

--- ms.models.tail_only{tail = a tail, mixture = "log_mel"}
-- m(magnitude): (batch, frames, 256) -> logits (batch, classes). mixture = "mel_of_log": the mel of
-- the logarithm.
return net.define { name = "tail_only", options = OPTIONS, build = function(o)
  net.expect(o.tail, "tail_only", "tail", "a tail, as ms.models.cnn_tail{} makes")
  return net.module {
    name = "tail_only",
    order = { "tail" },
    input = { o.tail.options.frames, 256 },
    tail = o.tail,
    forward = function(self, magnitude)
      mel.check(magnitude)
      return self.tail(mel.image { mel[o.mixture](magnitude) })
    end,
  }
end }
