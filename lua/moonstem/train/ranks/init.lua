--- What a job has of the other ranks: rank 0 does what is done once, and all get its results, its
-- weights, and what it is at.
local core = require "moonstem.core.tensor"
local core_io = require "moonstem.core.io"
local data_parallel = require "moonstem.distributed.data_parallel"
local distributed = require "moonstem.core.distributed"
local sys = require "moonstem.core.sys"

local Ranks = {}
Ranks.__index = Ranks

local M = {}

local COMPARE_EVERY = 50 -- steps

--- The ranks that a job is computed by, or by itself in micro-batches: nil where it is alone and
-- its batches are whole.
function M.of(micro_batch)
  local rank, size = distributed.about()
  if not rank and not micro_batch then return nil end
  return setmetatable({ rank = rank or 0, size = size or 1, micro_batch = micro_batch }, Ranks)
end

-- ---- what rank 0 does for all --------------------------------------------------------------
local function broadcast_all(list)
  for _, t in ipairs(list) do
    local ok, why = distributed.broadcast(t, 0)
    if not ok then return nil, why end
  end
  return true
end

--- The model's tensors become those of rank 0: true, or nil and a message.
function Ranks.spread_model(_, model)
  local list = {}
  for k, t in ipairs(model:tensors()) do list[k] = t.value end
  return broadcast_all(list)
end

-- The optimizer's state becomes that of rank 0.
local function spread_optimizer(optimizer)
  local _ <close> = core.scope()
  local state, names, list = optimizer:state(), {}, {}
  for name in pairs(state) do names[#names + 1] = name ~= "steps" and name or nil end
  table.sort(names)
  for k, name in ipairs(names) do list[k] = state[name] end
  local ok, why = broadcast_all(list)
  local steps = ok and distributed.broadcast_text(("%d"):format(state.steps), 0)
  if not steps then return nil, why end
  state.steps = math.tointeger(steps)
  optimizer:load(state)
  return true
end

-- The position becomes that of rank 0.
local function spread_position(job, mine)
  local text, why = distributed.broadcast_text(mine and core_io.json_encode(job.position) or nil, 0)
  if not text then return nil, why end
  if mine then return true end
  job.position = core_io.json_decode(text)
  job.seconds_before = job.position.seconds
  job.optimizer = job.position.done or job:new_optimizer()
  return true
end

--- Position, model and optimizer of a job become those of rank 0: true, or nil and a message.
function Ranks:spread(job)
  if self.size == 1 then return true end
  local ok, why = spread_position(job, self.rank == 0)
  if not ok or job.position.done then return ok, why end
  ok, why = self:spread_model(job.model)
  if ok then ok, why = spread_optimizer(job.optimizer) end
  return ok, why
end

--- "2 ranks (MPICH): 0 is process 4711 on host; 1 is ...", or nil and a message: mpirun may tell no
-- more of one that was killed.
function Ranks:who()
  local list = {}
  for rank = 0, self.size - 1 do
    local mine = ("%d is process %d on %s"):format(rank, sys.pid(), sys.hostname())
    local text, why = distributed.broadcast_text(rank == self.rank and mine or nil, rank)
    if not text then return nil, why end
    list[#list + 1] = text
  end
  local _, _, library = distributed.about()
  return ("%d ranks (%s): %s"):format(self.size, library, table.concat(list, "; "))
end

-- ---- steps ---------------------------------------------------------------------------------
--- Meets the others before the first step: true, or nil and a message.
function Ranks:begin(job)
  local why
  self.dp, why = data_parallel(job.model, { micro_batch = self.micro_batch })
  if not self.dp then return nil, why end
  if self.size > 1 then
    self.asked = job.interrupted
    job.interrupted = function() return self.stop end
  end
  return true
end

--- The loss of a batch of parts, loss_of(i) for each, whose gradients are summed up; or nil and a
-- message. A signal to stop that one rank got is heard by all.
function Ranks:backward(batch, loss_of)
  local loss, why = self.dp:backward_parts(batch.parts, batch.total, loss_of)
  if not loss or self.size == 1 then return loss, why end
  local sums
  sums, why = self.dp:sum { self.asked() and 1 or 0 }
  if not sums then return nil, why end
  self.stop = self.stop or sums[1] > 0
  return loss
end

--- Compares the ranks' weights now and then: true, or nil and a message.
function Ranks:compare(step)
  if self.size == 1 or step % COMPARE_EVERY ~= 0 then return true end
  return self.dp:same()
end

return M
