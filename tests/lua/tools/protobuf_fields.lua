--- The fields of a message of Protobuf: number -> list of values.

local function varint(bytes, at)
  local n, shift = 0, 0
  while true do
    local b = bytes:byte(at)
    n, shift, at = n | (b & 0x7F) << shift, shift + 7, at + 1
    if b < 0x80 then return n, at end
  end
end

-- The value of a wire type (a whole number, a double, a float) at a place, and the place behind it.
local function value_at(bytes, kind, at)
  if kind == 0 then return varint(bytes, at) end
  if kind == 1 then return string.unpack("<d", bytes, at) end
  return string.unpack("<f", bytes, at)
end

return function(bytes)
  local all, at = {}, 1
  while at <= #bytes do
    local key, value
    key, at = varint(bytes, at)
    if key & 7 == 2 then
      local n
      n, at = varint(bytes, at)
      value, at = bytes:sub(at, at + n - 1), at + n
    else
      value, at = value_at(bytes, key & 7, at)
    end
    all[key >> 3] = all[key >> 3] or {}
    table.insert(all[key >> 3], value)
  end
  return all
end
