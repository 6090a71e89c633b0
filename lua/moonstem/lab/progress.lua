--- How far the jobs of a recipe or an experiment have come, on standard error.
local ms = require "moonstem"
local charts_of = require "moonstem.figure.charts.runs"
local live = require "moonstem.display.live"
local progress = require "moonstem.sys.progress"
local runs = require "moonstem.lab.runs"

local duration = progress.duration

local Progress = {}
Progress.__index = Progress

local M = {}

local EVERY = 0.9 -- seconds between two renewals of the line

--- Tells how the jobs of a plan (lab/job/work.lua) go, on stderr.
function M.new(plan)
  return setmetatable({ plan = plan, jobs = plan.list, line = progress.line { every = EVERY },
    chart = plan.asked.live and live.new() or nil, spent = {}, since = ms.sys.clock() }, Progress)
end

-- Says a line for good, above the curves where there are some.
function Progress:say(text)
  if self.chart then self.chart:erase() end
  self.line:say(text)
  if self.chart then self.chart:again() end
end

-- Curves of the runs that are in work, where there are measurements.
local function draw_curves(self, queue)
  if not self.chart or not self.chart:due() then return end
  local list = {}
  for _, run in ipairs(queue.running) do
    local about = ms.sys.exists(run.job.dir .. "/settings.json") and runs.about(run.job.dir)
    if about and #about.rows > 0 then list[#list + 1] = about end
  end
  if #list > 0 then self.chart:draw(charts_of.paper(list, {}, self.plan.name).charts) end
end

-- Seconds that the rest will take, by the mean of what jobs of one kind took; nil while a kind has
-- not been seen.
local function left(self, queue)
  local sum = 0
  for _, job in ipairs(self.jobs) do
    local state, past = queue.state[job.name], self.spent[job.kind]
    if state == "waiting" or state == "running" then
      if not past then return nil end
      sum = sum + past.seconds / past.count
    end
  end
  for _, run in ipairs(queue.running) do
    local past = self.spent[run.job.kind]
    sum = sum - math.min(ms.sys.clock() - run.since, past.seconds / past.count)
  end
  return sum / self.plan.asked.workers
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
    if type(scores[name]) == "number" then
      parts[#parts + 1] = ("%s %.4f"):format(name, scores[name])
    end
  end
  if scores.improvement then parts[#parts + 1] = ("SI-SDR %+.2f dB"):format(scores.improvement) end
  return table.concat(parts, "  ")
end

local function tell_ended(self, queue, job, seconds)
  local state = queue.state[job.name]
  if state == "done" then
    local past = self.spent[job.kind] or { count = 0, seconds = 0 }
    past.count, past.seconds = past.count + 1, past.seconds + seconds
    self.spent[job.kind] = past
  end
  local rest = left(self, queue)
  self:say(("[%d/%d] %s  %s  %s%s"):format(finished(self, queue), #self.jobs, job.name,
    state == "done" and duration(seconds) or "FAILED", state == "done" and scores_text(job)
    or queue.why[job.name],
    rest and ("  %s left"):format(duration(rest)) or ""))
end

-- The line that renews itself on a terminal: what runs, and since when.
local function running(self, queue)
  local names = {}
  for i, run in ipairs(queue.running) do
    names[i] = ("%s (%s)"):format(run.job.name, duration(ms.sys.clock() - run.since))
  end
  return ("[%d/%d] running: %s"):format(finished(self, queue), #self.jobs,
    table.concat(names, ", "))
end

--- Called by the queue; see queue.run.
function Progress:tick(queue, job, seconds)
  if not self.opened then
    self.opened = true
    self:say(("%s: %d jobs, %d of them done; each writes output.txt in its folder below %s")
      :format(self.plan.name,
      #self.jobs, finished(self, queue), self.plan.out))
  end
  if job then return tell_ended(self, queue, job, seconds) end
  draw_curves(self, queue)
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
      self:say(("%s: %s: %s"):format(state, job.name, queue.why[job.name]))
    end
  end
  if how == "interrupted" then
    self:say(self.plan.name .. ": interrupted; the same command goes on from here")
  end
  self:say(("%s: %d of %d jobs done, %d now, in %s"):format(self.plan.name,
    finished(self, queue) - self:failures(queue),
    #self.jobs, queue.ran, duration(ms.sys.clock() - self.since)))
end

return M
