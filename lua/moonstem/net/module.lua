--- Modules: named children around a forward function.
-- A module is called like a function, owns the parameters of its children under dotted names
-- (`encoder.2.conv.1.weight`), and releases everything but its results when it returns.
local core = require "moonstem.core.tensor"
local layer = require "moonstem.net.layer"
local look = require "moonstem.net.look"
local named = require "moonstem.net.named"
local options_of = require "moonstem.options"
local parts = require "moonstem.net.parts"
local strict = require "moonstem.strict"
local watching = require "moonstem.net.watch"

local M = {}
local Module, walk = parts.Module, parts.walk
Module.__index = Module
Module.__name = "moonstem.module"

local function check_names_of(spec)
  for _, name in ipairs(spec.order) do
    if spec[name] == nil then
      error(("%s: order names %s, but there is no such child"):format(spec.name, name), 3)
    end
    if parts.is_own(name) then
      error(("%s: a child cannot be called %s, which modules have for themselves"):format(spec.name,
        name), 3)
    end
  end
  for name in pairs(spec) do
    if Module[name] ~= nil then
      error(("%s: %s is a method of modules and cannot be a field"):format(spec.name, name), 3)
    end
  end
end

--- net.module{name =, forward = function(self, ...) ... end, order = {names}, NAME = child, ...}
-- Children are layers of ms.nn, modules, lists of these, or functions, which have no parameters;
-- `order` says which come first in lists of parameters. They are fields of the module and may be
-- changed at any time: m.fc = another layer, m.block[2] = nil, m.extra = a new one; all that
-- follows is about those that are there then. An optimizer goes on with the parameters that it was
-- made with: make it after the change. A child under two names is one child: it is listed, counted,
-- stepped and saved once, under the first. Other fields of the table become fields of the module.
-- `input` (sizes without the batch) is what summary() shows by default.
function M.new(spec)
  if type(spec) ~= "table" or type(spec.name) ~= "string" or type(spec.forward) ~= "function"
      or type(spec.order) ~= "table" then
    error("net.module: name (a string), forward (a function) and order (a list of names) are \z
      needed", 2)
  end
  check_names_of(spec)
  local self = setmetatable({ options = {} }, Module)
  for key, value in pairs(spec) do self[key] = value end
  for _, name in ipairs(spec.order) do self[name] = parts.copy(spec[name]) end
  parts.place_all(self, spec.name)
  return self
end

local function kept(self, scope, ok, ...)
  if not ok then layer.raise(self.path, (...)) end
  return scope:keep(...)
end

local function forward(self, ...)
  parts.place(self)
  return self.forward(self, ...)
end

local function run_scoped(self, ...)
  local scope <close> = core.scope()
  return kept(self, scope, pcall(forward, self, ...))
end

local function run(self, ...)
  if rawget(self, "watched") then return layer.tell(self, run_scoped(self, ...)) end
  return run_scoped(self, ...)
end

function Module:__call(...)
  if not self.recomputes or layer.listener then return run(self, ...) end
  return core.recompute(function(...) return run(self, ...) end, self:parameters(), ...)
end

--- Draws all kernels from (seed, parameter name) alone: adding a layer moves nothing else.
-- @return the module
function Module:init(seed)
  walk(self, function(name, u) u:reset(seed, name) end)
  return self
end

--- m:parameters() -> ordered list of {name =, value =}: what training changes. Frozen ones are not
-- in it.
function Module:parameters()
  local list = {}
  walk(self, function(path, u)
    for _, p in ipairs(u:parameters()) do
      list[#list + 1] = { name = path .. "." .. p.name, value = p.value }
    end
  end)
  return list
end

--- m:freeze("unet", "tail.block.1") holds the weights of these parts as they are from now on:
-- m:parameters() lacks them, and backward works out no gradients for them. m:freeze() holds all. A
-- name that no part has is a pattern of Lua's that fits names from end to end:
-- m:freeze "tail%.block%.[1-3]".
-- Batch norm in a frozen part still normalises by the batch while training, and its running
-- statistics follow the data. Raises for an unknown part.
-- @return the module
function Module:freeze(...)
  return named.each_layer(self, "freeze", function(child) child:freeze() end, ...)
end

--- m:unfreeze("tail.block.1") lets the weights of these parts learn again; m:unfreeze() all. Names
-- as those of m:freeze. An optimizer goes on with the parameters that it was made with.
-- @return the module
function Module:unfreeze(...)
  return named.each_layer(self, "unfreeze", function(child) child:unfreeze() end, ...)
end

--- m:watch(function(name, y, ...) end) -> a function that ends it: from now on it hears what each
-- layer and module of m, and m itself, gave, as soon as it did, under its name in m:parameters(). y
-- may be closed later: keep y:clone(). Parts are watched that are there now; those that a chain
-- runs as one operator run apart.
-- Raises what the function raises.
Module.watch = watching.watch

--- m:apply(function(part, name) end) calls it for every layer, then every module below, inner ones
-- first, and m itself.
-- @return the module
Module.apply = watching.apply

--- m:recompute("encoder", "tail.block.1"): these parts, modules or lists of them, keep their
-- arguments alone for backward, which computes the rest of them again: less memory, about a third
-- more time, the same numbers.
-- m:recompute() does so with m as a whole. Parts must give one tensor. Raises for an unknown part.
-- @return the module
function Module:recompute(...)
  if select("#", ...) == 0 then self.recomputes = true end
  for k = 1, select("#", ...) do
    local name, found = (select(k, ...)), false
    parts.walk_all(self, function(path, child)
      if layer.is_layer(child) or path ~= name and path:match "^(.*)%.%d+$" ~= name then return end
      child.recomputes, found = true, true
    end)
    if not found then named.no_such(self, "recompute", name) end
  end
  return self
end

--- m:tensors() -> ordered list of {name =, value =, trainable =}, running statistics too.
function Module:tensors()
  local list = {}
  walk(self, function(path, u)
    for _, p in ipairs(u:tensors()) do
      list[#list + 1] = { name = path .. "." .. p.name, value = p.value, trainable = p.trainable }
    end
  end)
  return list
end

--- m:count() -> trainable numbers, and the other ones (running statistics).
function Module:count()
  local trainable, other = 0, 0
  for _, t in ipairs(self:tensors()) do
    local n = t.value:count()
    if t.trainable then trainable = trainable + n else other = other + n end
  end
  return trainable, other
end

--- m:state() -> {[name] = tensor}, parameters and running statistics: the tensors themselves, each
-- under the first of its names; m:state { shared = true } gives them under all of their names.
function Module:state(options)
  options_of.check(options or {}, "state", { shared = false })
  local state, shared = {}, options and options.shared
  parts.walk_all(self, function(path, child, first)
    if not layer.is_layer(child) or first and not shared then return end
    for _, t in ipairs(child:tensors()) do state[path .. "." .. t.name] = t.value end
  end)
  return state
end

-- Second and further names of tensors -> the first one.
local function first_names(self)
  local names = {}
  parts.walk_all(self, function(path, child, first)
    if not first or not layer.is_layer(child) then return end
    for _, t in ipairs(child:tensors()) do names[path .. "." .. t.name] = first .. "." .. t.name end
  end)
  return names
end

--- The first name of `a` in order that `b` lacks, and how many there are.
local function first_missing(a, b)
  local names = {}
  for name in pairs(a) do
    if b[name] == nil then names[#names + 1] = tostring(name) end
  end
  table.sort(names)
  return names[1], #names
end

--- Raises unless the tensor called `name` can take the numbers of `from`.
local function check_tensor(who, name, own, from)
  local ok, shape = pcall(own.shape, from)
  if not ok then error(("%s: %s in the state is no open tensor"):format(who, name), 3) end
  if shape ~= own:shape() then
    error(("%s: %s is %s in the state but %s in the model"):format(who, name, shape, own:shape()),
      3)
  end
end

local function check_names(who, state, mine)
  local missing, lack = first_missing(mine, state)
  if missing then
    error(("%s: the state lacks %d of the model's tensors, first %s"):format(who, lack, missing), 3)
  end
  local unknown, count = first_missing(state, mine)
  if unknown then
    error(("%s: the state has %d tensors that the model lacks, first %s"):format(who, count,
      unknown), 3)
  end
end

local function same_numbers(a, b)
  local ok, same = pcall(function() return a:shape() == b:shape() and a:bytes() == b:bytes() end)
  return ok and same
end

-- The state with each tensor under the first of its names. Raises where it differs under two names
-- of one.
local function by_first_names(self, who, state)
  local first_of, whole = first_names(self), {}
  for name, value in pairs(state) do
    local first = first_of[name] or name
    if whole[first] ~= nil and not same_numbers(value, whole[first]) then
      error(("%s: %s is one tensor with another name of it in the model, but they differ in the \z
        state"):format(who, name), 3)
    end
    whole[first] = value
  end
  return whole
end

--- m:load(state, {strict = true}) copies tensors by name. Strict: every name on either side must
-- have its partner; otherwise names that are not shared stay as they are. Raises, before anything
-- changes, on names that do not fit and on a shape that differs.
-- @return how many tensors were copied
function Module:load(state, options)
  local who, mine, pairs_of = self.name .. ".load", self:state(), {}
  if type(state) ~= "table" then
    error(("%s: a state {name = tensor} is expected, got %s"):format(who, type(state)), 2)
  end
  options_of.check(options or {}, "load", { strict = true })
  state = by_first_names(self, who, state)
  if not options or options.strict ~= false then check_names(who, state, mine) end
  for _, t in ipairs(self:tensors()) do
    if state[t.name] ~= nil then
      check_tensor(who, t.name, t.value, state[t.name])
      pairs_of[t.value] = state[t.name]
    end
  end
  local copied = 0
  for own, from in pairs(pairs_of) do
    own:copy(from)
    copied = copied + 1
  end
  return copied
end

--- m:train() and m:eval(): the batch's or the running statistics; dropout on or off.
-- @return the module
function Module:train()
  walk(self, function(_, u) u:train() end)
  return self
end

function Module:eval()
  walk(self, function(_, u) u:eval() end)
  return self
end

--- m:evaluating(f, ...) -> f(...) with m in evaluation mode; then, also after an error, every layer
-- is in the mode in which it was before.
function Module:evaluating(f, ...)
  local training <close> = setmetatable({}, { __close = function(units)
    for _, u in ipairs(units) do u:train() end
  end })
  walk(self, function(_, u)
    if u:training() then training[#training + 1] = u end
  end)
  self:eval()
  return f(...)
end

-- ---- looking -----------------------------------------------------------------------------
--- m:trace([input]) -> list of {name, kind, shape, parameters, flops} of one call, and the total of
-- flops. A layer that is called twice has its parameters in its first row. input: as m:summary's.
Module.trace = look.trace

--- m:summary([input]) -> text: every layer's output shape, parameters and FLOPs (multiply-adds
-- counted as two, forward), and which layers are shared under two names. input: a size {batch, ...}
-- of zeros, by default {1, self.input...}; a tensor; or a function that calls m with all it takes.
Module.summary = look.summary

function Module:__tostring()
  return ("%s: %s parameters (%s)"):format(self.name, look.spaced((self:count())),
    parts.in_words(self))
end

strict.class(Module, "m",
  { "definition", "input", "recomputes", "watched", "under", "field", "index" })

return M
