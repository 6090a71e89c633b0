--- Spectral contrast, as librosa defines it: how far the peaks of octave bands rise over their
-- valleys.
local core = require "moonstem.core.tensor"
local decibels = require "moonstem.audio.feature.decibels"

-- The first and last bin, from 1, of each octave band, and how many of its bins make a peak or a
-- valley. Each begins a bin early and, but for the last, ends a bin early.
local function octaves(o, bins)
  local list, step = {}, o.rate / o.size
  for k = 0, o.bands do
    local low, high = k == 0 and 0 or o.low * 2 ^ (k - 1), o.low * 2 ^ k
    if low >= o.rate / 2 then
      error("audio.spectral.contrast: the bands end above half the rate; take a lower `low` or "
        .. "fewer bands", 0)
    end
    local first, last = math.ceil(low / step) + 1, math.min(math.floor(high / step) + 1, bins)
    if k > 0 then first = first - 1 end
    if k == o.bands then last = bins end
    local share = o.quantile * (last - first + 1)
    local whole = math.floor(share + 0.5)
    if whole - share == 0.5 and whole % 2 == 1 then whole = whole - 1 end
    list[k + 1] = { first, k < o.bands and last - 1 or last, math.max(1, whole) }
  end
  return list
end

--- (..., frames, bins) magnitudes -> (..., frames, bands + 1).
return function(s, o)
  local size, peaks, valleys = s:size(), {}, {}
  local bins = size[#size]
  size[#size] = 1
  for k, band in ipairs(octaves(o, bins)) do
    local first, last, n = table.unpack(band)
    last = math.max(first, last)
    local part = s:slice(-1, first, last)
    n = math.min(n, last - first + 1)
    local smallest, largest = part:topk(n, -1, { largest = false }), part:topk(n, -1)
    valleys[k], peaks[k] = smallest:mean(-1):reshape(size), largest:mean(-1):reshape(size)
  end
  local peak, valley = core.ops.cat(peaks, -1), core.ops.cat(valleys, -1)
  if o.linear then return peak - valley end
  return decibels.power_to_db(peak) - decibels.power_to_db(valley)
end
