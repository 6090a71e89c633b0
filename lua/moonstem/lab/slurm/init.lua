--- A plan of jobs (lab/job/work.lua) as jobs of Slurm: batch files in OUT/slurm/NAME, which
-- submit.sh hands over all at once. Nothing watches them afterwards: what was done stands in run
-- folders.
local ms = require "moonstem"
local demands = require "moonstem.lab.slurm.demands"
local exit = require "moonstem.sys.status"
local files = require "moonstem.lab.slurm.files"
local levels_of = require "moonstem.lab.slurm.levels"
local state = require "moonstem.lab.job.state"

local M = {}

-- States of runs that are handed over: by --slurm, and by --slurm --retry.
local FIRST = { ["to do"] = true, stopped = true, failed = true, blocked = true }
local RETRY = { stopped = true, failed = true, blocked = true }

-- Tells why not; the exit status.
local function refuse(plan, why, status)
  io.stderr:write(plan.name, ": ", why, "\n")
  return status or exit.FAILED
end

-- The names of the jobs to hand over; or nil and why none can be.
local function chosen(plan)
  local states, wanted, names = state.all(plan.list),
    plan.asked.slurm.retry and RETRY or FIRST, {}
  for _, job in ipairs(plan.list) do
    local s = states[job.name]
    if s.state == "unusable" then return nil, s.why end
    names[job.name] = wanted[s.state] or nil
  end
  if next(names) then return names end
  return nil, plan.asked.slurm.retry and "nothing has failed; --status tells how all stand"
    or "nothing is left to do; --status tells how all stand"
end

-- Writes the files of a plan: their folder, or nil and a sentence.
local function write(plan, levels, place)
  local folder = files.folder_of(plan)
  local ok, why = ms.sys.mkdir(folder)
  local needs = {}
  for _, level in ipairs(ok and levels or {}) do
    needs[level.kind] = needs[level.kind] or demands.of(plan, level.kind)
    local text = files.level(plan, level, needs[level.kind])
    if ok then ok, why = ms.sys.write_file(("%s/%s.sh"):format(folder, level.name), text) end
  end
  local all = ok and files.submit(plan, levels, place)
  if all then ok, why = ms.sys.write_file(folder .. "/submit.sh", all) end
  if not ok then return nil, why end
  return folder
end

-- Whether the plan was handed over before: a second time, each run would stand in the queue twice.
local function handed_over(plan, folder)
  local mark = folder .. "/submitted.txt"
  if plan.asked.slurm.retry or not ms.sys.exists(mark) then return nil end
  return ("it was handed over before (%s): --status tells how it stands, --retry submits what \z
    failed; without that file all is submitted again"):format(mark)
end

local function submit(plan, folder)
  local status, text = ms.sys.capture { "sh", folder .. "/submit.sh" }
  io.write(text)
  if status ~= 0 then
    return refuse(plan, ("sh %s/submit.sh ended with status %d"):format(folder, status))
  end
  local ok, why = ms.sys.write_file(folder .. "/submitted.txt", text)
  return ok and exit.FINISHED or refuse(plan, why)
end

--- Writes batch files for what is not done and submits them, unless it is a dry run; exit status.
function M.hand_over(plan)
  local names, why = chosen(plan)
  if not names then return refuse(plan, why, exit.FAILED) end
  local before = handed_over(plan, files.folder_of(plan))
  if before and not plan.asked.slurm.dry_run then return refuse(plan, before) end
  local levels, place = levels_of.of(plan.list, names)
  local folder
  folder, why = write(plan, levels, place)
  if not folder then return refuse(plan, why) end
  for _, level in ipairs(levels) do
    print(("%s/%s.sh  %d runs"):format(folder, level.name, #level.jobs))
  end
  print(folder .. "/submit.sh")
  if plan.asked.slurm.dry_run then return exit.FINISHED end
  return submit(plan, folder)
end

return M
