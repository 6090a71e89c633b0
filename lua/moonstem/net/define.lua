--- Networks that declare themselves: a name, the options and how it is built. A checkpoint holds
-- the name and the options of its model, so whoever knows the definition can build the model
-- again.
local digest = require "moonstem.sys.digest"
local find = require "moonstem.net.find"
local options_of = require "moonstem.options"
local parts = require "moonstem.net.parts"
local sys = require "moonstem.core.sys"

local M = {}

local LIBRARY = debug.getinfo(1, "S").source:match "^@(.*/)net/define%.lua$"
local FOUND = {} -- thrown where the definition that somebody waits for has been met

local KNOWN = { name = options_of.string, options = {}, build = options_of.callable }

local definitions = {} -- name -> definition
local awaited          -- the name that M.run waits for

--- The hash of a file as it is now; nil where it cannot be read.
function M.hash(path)
  local text = sys.read_file(path)
  return text and digest(text)
end

-- The file of a user's definition, and its hash; nothing for the library's own and for what was
-- typed.
local function source_of(build)
  local path = debug.getinfo(build, "S").source:match "^@(.+)$"
  if not path or path:sub(1, #LIBRARY) == LIBRARY then return nil end
  path = sys.absolute(path)
  return path, M.hash(path)
end

local function maker(definition)
  return function(o)
    local options = options_of(o, definition.name, definition.options)
    local model = definition.build(options)
    if not parts.is_module(model) then
      error(("%s: build must return a module, got %s"):format(definition.name, type(model)), 2)
    end
    model.options, model.definition = options, definition
    return model
  end
end

--- net.define{name =, options = {NAME = default or kind}, build = function(o) -> module} -> the
-- function that makes it A network by name: make{...} checks the options as ms.options does, fills
-- in the defaults and calls build with them. The module keeps them as m.options, as build leaves
-- them; option `seed` says what a network starts from and is no part of what it is. Options are
-- what a checkpoint can hold: numbers, words, flags, tables of these, and modules that were
-- defined themselves. ms.lab.load and `moonstem tag` build such a model again: in a script of
-- one's own, the file is run up to the definition, if it is as it was. One that `moonstem tag`
-- reads has input = {frames, 256}.
function M.define(spec)
  local definition = options_of(spec, "net.define", KNOWN)
  local name = definition.name
  if not name or not definition.build then error("net.define: name and build are needed", 2) end
  if not name:find "^[%a_][%w_]*$" then
    error(("net.define: %q is no name of letters and digits"):format(name), 2)
  end
  definition.file, definition.hash = source_of(definition.build)
  if definition.file and find.module(name) then
    error(("net.define: %s is a network of ms.models; take another name"):format(name), 2)
  end
  definition.make = maker(definition)
  definitions[name] = definition
  if awaited == name then error(FOUND, 0) end
  return definition.make
end

--- The definition of that name which somebody has made in this process, or nil.
function M.find(name) return definitions[name] end

--- Runs a file up to the definition of a name: the definition, or nil and a message.
function M.run(file, name)
  local chunk, why = loadfile(file, "t")
  if not chunk then return nil, why end
  local before, arguments = awaited, _G.arg
  awaited, _G.arg, definitions[name] = name, { [0] = file }, nil
  local ok, thrown = pcall(chunk)
  awaited, _G.arg = before, arguments
  if not ok and thrown ~= FOUND then return nil, tostring(thrown) end
  if not definitions[name] then return nil, ("%s defines no network %s"):format(file, name) end
  return definitions[name]
end

-- ---- what a model is, as a JSON-able table ---------------------------------------------------
local plain

local function plain_table(value, who)
  local new = {}
  for key, inner in pairs(value) do new[key] = plain(inner, ("%s.%s"):format(who, key)) end
  return new
end

local HELD = { number = true, string = true, boolean = true }

-- An option as a checkpoint holds it. Raises for what it cannot hold.
function plain(value, who)
  if parts.is_module(value) then return M.config(value) end
  if type(value) == "table" and not getmetatable(value) then return plain_table(value, who) end
  if HELD[type(value)] then return value end
  error(("%s is a %s, which no checkpoint holds"):format(who, type(value)), 0)
end

--- { defined = name, options =, file =, hash = } of a model, as it was made: parts that were put in
-- place of others since are not in it. Raises for one that was not defined, and for options that
-- no checkpoint can hold.
function M.config(model)
  local definition = parts.is_module(model) and rawget(model, "definition")
  if not definition then
    local what = parts.is_module(model) and model.name or type(model)
    error(what .. " was not made by net.define", 0)
  end
  local options = {}
  for name, value in pairs(model.options) do
    local default = definition.options[name] == value and type(value) == "function"
    if name ~= "seed" and not default then
      options[name] = plain(value, definition.name .. "." .. name)
    end
  end
  return { defined = definition.name, options = options, file = definition.file,
    hash = definition.hash }
end

return M
