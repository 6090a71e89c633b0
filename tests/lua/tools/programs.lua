--- Random programs over a few tensors, which change some of them in place: for tests of gradients.
local ms = require "moonstem"

local SIZE = 3
local M = {}

local UNARY = { "exp", "square", "sigmoid", "tanh", "gelu", "clone" }

--- What a statement does with the tensors so far: `pick(n)` is one of them. Nil: it makes no new
-- one.
local STATEMENTS = {
  function(pick, a) return (pick(a[1]) * 0.5)[UNARY[a[2] % #UNARY + 1]](pick(a[1]) * 0.5) end,
  function(pick, a) return pick(a[1]) + pick(a[2]) end,
  function(pick, a) return pick(a[1]) - pick(a[2]) end,
  function(pick, a) return pick(a[1]) * pick(a[2]) end,
  function(pick, a) return pick(a[1]):reshape { 1, SIZE }:reshape { SIZE } end,
  function(pick, a) return ms.cat({ pick(a[1]):slice(1, 1, 2), pick(a[2]):slice(1, 3, 3) }, 1) end,
  function(pick, a)
    return ms.recompute(function(x, y) return (x * y):tanh() * x end, {}, pick(a[1]), pick(a[2]))
  end,
  function(pick, a) pick(a[1]):detach():set(a[2] % SIZE + 1, a[3] / 100) end,
}

--- A program of up to 12 statements, a function of `seed` alone.
function M.make(seed)
  local function draw(k, most) return ms.random.integer(seed, "programs", k, 0, most) end
  local list = {}
  for k = 1, 3 + draw(0, 9) do
    list[k] = { does = STATEMENTS[draw(4 * k, #STATEMENTS)], draw(4 * k + 1, 100),
      draw(4 * k + 2, 100), draw(4 * k + 3, 100) }
  end
  return list
end

--- Numbers of two leaves for it.
function M.numbers(seed)
  local list = {}
  for k = 1, 2 do
    list[k] = {}
    for i = 1, SIZE do list[k][i] = ms.random.uniform(seed, "numbers", k, i) - 0.5 end
  end
  return list
end

--- Runs a program: what all of its tensors weigh together, and its leaves.
function M.run(list, numbers)
  local values, leaves, loss = {}, {}, nil
  for k, row in ipairs(numbers) do
    leaves[k] = ms.tensor(row):needs_grad()
    values[k] = leaves[k]
  end
  local function pick(n) return values[n % #values + 1] end
  for _, statement in ipairs(list) do values[#values + 1] = statement.does(pick, statement) end
  for _, v in ipairs(values) do
    local weight = (v * ms.tensor { 0.3, -0.7, 1.1 }):sum()
    loss = loss and loss + weight or weight
  end
  return loss, leaves
end

return M
