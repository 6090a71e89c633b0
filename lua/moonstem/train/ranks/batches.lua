--- Batches as the parts of them that a rank computes.
local randomness = require "moonstem.train.step.randomness"
local shares = require "moonstem.distributed.shares"

local Shared = {} -- a task whose batches are parts
Shared.__index = Shared

local M = {}

-- A list of parts { first = row, last = row, extra =, weight = }, and all their rows.
local function parts_of(task, parts, rows, extra)
  local list, mine = {}, {}
  for i = 1, #parts do
    local these, its, weight = task:part(rows, extra, function(n)
      return shares.cut(parts, i, n)
    end)
    local count = these and #these or 0
    list[i] = { first = #mine + 1, last = #mine + count, extra = its, weight = weight }
    table.move(these or {}, 1, count, #mine + 1, mine)
  end
  return list, rows and mine
end

function Shared:batch(step)
  local rows, extra = self.task:batch(step)
  local total = self.task:clips(rows, extra)
  local parts = self.dp:parts(total)
  local list, mine = parts_of(self.task, parts, rows, extra)
  list.parts, list.total = parts, total
  return mine, list
end

--- The task whose batches are those of a task, as far as this rank computes them.
function M.task(task, dp)
  if not (task.part and task.clips) then
    error("train.run: batches of this task cannot be shared by ranks or cut into micro-batches: it "
      .. "needs the methods clips and part (moonstem/train/tasks.lua)", 0)
  end
  return setmetatable({ task = task, feed = task.feed, dp = dp }, Shared)
end

--- The loss of part i of what the shared task gave for a step, as it enters the batch's.
function M.loss(job, tensor, list, i)
  local part = list[i]
  randomness.at(job.settings.seed, job.position.step, "loss", list.parts[i])
  local x = tensor
  if tensor and #list > 1 then x = tensor:slice(1, part.first, part.last) end
  return job.task:loss(job.model, x, part.extra) * part.weight
end

return M
