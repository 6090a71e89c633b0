--- The oracle of separators by masks: what ratio masks would give that know the true sources.
local core = require "moonstem.tensor"
local options_of = require "moonstem.options"

local M = {}

local OVERLAP = 4   -- frames that every sample lies in
local SQUARES = 1.5 -- what the squares of so overlapping Hann windows add up to
local AT_ONCE = 64  -- frames of a stretch
local TINY = 1e-12

-- Sources as (sources, channels, samples).
local function signals_of(references)
  local x = core.as_tensor(references):detach()
  local size = x:size()
  if #size < 2 or #size > 3 or x:count() == 0 then
    error(("ideal_mask: the references must be (source, sample) or (source, sample, channel), got "
      .. "%s"):format(x:shape()), 3)
  end
  return x:reshape { size[1], size[2], size[3] or 1 }:permute { 1, 3, 2 }
end

-- The estimates (S, C, samples) of a stretch (S, C, samples): each frame and bin of the mixture
-- times the share that a source's magnitude, to a power, has of all.
local function separated(signals, o, window)
  local spectra = signals:spectrum(window, o.size // OVERLAP) -- (S, C, frames, bins, 2)
  local parts = (spectra:square():sum(-1, { keep = true }) + TINY) ^ (o.power / 2)
  local masks = parts / parts:sum(1, { keep = true })
  local estimates = masks * spectra:sum(1, { keep = true })
  return estimates:overlap_spectrum(window, o.size // OVERLAP, 0, signals:size(3)) / SQUARES
end

local function check(o)
  if o.size % OVERLAP ~= 0 or o.size < 16 then
    error(("ideal_mask: size must be a multiple of 4, 16 or more, got %d"):format(o.size), 3)
  end
  if o.power <= 0 or o.power ~= o.power then
    error(("ideal_mask: power must be above 0, got %g"):format(o.power), 3)
  end
end

--- ms.evaluate.ideal_mask(references, { size = 4096, power = 1 }) -> estimates of the same size
-- The oracle of masking: the true sources (source, sample) or (source, sample, channel) are added
-- up, and taken apart again by the ratio masks that only who knows them can compute, |source|^power
-- over the sum of all |source|^power, channel by channel: power 1 gives the "IRM1" of SiSEC 2018, 2
-- the "IRM2". No separator that scales the mixture's spectrum by ratios can be expected to do much
-- better. size: samples of a frame; frames begin every quarter of it.
function M.ideal_mask(references, options)
  local o = options_of(options, "ideal_mask", { size = options_of.count(4096),
    power = options_of.number(1) })
  check(o)
  local signals, window = signals_of(references), core.window("hann", o.size)
  local sources, channels, samples = table.unpack(signals:size())
  local stride, pieces = AT_ONCE * o.size // OVERLAP, {}
  local padding = core.zeros { sources, channels, o.size }
  local fill = core.zeros { sources, channels, o.size + -samples % stride }
  local padded = core.ops.cat({ padding, signals, fill }, 3)
  for first = 0, samples - 1, stride do
    local scope <close> = core.scope()
    local stretch = padded:slice(3, first + 1, first + stride + 2 * o.size)
    local wave = separated(stretch, o, window):slice(3, o.size + 1, o.size + stride)
    pieces[#pieces + 1] = scope:keep(wave:clone())
  end
  local all = core.ops.cat(pieces, 3):slice(3, 1, samples):permute { 1, 3, 2 }
  return all:reshape(core.as_tensor(references):size())
end

return M
