--- What is asked of a plan of jobs: a list, their states, command lines, one of them, batch files
-- for Slurm, or all of them here. A plan, which a recipe and an experiment make of themselves:
--   { name =, title =, out = folder, script =, jobs = of the queue, list = of them in order,
--     aim = "the table": what they are for,
--     scale = of the paper's models or nil, asked = what job/options.lua gives }
local exit = require "moonstem.sys.status"
local listing = require "moonstem.lab.listing"
local node = require "moonstem.lab.job.node"
local progress = require "moonstem.lab.progress"
local queue = require "moonstem.lab.queue"
local ranks = require "moonstem.lab.job.ranks"
local slurm = require "moonstem.lab.slurm"

local M = {}

--- What is asked for beside the work itself: the exit status, or nil where all is to be done.
function M.aside(plan)
  local asked = plan.asked
  local met, why = ranks.begin(asked)
  if not met then
    io.stderr:write(plan.name, ": ", why, "\n")
    return exit.FAILED
  end
  if asked.node then return node.run(plan.name, plan.jobs, asked.node, asked.threads) end
  if asked.status then return listing.status(plan) end
  if asked.slurm then return slurm.hand_over(plan) end
  if asked.listing then return listing.list(plan) end
  if asked.commands then return listing.commands(plan) end
end

--- Works off all jobs here, asked.workers at a time, each in a process of its own; then write()
-- makes what they are for: true, or nil and a sentence. The exit status.
function M.off(plan, write)
  if plan.asked.mpi then return ranks.off(plan, write) end
  local tell = progress.new(plan)
  local done, how = queue.run(plan.list, { workers = plan.asked.workers, tell = function(...)
    tell:tick(...)
  end })
  tell:finish(done, how)
  local wrote, why = write()
  if not wrote then
    io.stderr:write(plan.name, ": ", why, "\n")
    return exit.FAILED
  end
  if how == "interrupted" then return exit.stopped() or exit.INTERRUPTED end
  return tell:failures(done) > 0 and exit.FAILED or exit.FINISHED
end

--- The arguments of a process that does one job of a script and nothing else. words: the script's
-- own arguments.
function M.command(script, name, threads, words)
  return { "/proc/self/exe", script, "--node", name, "--threads", tostring(threads),
    table.unpack(words) }
end

return M
