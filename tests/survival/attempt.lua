--- One piece of work in a process of its own, with a fault on order (file_faults.c), and what
-- became of it.
local ms = require "moonstem"
local scenarios = require "survival.scenarios"
local outcome = require "survival.outcome"

local Attempts = {}
Attempts.__index = Attempts

local M = {}

local PATIENCE = 600 -- seconds for a process to end; no assertion, but the end of waiting
local MARK = "MOONSTEM_ATTEMPT"
local SHIM = (ms.sys.absolute "/proc/self/exe"):match "^.*/" .. "libfile-faults.so"

--- A place for attempts at the scenarios of these names (none: all), with data sets to work on; nil
-- and a sentence where the library for faults was not built. Close it when done.
function M.new(names)
  if not ms.sys.exists(SHIM) then
    return nil, SHIM .. " is missing: cmake --build build --target c-tests"
  end
  local dir = assert(ms.sys.tempdir())
  local self = setmetatable({ dir = dir, inputs = dir .. "/in", count = 0, wanted = {}, counts = {},
    scenarios = scenarios.choose(names) }, Attempts)
  scenarios.prepare(self.inputs)
  return self
end

--- A new folder for one attempt: work is done in its folder out; beside it are `said` and `tally`.
function Attempts:folder()
  self.count = self.count + 1
  local path = ("%s/%d"):format(self.dir, self.count)
  assert(ms.sys.mkdir(path))
  return path
end

-- The environment of a process that meets a fault.
local function environment(self, folder, fault)
  local env = { [MARK] = self.dir, MOONSTEM_THREADS = false }
  if not fault then return env end
  env.LD_PRELOAD, env.FAULT_FOLDER, env.FAULT_TALLY = SHIM, folder .. "/out", folder .. "/tally"
  env.ASAN_OPTIONS = (os.getenv "ASAN_OPTIONS" or "") .. ":verify_asan_link_order=0"
  for key, value in pairs(fault) do env["FAULT_" .. key:upper()] = tostring(value) end
  ms.sys.remove(folder .. "/tally")
  return env
end

--- attempts:start(scenario, folder, fault, words) -> process. In a group of its own, as a shell
-- starts it.
-- fault: { DO =, AT =, UNTIL =, TO = } as file_faults.c says, or nil
-- words: the file for what it says ("said")
function Attempts:start(scenario, folder, fault, words)
  local argv = { "setsid", table.unpack(scenario.command(self.inputs, "out")) }
  argv.dir, argv.stdin, argv.env = folder, "/dev/null", environment(self, folder, fault)
  argv.stdout = folder .. "/" .. (words or "said")
  argv.stderr = argv.stdout
  return assert(ms.sys.spawn(argv))
end

--- What it said.
function Attempts.words(_, folder, words)
  return ms.sys.read_file(folder .. "/" .. (words or "said")) or ""
end

--- How many operations it made, and the one that met the fault; 0 where it had not begun.
function Attempts.met(_, folder)
  local text = ms.sys.read_file(folder .. "/tally") or ""
  if #text < 12 then return 0, "" end
  return (string.unpack("<I8", text)), text:match("^[^\0]*", 13)
end

-- Pids of all processes that were started from here and still run.
local function alive(self)
  local list, mark = {}, MARK .. "=" .. self.dir .. "\0"
  for _, pid in ipairs(ms.sys.list "/proc") do
    if pid:find "^%d+$" then
      local text = ms.sys.read_file(("/proc/%s/environ"):format(pid))
      if text and text:find(mark, 1, true) then list[#list + 1] = pid end
    end
  end
  return list
end

--- Processes that still run though the one that started them has ended: a list of their command
-- lines, after they had time to end. They are ended.
function Attempts:survivors()
  local list = alive(self)
  local last = ms.sys.clock() + PATIENCE / 10
  while #list > 0 and ms.sys.clock() < last do
    ms.sys.sleep(0.02)
    list = alive(self)
  end
  for i, pid in ipairs(list) do
    list[i] = (ms.sys.read_file(("/proc/%s/cmdline"):format(pid)) or "?"):gsub("%z", " ")
    ms.sys.run { "kill", "-9", pid, stderr = "/dev/null" }
  end
  return list
end

--- The exit status; nil where it did not end, and was ended.
function Attempts:wait(process)
  local status = process:wait(PATIENCE)
  if status then return status end
  process:kill "KILL"
  process:wait()
  self:survivors()
  return nil
end

--- What a scenario comes to when nothing breaks it off: { outcome =, seconds = }. Made twice, so
-- that what differs by itself is seen.
function Attempts:reference(scenario)
  local known = self.wanted[scenario.name]
  if known then return known end
  known = {}
  for _ = 1, 2 do
    local folder, since = self:folder(), ms.sys.clock()
    local status = self:wait(self:start(scenario, folder))
    if status ~= 0 then error(("%s: %s"):format(scenario.name, self:words(folder)), 0) end
    known.seconds = ms.sys.clock() - since
    local found = outcome.of(folder .. "/out")
    local unequal = outcome.differences(found, known.outcome or found)
    if #unequal > 0 then error("twice the same, and " .. table.concat(unequal, ", "), 0) end
    known.outcome = found
    self:clear(folder)
  end
  self.wanted[scenario.name] = known
  return known
end

--- How many operations of a scenario such a fault can meet.
function Attempts:operations(scenario, kind)
  local key = scenario.name .. " " .. kind
  if self.counts[key] then return self.counts[key] end
  local folder = self:folder()
  self:wait(self:start(scenario, folder, { DO = kind, AT = 0, UNTIL = 0 }))
  self.counts[key] = self:met(folder)
  self:clear(folder)
  print(("%s: %d operations on files that %s can meet"):format(scenario.name, self.counts[key],
    kind))
  return self.counts[key]
end

-- A number without common factor with n, near to its golden section.
local function stride(n)
  local function common(a, b) return b == 0 and a or common(b, a % b) end
  local step = math.max(1, math.floor(n * 0.618))
  while common(step, n) ~= 1 do step = step + 1 end
  return step
end

--- attempts:operation(turn, kind) -> scenario, number of an operation of it, round
-- Turns go through the operations of all scenarios, evenly spread; a round reaches each once.
function Attempts:operation(turn, kind)
  local total = 0
  for _, scenario in ipairs(self.scenarios) do total = total + self:operations(scenario, kind) end
  local place = (turn * stride(total)) % total
  for _, scenario in ipairs(self.scenarios) do
    local n = self:operations(scenario, kind)
    if place < n then return scenario, place + 1, turn // total end
    place = place - n
  end
end

--- Begins again, without faults, what lies in a folder, to its end: a list of what was lost.
function Attempts:finish(scenario, folder)
  local status = self:wait(self:start(scenario, folder))
  if status ~= 0 then
    return { ("begun again it ended with %s: %s"):format(tostring(status),
      self:words(folder):sub(-500)) }
  end
  local lost = outcome.differences(outcome.of(folder .. "/out"), self:reference(scenario).outcome)
  for _, line in ipairs(self:survivors()) do lost[#lost + 1] = "still runs: " .. line end
  return lost
end

--- Removes what one attempt left.
function Attempts.clear(_, folder) ms.sys.run { "rm", "-rf", folder } end

--- Ends all that still runs and removes the folder.
function Attempts:close()
  for _, pid in ipairs(alive(self)) do ms.sys.run { "kill", "-9", pid, stderr = "/dev/null" } end
  ms.sys.run { "rm", "-rf", self.dir }
end
Attempts.__close = Attempts.close

return M
