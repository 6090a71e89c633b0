--- Modules that are found because their files lie in a folder.
local sys = require "moonstem.core.sys"

local M = {}

-- What a folder holds; nothing where it is not there. One that is there and cannot be listed
-- raises, as its names would seem not to exist.
local function files_in(folder)
  local files, why = sys.list(folder)
  if not files and sys.is_dir(folder) then error(why, 0) end
  return files or {}
end

--- modules.names "moonstem.models." -> { NAME = true, ... } of the files NAME.lua in all such
-- folders on package.path, but for init.lua; loads none. Raises where one cannot be listed.
function M.names(prefix)
  local folder, names = prefix:gsub("%.", "/"), {}
  for template in package.path:gmatch "[^;]+" do
    local base = template:match "^(.*)%?%.lua$"
    for _, file in ipairs(base and files_in(base .. folder) or {}) do
      local name = file:match "^([%a_][%w_]*)%.lua$"
      if name and name ~= "init" then names[name] = true end
    end
  end
  return names
end

return M
