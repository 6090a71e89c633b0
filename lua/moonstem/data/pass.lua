--- A pass over all files of a data set: first in several processes, which leave what they find in
-- the index of a cache folder, then item by item in this one, which finds that work done.
local core = require "moonstem.core.tensor"
local items = require "moonstem.data.items"
local splits = require "moonstem.data.splits"
local file_index = require "moonstem.data.file_index"
local process_pool = require "moonstem.sys.process_pool"
local work_folder = require "moonstem.sys.work_folder"
local sys = require "moonstem.core.sys"

local M = {}

local ENOUGH = 200 -- files from which on more than one process is worth starting by default

-- How many processes to use for `count` files: as many as asked for; else
-- one for few files, and all processors for many.
local function size(asked, count)
  local n = asked or (count >= ENOUGH and sys.cpu_count() or 1)
  return math.max(1, math.min(n, count))
end

-- Every n-th file from the k-th on.
local function every(files, k, n)
  local part = {}
  for i = k, #files, n do part[#part + 1] = { path = files[i].path, stream = files[i].stream } end
  return part
end

-- Shares files out among n jobs, each with a file of the index to itself.
local function jobs_of(files, n, o)
  local jobs = {}
  for k = 1, n do
    jobs[k] = { task = o.task, cache = o.cache, rate = o.rate, files = every(files, k, n),
      index = ("%s%s-%d"):format(o.task, o.share and "-" .. o.share or "", k) }
  end
  return jobs
end

-- Visits the files that the index does not know yet in several processes, if they are many.
local function side_by_side(dataset, o)
  if not o.cache then return true end
  work_folder.sweep(o.cache)
  local index, why = file_index.open(o.cache)
  if not index then return nil, why end
  local files = index:unknown(o.files or items.all_files(dataset), o.purpose)
  local n = size(o.workers, #files)
  if #files == 0 or n == 1 and not o.share then return true end
  return process_pool.share { module = "moonstem.data.pass", jobs = jobs_of(files, n, o),
    folder = o.cache,
    progress = function(done)
      if o.progress then o.progress(done, #files, "files") end
    end }
end

-- The data set with each item as o.change returns it, or nil and why it cannot be used. A third
-- result is the message of a change that ended the pass.
local function item_by_item(dataset, o, index)
  local done, total, problem = 0, dataset:count(), nil
  local new, refusal = splits.map(dataset, function(item, split)
    if not problem and sys.interrupted() then
      problem = ("interrupted after %d of %d"):format(done, total)
    end
    if problem then return nil end
    local changed, entry = o.change(item, split, index)
    if type(entry) == "string" then problem = entry end
    done = done + 1
    if o.progress then o.progress(done, total, item.id) end
    return changed, entry
  end)
  return new, refusal, problem
end

local function failure(o, why)
  local more = why:find "^interrupted" and o.cache and "; the same call goes on from there" or ""
  return ("%s: %s%s"):format(o.task, why, more)
end

--- pass.run(dataset, o) -> a data set, or nil and a message
-- o: { task = "check" or "cache", purpose = of the index's records, cache = folder or nil,
--   files = to visit (all there are), workers =, progress =, rate = for the workers,
--   change = function(item, split, index) -> the new item; or nil and an entry of the report;
--   or nil and a message, which ends the pass }
-- Module moonstem.data.TASK has visit(file, job, index), which a worker calls for its files.
function M.run(dataset, o)
  sys.interrupted() -- from now on a signal is looked for between files
  local index
  local good, why = side_by_side(dataset, o)
  if good then index, why = file_index.open(o.cache, o.task) end
  if not index then return nil, failure(o, why) end
  local new, refusal, problem = item_by_item(dataset, o, index)
  index:close()
  if problem then return nil, failure(o, problem) end
  return new, refusal
end

--- pass.share(dataset, o, k, n) -> true, or nil and a message
-- The pass over every n-th file from the k-th on alone, which leaves what it finds in the index:
-- n machines that share the cache do the work of one. o: as for run, without change.
function M.share(dataset, o, k, n)
  local own = { files = every(items.all_files(dataset), k, n), share = ("%dof%d"):format(k, n) }
  for key, value in pairs(o) do own[key] = value end
  local good, why = side_by_side(dataset, own)
  if good then return true end
  return nil, failure(own, why)
end

--- What a worker process does with its job.
function M.work(job, step)
  local visit = require("moonstem.data." .. job.task).visit
  local index, why = file_index.open(job.cache, job.index)
  if not index then return nil, why end
  for _, file in ipairs(job.files) do
    if sys.interrupted() then break end
    local _ <close> = core.scope()
    visit(file, job, index)
    step()
  end
  index:close()
  return true
end

return M
