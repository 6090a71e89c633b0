--- Which parts of files must be equal after work that was broken off: { pattern of the name,
-- function(path) -> text }. What is not listed must be equal as a whole.
local ms = require "moonstem"
local checkpoint = require "moonstem.train.checkpoint"

local function nothing() return "" end

-- A record without what tells times, and the checksum over them.
local function timeless(record)
  local rest = {}
  for key, value in pairs(record) do
    if key ~= "seconds" and key ~= "crc32c" then
      rest[key] = type(value) == "table" and timeless(value) or value
    end
  end
  return rest
end

local function result(path) return ms.io.json_encode(timeless(assert(ms.io.load_json(path)))) end

-- The position of a run and all of its tensors.
local function state(path)
  local _ <close> = ms.scope()
  local position = assert(checkpoint.position(path))
  position.seconds = nil
  local tensors, names, parts = assert(ms.io.load_safetensors(path)), {}, {}
  for name in pairs(tensors) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = name .. ms.io.json_encode(tensors[name]:reshape { -1 }:totable())
  end
  return ms.io.json_encode(position) .. table.concat(parts)
end

return {
  { "last%.safetensors$", state },
  { "result%.json$", result },
  { "settings%.json$", function(path)
    return ms.io.json_encode(assert(ms.io.load_json(path)).asked)
  end },
  { "lock%.?%d*$", nothing }, { "node%.%d+$", nothing },
  { "log%.txt$", nothing }, { "output%.txt$", nothing },
  { "%.html$", nothing }, { "report%.md$", nothing },
  { "check[%d-]*%.jsonl$", nothing }, { "cache[%d-]*%.jsonl$", nothing },
}
