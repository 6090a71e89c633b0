--- A graph of ONNX while it grows: nodes, initializers, and values in two layouts. Ours has
-- channels last, ONNX's convolutions have them behind the batch; a value has either or both, and is
-- turned when somebody asks for the other.
local core = require "moonstem.core.tensor"

local Graph = {}
Graph.__index = Graph

local M = {}

local FLOAT, INT64 = 1, 7
local KINDS = { f = 1, i = 2, s = 3, ints = 7 } -- AttributeProto.AttributeType

--- input: what the input is called.
function M.new(input)
  return setmetatable({ input = input, nodes = {}, initializers = {}, counts = {}, lists = {},
    numbers = {}, taken = { [input] = true, output = true } }, Graph)
end

-- ---- nodes --------------------------------------------------------------------------------------
local function attribute(name, value)
  local kind = type(value) == "table" and "ints" or type(value) == "string" and "s"
    or math.type(value) == "integer" and "i" or "f"
  return { name = name, type = KINDS[kind], [kind] = value }
end

local function fresh(self, word)
  repeat
    self.counts[word] = (self.counts[word] or 0) + 1
    local name = ("%s_%d"):format(word, self.counts[word])
    if not self.taken[name] then return name end
  until false
end

--- g:add(op_type, {inputs}, {attribute = value}, outputs = 1) -> the names of what the node gives
function Graph:add(op, inputs, attributes, outputs)
  local names, list = {}, {}
  for name, value in pairs(attributes or {}) do list[#list + 1] = attribute(name, value) end
  table.sort(list, function(a, b) return a.name < b.name end)
  local name = fresh(self, op:lower())
  for k = 1, outputs or 1 do names[k] = k == 1 and name or name .. "_" .. k end
  self.nodes[#self.nodes + 1] = { op_type = op, name = name, input = inputs, output = names,
    attribute = list }
  return table.unpack(names)
end

--- g:chain(x, {op, further inputs..., attributes = }, ...) -> the last node's result: each node
-- takes what the one before gave first
function Graph:chain(x, ...)
  for _, step in ipairs { ... } do
    x = self:add(step[1], { x, table.unpack(step, 2) }, step.attributes)
  end
  return x
end

-- ---- initializers -------------------------------------------------------------------------------
--- g:tensor(t, name = nil) -> the name of an initializer with the numbers of a tensor: that one,
-- unless it is taken, as by a weight that stands there in another layout
function Graph:tensor(t, name)
  if not name or self.taken[name] then name = fresh(self, name or "constant") end
  self.taken[name] = true
  self.initializers[#self.initializers + 1] = { name = name, dims = t:size(), data_type = FLOAT,
    raw_data = t:bytes() }
  return name
end

--- g:number(x) -> an initializer of one number, with no dimensions
function Graph:number(x)
  if not self.numbers[x] then self.numbers[x] = self:tensor(core.tensor(x)) end
  return self.numbers[x]
end

--- g:integers{...} -> an initializer, a list of whole numbers
function Graph:integers(list)
  local key = table.concat(list, ",")
  if self.lists[key] then return self.lists[key] end
  local bytes, name = {}, fresh(self, "sizes")
  for k, n in ipairs(list) do bytes[k] = string.pack("<i8", n) end
  self.initializers[#self.initializers + 1] = { name = name, dims = { #list }, data_type = INT64,
    raw_data = table.concat(bytes) }
  self.lists[key] = name
  return name
end

-- ---- layouts ------------------------------------------------------------------------------------
-- Channels last to channels behind the batch, and back, as positions from 1.
local function to_first(n)
  local order = { 1, n }
  for d = 2, n - 1 do order[d + 1] = d end
  return order
end

local function to_last(n)
  local order = { 1 }
  for d = 3, n do order[d - 1] = d end
  order[n] = 2
  return order
end

local function from_zero(order)
  local list = {}
  for k, d in ipairs(order) do list[k] = d - 1 end
  return list
end

--- g:transpose(x, order) -> x with its dimensions in that order, from 1
function Graph:transpose(x, order)
  return self:add("Transpose", { x }, { perm = from_zero(order) })
end

-- Sizes in an order, -1 for the one that follows the batch.
local function sizes_in(value, order)
  local sizes, open = {}, 0
  for k, d in ipairs(order) do
    local follows = value.dims[d].per_batch
    sizes[k], open = follows and -1 or value.dims[d][1], open + (follows and 1 or 0)
  end
  if open > 1 then error("save_onnx: a shape in which two sizes follow the batch", 0) end
  return sizes
end

-- A single channel moves without moving a number.
local function moved(self, value, x, order)
  if value.dims[#value.dims][1] == 1 then
    local sizes = order == "first" and sizes_in(value, to_first(#value.dims)) or self:sizes(value)
    return self:add("Reshape", { x, self:integers(sizes) })
  end
  local n = #value.dims
  return self:transpose(x, order == "first" and to_first(n) or to_last(n))
end

-- A constant that repeats along the batch is stretched to it.
local function stretched(self, value, x)
  return value.is_dynamic and self:add("Expand", { x, self:shape(value.dims) }) or x
end

--- g:last(value) -> its name with channels last, as ours
function Graph:last(value)
  if value.last then return value.last end
  if value.constant then
    value.last = stretched(self, value, self:tensor(value.constant, value.name))
  else
    value.last = moved(self, value, assert(value.first, "a value was not made"), "last")
  end
  return value.last
end

--- g:first(value) -> its name with channels behind the batch
function Graph:first(value)
  if value.first then return value.first end
  if value.constant then
    local turned = value.constant:permute(to_first(#value.dims))
    value.first = stretched(self, value, self:tensor(turned))
  else
    value.first = moved(self, value, assert(value.last, "a value was not made"), "first")
  end
  return value.first
end

--- g:has_first(value) -> whether it is there with channels first and not with channels last
function Graph.has_first(_, value)
  return not value.constant and value.first ~= nil and value.last == nil
end

--- g:first_axis(value, axis) -> where a dimension, from 1, stands with channels first, from 0
function Graph.first_axis(_, value, axis)
  if axis == 1 then return 0 end
  return axis == #value.dims and 1 or axis
end

-- ---- sizes --------------------------------------------------------------------------------------
--- g:sizes(value) -> list of sizes for Reshape: -1 for the one that follows the batch
function Graph.sizes(_, value)
  local order = {}
  for d = 1, #value.dims do order[d] = d end
  return sizes_in(value, order)
end

--- g:shape(dims) -> the name of a list of whole numbers that follows the batch while it runs
function Graph:shape(dims)
  self.batch = self.batch or self:chain(self:add("Shape", { self.input }),
    { "Slice", self:integers { 0 }, self:integers { 1 }, self:integers { 0 } })
  local parts = {}
  for d, dim in ipairs(dims) do
    if not dim.per_batch then parts[d] = self:integers { dim[1] }
    elseif dim[1] == 1 then parts[d] = self.batch
    else parts[d] = self:add("Mul", { self.batch, self:integers { dim[1] } }) end
  end
  return self:add("Concat", parts, { axis = 0 })
end

--- g:reshape(x, value) -> x in the sizes of a value, channels last
function Graph:reshape(x, value)
  return self:add("Reshape", { x, self:integers(self:sizes(value)) })
end

return M
