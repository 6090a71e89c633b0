--- What a plan says: the list of its runs, their command lines, and how far the work has come.
local ms = require "moonstem"
local progress = require "moonstem.sys.progress"

local duration = progress.duration

local Progress = {}
Progress.__index = Progress

local M = {}

local EVERY = 0.9 -- seconds between two renewals of the line

local KINDS = { { "data", "data set", "data sets" }, { "separate", "separator", "separators" },
                { "tail", "tail", "tails" }, { "joint", "joint run", "joint runs" } }

-- ---- lists -----------------------------------------------------------------------------------
-- "3 data sets, 5 separators, 20 tails, 120 joint runs".
local function counted(jobs)
  local count, parts = {}, {}
  for _, job in ipairs(jobs) do
    local kind = job.name:match "^[^/]+"
    count[kind] = (count[kind] or 0) + 1
  end
  for _, kind in ipairs(KINDS) do
    local n = count[kind[1]]
    if n then parts[#parts + 1] = ("%d %s"):format(n, n == 1 and kind[2] or kind[3]) end
  end
  return table.concat(parts, ", ")
end

local function state_of(job)
  local done, why = job.done()
  if done then return "done" end
  if done == nil then return "unusable", why end
  return ms.sys.exists(job.dir .. "/settings.json") and "begun" or "to do"
end

--- Prints the jobs, their states and needs; exit status.
function M.list(plan, jobs)
  local width, done, troubles = 0, 0, {}
  for _, job in ipairs(jobs) do width = math.max(width, #job.name) end
  for _, job in ipairs(jobs) do
    local state, why = state_of(job)
    if state == "done" then done = done + 1 end
    troubles[#troubles + 1] = why
    print(("%-8s  %-" .. width .. "s  %s"):format(state, job.name,
      #job.needs > 0 and "needs " .. table.concat(job.needs, ", ") or ""))
  end
  for _, why in ipairs(troubles) do print(why) end
  print(("%s: %d jobs (%s), then %s; %d done; --jobs %d, of %d threads each"):format(plan.name, #jobs,
    counted(jobs), plan.layout and "the table" or "the figure", done, plan.workers, plan.threads))
  return #troubles > 0 and 1 or 0
end

local function quoted(word)
  if word:find "^[%w_%.,/=+:%-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- Prints the command line of each job that is not done, in an order in which needs come first; exit status.
-- A line can be run from anywhere, by a cluster's scheduler too.
function M.commands(_, jobs)
  local from = "cd " .. quoted(ms.sys.cwd()) .. " && "
  local _, program = ms.sys.capture { "readlink", ("/proc/%d/exe"):format(ms.sys.pid()) }
  for _, job in ipairs(jobs) do
    if not job.done() then
      local words = { quoted((program:gsub("%s+$", ""))) }
      for i = 2, #job.command do words[i] = quoted(job.command[i]) end
      print(from .. table.concat(words, " "))
    end
  end
  return 0
end

-- ---- progress ----------------------------------------------------------------------------------
--- Tells how a plan's jobs go, on stderr.
function M.new(plan, jobs)
  return setmetatable({ plan = plan, jobs = jobs, line = progress.line { every = EVERY }, spent = {},
                        since = ms.sys.clock() }, Progress)
end

-- Jobs of one kind take about as long.
local function kind_of(job)
  return job.name:match "^joint/[^/]+" or job.name:match "^tail/[^/]+" or job.name:match "^[^/]+"
end

-- Seconds that the rest will take, by the mean of what like jobs took; nil while a kind has not been seen.
local function left(self, queue)
  local sum = 0
  for _, job in ipairs(self.jobs) do
    local state, past = queue.state[job.name], self.spent[kind_of(job)]
    if state == "waiting" or state == "running" then
      if not past then return nil end
      sum = sum + past.seconds / past.count
    end
  end
  for _, run in ipairs(queue.running) do
    local past = self.spent[kind_of(run.job)]
    sum = sum - math.min(ms.sys.clock() - run.since, past.seconds / past.count)
  end
  return sum / self.plan.workers
end

local function finished(self, queue)
  local n = 0
  for _, job in ipairs(self.jobs) do
    local state = queue.state[job.name]
    if state ~= "waiting" and state ~= "running" then n = n + 1 end
  end
  return n
end

-- The scores of a finished job, for the line that tells of it.
local function scores_text(job)
  local record, parts = job.done(), {}
  local scores = record and record.scores or {}
  for _, name in ipairs { "roc_auc", "pr_auc", "accuracy" } do
    if type(scores[name]) == "number" then parts[#parts + 1] = ("%s %.4f"):format(name, scores[name]) end
  end
  if scores.improvement then parts[#parts + 1] = ("SI-SDR %+.2f dB"):format(scores.improvement) end
  return table.concat(parts, "  ")
end

local function tell_ended(self, queue, job, seconds)
  local state = queue.state[job.name]
  if state == "done" then
    local past = self.spent[kind_of(job)] or { count = 0, seconds = 0 }
    past.count, past.seconds = past.count + 1, past.seconds + seconds
    self.spent[kind_of(job)] = past
  end
  local rest = left(self, queue)
  self.line:say(("[%d/%d] %s  %s  %s%s"):format(finished(self, queue), #self.jobs, job.name,
    state == "done" and duration(seconds) or "FAILED", state == "done" and scores_text(job) or queue.why[job.name],
    rest and ("  %s left"):format(duration(rest)) or ""))
end

-- The line that renews itself on a terminal: what runs, and since when.
local function running(self, queue)
  local names = {}
  for i, run in ipairs(queue.running) do
    names[i] = ("%s (%s)"):format(run.job.name, duration(ms.sys.clock() - run.since))
  end
  return ("[%d/%d] running: %s"):format(finished(self, queue), #self.jobs, table.concat(names, ", "))
end

--- Called by the queue; see queue.run.
function Progress:tick(queue, job, seconds)
  if not self.opened then
    self.opened = true
    self.line:say(("%s: %d jobs, %d of them done; each writes output.txt in its folder below %s"):format(self.plan.name,
      #self.jobs, finished(self, queue), self.plan.out))
  end
  if job then return tell_ended(self, queue, job, seconds) end
  if #queue.running > 0 then self.line:show(function() return running(self, queue) end) end
end

--- Jobs that failed, or wait for one that did.
function Progress:failures(queue)
  local n = 0
  for _, job in ipairs(self.jobs) do
    local state = queue.state[job.name]
    if state == "failed" or state == "blocked" then n = n + 1 end
  end
  return n
end

--- The last words: what failed and why, and how to go on.
function Progress:finish(queue, how)
  for _, job in ipairs(self.jobs) do
    local state = queue.state[job.name]
    if state == "failed" or state == "blocked" then
      self.line:say(("%s: %s: %s"):format(state, job.name, queue.why[job.name]))
    end
  end
  if how == "interrupted" then
    self.line:say(self.plan.name .. ": interrupted; the same command goes on from here")
  end
  self.line:say(("%s: %d of %d jobs done, %d now, in %s"):format(self.plan.name, finished(self, queue) - self:failures(queue),
    #self.jobs, queue.ran, duration(ms.sys.clock() - self.since)))
end

return M
