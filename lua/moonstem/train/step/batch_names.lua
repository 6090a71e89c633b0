--- The clips of a step's batch by name, for messages: where the task knows them.
local randomness = require "moonstem.train.step.randomness"

local M = {}

-- The files that the rows of a feed are cut from, once each.
local function files(rows)
  local list, seen = {}, {}
  for _, row in ipairs(rows) do
    for _, piece in ipairs(row) do
      if not seen[piece.path] then
        seen[piece.path] = true
        list[#list + 1] = piece.path
      end
    end
  end
  return list
end

--- Names of the clips of a step (from 0): those that the task's method `names` tells, else the
-- files that its feed reads; none where neither is there.
function M.of(task, seed, step)
  if task.names then return task:names(step) end
  if not task.feed then return {} end
  randomness.at(seed, step, "batch")
  return files((task:batch(step)))
end

return M
