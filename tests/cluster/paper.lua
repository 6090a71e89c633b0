--- The whole paper through a real Slurm of three hosts (start.sh), two of which work: Table I,
-- Table II and Fig. 2 are submitted one after the other into one folder. On the way a host dies
-- with its run, whereupon the third takes its place, and the task of another run is put back into
-- the queue. At the end both runs are made again undisturbed, and must leave the same bits.
--   build/moonstem tests/cluster/paper.lua OUT [SCALE]     SCALE: brief
-- The same command goes on where it was stopped; OUT/history.jsonl says what happened when.
package.path = ("%s/?.lua;"):format(arg[0]:match "^(.*)/" or ".") .. package.path
local ms = require "moonstem"
local cluster = require "cluster"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local RECIPES = ms.sys.absolute(ms.sys.absolute(arg[0]):match "^(.*)/" .. "/../../recipes")
local SCALE = arg[2] or "brief"
assert(ms.sys.mkdir(arg[1] or error("give a folder", 0)))
local OUT = ms.sys.absolute(arg[1])
local HOSTS, SPARE = 3, "host3"
local LIMITS = { "--cpus", "1", "--mem", "2G", "--time", "2-00:00:00" }

-- What happens to a run as soon as it has been validated so often.
local EVENTS = {
  { what = "host died", run = "tail/cnn/mtat/3", after = 5 },
  { what = "requeued", run = "joint/ast/mtat/random/2", after = 2 },
}

-- ---- what happened ---------------------------------------------------------------------------
local HISTORY = OUT .. "/history.jsonl"

local function tell(what, more)
  local line = ms.io.json_encode(ms.options.merge({ time = os.date "!%F %T", what = what }, more))
  print(line)
  local file <close> = assert(io.open(HISTORY, "a"))
  file:write(line, "\n")
end

-- Whether something has happened to a run, in this sitting or an earlier one.
local function has_happened(event)
  for _, line in ipairs(ms.sys.exists(HISTORY) and ms.io.load_json_lines(HISTORY) or {}) do
    if line.what == event.what and line.run == event.run then return true end
  end
end

-- How often a run that is not finished has been validated; 0 of a finished one.
local function validations_of(dir)
  local log = dir .. "/metrics.jsonl"
  if not ms.sys.exists(log) or ms.sys.exists(dir .. "/result.json") then return 0 end
  return select(2, ms.sys.read_file(log):gsub("\n", ""))
end

local happens = {}

happens["host died"] = function(c, dir)
  local host = cluster.host_of(dir)
  c:cut(host)
  c:ask("scontrol", "update", "nodename=" .. SPARE, "state=resume")
  return { host = host, instead = SPARE }
end

happens["requeued"] = function(c, dir)
  local task = cluster.task_of(dir)
  local status, text = c:ask("scontrol", "requeue", task)
  return { task = task, status = status, text = text }
end

local function disturb(c)
  for _, event in ipairs(EVENTS) do
    local dir = OUT .. "/" .. event.run
    local count = validations_of(dir)
    if count >= event.after and not has_happened(event) then
      tell(event.what, ms.options.merge(happens[event.what](c, dir),
        { run = event.run, validations = count }))
    end
  end
end

-- ---- the recipes -----------------------------------------------------------------------------
local function words(name, out, ...)
  return { PROGRAM, ("%s/%s.lua"):format(RECIPES, name), "--scale", SCALE, "--out", out, ... }
end

local function finished() return select(2, cluster.hashes(OUT)) end

-- Hands a recipe over to this sitting's cluster and waits until its queue is empty.
local function work_off(c, name)
  ms.sys.remove(("%s/slurm/%s/submitted.txt"):format(OUT, name)) -- to a cluster that is no more
  local _, text = c:ask(table.unpack(words(name, OUT, "--slurm", table.unpack(LIMITS))))
  tell("submitted", { recipe = name, text = text:match "submitted:[^\n]*" or text })
  while not c:idle() do
    disturb(c)
    ms.sys.sleep(2)
  end
  tell("queue is empty", { recipe = name, trainings = finished() })
end

-- Writes a recipe's table or figure where all of its runs are finished.
local function render(name)
  local _, status = ms.sys.capture(words(name, OUT, "--status"))
  local jobs, done = status:match ": (%d+) jobs: (%d+) done"
  local all = jobs and jobs == done
  if all then assert(ms.sys.run(words(name, OUT)) == 0) end
  tell(all and "rendered" or "not rendered: runs are missing", { recipe = name })
end

-- ---- undisturbed -----------------------------------------------------------------------------
-- Makes a disturbed run again in a folder that has what it needs, and compares.
local function compare(event, dir)
  local again, run = dir .. "/out", OUT .. "/" .. event.run
  assert(ms.sys.mkdir(again))
  ms.sys.run { "sh", "-c", [[cd "$1" && cp -r corpora data pack "$2"]], "sh", OUT, again,
    stderr = "/dev/null" }
  local status = ms.sys.run(words("table1", again, "--threads", "1", "--node", event.run))
  local same = status == 0 and cluster.hash_of(again .. "/" .. event.run) == cluster.hash_of(run)
  tell(same and "the same bits undisturbed" or "OTHER BITS undisturbed",
    { run = event.run, starts = cluster.starts_of(run), host = cluster.host_of(run) })
  ms.sys.run { "rm", "-r", again }
  return same
end

local function all_the_same()
  local dir, same = assert(ms.sys.tempdir()), true
  for _, event in ipairs(EVENTS) do
    if has_happened(event) then same = compare(event, dir) and same end
  end
  ms.sys.run { "rm", "-r", dir }
  return same
end

local function main()
  local c <close> = cluster.start(HOSTS, 1)
  c:ask("scontrol", "update", "nodename=" .. SPARE, "state=drain", "reason=spare")
  tell("sitting began", { trainings = finished(), scale = SCALE })
  local recipes = { "table1", "table2", "figure2" }
  for _, name in ipairs(recipes) do work_off(c, name) end
  for _, name in ipairs(recipes) do render(name) end
  return all_the_same()
end

cluster.skip_without(HOSTS)
os.exit(main() and 0 or 1, true)
