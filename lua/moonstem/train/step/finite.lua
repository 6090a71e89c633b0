--- Looks for numbers that are not finite, in what a run is about to keep.
local M = {}

--- Whether a number is neither infinite nor NaN.
function M.number(x) return x == x and x ~= math.huge and x ~= -math.huge end

-- Names of the tensors that hold such numbers.
local function broken(list, value_of, label)
  local names = {}
  for _, entry in ipairs(list) do
    local value = value_of(entry)
    if value and not value:finite() then names[#names + 1] = label:format(entry.name) end
  end
  return names
end

local function value(entry) return entry.value end

--- Of gradients, the nearest to the loss first: there they began.
function M.gradients(parameters)
  local names = broken(parameters, function(p) return p.value.grad end, "%s")
  local turned = {}
  for k = #names, 1, -1 do turned[#turned + 1] = names[k] end
  return turned
end

--- Of weights and running statistics, and of what the optimizer keeps.
function M.state(model, optimizer)
  local names = broken(model:tensors(), value, "%s")
  local kept = {}
  for name, tensor in pairs(optimizer and optimizer:state() or {}) do
    if name ~= "steps" then kept[#kept + 1] = { name = name, value = tensor } end
  end
  table.sort(kept, function(a, b) return a.name < b.name end)
  return table.move(broken(kept, value, "%s of the optimizer"), 1, #kept, #names + 1, names)
end

return M
