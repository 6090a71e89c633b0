--- What a run says while it works: one line that renews itself on a terminal, one line per round elsewhere,
-- and the same lines in log.txt.
local ms = require "moonstem"
local schedule = require "moonstem.train.schedule"

local Teller = {}
Teller.__index = Teller

local M = {}

local EVERY = 0.2 -- seconds between two renewals of the line

--- Seconds as people write them: 8 s, 3:05, 2:03:05.
function M.duration(seconds)
  local s = math.floor(seconds + 0.5)
  if s < 60 then return ("%d s"):format(s) end
  if s < 3600 then return ("%d:%02d"):format(s // 60, s % 60) end
  return ("%d:%02d:%02d"):format(s // 3600, s // 60 % 60, s % 60)
end

--- job: see loop.lua; options: { name =, quiet = only log.txt }.
function M.new(job, options)
  return setmetatable({
    job = job, name = options.name, quiet = options.quiet, drawn = 0,
    terminal = not options.quiet and ms.sys.isatty "stderr",
    total = schedule.total_steps(job.plan, job:round_steps()),
  }, Teller)
end

-- Says a line for good.
function Teller:say(text)
  self.job.folder:log(text)
  if self.quiet then return end
  io.stderr:write(self.terminal and "\r\27[K" or "", self.name, ": ", text, "\n")
end

-- Steps of the whole run as far as they can be told, and whether fewer may do.
function Teller:expected()
  if self.total then return self.total, false end
  local rounds = self.job.plan.rounds
  if rounds then return rounds * self.job:round_steps(), true end
end

--- Before the first step of this process.
function Teller:begin(position)
  self.first, self.since = position.step, ms.sys.now()
  if position.step > 0 then self:say(("goes on after step %d"):format(position.step)) end
end

function Teller:time_left(position)
  local total, at_most = self:expected()
  local done = position.step - self.first
  if not total or done == 0 then return "" end
  local left = (ms.sys.now() - self.since) / done * (total - position.step)
  return ("  %s%s left"):format(at_most and "at most " or "", M.duration(left))
end

--- After every step.
function Teller:step(position, loss, rate)
  if not self.terminal or ms.sys.now() - self.drawn < EVERY then return end
  self.drawn = ms.sys.now()
  local total = self:expected()
  local text = ("%s: step %d%s  rate %.3g  loss %.5f%s"):format(self.name, position.step,
    total and "/" .. total or "", rate, loss, self:time_left(position))
  io.stderr:write("\r\27[K", text:sub(1, ms.sys.columns "stderr" - 1))
end

--- After every validation; row is its line of metrics.jsonl.
function Teller:round(row, position)
  self:say(("step %d  rate %.3g  loss %.5f  validation %.5f%s%s"):format(row.step, row.rate, row.train_loss,
    row.valid_loss, row.best and " (best)" or "", self:time_left(position)))
end

--- When a new phase begins.
function Teller:phase(phase, position)
  self:say(("phase %d: %s at %.3g, from the weights of round %d"):format(position.phase, phase.optimizer,
    phase.rate, position.best_round))
end

--- At the end: how = "done", "interrupted", or nil with a sentence.
function Teller:finish(how, why, position)
  if not how then return self:say("stopped: " .. why) end
  if how == "interrupted" then
    return self:say(("interrupted after step %d, which is saved in %s; the same command goes on from there")
      :format(position.step, self.job.folder:path "last.safetensors"))
  end
  self:say(("done: %d steps in %s, best validation loss %.5f"):format(position.step,
    M.duration(position.seconds), position.best))
end

return M
