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

return M
