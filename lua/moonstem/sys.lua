--- ms.sys: files, folders, processes, time, signals; and progress on the terminal.
-- The core's functions are documented in core/bind/sys/sys.c and children.c.
local core = require "moonstem.core.sys"
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"

local M = {}
for name, value in pairs(core) do M[name] = value end

-- A terminal's line is redrawn this often; a log gets a line this often. Seconds.
local REDRAW, LOG = 0.1, 30

local function duration(seconds)
  seconds = math.floor(seconds + 0.5)
  local h, m, s = seconds // 3600, seconds // 60 % 60, seconds % 60
  if h > 0 then return ("%d:%02d:%02d"):format(h, m, s) end
  return ("%d:%02d"):format(m, s)
end

local function rate_text(rate)
  if rate >= 100 then return ("%.0f/s"):format(rate) end
  if rate >= 1 then return ("%.1f/s"):format(rate) end
  return ("%.1f s each"):format(1 / rate)
end

local function describe(p, now)
  local passed = now - p.started
  local parts = { p.label, p.total and ("%d/%d"):format(p.done, p.total) or tostring(p.done) }
  if p.done > 0 and passed > 0 then
    local rate = p.done / passed
    parts[#parts + 1] = rate_text(rate)
    if p.total and p.done < p.total then
      parts[#parts + 1] = duration((p.total - p.done) / rate) .. " left"
    end
  end
  if p.text and p.text ~= "" then parts[#parts + 1] = p.text end
  return table.concat(parts, "  ")
end

local Progress = {}
Progress.__index = Progress

-- Redraws the one line of a terminal.
local function draw(p, now)
  io.stderr:write("\r\27[K", describe(p, now):sub(1, core.columns "stderr" - 1))
  io.stderr:flush()
end

--- p:step([n [, text]]) counts n more (1 without a number) and shows text behind the numbers.
function Progress:step(n, text)
  self.done = self.done + (n or 1)
  self.text = text or self.text
  local now = core.clock()
  if now - self.shown < (self.terminal and REDRAW or LOG) then return end
  self.shown = now
  if self.terminal then draw(self, now) else io.stderr:write(describe(self, now), "\n") end
end

--- p:finish([text]) shows the last line, with the time that all took.
function Progress:finish(text)
  if self.finished then return end
  self.finished, self.text = true, text
  local now = core.clock()
  io.stderr:write(self.terminal and "\r\27[K" or "", describe(self, now), "  in ",
    duration(now - self.started), "\n")
end

Progress.__close = function(self) self:finish(self.text) end

strict.class(Progress, "progress", { "total", "text", "finished" })

--- ms.sys.progress{total=, label=} -> p with p:step(n, text) and p:finish(text)
-- One line on standard error that is redrawn, with rate and time left; where that is no
-- terminal, a line every 30 seconds. A total that is unknown may be left out. Works as <close>.
function M.progress(options)
  local o = options_of(options, "progress", { total = options_of.number, label = "", terminal = options_of.flag })
  local terminal = o.terminal
  if terminal == nil then terminal = core.isatty "stderr" end
  local now = core.clock()
  return setmetatable({
    label = o.label, total = o.total, done = 0, started = now,
    shown = terminal and now - REDRAW or now, terminal = terminal,
  }, Progress)
end

return M
