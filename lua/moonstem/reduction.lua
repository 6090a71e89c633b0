--- What losses in Lua share: estimates and targets of one size, and what is made of the parts:
-- their mean, their sum, or all of them.
local options_of = require "moonstem.options"

local M = {}

--- The kind of the option `reduction`.
M.option = options_of.choice("mean", "sum", "none")("mean")

--- A tensor of parts, reduced.
function M.of(parts, reduction)
  if reduction == "none" then return parts end
  return reduction == "sum" and parts:sum() or parts:mean()
end

--- Raises, at the caller of the loss, unless an estimate and its target have one size, which is
-- not that of a scalar.
function M.check_waves(who, estimate, target)
  local x, y = estimate:size(), target:size()
  local same = #x == #y and #x > 0
  for i = 1, #x do same = same and x[i] == y[i] end
  if not same then
    error(("%s: the estimate is %s but the target is %s"):format(who, table.concat(x, "x"),
      table.concat(y, "x")), 3)
  end
end

return M
