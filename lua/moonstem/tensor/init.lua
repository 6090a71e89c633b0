--- Tensors: the core's, completed by the functions of tensors that are written in Lua.
-- Each file moonstem/tensor/NAME.lua on Lua's path returns functions (x, ...) by name; they become
-- methods, x:NAME(...), and stand among core.ops, as the core's own operators do.
local core = require "moonstem.core.tensor"
local modules = require "moonstem.sys.modules"
local strict = require "moonstem.strict"

local FOLDER = "moonstem.tensor."

local function join(functions, file)
  for name, f in pairs(functions) do
    assert(not rawget(core.ops, name), name .. " is there twice; see " .. file)
    core.ops[name] = strict.counting(f, name, 1)
    core.methods[name] = core.ops[name]
  end
end

for file in pairs(modules.names(FOLDER)) do join(require(FOLDER .. file), file) end

return core
