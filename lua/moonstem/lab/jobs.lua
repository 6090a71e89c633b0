--- Jobs and what they need: an order in which all can be done, and what each is waiting for.
-- A job is { name =, needs = list of names, ... }; jobs of one name are one job, wherever it is asked for.
local M = {}

local Jobs = {}
Jobs.__index = Jobs

--- An empty set of jobs.
function M.new()
  return setmetatable({ known = {} }, Jobs)
end

--- Adds a job, unless one of its name is there; the one that is there.
function Jobs:add(job)
  job.needs = job.needs or {}
  self.known[job.name] = self.known[job.name] or job
  return self.known[job.name]
end

--- The job of that name, or nil.
function Jobs:find(name)
  return self.known[name]
end

--- The named jobs and all that they need, each once, behind what it needs. Raises for unknown names and for circles.
function Jobs:in_order(names)
  local list, state = {}, {}
  local function visit(name)
    if state[name] == "placed" then return end
    local job = self.known[name]
    if not job then error(("jobs: there is no job %s"):format(tostring(name)), 0) end
    if state[name] then error(("jobs: %s needs itself in the end"):format(name), 0) end
    state[name] = "open"
    for _, needed in ipairs(job.needs) do visit(needed) end
    state[name] = "placed"
    list[#list + 1] = job
  end
  for _, name in ipairs(names) do visit(name) end
  return list
end

return M
