--- The front end of the taggers that Won et al. 2020 compare ("Evaluation of CNN-based automatic
-- music tagging models"): HTK mel bands of 16 kHz waves in decibels, and blocks that several have.
local feature = require "moonstem.audio"
local checked = require "moonstem.models.parts.waves"
local net = require "moonstem.net"
local nn = require "moonstem.nn"

local M = { RATE = 16000, SIZE = 512, HOP = 256 }

--- waves (batch, samples) -> image (batch, frames, bands, 1): as torchaudio's MelSpectrogram and
-- AmplitudeToDB have it by default, frames around every 256th sample.
function M.image(waves, bands)
  local x = feature.mel(checked(waves), { rate = M.RATE, size = M.SIZE, hop = M.HOP, bands = bands,
    htk = true, area = false, pad = "reflect" })
  return (x:clamp(1e-10):log10() * 10):reshape { x:size(1), x:size(2), bands, 1 }
end

--- Frames of so many samples.
function M.frames(samples) return samples // M.HOP + 1 end

--- Raises unless waves last long enough for poolings of so many frames in all.
function M.expect_frames(name, waves, frames)
  local samples = checked(waves):size(2)
  if M.frames(samples) < frames then
    error(("%s: its poolings need at least %d samples, got waves of %d"):format(name,
      (frames - 1) * M.HOP, samples), 0)
  end
end

--- Batch norm with PyTorch's defaults; slope = 0: and ReLU behind it.
function M.norm(channels, slope)
  return nn.batch_norm { channels = channels, epsilon = 1e-5, momentum = 0.9, slope = slope or 1 }
end

function M.conv(inputs, out, stride)
  return nn.conv2d { in_channels = inputs, out_channels = out, stride = stride or 1, padding = 1 }
end

--- Convolution 3x3, batch norm, ReLU, max pooling {time, bands}.
function M.block(inputs, out, pool)
  return net.chain { name = "block", M.conv(inputs, out), M.norm(out, 0),
    nn.max_pool { kernel = pool } }
end

--- ReLU of a sum: two convolutions, and one for the path beside them, which changes size, too.
function M.residual_block(inputs, out, stride)
  return net.module { name = "block", order = { "body", "side" },
    body = net.chain { M.conv(inputs, out, stride), M.norm(out, 0), M.conv(out, out), M.norm(out) },
    side = net.chain { M.conv(inputs, out, stride), M.norm(out) },
    forward = function(self, x) return (self.body(x) + self.side(x)):relu() end }
end

--- Linear, batch norm, ReLU, dropout, linear.
function M.head(inputs, hidden, classes)
  return net.chain { name = "head", nn.linear { in_features = inputs, out_features = hidden },
    M.norm(hidden, 0), nn.dropout { p = 0.5 },
    nn.linear { in_features = hidden, out_features = classes } }
end

--- Dropout and a linear layer.
function M.plain_head(inputs, classes)
  return net.chain { name = "head", nn.dropout { p = 0.5 },
    nn.linear { in_features = inputs, out_features = classes } }
end

--- The largest number of each channel over time and bands: (batch, time, bands, c) -> (batch, c).
function M.largest(x) return x:amax { 2, 3 } end

return M
