--- Values as a person wants to see them: tensors and objects by tostring, tables in part.
local strict = require "moonstem.strict"

local M = {}

local DEPTH, LETTERS = 3, 400         -- of a table; LETTERS of a string inside it
local ITEMS, ROWS = { 24, 10, 4 }, 60 -- of a table: fewer where that takes so many lines
local LINE, PAGES = 2000, 100000 -- letters of a string by itself, in one line and in several

-- Cuts a text to `most` bytes, but no letter of UTF-8 in two; and a remark where more follows.
local function part(text, most)
  if #text <= most then return text, "" end
  local last = most
  while last > most - 4 and text:byte(last + 1) & 0xC0 == 0x80 do last = last - 1 end
  return text:sub(1, last), ("... (%d bytes)"):format(#text)
end

local function quoted(text, most)
  local first, more = part(text, most or LETTERS)
  return ("%q"):format(first):gsub("\\\n", "\\n") .. more
end

-- A text of several lines as it reads; control characters, which would move a terminal's cursor,
-- are shown by their numbers.
local function lines(text)
  local first, more = part(text, PAGES)
  first = first:gsub("\r\n", "\n"):gsub("[%c\127]", function(c)
    if c == "\n" or c == "\t" then return c end
    return ("\\%d"):format(c:byte())
  end)
  return first:gsub("\n+$", "") .. more
end

-- A string that is a result by itself is not quoted where it has several lines: reports and
-- summaries are meant to be read.
local function own_text(text)
  if text:find("\n", 1, true) and utf8.len((part(text, PAGES))) then return lines(text) end
  return quoted(text, LINE)
end

-- Whole numbers as they are, as far as floats hold each of them.
local function number_text(x)
  if math.type(x) == "integer" then return tostring(x) end
  if x ~= x then return "nan" end
  if x % 1 == 0 and math.abs(x) <= 2 ^ 53 and x ~= 0 then return ("%.0f"):format(x) end
  return ("%.7g"):format(x)
end

-- ---- tables ---------------------------------------------------------------------------------

local function order(a, b)
  local ta, tb = type(a), type(b)
  if ta ~= tb then return ta < tb end
  if ta == "number" or ta == "string" then return a < b end
  return tostring(a) < tostring(b)
end

local function keys_of(t)
  local list, n = {}, rawlen(t)
  pcall(pairs, t) -- libraries that load on first use do so to be listed
  for key in next, t do
    if not (math.type(key) == "integer" and key >= 1 and key <= n) then list[#list + 1] = key end
  end
  table.sort(list, order)
  return list
end

local function key_text(key)
  if type(key) == "string" and key:match "^[%a_][%w_]*$" then return key end
  return "[" .. (type(key) == "string" and quoted(key) or tostring(key)) .. "]"
end

-- ---- functions ------------------------------------------------------------------------------

local function arguments_of(f, info)
  local list = {}
  for i = 1, info.nparams do list[i] = debug.getlocal(f, i) end
  if info.isvararg then list[#list + 1] = "..." end
  return table.concat(list, ", ")
end

--- A function in short, "function(a, b)"; inside: whether it stands inside a table. The program
-- puts another in its place, which knows names and files (app/values.lua).
function M.function_text(f, _)
  f = strict.original(f)
  local info = debug.getinfo(f, "Su")
  return info.what == "C" and "function" or ("function(%s)"):format(arguments_of(f, info))
end

--- A part of `ms` in short: how many names it has. The program puts another in its place, which
-- lists them (app/values.lua).
function M.library_text(library, _)
  local count = 0
  for name in next, library do
    if type(name) == "string" then count = count + 1 end
  end
  return ("library of %d name%s"):format(count, count == 1 and "" or "s")
end

-- ---- all kinds ------------------------------------------------------------------------------

local plain
local items -- of a table, as many as are shown

-- The pieces of a table's inside, at most `items` of them, and how many were left out.
local function pieces(t, depth, open)
  local list, keys = {}, keys_of(t)
  for i = 1, math.min(rawlen(t), items) do
    list[#list + 1] = plain(rawget(t, i), depth + 1, open)
  end
  for i = 1, math.min(#keys, items) do
    list[#list + 1] = key_text(keys[i]) .. " = " .. plain(rawget(t, keys[i]), depth + 1, open)
  end
  local left = math.max(rawlen(t) - items, 0) + math.max(#keys - items, 0)
  if left > 0 then list[#list + 1] = ("... %d more"):format(left) end
  return list
end

local function table_text(t, depth, open)
  if open[t] then return "(itself)" end
  if rawlen(t) == 0 and #keys_of(t) == 0 then return "{}" end
  if depth >= DEPTH then return ("{...}") end
  open[t] = true
  local list = pieces(t, depth, open)
  open[t] = nil
  local line = "{" .. table.concat(list, ", ") .. "}"
  if #line + 2 * depth <= M.width() and not line:find "\n" then return line end
  local indent = ("  "):rep(depth + 1)
  for i, piece in ipairs(list) do list[i] = indent .. piece end
  return "{\n" .. table.concat(list, ",\n") .. "\n" .. ("  "):rep(depth) .. "}"
end

-- The text of a value inside a table: objects in one line.
function plain(value, depth, open)
  local kind = type(value)
  if kind == "string" then return depth == 0 and own_text(value) or quoted(value) end
  if kind == "number" then return number_text(value) end
  if kind == "table" and strict.is_library(value) then return M.library_text(value, depth > 0) end
  if kind == "table" and not rawget(debug.getmetatable(value) or {}, "__tostring") then
    return table_text(value, depth, open)
  end
  if kind == "function" then return M.function_text(value, depth > 0) end
  if kind == "userdata" and value == require "moonstem.core.io".null then return "null" end
  local ok, text = pcall(tostring, value)
  text = ok and text:gsub("^moonstem%.([%a_]+): 0x%x+$", "%1") or kind
  return depth == 0 and lines(text) or text:match "^[^\n]*"
end

--- Letters in a line of the terminal, at most 100.
function M.width()
  return math.min(require "moonstem.core.sys".columns(), 100)
end

--- The text of a value, never more than a screen or two.
function M.text(value)
  local text
  for _, most in ipairs(ITEMS) do
    items = most
    text = plain(value, 0, {})
    if type(value) ~= "table" or select(2, text:gsub("\n", "")) < ROWS then break end
  end
  return text
end

return M
