--- Exit statuses of the program, and of the processes that it starts.
local sys = require "moonstem.core.sys"

local M = {
  FINISHED = 0,
  FAILED = 1,
  USAGE = 2,         -- a command line that makes no sense
  NEEDS = 66,        -- what this run needs is not done; it names what
  AGAIN = 75,        -- run it again: a scheduler asked it to stop (USR1), or the folder is in use
  HANGUP = 129,      -- the terminal was closed (SIGHUP)
  INTERRUPTED = 130, -- by Ctrl-C
  TERMINATED = 143,  -- by SIGTERM
}

local OF_SIGNAL = { INT = M.INTERRUPTED, TERM = M.TERMINATED, HUP = M.HANGUP,
  USR1 = M.AGAIN }

--- The status of work that a signal has stopped; nil where none has arrived.
function M.stopped() return OF_SIGNAL[sys.signal()] end

return M
