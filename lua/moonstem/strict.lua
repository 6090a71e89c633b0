--- Nothing is ignored: functions of a library that are given more than they take raise, and so does
-- a name that is not there, with the nearest one. The core's functions do the first by themselves
-- (core/bind/functions.c).
--   strict.module(table, "ms.audio")      the facade does so with all that `ms` reaches
--   strict.class(Class, "experiment")      one line below the methods of a class
local naming = require "moonstem.naming"
local options_of = require "moonstem.options"
local renamed = require "moonstem.renamed"
local words = require "moonstem.core.words"

local M = {}

local sealed = setmetatable({}, { __mode = "k" })  -- tables that are strict already
-- A function that counts its arguments -> what it calls.
local original = setmetatable({}, { __mode = "k" })

--- The function behind one that counts its arguments: for help and signatures.
function M.original(f) return original[f] or f end

--- f, which raises where it is given more than it takes, and whose errors tell its name; the first
-- `objects` arguments are not its caller's.
function M.counting(f, name, objects)
  local info = debug.getinfo(f, "uS")
  if info.what == "C" or original[f] then return f end
  local most = info.isvararg and math.huge or info.nparams
  local function call(...)
    if select("#", ...) > most then
      local why = words.surplus(name, most, objects, ...)
      if why then error(why, 2) end
    end
    return naming.told(name, pcall(f, ...))
  end
  original[call] = f
  return call
end

-- Raises about a name that is not there. known: the names that are, in a list or as keys.
local function no_such(what, separator, key, known, level)
  error(("%s.%s: there is no such name%s"):format(what, key,
    words.hint(key, known, what .. separator)), level + 1)
end

-- Whether a name is asked for by people; Lua itself, and those that look into values, ask for
-- "__name" and numbers.
local function is_word(key)
  return type(key) == "string" and key:sub(1, 2) ~= "__"
end

-- ---- libraries -------------------------------------------------------------------------------
-- Whether a table is a part of a library, not data: it holds a function and has no metatable.
local function is_library(value)
  if getmetatable(value) then return false end
  for key, inner in next, value do
    if type(key) == "string" and type(inner) == "function" then return true end
  end
  return false
end

--- What a library holds under a name, made strict: a function or a library inside it; anything else
-- as it is.
function M.entry(value, name)
  if type(value) == "function" then return M.counting(value, name, 0) end
  if type(value) == "table" and (sealed[value] or is_library(value)) then
    return M.module(value, name)
  end
  return value
end

--- Whether a table is a library that is strict already: a part of `ms`.
function M.is_library(value) return sealed[value] == true end

local function names_of(...)
  local names = {}
  for _, list in ipairs { ... } do
    for key in next, list do
      if tostring(key):sub(1, 1) ~= "_" then names[key] = true end
    end
  end
  return names
end

--- Makes a library strict, in place; returns it. later: a table whose keys are names that it loads
-- when they are asked for, by an __index function of its metatable; or a function that gives it.
-- That __index may give true behind a value that the library is not to hold under the name: it is
-- kept beside it, so that it is looked for once.
function M.module(library, name, later)
  if sealed[library] then return library end
  sealed[library] = true
  for key, value in next, library do library[key] = M.entry(value, name .. "." .. tostring(key)) end
  local meta = getmetatable(library) or {}
  local find, beside = meta.__index, {}
  local function look(_, key)
    if not is_word(key) then return nil end
    local value, passing
    if find then value, passing = find(library, key) end
    local new = value == nil and renamed.name(name, key)
    if new then return library[new] end
    if value == nil then
      no_such(name, ".", key,
        names_of(library, type(later) == "function" and later() or later or {}), 2)
    end
    if not passing then value = M.entry(value, name .. "." .. key) end
    rawset(passing and beside or library, key, value)
    return value
  end
  meta.__index = setmetatable(beside, { __index = look })
  return setmetatable(library, meta)
end

-- ---- classes ---------------------------------------------------------------------------------
local classes = setmetatable({}, { __mode = "k" }) -- metatables of strict objects

-- f, which raises where it is called on something that is no object of the class, as m.train() and
-- m.train(5) do. Objects without a strict class may borrow methods.
local function on_object(f, Class, name)
  local function call(self, ...)
    local meta = type(self) == "table" and getmetatable(self)
    if meta ~= Class and (type(meta) ~= "table" or classes[meta]) then
      error(("%s: a method is called with a colon on its object, got %s"):format(name,
        options_of.shown(self)), 2)
    end
    return f(self, ...)
  end
  original[call] = M.original(f)
  return call
end

-- The end of a message about a name that an object lacks: obj:method or obj.field.
local function hint_of(self, Class, what, key)
  local hint = words.hint(key, names_of(Class, self), what .. ":")
  local near = hint:match ":([%w_]+)%?$"
  return near and Class[near] == nil and hint:gsub(":([%w_]+)%?$", ".%1?") or hint
end

--- Makes a class strict, in place: its methods count their arguments, and reading a name that
-- neither the object nor the class has raises, but for the fields in `absent`, which an object may
-- lack. what: how messages call an object.
function M.class(Class, what, absent)
  local may_lack = {}
  for _, key in ipairs(absent or {}) do may_lack[key] = true end
  classes[Class] = true
  for key, value in next, Class do
    if is_word(key) and type(value) == "function" then
      local name = what .. ":" .. key
      Class[key] = on_object(M.counting(value, name, 1), Class, name)
    end
  end
  Class.__index = function(self, key)
    local value = Class[key]
    if value ~= nil or may_lack[key] or not is_word(key) then return value end
    local new = renamed.name(what, key)
    if new then return self[new] end
    error(("%s.%s: there is no such method or field%s"):format(what, key,
      hint_of(self, Class, what, key)), 2)
  end
  return Class
end

return M
