--- Names of files that a string could go on with.
local sys = require "moonstem.core.sys"

local M = {}

-- A folder's name with ~ as the shell reads it; no function of Lua's knows it.
local function from_home(path)
  local home = os.getenv "HOME"
  return home and path:find "^~/" and home .. path:sub(2) or path
end

-- The inside of a quoted string as it is meant, and a name as it is written inside of one.
local function read(text) return (text:gsub("\\(.)", "%1")) end
local function written(text, quote)
  return quote == "[" and text or (text:gsub("[\\" .. quote .. "]", "\\%0"))
end

--- paths.within(text, quote, closed) -> what the inside of a string could be: names of files and,
-- with "/" behind them, of folders. quote: what the string began with; closed: whether its end is
-- written already. A file that is the only one gets it.
function M.within(text, quote, closed)
  local whole = from_home(quote == "[" and text or read(text))
  local folder, start = whole:match "^(.*/)([^/]*)$"
  if not folder then folder, start = "", whole end
  local found = {}
  for _, name in ipairs(sys.list(folder == "" and "." or folder) or {}) do
    if name:sub(1, #start) == start and (start ~= "" or name:sub(1, 1) ~= ".") then
      local is_dir = sys.is_dir(folder .. name)
      found[#found + 1] = written(folder .. name, quote) .. (is_dir and "/" or "")
    end
  end
  if #found == 1 and not closed and quote ~= "[" and found[1]:sub(-1) ~= "/" then
    found[1] = found[1] .. quote
  end
  return found
end

return M
