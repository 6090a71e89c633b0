--- Several processes that look at a data set's files side by side and leave what they find in the index's folder.
-- They only warm the cache: the caller then runs its own plain loop, which finds the work done.
local core = require "moonstem.core.tensor"
local splits = require "moonstem.data.splits"
local file_index = require "moonstem.data.file_index"
local process_pool = require "moonstem.sys.process_pool"
local sys = require "moonstem.core.sys"

local M = {}

local ENOUGH = 200 -- files from which on more than one process is worth starting by default

-- How many processes to use for `count` files: as asked, else one for a few and all processors for many.
local function size(asked, count)
  local n = asked or (count >= ENOUGH and sys.cpu_count() or 1)
  return math.max(1, math.min(n, count))
end

-- Shares files out among n jobs.
local function jobs_of(files, n, common)
  local jobs = {}
  for k = 1, n do
    local part = {}
    for i = k, #files, n do part[#part + 1] = { path = files[i].path, stream = files[i].stream } end
    jobs[k] = { files = part, index = ("%s-%d"):format(common.task, k) }
    for key, value in pairs(common) do jobs[k][key] = value end
  end
  return jobs
end

--- Looks at the files of a data set that the index does not know yet, in several processes if they are many.
-- common: { task = "check" or "pack", cache = folder, ... }, what a worker is told; module moonstem.data.<task> has
-- warm(file, common, index). given: { workers =, progress = }. Returns true, or nil and a sentence; what was done by
-- then is kept.
function M.run(dataset, purpose, common, given)
  if not common.cache then return true end
  local index, why = file_index.open(common.cache)
  if not index then return nil, why end
  local files = index:unknown(splits.all_files(dataset), purpose)
  local n = size(given.workers, #files)
  if n == 1 then return true end
  local good
  good, why = process_pool.share { module = "moonstem.data.warm", jobs = jobs_of(files, n, common), folder = common.cache,
    progress = function(done)
      if given.progress then given.progress(done, #files, "files") end
    end }
  return good, why == "interrupted" and why .. "; the same call goes on from there" or why
end

--- What a worker process does with its job.
function M.work(job, step)
  local warm = require("moonstem.data." .. job.task).warm
  local index, why = file_index.open(job.cache, job.index)
  if not index then return nil, why end
  for _, file in ipairs(job.files) do
    if sys.interrupted() then break end
    local _ <close> = core.scope()
    warm(file, job, index)
    step()
  end
  index:close()
  return true
end

return M
