--- Jobs that need each other: an order in which all can be done, and how they are worked off, each
-- in a process of its own, several at a time. No state but what the jobs leave behind: a second
-- start finds what is done, and two starts side by side share the work.
--   job = { name =, needs = names, command = list of arguments, dir = folder for output.txt,
--           done = function() -> its result, false, or nil and a sentence (its folder holds
--           something else) }
-- Jobs of one name are one job, wherever it is asked for.
local ms = require "moonstem"
local exit = require "moonstem.sys.status"
local process_pool = require "moonstem.sys.process_pool"

local M = {}

local AGAIN = 3       -- seconds until a busy job is looked at again
local PATIENCE = 300  -- seconds for children to save what they have

-- ---- what needs what -------------------------------------------------------------------------
local Jobs = {}
Jobs.__index = Jobs

--- An empty set of jobs.
function M.jobs()
  return setmetatable({ known = {} }, Jobs)
end

--- Adds a job, unless one of its name is there; the one that is there.
function Jobs:add(job)
  job.needs = job.needs or {}
  self.known[job.name] = self.known[job.name] or job
  return self.known[job.name]
end

--- The job of that name, or nil.
function Jobs:find(name)
  return self.known[name]
end

--- The named jobs and all that they need, each once, behind what it needs. Raises for unknown names
-- and for circles.
function Jobs:in_order(names)
  local list, state = {}, {}
  local function visit(name)
    if state[name] == "placed" then return end
    local job = self.known[name]
    if not job then error(("jobs: there is no job %s"):format(tostring(name)), 0) end
    if state[name] then error(("jobs: %s needs itself in the end"):format(name), 0) end
    state[name] = "open"
    for _, needed in ipairs(job.needs) do visit(needed) end
    state[name] = "placed"
    list[#list + 1] = job
  end
  for _, name in ipairs(names) do visit(name) end
  return list
end

-- ---- what is to be done ----------------------------------------------------------------------
-- The first need that stands in the way: its name and state; nil when all are done.
local function obstacle(self, job)
  for _, name in ipairs(job.needs) do
    if self.state[name] ~= "done" then return name, self.state[name] end
  end
end

local function set_state(self, job, state, why)
  self.state[job.name], self.why[job.name] = state, why
end

-- Looks at a job that waits: it may be done already, wait on, be hopeless, or be ready.
local function consider(self, job)
  local name, state = obstacle(self, job)
  if state == "failed" or state == "blocked" then
    set_state(self, job, "blocked", ("it needs %s, which failed"):format(name))
  elseif not name and ms.sys.clock() >= (self.later[job.name] or 0) then
    local done, why = job.done()
    if done then set_state(self, job, "done")
    elseif done == nil then set_state(self, job, "failed", why)
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
  local good, why = ms.sys.mkdir(job.dir)
  local run = { job = job, since = ms.sys.clock() }
  if good then
    local argv = { table.unpack(job.command) }
    argv.stdout, argv.stderr, argv.append = output, output, true
    argv.follow = "TERM" -- they save what they have, should this process be killed
    good, why = self.children:start(argv, run)
  end
  if not good then return set_state(self, job, "failed", why) end
  set_state(self, job, "running")
end

local function ended(self, run, status)
  local job, seconds = run.job, ms.sys.clock() - run.since
  if status == exit.AGAIN then
    self.later[job.name] = ms.sys.clock() + AGAIN
    return set_state(self, job, "waiting")
  end
  local done, why = job.done()
  if status == 0 and done then
    set_state(self, job, "done")
    self.ran = self.ran + 1
  else
    set_state(self, job, "failed", why or ("exit status %d: %s"):format(status,
      process_pool.last_words(job.dir .. "/output.txt") or "it said nothing"))
  end
  self.tell(self, job, seconds)
end

-- ---- the loop --------------------------------------------------------------------------------
local function work(self)
  while true do
    if ms.sys.interrupted() then
      self.children:stop(PATIENCE)
      return "interrupted"
    end
    local job, waiting
    repeat
      job, waiting = nil, false
      if self.children:count() < self.workers then job, waiting = next_ready(self) end
      if job then start(self, job) end
    until not job
    if self.children:count() > 0 then
      local run, status = self.children:wait(1)
      if run then ended(self, run, status) end
    elseif waiting then
      ms.sys.sleep(0.2)
    else
      return "finished"
    end
    self.tell(self)
  end
end

--- Runs jobs (in an order in which needs come first), at most `workers` at a time.
-- tell(queue [, job, seconds]): called when a job has ended, and every second; queue.state[name] is
-- "waiting", "running", "done", "failed" or "blocked", queue.why[name] a sentence, queue.running a
-- list of { job =, since = }, queue.ran a number.
-- Returns the queue and "finished" or "interrupted".
function M.run(jobs, options)
  local children = process_pool.new()
  local self = { jobs = jobs, workers = options.workers, tell = options.tell, state = {}, why = {},
    later = {},
                 children = children, running = children.tags, ran = 0 }
  for _, job in ipairs(jobs) do self.state[job.name] = "waiting" end
  return self, work(self)
end

return M
