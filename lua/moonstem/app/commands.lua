--- The program's commands: the files in folders moonstem/app/commands/ on package.path.
local modules = require "moonstem.sys.modules"

local M = {}

local FOLDER = "moonstem.app.commands."

-- Without the places below the current folder.
local function elsewhere(path)
  local list = {}
  for place in path:gmatch "[^;]+" do
    if place:find "^/" then list[#list + 1] = place end
  end
  return table.concat(list, ";")
end

--- Commands work on data that may come from anybody: from now on the current folder is no place
-- where Lua looks for modules, or a data set could run code of its own.
function M.leave_current_folder()
  package.path, package.cpath = elsewhere(package.path), elsewhere(package.cpath)
end

--- The names of all commands, sorted.
function M.names()
  local names = {}
  for name in pairs(modules.names(FOLDER)) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Whether there is a command of that name.
function M.exists(name) return modules.names(FOLDER)[name] ~= nil end

--- A command, { summary =, run = }; nil and a message where its file cannot be loaded.
function M.load(name)
  local ok, command = pcall(require, FOLDER .. name)
  if ok then return command end
  return nil, command
end

return M
