--- Where networks lie: moonstem/models and its folders of kinds, on Lua's path.
local modules = require "moonstem.sys.modules"

local M = {}

local FOLDERS = { "moonstem.models.", "moonstem.models.taggers.", "moonstem.models.separators." }

--- The module of a network, such as "moonstem.models.taggers.fcn"; nil where there is none.
function M.module(name)
  for _, folder in ipairs(FOLDERS) do
    if name ~= "init" and package.searchpath(folder .. name, package.path) then
      return folder .. name
    end
  end
end

--- The names of all networks, as keys.
function M.names()
  local all = {}
  for _, folder in ipairs(FOLDERS) do
    for name in pairs(modules.names(folder)) do all[name] = true end
  end
  return all
end

return M
