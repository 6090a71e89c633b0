--- How far two files of weights are apart, in the precision of the program that runs this: prints
-- the norm of the difference by the norm, over all weights, and over all running statistics.
--   moonstem tests/cluster/mpi_apart.lua FILE FILE
local ms = require "moonstem"

local function squares(x) return (x * x):sum():item() end

local a, b = ms.io.load_safetensors(arg[1]), ms.io.load_safetensors(arg[2])
local sums = { weights = { 0, 0 }, statistics = { 0, 0 } }
for name, x in pairs(a) do
  local s = sums[name:find "running" and "statistics" or "weights"]
  s[1], s[2] = s[1] + squares(x - b[name]), s[2] + squares(b[name])
end

local function far(s) return s[2] > 0 and (s[1] / s[2]) ^ 0.5 or 0 end
print(("%.17g %.17g"):format(far(sums.weights), far(sums.statistics)))
