--- A plan by the ranks of an MPI job: its jobs one after another, each by all ranks together.
local ms = require "moonstem"
local exit = require "moonstem.sys.status"
local node = require "moonstem.lab.job.node"

local M = {}

--- Meets the other ranks, where that is asked for: true, or nil and a sentence.
function M.begin(asked)
  if not asked.mpi then return true end
  return ms.distributed.init { micro_batch = asked.micro_batch }
end

local STOPPED = { [exit.INTERRUPTED] = true, [exit.TERMINATED] = true, [exit.AGAIN] = true }

--- Works off all jobs of a plan; rank 0 then makes what they are for by write(). The exit status.
function M.off(plan, write)
  local worst = exit.FINISHED
  for _, job in ipairs(plan.list) do
    local status = node.run(plan.name, plan.jobs, job.name, plan.asked.threads)
    if STOPPED[status] then return status end
    if status ~= exit.FINISHED then worst = exit.FAILED end
  end
  local wrote, why = ms.distributed.by_first(function()
    local made, refused = write()
    return made and true, refused
  end)
  if wrote then return worst end
  io.stderr:write(plan.name, ": ", tostring(why), "\n")
  return exit.FAILED
end

return M
