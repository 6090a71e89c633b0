--- Comma-separated values (RFC 4180, but lines end in a line feed): numbers with ten digits, true and false as 1 and 0,
-- inf, -inf and nan as other programs read them.
local function field(value)
  if value == nil then return "" end
  if type(value) == "boolean" then return value and "1" or "0" end
  if value ~= value then return "nan" end -- of either sign
  if math.type(value) == "float" then return ("%.10g"):format(value) end
  value = tostring(value)
  return value:find '[",\n\r]' and '"' .. value:gsub('"', '""') .. '"' or value
end

--- The text of a table. fields: list of names, the first line; records: list of { [name] = value }, nil for nothing.
return function(fields, records)
  local lines = {}
  for r = 0, #records do
    local out = {}
    for i, name in ipairs(fields) do
      if r == 0 then out[i] = field(name) else out[i] = field(records[r][name]) end
    end
    lines[#lines + 1] = table.concat(out, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end
