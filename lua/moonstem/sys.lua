--- The system: files, folders, processes, time, signals; and progress on the terminal.
-- The core's functions are documented in core/bind/sys/sys.c and children.c.
local core = require "moonstem.core.sys"
local lock = require "moonstem.sys.lock"
local progress = require "moonstem.sys.progress"
local provenance = require "moonstem.sys.provenance"

local M = { progress = progress.progress, duration = progress.duration,
  lock = lock.lock,
  processor = provenance.processor, command_line = provenance.command_line }
for name, value in pairs(core) do M[name] = value end

return M
