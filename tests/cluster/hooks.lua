--- Runs that wait or fail where a test wants it. In the folder MOONSTEM_TEST_HOOKS, `hold-N` names
-- a run that waits after its second step, having written `held-N`, until `go` is there; `break`
-- names one that fails. To be required by a recipe before it returns.
local ms = require "moonstem"
local step = require "moonstem.train.step"

local folder = os.getenv "MOONSTEM_TEST_HOOKS" or "/none"
local take = step.take

-- Whether the run of a job is named in a file of that folder.
local function is_named(file, job)
  local path = folder .. "/" .. file
  local name = ms.sys.exists(path) and ms.sys.read_file(path)
  return name and job.folder.dir:sub(-#name) == name
end

local function hold(job, k)
  if job.position.step ~= 2 or not is_named("hold-" .. k, job) then return end
  ms.sys.write_file(folder .. "/held-" .. k, "")
  while not ms.sys.exists(folder .. "/go") and not ms.sys.interrupted() do ms.sys.sleep(0.05) end
end

function step.take(job, ...)
  if is_named("break", job) then error("this run was told to fail", 0) end
  hold(job, 1)
  hold(job, 2)
  return take(job, ...)
end

return true
