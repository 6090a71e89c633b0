--- One holder at a time, on all machines that share a folder. Of the files PATH.1, PATH.2, ... the
-- newest says who holds PATH: { pid, host, place, begun, released, job, start }.
-- No lock of the file system is relied on, as not every shared one has them (NFS, Lustre). What is
-- relied on: a file appears under a name by a hard link or a rename, whole and once. Whoever wants
-- PATH links the file with the next number, in which one of several succeeds. Numbers only grow, so
-- that nobody can take away a file other than the one that he has looked at.
-- A holder on this machine lives while its process does; elsewhere, while its file is touched
-- (core/base/system/heartbeat.c), by the clock of the machine that keeps the files. One that was
-- stopped for longer and goes on finds that it has lost PATH (lock:lost()), and writes no more.
-- A job that Slurm starts again waits less for its own earlier start, which Slurm has ended, or
-- whose machine it takes for dead. Some beats must have failed all the same: a machine that has
-- lost the controller alone goes on computing.
local core_io = require "moonstem.core.io"
local strict = require "moonstem.strict"
local sys = require "moonstem.core.sys"

local Lock = {}
Lock.__index = Lock
Lock.__name = "moonstem.lock"

local M = {}

-- Seconds without a beat, which come every 20: of any holder (clients of NFS may show a time that
-- is 60 s old), and of an earlier start of the same job. Reading a file makes NFS ask its server.
local STALE, EARLIER_START = 300, 60
local ATTEMPTS = 20

-- ---- who -------------------------------------------------------------------------------------
-- Of a process: its state, and when it began, in ticks since the machine's start; nil without one.
local function process(pid)
  local text = sys.read_file(("/proc/%d/stat"):format(pid))
  local fields = {}
  for word in (text or ""):gsub("^.*%)", ""):gmatch "%S+" do fields[#fields + 1] = word end
  return fields[1], fields[20]
end

-- Where process numbers mean the same and all processes can be seen: this start of this machine,
-- and a namespace of processes; elsewhere a text of this process alone.
local function place()
  if not process(1) then return ("%s %d %.6f"):format(sys.hostname(), sys.pid(), sys.now()) end
  local boot = sys.read_file "/proc/sys/kernel/random/boot_id" or sys.hostname()
  return boot:gsub("%s+$", "") .. " " .. (sys.identity "/proc/self/ns/pid" or "")
end

-- The job of Slurm that this process belongs to, and how often it was started before; nil outside.
local function job()
  local id = os.getenv "SLURM_JOB_ID"
  if not id then return nil end
  return ("%s %s"):format(os.getenv "SLURM_CLUSTER_NAME" or "", id),
    tonumber(os.getenv "SLURM_RESTART_COUNT") or 0
end

local function myself()
  local _, begun = process(sys.pid())
  local name, start = job()
  return { pid = sys.pid(), host = sys.hostname(), place = place(), begun = begun, job = name,
    start = start }
end

-- Seconds without a beat after which a holder on another machine is taken for dead.
local function patience(owner, mine)
  local is_earlier = mine.job and owner.job == mine.job and (owner.start or 0) < mine.start
  return is_earlier and EARLIER_START or STALE
end

local function folder_of(path) return path:match "^(.*/)[^/]*$" or "./" end

local made = 0
-- A name that no other process takes.
local function own_name(path, owner)
  made = made + 1
  return ("%s.%s.%d.%d~"):format(path, owner.host, owner.pid, made)
end

-- Seconds since a file was touched, by the clock of the machine that keeps it.
local function silent_for(path, held, owner)
  local probe = own_name(path, owner)
  local written = sys.write_file(probe, "")
  local now, last = written and sys.modified(probe), sys.modified(held)
  if written then sys.remove(probe) end
  return now and last and now - last or 0
end

-- Whether the process that a file names still holds the path.
local function alive(path, held, owner, mine)
  if owner.released then return false end
  if owner.place ~= mine.place then return silent_for(path, held, mine) < patience(owner, mine) end
  local state, begun = process(owner.pid or 0)
  return state ~= nil and state ~= "Z" and state ~= "X" and begun == owner.begun
end

-- ---- files -------------------------------------------------------------------------------------
-- The numbers of the files of a path, in order.
local function numbers(path)
  local folder, name = folder_of(path), path:match "[^/]*$" .. "."
  local list = {}
  for _, file in ipairs(sys.list(folder) or {}) do
    local number = file:sub(1, #name) == name and file:sub(#name + 1):match "^%d+$"
    if number then list[#list + 1] = math.tointeger(tonumber(number)) end
  end
  table.sort(list)
  return list
end

local function newest(path)
  local list = numbers(path)
  return list[#list] or 0
end

-- Removes the drafts of processes of this machine that were killed.
local function sweep(path, mine)
  local folder, name = folder_of(path), ("%s.%s."):format(path:match "[^/]*$", mine.host)
  for _, file in ipairs(sys.list(folder) or {}) do
    local pid = file:sub(1, #name) == name and file:sub(#name + 1):match "^(%d+)%.%d+~"
    if pid and not process(pid) then sys.remove(folder .. file) end
  end
end

-- Makes the file of that number: whether it is ours; or nil and a message.
local function link(path, number, mine)
  local draft, held = own_name(path, mine), ("%s.%d"):format(path, number)
  local text = core_io.json_encode(mine) .. "\n"
  local good, why = sys.write_file(draft, text)
  if not good then return nil, why:gsub("^cannot write", "cannot lock") end
  sys.link(draft, held) -- a server may say no to what it has done: the file tells
  sys.remove(draft)
  return sys.read_file(held) == text and newest(path) == number
end

-- ---- taking it -------------------------------------------------------------------------------
--- lock.holder(path) -> { pid =, host = } of who holds a path; nil where nobody does
function M.holder(path)
  local held = ("%s.%d"):format(path, newest(path))
  local owner = core_io.load_json(held)
  if type(owner) ~= "table" then
    if not sys.exists(held) then return nil end
    owner = { pid = 0, host = "another machine" } -- a file that is not ours to read: it has a time
  end
  return alive(path, held, owner, myself()) and owner or nil
end

local function attempt(path, mine)
  local before = newest(path)
  local owner = M.holder(path)
  if owner then
    return nil, ("%s is held by process %d on %s"):format(path, owner.pid, owner.host)
  end
  local ours, why = link(path, before + 1, mine)
  if not ours then return ours, why end
  for _, number in ipairs(numbers(path)) do
    if number <= before then sys.remove(("%s.%d"):format(path, number)) end
  end
  sweep(path, mine)
  return before + 1
end

--- ms.sys.lock(path) -> handle, or nil and a message naming the process that holds it
-- One holder at a time, on all machines that share the folder; released by handle:close(), by
-- <close>, or by the end of the process, however it ends: other machines notice that within five
-- minutes, a later start of the same job of Slurm within one. handle:lost() tells whether another
-- process has taken it since, as it may from one that was stopped for so long. A file PATH.NUMBER
-- stays.
function M.lock(path)
  local mine = myself()
  for _ = 1, ATTEMPTS do
    local number, why = attempt(path, mine)
    if number == nil then return nil, why end
    if number then
      local held = ("%s.%d"):format(path, number)
      local beat
      beat, why = sys.heartbeat(held)
      if not beat then return nil, why end
      return setmetatable({ path = path, number = number, mine = mine, beat = beat }, Lock)
    end
  end
  return nil, ("cannot lock %s: others take it again and again"):format(path)
end

--- lock:lost() -> whether another process has taken the path since
function Lock:lost()
  return newest(self.path) ~= self.number
end

--- Releases the path. Calling it twice is fine.
function Lock:close()
  if not self.beat then return end
  self.beat:close()
  self.beat = nil
  if self.mine.pid ~= sys.pid() or self:lost() then return end
  self.mine.released = true
  sys.write_file(("%s.%d"):format(self.path, self.number), core_io.json_encode(self.mine) .. "\n")
end

Lock.__close, Lock.__gc = Lock.close, Lock.close
Lock.__tostring = function() return "lock" end

strict.class(Lock, "lock", { "beat" })

return M
