--- Curves that grow on the terminal while one works: a chart above the line of progress, drawn
-- anew in its place. On standard error, and only where that is a terminal which shows letters of
-- Braille; logs and pipes get nothing of it.
local lines = require "moonstem.figure.charts.lines"
local plain = require "moonstem.figure.plain"
local sys = require "moonstem.core.sys"
local terminal = require "moonstem.display.terminal"

local Live = {}
Live.__index = Live

local M = {}

local EVERY = 3               -- seconds between two drawings
local WIDEST, HEIGHT = 100, 9 -- letters in a line, lines of dots

--- live.new() -> a chart, or nil where standard error cannot show one.
function M.new()
  if not (sys.isatty "stderr" and terminal.has_letters()) then return nil end
  return setmetatable({ rows = 0, drawn = sys.clock(), colours = terminal.has_colours "stderr" },
    Live)
end

--- Whether it is time to draw again.
function Live:due() return sys.clock() - self.drawn >= EVERY end

--- Takes the chart away, and the line of progress below it, so that lines that stay can be written.
function Live:erase()
  if self.rows == 0 then return end
  io.stderr:write("\r\27[", self.rows, "A\27[J")
  self.rows = 0
end

--- Draws the last chart again, behind lines that stay.
function Live:again()
  if not self.text or self.rows > 0 then return end
  io.stderr:write("\r\27[K", table.concat(self.text, "\n"), "\n")
  io.stderr:flush()
  self.rows = #self.text
end

--- Draws charts, as papers keep them, in the place of the last ones.
function Live:draw(charts)
  self:erase()
  self.text = plain.lines(charts, math.min(sys.columns "stderr" - 1, WIDEST), HEIGHT, self.colours)
  self.drawn = sys.clock()
  self:again()
end

--- Draws curves with options of ms.figure.lines.
function Live:curves(options) self:draw(lines(options).charts) end

return M
