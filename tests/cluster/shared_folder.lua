--- One folder on two hosts whose locks do not reach each other, and which keep what they have seen
-- of it for some time: the server is OpenSSH's sftp-server, and each host has a mount of its own
-- (sshfs, FUSE), its own process numbers and its own name. Both want one lock, write one file, and
-- do one job of a plan: one works at a time, nothing is torn or lost, and the results are those of
-- one process.
--   build/moonstem tests/cluster/shared_folder.lua     some minutes; needs root, sshfs and FUSE
-- Prints what it tried; status 1 where something did not hold.
package.path = arg[0]:match "^(.*)/[^/]*$" .. "/?.lua;" .. arg[0]:match "^(.*)/[^/]*$"
  .. "/../lua/tools/?.lua;" .. package.path
local ms = require "moonstem"
local cluster = require "cluster"
local tools = require "data_tools"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local PLAN = ms.sys.absolute(arg[0]):match "^(.*)/" .. "/plan.lua"
local SERVER = "/usr/lib/openssh/sftp-server"
local HOSTS = { "host1", "host2" }
local bad = 0

local function check(holds, format, ...)
  print((holds and "  " or "  LOST: ") .. format:format(...))
  if not holds then bad = bad + 1 end
end

-- ---- hosts -------------------------------------------------------------------------------------
local function lacking()
  if not ms.sys.exists "/dev/fuse" then return "the kernel has no FUSE" end
  for _, program in ipairs { "sshfs", "unshare", "fusermount3", SERVER } do
    if ms.sys.run { "sh", "-c", "command -v " .. program, stdout = "/dev/null" } ~= 0 then
      return ("there is no %s (packages sshfs, openssh-sftp-server, util-linux)"):format(program)
    end
  end
end

-- Mounts dir/kept as dir/HOST: true, or nil and what sshfs said.
local function mount(dir, host)
  local at, errors = dir .. "/" .. host, dir .. "/errors.txt"
  assert(ms.sys.mkdir(at))
  local status = ms.sys.run { "sshfs", "-o", "ssh_command=" .. dir .. "/serve",
    "server:" .. dir .. "/kept", at, stderr = errors }
  return status == 0 or nil, ms.sys.read_file(errors)
end

-- Starts a command on a host: a name and process numbers of its own.
local function start(dir, host, ...)
  return assert(ms.sys.spawn { "unshare", "--uts", "--pid", "--fork", "--mount-proc", "sh", "-c",
    'hostname "$1"; shift; exec "$@"', "sh", host, stdout = ("%s/%s.txt"):format(dir, host),
    stderr = ("%s/%s.txt"):format(dir, host), ... })
end

-- What both hosts ended with, each having run a command that may name its own mount.
local function on_both(dir, command)
  local children, statuses = {}, {}
  for i, host in ipairs(HOSTS) do
    children[i] = start(dir, host, table.unpack(command(dir .. "/" .. host)))
  end
  for i, child in ipairs(children) do statuses[i] = child:wait() end
  return statuses
end

local function said(dir, host) return ms.sys.read_file(("%s/%s.txt"):format(dir, host)) end

-- ---- what they do ------------------------------------------------------------------------------
-- Takes the lock, adds to a number that nothing else guards, and lets go.
local COUNTING = [[
  local path, n = ..., 0
  while n < 40 do
    local held <close> = ms.sys.lock(path)
    if held then
      n = n + 1
      local before = tonumber(ms.sys.read_file(path .. "-number") or 0)
      assert(ms.sys.write_file(path .. "-number", tostring(before + 1)))
    end
  end]]

local function count(dir)
  local statuses = on_both(dir, function(own)
    return { PROGRAM, "-e", COUNTING, own .. "/lock" }
  end)
  local number = ms.sys.read_file(dir .. "/kept/lock-number")
  check(statuses[1] == 0 and statuses[2] == 0 and number == "80",
    "80 turns at a lock, 40 of each host, counted %s", number)
  for i, host in ipairs(HOSTS) do if statuses[i] ~= 0 then print(said(dir, host)) end end
end

-- Writes a megabyte of one letter again and again.
local WRITING = [[
  local path, letter = ...
  for _ = 1, 40 do assert(ms.sys.write_file(path, letter:rep(1000000))) end]]

local function is_whole(text) return #text == 1000000 and text == text:sub(1, 1):rep(#text) end

local function write(dir)
  local children, seen, torn = {}, 0, 0
  for i, host in ipairs(HOSTS) do
    children[i] = start(dir, host, PROGRAM, "-e", WRITING, ("%s/%s/file"):format(dir, host),
      i == 1 and "a" or "b")
  end
  while not (children[1]:poll() and children[2]:poll()) do
    local text = ms.sys.read_file(dir .. "/kept/file")
    if text then
      seen = seen + 1
      if not is_whole(text) then torn = torn + 1 end
    end
  end
  local one, two = children[1]:wait(), children[2]:wait()
  check(one == 0 and two == 0 and torn == 0 and seen > 0,
    "a file that both hosts write was read %d times, torn %d times", seen, torn)
  for i, status in ipairs { one, two } do
    if status ~= 0 then print(said(dir, HOSTS[i])) end
  end
end

-- Both hosts do the same job of a plan until it is finished; the hashes of its runs.
local function jobs(dir)
  local function words(out, node)
    return { PROGRAM, PLAN, "--out", out, "--data", "fma=" .. dir .. "/fma", "--data",
      "musdb=" .. dir .. "/musdb", "--threads", "1", "--node", node }
  end
  for _, node in ipairs { "data/fma", "tail/cnn/fma/1" } do
    local statuses = on_both(dir, function(own) return words(own .. "/out", node) end)
    local good = { [0] = true, [75] = true }
    check(good[statuses[1]] and good[statuses[2]] and statuses[1] + statuses[2] <= 75,
      "%s by both hosts at once: status %d and %d", node, statuses[1], statuses[2])
    for i, host in ipairs(HOSTS) do if not good[statuses[i]] then print(said(dir, host)) end end
    local argv = words(dir .. "/alone", node)
    argv.stdout, argv.stderr = dir .. "/alone.txt", dir .. "/alone.txt"
    assert(ms.sys.run(argv) == 0, ms.sys.read_file(dir .. "/alone.txt"))
  end
  local run = "/tail/cnn/fma/1"
  check(cluster.hash_of(dir .. "/kept/out" .. run) == cluster.hash_of(dir .. "/alone" .. run),
    "%s has the results of one process", run:sub(2))
  local _, left = ms.sys.capture { "find", dir .. "/kept", "-name", "*~" }
  check(left == "", "no temporary file is left%s", left == "" and "" or ": " .. left)
end

local function main(dir)
  assert(ms.sys.write_file(dir .. "/serve", "#!/bin/sh\nexec " .. SERVER .. "\n"))
  ms.sys.run { "chmod", "755", dir .. "/serve" }
  assert(ms.sys.mkdir(dir .. "/kept"))
  for _, host in ipairs(HOSTS) do assert(mount(dir, host)) end
  tools.genre_set(dir .. "/fma", tools.genre_rows(), 4)
  tools.song_set(dir .. "/musdb", 16)
  count(dir)
  write(dir)
  jobs(dir)
end

local why = lacking()
if why then
  print("skip: " .. why)
  os.exit(0)
end
local dir = assert(ms.sys.tempdir())
print "one folder on two hosts, whose locks do not reach each other (sshfs)"
local ok, failure = pcall(main, dir)
if not ok then check(false, "%s", failure) end
for _, host in ipairs(HOSTS) do
  ms.sys.run { "fusermount3", "-u", dir .. "/" .. host, stderr = "/dev/null" }
end
ms.sys.run { "rm", "-rf", "--one-file-system", dir }
print(("%d lost"):format(bad))
os.exit(bad == 0 and 0 or 1)
