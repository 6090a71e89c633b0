--- What Tab offers at the prompt: names of variables, fields and methods.
local reach = require "moonstem.app.reach"

local M = {}

local KEYWORDS = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function",
  "goto", "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until",
  "while" }

-- The keys of a table, those of ms included, whose libraries load when they are first used.
local function collect(t, found)
  local ok = pcall(function()
    for key in pairs(t) do found[key] = true end
  end)
  if ok then return end
  for key in next, t do found[key] = true end
end

-- Adds the names that value.NAME or value:NAME could mean; inherited ones, too.
local function names_of(value, found, depth)
  if type(value) == "table" then
    collect(value, found)
    local parts = rawget(value, "child") -- of a network
    if type(parts) == "table" then collect(parts, found) end
  end
  local meta = debug.getmetatable(value)
  local index = type(meta) == "table" and rawget(meta, "__index")
  if type(index) == "function" then -- fields that are computed; its first upvalue holds the methods
    local _, upvalue = debug.getupvalue(index, 1)
    index = upvalue
  end
  if type(index) == "table" and depth < 8 then names_of(index, found, depth + 1) end
end

local function fits(value, name, mark)
  if type(name) ~= "string" or not name:match "^[%a_][%w_]*$" or name:match "^__" then
    return false
  end
  if mark ~= ":" then return true end
  local ok, field = pcall(function() return value[name] end)
  return ok and type(field) == "function"
end

--- Whole words that begin with text: "ms.au" -> {"ms.audio"}. Runs nothing but field access.
function M.words(text)
  local path, mark, start = text:match "^(.-)([%.:])([%w_]*)$"
  local found, list = {}, {}
  local value = _G
  if path then value = reach.follow(_G, path) else path, mark, start = "", "", text end
  if value == nil or (mark ~= "" and path == "") then return list end
  names_of(value, found, 0)
  if mark == "" then
    for _, word in ipairs(KEYWORDS) do found[word] = true end
  end
  for name in pairs(found) do
    local whole = path .. mark .. tostring(name)
    if tostring(name):sub(1, #start) == start and fits(value, name, mark)
      and reach.is_public(whole) then
      list[#list + 1] = whole
    end
  end
  table.sort(list)
  return list
end

return M
