--- What rank 0 does for all.
local core = require "moonstem.core.distributed"
local core_io = require "moonstem.core.io"

-- Results of f as a text; an error, too.
local function told(f)
  local results = table.pack(pcall(f))
  return core_io.json_encode { good = results[1], first = results[2],
    second = results[3] ~= nil and tostring(results[3]) or nil }
end

--- ms.distributed.by_first(f) -> f's first result, which JSON can hold, and its second, a message;
-- or nil and a message that names a lost rank. Rank 0 calls f, which may take its time, and all
-- ranks get what it gave, or raise what it raised.
return function(f)
  if type(f) ~= "function" then
    error("by_first: a function is expected, got " .. type(f), 2)
  end
  local rank, size = core.about()
  if (size or 1) == 1 then return f() end
  core.in_step(false)
  local text, why = core.broadcast_text(rank == 0 and told(f) or nil, 0)
  if not text then return nil, why end
  local results = core_io.json_decode(text)
  if not results.good then error(results.first, 0) end
  return results.first, results.second
end
