--- What was typed at the prompt, kept in a file over sessions: a line with the time, #1795964272,
-- in front of every entry, which may have several lines.
local sys = require "moonstem.core.sys"

local M = {}

local MOST = 5000 -- entries that are kept

--- The file in the folder for the state of programs, which is made; nil where there is no home.
function M.path()
  local base = os.getenv "XDG_STATE_HOME"
  if not base or base == "" then
    local home = os.getenv "HOME"
    if not home or home == "" then return nil end
    base = home .. "/.local/state"
  end
  if not sys.mkdir(base .. "/moonstem") then return nil end
  return base .. "/moonstem/history"
end

local function append(path, mode, entries)
  local file = io.open(path, mode)
  if not file then return end
  for _, text in ipairs(entries) do file:write("#", os.time(), "\n", text, "\n") end
  file:close()
end

-- Versions before wrote plain lines, each an entry.
local function entries_of(text)
  local list, lines = {}, nil
  for line in text:gmatch "([^\n]*)\n" do
    if line:find "^#%d+$" then
      list[#list + 1] = lines and table.concat(lines, "\n")
      lines = {}
    elseif lines then lines[#lines + 1] = line
    else list[#list + 1] = line end
  end
  list[#list + 1] = lines and table.concat(lines, "\n")
  return list
end

--- history.load(path) -> the entries of a file, the last 5000 of them; a file that is not there has
-- none.
function M.load(path)
  local list = entries_of(path and sys.read_file(path) or "")
  if #list <= MOST then return list end
  list = table.move(list, #list - MOST + 1, #list, 1, {})
  append(path, "w", list)
  return list
end

--- history.add(path, text): at the end of the file.
function M.add(path, text)
  if path then append(path, "a", { text }) end
end

return M
