--- The texts of batch files: one a level (an array of Slurm), and submit.sh, which hands them all
-- over. They are made to be read and changed by hand.
local ms = require "moonstem"
local levels_of = require "moonstem.lab.slurm.levels"
local shell = require "moonstem.lab.job.shell"
local exit = require "moonstem.sys.status"

local M = {}

local LEVEL = [[
#!/bin/bash
# $TITLE
# Level $NAME: $COUNT, an array of Slurm whose n-th task is the n-th line below.
#SBATCH --job-name=$JOB_NAME
#SBATCH --array=1-$TASKS
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=$CPUS
#SBATCH --mem=$MEM        # $WHY_MEM
#SBATCH --time=$TIME   # $WHY_TIME
#SBATCH --signal=B:USR1@$WARNING   # so many seconds before the limit (and up to 60 more) it saves
#SBATCH --requeue            # and goes back into the queue under its number
#SBATCH --open-mode=append
#SBATCH --output=$FOLDER/%x_%a.txt   # what Slurm says; a run writes output.txt in its own folder
$PARTITION
runs=(
$RUNS
)
run=${runs[$((SLURM_ARRAY_TASK_ID - 1))]}
kills=3   # a run that is killed goes back so many times

cd $HERE || exit 1
mkdir -p $DIR && exec >>$DIR/output.txt 2>&1
echo "$(date '+%F %T') task ${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID, start" \
  "$((${SLURM_RESTART_COUNT:-0} + 1)), on $(hostname)"

told= child=
trap 'told=yes; kill -USR1 $child' USR1   # it saves within a step and ends with status $AGAIN
$COMMAND \
  --node "$run" --threads "${SLURM_CPUS_PER_TASK:-$CPUS}" &
child=$!
[ -z "$told" ] || kill -USR1 "$child"
while wait "$child"; kill -0 "$child" 2>/dev/null; do :; done   # a trap ends a wait
wait "$child"
status=$?

# $AGAIN: run it again. Above 128: a signal killed it (128 + 9: out of memory, or somebody).
if [ "$status" = $AGAIN ] ||
  { [ "$status" -gt 128 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt "$kills" ]; }; then
  echo "status $status: back into the queue"
  [ "$status" != $AGAIN ] || [ -n "$told" ] || sleep 30   # another one is at it
  for attempt in 1 2 3 4 5; do
    # By the number of the task: the plain job number of one task is that of the whole array.
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 120
    sleep $((attempt * 10))
  done
fi
exit "$status"
]]

local function filled(template, values)
  return (template:gsub("%$([A-Z_]+)", function(name) return values[name] end))
end

local function folder_of(plan) return ("%s/slurm/%s"):format(plan.out, plan.name) end
M.folder_of = folder_of

local function absolute(path)
  return path:sub(1, 1) == "/" and path or ms.sys.cwd() .. "/" .. path
end

-- The command of any job of the plan, without its name and threads.
local function command_of(job)
  local words = { job.command[1], job.command[2] }
  table.move(job.command, 7, #job.command, 3, words)
  return shell.line(words)
end

-- The folder of "$run", in the words of the shell.
local function run_folder(plan, level)
  local job = level.jobs[1]
  if job.dir == ("%s/%s"):format(plan.out, job.name) then
    return shell.quoted(plan.out) .. '/"$run"'
  end
  return shell.quoted(job.dir) -- of an experiment that is one run
end

local function runs_of(level)
  local lines = {}
  for i, job in ipairs(level.jobs) do
    lines[i] = ("  %s"):format(shell.quoted(job.name))
  end
  return table.concat(lines, "\n")
end

--- The text of a level's batch file. demands: { time =, mem =, cpus =, why_time =, why_mem =,
-- warning = seconds }.
function M.level(plan, level, demands)
  local n = #level.jobs
  return filled(LEVEL, { TITLE = plan.title:gsub("%s+", " "), NAME = level.name,
    JOB_NAME = plan.name .. "-" .. level.name,
    COUNT = n == 1 and "1 run" or n .. " runs", TASKS = n,
    CPUS = demands.cpus, MEM = demands.mem, TIME = demands.time, WHY_MEM = demands.why_mem,
    WHY_TIME = demands.why_time, WARNING = demands.warning, AGAIN = exit.AGAIN,
    FOLDER = absolute(folder_of(plan)), RUNS = runs_of(level),
    PARTITION = plan.asked.slurm.partition
      and "#SBATCH --partition=" .. plan.asked.slurm.partition .. "\n" or "",
    HERE = shell.quoted(ms.sys.cwd()), DIR = run_folder(plan, level),
    COMMAND = command_of(level.jobs[1]) })
end

-- ---- submit.sh ---------------------------------------------------------------------------------
local SUBMIT = [[
#!/bin/sh
# Hands over $TITLE
# $LEVELS, each an array; a task waits for its partners of other levels alone:
#   after TASKS PARTNER ...   these tasks begin when all of the partners have ended well
# A task whose partner fails is cancelled; `$STATUS` says which.
set -eu
cd "$(dirname "$0")"

submitted=""
undo() { [ -z "$submitted" ] || scancel $submitted; echo "nothing was submitted" >&2; }
trap undo EXIT
submit() {   # FILE: held until all is said
  job=$(sbatch --parsable --hold --kill-on-invalid-dep=yes "$1.sh")
  job=${job%%;*}
  submitted="$submitted $job"
}
after() {
  tasks=$1
  shift
  partners=$(IFS=:; echo "$*")
  scontrol update jobid="$tasks" dependency=afterok:"$partners"
}
corresponding() {   # ARRAY OTHER: each task waits for the one of its number
  scontrol update jobid="$1" dependency=aftercorr:"$2"
}

$BODY
for job in $submitted; do scontrol release "$job"; done
trap - EXIT
echo "submitted:$submitted"
]]

-- "1-3,7" of { 1, 2, 3, 7 }.
local function ranges(tasks)
  local parts, i = {}, 1
  while i <= #tasks do
    local j = i
    while tasks[j + 1] == tasks[j] + 1 do j = j + 1 end
    parts[#parts + 1] = i == j and tostring(tasks[i]) or ("%d-%d"):format(tasks[i], tasks[j])
    i = j + 1
  end
  return table.concat(parts, ",")
end

local function variable(level) return "job_" .. level.name:gsub("%W", "_") end

-- Tasks of a level that wait for the same: list of { partners = text, tasks = }, in order.
local function groups_of(plan, level, place)
  local groups, by_text = {}, {}
  for task, job in ipairs(level.jobs) do
    local words = {}
    for i, name in ipairs(levels_of.partners(plan.jobs, job, place)) do
      words[i] = ('"${%s}_%d"'):format(variable(place[name].level), place[name].task)
    end
    local text = table.concat(words, " ")
    if text ~= "" and not by_text[text] then
      by_text[text] = { partners = text, tasks = {} }
      groups[#groups + 1] = by_text[text]
    end
    if text ~= "" then table.insert(by_text[text].tasks, task) end
  end
  return groups
end

-- The level whose task n is what task n of this one waits for, and nothing else; or nil.
local function corresponding(plan, level, place)
  local other
  for task, job in ipairs(level.jobs) do
    local partners = levels_of.partners(plan.jobs, job, place)
    local there = #partners == 1 and place[partners[1]]
    if not there or there.task ~= task or other and other ~= there.level then return nil end
    other = there.level
  end
  return #level.jobs > 1 and #other.jobs == #level.jobs and other or nil
end

local function submission(plan, level, place)
  local own, other = variable(level), corresponding(plan, level, place)
  local lines = { ("submit %s   # %d"):format(level.name, #level.jobs), own .. "=$job" }
  if other then
    lines[3] = ('corresponding "$%s" "$%s"'):format(own, variable(other))
    return table.concat(lines, "\n") .. "\n"
  end
  for _, group in ipairs(groups_of(plan, level, place)) do
    lines[#lines + 1] = ('after "${%s}_[%s]" %s'):format(own, ranges(group.tasks), group.partners)
  end
  return table.concat(lines, "\n") .. "\n"
end

--- The text of submit.sh.
function M.submit(plan, levels, place)
  local body = {}
  for i, level in ipairs(levels) do body[i] = submission(plan, level, place) end
  local status = command_of(levels[1].jobs[1]):gsub("/proc/self/exe", "moonstem") .. " --status"
  return filled(SUBMIT, { TITLE = plan.title:gsub("%s+", " "), LEVELS = #levels == 1 and "1 level"
    or #levels .. " levels", STATUS = status, BODY = table.concat(body, "\n") })
end

return M
