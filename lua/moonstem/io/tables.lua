--- Tables as comma-separated values, by the reader and the writer of data/csv.lua.
local core = require "moonstem.core.tensor"
local csv = require "moonstem.data.csv"
local options_of = require "moonstem.options"
local sys = require "moonstem.core.sys"

local M = {}

local LOAD = { separator = options_of.string, numbers = false }
local SAVE = { fields = options_of.table, separator = ",", formulas = false }

-- The first name that stands twice in a list.
local function repeated(names)
  local seen = {}
  for _, name in ipairs(names) do
    if seen[name] then return name end
    seen[name] = true
  end
end

function M.load(path, options)
  local o = options_of(options, "load_csv", LOAD)
  local rows, names = {}, nil
  local ok, why = csv.each(path, function(fields)
    local row = {}
    for k, name in ipairs(names) do
      row[name] = o.numbers and tonumber(fields[k]) or fields[k]
    end
    rows[#rows + 1] = row
  end, { separator = o.separator, columns = function(header)
    names = header[1]
    local twice = repeated(names)
    if twice then return nil, ("two columns are called %s"):format(twice) end
    return true
  end })
  if not ok then return nil, why end
  return rows, names
end

-- Names of all fields of the rows, in order.
local function names_of(rows)
  local seen, names = {}, {}
  for _, row in ipairs(rows) do
    for name in pairs(row) do
      if not seen[name] then names[#names + 1] = name end
      seen[name] = true
    end
  end
  table.sort(names)
  return names
end

local KINDS = { string = true, number = true, boolean = true }

local function check_row(row, k)
  if type(row) ~= "table" then
    error(("save_csv: row %d must be a table, got %s"):format(k, type(row)), 0)
  end
  for name, value in pairs(row) do
    if not KINDS[type(value)] then
      error(("save_csv: row %d: %s is a %s"):format(k, tostring(name), type(value)), 0)
    end
    if type(name) ~= type(next(row)) then
      error(("save_csv: row %d mixes places and names"):format(k), 0)
    end
  end
end

-- Rows of lists, as long as the longest.
local function plain(rows, o)
  local lines, count = {}, o.fields and #o.fields or 0
  for _, row in ipairs(rows) do count = math.max(count, #row) end
  if o.fields and count > #o.fields then
    error(("save_csv: a row has %d values, but there are %d fields"):format(count, #o.fields), 0)
  end
  if o.fields then lines[1] = csv.cells(o.fields, count, o.cells) end
  for _, row in ipairs(rows) do lines[#lines + 1] = csv.cells(row, count, o.cells) end
  return table.concat(lines)
end

local function check_fields(rows, fields)
  local known = {}
  for _, name in ipairs(fields) do known[name] = true end
  for _, name in ipairs(names_of(rows)) do
    if not known[name] then
      error(("save_csv: rows have the field %s, which fields lacks"):format(name), 0)
    end
  end
end

function M.text(rows, options)
  local o = options_of(options, "save_csv", SAVE)
  o.cells = { separator = o.separator, formulas = o.formulas }
  if type(rows) == "userdata" then
    if #rows:size() ~= 2 then
      error("save_csv: a tensor must be (row, column), got " .. rows:shape(), 0)
    end
    o.cells.digits = core.machine().real == "f32" and 9 or 17
    rows = rows:totable()
  end
  if type(rows) ~= "table" then
    error(("save_csv: a list of rows or a tensor is expected, got %s"):format(type(rows)), 0)
  end
  for k, row in ipairs(rows) do check_row(row, k) end
  if rows[1] and rows[1][1] ~= nil then return plain(rows, o) end
  if o.fields then check_fields(rows, o.fields) end
  return csv.text(o.fields or names_of(rows), rows, o.cells)
end

function M.save(path, rows, options)
  return sys.write_file(path, M.text(rows, options))
end

return M
