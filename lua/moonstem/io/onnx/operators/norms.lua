--- Norms: batch and instance norms as ONNX has them, the others from their parts.
local core = require "moonstem.core.tensor"

local M = {}

--- The batch norm that an operator begins with, of v[1] to v[5], and what rectifies behind it: a
-- name with channels behind the batch.
function M.normalised(g, row, v)
  local x = g:add("BatchNormalization", { g:first(v[1]), g:last(v[2]), g:last(v[3]), g:last(v[4]),
    g:last(v[5]) }, { epsilon = row.epsilon })
  if row.slope == 0 then return g:add("Relu", { x }) end
  return row.slope == 1 and x or g:add("LeakyRelu", { x }, { alpha = row.slope })
end

local operators = {}
M.operators = operators

function operators.batch_norm(g, row, v, y)
  if row.training then error("save_onnx: a batch norm is in training mode", 0) end
  y.first = M.normalised(g, row, v)
end

-- Over the root of the mean square along the last dimension.
local function scaled(g, x, epsilon)
  local mean = g:add("ReduceMean", { g:add("Mul", { x, x }) }, { axes = { -1 }, keepdims = 1 })
  return g:add("Div", { x, g:chain(mean, { "Add", g:number(epsilon) }, { "Sqrt" }) })
end

local function times_and_plus(g, x, weight, bias)
  if weight then x = g:add("Mul", { x, g:last(weight) }) end
  return bias and g:add("Add", { x, g:last(bias) }) or x
end

function operators.layer_norm(g, row, v, y)
  local x = g:last(v[1])
  local mean = g:add("ReduceMean", { x }, { axes = { -1 }, keepdims = 1 })
  y.last = times_and_plus(g, scaled(g, g:add("Sub", { x, mean }), row.epsilon), v[2], v[3])
end

function operators.rms_norm(g, row, v, y)
  y.last = times_and_plus(g, scaled(g, g:last(v[1]), row.epsilon), v[2])
end

-- Scale and offset for so many channels; ones and zeros where there are none.
local function pair(g, channels, weight, bias)
  return weight and g:last(weight) or g:tensor(core.ones { channels }),
    bias and g:last(bias) or g:tensor(core.zeros { channels })
end

function operators.instance_norm(g, row, v, y)
  local channels = v[1].dims[#v[1].dims][1]
  local weight, bias = pair(g, channels, v[2], v[3])
  y.first = g:add("InstanceNormalization", { g:first(v[1]), weight, bias },
    { epsilon = row.epsilon })
end

-- An instance norm of the groups as channels.
function operators.group_norm(g, row, v, y)
  local n = #v[1].dims
  local weight, bias = pair(g, row.groups)
  local sizes = { -1, v[1].dims[n][1] }
  for d = 2, n - 1 do sizes[d + 1] = v[1].dims[d][1] end
  local x = g:chain(g:first(v[1]), { "Reshape", g:integers { 0, row.groups, -1 } },
    { "InstanceNormalization", weight, bias, attributes = { epsilon = row.epsilon } },
    { "Reshape", g:integers(sizes) })
  for k, op in ipairs { "Mul", "Add" } do
    local given = v[k + 1]
    if given then
      local size = { given.dims[1][1] }
      for d = 2, n - 1 do size[d] = 1 end
      x = g:add(op, { x, g:add("Reshape", { g:last(given), g:integers(size) }) })
    end
  end
  y.first = x
end

return M
