--- Several processes that look at files side by side and leave what they find in the ledger's folder.
-- They only warm the cache: the caller then runs its own plain loop, which finds the work done.
local ledger_of = require "moonstem.data.ledger"

local M = {}

local ENOUGH = 200 -- files from which on more than one process is worth starting by default

--- How many processes to use for `count` files: as asked, else one for a few and all processors for many.
function M.size(asked, count)
  local ms = require "moonstem"
  local n = asked or (count >= ENOUGH and ms.sys.cpu_count() or 1)
  return math.max(1, math.min(n, count))
end

-- Writes a worker's job and starts it: process, names of its files; or nil and a sentence.
local function start(job, k, files)
  local ms = require "moonstem"
  local base = ("%s/worker-%d-%d"):format(job.cache, ms.sys.pid(), k)
  local own = { files = files, ledger = ("%s-%d"):format(job.task, k) }
  for key, value in pairs(job) do own[key] = value end
  local good, why = ms.io.save_json(base .. ".json", own)
  if not good then return nil, why end
  local script = assert(package.searchpath("moonstem.data.worker", package.path))
  local process
  process, why = ms.sys.spawn { "/proc/self/exe", script, base .. ".json",
    stdout = base .. ".done", stderr = base .. ".txt" }
  return process, process and base or why
end

local function stop(processes)
  for _, process in ipairs(processes) do
    if not process:poll() then process:kill "TERM" end
    process:wait(20)
  end
end

-- Each worker writes one letter a file that it has done.
local function finished(bases)
  local ms, done = require "moonstem", 0
  for _, base in ipairs(bases) do done = done + (ms.sys.size(base .. ".done") or 0) end
  return done
end

local function watch(processes, bases, progress)
  local ms = require "moonstem"
  local alive = { table.unpack(processes) }
  while #alive > 0 do
    local place, status = ms.sys.wait(alive, 0.5)
    if place then
      table.remove(alive, place)
      if status ~= 0 then return nil, ("a worker ended with status %d"):format(status) end
    elseif ms.sys.interrupted() then
      return nil, "interrupted; the same call goes on from there"
    end
    progress(finished(bases))
  end
  return true
end

--- Runs `job` over `files` in `n` processes. job: { task = "check" or "pack", cache = folder, ... }; module
-- moonstem.data.<task> has warm(file, job, ledger). progress(number of files done).
-- Returns true, or nil and a sentence; what was done by then is kept.
function M.run(job, files, n, progress)
  local ms = require "moonstem"
  local good, why = ms.sys.mkdir(job.cache)
  if not good then return nil, why end
  local processes, bases = {}, {}
  for k = 1, n do
    local part = {}
    for i = k, #files, n do
      part[#part + 1] = { path = files[i].path, stream = files[i].stream }
    end
    processes[k], bases[k] = start(job, k, part)
    if not processes[k] then
      good, why = nil, bases[k]
      break
    end
  end
  if good then good, why = watch(processes, bases, progress) end
  stop(processes)
  for _, base in ipairs(bases) do
    for _, ending in ipairs { ".json", ".done", ".txt" } do ms.sys.remove(base .. ending) end
  end
  return good, why
end

--- What a worker process does with its job.
function M.work(job)
  local ms = require "moonstem"
  local warm = require("moonstem.data." .. job.task).warm
  local ledger, why = ledger_of.open(job.cache, job.ledger)
  if not ledger then return nil, why end
  for _, file in ipairs(job.files) do
    if ms.sys.interrupted() then break end
    local _ <close> = ms.scope()
    warm(file, job, ledger)
    io.stdout:write "."
    io.stdout:flush()
  end
  ledger:close()
  return true
end

return M
