--- Models in evaluation mode.
local net = require "moonstem.net"

--- Calls f(...) with a model in evaluation mode and returns its
-- results. Networks get their old mode back afterwards.
return function(model, f, ...)
  if net.is_module(model) then return model:evaluating(f, ...) end
  model:eval()
  local results = table.pack(pcall(f, ...))
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end
