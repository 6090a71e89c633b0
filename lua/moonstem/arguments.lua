--- Arguments of subcommands, by lua-argparse. A mistake is one sentence and exit status 2.
local argparse = require "argparse"

local M = {}

--- A parser for `moonstem NAME ...`; add arguments to it as argparse has it.
function M.parser(name, description)
  return argparse("moonstem " .. name, description):help_max_width(88)
end

--- The parsed arguments, or nil and the exit status after the mistake has been told. --help ends
-- the program here.
function M.parse(parser, args)
  local list = {}
  for i, value in ipairs(args) do list[i] = value end -- argparse minds the zeroth
  local ok, result = parser:pparse(list)
  if ok then return result end
  io.stderr:write(("%s: %s\n%s\n"):format(parser._name, result, parser:get_usage()))
  return nil, 2
end

--- A name from the command line as a path, which ms.lab.load takes for a folder or file.
function M.path(name)
  return name:find "^%.?%.?/" and name or "./" .. name
end

--- Tells a refusal of the world; returns exit status 1.
function M.refuse(why)
  io.stderr:write("moonstem: ", tostring(why), "\n")
  return 1
end

return M
