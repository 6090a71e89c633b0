--- The variables that somebody made: who() at the prompt.
local text = require "moonstem.app.values"

local M = {}

local BYTES = { "B", "KiB", "MiB", "GiB", "TiB" }

local function size_text(bytes)
  local unit = 1
  while bytes >= 1024 and unit < #BYTES do bytes, unit = bytes / 1024, unit + 1 end
  return unit == 1 and ("%d B"):format(bytes) or ("%.1f %s"):format(bytes, BYTES[unit])
end

local function bytes_of(numbers)
  local double = require "moonstem.core.tensor".machine().real == "f64"
  return numbers * (double and 8 or 4)
end

local function short(value)
  local line = text.text(value):match "^[^\n]*"
  return #line > 60 and line:sub(1, 57) .. "..." or line
end

local function entries(t)
  local n = 0
  for _ in next, t do n = n + 1 end
  return n == 1 and "1 entry" or ("%d entries"):format(n)
end

-- The columns of a value: its kind, what there is to say, its bytes where it has numbers.
local function describe(value)
  local meta = debug.getmetatable(value)
  local kind = type(meta) == "table" and rawget(meta, "__name")
  kind = type(kind) == "string" and kind:gsub("^moonstem%.", "") or type(value)
  if kind == "tensor" then
    local shape = value:shape()
    return kind, shape == "" and "one number" or shape, bytes_of(value:count())
  elseif kind == "module" then
    local trained, others = value:count()
    return kind, short(value), bytes_of(trained + (others or 0))
  elseif kind == "string" then return kind, ("%d bytes"):format(#value)
  elseif type(value) == "table" and not (meta and rawget(meta, "__tostring")) then
    return kind, entries(value)
  end
  return kind, (short(value):gsub("^function [%w_%.]*", ""))
end

local function print_rows(rows)
  local width = { 0, 0, 0 }
  for _, row in ipairs(rows) do
    for i = 1, 3 do width[i] = math.max(width[i], utf8.len(row[i]) or #row[i]) end
  end
  for _, row in ipairs(rows) do
    local line = ""
    for i = 1, 3 do line = line .. row[i] .. (" "):rep(width[i] + 2 - (utf8.len(row[i]) or 0)) end
    print(((line .. row[4]):gsub("%s+$", "")))
  end
end

--- A function who() for a session in which the names in `known` were there before.
function M.new(known)
  --- who(): the variables that you made, with shapes and bytes; models with all their weights.
  return function()
    local names, rows, total = {}, {}, 0
    for name in next, _G do
      if type(name) == "string" and not known[name] then names[#names + 1] = name end
    end
    if #names == 0 then print "no variables yet" return end
    table.sort(names)
    for i, name in ipairs(names) do
      local kind, what, bytes = describe(rawget(_G, name))
      rows[i] = { name, kind, what, bytes and size_text(bytes) or "" }
      total = total + (bytes or 0)
    end
    print_rows(rows)
    if total > 0 then print(("%s of numbers in all"):format(size_text(total))) end
  end
end

return M
