--- What a loss in Lua makes of its parts: their mean, their sum, or all of them.
local options_of = require "moonstem.options"

local M = {}

--- The kind of the option `reduction`.
M.option = options_of.choice("mean", "sum", "none")("mean")

--- A tensor of parts, reduced.
function M.of(parts, reduction)
  if reduction == "none" then return parts end
  return reduction == "sum" and parts:sum() or parts:mean()
end

return M
