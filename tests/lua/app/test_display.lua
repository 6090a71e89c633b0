--- How values look where they are shown, and where shown things go.
local lu = require "luaunit"
local ms = require "moonstem"
local shown = require "shown"

local tests = {}

function tests.values_without_pictures_are_text()
  lu.assertEquals(ms.display.bundle { 1, "two" }, { ["text/plain"] = '{1, "two"}' })
  lu.assertEquals(ms.display.bundle(0 / 0), { ["text/plain"] = "nan" })
end

function tests.objects_say_how_they_look()
  local value = setmetatable({}, { __display = function() return { ["text/html"] = "<b>3</b>" } end,
    __tostring = function() return "three" end })
  lu.assertEquals(ms.display.bundle(value),
    { ["text/html"] = "<b>3</b>", ["text/plain"] = "three" })
end

function tests.a_sink_gets_what_is_shown()
  local value = {}
  local list = shown(function() ms.show(value) end)
  lu.assertEquals(#list, 1)
  lu.assertIs(list[1], value)
end

-- ---- as text --------------------------------------------------------------------------------
local function text(value) return require "moonstem.display.text".text(value) end

function tests.whole_numbers_are_exact()
  lu.assertEquals(text(2.0 ^ 53), "9007199254740992")
  lu.assertEquals(text(-(2.0 ^ 53) + 1), "-9007199254740991")
  lu.assertEquals(text(1e15), "1000000000000000")
  lu.assertEquals({ text(2.0 ^ 60), text(0.1), text(0.0), text(1 / 0), text(2.5e15) },
    { "1.152922e+18", "0.1", "0", "inf", "2500000000000000" })
  lu.assertEquals(text { -(0 / 0), 2.0 ^ 31 }, "{nan, 2147483648}")
end

-- Labels of rows are as wide as the longest, so that columns stand below each other.
function tests.rows_of_tensors_are_aligned()
  local lines = {}
  for line in tostring(ms.ones { 120, 2 }):gmatch "\n([^\n]*)" do lines[#lines + 1] = line end
  lu.assertEquals(lines, { "  [1,:]            1          1", "  [2,:]            1          1",
    "  [3,:]            1          1", "  ...", "  [120,:]          1          1" })
  local one = tostring(ms.ones { 2, 10, 1 }):gmatch "\n([^\n]*)"
  lu.assertEquals({ one(), #one() }, { "  [1,1,:]           1", 21 })
end

function tests.nested_values_do_not_flood()
  local list = {}
  for i = 1, 100 do
    list[i] = { name = ("n"):rep(60) .. i, values = { ("v"):rep(60), ("w"):rep(60) } }
  end
  local told = text(list)
  lu.assertTrue(select(2, told:gsub("\n", "")) < 80)
  lu.assertStrContains(told, "... 9")
end

function tests.libraries_are_summaries()
  local values = require "moonstem.app.values"
  local told = values.text(ms.display)
  lu.assertEquals(told, "ms.display: 5 names, ?ms.display tells more\n"
    .. "  bundle play show sink sound")
  lu.assertEquals(values.text { ms.display }, "{library of 5 names}")
  lu.assertStrMatches(values.text(ms), "ms: %d+ names, %?ms tells more\n.* tensor .*")
  lu.assertNotStrContains(values.text(ms), "fail_allocation")
end

function tests.objects_are_told_in_a_line()
  lu.assertEquals(text(ms.figure.of { 1, 2 }),
    "figure of 720 x 420 pixels: a curve, from 1 to 2")
  lu.assertEquals(text(ms.display.sound(ms.zeros { 8000, 2 }, { rate = 8000 })),
    "sound: 1 s at 8000 Hz, 2 channels, peak 0")
end

return tests
