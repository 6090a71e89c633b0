--- What the tests of MPI share: starting ranks, and comparing what they saved.
local ms = require "moonstem"

local M = {}

local HERE = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"

-- What mpirun is to start: /proc/self/exe would be mpirun itself.
local function program()
  local _, path = ms.sys.capture { "readlink", "-f", ("/proc/%d/exe"):format(ms.sys.pid()) }
  return (path:gsub("%s+$", ""))
end

--- The program that runs this, and the script that each rank runs.
M.PROGRAM, M.RANK = program(), HERE .. "/mpi_rank.lua"

--- The program that computes in double, where it was built.
M.DOUBLE = ms.sys.exists(M.PROGRAM .. "-double") and M.PROGRAM .. "-double" or nil

local MPIRUN = { { name = "openmpi", "mpirun.openmpi", "--oversubscribe", "--bind-to", "none" },
  { name = "mpich", "mpirun.mpich" } }

--- The MPI libraries that are installed and were there at the build: launchers with names.
function M.libraries()
  local list = {}
  for _, launcher in ipairs(MPIRUN) do
    local transport = ("%s/moonstem-%s.so"):format(M.PROGRAM:match "^(.*)/", launcher.name)
    if ms.sys.exists("/usr/bin/" .. launcher[1]) and ms.sys.exists(transport) then
      list[#list + 1] = launcher
    end
  end
  return list
end

-- "key=value" of a table, in order.
local function words_of(given)
  local words = {}
  for key, value in pairs(given) do words[#words + 1] = ("%s=%s"):format(key, value) end
  table.sort(words)
  return words
end

--- The table that such words stand for; numbers as numbers.
function M.given(words)
  local given = {}
  for _, word in ipairs(words) do
    local key, value = word:match "^(%w+)=(.*)$"
    given[key] = tonumber(value) or value
  end
  return given
end

local function argv_of(launcher, ranks, script, words, limit, o)
  local argv = { "env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
    o.env or "MOONSTEM=", "timeout", "-k", "5", tostring(limit) }
  if launcher then
    table.move(launcher, 1, #launcher, #argv + 1, argv)
    table.move({ "-n", tostring(ranks) }, 1, 2, #argv + 1, argv)
  end
  table.move({ o.program or M.PROGRAM, script }, 1, 2, #argv + 1, argv)
  return table.move(words, 1, #words, #argv + 1, argv)
end

--- Runs a script in so many ranks of a launcher (nil: in one process without MPI), for at most
-- `limit` seconds: exit status, what was printed, seconds. options: { program = another one, env =
-- "NAME=VALUE" }
function M.run_script(launcher, ranks, script, words, limit, options)
  local argv = argv_of(launcher, ranks, script, words, limit, options or {})
  local output = os.tmpname()
  argv.stdout, argv.stderr = output, output
  local began = ms.sys.now()
  local status = assert(ms.sys.spawn(argv)):wait()
  local text = ms.sys.read_file(output)
  os.remove(output)
  return status, text, ms.sys.now() - began
end

--- The same with mpi_rank.lua and options given as a table.
function M.run(launcher, ranks, given, limit, options)
  return M.run_script(launcher, ranks, M.RANK, words_of(given), limit or 120, options)
end

--- Runs mpi_rank.lua, which must end well: the tensors that it saved, and { loss =, seconds = } as
-- texts.
function M.trained(launcher, ranks, given, limit, options)
  local status, text = M.run(launcher, ranks, given, limit, options)
  if status ~= 0 then error(("status %s: %s"):format(status, text), 0) end
  return ms.io.load_safetensors(given.out)
end

--- How far two files that such a training saved are apart: { weights =, statistics = }, the norm of
-- the difference by the norm. reader: the program of the precision they were saved in (this one).
function M.apart(a, b, reader)
  local status, text = ms.sys.capture { reader or M.PROGRAM, HERE .. "/mpi_apart.lua", a, b }
  local weights, statistics = text:match "^(%S+) (%S+)"
  assert(status == 0 and weights, text)
  return { weights = tonumber(weights), statistics = tonumber(statistics) }
end

--- Whether two sets of tensors have the same bits.
function M.same(a, b)
  for name, x in pairs(a) do
    if not x:eq(b[name]):all() then return false, name end
  end
  return true
end

return M
