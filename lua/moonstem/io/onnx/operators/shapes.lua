--- Operators that move numbers and compute none.
local M = {}

local function reshaped(g, _, v, y) y.last = g:reshape(g:last(v[1]), y) end

-- A part of a layer's packed result (recurrent.lua), in the shape that it has there.
local function unpacked(x, y)
  local part = x.part
  if not part then return false end
  for d = 1, math.max(#part.dims, #y.dims) do
    local a, b = part.dims[d] or {}, y.dims[d] or {}
    if a[1] ~= b[1] or a.per_batch ~= b.per_batch then
      error("save_onnx: a recurrent layer's result in another shape is not written", 0)
    end
  end
  y.last = part.name
  return true
end

function M.reshape(g, row, v, y)
  if not unpacked(v[1], y) then reshaped(g, row, v, y) end
end

M.squeeze, M.unsqueeze, M.flatten = reshaped, reshaped, reshaped

function M.permute(g, row, v, y)
  y.last = g:transpose(g:last(v[1]), row.order)
end

function M.transpose(g, row, v, y)
  local order = {}
  for d = 1, #v[1].dims do order[d] = d end
  order[row.first], order[row.second] = order[row.second], order[row.first]
  y.last = g:transpose(g:last(v[1]), order)
end

local function slice(g, x, axis, first, last)
  return g:add("Slice", { x, g:integers { first }, g:integers { last }, g:integers { axis } })
end

function M.slice(g, row, v, y)
  local x = v[1]
  if x.parts then
    for _, part in ipairs(x.parts) do
      if part.first == row.first then y.part = part end
    end
    return
  end
  if row.axis == 1 then error("save_onnx: a slice of the batch is not written", 0) end
  if g:has_first(x) then
    y.first = slice(g, x.first, g:first_axis(x, row.axis), row.first - 1, row.last)
  else
    y.last = slice(g, g:last(x), row.axis - 1, row.first - 1, row.last)
  end
end

function M.cat(g, row, v, y)
  local names, first = {}, false
  for _, x in ipairs(v) do first = first or g:has_first(x) end
  for k, x in ipairs(v) do names[k] = first and g:first(x) or g:last(x) end
  if first then y.first = g:add("Concat", names, { axis = g:first_axis(y, row.axis) })
  else y.last = g:add("Concat", names, { axis = row.axis - 1 }) end
end

function M.expand(g, _, v, y)
  y.last = g:add("Expand", { g:last(v[1]), g:shape(y.dims) })
end

local MODES = { constant = "constant", reflect = "reflect", replicate = "edge" }

-- pairs: before and after, the last dimension first.
function M.pad(g, row, v, y)
  local n, before, after, any = #v[1].dims, {}, {}, false
  for d = 1, n do before[d], after[d] = 0, 0 end
  for k = 1, #row.pairs, 2 do
    local d = n - (k - 1) // 2
    before[d], after[d] = row.pairs[k], row.pairs[k + 1]
    any = any or before[d] ~= 0 or after[d] ~= 0
    if before[d] < 0 or after[d] < 0 then error("save_onnx: pads below 0 are not written", 0) end
  end
  local mode = MODES[row.mode] or error("save_onnx: there is no padding " .. row.mode, 0)
  if not any then
    y.last = g:last(v[1])
    return
  end
  local pads = g:integers(table.move(after, 1, n, n + 1, before))
  local inputs = { g:last(v[1]), pads }
  if mode == "constant" then inputs[3] = g:number(row.value) end
  y.last = g:add("Pad", inputs, { mode = mode })
end

return M
