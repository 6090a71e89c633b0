--- Models in evaluation mode.
local net = require "moonstem.net"

--- A model in evaluation mode for as long as f runs; f's
-- results. Networks are in their old mode afterwards.
return function(model, f, ...)
  if net.is_module(model) then return model:evaluating(f, ...) end
  model:eval()
  local results = table.pack(pcall(f, ...))
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end
