--- How two tables of settings differ, path by path: schedule.phases[1].lr 0.001 / 0.002.
local core_io = require "moonstem.core.io"

local M = {}

local LONG = 60 -- letters of a value in a message

-- A number in as few digits as bring it back.
local function digits(x)
  if math.type(x) == "integer" then return tostring(x) end
  local short = ("%.15g"):format(x)
  return tonumber(short) == x and short or ("%.17g"):format(x)
end

local function text_of(value)
  if value == nil or value == core_io.null then return "nothing" end
  return type(value) == "number" and digits(value) or core_io.json_encode(value)
end

-- Two texts cut to LONG letters that hold the first letter in which they differ.
local function cut(a, b)
  local at = 1
  while at <= #a and a:byte(at) == b:byte(at) do at = at + 1 end
  local first = math.max(1, at - LONG // 2)
  local function part(text)
    if #text <= LONG then return text end
    local piece = text:sub(first, first + LONG - 1)
    return (first > 1 and "..." or "") .. piece .. (first + LONG <= #text and "..." or "")
  end
  return part(a), part(b)
end

-- Names and list places of two tables, in order.
local function keys_of(a, b)
  local seen, keys = {}, {}
  for _, t in ipairs { a, b } do
    for key in pairs(t) do
      if not seen[key] then seen[key], keys[#keys + 1] = true, key end
    end
  end
  table.sort(keys, function(x, y)
    if math.type(x) and math.type(y) then return x < y end
    return tostring(x) < tostring(y)
  end)
  return keys
end

local function path_to(path, key)
  if math.type(key) then return ("%s[%d]"):format(path, key) end
  return path == "" and key or path .. "." .. key
end

local function collect(list, path, a, b)
  if a == b or (a ~= a and b ~= b) then return end
  if type(a) == "table" and type(b) == "table" then
    for _, key in ipairs(keys_of(a, b)) do collect(list, path_to(path, key), a[key], b[key]) end
    return
  end
  local old, new = cut(text_of(a), text_of(b))
  list[#list + 1] = { path = path, old = old, new = new }
end

--- The differences between two JSON-able tables: a list of { path =, old =, new = (texts) }, in the
-- order of the paths; 1 and 1.0 are equal, and so are empty tables.
function M.between(old, new)
  local list = {}
  collect(list, "", core_io.json_decode(core_io.json_encode(old)),
    core_io.json_decode(core_io.json_encode(new)))
  return list
end

--- "PATH = OLD, but now it is NEW" of the first difference, and what else differs, for a message.
function M.sentence(list)
  local others = {}
  for i = 2, math.min(#list, 4) do
    others[#others + 1] = ("%s %s / %s"):format(list[i].path, list[i].old, list[i].new)
  end
  if #list > 4 then others[#others + 1] = ("%d more"):format(#list - 4) end
  return ("%s = %s, but now it is %s%s"):format(list[1].path, list[1].old, list[1].new,
    #others > 0 and (" (and %s)"):format(table.concat(others, ", ")) or "")
end

return M
