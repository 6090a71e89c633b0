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
local MARKS = { 1, 2, 5, 10, 20, 50 } -- steps after which results are compared
local JUDGED, NEAR = 1, 10 -- the mark until which all is judged; of the control's distance
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
-- Two ranks add up in another order than one process, and so does the control: one process that
-- adds up its batch in four parts. Rounding grows by the same factor a step in both, and where the
-- control has left the limits behind, nobody can tell a fault from rounding; until then two ranks
-- must hold them. A fault (a share counted twice, statistics of a share alone) is there at step 1,
-- and far larger than rounding: that step is judged even where float's rounding has changed which
-- number of a window is the largest, as ten times the control's distance then.
local PRECISIONS = { { name = "double", program = mpi.DOUBLE }, { name = "float" } }
local ROUNDING = { weights = LIMIT.weights / 10, statistics = LIMIT.statistics / 10 }

-- Trains a network in so many ranks (nil: in one process): the name of its files, which end in the
-- steps of the marks.
local function marked(launcher, ranks, network, precision, more)
  local out = ("%s/%s-%s"):format(dir, more and (more.micro and "parts" or "one") or "two", network)
  mpi.trained(launcher, ranks or 1, given(network, ms.options.merge(
    { out = out, marks = table.concat(MARKS, ",") }, more or {})), 900,
    { program = precision.program })
  return out
end

-- Distances at the marks, as text.
local function curve_of(far, kind)
  local words = {}
  for i, step in ipairs(MARKS) do words[i] = ("%7.0e"):format(far[step][kind]) end
  return table.concat(words, " ")
end

-- Whether two ranks hold the limit of a kind wherever the control does, and at the first mark; the
-- last mark that was judged.
local function holds_until(far, own, kind)
  local last
  for _, step in ipairs(MARKS) do
    if step > JUDGED and own[step][kind] > ROUNDING[kind] then break end
    if far[step][kind] > math.max(LIMIT[kind], NEAR * own[step][kind]) then return false, step end
    last = step
  end
  return true, last
end

-- Of two trainings at each mark.
local function distances(a, b, precision)
  local far = {}
  for _, step in ipairs(MARKS) do
    far[step] = mpi.apart(("%s-%d"):format(a, step), ("%s-%d"):format(b, step), precision.program)
  end
  return far
end

local function one_against_two(network, launcher, precision)
  local one = marked(nil, nil, network, precision, { ranks = "no" })
  local parts = { ranks = "one", micro = given(network).batch // 4 }
  local far = distances(marked(launcher, 2, network, precision), one, precision)
  local own = distances(marked(nil, nil, network, precision, parts), one, precision)
  for _, kind in ipairs { "weights", "statistics" } do
    local good, last = holds_until(far, own, kind)
    tell(good, "%s, %s, %s: one rank against two, %s %s step %d", launcher.name, network,
      precision.name, kind, good and "until" or "not at", last)
    print(("         two ranks   %s\n         four parts  %s"):format(curve_of(far, kind),
      curve_of(own, kind)))
  end
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
    for _, precision in ipairs(PRECISIONS) do
      if precision.name == "float" or precision.program then
        one_against_two(network, launcher, precision)
      end
    end
    same_bits(network, launcher)
  end
end
ms.sys.run { "rm", "-r", dir }
print(("%d did not hold"):format(failed))
os.exit(failed == 0 and 0 or 1, true)
