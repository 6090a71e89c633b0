--- Where a result comes from: the processor, and the command line that made it. Both as Linux has
-- them under /proc.
local core = require "moonstem.core.sys"

local M = {}

--- ms.sys.processor() -> the processor's name as its maker writes it, or nil where the system does
-- not tell
function M.processor()
  local text = core.read_file "/proc/cpuinfo" or ""
  local name = text:match "model name%s*:%s*([^\n]*)" or text:match "Model%s*:%s*([^\n]*)"
  return name and (name:gsub("%s+", " "))
end

-- A word as a shell takes it.
local function quoted(word)
  if word:find "^[%w%-._/=:,+@%%]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- ms.sys.command_line() -> the words that this process was started with, as one line for a shell;
-- or nil where the system does not tell
function M.command_line()
  local text, words = core.read_file "/proc/self/cmdline", {}
  for word in (text or ""):gmatch "([^\0]*)\0" do words[#words + 1] = quoted(word) end
  return #words > 0 and table.concat(words, " ") or nil
end

return M
