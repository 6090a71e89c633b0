--- The mixing desk: waves are tensors (sample) or (sample, channel) of 1 or 2 channels. What feeds
-- samples back into the next, or sums in double, is C (core/audio/mixing.h: rms, add, filter,
-- reverb, ...); the rest is what tensors can do.
local core = require "moonstem.core.mixing"
local tensor = require "moonstem.core.tensor"

local M = {}
for name, f in pairs(core) do M[name] = f end

--- A new silent wave: (frames), or (frames, 2).
function M.silence(frames, channels)
  return tensor.zeros { frames, channels == 2 and 2 or nil }
end

--- The largest of |x|.
function M.peak(wave)
  local least, largest = wave:extent()
  return math.max(-(least or 0), largest or 0)
end

--- A new wave (sample), the mean of the channels.
function M.to_mono(wave)
  return #wave:size() == 1 and wave:clone() or wave:mean(2)
end

--- A new wave (frames) or (frames, 2) in which a wave begins at sample `at`, or, where that is
-- negative, without so many samples of its start.
function M.shifted(wave, at, frames)
  local size = wave:size()
  return M.add(M.silence(frames, size[2] or 1), wave, at)
end

--- Makes both channels of a wave (sample, 2) their mean, in place; returns it.
function M.mono(wave)
  local _ <close> = tensor.scope()
  local mean = wave:mean(2):reshape { -1, 1 }
  return wave:copy(tensor.ops.cat({ mean, mean }, 2))
end

--- A new wave of pieces of `width` samples in the order of the list, then the rest.
function M.grains(wave, width, order)
  local pieces, frames, rest = {}, wave:size(1), #order * width + 1
  for i, from in ipairs(order) do
    pieces[i] = wave:slice(1, (from - 1) * width + 1, from * width)
  end
  if rest <= frames then pieces[#pieces + 1] = wave:slice(1, rest, frames) end
  return tensor.ops.cat(pieces, 1)
end

return M
