--- How far a long job is: one line on standard error, rewritten on a terminal, now and then elsewhere.
local sys = require "moonstem.core.sys"

local progress = {}
progress.__index = progress

--- A job of `total` steps of which `done` were there before. what: its name.
function progress.new(what, total, done)
  return setmetatable({ what = what, total = total, before = done, start = sys.clock(), shown = -1, last = -60,
    terminal = sys.isatty("stderr") }, progress)
end

local function duration(seconds)
  if seconds < 100 then return ("%.0f s"):format(seconds) end
  return seconds < 5400 and ("%.0f min"):format(seconds / 60) or ("%.1f h"):format(seconds / 3600)
end

local function line(self, done, elapsed)
  local each = elapsed / (done - self.before)
  return ("%s %d/%d   %.1f s each   %s left"):format(self.what, done, self.total, each,
    duration(each * (self.total - done)))
end

--- Says that `done` steps are there.
function progress:update(done)
  local elapsed = sys.clock() - self.start
  local due = done ~= self.shown and (self.terminal or elapsed - self.last >= 30 or done == self.total)
  if not due or done <= self.before then return end
  self.shown, self.last = done, elapsed
  io.stderr:write(self.terminal and "\r\27[K" or "", line(self, done, elapsed), self.terminal and "" or "\n")
  io.stderr:flush()
end

--- Ends the line.
function progress:close()
  if self.terminal and self.shown >= 0 then io.stderr:write("\n") end
end

return progress
