--- Effects on spectrograms, and on whole batches with their targets, for ms.audio.augment.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local range = require("moonstem.audio.augment.ranges").range

local M = { spectra = {}, mixes = {} }

-- ---- SpecAugment -----------------------------------------------------------------------------
-- A list of n ones with `count` gaps of `width` zeros or fewer where they do not fit.
local function gaps(n, count, width, source)
  local list = {}
  for k = 1, n do list[k] = 1 end
  for _ = 1, count do
    local wide = math.min(n, math.floor(source:uniform(width[1], width[2] + 1)))
    local first = source:integer(n - wide + 1)
    for k = first, first + wide - 1 do list[k] = 0 end
  end
  return list
end

-- An effect that silences bands along an axis of a spectrogram: mask is (frames, 1) or (1, bins).
-- whole: ranges of which each gap draws its own number.
local function masking(field, axis)
  return { ranges = { [field] = range(0, 20, 0, 1e6) }, whole = { [field] = true },
    options = { count = options_of.count(1) },
    mask = function(size, o, source)
      if o.count > 1000 then error("augment: count must be at most 1000, got " .. o.count, 0) end
      local n = size[axis]
      local list = gaps(n, o.count, o[field], source)
      return core.tensor_from(list, axis == 1 and { n, 1 } or { 1, n })
    end }
end

M.spectra.time_mask = masking("frames", 1)
M.spectra.frequency_mask = masking("bins", 2)

-- ---- two clips as one --------------------------------------------------------------------------
-- Numbers 1..n in another order.
local function shuffled(n, source)
  local list = {}
  for k = 1, n do list[k] = k end
  for k = n, 2, -1 do
    local other = source:integer(k)
    list[k], list[other] = list[other], list[k]
  end
  return list
end

-- A tensor of one number for each row, as (n, 1, ..., 1) beside x.
local function column(list, x)
  local size = { #list }
  for d = 2, #x:size() do size[d] = 1 end
  return core.tensor_from(list, size)
end

local function blend(a, b, shares)
  local share = column(shares, a)
  return a * share + b * (1 - share)
end

M.mixes.mixup = { ranges = { alpha = range(0.2, 0.2, 0.01, 100) },
  apply = function(x, targets, o, source)
    local n = x:size()[1]
    local partners, shares = core.tensor(shuffled(n, source)), {}
    for k = 1, n do shares[k] = source:beta(o.alpha) end
    return blend(x, x:index_select(1, partners), shares),
      blend(targets, targets:index_select(1, partners), shares)
  end }

M.mixes.cutmix = { ranges = { alpha = range(1, 1, 0.01, 100) },
  apply = function(x, targets, o, source)
    local size = x:size()
    local n, length = size[1], size[2]
    local partners, shares, keep = core.tensor(shuffled(n, source)), {}, {}
    for k = 1, n do
      local wide = math.floor((1 - source:beta(o.alpha)) * length + 0.5)
      local first = source:integer(length - wide + 1)
      for t = 1, length do keep[#keep + 1] = (t < first or t >= first + wide) and 1 or 0 end
      shares[k] = 1 - wide / length
    end
    local shape = { n, length }
    for d = 3, #size do shape[d] = 1 end
    keep = core.tensor_from(keep, shape)
    local other = x:index_select(1, partners)
    return x * keep + other * (1 - keep),
      blend(targets, targets:index_select(1, partners), shares)
  end }

return M
