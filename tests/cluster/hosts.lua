--- Table I at the smoke scale on a real Slurm of three hosts (tests/cluster/start.sh): a run is
-- killed in the middle, a host dies with its run, a run fails. Prints what was tried and what was
-- lost; status 1 where runs end otherwise than those of --jobs 1.
--   build/moonstem tests/cluster/hosts.lua [ROW ...]     rows of the table (tail vocals); all: all
package.path = ("%s/?.lua;"):format(arg[0]:match "^(.*)/" or ".") .. package.path
local ms = require "moonstem"
local cluster = require "cluster"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local HERE = ms.sys.absolute(arg[0]):match "^(.*)/"
local RECIPES = ms.sys.absolute(HERE .. "/../../recipes")
local HOSTS, LONG = 3, 3600 -- seconds until something is given up
local rows = #arg > 0 and { table.unpack(arg) } or { "tail", "vocals" }
local bad = 0

local function check(holds, format, ...)
  print((holds and "  " or "  LOST: ") .. format:format(...))
  if not holds then bad = bad + 1 end
end

-- ---- the plan ----------------------------------------------------------------------------------
-- Table I with the hooks, in a folder that also has what it reads beside itself.
local function write_recipe(dir)
  local script = dir .. "/table1.lua"
  assert(ms.sys.write_file(script, ([[
    package.path = %q .. package.path
    require "hooks"
    return dofile(%q)]]):format(HERE .. "/?.lua;", RECIPES .. "/table1.lua")))
  for _, file in ipairs { "scale.lua", "paper.lua" } do
    ms.sys.run { "ln", "-s", RECIPES .. "/" .. file, dir .. "/" .. file }
  end
  return script
end

local function words(script, out, ...)
  local list = { PROGRAM, script, "--scale", "smoke", "--seeds", "1,2", "--out", out }
  for _, row in ipairs(rows[1] == "all" and {} or rows) do
    table.move({ "--only", row }, 1, 2, #list + 1, list)
  end
  table.move({ ... }, 1, select("#", ...), #list + 1, list)
  return table.unpack(list)
end

-- ---- what happens to it ----------------------------------------------------------------------
local function await(c, what, f)
  if cluster.eventually(LONG, f) then return end
  local _, queue = c:ask("squeue")
  error(("%s has not come within %d s\n%s"):format(what, LONG, queue), 0)
end

-- Ends the program that works on a run.
local function kill_run(c, dir, name)
  for pid in c:processes_of(cluster.host_of(dir)):gmatch "%d+" do
    local line = ms.sys.read_file(("/proc/%s/cmdline"):format(pid)) or ""
    if line:find("\0--node\0" .. name .. "\0", 1, true) and line:find("moonstem", 1, true) then
      ms.sys.run { "kill", "-9", pid }
    end
  end
end

-- The plan with all that happens to it, from submission to an empty queue.
local function first_pass(c, script, out)
  local killed, moved = "tail/cnn/mtat/1", "separate/vocals"
  c:hook("hold-1", killed)
  c:hook("hold-2", moved)
  c:hook("break", "tail/cnn/fma/2")
  local status, text = c:ask(words(script, out, "--slurm", "--cpus", "1", "--mem", "2G"))
  check(status == 0, "submitted: %s", text:match "submitted:[^\n]*" or text)
  await(c, "the second step of two runs", function() return c:has "held-1" and c:has "held-2" end)
  local host = cluster.host_of(out .. "/" .. moved)
  kill_run(c, out .. "/" .. killed, killed)
  c:cut(host)
  c:hook("go", "")
  await(c, "the end of the queue", function() return c:idle() end)
  local starts = cluster.starts_of(out .. "/" .. killed)
  check(starts >= 2, "%s was killed, started %d times, ended on %s", killed, starts,
    cluster.host_of(out .. "/" .. killed))
  local last = cluster.host_of(out .. "/" .. moved)
  check(last ~= host, "%s: its host %s died; it ended on %s, start %d", moved, host, last,
    cluster.starts_of(out .. "/" .. moved))
end

-- What --status says of each run: { [name] = state }.
local function states(c, script, out)
  local list = {}
  local _, text = c:ask(words(script, out, "--status"))
  for state, name in text:gmatch "(%l[%l ]-)%s+(%S+/%S+)[^\n]*\n" do list[name] = state end
  return list
end

local function check_blocked(c, script, out)
  local failed, wrong, count = "tail/cnn/fma/2", {}, 0
  for name, state in pairs(states(c, script, out)) do
    local needs_it = name:find "^joint/cnn/fma/.*/2$"
    local expected = name == failed and "failed" or needs_it and "blocked" or "done"
    if needs_it then count = count + 1 end
    if state ~= expected then wrong[#wrong + 1] = name .. " is " .. state end
  end
  check(#wrong == 0 and count > 0, "%s failed: %d that need it are blocked, all others done%s",
    failed, count, #wrong > 0 and ", but " .. table.concat(wrong, ", ") or "")
end

local function compare(out, here)
  local got, count = cluster.hashes(out)
  local expected, all = cluster.hashes(here)
  local lost = 0
  for name, hash in pairs(expected) do
    if got[name] ~= hash then
      lost = lost + 1
      print("  differs or lacks: " .. name)
    end
  end
  check(lost == 0 and count == all and all > 0, "%d of %d trainings have the results of --jobs 1",
    all - lost, all)
end

local function main(dir)
  local script, out, here = write_recipe(dir), dir .. "/out", dir .. "/here"
  local c <close> = cluster.start(HOSTS)
  first_pass(c, script, out)
  check_blocked(c, script, out)
  c:unhook "break"
  local status = c:ask(words(script, out, "--slurm", "--retry", "--cpus", "1", "--mem", "2G"))
  check(status == 0, "--retry submitted what failed and what waits for it")
  await(c, "the end of the second queue", function() return c:idle() end)
  print "  the same plan on the same music in one process after another ..."
  assert(ms.sys.mkdir(here))
  ms.sys.run { "cp", "-r", out .. "/corpora", here .. "/corpora" }
  status = ms.sys.run { stdout = dir .. "/here.txt", stderr = dir .. "/here.txt",
    words(script, here, "--jobs", "1") }
  check(status == 0, "it has ended with status %d", status)
  compare(out, here)
end

cluster.skip_without(HOSTS)
local dir = assert(ms.sys.tempdir())
local start = ms.sys.clock()
print(("Table I (%s), scale smoke, two seeds, %d hosts"):format(table.concat(rows, ", "), HOSTS))
local ok, failure = pcall(main, dir)
if not ok then check(false, "%s", failure) end
ms.sys.run { "rm", "-rf", dir }
print(("%d lost, %s"):format(bad, ms.sys.duration(ms.sys.clock() - start)))
os.exit(bad == 0 and 0 or 1)
