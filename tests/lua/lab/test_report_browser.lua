--- A report in a browser: headless Chromium at 390 and 1280 pixels, light and dark
-- (tests/browser/page.py).
local lu = require "luaunit"
local ms = require "moonstem"
local made = require "report_runs"
local places = require "places"
local tools = require "data_tools"

local T = {}

local folder, root = tools.folders(T)

local function need(command, package)
  lu.skipIf(ms.sys.run { "sh", "-c", command, stdout = "/dev/null", stderr = "/dev/null" } ~= 0,
    package .. " is not installed")
end

-- What the browser finds on a page: a record for each width and colour scheme.
local function looked_at(page)
  need("command -v chromedriver", "chromium-driver")
  need("/usr/bin/python3 -c 'import selenium'", "python3-selenium")
  local status, text = ms.sys.capture { "timeout", "-k", "5", "240", "/usr/bin/python3",
    places.ROOT .. "tests/browser/page.py", page, stderr = root() .. "/err" }
  lu.assertEquals(status, 0, ms.sys.read_file(root() .. "/err"))
  return assert(ms.io.json_decode(text))
end

local function check_sight(record)
  lu.assertEquals(record.page_width, record.width)
  lu.assertEquals(record.overflow, {})
  lu.assertEquals(record.log, {})
  lu.assertTrue(record.contrast[1] >= 4.5, ("contrast %.2f of %s"):format(record.contrast[1],
    record.contrast[2]))
  local red = tonumber(record.background:match "%d+")
  lu.assertTrue(red < 60 == record.dark and red > 200 == not record.dark, record.background)
end

local function check_sound(record)
  lu.assertEquals(#record.durations, 3)
  for _, seconds in ipairs(record.durations) do lu.assertAlmostEquals(seconds, 4, 0.2) end
end

-- The charts of four runs: two taggers together, then each run by itself.
local function check_charts(record)
  lu.assertEquals(#record.charts, 6)
  for _, chart in ipairs(record.charts) do
    lu.assertStrMatches(chart.hover, "step %d0\n.*%d.*")
    lu.assertStrMatches(chart.key, "step %d0\n.*%d.*")
    lu.assertEquals(chart.escape, "")
  end
  local together
  for _, chart in ipairs(record.charts) do
    together = together or chart.key:find "tail/1" and chart.key
  end
  local step = math.tointeger(tonumber(together:match "step (%d+)"))
  lu.assertStrContains(together, ("tail/1: %.5g"):format(6 / step)) -- as report_runs has them
  lu.assertStrContains(together, ("<joint>/1: %.5g"):format(6 / step))
end

function T.a_report_looks_right_and_shows_its_numbers()
  local dir = folder()
  made.separator(dir .. "/vocals", { name = "vocals" })
  made.tagger(dir .. "/tail/1", { name = "tail/1" })
  made.tagger(dir .. "/<joint>/1", { name = "<joint>/1", good = 9 })
  made.genres(dir .. "/genres", { name = "genres" })
  local records = looked_at(assert(ms.report.of_run(dir)))
  lu.assertEquals(#records, 4)
  for _, record in ipairs(records) do
    check_sight(record)
    check_sound(record)
    check_charts(record)
  end
end

return T
