--- What a model is, as a JSON-able table, and the model built again from it: checkpoints carry it.
local define = require "moonstem.net.define"
local find = require "moonstem.net.find"
local naming = require "moonstem.naming"
local options_of = require "moonstem.options"
local renamed = require "moonstem.renamed"

local M = {}

--- { defined = "separator", options = ... } of a model that net.define made, as it was made: parts
-- that were put in place of others since are not in it. nil and a sentence for any other object.
function M.describe(model)
  local ok, spec = pcall(define.config, model)
  if ok then return spec end
  return nil, spec
end

-- ---- files of before there was net.define ----------------------------------------------------
local function unet_of(o) return { defined = "unet", options = o } end

local function tail_of(o)
  return { defined = o.kind == "ast" and "ast_tail" or "cnn_tail", options = o }
end

--- kind -> the options as they are now.
local OLD = {
  unet = options_of.merge,
  separator = function(o) return { unet = unet_of(o.unet) } end,
  tail_model = function(o) return { tail = tail_of(o.tail), mixture = o.mixture } end,
  tagger = function(o) -- some name the variant alone
    return options_of.merge(o, { unet = unet_of(o.unet), classes = o.tail.classes })
  end,
}

-- A description with the present names of networks and options.
local function named_now(value)
  if type(value) ~= "table" then return value end
  local new = {}
  for key, inner in pairs(value) do new[key] = named_now(inner) end
  if type(new.defined) == "string" and type(new.options) == "table" then
    new.defined = renamed.name("ms.models", new.defined, true) or new.defined
    renamed.options(new.options, new.defined, {}, true)
  end
  return new
end

-- A description as it is written now.
local function renewed(spec)
  local old = OLD[spec.kind]
  if spec.defined or not old then return named_now(spec) end
  local options = old(spec)
  options.kind = nil
  return named_now { defined = spec.kind, options = options }
end

-- ---- finding the definition ------------------------------------------------------------------
local HOW = 'name the script that defines it (--define FILE; in scripts { define = "FILE" })'

-- The definition of a name in a script that the user names.
local function in_script(name, file)
  local definition, why = define.run(file, name)
  return definition, why and ("the script that should define %s: %s"):format(name, why)
end

-- The definition in the script that the checkpoint tells, if it is there as it was.
local function in_recorded(spec)
  local name, file = spec.defined, spec.file
  if not file then return nil, ("no network %s is known here; %s"):format(name, HOW) end
  local hash, was = define.hash(file), ("%s was defined in %s, which "):format(name, file)
  if not hash then return nil, was .. "cannot be read; " .. HOW end
  if hash ~= spec.hash then
    return nil, was .. "has changed since; look whether it is still this network, and " .. HOW
  end
  return in_script(name, file)
end

-- The definition of what a checkpoint holds: the library's, the script's that is named, one made in
-- this process (its script may have changed since: that is told), or the recorded script's.
local function definition_of(spec, script)
  local name = spec.defined
  if type(name) ~= "string" or not name:find "^[%a_][%w_]*$" then
    return nil, ("no network %s is known here"):format(tostring(spec.defined or spec.kind))
  end
  local module = find.module(name)
  if module then
    require(module)
    return define.find(name)
  end
  if script then return in_script(name, script) end
  local definition = define.find(name)
  if not definition then return in_recorded(spec) end
  if definition.hash ~= spec.hash then
    io.stderr:write(("note: %s is defined in %s otherwise than when the checkpoint was written\n")
      :format(name, definition.file or "this session"))
  end
  return definition
end

-- ---- building --------------------------------------------------------------------------------
local made -- the value of an option: modules are built, tables copied. Raises a sentence.

local function model_of(spec, script)
  local definition, why = definition_of(spec, script)
  if not definition then error({ why }, 0) end
  return definition.make(made(spec.options, script))
end

function made(value, script)
  if type(value) ~= "table" then return value end
  if value.defined then return model_of(value, script) end
  local new = {}
  for key, inner in pairs(value) do new[key] = made(inner, script) end
  return new
end

--- The model of such a table, freshly initialised; nil and a sentence for a name that is not known,
-- and for options that fit none. script: the file that defines what the library does not, whether
-- it is the recorded one or not.
function M.build(spec, script)
  if type(spec) ~= "table" then return nil, "its description of the model is no table" end
  local ok, model = pcall(function() return model_of(renewed(spec), script) end)
  if ok then return model end
  if type(model) == "table" then return nil, model[1] end
  return nil, ("its description makes no model (%s)"):format(naming.reason(model))
end

--- A description, also one of before there was net.define, as M.describe gives it now.
function M.current(spec)
  local model = spec and spec.kind and M.build(spec)
  return model and M.describe(model) or named_now(spec)
end

return M
