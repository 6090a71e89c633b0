--- The page for new users says what is true: every row of lua/README.md runs, and gives its value.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local LEAST = 110 -- rows
local tests = {}

-- The page in a folder of its own: status, and what tools/page.lua printed.
local function run(page)
  local dir <const> = assert(sys.tempdir())
  local status, out = sys.capture { PROGRAM, sys.absolute(places.TESTS .. "lua/tools/page.lua"),
    sys.absolute(page), stdin = "/dev/null", dir = dir }
  sys.run { "rm", "-r", dir }
  return status, out
end

function tests.every_row_of_the_page_runs()
  local status, out = run(places.ROOT .. "lua/README.md")
  lu.assertEquals(status, 0, out)
  local rows, programs = out:match "(%d+) rows, (%d+) programs, 0 failures"
  lu.assertTrue(tonumber(rows) >= LEAST, out)
  lu.assertEquals(tonumber(programs), 2)
end

-- What the test of the page would say of a wrong one.
function tests.wrong_rows_are_told()
  local dir = assert(sys.tempdir())
  assert(sys.write_file(dir .. "/page.md", [[
```lua
ms = require "moonstem"
x = ms.tensor { 1, 2, 3 }
```
| PyTorch | Moonstem |
|---|---|
| `x.sum()` | `x:sum() -- 6` |
| `x.sum()` | `x:sum() -- 7` |
| `x.none()` | `x:none()` |
| nothing | none |
| `x[9]` | `x[9] -- raises "position 9"` |
| `x[2]` | `x[2] -- raises "position 2"` |
| `x[1] = 5` | `x[1] = 5; x -- {5, 2, 3}` |
]]))
  local status, out = run(dir .. "/page.md")
  sys.run { "rm", "-r", dir }
  lu.assertEquals(status, 1)
  lu.assertStrContains(out, "line 8: | `x.sum()` | `x:sum() -- 7` |\n  value 1 is 6.0\n")
  lu.assertStrContains(out, "`x:none()`")
  lu.assertStrContains(out, "`x[2] -- raises")
  lu.assertStrContains(out, "6 rows, 0 programs, 3 failures")
end

return tests
