--- The options by which recipes and experiments are worked off: here, one run alone, or as jobs of
-- Slurm.
local parsing = require "moonstem.sys.parser"
local sys = require "moonstem.core.sys"

local M = {}

-- The value of an option if it has this form; else nil and what was expected.
local function form(pattern, text)
  return function(value)
    if value:find(pattern) then return value end
    return nil, ("%s is expected, got '%s'"):format(text, value)
  end
end

local function add_slurm(p)
  p:flag("--slurm", "Hand the runs over to Slurm: batch files, a level each, in OUT/slurm/NAME; "
    .. "with --dry-run they are written and not submitted.")
  p:flag("--retry", "With --slurm: only what has failed or was stopped, and what waits for it.")
  p:option("--partition", "Of Slurm (its default)."):argname "NAME"
  p:option("--time", "Time limit of a run, after which it goes on by itself, as minutes or "
    .. "[DAYS-]H:MM:SS (what was measured)."):argname "TIME"
    :convert(form("^[%d:%-]+$", "minutes or [DAYS-]H:MM:SS"))
  p:option("--mem", "Memory of a run, as 4G (what was measured)."):argname "SIZE"
    :convert(form("^%d+[KMGT]?$", "a size as 4G"))
  p:option("--cpus", "Processors of a run (as many as here, at most 8)."):argname "N"
    :convert(parsing.whole(1))
end

--- Adds the options to a parser.
function M.add(p)
  p:option("--jobs", "How many runs at a time.", "1"):convert(parsing.whole(1)):argname "N"
  p:flag("--live", "Draw the losses of the runs in work as curves, where standard error is a "
    .. "terminal.")
  p:flag("--dry-run", "List the runs and what they wait for, and run nothing.")
  p:flag("--status", "How each run stands, from its folder, and run nothing.")
  p:flag("--commands", "Print one command line for each run that is not done and what it needs, "
    .. "and run nothing.")
  p:option("--node", "Do this one run and nothing else; what it needs must be done.")
    :argname "NAME"
  p:option("--threads", "Threads of one run (all processors, shared among --jobs).")
    :convert(parsing.whole(1)):argname "N"
  p:flag("--mpi", "Train each run by all ranks together: mpirun -n 2 moonstem SCRIPT --mpi.")
  p:option("--micro-batch",
    "With --mpi: clips of a micro-batch; the same bits for 1, 2, 4, ... ranks.")
    :convert(parsing.whole(1)):argname "N"
  add_slurm(p)
end

local ONLY_SLURM = { "retry", "partition", "time", "mem", "cpus" }

--- What was asked for: { workers =, threads =, live =, listing =, status =, commands =, node =,
-- mpi =, micro_batch =,
-- slurm = nil or { dry_run =, retry =, partition =, time =, mem =, cpus = } }.
function M.of(parser, asked)
  for _, name in ipairs(asked.slurm and {} or ONLY_SLURM) do
    if asked[name] then parser:error(("--%s goes with --slurm"):format(name)) end
  end
  local workers = asked.jobs
  return { workers = workers, live = asked.live, listing = asked.dry_run, status = asked.status,
    commands = asked.commands, node = asked.node, mpi = asked.mpi,
    micro_batch = asked.micro_batch,
    threads = asked.threads or math.max(1, sys.cpu_count() // workers),
    slurm = asked.slurm and { dry_run = asked.dry_run, retry = asked.retry,
      partition = asked.partition, time = asked.time, mem = asked.mem,
      cpus = asked.cpus or math.min(8, sys.cpu_count()) } or nil }
end

-- ---- of an experiment's script ----------------------------------------------------------------
local function parser_of(script, about)
  local p = parsing.new("moonstem " .. script, about):help_max_width(100)
  p:argument("words", "The script's own arguments."):args "*"
  M.add(p)
  return p
end

--- The options among a script's arguments, as of() gives them, and its own words beside them.
function M.of_script(arguments, about)
  local parser = parser_of(arguments[0] or "SCRIPT", about or "A script of runs.")
  local asked = parsing.parsed(parser, arguments)
  return M.of(parser, asked), asked.words
end

return M
