--- Layers: those that the files of this folder declare, of folders moonstem/nn elsewhere on
-- package.path, and those of scripts.
local initial = require "moonstem.net.initial"
local layer = require "moonstem.net.layer"
local modules = require "moonstem.sys.modules"

local FOLDER = "moonstem.nn."

for name in pairs(modules.names(FOLDER)) do require(FOLDER .. name) end

local M = layer.kinds
M.define = layer.define
M.init = initial

return M
