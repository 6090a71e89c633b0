--- Words as a shell takes them.
local ms = require "moonstem"

local M = {}

--- A word in quotes, where it needs them.
function M.quoted(word)
  if word:find "^[%w_%.,/=+:%-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- A job's command as a line; this program is named by its path.
function M.line(command)
  local words = { M.quoted((assert(ms.sys.absolute "/proc/self/exe"))) }
  for i = 2, #command do words[i] = M.quoted(command[i]) end
  return table.concat(words, " ")
end

return M
