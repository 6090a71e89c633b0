--- Gradients as results; values by hand.
local ms = require "moonstem"

local function leaf(x) return x:detach():clone():needs_grad() end

return {
  grad = {
    { function(x)
      local w = leaf(x)
      return ms.grad((w * w * w):sum(), w), w.grad == nil
    end, { { 1, -2, 0.5 } }, results = { { 3, 12, 0.75 }, true }, grad = false },
    { function(x, y)
      local a, b = leaf(x), leaf(y)
      local product = a * b
      local g = ms.grad((product * product):sum(), { a, product, b })
      return g[1], g[2], g[3]
    end, { { 1, 2 }, { 3, -1 } }, results = { { 18, 4 }, { 6, -4 }, { 6, -8 } }, grad = false },
    { function(x)
      local w = leaf(x)
      return ms.grad(w:square(), w, { gy = { 1, 0, -2 } })
    end, { { 1, 2, 3 } }, { 2, 0, -12 }, grad = false },
    { function(x)
      local w = leaf(x)
      return ms.grad(w, w, { gy = { 5 } })
    end, { { 1 } }, { 5 }, grad = false },
    wrong = {
      { function() ms.grad(ms.ones(1), ms.ones(1)) end, "grad: tensor 1 needs no gradient" },
      { function()
        local x = leaf(ms.ones(1))
        ms.grad((x * 1):sum(), leaf(ms.ones(1)))
      end, "grad: y does not depend on tensor 1" },
      { function()
        local x = leaf(ms.ones(2))
        ms.grad(x * 1, x)
      end, "the loss must be a single number, got 2" },
      { function()
        local x = leaf(ms.ones(1))
        ms.grad(x * 1, x, { create_graph = true })
      end, "second derivatives are not there" },
      { function()
        local x = leaf(ms.ones(1))
        ms.grad(x * 1, { x, 3 })
      end, "grad: tensor 2 must be a tensor, got 3" },
      { function() ms.grad(ms.ones(1), {}) end, "a list of 1 or more tensors" },
    },
  },
  jacobian = {
    { function(x) return ms.jacobian(function(v) return v * v end, x) end, { { 1, 2, 3 } },
      { { 2, 0, 0 }, { 0, 4, 0 }, { 0, 0, 6 } }, grad = false },
    { function(x) return ms.jacobian(function(v) return v:sum(1) end, x) end,
      { { { 1, 2 }, { 3, 4 } } }, { { { 1, 0 }, { 1, 0 } }, { { 0, 1 }, { 0, 1 } } },
      grad = false },
    { function(x) return ms.jacobian(function(v) return v:sum() end, x) end, { { 1, 2 } }, { 1, 1 },
      grad = false },
    wrong = {
      { function() ms.jacobian(ms.ones(1), ms.ones(1)) end, "f must be a function" },
      { function() ms.jacobian(function() return 3 end, ms.ones(1)) end,
        "jacobian: what f gives must be a tensor, got 3" },
    },
  },
}
