--- The helpers of the prompt: who, time, bench, save_session, edit, show, play.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local type_text = require "typed"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

local function typed(text, env) return type_text(dir, text, env) end

function tests.who_lists_what_was_made()
  lu.assertEquals(typed "who()\n", "no variables yet\n")
  local out = typed [[
    x = ms.zeros{100, 25}
    net = ms.nn.linear{in_features = 3, out_features = 2}
    list, name, n = {1, 2, a = 3}, "café", 5;
    function f(a, b) end
    who()
  ]]
  lu.assertEquals(out, [[
f     function  (a, b)  prompt:1
list  table     3 entries
n     number    5
name  string    5 bytes
net   layer     linear  weight 3x2, bias 2
x     tensor    100x25                      9.8 KiB
9.8 KiB of numbers in all
]])
  lu.assertStrMatches(typed "u = ms.models.unet{widths = {2}}\nwho()\n",
    "u  module  unet: [^\n]* %d%.%d KiB\n.*")
  lu.assertStrContains(select(2, typed "who(5)\n"), "who: takes no arguments")
end

function tests.times()
  lu.assertStrMatches(typed "x = time(function(a) return a + 1 end, 5)\nx\n",
    "[%d.e+-]+ [mun]?s\n6\n")
  lu.assertStrMatches(typed "time '1 + 1'\n", "[%d.e+-]+ [mun]?s\n2\n")
  lu.assertStrMatches(typed "n = 0\nbench(function() n = n + 1 end)\nn > 100\n",
    "[%d.e+-]+ [mun]?s a call: the median of 7 rounds of %d+, [^\n]* to [^\n]*\n.*true\n")
  for _, call in ipairs { "time(5)", "time()", "bench{}" } do
    lu.assertStrContains(select(2, typed(call .. "\n")), "a function is expected")
  end
  lu.assertStrContains(select(2, typed "time '1 +'\n"), "time: ")
end

-- The script gives what the session gave.
function tests.sessions_are_saved()
  local path = dir .. "/session.lua"
  local text = [[
local x = 20
x + 2
none.field
x;
for i = 1, 2 do
  print(i) -- a remark
end
x, x + 1 -- two
who()
?ms.io
_ + 5
{a = x}
]]
  local out = typed(text .. ("save_session %q\n"):format(path))
  lu.assertStrContains(out, "\ntrue\n")
  local status, again = sys.capture { PROGRAM, path }
  lu.assertEquals({ status, again }, { 0, "22\n1\n2\n20\n25\n{a = 20}\n" })
  local script = sys.read_file(path)
  lu.assertStrMatches(script,
    "%-%- Typed at the prompt of moonstem.*\n%-%-%%%%\nlocal x = 20\n\n.*")
  lu.assertNotStrContains(script, "none.field")
  lu.assertStrContains(script, "--%%\nfor i = 1, 2 do\n  print(i) -- a remark\nend\n")
  out = typed(("save_session %q\n"):format(path))
  lu.assertStrContains(out, "is there already; save_session(file, {over = true}) replaces it")
  lu.assertStrContains(typed(("save_session('%s', {over = true})\n"):format(path)), "true")
  lu.assertStrContains(typed "save_session '/none/x.lua'\n", "nil\n")
  lu.assertStrContains(select(2, typed "save_session()\n"), "the name of a file is expected")
end

-- The editor is a script here that changes what it is given.
function tests.edited_texts_run()
  local env = { EDITOR = dir .. "/editor", VISUAL = false }
  assert(sys.write_file(env.EDITOR, "#!/bin/sh\nsed -i 's/2/3/; s/nothing/something/' \"$1\"\n"))
  assert(sys.run { "chmod", "+x", env.EDITOR } == 0)
  lu.assertEquals(typed("function f() return 2 end\nx = 1;\nedit(f)\nf()\n", env),
    "function f() return 3 end\n3\n")
  lu.assertEquals(typed("2 + 2\nedit()\n", env), "4\n3 + 2\n5\n")
  lu.assertEquals(typed("g = function() return 2 end\nedit 'g'\ng()\n", env),
    "g = function() return 3 end\n3\n")
  assert(sys.write_file(dir .. "/file.lua", "nothing\n"))
  lu.assertEquals(typed(("edit '%s/file.lua'\n"):format(dir), env), "true\n")
  lu.assertEquals(sys.read_file(dir .. "/file.lua"), "something\n")
  lu.assertStrContains(select(2, typed("edit(5)\n", env)), "edit: a function, its name or a file")
  lu.assertStrContains(typed("edit()\n", { VISUAL = "false" }), "the editor false ended with 1")
end

function tests.a_script_keeps_its_own_names()
  assert(sys.write_file(dir .. "/script.lua", "who = 'mine'"))
  local status, out = sys.capture { "sh", "-c", ("echo who | %s -i %s/script.lua"):format(PROGRAM,
    dir) }
  lu.assertEquals({ status, out }, { 0, '"mine"\n' })
end

function tests.showing_and_playing()
  lu.assertEquals(typed "show(5)\n", "5\n")
  lu.assertStrContains(select(2, typed "play()\n"), "play: a wave")
  lu.assertStrContains(select(2, typed "plot()\n"), "plot: ")
  lu.assertStrContains(typed "?play\n", "ms.play(x, {rate=, title=})")
end

return tests
