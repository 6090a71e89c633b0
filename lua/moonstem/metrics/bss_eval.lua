--- BSS Eval, version 4: how far estimated sources are from the true ones, frame by frame.
local core = require "moonstem.tensor"
local core_metrics = require "moonstem.core.metrics"
local options_of = require "moonstem.options"
local summary = require("moonstem.metrics.separation").summary

local M = {}

local SCORES = { "sdr", "isr", "sir", "sar" }
local MOST = 16384 -- filters' taps of all sources and channels together

-- Signals as (sources, samples, channels).
local function signals_of(x, what)
  x = core.as_tensor(x):detach()
  local size = x:size()
  if #size < 2 or #size > 3 or x:count() == 0 then
    error(("bss_eval: the %s must be (source, sample) or (source, sample, channel), got %s")
      :format(what, x:shape()), 3)
  end
  if not x:finite() then
    error(("bss_eval: the %s have samples that are not finite numbers"):format(what), 3)
  end
  return x:reshape { size[1], size[2], size[3] or 1 }
end

local function check_sizes(references, estimates, taps)
  if references:shape() ~= estimates:shape() then
    error(("bss_eval: the references are %s, but the estimates %s (source x sample x channel)")
      :format(references:shape(), estimates:shape()), 3)
  end
  local size = references:size()
  if size[1] * size[3] * taps > MOST then
    error(("bss_eval: %d sources of %d channels with filters of %d taps are too many (at most %d "
      .. "taps in all)"):format(size[1], size[3], taps, MOST), 3)
  end
end

--- ms.metrics.bss_eval(references, estimates, { window =, hop = window, filters = 512 }) -> scores
-- BSS Eval version 4, "images", as Python's museval 0.4 computes it: scores.sdr, .isr, .sir and
-- .sar, each a list of sources of lists of frames, in dB. references, estimates: (source, sample)
-- or (source, sample, channel), of one size. window, hop: samples of a frame and from one to the
-- next; museval takes one second, which is 44 100 samples; all samples at once without a window.
-- filters: taps of the distortions that ISR, SIR and SAR allow for, the same in all frames; SDR
-- allows for none. NaN in frames where a source or an estimate is silent, never 0; infinite where
-- there is no error. The filters are causal: an estimate that comes one sample early loses all.
function M.bss_eval(references, estimates, options)
  local o = options_of(options, "bss_eval", { window = options_of.count, hop = options_of.count,
    filters = options_of.count(512) })
  local x, y = signals_of(references, "references"), signals_of(estimates, "estimates")
  check_sizes(x, y, o.filters)
  local window = o.window or x:size(2)
  local lists = table.pack(core_metrics.bss_eval(x, y, window, o.hop or window, o.filters))
  local scores = {}
  for k, name in ipairs(SCORES) do scores[name] = lists[k] end
  return scores
end

-- The median of those numbers that are numbers; NaN where none is.
local function median(list)
  local all = summary(list)
  return all and all.median or -(0 / 0)
end

--- ms.metrics.bss_summary(tracks) -> { sdr =, isr =, sir =, sar = }, each a list of sources
-- The median over a track's frames, and of these over tracks, as SiSEC and musdb18's papers report
-- scores. tracks: list of what bss_eval gives, with the same sources in the same order. Frames that
-- are undefined (NaN) are left out, and tracks that have no other; NaN where nothing is left.
function M.bss_summary(tracks)
  local result = {}
  for _, name in ipairs(SCORES) do
    result[name] = {}
    for source = 1, #tracks[1][name] do
      local medians = {}
      for i, track in ipairs(tracks) do medians[i] = median(track[name][source]) end
      result[name][source] = median(medians)
    end
  end
  return result
end

return M
