--- The short forms of programs that each print what was tried and what was lost; tests/README.md
-- says what they promise.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local tests = {}

-- Runs a program of tests/; what it printed must end with that.
local function holds(ending, name, ...)
  local status, out = ms.sys.capture { PROGRAM, places.TESTS .. name, ..., stdin = "/dev/null",
    stderr = "/dev/null" }
  lu.assertStrContains(out, ending)
  lu.assertEquals(status, 0, out)
end

function tests.test_bad_data_are_listed()
  holds("22 clips must be listed, 22 are, 0 are missed, 0 false alarms\n", "bad_data.lua", "100")
end

function tests.test_the_same_bits()
  holds("2 ways, 13 results each: 0 differ\n", "same_bits.lua", "2")
end

return tests
