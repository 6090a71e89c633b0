--- How much begins: onset_strength, with librosa's definition.
local core = require "moonstem.core.tensor"
local decibels = require "moonstem.audio.feature.decibels"
local mel = require "moonstem.audio.feature.mel"
local options_of = require "moonstem.options"

local M = {}

local KNOWN = options_of.merge(mel.OPTIONS, { lag = options_of.count(1),
  max_size = options_of.count(1) })

-- The largest of `size` bands around each, as far as there are any.
local function dilated(s, size)
  local bands = s:size()[#s:size()]
  size = math.min(size, 2 * bands) -- which reaches all of them from each
  local most, before = nil, size // 2
  for k = -before, size - 1 - before do
    local list = {}
    for b = 1, bands do list[b] = math.min(math.max(b + k, 1), bands) end
    local moved = s:index_select(-1, core.tensor(list))
    most = most and most:maximum(moved) or moved
  end
  return most
end

-- (..., frames) with n zeros in front, cut to `count` frames.
local function behind(x, n, count)
  local size = x:size()
  size[#size] = n
  local all = core.ops.cat({ core.zeros(size), x }, -1)
  local there = all:size()[#size]
  return count < there and all:slice(-1, 1, count) or all
end

--- ms.audio.onset_strength(wave, { rate = 22050, lag = 1, max_size = 1 }) -> (..., frames)
-- The mean over mel bands of what grew, in decibels, since `lag` frames before
-- (librosa.onset.onset_strength). Gradients pass.
-- options: those of ms.audio.mel, and { lag = 1 frames, max_size = 1 bands: each is compared with
--   the largest of so many around it }. With centre = true, the frames that lie before the wave's
--   first whole window are 0.
function M.onset_strength(wave, options)
  local o = options_of(options, "audio.onset_strength", KNOWN)
  local s = decibels.power_to_db(mel.bands(wave, o, "audio.onset_strength"))
  local frames = s:size()[#s:size() - 1]
  local front = o.lag + (o.centre and o.size // (2 * o.hop) or 0)
  if frames <= o.lag then
    error(("audio.onset_strength: lag = %d frames are all there are"):format(o.lag), 2)
  end
  local ref = o.max_size > 1 and dilated(s, o.max_size) or s
  local grown = (s:slice(-2, o.lag + 1, frames) - ref:slice(-2, 1, frames - o.lag)):relu():mean(-1)
  return behind(grown, front, o.centre and frames or math.huge)
end

return M
