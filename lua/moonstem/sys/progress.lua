--- Progress on standard error: one line that is redrawn on a terminal, further lines in a log.
local core = require "moonstem.core.sys"
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"

local M = {}

-- Seconds between two redraws of a terminal's line, and between two lines of a log; tasks of a
-- sequence that end sooner than BRIEF leave no line.
local REDRAW, LOG, BRIEF = 0.1, 30, 0.5

--- ms.sys.duration(seconds) -> text: 8 s, 3:05, 2:03:05.
function M.duration(seconds)
  local s = math.floor(seconds + 0.5)
  if s < 60 then return ("%d s"):format(s) end
  if s < 3600 then return ("%d:%02d"):format(s // 60, s % 60) end
  return ("%d:%02d:%02d"):format(s // 3600, s // 60 % 60, s % 60)
end

-- ---- a line ----------------------------------------------------------------------------------
local Line = {}
Line.__index = Line

--- A line on standard error. options: { terminal = whether that is one, every = seconds between two
-- redraws there, log = seconds between two lines elsewhere (nil: only what `say` writes),
-- quiet = true: writes nothing }.
function M.line(options)
  local terminal = options.terminal
  if terminal == nil then terminal = core.isatty "stderr" end
  local every = not options.quiet and (terminal and options.every or options.log) or math.huge
  return setmetatable({ terminal = terminal, quiet = options.quiet, every = every,
    shown = core.clock() - (terminal and every or 0) }, Line)
end

--- Shows what text() returns if enough time has passed: redraws the line, or writes another.
function Line:show(text)
  local now = core.clock()
  if now - self.shown < self.every then return end
  self.shown = now
  if not self.terminal then return self:say(text()) end
  io.stderr:write("\r\27[K", text():sub(1, core.columns "stderr" - 1))
  io.stderr:flush()
end

--- Writes a line that stays.
function Line:say(text)
  if self.quiet then return end
  io.stderr:write(self.terminal and "\r\27[K" or "", text, "\n")
end

--- Clears a terminal's line.
function Line:clear()
  if self.terminal and not self.quiet then io.stderr:write "\r\27[K" end
end

-- ---- counting --------------------------------------------------------------------------------
local Progress = {}
Progress.__index = Progress

local function speed_text(speed, words)
  if words then return (speed >= 100 and "%.0f %s" or "%.1f %s"):format(speed, words) end
  if speed >= 100 then return ("%.0f/s"):format(speed) end
  if speed >= 1 then return ("%.1f/s"):format(speed) end
  return ("%.1f s each"):format(1 / speed)
end

local function text_of(p)
  local passed = core.clock() - p.started
  local count = p.total and ("%d/%d"):format(p.done, p.total) or tostring(p.done)
  local parts = { p.label, p.unit and count .. " " .. p.unit or count }
  if p.done > 0 and passed > 0 then
    local speed = p.done / passed
    parts[#parts + 1] = speed_text(speed, p.speed)
    if p.total and p.done < p.total then
      parts[#parts + 1] = M.duration((p.total - p.done) / speed) .. " left"
    end
  end
  if p.text and p.text ~= "" then parts[#parts + 1] = p.text end
  return table.concat(parts, "  ")
end

--- p:step([n [, text]]) counts n more (1 without a number) and shows text behind the numbers.
function Progress:step(n, text)
  self.done = self.done + (n or 1)
  self.text = text or self.text
  self.line:show(function() return text_of(self) end)
end

--- p:finish([text]) shows the last line, with the time that all took.
function Progress:finish(text)
  if self.finished then return end
  self.finished, self.text = true, text
  self.line:say(("%s  in %s"):format(text_of(self), M.duration(core.clock() - self.started)))
end

--- p:drop() ends it without a last line, as for work that failed or whose results are printed.
function Progress:drop()
  self.finished = true
  self.line:clear()
end

Progress.__close = function(self) self:finish(self.text) end

strict.class(Progress, "progress", { "total", "text", "finished", "unit", "speed" })

--- ms.sys.progress{total=, label=, unit=, speed=} -> p with p:step(n, text) and p:finish(text)
-- One line on standard error that is redrawn, with speed and time left; where that is no
-- terminal, a line every 30 seconds. A total that is unknown may be left out. Works as <close>.
function M.progress(options)
  local o = options_of(options, "progress",
    { total = options_of.number, label = "", terminal = options_of.flag, unit = options_of.string,
      speed = options_of.string })
  return setmetatable({ label = o.label, total = o.total, unit = o.unit, speed = o.speed, done = 0,
    started = core.clock(),
    line = M.line { terminal = o.terminal, every = REDRAW, log = LOG } }, Progress)
end

--- A function(done, total) that shows the progress of several tasks, one after another; each ends
-- when done is total. A task that was done before takes no time and leaves no line.
function M.follow(label)
  local p
  return function(done, total)
    p = p or M.progress { label = label, total = total }
    p:step(done - p.done)
    if done < total then return end
    if core.clock() - p.started < BRIEF then p.line:clear() else p:finish() end
    p = nil
  end
end

return M
