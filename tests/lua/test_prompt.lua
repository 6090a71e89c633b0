--- The program from outside: scripts, subcommands, the prompt without and with a terminal, help.
local lu = require "luaunit"
local ms = require "moonstem"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local tests = {}
local dir

function tests.setup() dir = assert(sys.tempdir()) end

function tests.teardown() sys.run { "rm", "-r", dir } end

-- Runs the program; status, standard output, standard error.
local function program(...)
  local status, out = sys.capture { PROGRAM, stdin = "/dev/null", stderr = dir .. "/err", ... }
  return status, out, sys.read_file(dir .. "/err")
end

local function script(text, ...)
  assert(sys.write_file(dir .. "/script.lua", text))
  return program(dir .. "/script.lua", ...)
end

-- ---- the command line -----------------------------------------------------------------------------

function tests.version_and_help()
  local status, out = program "--version"
  lu.assertEquals(status, 0)
  lu.assertStrMatches(out, "moonstem [%d.]+, Lua 5.4\n")
  status, out = program "--help"
  lu.assertEquals(status, 0)
  for _, part in ipairs { "FILE.lua", "-e CODE", "  data ", "  runs " } do lu.assertStrContains(out, part) end
end

function tests.code_and_scripts_with_arguments()
  lu.assertEquals({ program("-e", "print(..., arg[2], ms.zeros{2}:size(1))", "a b", "c") }, { 0, "a b\tc\t2\n", "" })
  lu.assertEquals({ script("print(#arg, arg[0]:match '[^/]*$', ...)", "x", "") }, { 0, "2\tscript.lua\tx\t\n", "" })
end

function tests.errors_tell_place_and_way()
  local status, out, err = script [[
local ms = require "moonstem"
local function inner() ms.zeros{2, 3}:reshape{5} end
local function outer() inner() end
outer()]]
  lu.assertEquals({ status, out }, { 1, "" })
  lu.assertStrContains(err, "script.lua:2: reshape: 2x3 does not hold")
  lu.assertStrContains(err, "script.lua:3 in outer")
  status, out, err = script "x = = 1"
  lu.assertEquals({ status, out }, { 1, "" })
  lu.assertStrContains(err, "script.lua:1: unexpected symbol")
  status, out, err = script "error('plain', 0)"
  lu.assertEquals({ status, out }, { 1, "" })
  lu.assertStrContains(err, "script.lua:1: plain")
  lu.assertEquals(script "error({})", 1)
  lu.assertEquals(script "error()", 1)
  lu.assertEquals(script "error(setmetatable({}, { __tostring = function() error 'no' end }))", 1)
  lu.assertEquals(script "local function f() return f() + 1 end f()", 1)
end

function tests.bytecode_is_refused()
  local code = string.dump(function() return 1 end)
  local status, _, err = script(code)
  lu.assertEquals(status, 1)
  lu.assertStrContains(err, "attempt to load a binary chunk")
end

function tests.wrong_command_lines()
  local status, _, err = program "dta"
  lu.assertEquals(status, 2)
  lu.assertEquals(err, "moonstem: there is no command or file dta; did you mean data?\n")
  assert(sys.write_file(dir .. "/train.lua", ""))
  status, _, err = program(dir .. "/trian.lua")
  lu.assertEquals(status, 2)
  lu.assertStrContains(err, "trian.lua; did you mean train.lua?")
  status, _, err = program "-e"
  lu.assertEquals({ status, err }, { 2, "moonstem: -e needs a piece of Lua behind it\n" })
  status, _, err = program("runs", "--plto", "x")
  lu.assertEquals(status, 2)
  lu.assertStrContains(err, "--plot")
  status, _, err = program("runs", dir .. "/none")
  lu.assertEquals(status, 1)
  lu.assertStrContains(err, "there is no folder")
  lu.assertEquals(program("data", "show", dir .. "/none"), 1)
end

function tests.what_a_script_returns_may_be_run()
  local status, out = script [[
    return setmetatable({}, { __run = function(self, args) print("runs", args[1]) return 7 end })]]
  lu.assertEquals({ status, out }, { 7, "runs\tnil\n" })
end

function tests.help_by_name()
  local status, out = program("help", "ms.sys.run")
  lu.assertEquals(status, 0)
  lu.assertStrContains(out, "Runs a program without a shell")
  local err
  status, out, err = program("help", "ms.sys.rnu")
  lu.assertEquals({ status, out }, { 1, "" })
  lu.assertStrContains(err, "did you mean ms.sys.run?")
end

-- ---- the prompt without a terminal ------------------------------------------------------------------

local function typed(text)
  assert(sys.write_file(dir .. "/typed", text))
  local status, out = sys.capture { PROGRAM, stdin = dir .. "/typed", stderr = dir .. "/err" }
  lu.assertEquals(status, 0)
  return out
end

function tests.values_are_shown()
  lu.assertEquals(typed "1 + 1\n2 ^ 0.5\n'text'\nnil\ntrue, 5\n", '2\n1.414214\n"text"\nnil\ntrue\n5\n')
  lu.assertEquals(typed "= 7\n_ + 1\n", "7\n8\n")
  lu.assertEquals(typed "x = 5\n-- a remark\n\nx\n", "5\n")
  lu.assertEquals(typed "{1, 2, {a = 1, ['b c'] = {}}}\n", '{1, 2, {a = 1, ["b c"] = {}}}\n')
  lu.assertStrContains(typed "ms.zeros{2, 3}\n", "tensor 2x3   min 0")
  lu.assertEquals(typed "ms.io.null, print\n", "null\nfunction\n")
  lu.assertStrContains(typed "ms.io.load_npy '/none'\n", "nil\n\"cannot open /none")
end

function tests.locals_outlive_their_line()
  lu.assertEquals(typed "local x = 5\nx\nlocal a, b = 1, 2\na + b\nlocal function f() return 9 end\nf()\n", "5\n3\n9\n")
  lu.assertEquals(typed "local y <const> = 5\ny\n", "nil\n")
end

function tests.statements_of_several_lines()
  lu.assertEquals(typed "for i = 1, 2 do\n  print(i)\nend\nfunction f(\na) return a end\nf(3)\n", "1\n2\n3\n")
  lu.assertEquals(typed "x = [[a\nb]]\nx\n", '"a\\nb"\n')
  lu.assertEquals(typed "{1,\n2}\n(1 +\n2)\n'a' ..\n'b'\n", '{1, 2}\n3\n"ab"\n')
  lu.assertStrContains(typed "for i = 1, 2 do\n", "the input ended inside a statement")
end

function tests.errors_do_not_end_it()
  local out = typed "1 +* 2\nnone.field\nerror{}\nerror('x', 0)\n7\n"
  lu.assertStrContains(out, "unexpected symbol near '*'")
  lu.assertStrContains(out, "attempt to index a nil value (global 'none')")
  lu.assertStrContains(out, "7\n")
end

function tests.large_values_do_not_flood()
  local out = typed "t = {} for i = 1, 100000 do t[i] = {i} end\nt\nc = {} c.c = c\nc\n('x'):rep(1000000)\n"
  lu.assertTrue(#out < 5000)
  lu.assertStrContains(out, "... 99976 more")
  lu.assertStrContains(out, "(itself)")
  lu.assertStrContains(out, "(1000000 bytes)")
  out = typed "d = {} for i = 1, 300 do d = {d} end\nd\nu = {} for i = 1, 1000 do u['k' .. i] = ('x'):rep(10000) end\nu\n"
  lu.assertTrue(#out < 15000)
end

function tests.question_marks_show_help()
  lu.assertStrContains(typed "?ms.io.png\n", "PNG bytes")
  lu.assertStrContains(typed "? relu\n", "max(x, 0)")
  lu.assertStrContains(typed "?ms.sys\n", "  ms.sys.run{")
  lu.assertStrContains(typed "?\n", "Ctrl-D")
  lu.assertStrContains(typed "?ms.sys.lokc\n", "did you mean ms.sys.lock?")
end

-- ---- help and completion as functions ----------------------------------------------------------------

function tests.everything_of_io_and_sys_has_help()
  local help = require "moonstem.help"
  for library, name in pairs { io = ms.io, sys = ms.sys, figure = ms.figure } do
    for key, value in pairs(name) do
      if type(value) == "function" then
        local whole = "ms." .. library .. "." .. key
        local text = help.of(whole)
        lu.assertIsString(text, whole)
      end
    end
  end
end

function tests.completion()
  local words = require "moonstem.completion".words
  _G.ms, _G.completed = ms, ms.zeros { 1 }
  lu.assertEquals(words "ms.io.load_s", { "ms.io.load_safetensors" })
  lu.assertEquals(words "whi", { "while" })
  lu.assertEquals(words "completed:relu", { "completed:relu" })
  lu.assertEquals(words "complet", { "completed" })
  _G.ms, _G.completed = nil, nil
  lu.assertEquals(words "ms.none.x", {})
  lu.assertEquals(words ".x", {})
  lu.assertEquals(words "none:x", {})
end

-- ---- the prompt on a terminal -------------------------------------------------------------------------

local Terminal = {}
Terminal.__index = Terminal

-- script(1) gives the program a terminal; a pipe with a name lets us type when it is ready.
local function terminal()
  local pipe = dir .. "/keys"
  lu.skipIf(sys.capture { "sh", "-c", "command -v script" } ~= 0, "script is not installed")
  assert(sys.run { "mkfifo", pipe } == 0)
  local keys = assert(io.open(pipe, "r+"))
  -- exec: a shell that stayed in between would end as interrupted when the program only took note.
  local child = assert(sys.spawn { "script", "-qec", "exec " .. PROGRAM, "/dev/null", stdin = pipe, stdout = dir .. "/screen",
    env = { HOME = dir, SHELL = "/bin/sh", XDG_STATE_HOME = false, TERM = "dumb" } })
  return setmetatable({ keys = keys, child = child, seen = 1 }, Terminal)
end

function Terminal:type(text)
  self.keys:write(text)
  self.keys:flush()
end

-- Waits until the text appears behind what was awaited before.
function Terminal:await(text)
  local last = sys.clock() + 30
  while sys.clock() < last do
    local _, stop = (sys.read_file(dir .. "/screen") or ""):find(text, self.seen, true)
    if stop then
      self.seen = stop + 1
      return
    end
    sys.sleep(0.02)
  end
  self.child:kill "KILL"
  lu.fail(("%q did not appear in %q"):format(text, sys.read_file(dir .. "/screen"):sub(self.seen)))
end

function Terminal:finish()
  self:type "\4"
  local status = self.child:wait(20)
  self.keys:close()
  return status
end

function tests.a_session_on_a_terminal()
  local t = terminal()
  t:await "Ctrl-D ends"
  t:await "> "
  t:type "ms.io.load_safe\t\n"
  t:await "load_safetensors"
  t:await "function"
  t:type "while true do busy = 1 end\n"
  t:await "end\r\n"
  sys.sleep(0.2)
  t:type "\3"
  t:await "interrupted"
  t:type "1 + "
  t:await "1 + "
  t:type "\3"
  t:await "> "
  t:type "20 + 3\n"
  t:await "23"
  t:type "for i = 1, 2 do\n"
  t:await ">> "
  t:type "\3"
  t:await "> "
  t:type "busy + 30\n"
  t:await "31"
  lu.assertEquals(t:finish(), 0)
  local history = sys.read_file(dir .. "/.local/state/moonstem/history")
  lu.assertStrContains(history, "while true do busy = 1 end\n20 + 3\n")
end

return tests
