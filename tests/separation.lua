--- Separation of whole recordings, measured: one command that shows what must hold.
--   build/moonstem tests/separation.lua [PART ...] [--minutes M ...] [--rounds N]
-- Parts, by default all, in this order:
--   seams   what is separated stretch by stretch beside one pass over the whole in memory (1e-5)
--   sums    sources and rest, as written, beside the input (1e-4 of full scale)
--   kinds   length and delay of stems of files of many kinds, made with ffmpeg
--   speed   times faster than the music lasts; where the time goes; beside onnxruntime in turns,
--           where MOONSTEM_PYTHON names a Python with onnxruntime and numpy (2.5 times as fast)
--   memory  peak memory from half a minute to two hours, in a process each: minutes of time, 10 GB
--           in TMPDIR
-- Speed is printed and not judged: it depends on what else the machine does. Fails where anything
-- else is beyond its limit.
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%sseparation/?.lua;"):format(HERE) .. package.path
local ms = require "moonstem"

local PARTS = { "seams", "sums", "kinds", "speed", "memory" }

local parser = require "argparse" ("separation.lua", "Measures the separation of recordings.")
parser:argument("parts", "seams, sums, kinds, speed, memory"):args "*":choices(PARTS)
parser:option("--minutes", "lengths of the songs whose memory is measured")
  :args "+":convert(tonumber):default { 0.5, 10, 120 }
parser:option("--rounds", "how often speed is measured"):convert(tonumber):default "5"
parser:option("--seconds", "of the recording whose speed is measured"):convert(tonumber)
  :default "60"
local o = parser:parse(arg)

local dir = assert(ms.sys.tempdir())
local ok, bad = pcall(function()
  local wrong = 0
  for _, part in ipairs(#o.parts > 0 and o.parts or PARTS) do
    print(("\n%s%s"):format(part:sub(1, 1):upper(), part:sub(2)))
    wrong = wrong + require(part)(dir, o)
  end
  return wrong
end)
ms.sys.remove(dir)
if not ok then error(bad, 0) end
print(bad == 0 and "\nall is within its limits" or ("\n%d beyond their limits"):format(bad))
os.exit(bad == 0 and 0 or 1, true)
