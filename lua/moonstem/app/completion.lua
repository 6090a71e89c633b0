--- What Tab offers: names of variables, fields and methods, files inside quotes.
local paths = require "moonstem.app.paths"
local reach = require "moonstem.app.reach"
local tokens = require "moonstem.app.tokens"

local M = {}

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

local function starting(found, start)
  local list = {}
  for name in pairs(found) do
    if type(name) == "string" and name:sub(1, #start) == start then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

-- The value of a chain of names that ends at place i, and how it is written.
local function value_before(list, i)
  local first = i
  while first > 2 and list[first - 1].text:find "^[%.:]$" and list[first - 2].kind == "name" do
    first = first - 2
  end
  if i < 1 or list[first].kind ~= "name" then return nil end
  local names = {}
  for k = first, i do names[#names + 1] = list[k].text end
  local path = table.concat(names)
  return reach.follow(_G, path), path
end

local function fields(list, i, start)
  local mark, found, public = list[i].text, {}, {}
  local value, path = value_before(list, i - 1)
  if value == nil then return {} end
  names_of(value, found, 0)
  for name in pairs(found) do
    if fits(value, name, mark) and reach.is_public(path .. mark .. name) then
      public[name] = true
    end
  end
  return starting(public, start)
end

local function globals(start)
  local found = {}
  names_of(_G, found, 0)
  for name in pairs(found) do
    if not fits(_G, name, ".") then found[name] = nil end
  end
  for word in pairs(tokens.KEYWORDS) do found[word] = true end
  return starting(found, start)
end

--- completion.at(text, cursor) -> list, from, to
-- What the text could go on with where a cursor stands behind its first `cursor` bytes: a list of
-- replacements of text:sub(from, to), in the order of the alphabet; to = cursor. Runs nothing but
-- field access.
function M.at(text, cursor)
  local list, open = tokens.of(text:sub(1, cursor))
  if open and open.kind == "comment" then return {}, cursor + 1, cursor end
  if open then
    local quote = text:sub(open.from, open.from)
    local closed = text:sub(cursor + 1, cursor + 1) == quote
    return paths.within(open.text, quote, closed), open.inside, cursor
  end
  local last, start = list[#list], ""
  if last and (last.kind == "name" or last.kind == "keyword") and last.to == cursor then
    start = last.text
    list[#list] = nil
    last = list[#list]
  end
  local from = cursor + 1 - #start
  if last and (last.text == "." or last.text == ":") and last.kind == "sign" then
    return fields(list, #list, start), from, cursor
  end
  return globals(start), from, cursor
end

return M
