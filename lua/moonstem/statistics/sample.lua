--- Samples: what was measured in several runs, and its mean, standard deviation, standard error and
-- number.
local moments = require "moonstem.moments"
local values = require "moonstem.metrics.values"

local M = {}

-- Below this share of the largest value a spread is rounding, not variation.
M.ROUNDING = 1e-14

--- The numbers of a list or tensor; false marks a value that is missing and is left out.
-- Returns the list and how many were missing; or nil and a message for what is not finite. Raises
-- for other types.
function M.numbers(x, who, what)
  local list, missing = {}, 0
  x = values.lists(x, who, what)
  for i = 1, #x do
    local v = x[i]
    if v == false then missing = missing + 1
    elseif type(v) ~= "number" then
      error(("%s: item %d of %s is a %s, not a number"):format(who, i, what, type(v)), 0)
    elseif v ~= v or v == math.huge or v == -math.huge then
      return nil, ("%s: item %d of %s is not finite"):format(who, i, what)
    else list[#list + 1] = v end
  end
  return list, missing
end

--- ms.statistics.summary(list) -> { n =, mean =, sd =, se =, min =, max =, missing = }
-- list: numbers or a tensor; false where a run is missing. sd has n - 1 below; sd and se are nil of
-- a single value. nil and a message when there is no value, or one that is not finite.
function M.summary(x)
  local list, missing = M.numbers(x, "summary", "the values")
  if not list then return nil, missing end
  if #list == 0 then return nil, "summary: there are no values" end
  local s = moments(list)
  s.missing = missing
  return s
end

--- ms.statistics.quantile(list, p) -> the value below which a share p of the list lies
-- Between two values, in proportion (numpy's default; "type 7"). p: 0 to 1. nil and a message of
-- an empty list.
function M.quantile(x, p)
  local list, why = M.numbers(x, "quantile", "the values")
  if not list then return nil, why end
  if #list == 0 then return nil, "quantile: there are no values" end
  if not (p >= 0 and p <= 1) then error("quantile: p must be between 0 and 1", 0) end
  table.sort(list)
  local place = p * (#list - 1) + 1
  local below = math.floor(place)
  if below >= #list then return list[#list] end
  return list[below] + (list[below + 1] - list[below]) * (place - below)
end

return M
