--- A Python of the developer's, as an oracle: that of MOONSTEM_PYTHON, else python3.
local lu = require "luaunit"
local sys = require "moonstem.core.sys"

local M = {}

--- The interpreter, if it has the modules ("numpy, onnx"); else the test is skipped.
function M.needs(modules)
  local python = os.getenv "MOONSTEM_PYTHON" or "python3"
  local status = sys.capture { "sh", "-c", 'exec "$0" -c "import $1" 2>&1', python, modules }
  lu.skipIf(status ~= 0, ("%s has no %s: name another one by MOONSTEM_PYTHON"):format(python,
    modules))
  return python
end

--- Runs a script with arguments in the interpreter that has the modules; what it printed. The test
-- fails where the script does.
function M.run(modules, script, ...)
  local status, text = sys.capture { "sh", "-c", 'exec "$0" "$@" 2>&1', M.needs(modules), "-c",
    script, ... }
  if status ~= 0 then lu.fail(text) end
  return text
end

return M
