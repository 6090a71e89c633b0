--- A text typed at the prompt without a terminal.
local lu = require "luaunit"
local sys = require "moonstem.sys"

local PROGRAM = sys.absolute "/proc/self/exe"

--- typed(dir, text, [env]) -> what is printed, what is complained about; the status is 1 where
-- there is a complaint. dir: a folder for files.
return function(dir, text, env)
  assert(sys.write_file(dir .. "/typed", text))
  local status, out = sys.capture { PROGRAM, stdin = dir .. "/typed", stderr = dir .. "/err",
    env = env }
  local complaints = sys.read_file(dir .. "/err")
  lu.assertEquals(status, complaints == "" and 0 or 1)
  return out, complaints
end
