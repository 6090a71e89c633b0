--- Recurrent layers. Ours give outputs and last states packed into one row, from which slices are
-- cut; ONNX's have the gates in another order, and time before the batch.
local core = require "moonstem.core.tensor"

local M = {}

-- Order of gates there, by their places here: ours are r z n and i f g o.
local KINDS = {
  gru_layer = { op = "GRU", gates = { 2, 1, 3 }, states = 1,
    attributes = { linear_before_reset = 1 } },
  lstm_layer = { op = "LSTM", gates = { 1, 4, 2, 3 }, states = 2 },
  rnn_layer = { op = "RNN", gates = { 1 }, states = 1 },
}

-- (directions, ..., gates x hidden) with the gates in another order.
local function in_order(t, gates)
  local size = t:size()
  local hidden, parts = size[#size] // #gates, {}
  for k, from in ipairs(gates) do
    parts[k] = t:slice(#size, (from - 1) * hidden + 1, from * hidden)
  end
  return core.ops.cat(parts, #size)
end

local function constant(value, name)
  if not value.constant then
    error(("save_onnx: %s of a recurrent layer depends on the input"):format(name), 0)
  end
  return value.constant
end

-- (directions, in, gates) as (directions, gates, in)
local function matrix(g, value, gates)
  return g:tensor(in_order(constant(value, "a weight"), gates):permute { 1, 3, 2 })
end

local function biases(g, ih, hh, gates)
  if not ih then return "" end
  return g:tensor(core.ops.cat({ in_order(constant(ih, "a bias"), gates),
    in_order(constant(hh, "a bias"), gates) }, 2))
end

local function check(row, v, kind)
  for k = 6, 6 + kind.states do
    if v[k] then
      error(("save_onnx: %s with states to begin with or lengths is not written"):format(row.op), 0)
    end
  end
end

-- Where the parts of the packed result begin, and their sizes.
local function parts_of(x, v, names)
  local batch, time = x.size[1], x.size[2]
  local directions, hidden = v[3].dims[1][1], v[3].dims[2][1]
  local parts = { { name = names[1], first = 1, dims = { { 1, per_batch = true }, { time },
    { directions * hidden } } } }
  for k = 2, #names do
    parts[k] = { name = names[k], first = batch * time * directions * hidden + 1
      + (k - 2) * directions * batch * hidden,
      dims = { { directions }, { 1, per_batch = true }, { hidden } } }
  end
  return parts
end

local function layer(g, row, v, y)
  local kind = KINDS[row.op]
  check(row, v, kind)
  local x, directions, hidden = v[1], v[3].dims[1][1], v[3].dims[2][1]
  local attributes = { hidden_size = hidden, direction = directions == 2 and "bidirectional"
    or "forward" }
  for name, value in pairs(kind.attributes or {}) do attributes[name] = value end
  if row.nonlinearity == "relu" then
    error("save_onnx: rnn with relu is not written", 0)
  end
  local names = { g:add(kind.op, { g:transpose(g:last(x), { 2, 1, 3 }), matrix(g, v[2], kind.gates),
    matrix(g, v[3], kind.gates), biases(g, v[4], v[5], kind.gates) }, attributes, 1 + kind.states) }
  -- (time, direction, batch, hidden) to (batch, time, direction x hidden)
  names[1] = g:add("Reshape", { g:transpose(names[1], { 3, 1, 2, 4 }),
    g:integers { -1, x.dims[2][1], directions * hidden } })
  y.parts = parts_of(x, v, names)
end

for name in pairs(KINDS) do M[name] = layer end

return M
