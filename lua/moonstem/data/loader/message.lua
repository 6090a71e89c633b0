--- A batch as a text and a list of tensors, for the way between processes, and back.
local MOST_DEEP = 16

local M = {}

--- Whether a value is a tensor.
function M.is_tensor(value)
  local meta = type(value) == "userdata" and debug.getmetatable(value)
  return meta and meta.__name == "moonstem.tensor" or false
end

local write

-- The pairs of a table, in whatever order.
local function write_table(parts, tensors, value, path, depth)
  if depth > MOST_DEEP then
    error(("loader: %s: tables lie in each other too deeply"):format(path:sub(1, 60)), 0)
  end
  parts[#parts + 1] = "{"
  for key, inner in next, value do
    write(parts, tensors, key, path, depth)
    local inside = math.type(key) and ("%s[%s]"):format(path, key) or path .. "." .. tostring(key)
    write(parts, tensors, inner, inside, depth + 1)
  end
  parts[#parts + 1] = "}"
end

function write(parts, tensors, value, path, depth)
  local kind = math.type(value) or type(value)
  local text
  if kind == "integer" then text = ("<c1i8"):pack("i", value)
  elseif kind == "float" then text = ("<c1d"):pack("f", value)
  elseif kind == "string" then text = ("<c1s8"):pack("s", value)
  elseif kind == "boolean" then text = value and "T" or "F"
  elseif kind == "table" then return write_table(parts, tensors, value, path, depth)
  elseif M.is_tensor(value) then
    tensors[#tensors + 1], text = value, "t"
  else
    error(("loader: %s is a %s; a batch holds tensors, numbers, strings, booleans and tables of "
      .. "these"):format(path, kind), 0)
  end
  parts[#parts + 1] = text
end

--- text, tensors of a batch; raises where it holds what cannot be sent.
function M.encode(batch)
  local parts, tensors = {}, {}
  write(parts, tensors, batch, "the batch", 0)
  return table.concat(parts), tensors
end

local read

local function read_table(text, at, tensors)
  local value = {}
  while text:sub(at, at) ~= "}" do
    local key, behind = read(text, at, tensors)
    value[key], at = read(text, behind, tensors)
  end
  return value, at + 1
end

local FORMAT = { i = "<i8", f = "<d", s = "<s8" }

-- The value at a place of the text, and the place behind it. tensors.next: the one that comes next.
function read(text, at, tensors)
  local kind = text:sub(at, at)
  if FORMAT[kind] then return FORMAT[kind]:unpack(text, at + 1) end
  if kind == "{" then return read_table(text, at + 1, tensors) end
  if kind ~= "t" then return kind == "T", at + 1 end
  tensors.next = (tensors.next or 0) + 1
  return tensors[tensors.next], at + 1
end

--- The batch again.
function M.decode(text, tensors)
  return (read(text, 1, tensors))
end

return M
