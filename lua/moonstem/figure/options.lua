--- What the figures' callers give: checked option tables, and numbers from lists or tensors.
local options = require "moonstem.options"

local M = {}

--- Raises on a key that is not in the list; see moonstem.options.
M.check = options.check

-- Beyond this even the length of an axis is infinite.
local MOST = 1e300

local function finite(x) return type(x) == "number" and x >= -MOST and x <= MOST end
M.finite = finite

--- A list of numbers from a list or a one-dimensional tensor; what is not finite becomes false. The
-- list, and how many numbers in it were not finite (false itself is a gap that was asked for).
function M.numbers(value, who)
  if type(value) == "userdata" then value = value:totable() end
  if type(value) ~= "table" then
    error(("%s must be a list or a tensor, got %s"):format(who, type(value)), 0)
  end
  local list, odd = {}, 0
  for i = 1, #value do
    if type(value[i]) == "table" then error(who .. " must have one dimension", 0) end
    list[i] = finite(value[i]) and value[i] or false
    if value[i] and not list[i] then odd = odd + 1 end
  end
  return list, odd
end

--- {low, high} of an option such as y_range, checked; nil if absent.
function M.range(value, who)
  if value == nil then return nil end
  local low, high = type(value) == "table" and value[1], type(value) == "table" and value[2]
  if not (finite(low) and finite(high) and low < high) then
    error(who .. " must be {low, high} with low below high", 0)
  end
  return { low, high }
end

return M
