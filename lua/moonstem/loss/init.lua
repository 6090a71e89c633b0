--- Losses: the core's (core/ops/losses/), completed by those that are written in Lua.
-- Each file moonstem/loss/NAME.lua on Lua's path returns functions by name. A loss gives a number
-- that can go backward; reduction = "none" all that it is made of.
local core = require "moonstem.tensor"
local modules = require "moonstem.sys.modules"

local FOLDER = "moonstem.loss."

for file in pairs(modules.names(FOLDER)) do
  for name, f in pairs(require(FOLDER .. file)) do
    assert(not rawget(core.loss, name), name .. " is there twice; see " .. file)
    core.loss[name] = f
  end
end

return core.loss
