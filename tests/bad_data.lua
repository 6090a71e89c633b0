--- Bad data: faults of 20 kinds are planted in a data set that is made, one in a hundred clips of
-- each kind, and `moonstem data check` must list exactly those clips. Prints what was
-- planted, found, missed, and listed without a reason.
--   build/moonstem tests/bad_data.lua [clips = 200 [seed = 1]]      100 to 600 clips
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%slua/tools/?.lua;"):format(HERE) .. package.path
local ms = require "moonstem"

local CLIPS, SEED = tonumber(arg[1] or 200), tonumber(arg[2] or 1)
local RATE, SECONDS = 16000, 4
local LABELS = { "guitar", "piano", "drums", "voice" }
local SPLITS = { "train", "train", "train", "valid", "test" }

local function put(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(bytes))
end

local function noise() return ms.randn { RATE * SECONDS } * 0.1 end

local function write(path, wave, options, rate)
  assert(ms.audio.write(path, wave, rate or RATE, options))
end

-- Writes a good file of some kind, and keeps `part` of its bytes.
local function cut(path, ending, part)
  local whole = path .. ending
  write(whole, noise())
  local bytes = assert(ms.sys.read_file(whole))
  os.remove(whole)
  put(path, bytes:sub(1, math.floor(#bytes * part)))
end

-- One sample of a wave is another number.
local function with(number)
  return function(path)
    local wave = noise()
    local values = wave:totable()
    values[1000] = number
    write(path, ms.tensor_from(values, { #values }), { encoding = "float" })
  end
end

-- ---- faults ----------------------------------------------------------------------------------
-- Each: a name and plant(path, other): writes the clip's file, another good clip's path is given.
-- `pair`: the other clip is listed, too. `row`: what stands in the manifest instead.
local FAULTS = {
  { "a WAV that is cut off", plant = function(path) cut(path, ".wav", 0.6) end },
  { "a FLAC that is cut off", plant = function(path) cut(path, ".flac", 0.6) end },
  { "an Ogg that is cut off", plant = function(path) cut(path, ".ogg", 0.6) end },
  { "an empty file", plant = function(path) put(path, "") end },
  { "a damaged header", plant = function(path)
    cut(path, ".wav", 1)
    put(path, ("\0"):rep(12) .. ms.sys.read_file(path):sub(13))
  end },
  { "a header alone", plant = function(path)
    cut(path, ".wav", 1)
    put(path, ms.sys.read_file(path):sub(1, 44))
  end },
  { "a text", plant = function(path) put(path, ("404 Not Found\n"):rep(40)) end },
  { "zeros instead of bytes", plant = function(path) put(path, ("\0"):rep(128000)) end },
  { "silence", plant = function(path) write(path, ms.zeros { RATE * SECONDS }) end },
  { "one level throughout", plant = function(path)
    write(path, ms.zeros { RATE * SECONDS } + 0.3)
  end },
  { "a sample that is not a number", plant = with(0 / 0) },
  { "a sample that is infinite", plant = with(1 / 0) },
  { "too short", plant = function(path) write(path, ms.randn { RATE } * 0.1) end },
  { "no file", plant = function() end },
  { "a folder", plant = function(path) assert(ms.sys.mkdir(path)) end },
  { "channels that cancel", plant = function(path)
    local wave = noise()
    write(path, ms.stack({ wave, -wave }, 2))
  end },
  { "a copy under another name", pair = true, plant = function(path, other)
    put(path, ms.sys.read_file(other))
  end },
  { "a copy in another format", pair = true, plant = function(path, other)
    write(path .. ".flac", (assert(ms.audio.read(other))))
    assert(ms.sys.rename(path .. ".flac", path))
  end },
  { "no label", plant = function(path) write(path, noise()) end, labels = "" },
  { "a rate of 1 Hz", plant = function(path)
    cut(path, ".wav", 1)
    local bytes = ms.sys.read_file(path)
    put(path, bytes:sub(1, 24) .. string.pack("<I4I4", 1, 2) .. bytes:sub(33))
  end },
}

-- ---- the data set ----------------------------------------------------------------------------
local function name_of(k) return ("c%04d.wav"):format(k) end

-- Which clips get which fault, and which good ones pairs are made of: { [number] = fault }, others.
local function plan()
  local order = {}
  for k = 1, CLIPS do order[k] = k end
  for k = CLIPS, 2, -1 do
    local j = ms.random.integer(SEED, "bad data", k, 1, k)
    order[k], order[j] = order[j], order[k]
  end
  local each, faults, others, n = math.max(1, CLIPS // 100), {}, {}, 0
  for _, fault in ipairs(FAULTS) do
    for _ = 1, each do
      n = n + 1
      faults[order[n]] = fault
    end
  end
  for k = n + 1, CLIPS do others[#others + 1] = order[k] end
  return faults, others
end

-- Makes the files and the manifest; the clips that must be listed: { [name] = what it has }.
local function make(folder)
  local faults, others = plan()
  local rows, expected, taken = { "path,split,labels" }, {}, 0
  for k = 1, CLIPS do
    if not faults[k] then write(folder .. "/" .. name_of(k), noise()) end
  end
  for k = 1, CLIPS do
    local _ <close> = ms.scope()
    local fault, name = faults[k], name_of(k)
    local labels = LABELS[k % #LABELS + 1]
    if fault then
      if fault.pair then taken = taken + 1 end
      local other = name_of(others[math.max(taken, 1)])
      fault.plant(folder .. "/" .. name, folder .. "/" .. other)
      labels = fault.labels or labels
      expected[name] = fault[1]
      if fault.pair then expected[other] = fault[1] end
    end
    rows[#rows + 1] = ("%s,%s,%s"):format(name, SPLITS[k % #SPLITS + 1], labels)
  end
  put(folder .. "/set.csv", table.concat(rows, "\n") .. "\n")
  return expected
end

-- ---- what is listed --------------------------------------------------------------------------
local folder = assert(ms.sys.tempdir())
ms.seed(SEED)
local expected = make(folder)
local status, text = ms.sys.capture { ms.sys.absolute "/proc/self/exe", "data", "check",
  folder .. "/set.csv", stderr = folder .. "/words" }
local listed = {}
for name in text:gmatch "c%d%d%d%d%.wav" do listed[name] = true end
local missed, alarms, planted, found = {}, {}, 0, 0
for name, what in pairs(expected) do
  planted = planted + 1
  if listed[name] then found = found + 1 else missed[#missed + 1] = name .. ": " .. what end
end
for name in pairs(listed) do
  if not expected[name] then alarms[#alarms + 1] = name .. ": listed without a fault" end
end
table.sort(missed)
table.sort(alarms)
for _, list in ipairs { missed, alarms } do
  for _, line in ipairs(list) do print(line) end
end
if status ~= 0 then print(text, ms.sys.read_file(folder .. "/words")) end
ms.sys.run { "rm", "-r", folder }
print(("%d clips, %d kinds of faults, seed %d: %d clips must be listed, %d are, %d are missed, \z
  %d false alarms"):format(CLIPS, #FAULTS, SEED, planted, found, #missed, #alarms))
os.exit(status == 0 and #missed + #alarms == 0 and 0 or 1, true)
