--- Which algorithms a network's layers take, and why.
local look = require "moonstem.net.look"
local parts = require "moonstem.net.parts"
local strict = require "moonstem.strict"

local Explanation = {}
Explanation.__index = Explanation
Explanation.__name = "moonstem.explanation"

--- One line a layer: what computes it, by the counts of the planner, and what else could have.
function Explanation:__tostring()
  local head = "%-34s %-20s %-14s %10s  %s"
  local lines = { head:format("layer", "output", "solver", "MFLOP", "why") }
  for _, r in ipairs(self) do
    lines[#lines + 1] = ("%-34s %-20s %-14s %10.2f  %s"):format(r.layer, r.shape, r.solver,
      r.flops / 1e6, r.why)
  end
  return table.concat(lines, "\n")
end

strict.class(Explanation, "explanation")

local function why(solver)
  if solver.others == "" then return "the only one that applies" end
  return ("%.3g multiply-adds of registers; %s"):format(solver.cost, solver.others)
end

--- ms.explain(model, [size]) -> which algorithm each convolution of one forward call takes, and why
-- Prints as a table. A list of {layer = its path, shape = of its output, solver =, why = its cost
-- and those of the others, flops = of the definition, others = the names of what else could have
-- been taken}. size: of the input, model.input by default. ms.profile tells the same of a
-- whole step, by operators, backward too.
return function(model, size)
  if not parts.is_module(model) then
    error("explain: a network is expected, got " .. type(model), 2)
  end
  local rows = {}
  for _, r in ipairs((look.trace(model, size, "explain"))) do
    for _, solver in ipairs(r.solvers) do
      local others = {}
      for name in solver.others:gmatch "([%w_]+) [^,]+" do others[#others + 1] = name end
      rows[#rows + 1] = { layer = r.name, shape = r.shape, solver = solver.name, why = why(solver),
        flops = r.flops, others = others }
    end
  end
  return setmetatable(rows, Explanation)
end
