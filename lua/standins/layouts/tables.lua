--- Lines of comma- or tab-separated tables.
local tables = {}

--- A row with every field in double quotes.
function tables.quoted(row, separator)
  local fields = {}
  for i, value in ipairs(row) do fields[i] = '"' .. tostring(value):gsub('"', '""') .. '"' end
  return table.concat(fields, separator) .. "\n"
end

--- A row with quotes only where a field needs them.
function tables.plain(row, separator)
  local fields = {}
  for i, value in ipairs(row) do
    local text = tostring(value)
    if text:find('[",\r\n]') then text = '"' .. text:gsub('"', '""') .. '"' end
    fields[i] = text
  end
  return table.concat(fields, separator) .. "\n"
end

return tables
