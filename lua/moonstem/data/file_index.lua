--- What is known about files, kept between runs: JSON lines in a folder, one record a line.
-- A record's key holds path, stream, size and time of change, so a changed file is looked at anew.
-- Lines are only appended; a torn, damaged or foreign line is
-- passed over, and what it knew is found out anew; every process writes its own file.
local core_io = require "moonstem.core.io"
local sys = require "moonstem.sys"
local digest = require "moonstem.sys.digest"
local sealed = require "moonstem.sys.sealed"

local Index = {}
Index.__index = Index

local M = {}

--- The key of a file { path=, stream= } for some purpose such as "check"; nil when it is not there.
function M.key(file, purpose)
  local size = sys.size(file.path)
  if not size then return nil end
  local path = sys.absolute(file.path) or file.path
  local parts = { purpose, path, file.stream or 0, size, sys.modified(file.path) or 0 }
  return digest(table.concat(parts, "\0"))
end

local function load_lines(self, path)
  for line in io.lines(path) do
    local record = core_io.json_decode(line)
    local known = type(record) == "table" and record.key and sealed.holds(record)
    if known then self.entries[record.key] = record end
  end
end

--- Opens the index in `folder` (made when needed); nil folder: one that only lives in memory.
-- name: of the file that this process appends to; without one the index only reads.
-- Returns it, or nil and a message.
function M.open(folder, name)
  local self = setmetatable({ entries = {} }, Index)
  if not folder then return self end
  local made, why = sys.mkdir(folder)
  if not made then return nil, why end
  for _, file in ipairs(sys.list(folder)) do
    if file:find "%.jsonl$" then load_lines(self, folder .. "/" .. file) end
  end
  if not name then return self end
  self.file, why = io.open(("%s/%s.jsonl"):format(folder, name), "a")
  if not self.file then return nil, ("cannot write %s"):format(why) end
  self.file:write "\n" -- ends a line that a killed process may have left
  return self
end

function Index:get(key)
  return self.entries[key]
end

--- Those of a list of files for which nothing is known under this purpose.
function Index:unknown(files, purpose)
  local list = {}
  for _, file in ipairs(files) do
    local key = M.key(file, purpose)
    if key and not self.entries[key] then list[#list + 1] = file end
  end
  return list
end

--- Keeps `record` (a table of plain values) under `key`.
function Index:put(key, record)
  record.key = key
  self.entries[key] = record
  if self.file then
    self.file:write(core_io.json_encode(sealed.seal(record)), "\n")
    self.file:flush()
  end
end

function Index:close()
  if self.file then self.file:close() end
  self.file = nil
end

return M
