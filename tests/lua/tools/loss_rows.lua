--- Rows of the case table for losses: with gradients to all inputs, beside those by differences.
local ms = require "moonstem"

local M = {}

-- A row of values; of gradients alone where `fixed`.
function M.row(f, inputs, expected, fixed)
  if not fixed then return { f, inputs, expected } end
  return { f, inputs, results = expected, grad = false }
end

-- A loss of a prediction and a target, and of what else is an input, with options.
function M.pairs_of(name, options)
  return function(...)
    local arguments = { ... }
    arguments[#arguments + 1] = options
    return ms.loss[name](table.unpack(arguments))
  end
end

-- A loss of classes, which are no input: they have no gradient.
function M.classes(name, list, options)
  return function(y) return ms.loss[name](y, ms.tensor(list), options) end
end

-- The loss and its gradients to all inputs; of several losses that of 1 times the first, 2 times
-- the second, ...
function M.gradients(f)
  return function(...)
    local leaves, results = {}, {}
    for i, x in ipairs { ... } do leaves[i] = (x + 0):needs_grad() end
    results[1] = f(table.unpack(leaves))
    local steps, n = {}, results[1]:count()
    for i = 1, n do steps[i] = i end
    local weights = ms.tensor(steps):reshape(results[1]:size());
    (#results[1]:size() == 0 and results[1] or (results[1] * weights):sum()):backward()
    for i, x in ipairs(leaves) do results[i + 1] = x.grad end
    results[1] = results[1]:detach()
    return table.unpack(results)
  end
end

return M
