--- The long form of test_mpi: with each MPI library that is installed, every network of the paper
-- on two ranks against one over 50 steps, the same bits for 1, 2 and 4 ranks, and ranks that are
-- killed, stopped, stuck or gone, after which the run resumes to the same bits.
-- Ranks are also lost on two hosts made with namespaces, where srun starts them.
--   moonstem tests/cluster/mpi.lua [NETWORK ...]     a quarter of an hour on two quiet cores
--   moonstem tests/cluster/mpi.lua hosts             the two hosts alone
-- Prints what it tried and how far results lie apart; status 1 where something did not hold.
package.path = arg[0]:match "^(.*)/[^/]*$" .. "/?.lua;" .. package.path
local ms = require "moonstem"
local cluster = require "cluster"
local mpi = require "mpi_tools"

local STEPS, LIMIT = 50, { weights = 1e-5, statistics = 1e-6 }
local NETWORKS = #arg > 0 and arg or { "separator", "cnn", "joint", "ast" }
local dir = assert(ms.sys.tempdir())
local failed = 0

local function tell(good, text, ...)
  if not good then failed = failed + 1 end
  print(("%-6s %s"):format(good and "holds" or "FAILS", text:format(...)))
end

local function given(network, more)
  return ms.options.merge({ network = network, steps = STEPS, size = "small",
    batch = network == "separator" and 8 or 16, out = dir .. "/weights" }, more or {})
end

-- ---- one against two -----------------------------------------------------------------------
-- In double, in which rounding does not grow to something within 50 steps; in float, too, beside
-- one process that adds up in another order: whoever trains with batch norm over few clips at these
-- rates gets other weights from other roundings.
local function one_against_two(network, launcher)
  local double = mpi.DOUBLE and { program = mpi.DOUBLE } or nil
  if double then
    local far = mpi.apart(mpi.trained(launcher, 2, given(network), 900, double),
      mpi.trained(nil, 1, given(network, { ranks = "no" }), 900, double))
    tell(far.weights < LIMIT.weights and far.statistics < LIMIT.statistics,
      "%s, %s: one rank against two, %d steps in double: weights %.1e, running statistics %.1e",
      launcher.name, network, STEPS, far.weights, far.statistics)
  end
  local one = mpi.trained(nil, 1, given(network, { ranks = "no" }), 900)
  local far = mpi.apart(mpi.trained(launcher, 2, given(network), 900), one)
  local own = mpi.apart(mpi.trained(nil, 1, given(network, { ranks = "one", micro = 4 }), 900), one)
  tell(far.weights < math.max(LIMIT.weights, 30 * own.weights),
    "%s, %s: the same in float: weights %.1e, running statistics %.1e (one process in another "
    .. "order of sums: %.1e, %.1e)", launcher.name, network, far.weights, far.statistics,
    own.weights, own.statistics)
end

local function same_bits(network, launcher)
  local given_one = given(network, { ranks = "one", micro = 2, steps = 5 })
  local one, about = mpi.trained(nil, 1, given_one, 900)
  local plain = select(2, mpi.trained(nil, 1, given(network, { ranks = "no", steps = 5 }), 900))
  for _, ranks in ipairs { 1, 2, 4 } do
    local same, where = mpi.same(mpi.trained(launcher, ranks, given(network,
      { micro = 2, steps = 5 }), 900), one)
    tell(same, "%s, %s: micro-batches of 2 on %d rank%s have the bits of one process%s",
      launcher.name, network, ranks, ranks == 1 and "" or "s", same and "" or ", but " .. where)
  end
  print(("       micro-batches of 2 take %.2f times as long in one process as whole batches")
    :format(tonumber(about.seconds) / tonumber(plain.seconds)))
end

-- ---- ranks that are lost -------------------------------------------------------------------
local RUN = arg[0]:match "^(.*)/[^/]*$" .. "/mpi_run.lua"

-- What must be printed.
local LOST = {
  { how = "stop", patience = 20, says = "rank 1 %(process %d+%) is missing" },
  { how = "sleep", patience = 3, says = "rank 1 %(process %d+%) is stalled" },
  { how = "exit", patience = 3, says = "rank 1 %(process %d+%) has ended before the others" },
  { how = "kill", patience = 3 }, -- the launcher ends the others, and names rank or process
}

-- Whether mpirun or srun told of rank 1, whose process the run's log has.
local function named_by_launcher(text, log)
  local process = text:match "PID (%d+) RUNNING"
  return text:find("process rank 1 with PID", 1, true) or text:find("task 1: Killed", 1, true)
    or process and log:find("1 is process " .. process, 1, true)
end

local function weights(folder) return (ms.io.load_safetensors(folder .. "/best.safetensors")) end

local function lose(launcher, whole, o)
  local folder = ("%s/%s-%s"):format(dir, launcher.name:gsub("%W+", "-"), o.how)
  local words = { "out=" .. folder, "patience=" .. o.patience }
  local status, text, seconds = mpi.run_script(launcher, 2, RUN,
    { "dies=1", "at=7", "how=" .. o.how, table.unpack(words) }, 90)
  local log = ms.sys.read_file(folder .. "/log.txt") or ""
  local named = o.says and text:match(o.says) or not o.says and named_by_launcher(text, log)
  tell(named and status ~= 0 and status ~= 124 and seconds < 30,
    "%s: rank 1 is lost (%s): status %d after %.1f s, %s", launcher.name, o.how, status, seconds,
    named and "named" or "not named: " .. text)
  local again, why = mpi.run_script(launcher, 2, RUN, words, 90)
  tell(again == 0 and mpi.same(weights(folder), whole),
    "%s: the run goes on to the bits of one that was never interrupted%s", launcher.name,
    again == 0 and "" or ": " .. why)
end

local function ranks_are_lost(launcher)
  local folder = ("%s/%s-whole"):format(dir, launcher.name)
  local status, text = mpi.run_script(launcher, 2, RUN, { "out=" .. folder }, 90)
  tell(status == 0, "%s: a run that nothing interrupts%s", launcher.name,
    status == 0 and "" or ": " .. text)
  if status ~= 0 then return end
  local whole = weights(folder)
  for _, o in ipairs(LOST) do lose(launcher, whole, o) end
end

-- ---- two hosts -----------------------------------------------------------------------------
local KINDS = { openmpi = "pmix", mpich = "pmi2" } -- of srun --mpi

-- Hosts of one kernel do not share what their processes have mapped, so that MPICH's UCX must be
-- told to keep to the network.
local function on_hosts(libraries)
  local why = cluster.lacking(2)
  if why then return print("skip: " .. why) end
  local c <close> = cluster.start(2)
  for _, library in ipairs(libraries) do
    local kind = "--mpi=" .. KINDS[library.name]
    ranks_are_lost { name = library.name .. ", srun " .. kind .. " on two hosts", "env",
      "SLURM_CONF=" .. c.env.SLURM_CONF, "UCX_TLS=tcp,self", "srun", kind, "-N", "2" }
  end
end

-- ---- all of it -----------------------------------------------------------------------------
local libraries = mpi.libraries()
if #libraries == 0 then print "skip: no MPI library was there at the build" end
on_hosts(libraries)
for _, launcher in ipairs(NETWORKS[1] == "hosts" and {} or libraries) do
  ranks_are_lost(launcher)
  for _, network in ipairs(NETWORKS) do
    one_against_two(network, launcher)
    same_bits(network, launcher)
  end
end
ms.sys.run { "rm", "-r", dir }
print(("%d did not hold"):format(failed))
os.exit(failed == 0 and 0 or 1, true)
