--- A worker process of crew.lua: `moonstem worker.lua JOB.json`. Its last line of words says why it failed.
local core_io = require "moonstem.core.io"
local crew = require "standins.crew"

local job = assert(core_io.load_json((...) or arg[1]))
local kind = require("standins." .. job.kind)
local good, why = crew.worker(kind, job)
if good then os.exit(0) end
io.stderr:write(why, "\n")
os.exit(1)
