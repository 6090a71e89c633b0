--- Losses of waves: how an estimate sounds beside its target.
local core = require "moonstem.tensor"
local options_of = require "moonstem.options"
local reduction = require "moonstem.reduction"

local M = {}

local function decibels(estimate, target, eps)
  local scale = ((estimate * target):sum(-1, { keep = true }) + eps)
    / (target:square():sum(-1, { keep = true }) + eps)
  local part = target * scale
  local signal, noise = part:square():sum(-1), (part - estimate):square():sum(-1)
  return ((signal + eps) / (noise + eps)):log10() * 10
end

--- ms.loss.si_sdr(estimate, target, options) -> minus the mean scale-invariant SDR in dB: 20 is a
-- loss of -20 (Le Roux et al. 2019; ms.metrics.si_sdr is the score).
-- estimate, target: (..., samples) of one shape
-- options: { zero_mean = false (true: without their means), eps = 1e-8 (added to all energies),
--   reduction = "mean" ("sum", "none": one a wave) }
function M.si_sdr(estimate, target, options)
  local o = options_of(options, "loss.si_sdr", { zero_mean = options_of.flag(false), eps = 1e-8,
    reduction = reduction.option })
  estimate, target = core.as_tensor(estimate), core.as_tensor(target)
  reduction.check_waves("si_sdr", estimate, target)
  if o.zero_mean then
    estimate = estimate - estimate:mean(-1, { keep = true })
    target = target - target:mean(-1, { keep = true })
  end
  return reduction.of(-decibels(estimate, target, o.eps), o.reduction)
end

return M
