--- Rows of values as comma-separated values: numbers with ten digits, true and false as 1 and 0,
-- inf, -inf and nan as other programs read them.
local row = require("moonstem.data.csv").row

local function field(value)
  if value == nil then return "" end
  if type(value) == "boolean" then return value and "1" or "0" end
  if value ~= value then return "nan" end -- of either sign
  if math.type(value) == "float" then return ("%.10g"):format(value) end
  return value
end

--- The text of a table. fields: list of names, the first line; rows: list of { [name] = value },
-- nil for nothing.
return function(fields, rows)
  local lines = { row(fields) }
  for _, values in ipairs(rows) do
    local out = {}
    for i, name in ipairs(fields) do out[i] = field(values[name]) end
    lines[#lines + 1] = row(out)
  end
  return table.concat(lines)
end
