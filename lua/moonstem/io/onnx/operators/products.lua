--- Matrix products, and attention, which is made of them.
local core = require "moonstem.core.tensor"

local M = {}

function M.matmul(g, _, v, y)
  y.last = g:add("MatMul", { g:last(v[1]), g:last(v[2]) })
end

function M.linear(g, _, v, y)
  y.last = g:add("MatMul", { g:last(v[1]), g:last(v[2]) })
  if v[3] then y.last = g:add("Add", { y.last, g:last(v[3]) }) end
end

-- Rows of a table by whole numbers from 1.
function M.embedding(g, _, v, y)
  local index = g:chain(g:last(v[2]), { "Sub", g:number(1) }, { "Cast", attributes = { to = 7 } })
  y.last = g:add("Gather", { g:last(v[1]), index }, { axis = 0 })
end

local function soft(op)
  return function(g, row, v, y)
    local n = #v[1].dims
    local axis = row.axis == -1 and n or row.axis
    local order = {}
    for d = 1, n do order[d] = d end
    order[axis], order[n] = n, axis
    local x = axis == n and g:last(v[1]) or g:transpose(g:last(v[1]), order)
    x = g:add(op, { x }, { axis = n - 1 }) -- of the last dimension alone the versions agree
    y.last = axis == n and x or g:transpose(x, order)
  end
end

M.softmax, M.log_softmax = soft "Softmax", soft "LogSoftmax"

-- ---- attention ----------------------------------------------------------------------------------
-- Columns of (batch, token, parts x heads x width) as (batch, head, token, width), a name for each.
local function heads_of(g, x, value, parts, heads)
  local tokens, width = value.dims[2][1], value.dims[3][1] // (parts * heads)
  local cut = g:add("Reshape", { x, g:integers { -1, tokens, parts, heads, width } })
  local names = {}
  local all = g:transpose(cut, { 3, 1, 4, 2, 5 })
  for k = 1, parts do
    local one = g:add("Slice", { all, g:integers { k - 1 }, g:integers { k }, g:integers { 0 } })
    names[k] = g:add("Squeeze", { one }, { axes = { 0 } })
  end
  return names, width
end

-- -1e30 where a token may not look: above the diagonal.
local function causal_mask(tokens)
  return core.full({ tokens, tokens }, -1e30):triu(1)
end

local function attend(g, row, q, k, v, width, y)
  local scores = g:chain(g:add("MatMul", { q, g:transpose(k, { 1, 2, 4, 3 }) }),
    { "Mul", g:number(1 / math.sqrt(width)) })
  if row.causal then scores = g:add("Add", { scores, g:tensor(causal_mask(y.dims[2][1])) }) end
  local shares = g:add("Softmax", { scores }, { axis = 3 })
  y.last = g:reshape(g:transpose(g:add("MatMul", { shares, v }), { 1, 3, 2, 4 }), y)
end

local function no_mask(mask, who)
  if mask then error(("save_onnx: %s with a mask is not written"):format(who), 0) end
end

function M.attention(g, row, v, y)
  no_mask(v[2], "attention")
  local parts, width = heads_of(g, g:last(v[1]), v[1], 3, row.heads)
  attend(g, row, parts[1], parts[2], parts[3], width, y)
end

function M.cross_attention(g, row, v, y)
  no_mask(v[3], "cross_attention")
  local q, width = heads_of(g, g:last(v[1]), v[1], 1, row.heads)
  local kv = heads_of(g, g:last(v[2]), v[2], 2, row.heads)
  attend(g, row, q[1], kv[1], kv[2], width, y)
end

return M
