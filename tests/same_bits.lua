--- The same bits: packing, features, batches, training, predictions, files (same_bits/work.lua)
-- come out to the bit the same when done twice, with 1, 2, 3, 64 threads, 1 and 4 workers, on cold
-- and warm caches, in another folder, time zone and locale. Prints each way and what differed.
--   build/moonstem tests/same_bits.lua [ways = all]      2: once, and all of it otherwise
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%slua/tools/?.lua;"):format(HERE) .. package.path
local ms = require "moonstem"
local tools = require "data_tools"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local WORK = ms.sys.absolute(HERE .. "same_bits/work.lua")

local root = assert(ms.sys.tempdir())
ms.seed(1)
tools.genre_set(root .. "/data", tools.genre_rows(), 4)

-- A folder with a locale that has a comma for a point.
local locale = root .. "/locales"
assert(ms.sys.mkdir(locale))
if ms.sys.run { "localedef", "-i", "de_DE", "-f", "UTF-8", locale .. "/de_DE.UTF-8",
  stdout = "/dev/null", stderr = "/dev/null" } ~= 0 then
  print "localedef makes no locale here: the ways with another one have that of C"
end

local WAYS = {
  { "once", cache = "cold" },
  { "all of it otherwise", threads = 3, workers = 4, data = "other/elsewhere/data",
    cache = "other/cache", dir = "/", env = { TZ = "Asia/Kathmandu", LC_ALL = "de_DE.UTF-8",
      LOCPATH = locale } },
  { "again", cache = "again" },
  { "caches that are warm", cache = "cold" },
  { "2 threads", threads = 2, cache = "cold" },
  { "3 threads", threads = 3, cache = "cold" },
  { "64 threads, on however few cores", threads = 64, cache = "cold" },
  { "4 workers", workers = 4, cache = "workers" },
  { "another folder", data = "moved/elsewhere/data", cache = "moved/cache", dir = "/" },
  { "another time zone", cache = "cold", env = { TZ = "Pacific/Kiritimati" } },
  { "another locale", cache = "cold", env = { LC_ALL = "de_DE.UTF-8", LOCPATH = locale } },
}

-- The digests that a way gives: { name = digest }, in a list of names; or nil and what was said.
local function try(way, number)
  if way.data then
    assert(ms.sys.mkdir(root .. "/" .. way.data:match "^.*/"))
    ms.sys.run { "cp", "-r", root .. "/data", root .. "/" .. way.data }
  end
  local status, text = ms.sys.capture { PROGRAM, WORK, root .. "/" .. (way.data or "data"),
    root .. "/" .. way.cache, ("%s/out%d"):format(root, number), tostring(way.threads or 1),
    tostring(way.workers or 1), dir = way.dir, env = way.env, stderr = root .. "/words" }
  if status ~= 0 then return nil, ms.sys.read_file(root .. "/words") end
  local digests, names = {}, {}
  for name, value in text:gmatch "([^\t\n]+)\t(%x+)" do
    digests[name], names[#names + 1] = value, name
  end
  return digests, names
end

local first, names, differences, tried = nil, nil, 0, 0
for number = 1, math.min(#WAYS, tonumber(arg[1]) or #WAYS) do
  local way = WAYS[number]
  local found, list = try(way, number)
  if not found then error(("%s: %s"):format(way[1], list), 0) end
  tried = tried + 1
  first, names = first or found, names or list
  local other = {}
  for _, name in ipairs(names) do
    if found[name] ~= first[name] then other[#other + 1] = name end
  end
  differences = differences + #other
  print(("%s: %s"):format(way[1], #other == 0 and "the same"
    or "other bits: " .. table.concat(other, ", ")))
end
ms.sys.run { "rm", "-r", root }
print(("%d ways, %d results each: %d differ"):format(tried, #names, differences))
os.exit(differences == 0 and 0 or 1, true)
