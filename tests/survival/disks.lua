--- Disks with little room, files that may not grow, folders that may not be written: by the means
-- of the system. What needs the rights of root is left out, aloud, where they are missing.
local ms = require "moonstem"

local M = {}

local function done(...)
  return ms.sys.run { stdout = "/dev/null", stderr = "/dev/null", ... } == 0
end

-- Whether file systems can be mounted in a folder; said once where not.
local can_mount
local function mounts(folder)
  if can_mount == nil then
    can_mount = done("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder)
    if can_mount then done("umount", folder)
    else print "skip: small and read-only disks, as nothing can be mounted here" end
  end
  return can_mount
end

local function run(attempts, scenario, folder)
  return attempts:wait(attempts:start(scenario, folder)), attempts:words(folder)
end

-- A disk of `size` bytes, which has room once the work has failed.
local function small(attempts, scenario, folder, draw, judged)
  local size = math.floor(8192 * 2 ^ (9 * draw()))
  done("mount", "-t", "tmpfs", "-o", "size=" .. size, "none", folder .. "/out")
  local status, words = run(attempts, scenario, folder)
  done("mount", "-o", "remount,size=1g", folder .. "/out")
  return ("a disk of %d bytes"):format(size), judged(status, words, "No space left on device")
end

-- A disk that can only be read, with what a kill left on it.
local function read_only(attempts, scenario, folder, draw, judged)
  done("mount", "-t", "tmpfs", "-o", "size=1g", "none", folder .. "/out")
  local process = attempts:start(scenario, folder)
  ms.sys.sleep(draw() * attempts:reference(scenario).seconds)
  process:kill "KILL"
  process:wait()
  attempts:survivors()
  done("mount", "-o", "remount,ro", folder .. "/out")
  local status, words = run(attempts, scenario, folder)
  done("mount", "-o", "remount,rw", folder .. "/out")
  return "a read-only disk", judged(status, words, "Read-only file system")
end

-- Files that may not grow beyond so many blocks of 512 bytes.
local function quota(attempts, scenario, folder, draw, judged)
  local blocks = math.floor(2 ^ (8 * draw()))
  local limited = { command = function(...)
    return { "sh", "-c", ("ulimit -f %d; exec \"$@\""):format(blocks), "sh",
      table.unpack(scenario.command(...)) }
  end }
  local status, words = run(attempts, limited, folder)
  return ("files of at most %d bytes"):format(512 * blocks), judged(status, words,
    "File too large")
end

--- disks.try(attempts, scenario, folder, draw, judged) -> what was done in words, list of what was
-- lost. judged(status, words, reason) -> such a list
function M.try(attempts, scenario, folder, draw, judged)
  assert(ms.sys.mkdir(folder .. "/out"))
  local x = draw()
  local kind = not mounts(folder .. "/out") and quota or x < 0.4 and small or x < 0.6 and read_only
    or quota
  return kind(attempts, scenario, folder, draw, judged)
end

--- Takes the disk of an attempt away, where it has one.
function M.undo(folder)
  if can_mount then done("umount", folder .. "/out") end
end

return M
