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

return M
