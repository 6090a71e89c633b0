--- Cases of losses of waves, by their formulas in PyTorch in double.
local ms = require "moonstem"

local cases = {}

local WRONG = {
  si_sdr = {
    { function()
      return ms.loss.si_sdr({ 1, 2 }, { 1 })
    end, "si_sdr: the estimate is 2 but the target is 1" },
    { function()
      return ms.loss.si_sdr({ 1 }, { 1 }, { reduction = "max" })
    end, "loss.si_sdr: option reduction must be \"mean\", \"sum\" or \"none\", got \"max\"" },
  },
}

cases["loss.si_sdr"] = {
  { function(x, y) return ms.loss.si_sdr(x, y, { zero_mean = false, reduction = "mean" }) end, {
    { { 0.3, -0.2, 0.5, 0.1, -0.6 }, { 0.2, 0.4, -0.3, 0.25, 0.05 } }, { { 0.35, -0.1, 0.4, 0.2,
    -0.7 }, { -0.1, 0.5, -0.35, 0.15, 0.3 } } }, -7.66188188701747 },
  { function(x, y) return ms.loss.si_sdr(x, y, { zero_mean = false, reduction = "none" }) end, {
    { { 0.3, -0.2, 0.5, 0.1, -0.6 }, { 0.2, 0.4, -0.3, 0.25, 0.05 } }, { { 0.35, -0.1, 0.4, 0.2,
    -0.7 }, { -0.1, 0.5, -0.35, 0.15, 0.3 } } }, { -12.6694904998971, -2.65427327413786 } },
  { function(x, y) return ms.loss.si_sdr(x, y, { zero_mean = true, reduction = "mean" }) end, { {
    { 0.3, -0.2, 0.5, 0.1, -0.6 }, { 0.2, 0.4, -0.3, 0.25, 0.05 } }, { { 0.35, -0.1, 0.4, 0.2,
    -0.7 }, { -0.1, 0.5, -0.35, 0.15, 0.3 } } }, -7.33219394265497 },
  { function(x, y) return ms.loss.si_sdr(x, y, { zero_mean = true, reduction = "none" }) end, { {
    { 0.3, -0.2, 0.5, 0.1, -0.6 }, { 0.2, 0.4, -0.3, 0.25, 0.05 } }, { { 0.35, -0.1, 0.4, 0.2,
    -0.7 }, { -0.1, 0.5, -0.35, 0.15, 0.3 } } }, { -12.6947693706127, -1.96961851469724 } },
  { function(x, y) return ms.loss.si_sdr(x, y) end, { { 0.3, -0.2, 0.5, 0.1, -0.6 }, { 0.35,
    -0.1, 0.4, 0.2, -0.7 } }, -12.6694904998971 },
  wrong = WRONG.si_sdr }

return cases
