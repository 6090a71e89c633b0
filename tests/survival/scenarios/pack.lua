--- Checks a data set and copies it at 16 kHz, in two processes: moonstem pack.lua IN OUT
local ms = require "moonstem"
local given, out = ...

local set = assert(ms.data.fma(given .. "/clips"))
local cached, why = ms.data.cache(set, { cache = out, workers = 2 })
if cached then return end
local status = require "moonstem.sys.status".stopped()
if status then os.exit(status) end
error(why, 0)
