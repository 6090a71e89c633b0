--- The frequency axis of a mel spectrogram: its rows lie at even distances in mel, its ticks are
-- round numbers of Hz.
local mel = require "moonstem.audio.feature.mel"

local TICKS = { 50, 100, 200, 500, 1000, 2000, 3000, 5000, 8000, 12000, 16000, 20000, 30000, 50000,
  100000 }
local CLOSEST = 15 -- pixels between two ticks

local function text(hertz)
  return hertz < 1000 and ("%d"):format(hertz) or ("%gk"):format(hertz / 1000)
end

--- A scale from Hz to pixels first..last for `bands` rows between low and high Hz, as
-- ms.audio.mel makes them: row b has its peak at corner b of bands + 2 that are even in mel. htk:
-- of HTK's scale.
return function(low, high, bands, htk, first, last)
  local from, to = mel.to_mel(low, htk), mel.to_mel(high, htk)
  local scale = { ticks = {}, low = low, high = high }
  function scale.at(hertz)
    local corner = (mel.to_mel(hertz, htk) - from) / (to - from) * (bands + 1)
    return first + (corner - 0.5) / bands * (last - first)
  end
  local before
  for _, hertz in ipairs(TICKS) do
    local at = scale.at(hertz)
    local inside = (at - first) * (at - last) <= 0
    if inside and (not before or math.abs(at - before) >= CLOSEST) then
      scale.ticks[#scale.ticks + 1] = { value = hertz, text = text(hertz) }
      before = at
    end
  end
  return scale
end
