--- Functions of shape that have several results, or lists of dimensions for arguments.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local ops, as_tensor = core.ops, core.as_tensor

local M = {}

-- Raises at the caller of the function of this file that called this one.
local function fail(name, message, ...)
  error(("%s: " .. message):format(name, ...), 4)
end

local function whole(name, what, value, least)
  local n = type(value) == "number" and math.tointeger(value)
  if n and n >= least then return n end
  return fail(name, "%s must be a whole number, %d or more, got %s", what, least,
    options_of.shown(value))
end

-- A dimension from 1 or from the end, as 1..n.
local function axis_of(name, axis, n)
  local at = type(axis) == "number" and math.tointeger(axis)
  if at and at < 0 then at = n + at + 1 end
  if at and at >= 1 and at <= n then return at end
  return fail(name, "there is no dimension %s; the tensor has %d", options_of.shown(axis), n)
end

-- ---- parts ----------------------------------------------------------------------------------
local function empty_part(x, axis)
  local size = x:size()
  size[axis] = 0
  return core.zeros(size)
end

-- Parts of the given lengths along an axis, one behind another.
local function parts(x, axis, lengths)
  local list, at = {}, 0
  for i, n in ipairs(lengths) do
    list[i] = n > 0 and ops.slice(x, axis, at + 1, at + n) or empty_part(x, axis)
    at = at + n
  end
  return table.unpack(list)
end

-- Lua holds so many results and no more.
local MOST = 100000

local function check_count(name, count)
  if count > MOST then fail(name, "%d parts are more than %d results", count, MOST) end
  return count
end

local function equal_lengths(name, n, length)
  local lengths = {}
  for i = 1, check_count(name, n > 0 and (n - 1) // length + 1 or 1) do
    lengths[i] = math.min(length, n - (i - 1) * length)
  end
  return lengths
end

local function check_lengths(list, n)
  local sum, lengths = 0, {}
  for i = 1, check_count("split", rawlen(list)) do
    lengths[i] = whole("split", "a length", rawget(list, i), 0)
    sum = sum + lengths[i]
  end
  if sum == n and #lengths > 0 then return lengths end
  return fail("split", "the lengths add up to %d, the dimension has %d", sum, n)
end

--- x:split(length, [axis = 1]) -> parts of that length along a dimension, the last one shorter
-- where it must be. length: a number, or a list of lengths, x:split({ 2, 3 }, 2), that add up.
-- Each part is a result: `local a, b = x:split(2)`, `{ x:split(2) }` is a list of them.
function M.split(x, length, axis)
  x = as_tensor(x)
  local size = x:size()
  axis = axis_of("split", axis or 1, #size)
  if type(length) == "table" then return parts(x, axis, check_lengths(length, size[axis])) end
  return parts(x, axis, equal_lengths("split", size[axis], whole("split", "the length", length, 1)))
end

--- x:chunk(n, [axis = 1]) -> n parts of equal length along a dimension, the last one shorter, or
-- fewer parts, where it does not go, as PyTorch does; each is a result.
function M.chunk(x, n, axis)
  x = as_tensor(x)
  local size = x:size()
  axis = axis_of("chunk", axis or 1, #size)
  n = whole("chunk", "the count", n, 1)
  if size[axis] == 0 then
    local lengths = {}
    for i = 1, check_count("chunk", n) do lengths[i] = 0 end
    return parts(x, axis, lengths)
  end
  return parts(x, axis, equal_lengths("chunk", size[axis], (size[axis] - 1) // n + 1))
end

--- x:unbind([axis = 1]) -> x at each position of a dimension, which goes; each is a result.
function M.unbind(x, axis)
  x = as_tensor(x)
  local size, list = x:size(), {}
  axis = axis_of("unbind", axis or 1, #size)
  for i = 1, check_count("unbind", size[axis]) do
    list[i] = ops.squeeze(ops.slice(x, axis, i, i), axis)
  end
  return table.unpack(list)
end

-- ---- dimensions -----------------------------------------------------------------------------
-- One dimension or a list of them, as a list of 1..n, each once.
local function axes_of(axes, n)
  local list, seen = {}, {}
  axes = type(axes) == "table" and axes or { axes }
  for i = 1, rawlen(axes) do
    list[i] = axis_of("movedim", rawget(axes, i), n)
    if seen[list[i]] then fail("movedim", "dimension %d is given twice", list[i]) end
    seen[list[i]] = true
  end
  return list, seen
end

--- x:movedim(from, to) -> x with dimension `from` at place `to` and the others in their order; both
-- may be lists, x:movedim({ 1, 2 }, { -1, -2 }).
function M.movedim(x, from, to)
  x = as_tensor(x)
  local n = #x:size()
  local sources, moved = axes_of(from, n)
  local targets, taken = axes_of(to, n)
  if #sources ~= #targets or #sources == 0 then
    fail("movedim", "%d dimensions are moved to %d places", #sources, #targets)
  end
  local order, rest = {}, 0
  for i, target in ipairs(targets) do order[target] = sources[i] end
  for place = 1, n do
    if not taken[place] then
      repeat rest = rest + 1 until not moved[rest]
      order[place] = rest
    end
  end
  return ops.permute(x, order)
end

-- ---- grids ----------------------------------------------------------------------------------
-- A list as a tensor with its numbers along dimension `axis` of n, stretched to the sizes.
local function along(list, axis, sizes)
  local shape = {}
  for d = 1, #sizes do shape[d] = d == axis and sizes[d] or 1 end
  return ops.expand(ops.reshape(list, shape), sizes)
end

--- ms.meshgrid(a, b, ..., [{ indexing = "ij" }]) -> for each list (or number) a tensor of the
-- sizes of all, which has its numbers along its own dimension; "xy" exchanges the first two
-- dimensions.
function M.meshgrid(...)
  local lists = table.pack(...)
  local last = lists[lists.n]
  local given = lists.n > 0 and type(last) == "table" and next(last) ~= nil and rawlen(last) == 0
  if given then lists.n = lists.n - 1 end
  local o = options_of(given and last or nil, "meshgrid", {
    indexing = options_of.choice("ij", "xy") "ij" })
  if lists.n == 0 then fail("meshgrid", "one list or more are expected") end
  local sizes, results = {}, {}
  for i = 1, lists.n do
    lists[i] = ops.reshape(as_tensor(lists[i]), { -1 })
    sizes[i] = lists[i]:count()
  end
  local swap = o.indexing == "xy" and lists.n > 1
  if swap then sizes[1], sizes[2] = sizes[2], sizes[1] end
  for i = 1, lists.n do results[i] = along(lists[i], swap and i < 3 and 3 - i or i, sizes) end
  return table.unpack(results, 1, lists.n)
end

return M
