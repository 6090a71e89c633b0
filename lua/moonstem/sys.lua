--- ms.sys: files, folders, processes, time, signals; and progress on the terminal.
-- The core's functions are documented in core/bind/sys/sys.c and children.c.
local core = require "moonstem.core.sys"
local progress = require "moonstem.sys.progress"
local provenance = require "moonstem.sys.provenance"

local M = { progress = progress.progress, duration = progress.duration,
  processor = provenance.processor, command_line = provenance.command_line }
for name, value in pairs(core) do M[name] = value end

return M
