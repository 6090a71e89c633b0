--- The levels of a plan: jobs of one kind that can begin at one time are an array of Slurm, and
-- each of its tasks waits for those tasks of others that it needs.
local M = {}

local MOST = 1000 -- tasks of an array: MaxArraySize is 1001 unless a cluster's owner changed it

-- How many arrays come before a job: 1 where it needs none of those to be submitted.
local function depths_of(jobs, chosen)
  local depth = {}
  for _, job in ipairs(jobs) do
    local deepest = 0
    for _, need in ipairs(job.needs) do deepest = math.max(deepest, depth[need] or 0) end
    depth[job.name] = chosen[job.name] and deepest + 1 or nil
  end
  return depth
end

local function before(a, b)
  if a.depth ~= b.depth then return a.depth < b.depth end
  return a.order < b.order
end

-- The array that takes one job more of a kind.
local function open_level(levels, last, depth, kind)
  local key = depth .. " " .. kind
  local level = last[key]
  if level and #level.jobs < MOST then return level end
  local part = level and level.part + 1 or 1
  local name = ("%d-%s%s"):format(depth, kind:gsub("[^%w]+", "-"), part > 1 and "-" .. part or "")
  level = { depth = depth, kind = kind, part = part, name = name, jobs = {},
    order = #levels + 1 }
  levels[#levels + 1], last[key] = level, level
  return level
end

--- The levels of the jobs whose names are chosen, in order: list of { name =, kind =, jobs = },
-- the n-th job of which is task n; and where each job is: { [name] = { level =, task = } }.
function M.of(jobs, chosen)
  local levels, last, place, depth = {}, {}, {}, depths_of(jobs, chosen)
  for _, job in ipairs(jobs) do
    if chosen[job.name] then
      local level = open_level(levels, last, depth[job.name], job.kind)
      table.insert(level.jobs, job)
      place[job.name] = { level = level, task = #level.jobs }
    end
  end
  table.sort(levels, before)
  return levels, place
end

-- All that a job needs and is submitted, by way of others, too.
local function add_all(jobs, name, place, seen)
  for _, need in ipairs(jobs:find(name).needs) do
    if place[need] and not seen[need] then
      seen[need] = true
      add_all(jobs, need, place, seen)
    end
  end
  return seen
end

--- The names that a job waits for: those of its needs that are submitted, but for needs of its
-- other needs.
function M.partners(jobs, job, place)
  local implied, list = {}, {}
  for _, need in ipairs(job.needs) do
    if place[need] then add_all(jobs, need, place, implied) end
  end
  for _, need in ipairs(job.needs) do
    if place[need] and not implied[need] then list[#list + 1] = need end
  end
  return list
end

return M
