--- Data parallel training: the same program runs several times (mpirun -n 4 moonstem ...), each
-- rank computes its share of every batch, and all have the same weights. Names are those of
-- torch.distributed. Ranks count from 0, as everywhere in MPI.
local core = require "moonstem.core.distributed"
local core_tensor = require "moonstem.core.tensor"
local defaults = require "moonstem.distributed.defaults"
local options_of = require "moonstem.options"

local M = { by_first = require "moonstem.distributed.by_first",
  data_parallel = require "moonstem.distributed.data_parallel" }

local PATIENCE = 20 -- seconds

--- ms.distributed.init{patience = 20, micro_batch = nil} -> true, or nil and a message (not started
-- by mpirun or srun, no MPI library) Meets the other ranks, by Open MPI or MPICH, whichever has
-- started this process. From then on ms.train.run trains data parallel: the data of one process, in
-- its order; rank 0 validates and writes.
-- patience: seconds after which a rank counts as lost that is silent, or computes nothing while
-- others wait. micro_batch: see ms.distributed.data_parallel.
function M.init(options)
  local o = options_of(options, "distributed.init",
    { patience = options_of.positive(PATIENCE), micro_batch = options_of.count })
  defaults.micro_batch = o.micro_batch
  return core.open(nil, o.patience)
end

--- ms.distributed.is_initialized() -> whether this process has met others
function M.is_initialized() return core.about() ~= nil end

--- ms.distributed.rank() -> which of the processes this is, from 0
function M.rank() return core.about() or 0 end

--- ms.distributed.size() -> how many processes there are
function M.size() return (select(2, core.about())) or 1 end

--- ms.distributed.all_reduce(t) -> t, or nil and a message that names the rank at fault. In each
-- rank, t becomes the sum of the tensors of all ranks.
function M.all_reduce(t)
  core_tensor.check_tensor(t, "all_reduce: t")
  local ok, why = core.sum(t)
  return ok and t, why
end

--- ms.distributed.broadcast(t, source) -> t, or nil and a message. In each rank, t becomes that of
-- rank source (0).
function M.broadcast(t, source)
  core_tensor.check_tensor(t, "broadcast: t")
  source = source or 0
  if math.type(source) ~= "integer" or source < 0 or source >= M.size() then
    error(("broadcast: source must be a rank, 0 to %d, got %s"):format(M.size() - 1,
      tostring(source)), 2)
  end
  local ok, why = core.broadcast(t, source)
  return ok and t, why
end

--- ms.distributed.barrier() -> true, or nil and a message. Waits until all ranks are here.
function M.barrier()
  local sums, why = core.sum_numbers { 0 }
  return sums and true, why
end

--- ms.distributed.in_turn(f) -> f(); or nil and a message that names a lost rank. Each rank calls
-- f, one after another, rank 0 first: for what the first one writes and the others read.
function M.in_turn(f)
  if type(f) ~= "function" then error("in_turn: a function is expected, got " .. type(f), 2) end
  local results
  core.in_step(false)
  for rank = 0, M.size() - 1 do
    if rank == M.rank() then results = table.pack(f()) end
    local ok, why = M.barrier()
    if not ok then return nil, why end
  end
  return table.unpack(results, 1, results.n)
end

--- ms.distributed.finalize() waits until all ranks come here, and leaves them; the end of the
-- program does so, too. An MPI library that takes longer than `patience` over its own end is left
-- to itself; mpirun may call that a failure, srun does not.
function M.finalize() core.close() end

return M
