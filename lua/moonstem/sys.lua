--- ms.sys: files, folders, processes, time, signals; and progress on the terminal.
-- The core's functions are documented in core/bind/sys/sys.c and children.c.
local core = require "moonstem.core.sys"
local progress = require "moonstem.sys.progress"

local M = { progress = progress.progress, duration = progress.duration }
for name, value in pairs(core) do M[name] = value end

return M
