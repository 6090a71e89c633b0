--- Music: tempo from beats (the core's functions of moonstem.core.music do the hearing).
local core = require "moonstem.core.music"

local M = {}

-- The middle of a list, sorted in place.
local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

--- ms.audio.tempo(wave, { rate = }) -> beats a minute, list of beats in seconds
-- From the time between ms.audio.beats, those set aside that are off by a tenth; no number, nil,
-- where fewer than four are heard. librosa's tempo searches one frame-wise correlation instead.
-- options: those of ms.audio.beats
function M.tempo(wave, options)
  local beats, why = core.beats(wave, options)
  if not beats then return nil, why end
  if #beats < 4 then return nil, beats end
  local times = {}
  for k = 2, #beats do times[k - 1] = beats[k] - beats[k - 1] end
  local middle, sum, count = median { table.unpack(times) }, 0, 0
  for _, time in ipairs(times) do
    if math.abs(time - middle) <= middle / 10 then sum, count = sum + time, count + 1 end
  end
  return 60 * count / sum, beats
end

return M
