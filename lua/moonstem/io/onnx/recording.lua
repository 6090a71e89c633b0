--- What a network computes, as a list of operators over values. Two calls, with batches of two and
-- of three and other numbers, tell what depends on the batch, and what on the input by ways that
-- cannot be written.
local core = require "moonstem.core.tensor"

local M = {}

local BATCHES = { 2, 3 }

-- Attributes that differ between calls and mean nothing without training.
local IDLE = { stream = true, seed = true }

local function refuse(text, ...) error(("save_onnx: " .. text):format(...), 0) end

local function drawn(size, batch, seed)
  local all = { batch, table.unpack(size) }
  return core.weights.uniform(seed, 0, 0, 1, all)
end

-- Ids of what no operator made and is not the input, and of what is made from such alone.
local function constants_of(tape)
  local made, constant = {}, {}
  for _, row in ipairs(tape.rows) do made[row.output] = true end
  for id in ipairs(tape.tensors) do constant[id] = not made[id] and tape.names[id] ~= "" end
  for _, row in ipairs(tape.rows) do
    local all = true
    for _, id in ipairs(row.inputs) do all = all and (id == 0 or constant[id]) end
    constant[row.output] = all
  end
  return constant
end

-- Of a tape what is needed further: of values that are no constants their sizes alone, so that not
-- all activations stay in memory.
local function reduced(tape)
  local constant, numbers, sizes = constants_of(tape), {}, {}
  for id, tensor in ipairs(tape.tensors) do
    sizes[id] = tensor:size()
    if constant[id] then numbers[id] = tensor else tensor:close() end
  end
  return { rows = tape.rows, names = tape.names, result = tape.result, numbers = numbers,
    sizes = sizes }
end

-- What one call does: { rows =, names = {id = name}, "" the input's, result = id, sizes = {id =
-- list}, numbers = {id = tensor} of constants }.
local function call_of(model, size, batch)
  local x = drawn(size, batch, batch)
  local named = { [""] = x }
  for _, t in ipairs(model:tensors()) do named[t.name] = t.value end
  return reduced(core.internal.tape(function()
    local y = model(x)
    return core.check_tensor(y, "save_onnx: what the model gives")
  end, named))
end

-- ---- sizes --------------------------------------------------------------------------------------
-- Each size of a value: { n, per_batch = true } where it is n times the batch.
local function dims_of(a, b, name)
  if #a ~= #b then refuse("the shape of %s depends on the batch", name) end
  local dims = {}
  for d = 1, #a do
    if a[d] == b[d] then dims[d] = { a[d] }
    elseif a[d] * BATCHES[2] == b[d] * BATCHES[1] then
      dims[d] = { a[d] // BATCHES[1], per_batch = true }
    else
      refuse("size %d of what %s gives does not follow the batch", d, name)
    end
  end
  return dims
end

-- ---- operators ----------------------------------------------------------------------------------
local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, value in pairs(a) do
    if b[k] ~= value then return false end
  end
  return #a == #b
end

-- The first of a row's arguments that differs between the two calls.
local function differing(a, b)
  for name, value in pairs(a) do
    if not IDLE[name] and not same(value, b[name]) then return name end
  end
end

local function check_paths(one, two)
  local alike = #one.rows == #two.rows
  for k, row in ipairs(alike and one.rows or {}) do
    local other = two.rows[k]
    alike = alike and row.op == other.op and row.output == other.output
      and same(row.inputs, other.inputs)
  end
  if not alike or one.result ~= two.result then
    refuse "the model computes in another way for other inputs or another batch"
  end
end

-- ---- values -------------------------------------------------------------------------------------
local function is_dynamic(dims)
  for _, d in ipairs(dims) do
    if d.per_batch then return true end
  end
  return false
end

-- The numbers of a constant, which must be the same in both calls. Those that repeat along the
-- batch are kept once, with a size of 1 there.
local function constant(one, two, dims, name)
  local a, b = one, two
  for d, dim in ipairs(dims) do
    if dim.per_batch then
      local first, last = one:slice(d, 1, dim[1]), one:slice(d, dim[1] + 1, 2 * dim[1])
      if dim[1] ~= 1 or first:bytes() ~= last:bytes() then
        refuse("a constant that %s takes depends on the batch", name)
      end
      a, b = first, b:slice(d, 1, 1)
    end
  end
  if a:bytes() ~= b:bytes() then
    refuse("%s takes numbers that depend on the input by a way outside the operators", name)
  end
  return a
end

-- Values by id. Views of all of the input are the input.
local function values_of(one, two)
  local values, input, made = {}, nil, {}
  for _, row in ipairs(one.rows) do made[row.output] = true end
  for id, size in ipairs(one.sizes) do
    local is_input = one.names[id] == "" and not made[id]
    values[id] = is_input and input or { name = one.names[id], size = size, other = two.sizes[id],
      numbers = one.numbers[id], other_numbers = two.numbers[id] }
    if is_input then input = values[id] end
  end
  if not input then refuse "the model does not use its input" end
  return values, input
end

-- Rows that the result needs, in order, and those of values alone that they take.
local function needed(rows, values, result)
  local wanted, list = { [result] = true }, {} -- wanted: ids
  for k = #rows, 1, -1 do
    local row = rows[k]
    if wanted[row.output] and not values[row.output].numbers then
      table.insert(list, 1, row)
      for _, id in ipairs(row.inputs) do wanted[id] = true end
    end
  end
  return list
end

-- Sizes of all values of a row; constants are settled.
local function settle(row, values)
  for k = 0, #row.inputs do
    local value = values[k == 0 and row.output or row.inputs[k]]
    if value and not value.dims then
      value.dims = dims_of(value.size, value.other, row.op)
      value.is_dynamic = is_dynamic(value.dims)
      if value.numbers then
        value.constant = constant(value.numbers, value.other_numbers, value.dims, row.op)
      end
    end
  end
end

--- recording.of(model, size) -> { rows =, values =, input = value, result = value }
-- size: of the input without the batch. Rows are those of core.internal.tape, and `differs` names
-- an argument that differs between the calls; values: id -> { dims = list of { n, per_batch = },
-- constant = tensor or nil, name = of a parameter }. Raises about models that cannot be written so.
function M.of(model, size)
  local one, two = call_of(model, size, BATCHES[1]), call_of(model, size, BATCHES[2])
  check_paths(one, two)
  local values, input = values_of(one, two)
  for k, row in ipairs(one.rows) do row.differs = differing(row, two.rows[k]) end
  local rows = needed(one.rows, values, one.result)
  for _, row in ipairs(rows) do settle(row, values) end
  local result = values[one.result]
  if not result.dims or not result.dims[1] or not result.dims[1].per_batch then
    refuse "the result does not depend on the input, or does not begin with the batch"
  end
  return { rows = rows, values = values, input = input, result = result }
end

return M
