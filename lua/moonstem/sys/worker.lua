--- A worker process of process_pool.lua: `moonstem worker.lua
-- FILE.json`. Its last line on stderr says why it failed.
local core_io = require "moonstem.core.io"
local sys = require "moonstem.core.sys"

sys.interrupted() -- from now on jobs look for signals, between things that each leaves whole

local function step()
  io.stdout:write "."
  io.stdout:flush()
end

local given = assert(core_io.load_json((...)))
local ran, good, why = pcall(function() return require(given.module).work(given.job, step) end)
if ran and good then os.exit(0) end
io.stderr:write(tostring(ran and why or good):match "[^\n]*", "\n")
os.exit(1)
