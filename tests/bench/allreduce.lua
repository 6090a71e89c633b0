--- What data parallel costs: how long sums over ranks take by size, how much of them a step hides,
-- and what micro-batches of the same bits cost; with each MPI library that is installed.
--   moonstem tests/bench/allreduce.lua [--ranks 2] [--network separator --network ast_tail]
--     [--steps 5] [--json]
-- Each rank computes on one thread. "hidden" is 1 - waited / alone: of the seconds that sums of
-- gradients take alone (behind backward, overlap = false), those that a step does not wait for
-- where buckets leave during backward. Medians; the kinds of steps take turns. --json: a line for
-- each size and for each network.
package.path = (arg[0]:match "^(.*)/[^/]*$" or ".") .. "/../cluster/?.lua;" .. package.path
local ms = require "moonstem"

local parser = require "argparse" ("allreduce.lua", "What data parallel costs.")
parser:option("--ranks", "how many"):default "2":convert(tonumber)
parser:option("--network", "separator, cnn_tail, cnn_model or ast_tail"):count "*"
parser:option("--steps", "steps of each kind"):default "5":convert(tonumber)
parser:flag("--json", "JSON lines")
parser:option("--rank", "what each rank does: sizes, or a network"):hidden(true)
local o = parser:parse(arg)

local SIZES = { 1 << 12, 1 << 16, 1 << 20, 1 << 22, 1 << 24, 1 << 26 } -- bytes
local REPEATS = 9

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

local function print_json(row) print(ms.io.json_encode(row)) end

-- ---- in each rank ------------------------------------------------------------------------------
local function time_sizes()
  for _, bytes in ipairs(SIZES) do
    local t, seconds = ms.zeros { bytes // 4 }, {}
    for k = 1, REPEATS do
      ms.distributed.barrier()
      local began = ms.sys.now()
      ms.distributed.all_reduce(t)
      seconds[k] = ms.sys.now() - began
    end
    if ms.distributed.rank() == 0 then
      print_json { mpi = os.getenv "MOONSTEM_MPI", ranks = ms.distributed.size(), bytes = bytes,
        seconds = median(seconds) }
    end
  end
end

-- Networks of the paper's size: model, clips of a batch, shape of a clip and of its target.
local NETWORKS = {
  separator = function() return ms.models.separator {}, 8, { 61792 }, { 1, 61792 } end,
  cnn_tail = function() return ms.models.cnn_tail {}, 16, { 384, 128, 1 }, { 50 } end,
  cnn_model = function()
    return ms.models.tagger { unet = ms.models.unet {}, classes = 50 }, 16, { 384, 256 }, { 50 }
  end,
  ast_tail = function() return ms.models.ast_tail {}, 4, { 768, 128, 1 }, { 50 } end,
}

local function timed_step(net, dp)
  local _ <close> = ms.scope()
  ms.distributed.barrier()
  local began = ms.sys.now()
  net.opt:zero()
  assert(dp:backward(net.count, function(first, last)
    local y = net.y:slice(1, first, last)
    return ms.loss.mse(net.model(net.x:slice(1, first, last)), y)
  end))
  net.opt:step()
  local times = dp:times()
  times.step = ms.sys.now() - began
  return times
end

local KINDS = { beside = {}, behind = { overlap = false }, same_bits = { micro_batch = 1 } }

local function time_network(name)
  local model, count, x, y = NETWORKS[name]()
  local net = { model = model:train(), count = count, x = ms.uniform { count, table.unpack(x) },
    y = ms.uniform { count, table.unpack(y) }, opt = ms.optim.sgd(model:parameters(), { lr = 0 }) }
  local seconds, about = {}, nil
  for kind in pairs(KINDS) do seconds[kind] = { step = {}, waiting = {} } end
  for k = 0, o.steps do -- the first one warms up
    for _, kind in ipairs { "beside", "behind", "same_bits" } do
      local times = timed_step(net, assert(ms.distributed.data_parallel(model, KINDS[kind])))
      about = times
      for what, list in pairs(seconds[kind]) do list[k] = k > 0 and times[what] or nil end
    end
  end
  if ms.distributed.rank() > 0 then return end
  local waited, alone = median(seconds.beside.waiting), median(seconds.behind.waiting)
  print_json { mpi = os.getenv "MOONSTEM_MPI", ranks = ms.distributed.size(), network = name,
    batch = count, bytes = about.bytes, buckets = about.buckets, waited = waited, alone = alone,
    hidden = 1 - waited / alone, step = median(seconds.beside.step),
    step_behind = median(seconds.behind.step), step_same_bits = median(seconds.same_bits.step) }
end

if o.rank then
  ms.threads(1)
  assert(ms.distributed.init { patience = 300 })
  if o.rank == "sizes" then time_sizes() else time_network(o.rank) end
  return
end

-- ---- the whole ---------------------------------------------------------------------------------
local mpi = require "mpi_tools"

local function show(row)
  if row.bytes and not row.network then
    print(("%-8s %d ranks  %9d bytes  %9.3f ms  %8.1f MB/s"):format(row.mpi, row.ranks,
      row.bytes, 1e3 * row.seconds, row.bytes / row.seconds / 1e6))
    return
  end
  print(("%-8s %d ranks  %s, batch %d: %.1f MB in %d buckets; sums take %.3f s alone, %.3f s of "
    .. "them are waited for: %.0f %% hidden"):format(row.mpi, row.ranks, row.network, row.batch,
    row.bytes / 1e6, row.buckets, row.alone, row.waited, 100 * row.hidden))
  print(("         a step takes %.3f s; with sums behind backward %.3f s; in micro-batches of one "
    .. "clip, with the same bits for any number of ranks, %.3f s (%.2f times)"):format(row.step,
    row.step_behind, row.step_same_bits, row.step_same_bits / row.step))
end

local function run(launcher, what)
  local words = { "--rank", what, "--steps", tostring(o.steps) }
  local status, text = mpi.run_script(launcher, o.ranks, arg[0], words, 1200,
    { env = "MOONSTEM_MPI=" .. launcher.name })
  if status ~= 0 then error(("%s: %s: status %d: %s"):format(launcher.name, what, status, text)) end
  for line in text:gmatch "[^\n]+" do
    local row = line:find "^{" and ms.io.json_decode(line)
    if row and o.json then print(line) elseif row then show(row) end
  end
end

local networks = #o.network > 0 and o.network or { "separator", "ast_tail" }
for _, launcher in ipairs(mpi.libraries()) do
  run(launcher, "sizes")
  for _, name in ipairs(networks) do run(launcher, name) end
end
