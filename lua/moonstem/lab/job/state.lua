--- How jobs stand, from their folders alone: no scheduler is asked. A job is "done", "unusable"
-- (its folder holds something else), "running", "failed", "blocked" (by a job that failed),
-- "stopped" (begun, and nobody is at it), or "to do".
local ms = require "moonstem"
local lock = require "moonstem.sys.lock"

local M = {}

-- The last validated step of a run, for people.
local function step_of(job)
  local rows = ms.io.load_json_lines(job.dir .. "/metrics.jsonl") or {}
  local last = rows[#rows]
  return last and last.step and ("validated at step %d"):format(last.step) or "no validation yet"
end

--- The lock of whoever works on a job: held from its first step to its result.
function M.lock_path(job) return job.dir .. "/node" end

--- Where a job leaves what it failed of: { why =, status =, host =, time = }.
function M.failure_path(job) return job.dir .. "/failure.json" end

--- The state of a job by itself, and a sentence about it or nil.
function M.of(job)
  local done, why = job.done()
  if done then return "done" end
  if done == nil then return "unusable", why end
  local owner = lock.holder(M.lock_path(job))
  if owner then
    return "running", ("process %d on %s, %s"):format(owner.pid, owner.host, step_of(job))
  end
  local failure = ms.io.load_json(M.failure_path(job))
  if failure then return "failed", ("%s (on %s)"):format(failure.why, failure.host) end
  if ms.sys.exists(job.dir .. "/settings.json") then return "stopped", step_of(job) end
  return "to do"
end

local HOPELESS = { failed = true, unusable = true, blocked = true }

--- The states of all jobs (needs first): { [name] = { state =, why = } }.
function M.all(jobs)
  local states = {}
  for _, job in ipairs(jobs) do
    local state, why = M.of(job)
    for _, need in ipairs(state == "done" and {} or job.needs) do
      local other = states[need] and states[need].state
      if state ~= "running" and HOPELESS[other] then
        state, why = "blocked", ("it needs %s, which is %s"):format(need, other)
      end
    end
    states[job.name] = { state = state, why = why }
  end
  return states
end

return M
