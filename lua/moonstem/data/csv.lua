--- Comma- or tab-separated tables by RFC 4180, read over lpeg: quoted fields may hold separators,
-- doubled quotes and line ends, so nothing here ever splits a file on lines.
local options_of = require "moonstem.options"
local lpeg = require "lpeg"

local M = {}

local WIDE = 256 -- columns from which on a pattern of a row's own would grow with their square

local QUOTE = lpeg.P '"'
local NEWLINE = lpeg.P "\r\n" + "\n"
local END = lpeg.P(-1)
local BLANK_LINES = NEWLINE ^ 0

-- A field, captured where `keep` is true. Only fields with doubled quotes pay for undoing them.
local function field(separator, keep)
  local function as(capture, pattern) return keep and capture(pattern) or pattern end
  local pair = QUOTE * QUOTE
  local plain = as(lpeg.C, (1 - lpeg.S('"\r\n' .. separator) + lpeg.P "\r" * -lpeg.P "\n") ^ 0)
  local simple = QUOTE * as(lpeg.C, (1 - QUOTE) ^ 0) * QUOTE
  local doubled = QUOTE * as(lpeg.Cs, (1 - QUOTE + (keep and pair / '"' or pair)) ^ 0) * QUOTE
  local closed = #(lpeg.P(separator) + NEWLINE + END)
  return simple * closed + doubled * closed + plain * closed
end

local STOP = (NEWLINE + END) * lpeg.Cp()

local function free_record(separator)
  local one = field(separator, true)
  return lpeg.Ct(one * (separator * one) ^ 0) * STOP
end

-- A record of exactly `count` fields that captures all, or those in `places` (index -> place).
local function fixed_record(separator, count, places)
  local kept, passed = field(separator, true), field(separator, false)
  local whole
  for i = 1, count do
    local one = not places and kept or places[i] and lpeg.Cg(kept, places[i]) or passed
    whole = whole and whole * separator * one or one
  end
  return lpeg.Ct(whole) * STOP
end

-- match(text, position) -> the fields in `places` (all where it is nil) of a record of exactly
-- `count`, and the position after it; or nil.
local function matcher(separator, count, places)
  if count <= WIDE then
    local record = fixed_record(separator, count, places)
    return function(text, position) return record:match(text, position) end
  end
  local record = free_record(separator)
  return function(text, position)
    local fields, after = record:match(text, position)
    if not fields or #fields ~= count then return nil end
    if not places then return fields, after end
    local kept = {}
    for column, place in pairs(places) do kept[place] = fields[column] end
    return kept, after
  end
end

-- A function that gives the line of a position; positions must ascend.
local function line_counter(text)
  local line, from = 1, 1
  return function(position)
    for _ in text:sub(from, position - 1):gmatch "\n" do line = line + 1 end
    from = position
    return line
  end
end

--- The number of the line that holds byte `position` of `text`.
function M.line(text, position) return line_counter(text)(position) end

-- Why no record matches at `position`: walks field by field to the one that is broken.
local function complaint(text, position, separator, name)
  local one = field(separator, false) * lpeg.Cp()
  local at, number = position, 1
  while true do
    local after = one:match(text, at)
    if not after or text:sub(after, after) ~= separator then break end
    at, number = after + 1, number + 1
  end
  local what
  if text:sub(at, at) ~= '"' then
    what = "a quote inside an unquoted field (quote the field and double the quote)"
  elseif (QUOTE * (1 - QUOTE + QUOTE * QUOTE) ^ 0 * QUOTE):match(text, at) then
    what = "text after the closing quote of a field (a quote inside a field must be doubled)"
  else
    what = "a quoted field that is never closed"
  end
  return ("%s: line %d, field %d: %s"):format(name, M.line(text, at), number, what)
end

-- Fields of the first record at `position` and the position after it, or nil and a message.
local function first_record(text, position, separator, name)
  position = BLANK_LINES:match(text, position)
  if position > #text then return nil, name .. ": the file ends where a row was expected" end
  local fields, after = free_record(separator):match(text, position)
  if not fields then return nil, complaint(text, position, separator, name) end
  return fields, after
end

local function start_of(text)
  return text:sub(1, 3) == "\xEF\xBB\xBF" and 4 or 1
end

-- Why a text cannot be read as a table, such as UTF-16, or nil.
local function foreign(text, name)
  if text:find "^\xFF\xFE" or text:find "^\xFE\xFF" then
    return name .. ": it is UTF-16; save it as UTF-8 (iconv -f utf-16 -t utf-8)"
  end
  local at = text:find("\0", 1, true)
  if at then
    return ("%s: line %d: there is a zero byte, so it is no table of text")
      :format(name, M.line(text, at))
  end
  if text:find("\r", 1, true) and not text:find("\n", 1, true) then
    return name .. ": its lines end in carriage returns alone; end them in line feeds "
      .. "(tr '\\r' '\\n')"
  end
end

--- ms.data.csv.rows(text, {separator =, name =, headers =, columns =}) -> next, header
-- Iterates over the data rows of `text` after its header rows.
-- options: { separator = "," or "\t" (found from the first line when left out), name = for
--   messages, headers = 1, columns = list of column numbers to keep, in the order in which they are
--   wanted (all when left out; others skip copying) }
-- Returns next, header: `next()` gives the row's kept fields as a list of strings and the byte
-- position of the row (line numbers: csv.line(text, position)), or nil at the end, or nil and a
-- message for a malformed row or one with another number of fields. header: the fields of each
-- header row. A header that cannot be read gives nil and a message. Blank lines are passed over.
function M.rows(text, options)
  options = options_of(options, "csv.rows", { separator = options_of.string, name = "csv",
    headers = 1, columns = options_of.table })
  local name = options.name
  local why = foreign(text, name)
  if why then return nil, why end
  local separator = options.separator or M.separator(text)
  local position, header = start_of(text), {}
  for i = 1, options.headers do
    local fields, after = first_record(text, position, separator, name)
    if not fields then return nil, after end
    header[i], position = fields, after
  end
  local count = #header[1]
  local places = options.columns and {}
  for place, column in ipairs(options.columns or {}) do places[column] = place end
  local match = matcher(separator, count, places)
  return function()
    position = BLANK_LINES:match(text, position)
    if position > #text then return nil end
    local start = position
    local fields, after = match(text, start)
    if fields then
      position = after
      return fields, start
    end
    local loose = free_record(separator):match(text, start)
    position = #text + 1
    if not loose then return nil, complaint(text, start, separator, name) end
    return nil, ("%s: line %d: %d fields, but the header has %d")
      :format(name, M.line(text, start), #loose, count)
  end, header
end

--- The separator of a table: a tab when its first line holds one, else a comma.
function M.separator(text)
  local first = text:match "[^\r\n]*"
  return first:find("\t", 1, true) and "\t" or ","
end

--- ms.data.csv.parse(text, {separator =, name =}) -> rows
-- Parses a whole table in memory: a list of rows (the header first), each a list of strings.
-- options: { separator =, name = }. Rows may differ in
-- length. Errors: nil, "name: line 3, field 2: ...".
function M.parse(text, options)
  options = options_of(options, "csv.parse", { separator = options_of.string, name = "csv" })
  local name = options.name
  local why = foreign(text, name)
  if why then return nil, why end
  local separator = options.separator or M.separator(text)
  local position, rows = BLANK_LINES:match(text, start_of(text)), {}
  local record = free_record(separator)
  while position <= #text do
    local fields, after = record:match(text, position)
    if not fields then return nil, complaint(text, position, separator, name) end
    rows[#rows + 1], position = fields, BLANK_LINES:match(text, after)
  end
  return rows
end

--- The content of a file, or nil and a message.
function M.slurp(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, ("cannot read %s"):format(why) end
  local text = file:read "a"
  file:close()
  if not text then return nil, ("cannot read %s: is it a folder?"):format(path) end
  return text
end

--- ms.data.csv.each(path, visit, {separator =, headers =, columns =}) -> true
-- Calls visit(fields, line) for each data row of a file: the kept fields as strings, and a function
-- that gives the number of the row's line. visit returns what is wrong with a row, or nothing.
-- options: { separator and headers as in rows, columns = function(list of header rows) -> list of
--   column numbers to keep, or true: all; nil and a message }
-- nil and a message for what cannot be read, what `columns` refuses, and what is wrong with a row.
function M.each(path, visit, options)
  local o = options_of(options, "csv.each", { separator = options_of.string, headers = 1,
    columns = options_of.callable })
  local text, why = M.slurp(path)
  if not text then return nil, why end
  local kept = { name = path, headers = o.headers, separator = o.separator }
  local next_row, header = M.rows(text, kept)
  if not next_row then return nil, header end
  local columns = true
  if o.columns then columns, why = o.columns(header) end
  if not columns then return nil, ("%s: %s"):format(path, why) end
  if columns ~= true then
    kept.columns = columns
    next_row = M.rows(text, kept)
  end
  local line_of = line_counter(text)
  while true do
    local fields, position = next_row()
    if not fields then return not position or nil, position end
    local wrong = visit(fields, function() return line_of(position) end)
    if wrong then return nil, ("%s: line %d: %s"):format(path, line_of(position), wrong) end
  end
end

--- ms.data.csv.read(path, {separator =}) -> rows
-- Reads a table from a file: as parse, the path in front of every message.
function M.read(path, options)
  local o = options_of(options, "csv.read", { separator = options_of.string })
  local text, why = M.slurp(path)
  if not text then return nil, why end
  return M.parse(text, { name = path, separator = o.separator })
end

--- ms.data.csv.row(values, {separator = ",", quoted = false}) -> text
-- A line of a table with its line feed. quoted = true: all fields stand
-- in quotes; otherwise those that need them do.
function M.row(values, options)
  local o, fields = options_of(options, "csv.row", { separator = ",", quoted = false }), {}
  for i, value in ipairs(values) do
    local text = tostring(value)
    local quoted = o.quoted or text:find('[",\r\n]') or text:find(o.separator, 1, true)
    fields[i] = quoted and '"' .. text:gsub('"', '""') .. '"' or text
  end
  return table.concat(fields, o.separator) .. "\n"
end

-- ---- values -------------------------------------------------------------------------------------
local function number_text(x, digits)
  if x ~= x then return "nan" end -- of either sign
  if digits then return ("%%.%dg"):format(digits):format(x) end
  for _, n in ipairs { 9, 15 } do
    local text = ("%%.%dg"):format(n):format(x)
    if tonumber(text) == x then return text end
  end
  return ("%.17g"):format(x)
end

-- Spreadsheets take a text that begins so for a formula, and compute it.
local function guarded(text)
  return text:find "^[=+%-@\t\r]" and not tonumber(text) and "'" .. text or text
end

local function cell(value, o)
  if value == nil then return "" end
  if type(value) == "boolean" then return value and "1" or "0" end
  if math.type(value) == "float" then return number_text(value, o.digits) end
  if type(value) ~= "string" then return value end
  return o.formulas and value or guarded(value)
end

local MOST_CELLS = 1 << 20 -- of a line
local CELLS = { separator = ",", digits = options_of.count, formulas = false }

--- ms.data.csv.cells(values, count, {separator = ",", digits = nil, formulas = false}) -> text
-- A line of the first `count` values of a list, nil among them for nothing: true and false as 1 and
-- 0, numbers with all their digits or `digits` of them, nan, inf. Texts that begin with = + - @ and
-- are no numbers get a ' before them, so that no spreadsheet computes them, unless formulas = true.
function M.cells(values, count, options)
  local o, out = options_of(options, "csv.cells", CELLS), {}
  if math.type(count) ~= "integer" or count < 0 or count > MOST_CELLS then
    error(("csv.cells: count must be a whole number from 0 to %d, got %s"):format(MOST_CELLS,
      options_of.shown(count)), 2)
  end
  for k = 1, count do out[k] = cell(values[k], o) end
  return M.row(out, { separator = o.separator })
end

--- ms.data.csv.text(fields, rows, {separator =, digits =, formulas =}) -> text
-- A table with a first line of names. rows: a list of { [name] = value }; options as csv.cells.
function M.text(fields, rows, options)
  local lines = { M.cells(fields, #fields, options) }
  for _, row in ipairs(rows) do
    local values = {}
    for k, name in ipairs(fields) do values[k] = row[name] end
    lines[#lines + 1] = M.cells(values, #fields, options)
  end
  return table.concat(lines)
end

return M
