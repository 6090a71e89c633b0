--- The jobs of a plan (lab/job/work.lua) as a list, with their states, and as the command lines
-- that do them.
local ms = require "moonstem"
local state = require "moonstem.lab.job.state"
local shell = require "moonstem.lab.job.shell"

local M = {}

local KINDS = { { "data", "data set", "data sets" }, { "separate", "separator", "separators" },
                { "tail", "tail", "tails" }, { "joint", "joint run", "joint runs" },
                { "run", "run", "runs" }, { "share", "share of data", "shares of data" } }

-- "3 data sets, 5 separators, 20 tails, 120 joint runs".
local function counted(jobs)
  local count, parts = {}, {}
  for _, job in ipairs(jobs) do
    local kind = job.kind:match "^[^/]+"
    count[kind] = (count[kind] or 0) + 1
  end
  for _, kind in ipairs(KINDS) do
    local n = count[kind[1]]
    if n then parts[#parts + 1] = ("%d %s"):format(n, n == 1 and kind[2] or kind[3]) end
  end
  return table.concat(parts, ", ")
end

local function width_of(jobs)
  local width = 0
  for _, job in ipairs(jobs) do width = math.max(width, #job.name) end
  return width
end

-- How far a job has come, whatever others do: those that wait are as begun or to do as they were.
local function progress_of(job)
  local name, why = state.of(job)
  if name == "done" then return name end
  if name == "unusable" then return name, why end
  return ms.sys.exists(job.dir .. "/settings.json") and "begun" or "to do"
end

--- Prints the jobs, how far they are and what they need; exit status.
function M.list(plan)
  local jobs, done, troubles, width = plan.list, 0, {}, width_of(plan.list)
  for _, job in ipairs(jobs) do
    local how, why = progress_of(job)
    if how == "done" then done = done + 1 end
    troubles[#troubles + 1] = why
    print(("%-8s  %-" .. width .. "s  %s"):format(how, job.name,
      #job.needs > 0 and "needs " .. table.concat(job.needs, ", ") or ""))
  end
  for _, why in ipairs(troubles) do print(why) end
  print(("%s: %d jobs (%s), then %s; %d done; --jobs %d, of %d threads each"):format(plan.name,
    #jobs, counted(jobs), plan.aim, done, plan.asked.workers, plan.asked.threads))
  return #troubles > 0 and 1 or 0
end

local ORDER = { "done", "running", "stopped", "to do", "failed", "unusable", "blocked" }

--- Prints how each job stands, by its folder; exit status: 1 where something failed.
function M.status(plan)
  local states, count, parts, width = state.all(plan.list), {}, {}, width_of(plan.list)
  for _, job in ipairs(plan.list) do
    local s = states[job.name]
    count[s.state] = (count[s.state] or 0) + 1
    print(("%-8s  %-" .. width .. "s  %s"):format(s.state, job.name, s.why or ""))
  end
  for _, name in ipairs(ORDER) do
    if count[name] then parts[#parts + 1] = ("%d %s"):format(count[name], name) end
  end
  print(("%s: %d jobs: %s"):format(plan.name, #plan.list, table.concat(parts, ", ")))
  return (count.failed or count.unusable) and 1 or 0
end

--- Prints the command line of each job that is not done, needs first, and behind it as a comment
-- what it needs; exit status. A line can be run from anywhere, by a cluster's scheduler too.
function M.commands(plan)
  local from = "cd " .. shell.quoted(ms.sys.cwd()) .. " && "
  for _, job in ipairs(plan.list) do
    if not job.done() then
      local needs = #job.needs > 0 and "  # needs " .. table.concat(job.needs, ", ") or ""
      print(from .. shell.line(job.command) .. needs)
    end
  end
  return 0
end

return M
