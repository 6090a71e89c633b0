--- Composed modules: named children around a forward function.
-- A module is called like a function, owns the parameters of its children under dotted names
-- (`encoder.2.conv.1.weight`), and lets go of everything but its results when it returns.
local core = require "moonstem.core.tensor"
local words = require "moonstem.core.words"

local net = {}
local listener -- hears of every unit's results, or nil

-- ---- units: one layer of the core, with the name that its errors carry ------------------
local Unit = {}
Unit.__index = Unit

--- Wraps a layer of ms.nn so that it knows its place; modules do this for their children.
local function unit(layer)
  return setmetatable({ layer = layer, path = layer:kind() }, Unit)
end

--- Raises what a forward function raised, with the path in front. What comes from below carries a
-- longer path already; places inside this library help nobody who reads a path.
local function raise(path, thrown)
  if type(thrown) ~= "string" then error(thrown, 0) end
  local text = thrown:gsub("^[^\n:]*lua/moonstem/[%w_/]+%.lua:%d+: ", "")
  local below = text:sub(1, #path) == path and text:find("^[.:]", #path + 1)
  error(below and text or path .. ": " .. text, 0)
end

local function finish(self, ok, ...)
  if not ok then raise(self.path, (...)) end
  if listener then listener(self, ...) end
  return ...
end

function Unit:__call(x)
  return finish(self, pcall(self.layer, x))
end

--- What training changes in it.
function Unit:parameters() return self.frozen and {} or self.layer:parameters() end

function Unit:freeze()
  self.frozen = true
  for _, p in ipairs(self.layer:parameters()) do p.value:needs_grad(false) end
end

--- conv:after(norm, x) -> conv(norm(x)), as one operator; layer by layer where somebody listens.
function Unit:after(norm, x)
  if listener then return self(norm(x)) end
  local ok, y = pcall(self.layer.after, self.layer, norm.layer, x)
  if not ok then raise(tostring(y):find("^batch_norm:") and norm.path or self.path, y) end
  return y
end

--- norm:max_pool2d(x, ph, pw) -> norm(x):max_pool2d(ph, pw), likewise.
function Unit:max_pool2d(x, ph, pw)
  if listener then return self(x):max_pool2d(ph, pw) end
  return finish(self, pcall(self.layer.max_pool2d, self.layer, x, ph, pw))
end

function Unit:train() self.layer:train() end
function Unit:eval() self.layer:eval() end

--- net.last(x, y) -> y, a result of x; x, which nothing else will ask for, is let go of before its scope ends.
function net.last(x, y)
  if x ~= y then x:close() end
  return y
end

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

-- Calls visit(name, child) for every unit and module below, each module before what it holds.
local function walk_all(self, prefix, visit)
  for _, name in ipairs(self.order) do
    walk_children(self.child[name], prefix .. name, function(path, child)
      visit(path, child)
      if getmetatable(child) == Module then walk_all(child, path .. ".", visit) end
    end)
  end
end

-- The same for units alone.
local function walk(self, visit)
  walk_all(self, "", function(path, child)
    if getmetatable(child) == Unit then visit(path, child) end
  end)
end

--- Raises unless `value` is a module; for makers that are given one as an option.
function net.expect(value, who, option, what)
  if getmetatable(value) ~= Module then
    error(("%s: the option %s is needed: %s, got %s"):format(who, option, what, type(value)), 3)
  end
  return value
end

--- Raises unless `list` is a list of whole numbers, 1 or more; for makers that are given widths.
function net.expect_widths(list, who)
  local fits = type(list) == "table" and #list > 0
  for _, n in ipairs(fits and list or {}) do fits = fits and math.type(n) == "integer" and n > 0 end
  if not fits then error(who .. ": widths must be a list of whole numbers, 1 or more", 3) end
  return list
end

--- net.module{name =, forward = function(self, ...) ... end, order = {names}, NAME = child, ...}
-- Children are layers of ms.nn, modules, or lists of these; `order` says which come first in
-- lists of parameters. `input` (sizes without the batch) is what summary() shows by default.
function net.module(spec)
  if type(spec) ~= "table" or type(spec.name) ~= "string" or type(spec.forward) ~= "function" or type(spec.order) ~= "table" then
    error("net.module: name (a string), forward (a function) and order (a list of names) are needed", 2)
  end
  local self = setmetatable({ name = spec.name, forward = spec.forward, order = spec.order,
    input = spec.input, child = {}, options = spec.options or {} }, Module)
  for _, name in ipairs(spec.order) do
    if spec[name] == nil then error(("%s: order names %s, but there is no such child"):format(spec.name, name), 2) end
    self.child[name] = adopt(spec[name])
  end
  self:rename(spec.name)
  return self
end

--- Tells every module and unit below the path that its errors carry.
function Module:rename(path)
  self.path = path
  for _, name in ipairs(self.order) do
    walk_children(self.child[name], path .. "." .. name, function(below, child)
      if getmetatable(child) == Unit then child.path = below else child:rename(below) end
    end)
  end
end

local function kept(self, scope, ok, ...)
  if not ok then raise(self.path, (...)) end
  return scope:keep(...)
end

local function run(self, ...)
  local scope <close> = core.scope()
  return kept(self, scope, pcall(self.forward, self, ...))
end

function Module:__call(...)
  if not self.recomputes or listener then return run(self, ...) end
  return core.recompute(function(...) return run(self, ...) end, self:parameters(), ...)
end

--- Draws all kernels from (seed, parameter name) alone: adding a layer moves nothing else.
-- @return the module
function Module:init(seed)
  walk(self, function(name, u) u.layer:reset(seed, name) end)
  return self
end

--- m:parameters() -> ordered list of {name =, value =}: what training changes. Frozen ones are not in it.
function Module:parameters()
  local list = {}
  walk(self, function(path, u)
    for _, p in ipairs(u:parameters()) do
      list[#list + 1] = { name = path .. "." .. p.name, value = p.value }
    end
  end)
  return list
end

-- Every name under which layers stand: of the layer at "block.1.conv.2" also "block.1.conv", "block.1" and "block".
local function names_above(path, known)
  while path do
    known[path] = true
    path = path:match "^(.*)%.[^.]*$"
  end
end

local function no_such_part(self, who, name)
  local known, list = {}, {}
  walk(self, function(path) names_above(path, known) end)
  for path in pairs(known) do list[#list + 1] = path end
  error(("%s.%s: there is no part %s, did you mean %s?"):format(self.name, who, tostring(name),
    words.nearest(tostring(name), list)), 3)
end

--- m:freeze("unet", "tail.block.1") holds the weights of these parts as they are from now on: m:parameters() lacks
-- them, and backward works out no gradients for them. m:freeze() holds all. Batch norm in a frozen part still
-- normalises by the batch while training, and its running statistics follow the data. Raises for an unknown part.
-- @return the module
function Module:freeze(...)
  for k = 1, math.max(1, select("#", ...)) do
    local name, found = (select(k, ...)), false
    walk(self, function(path, u)
      if name and (path .. "."):sub(1, #name + 1) ~= name .. "." then return end
      u:freeze()
      found = true
    end)
    if not found then no_such_part(self, "freeze", name) end
  end
  return self
end

--- m:recompute("encoder", "tail.block.1"): these parts, modules or lists of them, keep their arguments alone for
-- backward, which computes the rest of them again: less memory, about a third more time, the same numbers.
-- m:recompute() does so with m as a whole. Parts must give one tensor. Raises for an unknown part.
-- @return the module
function Module:recompute(...)
  if select("#", ...) == 0 then self.recomputes = true end
  for k = 1, select("#", ...) do
    local name, found = (select(k, ...)), false
    walk_all(self, "", function(path, child)
      if getmetatable(child) == Unit or path ~= name and path:match "^(.*)%.%d+$" ~= name then return end
      child.recomputes, found = true, true
    end)
    if not found then no_such_part(self, "recompute", name) end
  end
  return self
end

--- m:tensors() -> ordered list of {name =, value =, trainable =}, running statistics too.
function Module:tensors()
  local list = {}
  walk(self, function(path, u)
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
    error(("%s: %s is %s in the state but %s in the model"):format(who, name, shape, own:shape()), 3)
  end
end

local function check_names(who, state, mine)
  local missing, lack = first_missing(mine, state)
  if missing then error(("%s: the state lacks %d of the model's tensors, first %s"):format(who, lack, missing), 3) end
  local unknown, count = first_missing(state, mine)
  if unknown then
    error(("%s: the state has %d tensors that the model lacks, first %s"):format(who, count, unknown), 3)
  end
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
  core.options(options, "load", { "strict" })
  if not options or options.strict ~= false then check_names(who, state, mine) end
  for name, own in pairs(mine) do
    if state[name] ~= nil then
      check_tensor(who, name, own, state[name])
      pairs_of[own] = state[name]
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
  elseif kind == "attention" then -- four linear layers' worth, scores and their sums
    return 2 * y:count() * (4 * y:size(3) + 2 * y:size(2))
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
local function listening(hear, f)
  local before = listener
  listener = hear
  local ok, message = pcall(core.no_grad, f)
  listener = before
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
