--- Works off a list of jobs, each in a process of its own, several at a time. No state but what the jobs leave behind:
-- a second start finds what is done, and two starts side by side share the work.
--   job = { name =, needs = names, command = list of arguments, dir = folder for output.txt,
--           done = function() -> its result, false, or nil and a sentence (its folder holds something else) }
local ms = require "moonstem"

local M = {
  BUSY = 75, -- exit status of a job whose folder another process works in
}

local AGAIN = 3       -- seconds until a busy job is looked at again
local PATIENCE = 300  -- seconds for children to save what they have

local Crew = {}
Crew.__index = Crew

-- ---- what is to be done ----------------------------------------------------------------------
-- The first need that stands in the way: its name and state; nil when all are done.
local function obstacle(self, job)
  for _, name in ipairs(job.needs) do
    if self.state[name] ~= "done" then return name, self.state[name] end
  end
end

local function settle(self, job, state, why)
  self.state[job.name], self.why[job.name] = state, why
end

-- Looks at a job that waits: it may be done already, wait on, be hopeless, or be ready.
local function consider(self, job)
  local name, state = obstacle(self, job)
  if state == "failed" or state == "blocked" then
    settle(self, job, "blocked", ("it needs %s, which failed"):format(name))
  elseif not name and ms.sys.clock() >= (self.later[job.name] or 0) then
    local done, why = job.done()
    if done then settle(self, job, "done")
    elseif done == nil then settle(self, job, "failed", why)
    else return true end
  end
  return false
end

-- The next job to start; and whether any still waits.
local function next_ready(self)
  local waiting = false
  for _, job in ipairs(self.jobs) do
    if self.state[job.name] == "waiting" then
      if consider(self, job) then return job, true end
      waiting = waiting or self.state[job.name] == "waiting"
    end
  end
  return nil, waiting
end

-- ---- processes -----------------------------------------------------------------------------
local function start(self, job)
  local output = job.dir .. "/output.txt"
  local process, why = ms.sys.mkdir(job.dir), nil
  if process then
    local argv = { table.unpack(job.command) }
    argv.stdout, argv.stderr, argv.append = output, output, true
    process, why = ms.sys.spawn(argv)
  end
  if not process then return settle(self, job, "failed", why or job.dir .. " cannot be made") end
  settle(self, job, "running")
  table.insert(self.processes, process)
  table.insert(self.running, { job = job, since = ms.sys.clock() })
end

-- The last thing that a process said.
local function last_words(job)
  local last
  for line in (ms.sys.read_file(job.dir .. "/output.txt") or ""):gmatch "[^\r\n]+" do
    if line:match "%S" then last = line end
  end
  return last or "it said nothing"
end

local function ended(self, place, status)
  table.remove(self.processes, place)
  local run = table.remove(self.running, place)
  local job, seconds = run.job, ms.sys.clock() - run.since
  if status == M.BUSY then
    self.later[job.name] = ms.sys.clock() + AGAIN
    return settle(self, job, "waiting")
  end
  local done, why = job.done()
  if status == 0 and done then
    settle(self, job, "done")
    self.ran = self.ran + 1
  else
    settle(self, job, "failed", why or ("exit status %d: %s"):format(status, last_words(job)))
  end
  self.tell(self, job, seconds)
end

-- Children of a terminal have had their Ctrl-C; SIGTERM beside it does no harm.
local function stop_all(self)
  for _, process in ipairs(self.processes) do
    if not process:poll() then process:kill "TERM" end
  end
  for _, process in ipairs(self.processes) do process:wait(PATIENCE) end
end

-- ---- the loop --------------------------------------------------------------------------------
local function work(self)
  while true do
    if ms.sys.interrupted() then
      stop_all(self)
      return "interrupted"
    end
    local job, waiting
    repeat
      job, waiting = nil, false
      if #self.processes < self.workers then job, waiting = next_ready(self) end
      if job then start(self, job) end
    until not job
    if #self.processes > 0 then
      local place, status = ms.sys.wait(self.processes, 1)
      if place then ended(self, place, status) end
    elseif waiting then
      ms.sys.sleep(0.2)
    else
      return "finished"
    end
    self.tell(self)
  end
end

--- Runs jobs (in an order in which needs come first), at most `workers` at a time.
-- tell(crew [, job, seconds]): called when a job has ended, and every second; crew.state[name] is "waiting", "running",
-- "done", "failed" or "blocked", crew.why[name] a sentence, crew.running a list of { job =, since = }, crew.ran a number.
-- Returns the crew and "finished" or "interrupted".
function M.run(jobs, options)
  local self = setmetatable({ jobs = jobs, workers = options.workers, tell = options.tell, state = {}, why = {},
    later = {}, processes = {}, running = {}, ran = 0 }, Crew)
  for _, job in ipairs(jobs) do self.state[job.name] = "waiting" end
  return self, work(self)
end

return M
