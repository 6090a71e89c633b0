--- The networks of the paper and those it is compared with, composed by name: the files of this
-- folder and of its folders taggers/ and separators/, also of folders moonstem/models elsewhere on
-- package.path. Each loads on first use.
local find = require "moonstem.net.find"
local strict = require "moonstem.strict"

local function load(_, name)
  local module = find.module(name)
  return module and require(module) or nil
end

--- Listing the models loads them all.
local function all(models)
  for name in pairs(find.names()) do local _ = models[name] end
  return next, models
end

return strict.module(setmetatable({}, { __index = load, __pairs = all }), "ms.models", find.names)
