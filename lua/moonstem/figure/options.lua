--- What the figures' callers give: checked option tables, and numbers from lists or tensors.
local core = require "moonstem.tensor"
local options = require "moonstem.options"

local M = {}

--- Raises on a key that is not in the list; see moonstem.options.
M.check = options.check

--- A value as messages show it.
M.shown = options.shown

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

function M.is_tensor(value)
  return type(value) == "userdata" and debug.getmetatable(value).__name == "moonstem.tensor"
end

--- A tensor from a tensor or a (nested) list, without its history; raises on anything else.
function M.tensor(value, who)
  if type(value) == "table" then
    local ok, made = pcall(core.tensor, value)
    if ok then return made end
    error(("%s: %s"):format(who, tostring(made):gsub("^[%w_%.]+: ", "")), 0)
  end
  if not M.is_tensor(value) then
    error(("%s must be a tensor or a list of numbers, got %s"):format(who, type(value)), 0)
  end
  return value:detach()
end

--- A tensor that holds at least one number, of so many dimensions; axes: their names, for messages.
function M.array(value, axes, who)
  local x = M.tensor(value, who)
  local size = x:size()
  if #size ~= #axes then
    error(("%s must be (%s), got %s"):format(who, table.concat(axes, ", "), x:shape()), 0)
  end
  if x:count() == 0 then error(who .. " is empty", 0) end
  return x
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
