--- Operators number by number.
local M = {}

-- The result in the layout that the input has, so that nothing is turned for it.
local function in_place(g, x, y, make)
  if g:has_first(x) then y.first = make(x.first)
  else y.last = make(g:last(x)) end
end

-- What nodes one after another make of x; each is { op_type, constants... }.
local function through(g, x, list)
  for _, step in ipairs(list) do
    local inputs = { x }
    for k = 2, #step do inputs[k] = g:number(step[k]) end
    x = g:add(step[1], inputs)
  end
  return x
end

local function steps(...)
  local list = { ... }
  return function(g, _, v, y)
    in_place(g, v[1], y, function(x) return through(g, x, list) end)
  end
end

for name, op in pairs { relu = "Relu", sigmoid = "Sigmoid", tanh = "Tanh", exp = "Exp",
  sqrt = "Sqrt", abs = "Abs", neg = "Neg", softsign = "Softsign", floor = "Floor",
  ceil = "Ceil", sign = "Sign", sin = "Sin", cos = "Cos", erf = "Erf",
  reciprocal = "Reciprocal" } do
  M[name] = steps { op }
end

M.log1p = steps({ "Add", 1 }, { "Log" })
M.relu6 = steps({ "Max", 0 }, { "Min", 6 })
M.hardsigmoid = steps({ "Add", 3 }, { "Max", 0 }, { "Min", 6 }, { "Div", 6 })
M.logsigmoid = steps({ "Neg" }, { "Softplus" }, { "Neg" })
M.selu = steps { "Selu" }

-- log(x + epsilon), over a base.
local function logarithm(base)
  return function(g, row, v, y)
    in_place(g, v[1], y, function(x)
      if row.epsilon ~= 0 then x = g:add("Add", { x, g:number(row.epsilon) }) end
      x = g:add("Log", { x })
      return base and g:add("Mul", { x, g:number(1 / math.log(base)) }) or x
    end)
  end
end

M.log, M.log10 = logarithm(), logarithm(10)

function M.square(g, _, v, y)
  in_place(g, v[1], y, function(x) return g:add("Mul", { x, x }) end)
end

-- x (1 + erf(x / sqrt 2)) / 2
function M.gelu(g, _, v, y)
  in_place(g, v[1], y, function(x)
    local share = g:chain(x, { "Mul", g:number(math.sqrt(0.5)) }, { "Erf" }, { "Add", g:number(1) },
      { "Mul", g:number(0.5) })
    return g:add("Mul", { x, share })
  end)
end

-- x times what nodes make of x.
local function gate(...)
  local list = { ... }
  return function(g, _, v, y)
    in_place(g, v[1], y, function(x) return g:add("Mul", { x, through(g, x, list) }) end)
  end
end

M.silu = gate { "Sigmoid" }
M.mish = gate({ "Softplus" }, { "Tanh" })
M.hardswish = gate({ "Add", 3 }, { "Max", 0 }, { "Min", 6 }, { "Div", 6 })

function M.elu(g, row, v, y)
  in_place(g, v[1], y, function(x) return g:add("Elu", { x }, { alpha = row.alpha }) end)
end

function M.hardtanh(g, row, v, y)
  in_place(g, v[1], y, function(x)
    return g:chain(x, { "Max", g:number(row.low) }, { "Min", g:number(row.high) })
  end)
end

-- Above the threshold x itself, from which ln(1 + e^x) does not differ any more.
function M.softplus(g, row, v, y)
  if row.threshold < 15 then
    error("save_onnx: softplus with a threshold below 15 is not written", 0)
  end
  in_place(g, v[1], y, function(x)
    return g:chain(x, { "Mul", g:number(row.beta) }, { "Softplus" }, { "Div", g:number(row.beta) })
  end)
end

function M.leaky_relu(g, row, v, y)
  in_place(g, v[1], y, function(x)
    return g:add("LeakyRelu", { x }, { alpha = row.slope + 0.0 })
  end)
end

function M.affine(g, row, v, y)
  in_place(g, v[1], y, function(x)
    if row.scale ~= 1 then x = g:add("Mul", { x, g:number(row.scale) }) end
    return row.offset ~= 0 and g:add("Add", { x, g:number(row.offset) }) or x
  end)
end

-- max(x, 0) + slope min(x, 0), a slope for all or for each channel.
function M.prelu(g, _, v, y)
  y.last = g:add("PRelu", { g:last(v[1]), g:last(v[2]) })
end

-- ---- of two -------------------------------------------------------------------------------------
-- Both with channels first where both have as many dimensions and one stands so.
local function of_two(op)
  return function(g, _, v, y)
    local a, b = v[1], v[2]
    local alike = #a.dims == #b.dims and #a.dims > 2
    if alike and (g:has_first(a) or g:has_first(b)) then
      y.first = g:add(op, { g:first(a), g:first(b) })
    else
      y.last = g:add(op, { g:last(a), g:last(b) })
    end
  end
end

for name, op in pairs { add = "Add", sub = "Sub", mul = "Mul", div = "Div", maximum = "Max",
  minimum = "Min", pow = "Pow" } do
  M[name] = of_two(op)
end

function M.clamp(g, _, v, y)
  in_place(g, v[1], y, function(x)
    for k, op in ipairs { "Max", "Min" } do
      local bound = v[k + 1]
      if bound and #bound.dims > 0 then
        error("save_onnx: clamp between tensors is not written", 0)
      end
      if bound then x = g:add(op, { x, g:last(bound) }) end
    end
    return x
  end)
end

return M
