--- Some hundred changed files for each reader (tests/hostile_files.lua): each is read or refused
-- with a sentence.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"

local tests = {}

function tests.test_nothing_is_lost()
  local status, out = ms.sys.capture { ms.sys.absolute "/proc/self/exe",
    places.TESTS .. "hostile_files.lua", "300", "3", stdin = "/dev/null", stderr = "/dev/null" }
  lu.assertStrMatches(out, "300 files of each of %d+ readers, seed 3: 0 were lost, 0 badly told\n",
    nil, nil, out)
  lu.assertEquals(status, 0)
end

return tests
