--- Children that work through numbered things while the parent watches: one that takes too long
-- over a thing is killed.
local ms = require "moonstem"
local workers = require "moonstem.core.workers"

local M = {}

local LOOKS = 0.1 -- seconds between two looks

-- Waits for the process; kills it when one thing takes too long. Its status, and whether it was.
local function watch(process, number, patience)
  local at, since = nil, ms.sys.clock()
  while true do
    local status = process:wait(LOOKS)
    if status then return status, false end
    local k = number()
    if k ~= at then at, since = k, ms.sys.clock() end
    if ms.sys.clock() - since > patience then
      process:kill "KILL"
      return process:wait(), true
    end
  end
end

--- Runs work() in a child: nil where it ended well, or how it was lost in words. number(): of the
-- thing that it is at; patience: seconds for one of them.
function M.run(work, number, patience)
  local process, channel = workers.fork(work, 1)
  if not process then error(channel, 0) end
  local status, is_slow = watch(process, number, patience)
  channel:close()
  if status == 0 then return nil end
  return is_slow and ("took over %d s"):format(patience) or "ended with status " .. status
end

return M
