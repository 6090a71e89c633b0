--- Composed modules: named children around a forward function.
-- A module is called like a function, owns the parameters of its children under dotted names
-- (`encoder.2.conv.1.weight`), and lets go of everything but its results when it returns.
local core = require "moonstem.core.tensor"

local net = {}

-- ---- units: one layer of the core, with the name that its errors carry ------------------
local Unit = {}
Unit.__index = Unit

--- Wraps a layer of ms.nn so that it knows its place; modules do this for their children.
local function unit(layer)
  return setmetatable({ layer = layer, path = layer:kind() }, Unit)
end

local function finish(self, ok, ...)
  if not ok then error(self.path .. ": " .. tostring((...)), 0) end
  if net.listener then net.listener(self, ...) end
  return ...
end

function Unit:__call(x)
  return finish(self, pcall(self.layer, x))
end

function Unit:train() self.layer:train() end
function Unit:eval() self.layer:eval() end

-- ---- modules -----------------------------------------------------------------------------
local Module = {}

--- Children by name; methods of the class; then what the maker put into `self`.
Module.__index = function(self, key)
  return Module[key] or rawget(self, "child")[key]
end

local function is_child(value)
  return getmetatable(value) == Module or getmetatable(value) == Unit
end

--- Layers become units; lists of children become lists of units and modules.
local function adopt(value)
  if type(value) == "userdata" then return unit(value) end
  if type(value) == "table" and not is_child(value) then
    local list = {}
    for k, v in ipairs(value) do list[k] = adopt(v) end
    return list
  end
  return value
end

--- Calls visit(name, child) for every unit and module below, in the order of the children.
local function walk_children(value, name, visit)
  if is_child(value) then return visit(name, value) end
  for k, v in ipairs(value) do walk_children(v, name .. "." .. k, visit) end
end

local function walk(self, prefix, visit)
  for _, name in ipairs(self.order) do
    walk_children(self.child[name], prefix .. name, function(path, child)
      if getmetatable(child) == Unit then visit(path, child) else walk(child, path .. ".", visit) end
    end)
  end
end

--- net.module{name =, forward = function(self, ...) ... end, order = {names}, NAME = child, ...}
-- Children are layers of ms.nn, modules, or lists of these; `order` says which come first in
-- lists of parameters. `input` (sizes without the batch) is what summary() shows by default.
function net.module(spec)
  local self = setmetatable({ name = spec.name, forward = spec.forward, order = spec.order,
    input = spec.input, child = {}, options = spec.options or {} }, Module)
  for _, name in ipairs(spec.order) do
    self.child[name] = adopt(assert(spec[name], spec.name .. ": no child called " .. name))
  end
  self:rename(spec.name)
  return self
end

--- Tells every unit the path that its errors carry.
function Module:rename(path)
  walk(self, path .. ".", function(name, u) u.path = name end)
end

function Module:__call(...)
  local scope <close> = core.scope()
  return scope:keep(self:forward(...))
end

--- Draws all kernels from (seed, parameter name) alone: adding a layer moves nothing else.
-- @return the module
function Module:init(seed)
  walk(self, "", function(name, u) u.layer:reset(seed, name) end)
  return self
end

--- m:parameters() -> ordered list of {name =, value =}: what training changes.
function Module:parameters()
  local list = {}
  walk(self, "", function(path, u)
    for _, p in ipairs(u.layer:parameters()) do
      list[#list + 1] = { name = path .. "." .. p.name, value = p.value }
    end
  end)
  return list
end

--- m:tensors() -> ordered list of {name =, value =, trainable =}, running statistics too.
function Module:tensors()
  local list = {}
  walk(self, "", function(path, u)
    for _, p in ipairs(u.layer:tensors()) do
      list[#list + 1] = { name = path .. "." .. p.name, value = p.value, trainable = p.trainable }
    end
  end)
  return list
end

--- m:count() -> trainable numbers, and the other ones (running statistics).
function Module:count()
  local trainable, other = 0, 0
  for _, t in ipairs(self:tensors()) do
    if t.trainable then trainable = trainable + t.value:count() else other = other + t.value:count() end
  end
  return trainable, other
end

--- m:state() -> {[name] = tensor}, parameters and running statistics: the tensors themselves.
function Module:state()
  local state = {}
  for _, t in ipairs(self:tensors()) do state[t.name] = t.value end
  return state
end

local function first_unknown(state, mine)
  local names = {}
  for name in pairs(state) do
    if not mine[name] then names[#names + 1] = name end
  end
  table.sort(names)
  return names[1], #names
end

--- m:load(state, {strict = true}) copies tensors by name. Strict: every name on either side must
-- have its partner; otherwise names that are not shared stay as they are. Raises on a shape that
-- differs. @return how many tensors were copied
function Module:load(state, options)
  core.options(options, "load", { "strict" })
  local strict = not options or options.strict ~= false
  local mine, copied = self:state(), 0
  for _, t in ipairs(self:tensors()) do
    local from = state[t.name]
    if from then
      local ok, message = pcall(t.value.copy, t.value, from)
      if not ok then error(self.name .. ".load: " .. t.name .. ": " .. message, 2) end
      copied = copied + 1
    elseif strict then
      error(("%s.load: the state has no %s"):format(self.name, t.name), 2)
    end
  end
  local unknown, count = first_unknown(state, mine)
  if strict and unknown then
    error(("%s.load: the state has %d tensors that the model lacks, first %s"):format(self.name, count, unknown), 2)
  end
  return copied
end

--- m:train() and m:eval(): the batch's or the running statistics; dropout on or off.
-- @return the module
function Module:train()
  walk(self, "", function(_, u) u:train() end)
  return self
end

function Module:eval()
  walk(self, "", function(_, u) u:eval() end)
  return self
end

-- ---- looking -----------------------------------------------------------------------------
--- Multiply-adds counted as two, of one call of a layer that gave y.
local function flops(layer, y)
  local weight = layer:parameters()[1]
  local kind = layer:kind()
  if kind == "conv2d" then
    local s = weight.value:size()
    return 2 * y:count() * s[1] * s[2] * s[3]
  elseif kind == "up_conv2d" then
    return 2 * y:count() * weight.value:size(3)
  elseif kind == "linear" then
    return 2 * y:count() * weight.value:size(1)
  end
  return 0
end

local function numbers_of(u)
  local n = 0
  for _, p in ipairs(u.layer:parameters()) do n = n + p.value:count() end
  return n
end

--- Thousands apart, for people: 3 921 061.
local function spaced(n)
  local text = ("%d"):format(n)
  return (text:reverse():gsub("(%d%d%d)", "%1 "):reverse():gsub("^ ", ""))
end

--- Runs f with a listener on every unit's results, in evaluation mode and without recording.
local function listening(listener, f)
  local before = net.listener
  net.listener = listener
  local ok, message = pcall(core.no_grad, f)
  net.listener = before
  if not ok then error(message, 0) end
end

--- m:trace{batch, ...} -> list of {name, kind, shape, parameters, flops} of one call on zeros
-- (of size {1, self.input...} by default), and the total of flops.
function Module:trace(size)
  if not size then
    size = { 1 }
    for _, n in ipairs(self.input) do size[#size + 1] = n end
  end
  local rows, total = {}, 0
  local _ <close> = core.scope()
  self:eval()
  listening(function(u, y)
    local work = flops(u.layer, y)
    rows[#rows + 1] = { name = u.path, kind = u.layer:kind(), shape = y:shape(), parameters = numbers_of(u), flops = work }
    total = total + work
  end, function() self(core.zeros(size)) end)
  self:train()
  return rows, total
end

--- m:summary([{batch, ...}]) -> text: every layer's output shape, parameters and FLOPs (multiply-
-- adds counted as two, forward).
function Module:summary(size)
  local rows, total = self:trace(size)
  local lines = { ("%-34s %-12s %-20s %14s %12s"):format("layer", "kind", "output", "parameters", "MFLOP") }
  for _, r in ipairs(rows) do
    lines[#lines + 1] = ("%-34s %-12s %-20s %14s %12.2f"):format(r.name, r.kind, r.shape, spaced(r.parameters), r.flops / 1e6)
  end
  local trainable, other = self:count()
  lines[#lines + 1] = ("%s: %s trainable parameters, %s running statistics, %.3f GFLOP forward"):format(
    self.name, spaced(trainable), spaced(other), total / 1e9)
  return table.concat(lines, "\n")
end

Module.__name = "moonstem.module"

function Module:__tostring()
  local trainable = self:count()
  local parts = {}
  for _, name in ipairs(self.order) do
    local child = self.child[name]
    parts[#parts + 1] = is_child(child) and name or ("%s x%d"):format(name, #child)
  end
  return ("%s: %s parameters (%s)"):format(self.name, spaced(trainable), table.concat(parts, ", "))
end

return net
