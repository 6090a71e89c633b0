--- Writing protocol buffers, for ONNX and for TensorBoard's event files.
-- Why not a library: protobuf-c would need a code generator at build time and another library at
-- run time, and glue in C for each of some fifteen messages, in order to write. What is written
-- takes three of the format's wire types, a table of fields and the lines below; ONNX's checker,
-- onnxruntime and TensorBoard's own loader read it in the tests. (What is read, untrusted, is
-- core/io/foreign/fields.c.) Fields that are not declared raise.
local M = {}

local WIRE = { int = 0, double = 1, string = 2, float = 5 } -- messages and lists of them: 2

-- A whole number of seven bits a byte, the lowest first; negative ones take ten bytes.
local function varint(n)
  local bytes = {}
  repeat
    local low = n & 0x7F
    n = n >> 7
    bytes[#bytes + 1] = string.char(n == 0 and low or low | 0x80)
  until n == 0
  return table.concat(bytes)
end

local SCALARS = {
  int = varint,
  double = function(x) return string.pack("<d", x) end,
  float = function(x) return string.pack("<f", x) end,
}

local encode -- appends a message's pieces; how many bytes they are

local function add(pieces, piece)
  pieces[#pieces + 1] = piece
  return #piece
end

-- One value of a field: key, length where the wire type has one, bytes.
local function add_value(messages, pieces, number, kind, value)
  local bytes = add(pieces, varint(number << 3 | (WIRE[kind] or 2)))
  if SCALARS[kind] then return bytes + add(pieces, SCALARS[kind](value)) end
  if kind == "string" then
    return bytes + add(pieces, varint(#value)) + add(pieces, value)
  end
  local place = #pieces + 1
  pieces[place] = "" -- the length, which is not known yet
  local inner = encode(messages, pieces, kind, value)
  pieces[place] = varint(inner)
  return bytes + #pieces[place] + inner
end

function encode(messages, pieces, kind, message)
  local fields, names, bytes = messages[kind], {}, 0
  for name in pairs(message) do
    if not fields[name] then error(("protobuf: %s has no field %s"):format(kind, name), 0) end
    names[#names + 1] = name
  end
  table.sort(names, function(a, b) return fields[a][1] < fields[b][1] end)
  for _, name in ipairs(names) do
    local field, value = fields[name], message[name]
    for _, one in ipairs(field.many and value or { value }) do
      bytes = bytes + add_value(messages, pieces, field[1], field[2], one)
    end
  end
  return bytes
end

--- protobuf.encode(messages, kind, value) -> bytes
-- messages: kind -> { field = { number, "int", "float", "double", "string" or a kind, many = true }
-- }; value: { field = value, or a list where there are many }. Fields are written by number.
function M.encode(messages, kind, value)
  local pieces = {}
  encode(messages, pieces, kind, value)
  return table.concat(pieces)
end

return M
