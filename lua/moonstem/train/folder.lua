--- The folder of a run, used by one process at a time:
--   settings.json   what was asked for (`asked`), on which machine, with which versions
--   metrics.jsonl   one line per validation      log.txt   what was said, with the time
--   last.safetensors, best.safetensors           lock.N    who trains here
--   previous.safetensors                         what last.safetensors was before
--   not_finite.json, not_finite.safetensors      the last step whose numbers were not finite
local core_io = require "moonstem.core.io"
local core_sys = require "moonstem.core.sys"
local core = require "moonstem.core.tensor"
local sys = require "moonstem.sys"
local changes = require "moonstem.train.changes"
local sealed = require "moonstem.sys.sealed"
local settings = require "moonstem.train.settings"

local Folder = {}
Folder.__index = Folder

local M = {}

--- What a result depends on besides its settings: versions, the machine, the command, for records.
function M.surroundings()
  local machine = core.machine()
  machine.host = sys.hostname()
  machine.cores, machine.processor = sys.cpu_count(), sys.processor()
  return { moonstem = core_sys.version or "unknown", lua = _VERSION, machine = machine,
           command = sys.command_line(), started = os.date "!%Y-%m-%dT%H:%M:%SZ" }
end

--- Whether a folder was begun with these settings: true, or nil and a sentence.
function M.same(dir, asked)
  local record, why = sealed.load(dir .. "/settings.json")
  if not record then return nil, why end
  local begun = settings.current(record.asked or {})
  local list = changes.between(begun, asked)
  if #list == 0 then return true end
  return nil, ("%s was begun with %s: take another folder, or remove this one"):format(dir,
    changes.sentence(list))
end

-- Writes settings.json, or checks that the folder was begun with the same ones.
local function check_settings(dir, asked)
  local path = dir .. "/settings.json"
  if sys.exists(path) then return M.same(dir, asked) end
  local record = M.surroundings()
  record.asked = asked
  return sealed.save(path, record)
end

--- The folder of a run that is only read, without its lock.
function M.at(dir) return setmetatable({ dir = dir }, Folder) end

--- Opens (or makes) the folder of a run and takes its lock.
-- asked: a JSON-able table of all that the result depends on; a folder begun with another is
-- refused.
-- Returns the folder, or nil and a sentence.
function M.open(dir, asked)
  local ok, why = sys.mkdir(dir)
  if not ok then return nil, why end
  local lock
  lock, why = sys.lock(dir .. "/lock")
  local is_held = not lock and why:find("is held by process", 1, true)
  if is_held then why = ("%s is in use by another process: %s"):format(dir, why) end
  if not lock then return nil, why end
  ok, why = check_settings(dir, asked)
  if not ok then
    lock:close()
    return nil, why
  end
  return setmetatable({ dir = dir, lock = lock }, Folder)
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
