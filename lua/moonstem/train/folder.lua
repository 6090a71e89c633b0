--- The folder of a run, used by one process at a time:
--   settings.json   what was asked for (`asked`), on which machine, with which versions; where it
--                   went on with others, these (`continued`)
--   metrics.jsonl   one line per validation      log.txt   what was said, with the time
--   last.safetensors, best.safetensors           lock.N    who trains here
--   previous.safetensors                         what last.safetensors was before
--   not_finite.json, not_finite.safetensors      the last step whose numbers were not finite
local core_io = require "moonstem.core.io"
local sys = require "moonstem.sys"
local changes = require "moonstem.train.changes"
local identity = require "moonstem.train.identity"
local merge = require("moonstem.options").merge
local rerun = require "moonstem.train.identity.rerun"
local sealed = require "moonstem.sys.sealed"
local settings = require "moonstem.train.settings"

local Folder = {}
Folder.__index = Folder

local M = {}

-- Whether a folder was begun with these settings: true; or nil, a sentence and whether it tells how
-- they differ.
local function compared(dir, asked)
  local record, why = sealed.load(dir .. "/settings.json")
  if not record then return nil, why end
  local list = changes.between(settings.current(record.asked or {}), asked)
  if #list == 0 then return true end
  return nil, ("%s was begun with %s"):format(dir, changes.sentence(list)), true
end

--- Whether a folder was begun with these settings: true, or nil and a sentence.
function M.same(dir, asked)
  local same, why, differ = compared(dir, asked)
  return same, differ and why .. ": take another folder, or remove this one" or why
end

-- Writes settings.json, or checks that the folder was begun with the same ones: the list of what is
-- otherwise than when it was last worked on; nil and a sentence.
local function settle(dir, asked, now)
  local path, original = dir .. "/settings.json", rerun.original(dir)
  if original then
    local same, why = compared(original, asked)
    if not same then return nil, "not trained again: " .. why end
  end
  if not sys.exists(path) then
    local ok, why = sealed.save(path, merge(now, { asked = asked }))
    return ok and {}, why
  end
  local ok, why = M.same(dir, asked)
  if not ok then return nil, why end
  local record = sealed.load(path)
  local before = record.continued and record.continued[#record.continued] or record
  return identity.differences(before, now)
end

-- ---- the folder of a run that another process writes ----------------------------------------
local Muted = { record = function() return true end, rewind = function() return true end,
  ours = function() return true end, go_on = function() return true end, log = function() end,
  close = function() end }
Muted.__index = Muted
Muted.__close = Muted.close
Muted.path = function(self, name) return self.dir .. "/" .. name end

--- The folder of a run that another rank writes: what is written here is dropped.
function M.muted(dir) return setmetatable({ dir = dir, muted = true, changed = {} }, Muted) end

--- The folder of a run that is only read, without its lock.
function M.at(dir) return setmetatable({ dir = dir }, Folder) end

--- Opens (or makes) the folder of a run and takes its lock.
-- asked: a JSON-able table of all that the result depends on; a folder begun with another is
-- refused. inputs: another, of what only is noted where it differs (identity/init.lua).
-- Returns the folder, whose field `changed` lists what differs from when it was last worked on; or
-- nil and a sentence.
function M.open(dir, asked, inputs)
  local ok, why = sys.mkdir(dir)
  if not ok then return nil, why end
  local lock
  lock, why = sys.lock(dir .. "/lock")
  local is_held = not lock and why:find("is held by process", 1, true)
  if is_held then why = ("%s is in use by another process: %s"):format(dir, why) end
  if not lock then return nil, why end
  local now = identity.now(inputs)
  local changed
  changed, why = settle(dir, asked, now)
  if not changed then
    lock:close()
    return nil, why
  end
  return setmetatable({ dir = dir, lock = lock, now = now, changed = changed }, Folder)
end

--- The path of a file of this folder.
function Folder:path(name)
  return self.dir .. "/" .. name
end

--- Adds a line to log.txt.
function Folder:log(text)
  local file = io.open(self:path "log.txt", "a")
  if not file then return end
  file:write(os.date "!%Y-%m-%dT%H:%M:%SZ ", text, "\n")
  file:close()
end

--- Adds a line to metrics.jsonl; true, or nil and a sentence.
function Folder:record(row)
  return core_io.append_json_line(self:path "metrics.jsonl", row)
end

--- Notes in settings.json that a run goes on, where things are otherwise than before. true, or nil
-- and a sentence.
function Folder:go_on()
  if #self.changed == 0 then return true end
  local record, why = sealed.load(self:path "settings.json")
  if not record then return nil, why end
  record.continued = record.continued or {}
  table.insert(record.continued, self.now)
  return sealed.save(self:path "settings.json", record)
end

--- Drops the lines of metrics.jsonl that a run at this position writes again: those of later steps
-- and of rounds that are not over. true, or nil and a sentence.
function Folder:rewind(position)
  local path = self:path "metrics.jsonl"
  if not sys.exists(path) then return true end
  local rows, why = core_io.load_json_lines(path)
  if not rows then return nil, why end
  local kept = {}
  for _, row in ipairs(rows) do
    if row.step <= position.step and (row.round or 0) <= position.round then
      kept[#kept + 1] = core_io.json_encode(row) .. "\n"
    end
  end
  return sys.write_file(path, table.concat(kept))
end

--- Whether this process may still write here: true, or nil and a sentence.
function Folder:ours()
  if not self.lock or not self.lock:lost() then return true end
  return nil, self.dir .. ": another process goes on with this run, as this one stood still"
end

--- Lets the lock go. Calling it twice is fine.
function Folder:close()
  if self.lock then self.lock:close() end
  self.lock = nil
end
Folder.__close = Folder.close

return M
