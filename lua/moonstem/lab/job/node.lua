--- One job in this process, as the queue or a scheduler starts it: what it needs is looked at
-- first, one process at a time works on it, and what it fails of stays in its folder.
local ms = require "moonstem"
local exit = require "moonstem.sys.status"
local state = require "moonstem.lab.job.state"

local M = {}

-- Tells why not; the exit status.
local function refuse(who, why, status)
  io.stderr:write(who, ": ", why, "\n")
  return status
end

-- What stands in the way: a sentence and the exit status; nil where all needs are done. A scheduler
-- takes a need that it has forgotten for done, so it is not asked.
local function obstacle(jobs, job)
  local missing, status = {}, exit.AGAIN
  for _, name in ipairs(job.needs) do
    local how, why = state.of(jobs:find(name))
    if how ~= "done" then
      missing[#missing + 1] = ("%s, which is %s%s"):format(name, how, why and ": " .. why or "")
      if how ~= "running" then status = exit.NEEDS end
    end
  end
  if #missing == 0 then return nil end
  return ("%s needs %s"):format(job.name, table.concat(missing, "; and ")), status
end

local function is_busy(why)
  return why:find("in use by another process", 1, true)
    or why:find("is held by process", 1, true)
end

-- Keeps why a job failed, for --status and for those who look into its folder.
local function keep_failure(job, why, status)
  ms.io.save_json(state.failure_path(job), { why = why, status = status,
    host = ms.sys.hostname(), time = os.date "!%Y-%m-%dT%H:%M:%SZ" })
end

-- Takes the job's lock: nil and the lock, or the exit status.
local function take_lock(who, job)
  local made, refusal = ms.sys.mkdir(job.dir)
  if not made then return refuse(who, refusal, exit.FAILED) end
  local held, busy = ms.sys.lock(state.lock_path(job))
  if not held then return refuse(who, busy, is_busy(busy) and exit.AGAIN or exit.FAILED) end
  ms.sys.remove(state.failure_path(job))
  return nil, held
end

-- Does the work; the exit status. What ends after a signal has not failed, whatever it says.
local function work(who, job)
  local ok, why = pcall(job.work)
  if ok then return exit.FINISHED end
  if why == "interrupted" then return exit.stopped() or exit.INTERRUPTED end
  why = tostring(why)
  if exit.stopped() then return refuse(who, why, exit.stopped()) end
  if is_busy(why) then return refuse(who, why, exit.AGAIN) end
  if ms.distributed.rank() == 0 then keep_failure(job, why, exit.FAILED) end
  return refuse(who, why, exit.FAILED)
end

-- Looks whether a job is to be done now: nil and its lock, or the exit status.
local function look(who, jobs, job)
  local done, why = job.done()
  if done then return exit.FINISHED end
  if done == nil then return refuse(who, why, exit.FAILED) end
  local missing, status = obstacle(jobs, job)
  if missing then return refuse(who, missing, status) end
  return take_lock(who, job)
end

--- Does one of the jobs here, by all ranks where there are several, of which the first holds its
-- lock: its exit status (moonstem.sys.status). who: for messages.
function M.run(who, jobs, name, threads)
  local job = jobs:find(name)
  if not job then
    return refuse(who, ("there is no job %s; --dry-run lists them"):format(name), exit.USAGE)
  end
  local lock
  local status, lost = ms.distributed.by_first(function()
    local over
    over, lock = look(who, jobs, job)
    return over or false
  end)
  local _ <close> = lock
  if status == nil then return refuse(who, lost, exit.FAILED) end
  if status then return status end
  ms.threads(threads)
  return work(who, job)
end

return M
