--- The reference that LDoc makes of the sources' comments.
local lu = require "luaunit"
local ms = require "moonstem"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local ROOT = sys.absolute(debug.getinfo(1, "S").source:sub(2)):match "^(.*)/tests/lua/app/"
local tests = {}

function tests.has_functions_of_lua_and_of_c()
  lu.skipIf(sys.capture { "sh", "-c", "command -v ldoc" } ~= 0, "ldoc is not installed (lua-ldoc)")
  local dir = assert(sys.tempdir())
  local status, out = sys.capture { PROGRAM, ROOT .. "/docs/reference.lua", dir .. "/reference",
    stdin = "/dev/null", stderr = "/dev/null" }
  local audio = sys.read_file(dir .. "/reference/modules/ms.audio.html")
  local tensor = sys.read_file(dir .. "/reference/modules/tensor.html")
  sys.run { "rm", "-r", dir }
  lu.assertEquals(status, 0, out)
  lu.assertStrContains(audio, "<code>ms.audio.write(")
  lu.assertStrContains(audio, "<code>ms.audio.mfcc(")
  lu.assertStrContains(tensor, "<code>x:relu(")
end

return tests
