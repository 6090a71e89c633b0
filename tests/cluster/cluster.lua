--- A real Slurm for tests: started in a folder, asked, stopped; and the hashes of what runs left.
local ms = require "moonstem"

local Cluster = {}
Cluster.__index = Cluster

local M = {}

local HERE = debug.getinfo(1, "S").source:match "^@(.*/)" or "./"
local NEEDED = { "slurmctld", "slurmd", "sbatch", "munged" }

-- Whether the shell finds a program, also where only root looks.
local function there(program)
  return ms.sys.run { "sh", "-c", "PATH=$PATH:/usr/sbin:/sbin command -v " .. program,
    stdout = "/dev/null" } == 0
end

--- Why there can be no cluster here; nil where there can. hosts: of several, made with namespaces.
function M.lacking(hosts)
  local _, user = ms.sys.capture { "id", "-u" }
  if user ~= "0\n" then return "only root can start Slurm" end
  local needed = { table.unpack(NEEDED) }
  if hosts then table.move({ "ip", "nsenter", "unshare" }, 1, 3, #needed + 1, needed) end
  for _, program in ipairs(needed) do
    if not there(program) then
      return ("there is no %s (packages slurmctld, slurmd, slurm-client, munge, iproute2)")
        :format(program)
    end
  end
end

--- Ends a long form with status 0 where there can be no cluster of so many hosts, and says why.
function M.skip_without(hosts)
  local why = M.lacking(hosts)
  if not why then return end
  print("skip: " .. why)
  os.exit(0)
end

--- Starts Slurm in a new folder; hosts: nil for this machine alone; processors: of each (2). Raises
-- with what it said.
function M.start(hosts, processors)
  local self = setmetatable({ dir = assert(ms.sys.tempdir()) }, Cluster)
  self.env = { SLURM_CONF = self.dir .. "/slurm.conf", MOONSTEM_TEST_HOOKS = self.dir,
    PATH = os.getenv "PATH" .. ":/usr/sbin:/sbin" }
  local log = self.dir .. "/start.txt"
  local status = ms.sys.run { "sh", HERE .. "start.sh", self.dir, tostring(hosts or 0),
    tostring(processors or 2), env = self.env, stdout = log, stderr = log }
  if status ~= 0 then
    local why = ms.sys.read_file(log)
    self:stop()
    error("Slurm did not start: " .. why, 0)
  end
  return self
end

--- Status and text of a command that knows the cluster; what it says of errors is in the text, too.
function Cluster:ask(...)
  local errors = self.dir .. "/errors.txt"
  local status, text = ms.sys.capture { env = self.env, stderr = errors, ... }
  return status, text .. ms.sys.read_file(errors)
end

--- Ends all of it.
function Cluster:stop()
  ms.sys.run { "sh", HERE .. "stop.sh", self.dir, env = self.env, stdout = "/dev/null",
    stderr = "/dev/null" }
  ms.sys.run { "rm", "-rf", self.dir }
end
Cluster.__close = Cluster.stop

--- Names a run for a hook of plan.lua.
function Cluster:hook(file, name)
  assert(ms.sys.write_file(self.dir .. "/" .. file, name))
end

function Cluster:unhook(file) ms.sys.remove(self.dir .. "/" .. file) end

--- Whether a hook has written its file.
function Cluster:has(file) return ms.sys.exists(self.dir .. "/" .. file) end

--- Waits until f() holds: true; false after so many seconds.
function M.eventually(seconds, f)
  local last = ms.sys.clock() + seconds
  while ms.sys.clock() < last do
    if f() then return true end
    ms.sys.sleep(0.1)
  end
  return false
end

--- Whether the queue is empty.
function Cluster:idle()
  local status, text = self:ask("squeue", "-h")
  return status == 0 and text == ""
end

--- The task of Slurm, as 12_3, that last worked on a run.
function M.task_of(dir)
  local task
  for id in ms.sys.read_file(dir .. "/output.txt"):gmatch "task (%d+_%d+), start" do task = id end
  return task
end

--- How often Slurm has started a run.
function M.starts_of(dir)
  return select(2, ms.sys.read_file(dir .. "/output.txt"):gsub("task %d+_%d+, start", ""))
end

--- The host that works on a run, or has done so last.
function M.host_of(dir)
  return ms.sys.read_file(dir .. "/output.txt"):match ".*, on (%S+)\n"
end

--- The numbers of a host's processes, as text.
function Cluster:processes_of(host)
  local net = ms.sys.read_file(self.dir .. "/net"):match "^%S+"
  local _, pids = ms.sys.capture { "ip", "netns", "pids", net .. "-" .. host:match "%d+$" }
  return pids
end

--- Ends a host as a power cut does.
function Cluster:cut(host)
  ms.sys.run { "sh", "-c", "kill -9 " .. self:processes_of(host):gsub("%s+", " ") }
end

--- What a finished run has left that no clock has part in: one line.
function M.hash_of(dir)
  local record = assert(ms.io.load_json(dir .. "/result.json"))
  local scores = {}
  for name, value in pairs(record.scores) do
    if type(value) == "number" and name ~= "seconds" then
      scores[#scores + 1] = ("%s=%.17g"):format(name, value)
    end
  end
  table.sort(scores)
  local _, sums = ms.sys.capture { "sh", "-c", [[cd "$1" && for file in best.safetensors \
    predictions.safetensors; do [ ! -f $file ] || sha256sum $file; done]], "sh", dir }
  return sums .. table.concat(scores, " ")
end

--- The hashes of all finished trainings below a folder: { [name] = text }, and their number.
function M.hashes(out)
  local list, count = {}, 0
  for _, run in ipairs(ms.lab.runs(out)) do
    if run.result then
      list[run.dir:sub(#out + 2)], count = M.hash_of(run.dir), count + 1
    end
  end
  return list, count
end

return M
