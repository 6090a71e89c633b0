--- The short forms of tests/survival/: work that is killed, stopped by signals, done twice at a
-- time, and whose files fail, comes to the same in the end; the prompt does not grow.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"

local PROGRAM = ms.sys.absolute "/proc/self/exe"
local tests = {}

-- Runs a command of tests/survival; what it printed. Skipped where it says that it cannot.
local function nothing_is_lost(name, ...)
  lu.skipIf(not ms.sys.exists(PROGRAM:match "^.*/" .. "libfile-faults.so"),
    "the library of faults is not built: cmake --build build --target c-tests")
  local status, out = ms.sys.capture { PROGRAM, places.TESTS .. "survival/" .. name .. ".lua",
    stdin = "/dev/null", stderr = "/dev/stdout", ... }
  lu.assertStrContains(out, " 0 lost\n")
  lu.assertEquals(status, 0, out)
end

function tests.test_kills()
  nothing_is_lost("kills", "20", "1", "1", "tagger", "pack")
end

function tests.test_faults()
  nothing_is_lost("faults", "12", "1", "1", "tagger", "pack")
end

function tests.test_signals()
  nothing_is_lost("signals", "12", "1", "1", "tagger", "pack")
end

function tests.test_two_at_a_time()
  nothing_is_lost("concurrency", "6", "1", "1", "tagger", "pack")
end

function tests.test_soak()
  nothing_is_lost("soak", "0.05")
end

return tests
