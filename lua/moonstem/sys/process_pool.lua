--- A pool of processes: it starts them, waits for them, stops them in order, and shares work out to
-- several of them.
local sys = require "moonstem.core.sys"
local core_io = require "moonstem.core.io"
local work_folder = require "moonstem.sys.work_folder"

local Pool = {}
Pool.__index = Pool

local M = {}

local WORKER_PATIENCE = 20 -- seconds for a worker to end the file that it is at

--- An empty pool.
function M.new()
  return setmetatable({ processes = {}, tags = {} }, Pool)
end

--- pool:start(argv, tag) -> true, or nil and a message. argv: as
-- ms.sys.spawn takes it; tag: what wait calls it.
function Pool:start(argv, tag)
  local process, why = sys.spawn(argv)
  if not process then return nil, why end
  self:add(process, tag)
  return true
end

--- Takes a process, as ms.sys.spawn gives it, into the pool.
function Pool:add(process, tag)
  table.insert(self.processes, process)
  table.insert(self.tags, tag)
end

--- How many processes run.
function Pool:count()
  return #self.processes
end

--- pool:wait(seconds) -> the tag and the exit status of a
-- process that has ended; nil when none has by then.
function Pool:wait(seconds)
  local place, status = sys.wait(self.processes, seconds)
  if not place then return nil end
  table.remove(self.processes, place)
  return table.remove(self.tags, place), status
end

--- Sends SIGTERM to all that still run and gives each `patience` seconds to save its work; then it
-- is killed. After Ctrl-C on a terminal the children have had SIGINT as well, which does no harm.
function Pool:stop(patience)
  for _, process in ipairs(self.processes) do
    if not process:poll() then process:kill "TERM" end
  end
  for _, process in ipairs(self.processes) do
    if not process:wait(patience) and process:kill "KILL" then process:wait() end
  end
end

--- The last line of a process's output file that is not blank; where there is none, why none can be
-- written beside it, or nil.
function M.last_words(path)
  local last
  for line in (sys.read_file(path) or ""):gmatch "[^\r\n]+" do
    if line:match "%S" then last = line end
  end
  return last or work_folder.trouble(path:match "^(.*)/")
end

-- ---- shared work -----------------------------------------------------------------------------
-- Writes a job for a worker (worker.lua) and starts it: true, or nil and a message.
local function start(pool, module, job, base)
  local good, why = core_io.save_json(base .. ".json", { module = module, job = job })
  if not good then return nil, why end
  local script = assert(package.searchpath("moonstem.sys.worker", package.path))
  return pool:start({ "/proc/self/exe", script, base .. ".json", stdout = base .. ".done",
    stderr = base .. ".txt", follow = "KILL" }, base)
end

-- Each worker writes one letter for each thing that it has done.
local function steps(bases)
  local done = 0
  for _, base in ipairs(bases) do done = done + (sys.size(base .. ".done") or 0) end
  return done
end

local function watch(pool, bases, progress)
  while pool:count() > 0 do
    local base, status = pool:wait(0.5)
    if base and status ~= 0 then
      return nil, M.last_words(base .. ".txt") or ("a worker ended with status %d"):format(status)
    elseif not base and sys.interrupted() then
      return nil, "interrupted"
    end
    progress(steps(bases))
  end
  return true
end

local function at_the_end(f) return setmetatable({}, { __close = f }) end

--- process_pool.share{ module =, jobs =, folder =, progress = } -> true, or nil and a message
-- Runs require(module).work(job, step) for each job in a process of its own, all at
-- the same time. A job is a table that JSON can hold; `work` calls step() for each
-- thing that it has done and returns true, or nil and a message; progress(number of
-- things done by all). folder: where a folder for the jobs' files is made, and removed afterwards.
-- The message is "interrupted" where a signal asked to stop. Workers end with this process, however
-- that ends.
function M.share(o)
  local good, why = sys.mkdir(o.folder)
  if not good then return nil, why end
  local place, problem = work_folder.open(o.folder)
  if not place then return nil, problem end
  local here <close> = place
  local pool, bases = M.new(), {}
  -- also where a signal's error comes from within
  local _ <close> = at_the_end(function() pool:stop(WORKER_PATIENCE) end)
  for k, job in ipairs(o.jobs) do
    bases[k] = ("%s/worker-%d"):format(here.path, k)
    good, why = start(pool, o.module, job, bases[k])
    if not good then break end
  end
  if good then good, why = watch(pool, bases, o.progress) end
  return good, why
end

return M
