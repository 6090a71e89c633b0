--- A program on a terminal: keys go in, what appears on the screen is waited for.
local lu = require "luaunit"
local sys = require "moonstem.sys"

local PATIENCE = 600 -- seconds for a text to appear; no assertion, but the end of waiting

local Terminal = {}
Terminal.__index = Terminal

--- script(1) gives the program a terminal; a pipe with a name lets us type when it is ready. dir: a
-- folder for both, and the home of whoever types. env: variables to add.
local function open(dir, program, env)
  local pipe, screen = dir .. "/keys", dir .. "/screen"
  lu.skipIf(sys.capture { "sh", "-c", "command -v script" } ~= 0, "script is not installed")
  sys.run { "rm", "-f", pipe, screen }
  assert(sys.run { "mkfifo", pipe } == 0)
  local all = { HOME = dir, SHELL = "/bin/sh", XDG_STATE_HOME = false, TERM = "dumb",
    NO_COLOR = false }
  for name, value in pairs(env or {}) do all[name] = value end
  local keys = assert(io.open(pipe, "r+"))
  -- exec: a shell that stayed in between would end as interrupted when the program only took note.
  local child = assert(sys.spawn { "script", "-qec", "exec " .. program, "/dev/null", stdin = pipe,
    stdout = screen, stderr = dir .. "/stderr", env = all })
  return setmetatable({ keys = keys, child = child, seen = 1, screen = screen }, Terminal)
end

function Terminal:type(text)
  self.keys:write(text)
  self.keys:flush()
end

-- What appeared behind what was awaited.
local function news(self)
  local file = io.open(self.screen, "rb")
  if not file then return "" end
  file:seek("set", self.seen - 1)
  local text = file:read "a"
  file:close()
  return text
end

--- Waits until the text appears behind what was awaited before; what came until its end.
function Terminal:await(text)
  local last = sys.clock() + PATIENCE
  while sys.clock() < last do
    local part = news(self)
    local _, stop = part:find(text, 1, true)
    if stop then
      self.seen = self.seen + stop
      return part:sub(1, stop)
    end
    sys.sleep(0.02)
  end
  self.child:kill "KILL"
  lu.fail(("%q did not appear in %q"):format(text, news(self)))
end

--- Ctrl-D until it ends, for a terminal drops what comes while nobody edits a line; the exit
-- status, or nil where it does not end.
function Terminal:finish()
  local status
  for _ = 1, 20 do
    self:type "\4"
    status = self.child:wait(1)
    if status then break end
  end
  if not status then self.child:kill "KILL" end
  self.keys:close()
  return status
end

return open
