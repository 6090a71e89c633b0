--- Modules that are found because their files lie in a folder.
local sys = require "moonstem.core.sys"

local M = {}

--- modules.names "moonstem.models." -> { NAME = true, ... } of the files NAME.lua in all such
-- folders on package.path, but for init.lua; loads none.
function M.names(prefix)
  local folder, names = prefix:gsub("%.", "/"), {}
  for template in package.path:gmatch "[^;]+" do
    local base = template:match "^(.*)%?%.lua$"
    for _, file in ipairs(base and sys.list(base .. folder) or {}) do
      local name = file:match "^([%a_][%w_]*)%.lua$"
      if name and name ~= "init" then names[name] = true end
    end
  end
  return names
end

return M
