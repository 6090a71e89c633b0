--- Folders in which a process works, below one that it shares with others: each belongs to one
-- process, which holds its lock. Those of processes that have ended are removed.
local lock = require "moonstem.sys.lock"
local sys = require "moonstem.core.sys"

local Work = {}
Work.__index = Work

local M = {}

local PROBE = ("\0"):rep(1 << 16)
local MINE, DEAD = "^work%-", "^dead%-"

--- Removes a folder and everything in it.
function M.clear(folder)
  for _, name in ipairs(sys.list(folder) or {}) do
    local path = folder .. "/" .. name
    if sys.is_dir(path) then M.clear(path) else sys.remove(path) end
  end
  sys.remove(folder)
end

--- Why nothing can be written in a folder now: a sentence with a file and the reason; nil where it
-- can. For those whose helpers ended without a word, as these words may be what is not written.
function M.trouble(folder)
  local probe = folder .. "/probe"
  local _, why = sys.write_file(probe, PROBE)
  sys.remove(probe)
  return why
end

--- Removes the folders below `parent` that belong to nobody. They lose their name first, so that
-- nobody takes one meanwhile.
function M.sweep(parent)
  for _, name in ipairs(sys.list(parent) or {}) do
    local path, dead = parent .. "/" .. name, ("%s/dead-%s-%d"):format(parent, name, sys.pid())
    local held <close> = name:find(MINE) and sys.is_dir(path) and lock.lock(path .. "/lock") or nil
    if held and sys.rename(path, dead) then M.clear(dead) end
    if name:find(DEAD) then M.clear(path) end
  end
end

-- A new folder and its lock. Somebody who sweeps may take it before it is locked: then another one.
local function claim(parent)
  for k = 1, 100 do
    local path = ("%s/work-%d-%d"):format(parent, sys.pid(), k)
    local made, why = sys.mkdir(path)
    if not made then return nil, why end
    local held = lock.lock(path .. "/lock")
    if held and not held:lost() then return setmetatable({ path = path, lock = held }, Work) end
    if held then held:close() end
  end
  return nil, parent .. ": no folder to work in could be made"
end

--- An empty folder below `parent` that no other process uses, { path = }, a value to be closed,
-- which removes it; nil and a message.
function M.open(parent)
  M.sweep(parent)
  return claim(parent)
end

--- Removes the folder. Calling it twice is fine.
function Work:close()
  if self.lock then
    M.clear(self.path)
    if sys.exists(self.path) then M.clear(self.path) end -- a removal may fail once
    self.lock:close()
  end
  self.lock = nil
end
Work.__close = Work.close

return M
