--- A worker process of crew.lua: `moonstem worker.lua JOB.json`.
local ms = require "moonstem"
local crew = require "moonstem.data.crew"

local job = assert(ms.io.load_json((...)))
assert(crew.work(job))
