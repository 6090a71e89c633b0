--- A run that is made once more by its own script, in another folder: `moonstem runs rerun` starts
-- the script with MOONSTEM_RERUN in the environment, and the folder of that run is replaced by
-- another one. All other runs of the script must be finished, and are left as they are.
local core_io = require "moonstem.core.io"
local sys = require "moonstem.core.sys"

local M = {}

local VARIABLE = "MOONSTEM_RERUN"

--- The environment for the script: run = folder of the run, out = folder of the new one.
function M.environment(run, out)
  return { [VARIABLE] = core_io.json_encode { run = run, out = out } }
end

-- { run =, out = } where this process makes a run once more.
local function asked()
  local text = os.getenv(VARIABLE)
  return text and core_io.json_decode(text) or nil
end

--- The folder to use in place of that of a run.
function M.folder(dir)
  local wanted = asked()
  return wanted and sys.absolute(dir) == wanted.run and wanted.out or dir
end

--- Whether this process makes another run than that one once more.
function M.is_other(dir)
  local wanted, here = asked(), sys.absolute(dir)
  return wanted ~= nil and here ~= wanted.run and here ~= wanted.out
end

--- The folder of the run that is made once more in that folder; or nil.
function M.original(dir)
  local wanted = asked()
  return wanted and sys.absolute(dir) == wanted.out and wanted.run or nil
end

return M
