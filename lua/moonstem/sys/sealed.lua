--- Records with a checksum, for files that are written and read again.
local core_io = require "moonstem.core.io"

local M = {}

local SUM = "crc32c" -- the field

local function sum_of(record)
  local rest = {}
  for key, value in pairs(record) do
    if key ~= SUM then rest[key] = value end
  end
  return core_io.crc32c(core_io.json_encode(rest))
end

--- A record (a table that JSON can hold) with the checksum of its text as a field.
function M.seal(record)
  record[SUM] = sum_of(record)
  return record
end

--- Whether a record that was read is as it was written; one without a checksum is an older one, and
-- is taken as it is.
function M.holds(record)
  return record[SUM] == nil or record[SUM] == sum_of(record)
end

--- Writes a record to a file, sealed; the table itself stays as it is. true, or nil and a message.
function M.save(path, record)
  local copy = {}
  for key, value in pairs(record) do copy[key] = value end
  return core_io.save_json(path, M.seal(copy))
end

--- The record in a file, without its checksum; nil and a sentence with the way back where it is not
-- as it was written. Spaces and line ends may be other ones.
function M.load(path)
  local record, why = core_io.load_json(path)
  if record == nil then return nil, why end
  if type(record) ~= "table" then return nil, path .. " is damaged: it holds no table" end
  if not M.holds(record) then
    return nil, ("%s was changed after it was written: its checksum (%s) does not fit. Put it \z
      back as it was, or remove %s from it if the change is meant"):format(path, SUM, SUM)
  end
  record[SUM] = nil
  return record
end

return M
