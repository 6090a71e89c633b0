--- What a run says while it works: one line that renews itself on a terminal, one line per round
-- elsewhere, and the same lines in log.txt.
local sys = require "moonstem.sys"
local identity = require "moonstem.train.identity"
local progress = require "moonstem.sys.progress"
local schedule = require "moonstem.train.schedule.phases"

local Progress = {}
Progress.__index = Progress

local M = {}

local EVERY = 0.2 -- seconds between two renewals of the line

--- job: see loop.lua; options: { name =, quiet = only log.txt, live = curves of the losses where
-- standard error is a terminal }.
function M.new(job, options)
  return setmetatable({
    job = job, name = options.name, line = progress.line { every = EVERY, quiet = options.quiet },
    total = schedule.total_steps(job.schedule, job:round_steps()),
    curves = options.live and not options.quiet
      and require "moonstem.train.live".new(job, options.name) or nil,
  }, Progress)
end

-- Says a line for good.
function Progress:say(text)
  self.job.folder:log(text)
  local function write() self.line:say(self.name .. ": " .. text) end
  if self.curves then self.curves:around(write) else write() end
end

-- Steps of the whole run as far as they can be told, and whether fewer may do.
function Progress:expected()
  if self.total then return self.total, false end
  local rounds = self.job.schedule.rounds
  if rounds then return rounds * self.job:round_steps(), true end
end

--- Before the first step of this process.
function Progress:begin(position)
  self.first, self.since = position.step, sys.now()
  if self.curves then self.curves:begin() end
  if position.step == 0 then return end
  local changed = self.job.folder.changed
  self:say(("goes on after step %d%s"):format(position.step, #changed > 0 and
    ("; otherwise than before: %s; so the numbers need not be those of a run in one go")
    :format(identity.line(changed)) or ""))
end

function Progress:time_left(position)
  local total, at_most = self:expected()
  local done = position.step - self.first
  if not total or done == 0 then return "" end
  local left = (sys.now() - self.since) / done * (total - position.step)
  return ("  %s%s left"):format(at_most and "at most " or "", progress.duration(left))
end

--- After every step.
function Progress:step(position, loss, lr)
  if self.curves then self.curves:step(position.step, loss) end
  self.line:show(function()
    local total = self:expected()
    return ("%s: step %d%s  lr %.3g  loss %.5f%s"):format(self.name, position.step, total and "/"
      .. total or "", lr, loss,
      self:time_left(position))
  end)
end

--- After every validation; row is its line of metrics.jsonl.
function Progress:round(row, position)
  if self.curves then self.curves:round(row) end
  self:say(("step %d  lr %.3g  loss %.5f  validation %.5f%s%s"):format(row.step, row.lr,
    row.train_loss,
    row.valid_loss, row.best and " (best)" or "", self:time_left(position)))
end

--- When a new phase begins.
function Progress:phase(phase, position)
  self:say(("phase %d: %s at %.3g, from the weights of round %d"):format(position.phase,
    phase.optimizer, schedule.lr(phase, 0, 0), position.best_round))
end

--- At the end: how = "done", "interrupted", or nil with a sentence.
function Progress:finish(how, why, position)
  if self.curves then self.curves:finish() end
  if not how then return self:say("stopped: " .. why) end
  if how == "interrupted" then
    return self:say(("interrupted after step %d, which is saved in %s; the same command goes "
      .. "on from there")
      :format(position.step, self.job.folder:path "last.safetensors"))
  end
  self:say(("done: %d steps in %s, best validation loss %.5f"):format(position.step,
    progress.duration(position.seconds), position.best))
end

return M
