--- How large a model may become while it is built from what a file says about it: not much larger
-- than the weights in that file, so that a false number of layers takes no memory.
local layer = require "moonstem.net.layer"

local M = {}

local LAYERS, EACH, NUMBERS = 1000, 20, 1000000 -- beyond what the file holds

--- What the tensors of a file (safetensors_info) allow.
function M.of(list)
  local numbers = 0
  for _, entry in ipairs(list) do
    local count = 1
    for _, size in ipairs(entry.size) do count = count * size end
    numbers = numbers + count
  end
  return { layers = LAYERS + EACH * #list, numbers = NUMBERS + 4 * numbers }
end

local function count(made)
  local numbers = 0
  for _, p in ipairs(made.starts) do
    local product = 1.0
    for _, size in ipairs(p[2] and p[2].size or { 0 }) do product = product * size end
    numbers = numbers + product
  end
  return numbers
end

--- f(...), in which no more layers and numbers may be made than are allowed; { sentence } is raised
-- about more.
function M.within(allowed, f, ...)
  local layers, numbers, before = allowed.layers, allowed.numbers, layer.made
  layer.made = function(made)
    layers, numbers = layers - 1, numbers - count(made)
    if layers >= 0 and numbers >= 0 then return end
    error({ "its description is of a model far larger than the weights in the file" }, 0)
  end
  local function done(ok, ...)
    layer.made = before
    if not ok then error((...), 0) end
    return ...
  end
  return done(pcall(f, ...))
end

return M
