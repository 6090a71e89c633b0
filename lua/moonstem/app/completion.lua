--- What Tab offers: names of variables, fields and methods, of options and the words that they may
-- be, of the parts of networks, and of files.
local help = require "moonstem.app.help"
local kinds = require "moonstem.app.completion.kinds"
local known_options = require "moonstem.app.completion.known_options"
local paths = require "moonstem.app.completion.paths"
local reach = require "moonstem.app.reach"
local tokens = require "moonstem.app.completion.tokens"
local values = require "moonstem.app.values"

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

local function fields(list, i, start)
  local mark, found, public = list[i].text, {}, {}
  local guess = kinds.ending(list, i - 1)
  local value = guess and kinds.example(guess)
  if value == nil then return {} end
  names_of(value, found, 0)
  for name in pairs(found) do
    if fits(value, name, mark) and reach.is_public((guess.path or "") .. mark .. name) then
      public[name] = true
    end
  end
  return starting(public, start)
end

-- Variables, among them those that the text itself names, and keywords.
local function globals(list, start)
  local found = {}
  names_of(_G, found, 0)
  for name in pairs(found) do
    if not fits(_G, name, ".") then found[name] = nil end
  end
  for i, word in ipairs(list) do
    local before = list[i - 1] and list[i - 1].text
    if word.kind == "name" and before ~= "." and before ~= ":" then found[word.text] = true end
  end
  for word in pairs(tokens.KEYWORDS) do found[word] = true end
  return starting(found, start)
end

-- ---- inside a call -----------------------------------------------------------------------------
-- A guess at the function in whose call the bracket at place i stands: f{, f(, f(a, {.
local function called(list, i)
  if not i then return nil end
  local open = i
  if list[i].text == "{" and not kinds.ends_value(list[i - 1]) then
    open = tokens.open_bracket(list, i - 1)
    if not open or list[open].text ~= "(" then return nil end
  end
  if list[open].text == "[" or not kinds.ends_value(list[open - 1]) then return nil end
  return kinds.ending(list, open - 1)
end

-- Names of options that stand in a table already.
local function given(list, open)
  local names = {}
  for k = open + 1, #list - 1 do
    if list[k].kind == "name" and list[k + 1].text == "=" then names[list[k].text] = true end
  end
  return names
end

-- NAME = for each option of a call that is not given yet, where a table's entry begins.
local function option_names(list, start)
  local open, last = tokens.open_bracket(list, #list), list[#list]
  if not open or list[open].text ~= "{" or not last.text:find "^[{,;]$" then return {} end
  local guess = called(list, open)
  local there, names = given(list, open), {}
  for name in pairs(guess and known_options.of(guess) or {}) do
    if not there[name] then names[name .. " = "] = true end
  end
  return starting(names, start)
end

-- The words that an option may be, where its value begins: { NAME = .
local function choices(list)
  local name, sign = list[#list - 1], list[#list]
  if not sign or sign.text ~= "=" or sign.kind ~= "sign" or name.kind ~= "name" then return {} end
  local open = tokens.open_bracket(list, #list)
  local guess = open and list[open].text == "{" and called(list, open)
  local option = guess and known_options.of(guess)[name.text]
  return option and option.choices or {}
end

-- ---- inside quotes -----------------------------------------------------------------------------
-- Whether a value is a part of a network or a list of them.
local function holds_parts(value)
  local is_part = require "moonstem.net.parts".is_part
  if type(value) ~= "table" then return false end
  return is_part(value) or getmetatable(value) == nil and is_part(value[1])
end

-- The parts of a network by their paths, such as "encoder.2.conv", one name further than `start`.
local function parts_of(list, start)
  local guess = called(list, tokens.open_bracket(list, #list))
  local network = guess and guess.receiver
  if not network or kinds.kind_of(network) ~= "module" or not network.value then return {} end
  local path = start:match "^(.*%.)[^.]*$" or ""
  local part = network.value
  for name in path:gmatch "[^.]+" do
    part = type(part) == "table" and rawget(part, math.tointeger(name) or name) or nil
  end
  local names = {}
  for name, inner in next, type(part) == "table" and part or {} do
    if holds_parts(inner) then names[path .. name] = true end
  end
  return starting(names, start)
end

local function within_quotes(list, open, text, cursor)
  local quote = text:sub(open.from, open.from)
  local closed = text:sub(cursor + 1, cursor + 1) == quote
  local words = {}
  for _, word in ipairs(choices(list)) do words[word .. (closed and "" or quote)] = true end
  local found = starting(words, open.text)
  if #found == 0 then found = parts_of(list, open.text) end
  return #found > 0 and found or paths.within(open.text, quote, closed)
end

-- ---- all ---------------------------------------------------------------------------------------
local INDENT = "  "

-- How the function is called in whose parentheses an argument may begin, or nil.
local function call_text(list)
  local open, last = tokens.open_bracket(list, #list), list[#list]
  local guess = open and list[open].text == "(" and (last.text == "(" or last.text == ",")
    and called(list, open)
  if not guess then return nil end
  local name = kinds.name_of(guess)
  if name then return help.short(name) end
  return type(guess.value) == "function" and values.text(guess.value) or nil
end

-- What may stand at the end of a list of words, the last of which begins with `start`; and a hint.
local function bare(list, start)
  local last = list[#list]
  if last and last.kind == "sign" and (last.text == "." or last.text == ":") then
    return fields(list, #list, start)
  end
  local words = {}
  if start == "" then
    for _, word in ipairs(choices(list)) do words[('"%s"'):format(word)] = true end
    local hint = call_text(list)
    if hint then return {}, hint end
  end
  if not next(words) then
    for _, name in ipairs(option_names(list, start)) do words[name] = true end
  end
  return next(words) and starting(words, start) or globals(list, start)
end

--- completion.at(text, cursor) -> list, from, to, hint
-- What the text could go on with where a cursor stands behind its first `cursor` bytes: a list of
-- replacements of text:sub(from, to), in the order of the alphabet; to = cursor. Where a call's
-- argument may begin there is none, but a hint: how the function is called. Runs nothing: it reads
-- fields, help and folders.
function M.at(text, cursor)
  local head = text:sub(1, cursor)
  local list, open = tokens.of(head)
  if open and open.kind == "comment" then return {}, cursor + 1, cursor end
  if open then return within_quotes(list, open, text, cursor), open.inside, cursor end
  if head:match "[^\n]*$":match "^%s*$" then return { INDENT }, cursor + 1, cursor end
  local last, start = list[#list], ""
  if (last.kind == "name" or last.kind == "keyword") and last.to == cursor then
    start = last.text
    list[#list] = nil
  end
  local found, hint = bare(list, start)
  return found, cursor + 1 - #start, cursor, hint
end

return M
