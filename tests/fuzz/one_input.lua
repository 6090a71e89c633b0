--- One input for one reader: it may be read or refused with a sentence, and nothing else.
--   local try = one_input.reader(readers.NAME, folder); local fault = try(bytes)
local ms = require "moonstem"

local M = {}

--- The longest input, in bytes; and the most that the tensors of a read may hold, which is what
-- such a file of zeros packed by deflate holds as floats.
M.LONGEST, M.MOST = 1 << 14, 96 << 20

-- Lua's own errors, which say nothing about the file.
local OWN = { "^[^\n]-attempt to", "bad argument #", "stack overflow", "not enough memory",
  "number has no integer representation", "string.unpack", "string.rep", "malformed", "assertion" }

local function is_own(thrown)
  if type(thrown) ~= "string" then return true end
  for _, pattern in ipairs(OWN) do if thrown:find(pattern) then return true end end
  return false
end

-- What is wrong with how a read of these bytes ended; nil where nothing is. A refusal that speaks
-- of memory took the file's word for a size, unless it quotes the file.
local function fault_of(bytes, ok, value, why)
  if not ok then return is_own(value) and "raised " .. tostring(value) or nil end
  if value ~= nil or why == nil then return nil end
  if type(why) ~= "string" or why == "" then return "refused without a sentence" end
  if not why:find "no memory" or bytes:find "no memory" then return nil end
  return "believed a size: " .. why
end

--- A function of the input's bytes that gives the fault as a text, or nil.
function M.reader(reader, folder)
  ms.memory_limit(M.MOST)
  return function(bytes)
    local _ <close> = ms.scope()
    return fault_of(bytes, pcall(reader.read, folder, bytes))
  end
end

return M
