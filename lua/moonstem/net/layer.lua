--- Layers: parameters by name, and a forward function around operators. define{} makes a kind; what
-- all layers can do is here. Numbers are drawn when somebody first asks for them.
local core = require "moonstem.core.tensor"
local core_words = require "moonstem.core.words"
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"
local weights = core.weights

local M = { kinds = {} } -- kinds: name -> the function that makes such layers; ms.nn

M.made = nil -- hears of every layer that is made
M.listener = nil -- hears of every layer as it begins, (layer), and of its results, (layer, y)

local LIBRARY = debug.getinfo(1, "S").source:match "^(@.*/)net/layer%.lua$"

local Layer = { __name = "moonstem.layer" }
local sources = {} -- name of a kind -> where its forward function comes from
local made = 0 -- layers so far that draw numbers: one without a seed draws from a stream of its own

--- Whether a value is a layer.
function M.is_layer(value) return getmetatable(value) == Layer end

-- ---- numbers -----------------------------------------------------------------------------------
-- Calls visit(name, start, stream, is_running) for each parameter; parameter i of a layer has a
-- stream of its own.
local function each_start(self, visit)
  for i, p in ipairs(self.starts) do
    if p[2] then visit(p[1], p[2], self.stream + i - 1, p.running) end
  end
end

-- Nothing is kept of a draw that Ctrl-C cuts off.
local function draw(self)
  local values = {}
  each_start(self, function(name, start, stream, is_running)
    local value = core.keep(start.draw(self.seed, stream))
    values[name] = is_running and value or value:needs_grad()
  end)
  for name, value in pairs(values) do rawset(self, name, value) end
  self.has_values = true
end

--- layer:reset(seed, name) draws the numbers again as a function of these two alone; returns the
-- layer
function Layer:reset(seed, name)
  options_of.check({ seed = seed }, "reset", { seed = options_of.whole })
  self.seed, self.stream = seed, weights.stream(name)
  if not self.has_values then return self end
  each_start(self, function(key, start, stream)
    local new <close> = start.draw(seed, stream)
    self[key]:copy(new) -- who holds the tensor sees it
  end)
  return self
end

--- layer:tensors() -> list of {name =, value =, trainable =}, running statistics too
function Layer:tensors()
  local list = {}
  each_start(self, function(name, _, _, is_running)
    local value = weights.handle(self[name])
    list[#list + 1] = { name = name, value = value, trainable = not is_running }
  end)
  return list
end

--- layer:parameters() -> list of {name =, value =}: what training changes, in order
function Layer:parameters()
  local list = {}
  for _, t in ipairs(self.is_frozen and {} or self:tensors()) do
    if t.trainable then list[#list + 1] = t end
  end
  return list
end

--- layer:freeze() holds its parameters as they are from now on; layer:unfreeze() lets them learn
-- again; both return the layer
function Layer:freeze()
  for _, p in ipairs(self:parameters()) do p.value:needs_grad(false) end
  self.is_frozen = true
  return self
end

function Layer:unfreeze()
  self.is_frozen = nil
  for _, p in ipairs(self:parameters()) do p.value:needs_grad() end
  return self
end

-- ---- modes ----------------------------------------------------------------------------------
--- layer:kind() -> "conv2d", "batch_norm", ...
function Layer:kind() return self.definition.name end

--- layer:train() and layer:eval() choose between the batch's and the running statistics, and switch
-- dropout; both return the layer
function Layer:train()
  self.is_training = true
  return self
end

function Layer:eval()
  self.is_training = false
  return self
end

--- layer:training() -> whether it is as layer:train() leaves it
function Layer:training() return self.is_training end

-- ---- running --------------------------------------------------------------------------------
-- What was raised, without a place inside this library: it helps nobody who reads a path.
local function without_place(thrown)
  return (thrown:gsub("^[^\n:]*lua/moonstem/[%w_/]+%.lua:%d+: ", ""))
end

--- Raises what a forward function raised, with the path in front. What comes from below carries a
-- longer path already.
function M.raise(path, thrown)
  if type(thrown) ~= "string" then error(thrown, 0) end
  local text = without_place(thrown)
  local below = text:sub(1, #path) == path and text:find("^[.:]", #path + 1)
  error(below and text or path .. ": " .. text, 0)
end

--- Tells those who watch a part what came out of it; returns that.
function M.tell(self, ...)
  for _, entry in ipairs(rawget(self, "watched") or {}) do entry.f(entry.name, ...) end
  return ...
end

-- Counts a use of the layer for whoever set `uses` to a number (train/update_bn.lua).
local function count(self)
  local uses = rawget(self, "uses")
  if uses then self.uses = uses + 1 end
end

local function finish(self, ok, ...)
  if not ok then M.raise(self.path, (...)) end
  count(self)
  if M.listener then M.listener(self, ...) end
  if rawget(self, "watched") then return M.tell(self, ...) end
  return ...
end

function Layer:__call(...)
  if M.listener then M.listener(self) end
  return finish(self, pcall(self.forward, self, ...))
end

-- Result of a fused operator f(...) that begins with the batch norm `norm`.
local function fused(self, norm, f, ...)
  local ok, y = pcall(f, ...)
  if ok then
    count(norm)
    return y
  end
  local is_norms = type(y) == "string" and without_place(y):find "^batch_norm:"
  return M.raise(is_norms and norm.path or self.path, y)
end

--- conv:after(norm, x) -> conv(norm(x)) of a batch norm and a convolution, as one operator that
-- stores nothing in between
function Layer:after(norm, x)
  local prologue = M.is_layer(norm) and norm.definition.prologue
  if not prologue or not self.definition.fused then
    error(("after: a conv2d follows a batch_norm, not a %s a %s"):format(self:kind(),
      M.is_layer(norm) and norm:kind() or type(norm)), 2)
  end
  core.check_tensor(x, norm:kind() .. ": x")
  return fused(self, norm, self.definition.fused, self, prologue(norm), x)
end

--- norm:max_pool2d(x, [ph = 2], [pw = ph]) -> norm(x):max_pool2d(ph, pw) of a batch norm, as one
-- operator that stores nothing in between
function Layer:max_pool2d(x, ph, pw)
  local prologue = self.definition.prologue
  if not prologue then error("max_pool2d: of a batch_norm, not a " .. self:kind(), 2) end
  core.check_tensor(x, self:kind() .. ": x")
  return fused(self, self, core.ops.norm_max_pool2d, x, prologue(self), ph, pw)
end

function Layer:__tostring()
  local words = {}
  each_start(self, function(name, start)
    words[#words + 1] = name .. " " .. table.concat(start.size, "x")
  end)
  return ((self:kind() .. "  " .. table.concat(words, ", ")):gsub("%s+$", ""))
end

strict.class(Layer, "layer",
  { "is_frozen", "has_values", "under", "field", "index", "watched", "uses" })

-- A parameter is a field of the layer, drawn when it is first read.
local find = Layer.__index
function Layer.__index(self, key)
  local method = Layer[key]
  if method ~= nil then return method end
  if not rawget(self, "has")[key] then return find(self, key) end
  if not rawget(self, "has_values") then draw(self) end
  return rawget(self, key)
end

-- ---- kinds --------------------------------------------------------------------------------------
local KNOWN = {
  name = options_of.needed(options_of.string), options = {}, word = options_of.string,
  stream = options_of.string, parameters = options_of.callable(function() return {} end),
  forward = options_of.needed(options_of.callable), prologue = options_of.callable,
  fused = options_of.callable,
}

-- A forward function that is given no more than it takes, and a tensor as x.
local function checked(forward, name)
  local counting, what = strict.counting(forward, name, 1), name .. ": x"
  if debug.getinfo(forward, "u").nparams < 2 then return counting end
  return function(self, x, ...)
    core.check_tensor(x, what)
    return counting(self, x, ...)
  end
end

-- The stream of a layer that has no name yet: networks draw again by name.
local function stream_of(definition, seed)
  local stream = weights.stream(definition.stream or definition.name)
  if not definition.options.seed then return stream end
  made = made + 1
  return seed and stream or stream + made - 1
end

-- linear{in_features =, out_features =}: what must be given, for messages.
local function call_of(definition)
  local needed = {}
  for name, entry in pairs(definition.options) do
    if type(entry) == "table" and entry.is_needed then needed[#needed + 1] = name .. " =" end
  end
  table.sort(needed)
  return ("%s{%s}"):format(definition.name, table.concat(needed, ", "))
end

-- Raises where a layer is asked for as linear(3, 4) is.
local function check_call(definition, given, ...)
  local surplus = core_words.surplus(definition.name, 1, 0, given, ...)
  if surplus then error(("%s; %s"):format(surplus, call_of(definition)), 0) end
  if given ~= nil and type(given) ~= "table" then
    error(("%s: options are a table, got %s; %s"):format(definition.name, options_of.shown(given),
      call_of(definition)), 0)
  end
end

local function maker(definition)
  return function(options, ...)
    check_call(definition, options, ...)
    local o = options_of(options, definition.name, definition.options)
    local self = setmetatable({ definition = definition, options = o, path = definition.name,
      has = {}, starts = definition.parameters(o), forward = definition.forward, is_training = true,
      seed = o.seed or 0, stream = stream_of(definition, o.seed) }, Layer)
    for _, p in ipairs(self.starts) do self.has[p[1]] = true end
    if M.made then M.made(self) end
    return self
  end
end

--- ms.nn.define{name =, options = {NAME = default or kind}, parameters = function(o), forward =
-- function(self, x)} -> the function that makes such layers, also as ms.nn.NAME
-- make{...} checks the options as ms.options does and keeps them as layer.options. parameters(o)
-- gives a list of {"weight", ms.nn.init.glorot{...}}, in the order of lists and of streams; one
-- whose start is false or nil is left out; running = true marks a statistic, which is not trained.
-- They are fields in forward: self.weight. An option `seed` makes the start depend on the kind and
-- the seed alone; without it, it depends on how many layers were made before; a network's
-- init(seed) draws by the layers' names. word: what a chain calls such a layer, unless it is its
-- name. forward's x is a tensor for certain, and self.is_training tells the mode. fused(self, norm,
-- x): the layer after a batch norm whose table for operators is `norm`.
function M.define(spec)
  local definition = options_of(spec, "nn.define", KNOWN)
  local name = definition.name
  if (sources[name] or ""):sub(1, #LIBRARY) == LIBRARY then
    error(("nn.define: %s is a layer of ms.nn; take another name"):format(name), 2)
  end
  sources[name] = debug.getinfo(definition.forward, "S").source
  definition.forward = checked(definition.forward, name)
  M.kinds[name] = maker(definition)
  return M.kinds[name]
end

return M
