--- Harmonic CNN (Won et al. 2020, "Data-driven harmonic filters for audio representation
-- learning"): triangular filters around 128 notes and their harmonics, whose common width is
-- learnt; the harmonics are the channels of an image.
local core = require "moonstem.tensor"
local checked = require "moonstem.models.parts.waves"
local front = require "moonstem.models.parts.mel_db"
local frames = require "moonstem.audio.feature.frames"
local net = require "moonstem.net"
local nn = require "moonstem.nn"
local options_of = require "moonstem.options"

local HARMONICS, NOTES, LOWEST = 6, 128, 24 -- from C1 on, half a semitone apart
local SIZE = 513
local SPECTRUM = { size = SIZE, hop = front.HOP, rate = front.RATE, centre = true, pad = "reflect",
  window = "hann" }

-- The frequencies of all filters in Hz, harmonic by harmonic: a list.
local function frequencies()
  local list = {}
  for h = 1, HARMONICS do
    for k = 0, NOTES - 1 do
      list[#list + 1] = h * 440 * 2 ^ ((LOWEST + k / 2 - 69) / 12)
    end
  end
  return list
end

-- (bins, filters): triangles around f, as wide as (0.1079 f + 24.7) / q.
local function filters(q)
  local bins = core.linspace(0, front.RATE / 2, SIZE // 2 + 1):reshape { -1, 1 }
  local f = core.tensor { frequencies() }
  local rise = (bins - f) * 2 / ((f * 0.1079 + 24.7) / q)
  return (rise + 1):minimum(1 - rise):maximum(0)
end

-- waves (batch, samples) -> image (batch, frames, notes, harmonics) in decibels.
local function harmonics(waves, q)
  local power = frames.spectrogram(checked(waves), SPECTRUM, 2, "harmonic_cnn")
  local x = power:matmul(filters(q)):reshape { power:size(1), power:size(2), HARMONICS, NOTES }
  return (x:clamp(1e-10):log10() * 10):permute { 1, 2, 4, 3 }
end

-- ReLU of x + two convolutions of it, and max pooling {time, notes}.
local function residual_block(width, pool)
  return net.chain { name = "block",
    net.residual { front.conv(width, width), front.norm(width, 0), front.conv(width, width),
      front.norm(width) }, net.op "relu", nn.max_pool { kernel = pool } }
end

local function forward(self, waves)
  local x = self.norm(harmonics(waves, self.q()))
  for _, block in ipairs(self.block) do x = block(x) end
  return self.head(front.largest(x))
end

--- ms.models.harmonic_cnn{classes = 50, samples = 80000, width = 128}
-- m(waves): (batch, samples) at 16 kHz -> logits (batch, classes). width: channels of the first
-- four blocks; the others have twice as many.
return net.define { name = "harmonic_cnn",
  options = { classes = options_of.count(50), samples = options_of.count(80000),
    width = options_of.count(128), seed = 0 },
  build = function(o)
    local w = o.width
    return net.module { name = "harmonic_cnn", order = { "q", "norm", "block", "head" },
      input = { o.samples }, q = nn.parameter { size = { 1 }, init = "ones" },
      norm = front.norm(HARMONICS),
      block = { front.block(HARMONICS, w, { 2, 2 }), residual_block(w, { 2, 2 }),
        residual_block(w, { 2, 2 }), residual_block(w, { 2, 2 }), front.block(w, 2 * w, { 2, 2 }),
        residual_block(2 * w, { 3, 2 }), residual_block(2 * w, { 3, 2 }) },
      head = front.head(2 * w, 2 * w, o.classes), forward = forward }
  end }
