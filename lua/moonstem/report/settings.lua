--- Records of settings as people read them: a row for each, numbers with the digits that they need.
local core_io = require "moonstem.core.io"

local M = {}

--- A number in the fewest digits that give it back: 0.0003, not 0.00029999999999999997.
function M.number(x)
  if math.type(x) == "integer" then return tostring(x) end
  for digits = 1, 17 do
    local text = ("%%.%dg"):format(digits):format(x)
    if tonumber(text) == x then return (text:gsub("e%+?(%-?)0*", "e%1")) end
  end
  return tostring(x)
end

local function scalar(value)
  if type(value) == "number" then return M.number(value) end
  if value == core_io.null then return "none" end
  if type(value) == "boolean" then return value and "yes" or "no" end
  return tostring(value)
end

-- Whether a table is a list of things that fit in a line.
local function is_line(value)
  for key, inner in pairs(value) do
    if math.type(key) ~= "integer" or type(inner) == "table" then return false end
  end
  return true
end

local function line(list)
  local parts = {}
  for i, value in ipairs(list) do parts[i] = scalar(value) end
  return #parts > 0 and table.concat(parts, ", ") or "none"
end

local function sorted(record)
  local keys = {}
  for key in pairs(record) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if math.type(a) and math.type(b) then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

-- The name of a setting inside another. Models say { defined = NAME, options = {...} }: they and
-- their options are called by the name of the setting alone. What experiments say themselves stands
-- in `also`.
local function name_of(prefix, key)
  if key == "also" or prefix ~= "" and (key == "defined" or key == "options") then return prefix end
  local own = tostring(key):gsub("_", " ")
  return prefix ~= "" and prefix .. " · " .. own or own
end

local function walk(record, prefix, rows)
  for _, key in ipairs(sorted(record)) do
    local value, name = record[key], name_of(prefix, key)
    if type(value) ~= "table" then rows[#rows + 1] = { name, scalar(value) }
    elseif is_line(value) then rows[#rows + 1] = { name, line(value) }
    else walk(value, name, rows) end
  end
  return rows
end

--- Rows { "schedule · phases · 1 · lr", "0.001" } of a record, its names in alphabetical order.
function M.rows(record) return walk(record, "", {}) end

--- A record as JSON, its numbers as above.
function M.json(record)
  local text = core_io.json_encode(record, { indent = 2 })
  return (text:gsub("([%[ \n])(%-?%d+%.?%d*e?[+-]?%d*)(%f[,%s%]])", function(before, digits, after)
    local x = not math.tointeger(digits) and tonumber(digits)
    return x and before .. M.number(x) .. after or nil
  end))
end

return M
