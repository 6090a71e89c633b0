--- How long the paper's whole plan takes on other machines: a model made of what was measured, and
-- of assumptions that are options here.
--   moonstem tests/bench/cluster.lua [--bandwidth 10] [--latency 50] [--cnn-epochs 60]
--     [--cores 32] [--node-cores 64]
-- Measured: seconds of a step on one core, and how the loops are cut for more (results/cores.jsonl,
-- by cores.lua); a step on two cores against one (there, too: "measured"); bytes of gradients of
-- each network, and seconds of a sum over ranks by its size (results/allreduce.jsonl, by
-- allreduce.lua --json). Assumed: the network between nodes, epochs until a CNN's plateau, that
-- cores of the other machine are as fast as this one's.
local ms = require "moonstem"
local here = arg[0]:match "^(.*)/[^/]*$" or "."

local parser = require "argparse" ("cluster.lua", "The paper's plan on other machines, by a model.")
parser:option("--bandwidth", "of the network between nodes, Gbit/s (assumed)"):default "10"
  :convert(tonumber)
parser:option("--latency", "of a message between nodes, microseconds (assumed)"):default "50"
  :convert(tonumber)
parser:option("--cnn-epochs", "of a CNN until its four plateaus, at most 200 (assumed)")
  :default "60":convert(tonumber)
parser:option("--node-cores", "of a node"):default "64":convert(tonumber)
local o = parser:parse(arg)

-- ---- what is trained ---------------------------------------------------------------------------
local CLIPS = { mtat = 15244, fma = 19922 } -- of training: recipes/paper.md
local SEPARATORS, SEEDS, ROWS = 5, 5, 6     -- rows of Table I with a U-Net
local EPOCHS_AST = 17

-- Kinds of trainings: how many, of which network, steps of one, and level (what waits for what).
local function trainings()
  local list = { { name = "separators", network = "train/separator", count = SEPARATORS,
    steps = 300000, level = 1 } }
  for _, set in ipairs { "mtat", "fma" } do
    local function add(name, network, count, epochs, batch, level)
      list[#list + 1] = { name = name .. ", " .. set, network = network, count = count,
        steps = epochs * CLIPS[set] // batch, level = level }
    end
    add("CNN tails", "train/cnn_tail", SEEDS, o.cnn_epochs, 16, 1)
    add("joint CNNs", "train/cnn_model", SEEDS * ROWS, o.cnn_epochs, 16, 2)
    add("AST tails", "train/ast_tail", SEEDS, EPOCHS_AST, 4, 1)
    add("joint ASTs", "train/ast_model", SEEDS * ROWS, EPOCHS_AST, 4, 2)
  end
  return list
end

-- ---- what was measured -------------------------------------------------------------------------
local function read(file)
  return assert(ms.io.load_json_lines(here .. "/results/" .. file))
end

local steps = {} -- network -> { seconds on one core, cut_for = speed by cores, loss = at 2 cores }
for _, row in ipairs(read "cores.jsonl") do
  if row.cut_for then
    steps[row.case] = { seconds = row.step_s, cut_for = row.cut_for,
      measured = row.measured / row.cut_for["2"] }
  end
end
for _, row in ipairs(read "steps.jsonl") do -- no profile of the joint AST: from its two-core step
  if row.case == "train/ast_model" then
    local ast = steps["train/ast_tail"]
    steps[row.case] = { seconds = row.median_s * ast.cut_for["2"] * ast.measured,
      cut_for = ast.cut_for, measured = ast.measured }
  end
end

-- Seconds of a step on n cores of one machine: the cutting, times what two cores lost of it.
local function step_on(network, cores)
  local s, most = steps[network], 1
  if cores == 1 then return s.seconds end
  for _, n in ipairs { 2, 4, 8, 16, 32, 64, 128 } do
    if n <= cores then most = n end
  end
  return s.seconds / (s.cut_for[tostring(most)] * s.measured)
end

-- Bytes of gradients, of the networks that were measured.
local bytes, memory_speed = {}, 0
for _, row in ipairs(read "allreduce.jsonl") do
  if row.network then bytes["train/" .. row.network] = row.bytes
  elseif row.bytes >= 1 << 22 then
    memory_speed = math.max(memory_speed, row.bytes / row.seconds)
  end
end
bytes["train/ast_model"] = bytes["train/ast_tail"]

-- Seconds of a sum over ranks on so many nodes: a ring sends twice the bytes.
local function sum_over(network, nodes)
  local speed = nodes > 1 and math.min(memory_speed, o.bandwidth / 8 * 1e9) or memory_speed
  return 2 * (bytes[network] or 0) / speed + 2 * nodes * o.latency * 1e-6
end

-- ---- machines ----------------------------------------------------------------------------------
-- Hours of the plan on `nodes` machines of so many cores, each run on `each` cores: by level, the
-- longest of a run alone and of all work shared out.
local function hours(nodes, cores, each)
  local total = 0
  for level = 1, 2 do
    local work, longest = 0, 0
    for _, t in ipairs(trainings()) do
      if t.level == level then
        local one = t.steps * step_on(t.network, each)
        work, longest = work + t.count * one, math.max(longest, one)
      end
    end
    total = total + math.max(longest, work / (nodes * (cores // each)))
  end
  return total / 3600
end

-- The number of cores a run that makes the plan shortest.
local function best(nodes, cores)
  local least, which
  for _, each in ipairs { 1, 2, 4, 8, 16, 32, 64 } do
    local h = each <= cores and hours(nodes, cores, each)
    if h and (not least or h < least) then least, which = h, each end
  end
  return least, which
end

-- ---- the page ----------------------------------------------------------------------------------
local function days(h)
  return h < 48 and ("%.1f hours"):format(h) or ("%.1f days"):format(h / 24)
end

print "# The paper's plan on other machines: a model\n"
print(("Steps on one core: results/cores.jsonl (measured). Sums over ranks:\n"
  .. "results/allreduce.jsonl (measured in one machine's memory: %.1f GB/s).\n"
  .. "Assumed: %g Gbit/s and %g us between nodes, %d epochs of a CNN, cores as fast as\n"
  .. "those that were measured, runs that share a machine's memory without loss.\n")
  :format(memory_speed / 1e9, o.bandwidth, o.latency, o.cnn_epochs))
print "| trainings | number | steps | a step on 1 core | core-hours of all |"
print "|---|---|---|---|---|"
local all = 0
for _, t in ipairs(trainings()) do
  local seconds = step_on(t.network, 1)
  local core_hours = t.count * t.steps * seconds / 3600
  all = all + core_hours
  print(("| %s | %d | %d | %.2f s | %.0f |"):format(t.name, t.count, t.steps, seconds, core_hours))
end
print(("\n%.0f core-hours in all.\n"):format(all))
print "| machine | cores a run | wall time |"
print "|---|---|---|"
for _, m in ipairs { { "laptop, 4 cores", 1, 4 }, { "server, 64 cores", 1, 64 },
  { ("8 nodes of %d cores"):format(o.node_cores), 8, o.node_cores },
  { ("64 nodes of %d cores"):format(o.node_cores), 64, o.node_cores } } do
  local h, each = best(m[2], m[3])
  print(("| %s | %d | %s |"):format(m[1], each, days(h)))
end
print "\nOne separator alone, data parallel over nodes (a node's cores each, batch of 8 clips):\n"
print "| nodes | a step | of it, sums of gradients if nothing is hidden | 300 000 steps |"
print "|---|---|---|---|"
for _, nodes in ipairs { 1, 2, 4, 8 } do
  local compute = step_on("train/separator", o.node_cores) / nodes
  local sums = nodes > 1 and sum_over("train/separator", nodes) or 0
  print(("| %d | %.3f s | %.3f s | %s |"):format(nodes, compute + sums, sums,
    days(300000 * (compute + sums) / 3600)))
end
