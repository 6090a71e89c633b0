--- The program from outside: scripts, subcommands, the prompt without and with a terminal, help.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local open_terminal = require "terminal"
local type_text = require "typed"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

-- Runs the program; status, standard output, standard error.
local function program(...)
  local status, out = sys.capture { PROGRAM, stdin = "/dev/null", stderr = dir .. "/err", ... }
  return status, out, sys.read_file(dir .. "/err")
end

local function script(text, ...)
  assert(sys.write_file(dir .. "/script.lua", text))
  return program(dir .. "/script.lua", ...)
end

-- ---- the command line -----------------------------------------------------------------------

function tests.version_and_help()
  local status, out = program "--version"
  lu.assertEquals(status, 0)
  lu.assertStrMatches(out, "moonstem [%d.]+, Lua 5.4\n")
  status, out = program "--help"
  lu.assertEquals(status, 0)
  for _, part in ipairs { "FILE.lua", "-e CODE", "  data ", "  runs " } do
    lu.assertStrContains(out, part)
  end
end

function tests.code_and_scripts_with_arguments()
  lu.assertEquals({ program("-e", "print(..., arg[2], ms.zeros{2}:size(1))", "a b", "c") },
    { 0, "a b\tc\t2\n", "" })
  lu.assertEquals({ script("print(#arg, arg[0]:match '[^/]*$', ...)", "x", "") },
    { 0, "2\tscript.lua\tx\t\n", "" })
  lu.assertEquals({ script "local here = require 'moonstem' print(ms == here)" },
    { 0, "true\n", "" })
  lu.assertEquals({ program("-i", dir .. "/script.lua") }, { 0, "true\n", "" })
end

function tests.code_is_named_where_a_layer_refuses_it()
  local _, _, err = program("-e", "ms.nn.conv2d { kernl = 3 }")
  lu.assertEquals(err, "moonstem: code:1: conv2d: there is no option kernl; did you mean kernel?\n")
end

function tests.names_that_are_no_command_and_no_option()
  local function said(...)
    local status, out, err = program(...)
    lu.assertEquals({ status, out }, { 2, "" })
    return err
  end
  lu.assertEquals(said "--verison",
    "moonstem: there is no option --verison; did you mean --version?\n")
  lu.assertEquals(said "-x",
    "moonstem: there is no option -x; moonstem --help lists what there is\n")
  lu.assertEquals(said "zzzzzz",
    "moonstem: there is no command zzzzzz; moonstem --help lists what there is\n")
  lu.assertStrMatches(said("tag", "a.wav", "--top", "-1"),
    "moonstem tag: %-%-top: a whole number, 1 or more, is expected, got '%-1'\n.*")
end

function tests.code_that_returns_a_call_is_named_in_errors()
  lu.assertEquals(select(3, program("-e", "return ms.nn.linear(3)")),
    "moonstem: code:1: linear: options are a table, got 3; linear{in_features =, out_features =}\n")
end

function tests.code_shows_the_value_of_an_expression()
  lu.assertEquals({ program("-e", "1+1") }, { 0, "2\n", "" })
  lu.assertEquals({ program("-e", "return 1+1, 'a'") }, { 0, '2\n"a"\n', "" })
  lu.assertEquals({ program("-e", "x = 5 print(x)") }, { 0, "5\n", "" })
  lu.assertStrContains(select(2, program("-e", "ms.zeros{2, 3}")), "tensor 2x3   min 0")
  lu.assertStrContains(select(3, program("-e", "1 + + ")), "unexpected symbol")
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
  lu.assertEquals(script "error()", 1)
  lu.assertEquals(script "error(setmetatable({}, { __tostring = function() error 'no' end }))", 1)
  lu.assertEquals(script "local function f() return f() + 1 end f()", 1)
end

-- Whatever is thrown: one sentence.
function tests.odd_errors_are_one_sentence()
  local function told(code)
    return (select(3, script(code)):gsub("^moonstem: [^:]*script.lua:1: ", ""))
  end
  lu.assertEquals(told "error({1, 2})", "the error is a table: {1, 2}\n")
  lu.assertEquals(told "error(nil)", "an error without a message (nil)\n")
  lu.assertEquals(told "error(print)", "the error is a function: function print\n")
  lu.assertEquals(told "coroutine.wrap(function() none.x = 1 end)()",
    "attempt to index a nil value (global 'none')\n")
  lu.assertEquals(told "assert(coroutine.resume(coroutine.create(function() error 'inside' end)))",
    "inside\n")
  lu.assertStrMatches(told "local function f() return f() + 1 end f()", "stack overflow[^\n]*\n")
  lu.assertEquals(told "error(setmetatable({}, {__metatable = 5}))", "the error is a table: {}\n")
  lu.assertEquals(told "string.rep('x', 1 << 40)", "resulting string too large\n")
  lu.assertTrue(#told "error(('x'):rep(50000))" < 2500)
end

-- Places inside the library are no use to a user, who asks for them where they are.
function tests.errors_tell_the_users_own_places()
  local code = [[
local u = ms.models.unet { widths = { 2 } }
local function mine(x) return u(x) + 1 end
mine(ms.zeros { 1, 3, 4 })]]
  local status, _, err = script(code)
  lu.assertEquals(status, 1)
  lu.assertStrMatches(err,
    "moonstem: [^\n]*script.lua:2: unet: time and[^\n]*\n  at [^\n]*script.lua:2 in [^\n]*\n"
    .. "  at [^\n]*script.lua:3\n")
  sys.run { PROGRAM, dir .. "/script.lua", stderr = dir .. "/err",
    env = { MOONSTEM_FRAMES = "all" } }
  lu.assertStrContains(sys.read_file(dir .. "/err"), "at moonstem/net/module.lua:")
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
  lu.assertEquals(err, "moonstem: there is no command dta; did you mean data?\n")
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
  status, out = program "help"
  lu.assertEquals(status, 0)
  lu.assertStrContains(out, "  ms.sys ")
  lu.assertStrMatches(out, "(.*\n)  [%w ]*%f[%w]opt%f[%W][%w ]* x\n")
  lu.assertTrue(select(2, out:gsub("\n", "")) < 40)
  local err
  status, out, err = program("help", "ms.sys.rnu")
  lu.assertEquals({ status, out }, { 1, "" })
  lu.assertStrContains(err, "did you mean ms.sys.run?")
end

-- ---- the prompt without a terminal ----------------------------------------------------------

local function typed(text) return type_text(dir, text) end

-- True alone says nothing of a call that gives true where nothing went wrong.
function tests.calls_that_only_succeed_show_nothing()
  lu.assertEquals(typed(("ms.sys.mkdir '%s/new'\n"):format(dir)), "")
  lu.assertEquals(typed(("ms.sys.is_dir '%s'\n"):format(dir)), "true\n")
  lu.assertEquals(typed "true\n", "true\n")
end

local function complaint(text)
  local out, complaints = typed(text)
  lu.assertEquals(out, "")
  return complaints
end

function tests.values_are_shown()
  lu.assertEquals(typed "1 + 1\n2 ^ 0.5\n'text'\nnil\ntrue, 5\n",
    '2\n1.414214\n"text"\nnil\ntrue\n5\n')
  lu.assertEquals(typed "= 7\n_ + 1\n", "7\n8\n")
  lu.assertEquals(typed "x = 5\n-- a remark\n\nx\n", "5\n")
  lu.assertEquals(typed "{1, 2, {a = 1, ['b c'] = {}}}\n", '{1, 2, {a = 1, ["b c"] = {}}}\n')
  lu.assertStrContains(typed "ms.zeros{2, 3}\n", "tensor 2x3   min 0")
  lu.assertEquals(typed "ms.io.null, print\n", "null\nfunction print\n")
  lu.assertStrContains(typed "ms.io.load_npy '/none'\n", "nil\n\"cannot open /none")
  lu.assertEquals(typed "0/0\nms.tensor(-(0/0))\n", "nan\nnan\n")
  lu.assertStrContains(typed "-ms.tensor{0/0, 0/0, 0/0}:abs()\n",
    "[:]        nan        nan        nan")
end

-- Texts of several lines are meant to be read: summaries, reports, refusals.
function tests.texts_are_shown_as_text()
  lu.assertEquals(typed "'a\\nb \"c\"'\nnil, 'first\\nsecond'\n", 'a\nb "c"\nnil\nfirst\nsecond\n')
  lu.assertEquals(typed "{'a\\nb'}\n'a\\tb'\n", '{"a\\nb"}\n"a\\9b"\n')
  lu.assertEquals(typed "'a\\n\\27[2J\\r\\nb'\n", "a\n\\27[2J\nb\n")
  lu.assertEquals(typed "'\\xff\\n'\n", '"\\xff\\n"\n' and typed "'\\xff\\n'\n")
  local summary = typed "u = ms.models.unet{}\nu:summary()\n"
  lu.assertStrContains(summary, "\nunet.final.mask ")
  lu.assertNotStrContains(summary, "\\n")
  lu.assertStrContains(typed "('a line\\n'):rep(200)\n", ("a line\n"):rep(200))
  lu.assertStrContains(typed "nil, ('why '):rep(300)\n", ("why "):rep(300))
end

function tests.functions_tell_where_they_are()
  lu.assertEquals(typed "function f(a, b, ...) end\nf\n{f}\n",
    "function f(a, b, ...)  prompt:1\n{function(a, b, ...)}\n")
  lu.assertStrMatches(typed "ms.report.text\n",
    "function ms.report.text%(t%)  moonstem/report/init.lua:%d+\n")
  lu.assertEquals(typed "ms.io.png\nstring.rep\n",
    "function ms.io.png(pixels, width, height, channels)\nfunction string.rep\n")
end

-- Whatever a value's metatable does when it is asked.
function tests.odd_values_are_shown()
  lu.assertEquals(typed [[
    setmetatable({1}, {__metatable = 5})
    setmetatable({1}, {__metatable = false, __pairs = error, __len = error, __index = error})
    setmetatable({}, {__tostring = function() error "no" end})
    setmetatable({}, {__name = 5})
  ]], "{1}\n{1}\ntable\n{}\n")
end

function tests.objects_are_told_in_a_line()
  local out = typed [[
    ms.optim.adam({ms.ones{3}:needs_grad()}, {lr = 0.5})
    ms.sys.lock(os.tmpname())
    o = {name = "e", data = {}, model = print, train = {}, vary = {width = {1, 2}, seed = {1, 2}}}
    o.score = {"roc_auc"}
    ms.lab.experiment(o)
    ms.lab.runs "/none"
  ]]
  lu.assertEquals(out, "adam: 1 parameter, lr 0.5, 0 steps\nlock\n"
    .. "experiment e: 4 runs over width, seed, scored by roc_auc, in runs/e\nno runs\n")
end

function tests.locals_outlive_their_line()
  lu.assertEquals(
    typed "local x = 5\nx\nlocal a, b = 1, 2\na + b\nlocal function f() return 9 end\nf()\n",
    "5\n3\n9\n")
  lu.assertEquals(typed "local y <const> = 5\ny\n",
    "nil\nthere is no variable of that name\n")
end

function tests.statements_of_several_lines()
  lu.assertEquals(typed "for i = 1, 2 do\n  print(i)\nend\nfunction f(\na) return a end\nf(3)\n",
    "1\n2\n3\n")
  lu.assertEquals(typed "x = [[a\nb]]\n#x\n", "3\n")
  lu.assertEquals(typed "{1,\n2}\n(1 +\n2)\n'a' ..\n'b'\n", '{1, 2}\n3\n"ab"\n')
  lu.assertEquals(typed "x = 'a\\\nb'\n#x\nx = 'a\\z\n  b'\n#x\n", "3\n2\n")
  lu.assertEquals(typed "do\nprint\n'x'\nend\nprint(1,\n2)\n", "x\n1\t2\n")
  lu.assertEquals(complaint "for i = 1, 2 do\n", "the input ended inside a statement\n")
end

-- What cannot go on is an error at once, with the words that it is about.
function tests.what_is_finished_is_not_waited_for()
  lu.assertEquals(complaint "print \"abc\n", "unfinished string near 'abc'\n")
  lu.assertEquals(complaint "x = 'abc\\\\\n", "unfinished string near 'abc\\\\'\n"
    and complaint "x = 'abc\\\\\n")
  local out, err = typed "a = 1; b\nprint 'next'\n"
  lu.assertEquals({ out, err }, { "next\n", "syntax error near 'b'\n" })
  out, err = typed "print(1); x.y -- remark\n2\n"
  lu.assertEquals({ out, err }, { "2\n", "syntax error near 'x.y'\n" })
end

function tests.words_that_end_it_or_help()
  lu.assertEquals(typed "1\nexit\n2\n", "1\n")
  lu.assertEquals(typed "1\nquit()\n2\n", "1\n")
  lu.assertEquals(typed "exit = 5\nexit\n", "5\n")
  lu.assertStrContains(typed "help\n", "Ctrl-D")
  lu.assertStrContains(typed "help()\n", "Ctrl-D")
  lu.assertStrContains(typed "help(ms.io.png)\n", "PNG bytes")
  lu.assertStrContains(typed "help(ms.zeros{1}.relu)\n", "max(x, 0)")
  lu.assertStrContains(typed "help 'ms.lab.load'\n", "best checkpoint")
  lu.assertStrContains(typed "help(ms.report)\n", "ms.report.compare_tags")
  lu.assertStrContains(typed "help(5)\n", "there is no help on 5")
end

function tests.semicolons_silence()
  lu.assertEquals(typed "5;\n_\nx = 1; y = 2\nx, y;\nx, y\n", "5\n1\n2\n")
end

function tests.missing_modules_are_one_sentence()
  lu.assertEquals(complaint "require 'numpy'\n", "prompt:1: module 'numpy' not found: "
    .. "no file of that name is on package.path or package.cpath\n")
end

function tests.misspelt_names_are_told()
  lu.assertStrContains(complaint "prnt(5)\n", "(global 'prnt'); did you mean print?")
  lu.assertStrContains(complaint "math.sqrtt(5)\n", "did you mean math.sqrt?")
  lu.assertStrContains(complaint "('a'):uper()\n", "did you mean upper?")
  lu.assertStrContains(complaint "ms.zeros{2}:rehsape{2}\n", "did you mean x:reshape?")
  lu.assertEquals(typed "melody = 1\nmeldoy\nnothing\n", "nil\nthere is no variable of that name; "
    .. "did you mean melody?\nnil\nthere is no variable of that name\n")
end

function tests.errors_do_not_end_it()
  local out, err = typed "1 +* 2\nnone.field\nerror{}\nerror('x', 0)\n7\n"
  lu.assertStrContains(err, "unexpected symbol near '*'")
  lu.assertStrContains(err, "attempt to index a nil value (global 'none')")
  lu.assertEquals(out, "7\n")
end

function tests.large_values_do_not_flood()
  local out =
    typed "t = {} for i = 1, 100000 do t[i] = {i} end\nt\nc = {} c.c = c\nc\n('x'):rep(1000000)\n"
  lu.assertTrue(#out < 5000)
  lu.assertStrContains(out, "... 99976 more")
  lu.assertStrContains(out, "(itself)")
  lu.assertStrContains(out, "(1000000 bytes)")
  out = typed "d = {} for i = 1, 300 do d = {d} end\nd\nu = {} for i = 1, 1000 do u['k' .. i] = \z
    ('x'):rep(10000) end\nu\n"
  lu.assertTrue(#out < 15000)
end

function tests.question_marks_show_help()
  lu.assertStrContains(typed "?ms.io.png\n", "PNG bytes")
  lu.assertStrContains(typed "? relu\n", "max(x, 0)")
  lu.assertStrContains(typed "?ms.sys\n", "  ms.sys.run{")
  lu.assertStrContains(typed "?\n", "Ctrl-D")
  lu.assertStrContains(typed "?ms.sys.lokc\n", "did you mean ms.sys.lock?")
  lu.assertEquals(typed "?xyzzy\n",
    "there is no help on xyzzy; at the prompt ?ms lists the names of \z
    the library, and ??words searches the help\n")
end

-- Of one's own variables by what they are; of any words anywhere in the help.
function tests.questions_about_variables_and_words()
  lu.assertStrContains(typed "wave = ms.zeros{2}\n?wave:relu\n", "max(x, 0)")
  lu.assertStrContains(typed "net = ms.models.unet{}\n?net:summary\n", "m:summary([input])")
  lu.assertStrContains(typed "step = ms.nn.relu{}\n?step\n", "layer:kind()")
  lu.assertStrContains(typed "function mine(a) end\n?mine\n", "function mine(a)")
  lu.assertStrContains(typed "?time\n", "Prints how long the call takes")
  local out = typed "?? bands mel\n"
  lu.assertStrContains(out, "ms.audio.mel(")
  lu.assertTrue(out:find("ms.audio.mel(", 1, true) < out:find("ms.audio.onset_strength(", 1, true))
  lu.assertEquals(typed "??xyzzy\n", "nothing in the help has the words xyzzy\n")
end

-- ---- the prompt on a terminal ---------------------------------------------------------------

local function terminal(env) return open_terminal(dir, PROGRAM, env) end

-- Inside quotes, Tab completes the names of files: absolute ones, those below the home folder, with
-- spaces in them.
function tests.file_names_are_completed_in_quotes()
  assert(sys.mkdir(dir .. "/some music"))
  assert(sys.write_file(dir .. "/some music/a song-1.wav", ""))
  local path = dir .. "/some music/a song-1.wav"
  local t = terminal()
  t:await "> "
  for _, typed_path in ipairs { dir .. "/so\ta s\t", "~/so\ta s\t", "/proc/self/cwd/"
    .. ("../"):rep(20) .. dir .. "/so\ta s\t" } do
    t:type('ms.sys.exists("' .. typed_path .. ")\n")
    t:await "song-1.wav"
    t:await "true"
  end
  t:type("#'~/so\ta so\t\n")
  t:await(tostring(#path))
  t:type "ms.sys.exis\t'/pro\tvers\t\n"
  t:await "/proc/version'"
  t:await "true"
  lu.assertEquals(t:finish(), 0)
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
  t:type "a = ms.ones{1000, 1000}\n"
  t:await "1000}\r\n"
  -- only the product hears it
  t:type "coroutine.wrap(function() while true do b = a:matmul(a) end end)()\n"
  t:await "end)()\r\n"
  sys.sleep(0.2)
  t:type "\3"
  t:await "interrupted"
  t:type "a:matmul(a):sum():item() // 1e6\n"
  t:await "1000"
  t:type "1 + "
  t:await "1 + "
  t:type "\3"
  t:await "\n> "
  t:type "20 + 3\n"
  t:await "23"
  t:type "for i = 1, 2 do\n"
  t:await ">> "
  t:type "\3"
  t:await "\n> "
  t:type "busy + 30\n"
  t:await "31"
  lu.assertEquals(t:finish(), 0)
  local history = sys.read_file(dir .. "/.local/state/moonstem/history")
  lu.assertStrMatches(history,
    ".*\n#%d+\nwhile true do busy = 1 end\n#%d+\na = ms.ones{1000, 1000}\n.*")
end

-- Long calls of other libraries end, and what asks to stop by itself is stopped by the second one.
function tests.interrupts_keep_the_session()
  local t = terminal()
  t:await "> "
  t:type "x = ms.randn{5000, 5000} print(6 * 7)\n"
  t:await "42"
  for _, call in ipairs { "ms.linalg.svd(x)", "ms.linalg.eigh(x + x:t())",
    "ms.fft.rfft(ms.zeros{1 << 25}) ms.linalg.qr(x)" } do
    t:type(call .. "\n")
    t:await(call:sub(-9) .. "\r\n")
    sys.sleep(0.3)
    t:type "\3"
    t:await "interrupted"
  end
  t:type "while true do busy = ms.sys.interrupted() end\n"
  t:await "end\r\n"
  sys.sleep(0.2)
  t:type "\3"
  sys.sleep(0.2)
  t:type "\3"
  t:await "Ctrl-\\"
  t:await "interrupted"
  t:type "busy, x:size(1)\n"
  t:await "true"
  t:await "5000"
  lu.assertEquals(t:finish(), 0)
end

-- A training loop that was stopped goes on with the same model.
function tests.training_goes_on()
  local t = terminal()
  t:await "> "
  t:type "\27[200~m = ms.nn.linear{in_features = 4, out_features = 1}\n\z
    opt = ms.optim.sgd(m:parameters(), {lr = 0.1})\nx, n = ms.randn{32, 4}, 0\n\z
    function train(last)\n  while n < last do\n    loss = (m(x) - x:sum(2, {keep = true}))\n\z
    \tloss = loss:square():mean()\n    opt:zero() loss:backward() opt:step()\n    n = n + 1\n\z
      end\nend\27[201~\n"
  t:type "train(1e9)\n"
  t:await "train(1e9)\r\n"
  sys.sleep(0.3)
  t:type "\3"
  t:await "interrupted"
  t:type "before = n train(n + 200) print(n - before, loss:item() < 1e-3)\n"
  t:await "200\ttrue"
  lu.assertEquals(t:finish(), 0)
end

local TRAINING = [==[
  local big = ms.ones { 1500, 1500 }
  function train(dir, is_slow)
    ms.seed(1)
    model = model or ms.nn.sequential {
      ms.nn.linear { in_features = 3, out_features = 4, seed = 1 },
      ms.nn.batch_norm { channels = 4 } }
    local task = { steps_per_epoch = 4 }
    function task.batch(_, step) return nil, { step = step } end
    function task.validate() return { loss = 1 } end
    function task.loss(_, m, _, extra)
      local loss = m(ms.range(1, 24):reshape { 8, 3 } * (extra.step + 1)):square():mean()
      if is_slow and extra.step == 2 then
        print "in the middle of step 3"
        while true do local _ = big:matmul(big) end
      end
      return loss
    end
    return ms.train.run { model = model, task = task, out = dir, quiet = true, seed = 1,
      schedule = { phases = { { optimizer = "adam", lr = 1e-2, steps = 8 } }, keep = "last",
        validate_every = 4 } }
  end
  function numbers(dir)
    local parts = {}
    for name, value in pairs(assert(ms.io.load_safetensors(dir .. "/last.safetensors"))) do
      parts[#parts + 1] = name .. value:bytes()
    end
    table.sort(parts)
    return table.concat(parts)
  end
]==]

-- Ctrl-C in the middle of a step of ms.train.run, which has moved running statistics: the run goes
-- on with the same bits.
function tests.a_step_is_cut_off_and_made_again()
  assert(sys.write_file(dir .. "/training.lua", TRAINING))
  local t = terminal()
  t:await "> "
  t:type(("dofile %q\n"):format(dir .. "/training.lua"))
  t:type(("a, b = '%s/whole', '%s/cut'\ntrain(a).done\n"):format(dir, dir))
  t:await "true"
  t:type "model = nil train(b, true)\n"
  t:await "in the middle of step 3\r\n"
  t:type "\3"
  t:await "interrupted"
  t:type "train(b).steps, numbers(a) == numbers(b)\n"
  t:await "8\r\ntrue"
  lu.assertEquals(t:finish(), 0)
end

-- Of a pasted text each statement shows its value, up to the first mistake.
function tests.pasted_statements_end_at_a_mistake()
  local t = terminal()
  t:await "> "
  t:type "\27[200~p = 30\np + 3\n?ms.io.png\nnone.x\nprint('behind' .. ' it')\27[201~\n"
  t:await "33"
  t:await "PNG bytes"
  t:await "(global 'none')"
  t:type "p + 4\n"
  lu.assertNotStrContains(t:await "34", "behind it")
  lu.assertEquals(t:finish(), 0)
end

function tests.options_and_signatures_by_tab()
  local t = terminal()
  t:await "> "
  t:type "ms.nn.linear{in_f\t3, out_f\t1}:res\t\n"
  t:await "in_features = 3, out_features = 1}:reset"
  t:await "> "
  t:type "ms.audio.stft(\t"
  t:await "ms.audio.stft(wave) -> (..., frames, 257, 2)"
  t:await "> ms.audio.stft("
  t:type "\3"
  t:await "\n> "
  t:type "for i = 1, 2 do\n"
  t:await ">> "
  t:type "\tlocal inner = ms.randn{2}\n"
  t:await ">> "
  t:type "inner:sigmo\t\n"
  t:await "inner:sigmoid\r\n>> "
  t:type "\3"
  t:await "\n> "
  lu.assertEquals(t:finish(), 0)
end

-- Colours are there where the terminal has them and nobody minds.
function tests.colours()
  local red = "\27[31mprompt:1: ms.zerso: there is no such name; did you mean ms.zeros?\27[0m"
  for env, wanted in pairs { [{ TERM = "xterm" }] = true, [{ TERM = "dumb" }] = false,
    [{ TERM = "xterm", NO_COLOR = "1" }] = false } do
    local t = terminal(env)
    t:await "> "
    t:type "ms.zerso{1}\n"
    local text = t:await "ms.zeros?"
    t:type "?ms.io.png\n"
    text = text .. t:await "PNG bytes"
    lu.assertEquals(text:find(red:sub(1, 20), 1, true) ~= nil, wanted)
    lu.assertEquals(text:find("\27[1mms.io.png(", 1, true) ~= nil, wanted)
    lu.assertEquals(t:finish(), 0)
  end
end

-- What was pasted is one entry of the history, in the next session, too.
function tests.history_over_sessions()
  local t = terminal()
  t:await "> "
  t:type "\27[200~function f(a)\n\n  -- twice\n\treturn 2 * a\nend\27[201~\n"
  t:type "for i = 1, 2 do\n"
  t:await ">> "
  t:type "print 'loop' end\n"
  t:await "loop"
  t:type "20 + 2\n"
  t:await "22"
  lu.assertEquals(t:finish(), 0)
  t = terminal()
  t:await "> "
  t:type "\27[A\27[A\n" -- up, up: the loop as it was typed, all of it
  t:await "loop"
  t:type "\18return 2\r" -- Ctrl-R
  t:type "f(21)\n"
  t:await "42"
  lu.assertEquals(t:finish(), 0)
  local history = sys.read_file(dir .. "/.local/state/moonstem/history")
  local _, times = history:gsub("function f%(a%)\n\n  %-%- twice\n\treturn 2 %* a\nend\n", "")
  lu.assertEquals(times, 2)
end

-- A history of plain lines, as older versions wrote it.
function tests.old_histories_are_read()
  assert(sys.mkdir(dir .. "/.local/state/moonstem"))
  assert(sys.write_file(dir .. "/.local/state/moonstem/history", "30 + 3\nx = 1\n"))
  local t = terminal()
  t:await "> "
  t:type "\27[A\27[A\n"
  t:await "33"
  lu.assertEquals(t:finish(), 0)
end

return tests
