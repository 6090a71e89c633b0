--- What PyTorch calls the tensors of a layer, and how it lays them out: a row for each kind.
local M = {}

-- A row says that our tensors `ours`, joined along a dimension, are PyTorch's tensors `theirs`,
-- each with its dimensions in the order `turn` (ours d is theirs turn[d]), joined along one. lead:
-- theirs get a first dimension of size 1 before they are turned; size: the size that they have
-- there, where it is not what follows. alias: names that theirs also have.
local function one(ours, theirs, turn)
  return { ours = { ours }, theirs = { theirs }, turn = turn }
end

local function same(...)
  local rows = {}
  for k, name in ipairs { ... } do rows[k] = one(name, name) end
  return function() return rows end
end

local function turned(turn)
  local rows = { one("weight", "weight", turn), one("bias", "bias") }
  return function() return rows end
end

-- weight_ih.k (directions, in, gates) of weight_ih_l(k - 1), and ..._reverse, (gates, in).
local function recurrent(layer)
  local rows = {}
  for k = 1, layer.options.layers do
    for _, name in ipairs { "weight_ih", "weight_hh", "bias_ih", "bias_hh" } do
      local theirs = { ("%s_l%d"):format(name, k - 1) }
      if layer.options.bidirectional then theirs[2] = theirs[1] .. "_reverse" end
      rows[#rows + 1] = { ours = { name .. "." .. k }, theirs = theirs, theirs_join = 1,
        lead = true, turn = name:find "weight" and { 1, 3, 2 } or nil }
    end
  end
  return rows
end

local function attention(layer)
  local o = layer.options
  local rows = { one("out.weight", "out_proj.weight", { 2, 1 }), one("out.bias", "out_proj.bias") }
  if not o.memory_dim then
    rows[3] = one("qkv.weight", "in_proj_weight", { 2, 1 })
    rows[4] = one("qkv.bias", "in_proj_bias")
    return rows
  end
  rows[3] = { ours = { "q.bias", "kv.bias" }, theirs = { "in_proj_bias" }, ours_join = 1 }
  if o.memory_dim == o.dim then
    rows[4] = { ours = { "q.weight", "kv.weight" }, theirs = { "in_proj_weight" }, ours_join = 2,
      turn = { 2, 1 } }
  else
    rows[4] = one("q.weight", "q_proj_weight", { 2, 1 })
    rows[5] = { ours = { "kv.weight" }, theirs = { "k_proj_weight", "v_proj_weight" },
      theirs_join = 2, turn = { 2, 1 } }
  end
  return rows
end

-- PyTorch's weight_norm keeps a length for each first index, which is our last one unless the
-- convolution is transposed.
local function weight_norm(layer)
  local inner = layer.options.layer
  local kind = inner:kind()
  if kind:find "transpose" or not M.kinds[kind] then return nil end
  local rows, out = {}, layer.g:count()
  for _, row in ipairs(M.kinds[kind](inner)) do
    if row.ours[1] == "weight" then
      local size = { out }
      for d = 2, #row.turn do size[d] = 1 end
      rows[#rows + 1] = { ours = { "v" }, theirs = { "weight_v" }, turn = row.turn,
        alias = { "parametrizations.weight.original1" } }
      rows[#rows + 1] = { ours = { "g" }, theirs = { "weight_g" }, size = size,
        alias = { "parametrizations.weight.original0" } }
    else
      rows[#rows + 1] = row
    end
  end
  return rows
end

local plain = same("weight", "bias")

--- Kind of a layer -> a function of it that gives its rows; nil where a layer has none.
M.kinds = {
  linear = turned { 2, 1 }, bilinear = turned { 2, 3, 1 }, embedding = same "weight",
  conv2d = turned { 3, 4, 2, 1 }, conv1d = turned { 3, 2, 1 },
  conv_transpose2d = turned { 3, 4, 1, 2 }, conv_transpose1d = turned { 3, 1, 2 },
  batch_norm = same("weight", "bias", "running_mean", "running_var"),
  layer_norm = plain, group_norm = plain, instance_norm = plain, rms_norm = same "weight",
  prelu = same "weight",
  lstm = recurrent, gru = recurrent, rnn = recurrent, attention = attention,
  weight_norm = weight_norm,
  parameter = function() return { one("value", "") } end,
  positions = function() return { one("value", "") } end,
}

return M
