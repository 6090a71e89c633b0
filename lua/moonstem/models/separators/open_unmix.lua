--- Open-Unmix (Stöter et al. 2019, "Open-Unmix - A reference implementation for music source
-- separation"; openunmix/model.py of sigsep/open-unmix-pytorch): three LSTMs in both directions
-- over the magnitudes of one source's mixture, a mask for each bin. A model separates one source.
local core = require "moonstem.tensor"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local DROPOUT = 0.4 -- between the LSTMs

local function norm(channels)
  return nn.batch_norm { channels = channels, epsilon = 1e-5, momentum = 0.9 }
end

local function linear(inputs, out)
  return nn.linear { in_features = inputs, out_features = out, bias = false }
end

local function row(count, init) return nn.parameter { size = { count }, init = init } end

local function check(magnitude, o)
  local size = core.check_tensor(magnitude, "open_unmix: the magnitude"):size()
  if #size ~= 4 or size[2] ~= o.channels or size[4] ~= o.bins then
    error(("open_unmix: the magnitude must be batch x %d channels x frames x %d bins, got %s")
      :format(o.channels, o.bins, magnitude:shape()), 0)
  end
  return size
end

-- (batch, channels, frames, bins) -> what the LSTMs see, (batch, frames, hidden)
local function encoded(self, magnitude, size)
  local x = (magnitude:slice(4, 1, self.options.used) + self.shift()) * self.scale()
  return self.encode(x:permute({ 1, 3, 2, 4 }):reshape { size[1], size[3], -1 }):tanh()
end

local function forward(self, magnitude)
  local size = check(magnitude, self.options)
  local x = encoded(self, magnitude, size)
  local y = self.lstm(x)
  y = self.decode(core.ops.cat { x, y })
  y = y:reshape({ size[1], size[3], size[2], size[4] }):permute { 1, 3, 2, 4 }
  return (y * self.out_scale() + self.out_shift()):relu() * magnitude
end

--- ms.models.open_unmix{channels = 2, bins = 2049, used = 1487, hidden = 512, layers = 3}
-- m(magnitude): (batch, channels, frames, bins) -> the source's, of the same shape. bins: of
-- spectra of 4096 samples; used: how many of them, the lowest, the network sees (16 kHz of 44.1
-- as published); hidden: what both directions of an LSTM give together.
return net.define { name = "open_unmix",
  options = { channels = options_of.count(2), bins = options_of.count(2049),
    used = options_of.count, hidden = options_of.count(512), layers = options_of.count(3),
    seed = 0 },
  build = function(o)
    o.used = o.used or math.min(1487, o.bins)
    if o.used > o.bins or o.hidden % 2 ~= 0 then
      error(("open_unmix: used must be at most bins, and hidden even, got %d of %d and %d"):format(
        o.used, o.bins, o.hidden), 3)
    end
    local h, all = o.hidden, o.channels * o.bins
    return net.module { name = "open_unmix",
      order = { "shift", "scale", "encode", "lstm", "decode", "out_scale", "out_shift" },
      shift = row(o.used, "zeros"), scale = row(o.used, "ones"),
      encode = net.chain { name = "encode", linear(o.channels * o.used, h), norm(h) },
      lstm = nn.lstm { in_features = h, hidden = h // 2, layers = o.layers, bidirectional = true,
        dropout = o.layers > 1 and DROPOUT or 0 },
      decode = net.chain { name = "decode", linear(2 * h, h), norm(h), net.op "relu",
        linear(h, all), norm(all) },
      out_scale = row(o.bins, "ones"), out_shift = row(o.bins, "ones"), forward = forward }
  end }
