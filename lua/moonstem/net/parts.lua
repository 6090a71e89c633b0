--- What a module is made of, read from its fields whenever somebody asks: a layer that was put in
-- place of another, a list that grew, a field that was set to nil count from the next call on.
local layer = require "moonstem.net.layer"

local M = {}

M.Module = {} -- the class of modules, which net.lua fills

local OWN = {} -- the last three: where the module stands in the one above
for name in ([[name forward order input options path recomputes definition watched under field
  index]])
  :gmatch "%S+" do
  OWN[name] = true
end

--- Whether modules have a field of this name for themselves.
function M.is_own(name) return OWN[name] or false end

function M.is_module(value) return getmetatable(value) == M.Module end

--- Whether a value is a module or a layer.
function M.is_part(value) return M.is_module(value) or layer.is_layer(value) end

local function is_plain(value)
  return type(value) == "table" and getmetatable(value) == nil
end

-- Whether a field that `order` does not name holds parts: one, a list that begins with one, or
-- parts by name.
local function holds_parts(value)
  if M.is_part(value) then return true end
  if not is_plain(value) then return false end
  if value[1] ~= nil then
    return M.is_part(value[1]) or (value[1] ~= value and holds_parts(value[1]))
  end
  for _, inner in next, value do
    if M.is_part(inner) then return true end
  end
  return false
end

-- Names of the fields with parts: those of `order` in its order, then the others.
local function names_of(self)
  local names, named = {}, {}
  for k, name in ipairs(self.order) do names[k], named[name] = name, true end
  local others = {}
  for key, value in next, self do
    local other = type(key) == "string" and not OWN[key] and not named[key]
    if other and holds_parts(value) then others[#others + 1] = key end
  end
  table.sort(others)
  return table.move(others, 1, #others, #names + 1, names)
end

-- Keys of a list or of a table by name, numbers first.
local function keys_of(list)
  local keys = {}
  for key in next, list do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if math.type(a) == math.type(b) then return a < b end
    return type(a) == "number"
  end)
  return keys
end

local function refuse(self, name, value)
  local meta = type(value) == "userdata" and debug.getmetatable(value)
  local got = meta and meta.__name and meta.__name:match "[^.]*$" or type(value)
  error(("%s: %s must be a layer of ms.nn, a module, a list of these or a function, got %s")
    :format(self.path, name, got), 0)
end

local each -- calls visit(name, part) for what a table holds under a key

local function each_in(self, list, prefix, visit, above)
  if above[list] then return end
  above[list] = true
  for _, key in ipairs(keys_of(list)) do
    each(self, list, key, prefix .. "." .. tostring(key), visit, above)
  end
  above[list] = nil
end

function each(self, holder, key, name, visit, above)
  local value = rawget(holder, key)
  if M.is_part(value) then visit(name, value)
  elseif is_plain(value) then each_in(self, value, name, visit, above)
  elseif value ~= nil and type(value) ~= "function" then refuse(self, name, value)
  end
end

--- Calls visit(name, child) for every layer and module that a module holds itself, in order. Raises
-- about anything else in their place.
function M.each_child(self, visit)
  for _, name in ipairs(names_of(self)) do each(self, self, name, name, visit, {}) end
end

--- Calls visit(path, child, first) for every layer and module below under all of its names, each
-- module before what it holds. first: the name under which it came before; nil where it is new.
function M.walk_all(self, visit)
  local met, above = {}, {}
  local function go(module, prefix)
    above[module] = true
    M.each_child(module, function(name, child)
      local path = prefix .. name
      if above[child] then return end -- it holds itself
      visit(path, child, met[child])
      met[child] = met[child] or path
      if M.is_module(child) then go(child, path .. ".") end
    end)
    above[module] = nil
  end
  go(self, "")
end

--- Calls visit(path, layer) for every layer below, once.
function M.walk(self, visit)
  M.walk_all(self, function(path, child, first)
    if not first and layer.is_layer(child) then visit(path, child) end
  end)
end

-- Whether a child was told that it stands here.
local function is_placed(child, path, field, index)
  return M.is_part(child) and child.under == path and child.field == field and child.index == index
end

-- Whether all parts of a module are where they were: every call asks, so this makes nothing.
local function is_settled(self)
  local path = self.path
  for _, name in ipairs(self.order) do
    local kind = type(rawget(self, name))
    if kind == "number" or kind == "string" or kind == "boolean" then return false end
  end
  for field, value in next, self do
    local kind = OWN[field] and "own" or type(value)
    local is_part = kind == "table" and not is_plain(value)
    if kind == "userdata" or (is_part and not is_placed(value, path, field)) then
      return false
    elseif kind == "table" and is_plain(value) then
      for index, inner in next, value do
        if type(inner) ~= "function" and not is_placed(inner, path, field, index) then
          return false
        end
      end
    end
  end
  return true
end

--- Tells the children of a module where they are, for errors: under the first of their names.
function M.place(self)
  if is_settled(self) then return end
  local placed = {}
  M.each_child(self, function(name, child)
    if placed[child] then return end
    local field, index = name:match "^([^.]*)%.?(.*)$"
    child.path, placed[child] = self.path .. "." .. name, true
    child.under, child.field, child.index = self.path, field,
      math.tointeger(index) or (index ~= "" and index or nil)
  end)
end

--- The same for everything below.
function M.place_all(self, path)
  self.path = path
  M.walk_all(self, function(below, child, first)
    if not first then child.path = path .. "." .. below end
  end)
end

--- A copy of a list of parts, and of the lists in it; anything else as it is.
function M.copy(value, copies)
  if not is_plain(value) then return value end
  copies = copies or {}
  if copies[value] then return copies[value] end
  copies[value] = {}
  for key, inner in next, value do copies[value][key] = M.copy(inner, copies) end
  return copies[value]
end

--- The parts of a module in words: "encoder x6".
function M.in_words(self)
  local words = {}
  for k, name in ipairs(names_of(self)) do
    local value = rawget(self, name)
    words[k] = is_plain(value) and ("%s x%d"):format(name, #keys_of(value)) or name
  end
  return table.concat(words, ", ")
end

return M
