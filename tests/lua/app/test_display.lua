--- How values look where they are shown, and where shown things go.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

--- What ms.show handed to the sink while f ran.
local function shown(f)
  local list = {}
  local before = ms.display.sink(function(value) list[#list + 1] = value end)
  local ok, why = pcall(f)
  ms.display.sink(before)
  assert(ok, why)
  return list
end

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

return tests
