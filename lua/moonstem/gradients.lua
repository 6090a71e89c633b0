--- Gradients as results: of one tensor at some others, and of each number of a function's result.
local core = require "moonstem.tensor"
local options_of = require "moonstem.options"

local M = {}

local function check_options(options)
  local o = options_of(options, "grad", { gy = options_of.any, create_graph = false })
  if o.create_graph then
    error("grad: second derivatives are not there; gradients are numbers outside the graph: \z
      take differences of ms.grad at two places, or write the first one out with operators", 3)
  end
  return o
end

--- ms.grad(y, x, {gy = nil}) -> the gradient of y, a single number or weighed by gy, at x; of a
-- list {x, ...} a list
-- x: tensors that need a gradient, leaves or results on the way to y. Leaves' own x.grad stays as
-- it is, unlike y:backward(). The graph below y is freed. Raises where y does not depend on x.
-- Second derivatives are not promised: {create_graph = true} raises.
function M.grad(y, x, options)
  local o = check_options(options)
  local list = type(x) == "table" and x or { x }
  core.check_tensor(y, "grad: y")
  for i, one in ipairs(list) do core.check_tensor(one, ("grad: tensor %d"):format(i)) end
  local gradients = core.internal.gradients(y, list, o.gy ~= nil and core.as_tensor(o.gy) or nil)
  for i = 1, #list do
    if not gradients[i] then error(("grad: y does not depend on tensor %d"):format(i), 2) end
  end
  return type(x) == "table" and gradients or gradients[1]
end

-- Row i of the Jacobian: the gradient of number i of f(x), a flat list, and y's sizes.
local function row(f, leaf, i)
  local scope <close> = core.scope()
  local y = core.check_tensor(f(leaf), "jacobian: what f gives")
  local one = core.zeros(y:size())
  if y:count() == 0 then return nil, y:size(), 0 end
  one:reshape { -1 }:set(i, 1)
  local g = core.internal.gradients(y, { leaf }, one)[1] or core.zeros(leaf:size())
  return scope:keep(g:reshape { 1, -1 }), y:size(), y:count()
end

local function joined(a, b) return table.move(b, 1, #b, #a + 1, a) end

--- ms.jacobian(f, x) -> the derivative of each number of f(x) by each of x: f's sizes, then x's
-- f is a pure function of one tensor to another, called once for each number of its result.
-- Gradients of leaves that f uses stay as they are.
function M.jacobian(f, x)
  if type(f) ~= "function" then error("jacobian: f must be a function, got " .. type(f), 2) end
  core.check_tensor(x, "jacobian: x")
  local scope <close> = core.scope()
  local leaf, rows = x:detach():clone():needs_grad(), {}
  local first, size, count = row(f, leaf, 1)
  rows[1] = first
  for i = 2, count do rows[i] = row(f, leaf, i) end
  local all = count == 0 and core.zeros(joined(size, x:size()))
    or core.ops.cat(rows, 1):reshape(joined(size, x:size()))
  return scope:keep(all)
end

return M
