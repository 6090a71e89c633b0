--- Gradients of a batch that several ranks share, or that micro-batches make up.
local core = require "moonstem.core.distributed"
local options_of = require "moonstem.options"
local net_parts = require "moonstem.net.parts"
local shares = require "moonstem.distributed.shares"
local strict = require "moonstem.strict"

local Parallel = {}
Parallel.__index = Parallel
Parallel.__name = "moonstem.data_parallel"

local MEGABYTE = 1 << 20

local KNOWN = { micro_batch = options_of.count, bucket = options_of.positive(4),
  overlap = options_of.flag }

local function values(list)
  local tensors = {}
  for k, p in ipairs(list) do tensors[k] = type(p) == "table" and p.value or p end
  return tensors
end

-- The tensors of a model that are trained, and all of them.
local function tensors_of(model)
  if net_parts.is_module(model) then return values(model:parameters()), values(model:tensors()) end
  if type(model) ~= "table" or #model == 0 then
    error("data_parallel: a module or a list of parameters is expected, got " .. type(model), 0)
  end
  return values(model), values(model)
end

-- Every rank gets the numbers of rank 0: true, or nil and a message.
local function spread(tensors)
  for _, t in ipairs(tensors) do
    local ok, why = core.broadcast(t, 0)
    if not ok then return nil, why end
  end
  return true
end

--- ms.distributed.data_parallel(model, {micro_batch = nil, bucket = 4, overlap = true}) -> dp, or
-- nil and a message (a rank is lost)
-- Trains a model whose batches all ranks share: dp:backward in place of loss:backward(), and the
-- optimizer's step as ever. All tensors of the model become those of rank 0. Statistics of batch
-- norm are those of the whole batch, masks of dropout layers those of one process.
-- model: a module, or a list of parameters.
-- options: { micro_batch = clips: the batch is computed in micro-batches of so many, whose
--   gradients, losses and statistics are added up in a fixed tree: the same bits for 1, 2, 4, ...
--   ranks, and without MPI; bucket = megabytes of gradients that are summed together, as soon as
--   backward has finished with them; overlap = false: behind backward instead }
local function new(model, options)
  local o = options_of(options, "data_parallel", KNOWN)
  local rank, size = core.about()
  local fits, why = shares.check(size or 1, o.micro_batch)
  if not fits then error("data_parallel: " .. why, 0) end
  local parameters, all = tensors_of(model)
  local ok
  ok, why = spread(all)
  if not ok then return nil, why end
  return setmetatable({ rank = rank or 0, size = size or 1, micro_batch = o.micro_batch,
    parameters = parameters, all = all,
    reducer = core.reducer(parameters, math.ceil(o.bucket * MEGABYTE), o.overlap ~= false) },
    Parallel)
end

--- dp:parts(total) -> the parts of a batch of so many clips that this rank computes; for
-- dp:backward_parts
function Parallel:parts(total)
  return shares.parts(total, self.rank, self.size, self.micro_batch)
end

-- { first, count } of each part, for the core.
local function shares_of(parts, total)
  local list = {}
  for i = 1, #parts do
    local first, _, count = shares.cut(parts, i, total)
    list[i] = { first, count }
  end
  return list
end

--- dp:backward_parts(parts, total, compute) -> the loss of the whole batch, or nil and a message
-- compute(i) gives the loss of part i, by which it enters the sum: a mean over its clips times
-- their share of the batch.
function Parallel:backward_parts(parts, total, compute)
  local losses = {}
  core.in_step(true)
  local good, thrown = pcall(self.reducer.step, self.reducer, shares_of(parts, total), total,
    self.micro_batch ~= nil, function(i)
      local loss = compute(i)
      losses[i] = loss:item()
      loss:backward()
    end)
  if not good then
    local _, lost = core.lost()
    if lost then return nil, lost end
    error(thrown, 0)
  end
  local sums, why = self:sum { shares.sum(losses) }
  return sums and sums[1], why
end

--- dp:backward(total, loss_of) -> the loss of the whole batch, or nil and a message that names the
-- lost rank
-- Adds the gradients of a batch of so many clips to the model's, as loss:backward() does, the same
-- in all ranks. loss_of(first, last) gives the mean loss over clips first to last (from 1); a rank
-- without clips in a small batch is asked for clip 1, which counts for nothing.
function Parallel:backward(total, loss_of)
  local parts = self:parts(total)
  return self:backward_parts(parts, total, function(i)
    local first, last, count = shares.cut(parts, i, total)
    return loss_of(first, last) * (count / total)
  end)
end

--- dp:sum(list) -> list of sums over all ranks, or nil and a message
function Parallel:sum(list)
  return core.sum_numbers(list, self.micro_batch ~= nil)
end

--- dp:same() -> true, or nil and a message that names the rank whose tensors have other bits than
-- those of rank 0
function Parallel:same()
  local slots = {}
  for rank = 0, self.size - 1 do slots[rank + 1] = 0 end
  slots[self.rank + 1] = core.hash(self.all)
  local hashes, why = core.sum_numbers(slots)
  if not hashes then return nil, why end
  for rank = 1, self.size - 1 do
    if hashes[rank + 1] ~= hashes[1] then
      return nil, ("rank %d differs from rank 0 in the bits of its weights or running statistics")
        :format(rank)
    end
  end
  return true
end

--- dp:times() -> { summing =, waiting =, bytes =, buckets = }: of the last step, seconds in which
-- gradients were on their way, seconds of waiting for them behind backward, and how many bytes in
-- how many buckets
function Parallel:times() return self.reducer:times() end

Parallel.__tostring = function(self)
  return ("data_parallel: rank %d of %d%s"):format(self.rank, self.size,
    self.micro_batch and (", micro-batches of %d"):format(self.micro_batch) or "")
end

strict.class(Parallel, "dp", { "micro_batch" })

return new
