--- Ratios to PyTorch, measured in turns on the same machine in the same minutes.
--   MOONSTEM_BENCH=.../bench.py moonstem tests/bench/ratio.lua [CASE ...] [--rounds 2] [--seconds 6]
-- Each round times the case here and there, one process after the other; of the rounds the smaller median
-- counts. Ratios above 1: faster, or less memory, than PyTorch in its best settings.
local ms = require "moonstem"

local parser = require "argparse" ("ratio.lua", "Times cases here and in PyTorch, in turns, and prints the ratios.")
parser:argument("cases", "names of cases (peer.lua --list)"):args "*"
parser:option("--rounds", "turns"):default("2"):convert(tonumber)
parser:option("--seconds", "at least so long per turn"):default("6"):convert(tonumber)
local o = parser:parse(arg)
local cases = #o.cases > 0 and o.cases or { "train/separator", "train/cnn_tail", "train/cnn_model" }
local script = os.getenv("MOONSTEM_BENCH")
if not script then error("MOONSTEM_BENCH must name the peer's bench.py", 0) end
local python = ms.sys.exists("/usr/bin/python3") and "/usr/bin/python3" or "python3"
local here = arg[0]:match("^(.*)/") or "."

--- Runs a command and decodes the last line that it prints.
local function line_of(command)
  local dir <const> = ms.sys.tempdir()
  command.stdout = dir .. "/out"
  local status = ms.sys.run(command)
  if status ~= 0 then error(table.concat(command, " ") .. " ended with status " .. tostring(status), 0) end
  local last
  for line in io.lines(dir .. "/out") do last = line end
  ms.sys.remove(dir .. "/out")
  ms.sys.remove(dir)
  return ms.io.json_decode(last)
end

local function better(a, b)
  return (not a or b.median_s < a.median_s) and b or a
end

print(("%-20s %10s %10s %7s   %8s %8s %7s"):format("case", "ours s", "PyTorch s", "speed", "ours MiB", "PyTorch", "memory"))
for _, case in ipairs(cases) do
  local mine, theirs
  for _ = 1, o.rounds do
    mine = better(mine, line_of { "/proc/self/exe", here .. "/peer.lua", case, "--seconds", tostring(o.seconds) })
    theirs = better(theirs, line_of { python, script, case, "--seconds", tostring(o.seconds) })
  end
  print(("%-20s %10.4g %10.4g %6.2fx   %8d %8d %6.2fx"):format(case, mine.median_s, theirs.median_s,
    theirs.median_s / mine.median_s, mine.peak_mib, theirs.peak_mib, theirs.peak_mib / mine.peak_mib))
end
