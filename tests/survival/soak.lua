--- The prompt on a terminal, typed at for minutes or hours: tensors, mistakes, sound, figures,
-- help, completion, Ctrl-C, files, workers and small trainings, in turns. Its memory, descriptors,
-- threads and children must stay where they are after the first turns. Prints them at the
-- beginning and at the end, and how they grew.
--   build/moonstem tests/survival/soak.lua [minutes]     120 minutes
local HERE = arg[0]:match "^.*/" or "./"
package.path = ("%s../?.lua;%s../lua/tools/?.lua;"):format(HERE, HERE) .. package.path
local ms = require "moonstem"
local habits = require "survival.habits"
local open_terminal = require "terminal"

local MINUTES = tonumber(arg[1] or 120)
local WARM_UP = 3            -- turns until all that is made once is there
local TURNS = 8              -- at least
local ROOM = 4 << 20         -- bytes that memory may grow by, from one half to the other
local KEPT = 1024            -- bytes for each statement that the session keeps
local PAGE = 4096

-- { bytes =, files =, children =, threads = } of a process.
local function measured(pid)
  local place = ("/proc/%d/"):format(pid)
  local text = assert(ms.sys.read_file(place .. "status"))
  local children = ms.sys.read_file(("%stask/%d/children"):format(place, pid)) or ""
  local pages = assert(ms.sys.read_file(place .. "statm")):match "^%d+ (%d+)"
  local _, count = children:gsub("%d+", "")
  return { bytes = pages * PAGE, files = #ms.sys.list(place .. "fd"), children = count,
    threads = tonumber(text:match "Threads:%s*(%d+)") }
end

local function median(list, field)
  local values = {}
  for i, m in ipairs(list) do values[i] = m[field] end
  table.sort(values)
  return values[#values // 2 + 1]
end

-- Turns until the time is over: what was measured after each, and the number of statements.
local function soak(terminal, pid, dir)
  local list, statements, last = {}, 0, ms.sys.clock() + 60 * MINUTES
  while ms.sys.clock() < last or #list < TURNS do
    if ms.sys.interrupted() then break end
    statements = statements + habits.turn(terminal, dir, #list)
    list[#list + 1] = measured(pid)
  end
  return list, statements
end

-- What grew, as sentences.
local function grown(list, statements)
  local half = (WARM_UP + #list) // 2
  local early = table.move(list, WARM_UP + 1, half, 1, {})
  local late = table.move(list, half + 1, #list, 1, {})
  local lost, room = {}, { bytes = ROOM + KEPT * statements, files = 0, children = 0, threads = 0 }
  for field, more in pairs(room) do
    local growth = median(late, field) - median(early, field)
    if growth > more then lost[#lost + 1] = ("%s grew by %d"):format(field, growth) end
  end
  return lost, early, late
end

local function tell(list, statements, early, late)
  local first, last = list[WARM_UP + 1], list[#list]
  print(("%d turns, %d statements"):format(#list, statements))
  for _, field in ipairs { "bytes", "files", "children", "threads" } do
    print(("%-9s first %d, last %d; medians of the two halves %d and %d"):format(field,
      first[field], last[field], median(early, field), median(late, field)))
  end
  print(("%.0f bytes a statement"):format((last.bytes - first.bytes) / statements))
end

ms.sys.interrupted() -- from now on a signal ends the turns
local dir = assert(ms.sys.tempdir())
local _ <close> = setmetatable({}, { __close = function() ms.sys.run { "rm", "-rf", dir } end })
local terminal = open_terminal(dir, ms.sys.absolute "/proc/self/exe")
terminal:await "> "
local pid = habits.begin(terminal, dir)
local list, statements = soak(terminal, pid, dir)
local status = terminal:finish()
local lost, early, late = grown(list, statements)
if status ~= 0 then lost[#lost + 1] = "it ended with status " .. tostring(status) end
tell(list, statements, early, late)
for _, line in ipairs(lost) do print("lost: " .. line) end
print(("%.1f minutes at the prompt: %d lost"):format(MINUTES, #lost))
os.exit(#lost == 0 and 0 or 1, true)
