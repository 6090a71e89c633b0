--- What is typed, as functions: statements of a text, values of the last one, complaints.
local lu = require "luaunit"
local statement = require "moonstem.app.statement"

local tests = {}

-- What a text returns when it runs.
local function values(text)
  local chunk, silent = statement.compile(text)
  lu.assertIsFunction(chunk, text)
  return { chunk() }, silent
end

function tests.teardown() _G.q, _G.r, _G._ = nil, nil, nil end

function tests.expressions_and_statements()
  lu.assertEquals(values "1 + 1, 'a'", { 2, "a" })
  lu.assertEquals(values "q = 5", {})
  lu.assertEquals(values "local q = 6", {})
  lu.assertEquals(_G.q, 6)
  lu.assertEquals(values "-- nothing", {})
end

-- A cell of a notebook: its last expression counts, its locals stay.
function tests.several_statements()
  lu.assertEquals(values "local q = 1\n\n-- a remark\nq + 1", { 2 })
  lu.assertEquals(_G.q, 1)
  lu.assertEquals(values "q = 3\nq\nfunction r()\n  return q\nend\nr()\n\n-- end", { 3 })
  lu.assertEquals(values "q = ('a')\n  :rep(2)\n  :upper()\nq\n  .. 'b'", { "AAb" })
  lu.assertEquals(values "for i = 1, 2 do\n  q = i\nend", {})
  local _, why = pcall(values, "q = 1\n\nq = nil + 1\nq")
  lu.assertStrContains(why, "prompt:3: attempt to perform arithmetic")
end

function tests.semicolons_silence()
  for text, wanted in pairs { ["1;"] = true, ["1 ; -- why"] = true, ["q = 1\nq;"] = true,
    ["1"] = false, ["';'"] = false, ["q = ';' -- ;x"] = false } do
    lu.assertEquals(select(2, values(text)), wanted, text)
  end
end

function tests.what_goes_on_and_what_is_wrong()
  for _, text in ipairs { "for i = 1, 2 do", "q = {", "q = 1\nf(", "(1 +", "q = [[a", "'a\\",
    "--[[ a remark", "function r()\n  q = 1" } do
    lu.assertEquals({ statement.compile(text) }, { nil, "more" }, text)
  end
  lu.assertEquals({ statement.compile "1 +* 2" }, { nil, "unexpected symbol near '*'" })
  lu.assertEquals({ statement.compile "q = 1\nx y" }, { nil, "line 2: syntax error near 'y'" })
end

function tests.copied_prompts_are_dropped()
  local strip = statement.without_prompts
  lu.assertEquals(strip "    > x = 1\n    > x + 1\n    2\n    > for i = 1, 2 do\n    >>   f()\n\z
    >> end", "x = 1\nx + 1\nfor i = 1, 2 do\n  f()\nend")
  lu.assertEquals(strip "a = b\n  > c", "a = b\n  > c")
end

function tests.places_of_errors()
  local ok, why = pcall((statement.compile "none.x"))
  lu.assertEquals({ ok, why }, { false, "prompt:1: attempt to index a nil value (global 'none')" })
  lu.assertEquals(values "1 -- )", { 1 })
end

-- Joined, the pieces are the text.
function tests.pieces()
  local function pieces(text)
    local list, more = statement.pieces(text)
    lu.assertEquals(table.concat(list, "\n"), text)
    return list, more
  end
  lu.assertEquals({ pieces "a = 1\n\nfor i = 1, 2 do\n  f()\nend\n?ms.io\nb" },
    { { "a = 1", "", "for i = 1, 2 do\n  f()\nend", "?ms.io", "b" }, false })
  lu.assertEquals({ pieces "b\na = {" }, { { "b", "a = {" }, true })
  lu.assertEquals({ statement.pieces("1}\nb", "a = {") }, { { "a = {\n1}", "b" }, false })
end

return tests
