--- What the figures' callers give: checked option tables, and numbers from lists or tensors.
local core = require "moonstem.tensor"
local options = require "moonstem.options"

local M = {}

local text = options.either(options.string, options.number)

--- The kinds of the options that charts share, by name.
local KINDS = { title = text, x_label = text, y_label = text, z_label = text, label = text,
  width = options.count, height = options.count, panel_height = options.count, log_x = options.flag,
  log_y = options.flag, dash = options.flag, marks = options.flag, colour = options.string,
  size = options.positive, opacity = options.share, format = options.string, most = options.count,
  rate = options.positive, hop = options.positive, y_top = options.number, y_low = options.number,
  start = options.number, htk = options.flag, decibel = options.flag, density = options.flag,
  levels = options.table, series = options.table, panels = options.table, groups = options.table }

-- Pixels of a picture: in less there is no room for axes.
local LEAST = { width = 120, height = 80, panel_height = 20 }
local MOST_PIXELS = 20000

local function check_pixels(given, who)
  for name, least in pairs(LEAST) do
    local value = given[name]
    if value and (value < least or value > MOST_PIXELS) then
      error(("%s: %s must be from %d to %d pixels, got %d"):format(who, name, least, MOST_PIXELS,
        value), 0)
    end
  end
end

--- Raises on a key of `given` that is not in a list of names, and on a value that is not of the
-- kind that options of this name have; see moonstem.options.
function M.check(given, who, names)
  local known = {}
  for _, name in ipairs(names) do known[name] = KINDS[name] or options.any end
  options.check(given, who, known)
  check_pixels(given, who)
end

--- A number in a format such as "%.1f"; raises where they do not fit.
function M.formatted(format, x, who)
  local ok, shown = pcall(string.format, format, x)
  if ok then return shown end
  error(("%s: the format %q does not fit the number %s"):format(who, format, tostring(x)), 0)
end

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

--- Whether a value is a list of numbers or a tensor of one dimension; an empty table may be one.
function M.is_numbers(value)
  if M.is_tensor(value) then return #value:size() == 1 end
  if type(value) ~= "table" or getmetatable(value) then return false end
  for key, number in pairs(value) do
    if math.type(key) ~= "integer" or type(number) ~= "number" then return false end
  end
  return true
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
