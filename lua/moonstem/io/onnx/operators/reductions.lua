--- Sums, means and extremes along dimensions.
local M = {}

local function from_zero(axes)
  local list = {}
  for k, d in ipairs(axes) do list[k] = d - 1 end
  return list
end

for name, op in pairs { sum = "ReduceSum", mean = "ReduceMean", amax = "ReduceMax",
  amin = "ReduceMin" } do
  M[name] = function(g, row, v, y)
    if row.axes[1] == 1 then
      error(("save_onnx: %s over the batch is not written"):format(name), 0)
    end
    y.last = g:add(op, { g:last(v[1]) }, { axes = from_zero(row.axes),
      keepdims = row.keep and 1 or 0 })
  end
end

-- Over all places, time and frequency.
function M.global_pool(g, row, v, y)
  local axes = {}
  for d = 2, #v[1].dims - 1 do axes[d - 1] = d - 1 end
  y.last = g:add(row.mode == "max" and "ReduceMax" or "ReduceMean", { g:last(v[1]) },
    { axes = axes, keepdims = 0 })
end

return M
