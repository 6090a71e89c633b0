--- Gradients against central differences, for operators and
-- whole modules (double build: moonstem-double).
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"

--- One number from a result: its product with fixed random numbers, summed.
local function weigh(y, weights)
  weights[1] = weights[1] or core.uniform(y:size()) - 0.5
  return (y * weights[1]):sum()
end

--- ms.gradcheck(f, {x, ...}, {step = 1e-5, samples = 40}) -> largest error, and where.
-- f(x, ...) -> tensor. For every input, up to `samples` numbers are moved by +-step, and the change
-- of a random projection of f is compared with backward's gradient. The error is the difference
-- over max(1, |numeric|). f must be a pure function: freeze dropout and running statistics.
return function(f, inputs, options)
  local o = options_of(options, "gradcheck", { step = 1e-5, samples = options_of.count(40) })
  local step, samples = o.step, o.samples
  local _ <close> = core.scope()
  local weights, leaves = {}, {}
  for k, x in ipairs(inputs) do leaves[k] = x:detach():clone():needs_grad() end
  weigh(f(table.unpack(leaves)), weights):backward()
  local function value()
    local y
    core.no_grad(function() y = weigh(f(table.unpack(leaves)), weights):item() end)
    return y
  end
  local worst, where = 0, "nothing checked"
  for k, x in ipairs(leaves) do
    local flat = x:detach():reshape { -1 } -- shares x's numbers
    local grad = (x.grad or core.zeros(x:size())):reshape { -1 }
    local n = flat:count()
    for s = 1, math.min(samples, n) do
      local i = n <= samples and s or core.random.integer(1, "gradcheck", k, s, n)
      local before = flat:get(i)
      flat:set(i, before + step)
      local up = value()
      flat:set(i, before - step)
      local down = value()
      flat:set(i, before)
      local numeric = (up - down) / (2 * step)
      local e = math.abs(numeric - grad:get(i)) / math.max(1, math.abs(numeric))
      if e > worst or e ~= e then
        worst, where = e, ("input %d, number %d: %g by differences, %g by backward")
          :format(k, i, numeric, grad:get(i))
      end
    end
  end
  return worst, where
end
