--- Networks as values: parts in a row, around a sum, around a concatenation. A chain sees its
-- neighbours: it runs batch norm and convolution, or batch norm and max pooling, as one operator,
-- and releases what lies between two parts.
local core = require "moonstem.core.tensor"
local layer = require "moonstem.net.layer"
local module = require "moonstem.net.module"
local options_of = require "moonstem.options"
local parts = require "moonstem.net.parts"

local M = {}

-- ---- operators as values -------------------------------------------------------------------
local Op = {}

Op.__call = function(self, x, ...)
  if type(self.what) == "function" then return self.what(x, ...) end
  return x[self.what](x, table.unpack(self.arguments))
end

Op.__tostring = function(self) return ("op %s"):format(tostring(self.what)) end

--- net.op("max_pool2d", 3, 2) -> a part of a chain that calls x:max_pool2d(3, 2). net.op(f): calls
-- f(x, further arguments of the chain), which keeps nothing of x, so that the chain may release x.
function M.op(what, ...)
  if type(what) ~= "function" and not rawget(core.ops, what) then
    error("net.op: a function or the name of an operator is needed, got " .. tostring(what), 2)
  end
  return setmetatable({ what = what, arguments = { ... } }, Op)
end

-- ---- what a chain is made of -----------------------------------------------------------------
local function is_op(value) return getmetatable(value) == Op end

local function word_of(part)
  if parts.is_module(part) then return part.name end
  return part.definition.word or part:kind()
end

-- An element's part and the name that it is given: { mask = part }, or a part alone.
local function named(element)
  if type(element) == "table" and getmetatable(element) == nil then
    local name, part = next(element)
    return part, name
  end
  return element
end

-- Whether an element has no parameters: it stands in the row as it is.
local function is_free(part) return type(part) == "function" or is_op(part) end

-- Steps { free = function or op } and { word =, part = }, the words' counts, and the words in
-- order.
local function steps_of(spec, who)
  local steps, counts, order = {}, {}, {}
  for i, element in ipairs(spec) do
    local part, word = named(element)
    if not is_free(part) and not parts.is_part(part) then
      error(("%s: element %d must be a layer, a module, a function or an op, got %s"):format(who, i,
        type(part)), 4)
    end
    local free = is_free(part)
    word = word or not free and word_of(part) or nil
    steps[i] = { free = free and part, word = word, part = part }
    if not free then
      if not counts[word] then order[#order + 1] = word end
      counts[word] = (counts[word] or 0) + 1
    end
  end
  return steps, counts, order
end

-- Puts the parts into the fields of a module: m.norm[1], m.norm[2], m.mask. A word of "block." is a
-- list also of one.
local function place(steps, counts, order, fields)
  for k, word in ipairs(order) do order[k] = word:gsub("%.$", "") end
  for _, step in ipairs(steps) do
    local word = step.word
    if not step.free then
      step.field = word:gsub("%.$", "")
      if counts[word] > 1 or step.field ~= word then
        fields[step.field] = fields[step.field] or {}
        table.insert(fields[step.field], step.part)
        step.index = #fields[step.field]
      else
        fields[step.field] = step.part
      end
      step.part = nil
    end
  end
end

-- ---- running -----------------------------------------------------------------------------------
-- The part of a step as it is now; nil where it was taken away.
local function part_at(self, step)
  if not step or step.free then return step and step.free end
  local value = rawget(self, step.field)
  if step.index then return value and value[step.index] end
  return value
end

-- What a part declares about itself under a name, if it is a layer.
local function declared(part, name)
  return layer.is_layer(part) and part.definition[name]
end

local function is_watched(part) return layer.is_layer(part) and rawget(part, "watched") end

-- norm and what follows it as one operator where there is one for the two and nobody listens: the
-- result, or nil.
local function fused(part, following, x)
  if layer.listener or not declared(part, "prologue") then return nil end
  if is_watched(part) or is_watched(following) then return nil end
  if declared(following, "fused") then return following:after(part, x) end
  if is_op(following) and following.what == "max_pool2d" and #following.arguments < 3 then
    return part:max_pool2d(x, table.unpack(following.arguments))
  end
end

-- Result of the part at place i, and the place behind what it took.
local function advance(self, steps, i, x, ...)
  local part = part_at(self, steps[i])
  local y = fused(part, part_at(self, steps[i + 1]), x)
  if y then return y, i + 2 end
  if part == nil then return x, i + 1 end
  if steps[i].free then return part(x, ...), i + 1 end
  return part(x), i + 1
end

-- Raises where a list of parts has grown: the chain knows no place for what is new.
local function check_lists(self, counts)
  for word, count in pairs(counts) do
    local field = word:gsub("%.$", "")
    local list = rawget(self, field)
    if type(list) == "table" and getmetatable(list) == nil and #list > count then
      error(("%s[%d] has no place in the chain: make another one"):format(field, count + 1), 0)
    end
  end
end

-- All steps. What was made here is released once the next step has used it, unless a function saw
-- it: that may keep it.
local function run(self, steps, x, ...)
  local i, mine = 1, false
  while i <= #steps do
    local seen, y, following = type(steps[i].free) == "function", advance(self, steps, i, x, ...)
    if y ~= x then
      if mine and not seen then x:close() end
      mine = true
    elseif seen then
      mine = false
    end
    x, i = y, following
  end
  return x
end

-- ---- making
-- -------------------------------------------------------------------------------------- Raises for
-- what is no list of parts, and for fields that are none of name and input.
local function check_names(spec, who)
  if type(spec) ~= "table" or getmetatable(spec) ~= nil then
    error(who .. ": a list of parts is needed, such as { a, b }", 4)
  end
  local names = {}
  for key, value in pairs(spec) do
    if type(key) ~= "number" then names[key] = value end
  end
  options_of.check(names, who, { name = options_of.string, input = options_of.table })
end

-- A module of parts in a row; ending(x, y) -> the result, where it is not y itself.
local function row(spec, who, ending)
  check_names(spec, who)
  local steps, counts, order = steps_of(spec, who)
  local fields = { name = spec.name or who:match "[^.]*$", input = spec.input, order = order }
  place(steps, counts, order, fields)
  function fields.forward(self, x, ...)
    check_lists(self, counts)
    local y = run(self, steps, x, ...)
    return ending and ending(x, y) or y
  end
  return module.new(fields)
end

--- net.chain{part, part, ..., name =, input =} -> module: each part is given what the one before
-- gave Parts are layers of ms.nn, modules, functions of tensors and ms.net.op; functions are also
-- given the further arguments of the call. Layers are named by what they are, with a number where
-- there are several: norm.1, conv.1, norm.2, conv.2, up, linear; modules by their names. { mask =
-- part } names one, { ["block."] = part } one of a list. A batch norm before a convolution or a
-- max pooling is run with it as one operator. What one part gave is released when the next one has
-- used it; a function may keep it. A part that was set to nil is passed over.
function M.chain(spec) return row(spec, "net.chain") end

--- net.residual{part, ...} -> module: x + y, y what the parts make of x
function M.residual(spec)
  if type(spec) == "table" and not getmetatable(spec) and #spec == 0 then
    error("net.residual: a list of one or more parts is expected, got none", 3)
  end
  return row(spec, "net.residual", function(x, y) return x + y end)
end

--- net.skip{part, ...} -> module: the channels of x and, behind them, those of y, what the parts
-- make of x
function M.skip(spec)
  return row(spec, "net.skip", function(x, y) return core.ops.cat { x, y } end)
end

--- net.concat{part, part, ..., name =, input =} -> module: all parts are given x; the channels of
-- their results in a row Parts are named branch.1, branch.2, ...
function M.concat(spec)
  check_names(spec, "net.concat")
  local branches = table.move(spec, 1, #spec, 1, {})
  return module.new { name = spec.name or "concat", input = spec.input, order = { "branch" },
    branch = branches,
    forward = function(self, x)
      local results = {}
      for k, part in ipairs(self.branch) do results[k] = part(x) end
      return core.ops.cat(results)
    end }
end

return M
