--- The front end of MusiCNN and of the taggers that it is compared with: 96 mel bands of 16 kHz
-- waves, windows of 512 samples every 256, log10(10000 x + 1).
local feature = require "moonstem.audio"
local half = require "moonstem.models.parts.half"
local checked = require "moonstem.models.parts.waves"

local M = { RATE = 16000, WINDOW = 512, HOP = 256, BANDS = 96 }

--- Samples that so many frames span.
function M.samples(frames) return (frames - 1) * M.HOP + M.WINDOW end

--- Frames of waves (batch, samples), whole windows alone: (batch, frames, 96).
-- is_half: numbers are rounded to half precision at each step, as the package musicnn 0.1.0 does.
-- There 10000 x becomes infinite where x is above 6.55, as in loud music.
function M.of(waves, is_half)
  local bands = feature.mel(checked(waves), { rate = M.RATE, size = M.WINDOW, hop = M.HOP,
    bands = M.BANDS, centre = false })
  if not is_half then return (bands * 10000):log1p() * (1 / math.log(10)) end
  local x = half.round(half.round(bands) * 10000)
  return half.round((half.round(x + 1)):log() * (1 / math.log(10)))
end

return M
