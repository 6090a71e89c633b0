--- The networks of the paper, composed by name: the files of this folder, and of folders
-- moonstem/models elsewhere on package.path. Each loads on first use.
local modules = require "moonstem.sys.modules"
local strict = require "moonstem.strict"

local FOLDER = "moonstem.models."

local function load(_, name)
  local there = name ~= "init" and package.searchpath(FOLDER .. name, package.path)
  return there and require(FOLDER .. name) or nil
end

local function names() return modules.names(FOLDER) end

--- Listing the models loads them all.
local function all(models)
  for name in pairs(names()) do local _ = models[name] end
  return next, models
end

return strict.library(setmetatable({}, { __index = load, __pairs = all }), "ms.models", names)
