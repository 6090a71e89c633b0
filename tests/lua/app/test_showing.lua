--- Pictures in a terminal and sounds through a player, with programs in their place that tell how
-- they were called; and with the real chafa where it is installed.
local lu = require "luaunit"
local ms = require "moonstem"
local shown = require "shown"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"

local tests = {}
local dir

-- A program of the test's own: a shell script in a folder that comes first, or alone, on PATH.
local function fake(name, text)
  local path = dir .. "/bin/" .. name
  assert(sys.write_file(path, "#!/bin/sh\n" .. text .. "\n"))
  assert(sys.run { "chmod", "+x", path } == 0)
end

local function found(name)
  local status, path = sys.capture { "sh", "-c", "command -v " .. name }
  return status == 0 and path:match "%S+" or nil
end

-- Real programs beside the fake ones.
local function linked(...)
  for _, name in ipairs { ... } do
    if found(name) then sys.run { "ln", "-s", found(name), dir .. "/bin/" .. name } end
  end
end

function tests.setup()
  dir = assert(sys.tempdir())
  assert(sys.mkdir(dir .. "/bin"))
  assert(sys.mkdir(dir .. "/tmp"))
  linked("sh", "bash", "stty", "cat", "cp", "sleep", "rm")
end

function tests.teardown() sys.run { "rm", "-r", dir } end

local NOTHING = { MOONSTEM_PICTURES = false, NO_COLOR = false, COLORTERM = false, TMUX = false,
  TERM_PROGRAM = false, KITTY_WINDOW_ID = false, LANG = false, LC_ALL = false, LC_CTYPE = false }

local function environment(more)
  local all = { PATH = dir .. "/bin", TMPDIR = dir .. "/tmp" }
  for name, value in pairs(NOTHING) do all[name] = value end
  for name, value in pairs(more) do all[name] = value end
  return all
end

-- What a script prints on a terminal of 80 columns in such an environment; typed: what is typed
-- ahead.
local function on_terminal(text, env, typed)
  lu.skipIf(not found "script", "bsdutils is not installed")
  assert(sys.write_file(dir .. "/x.lua", text))
  local status, out = sys.capture { found "script", "-qec",
    ("%s %s"):format(PROGRAM, dir .. "/x.lua"), "/dev/null", stdin = typed or "/dev/null",
    env = environment(env) }
  lu.assertEquals(status, 0)
  return (out:gsub("\r", "")), sys.list(dir .. "/tmp")
end

local PICTURE = "ms.show(ms.tensor{{1, 2}, {3, 4}}, {title = 'four'})"

local function needs_rsvg()
  lu.skipIf(not found "rsvg-convert", "librsvg2-bin is not installed")
  linked "rsvg-convert"
end

-- ---- pictures -------------------------------------------------------------------------------
function tests.pictures_go_through_chafa()
  needs_rsvg()
  fake("chafa", 'echo "chafa $@"')
  local rows = {
    { { TERM = "xterm-kitty" }, "%-f kitty %-s 80x%d+ %-%-animate off " },
    { { TERM = "foot" }, "%-f sixels %-s 80x%d+ %-%-animate off " },
    { { TERM = "xterm", MOONSTEM_PICTURES = "sixel" }, "%-f sixels " },
    { { TERM = "linux" }, "%-f symbols .* %-c 16 %-%-symbols vhalf%+solid%+space " },
    { { TERM = "xterm-256color", MOONSTEM_PICTURES = "blocks" }, "%-f symbols .* %-c 256 " },
    { { TERM = "xterm", COLORTERM = "truecolor", MOONSTEM_PICTURES = "blocks" },
      "%-f symbols .* %-c full " },
  }
  for _, row in ipairs(rows) do
    local out = on_terminal(PICTURE, row[1])
    local path = out:match("^chafa " .. row[2] .. ".-(/[^\n]*%.png)\n")
    lu.assertNotNil(path, out)
    lu.assertEquals(sys.read_file(path):sub(1, 4), "\x89PNG")
    local told = row[2]:find "symbols" and "four: a heat map of 2 rows and 2 columns, from 1 to 4\n"
    lu.assertEquals(out:match "%.png\n(.*)$", told or "")
  end
end

-- A terminal that does not say what it can is asked, and one that is silent is not waited for.
function tests.silent_terminals_get_half_blocks()
  needs_rsvg()
  fake("chafa", 'echo "chafa $@"')
  lu.assertStrContains(on_terminal(PICTURE, { TERM = "xterm" }), "chafa -f symbols ")
  lu.assertStrContains(on_terminal(PICTURE, { TERM = "screen", TMUX = "x",
    KITTY_WINDOW_ID = "1" }), "chafa -f symbols ")
end

-- What is typed ahead is no answer, and stays for who reads it.
function tests.what_is_typed_ahead_is_not_lost()
  needs_rsvg()
  fake("chafa", 'echo "chafa $@"')
  assert(sys.write_file(dir .. "/typed", "first\nsecond\n"))
  local out = on_terminal("print(io.read 'l') " .. PICTURE .. " print(io.read 'l', 'read')",
    { TERM = "xterm" }, dir .. "/typed")
  lu.assertStrContains(out, "chafa -f symbols ")
  lu.assertStrContains(out, "second\tread\n")
end

function tests.the_real_chafa_draws_half_blocks()
  needs_rsvg()
  lu.skipIf(not found "chafa", "chafa is not installed")
  linked "chafa"
  local out = on_terminal(PICTURE, { TERM = "linux", LANG = "C.UTF-8" })
  lu.assertStrContains(out, "\u{2584}")
  lu.assertStrContains(out, "\27[")
end

function tests.a_missing_chafa_is_a_sentence()
  needs_rsvg()
  local out = on_terminal(PICTURE .. " print 'next'", { TERM = "xterm-kitty" })
  local path = out:match "\nsaved in (%S+%.png); pictures in the terminal need chafa %(Debian \z
    package chafa%)\nnext\n$"
  lu.assertNotNil(path, out)
  lu.assertEquals(sys.read_file(path):sub(1, 4), "\x89PNG")
end

function tests.a_missing_rsvg_is_a_sentence()
  fake("chafa", 'echo "chafa $@"')
  local out = on_terminal(PICTURE, { TERM = "xterm-kitty" })
  local path = out:match "\nsaved in (%S+%.svg); a PNG needs rsvg%-convert %(Debian package \z
    librsvg2%-bin%)"
  lu.assertNotNil(path, out)
  lu.assertStrContains(sys.read_file(path), "<svg ")
  lu.assertNotStrContains(out, "chafa")
end

function tests.a_chafa_that_fails_is_a_sentence()
  needs_rsvg()
  fake("chafa", "exit 3")
  lu.assertStrMatches(on_terminal(PICTURE, { TERM = "xterm-kitty" }),
    ".*\nsaved in %S+; chafa ended with status 3\n")
end

function tests.terminals_without_colours_get_a_file()
  needs_rsvg()
  fake("chafa", 'echo "chafa $@"')
  for _, env in ipairs { { TERM = "dumb" }, { TERM = "xterm", NO_COLOR = "1" },
    { TERM = "xterm", MOONSTEM_PICTURES = "none" } } do
    local out = on_terminal(PICTURE, env)
    lu.assertStrMatches(out, "figure of %d+ x %d+ pixels: four: a heat map.-\nsaved in %S+%.png\n")
  end
end

function tests.without_a_terminal_a_line_tells()
  assert(sys.write_file(dir .. "/x.lua", PICTURE .. " ms.show 'text' ms.show(ms.nn.relu {})"))
  local status, out = sys.capture { PROGRAM, dir .. "/x.lua",
    env = environment { TERM = "xterm-kitty" } }
  lu.assertEquals(status, 0)
  lu.assertEquals(out, 'figure of 720 x 240 pixels: four: a heat map of 2 rows and 2 columns, \z
    from 1 to 4; figure:save("NAME.png") keeps it\n"text"\nrelu\n')
  lu.assertEquals(sys.list(dir .. "/tmp"), {})
end

-- Curves are letters where there are no pixels: ticks, labels and a dot for each number.
function tests.curves_are_text_in_half_blocks()
  local out, files = on_terminal(
    "ms.show({loss = {4, 2, 1}}, {title = 'run', x_label = 'epoch', y_label = 'bits'})",
    { TERM = "linux", LANG = "C.UTF-8" })
  local plain = out:gsub("\27%[[%d;]*m", "")
  local lines = {}
  for line in plain:gmatch "[^\n]+" do
    lu.assertTrue(utf8.len(line) <= 80, line)
    lines[#lines + 1] = line
  end
  lu.assertEquals({ lines[1], lines[2], lines[3] }, { "run", "bits", "━ loss" })
  lu.assertStrMatches(lines[4], "4 ┤\226[\160-\163].*") -- the first dot at the top
  lu.assertStrMatches(lines[#lines - 3], "1 ┤ .*\226[\160-\163][\128-\191]")
  lu.assertStrMatches(lines[#lines - 1], " +1 +2 +3")
  lu.assertStrMatches(lines[#lines], " +epoch")
  lu.assertStrContains(out, "\27[38;5;")
  lu.assertEquals(files, {})
end

-- ---- where shown things go ------------------------------------------------------------------
function tests.sinks_get_figures_and_sounds()
  local model = ms.nn.relu {}
  local list = shown(function()
    ms.show(ms.ones { 3, 4 }, { title = "ones" })
    ms.show(ms.figure.of { 1, 2 })
    ms.show(model)
    lu.assertTrue(ms.play(ms.zeros { 100 }, { rate = 8000, title = "silence" }))
  end)
  lu.assertEquals(#list, 4)
  lu.assertEquals({ list[1].title, list[2].alt }, { "ones", "a curve, from 1 to 2" })
  lu.assertIs(list[3], model)
  lu.assertEquals(tostring(list[4]), "sound silence: 0.0125 s at 8000 Hz, 1 channel, peak 0")
  local ok, why = pcall(ms.show, list[1], { title = "again" })
  lu.assertFalse(ok)
  lu.assertStrContains(why, "show: takes no options")
end

-- ---- sounds ---------------------------------------------------------------------------------
-- A script without a terminal, with the fake programs alone on PATH.
local function run(text)
  assert(sys.write_file(dir .. "/x.lua", text))
  local status, out = sys.capture { PROGRAM, dir .. "/x.lua", stderr = dir .. "/err",
    env = environment {} }
  lu.assertEquals(status, 0)
  return out, sys.read_file(dir .. "/err")
end

local PLAY = "print(ms.play(ms.tensor{0, 0.5, -0.25}, {rate = 8000}))"

function tests.the_first_player_that_works_plays()
  local order = { "pw-play", "paplay", "aplay", "play", "ffplay" }
  for i = #order, 1, -1 do
    fake(order[i], ('echo %s "$@" > %s/called; for f; do cp "$f" %s/heard.wav; done 2>/dev/null')
      :format(order[i], dir, dir))
    lu.assertEquals({ run(PLAY) }, { "true\n", "" })
    local called = sys.read_file(dir .. "/called")
    lu.assertEquals(called:match "^%S+", order[i])
    lu.assertStrMatches(called, "[^\n]*/1%.wav\n")
  end
  local wave, rate = ms.audio.read(dir .. "/heard.wav")
  lu.assertEquals(rate, 8000)
  lu.assertAlmostEquals((wave - ms.tensor { 0, 0.5, -0.25 }):abs():amax():item(), 0, 1 / 32768)
  lu.assertEquals(sys.list(dir .. "/tmp/" .. sys.list(dir .. "/tmp")[1]), {}) -- nothing is left
end

function tests.players_that_fail_are_passed_over()
  fake("pw-play", "echo no daemon >&2; exit 1")
  fake("aplay", "exit 0")
  lu.assertEquals({ run(PLAY) }, { "true\n", "" })
  fake("aplay", "exit 4")
  local out = run(PLAY)
  lu.assertStrMatches(out, "nil\tnothing could play it %(pw%-play: no daemon; aplay: status 4%); \z
    the sound is in %S+%.wav\n")
  lu.assertNotNil(ms.audio.info(out:match "(/%S+%.wav)"))
end

function tests.no_player_is_a_sentence()
  lu.assertStrMatches(run(PLAY), "nil\tno player is installed: pw%-play %(Debian package \z
    pipewire%-bin%), .*ffplay %(Debian package ffmpeg%); the sound is in %S+%.wav\n")
end

function tests.loud_waves_are_turned_down_and_it_is_said()
  fake("aplay", ('cp "$2" %s/heard.wav'):format(dir))
  local out, err = run "print(ms.play(ms.tensor{{0, 2, -1, 0}, {0, 0, 1, 0}}, {rate = 8000}))"
  lu.assertEquals(out, "true\n")
  lu.assertEquals(err,
    "the sound peaks at 2, above full scale: it is played at 0.5 of its level\n")
  local wave = ms.audio.read(dir .. "/heard.wav", { mono = false })
  lu.assertAlmostEquals((wave - ms.tensor { { 0, 0 }, { 1, 0 }, { -.5, .5 }, { 0, 0 } })
    :abs():amax():item(), 0, 1e-4)
end

function tests.files_are_played_from_a_place_on()
  fake("aplay", ('cp "$2" %s/heard.wav'):format(dir))
  assert(ms.audio.write(dir .. "/song.wav", ms.range(0, 999) / 1000, 1000))
  run(("assert(ms.play('%s/song.wav', {from = 0.25, seconds = 0.5}))"):format(dir))
  local wave = ms.audio.read(dir .. "/heard.wav")
  lu.assertEquals(wave:size(1), 500)
  lu.assertAlmostEquals(wave[1], 0.25, 1e-4)
  local ok, why = ms.display.sound(dir .. "/song.wav", { from = 2 })
  lu.assertNil(ok)
  lu.assertStrContains(why, "2 s is beyond its length of 1 s")
end

-- An interrupt of the program alone ends the player, too.
function tests.an_interrupt_stops_the_player()
  fake("pw-play", ("echo $$ > %s/id; exec sleep 30"):format(dir))
  assert(sys.write_file(dir .. "/x.lua", PLAY))
  local process = assert(sys.spawn { PROGRAM, dir .. "/x.lua", stdout = "/dev/null",
    stderr = "/dev/null", env = environment {} })
  for _ = 1, 500 do
    if (sys.read_file(dir .. "/id") or ""):find "\n" then break end
    sys.sleep(0.01)
  end
  local id = sys.read_file(dir .. "/id"):match "%d+"
  sys.sleep(0.3) -- until the program waits for it
  assert(process:kill "INT")
  lu.assertEquals(process:wait(10), 130)
  local state -- one that nobody has waited for yet is a zombie
  for _ = 1, 200 do
    local file <close> = io.open("/proc/" .. id .. "/stat")
    state = file and file:read "l":match "%) (%a)" or "gone"
    if state == "gone" or state == "Z" then break end
    sys.sleep(0.01)
  end
  lu.assertTrue(state == "gone" or state == "Z", state)
end

function tests.mistakes_with_sounds()
  local function why(...) return tostring(select(2, pcall(ms.play, ...))) end
  lu.assertStrContains(why(ms.ones { 3 }), "play: the option rate is needed")
  lu.assertStrContains(why(ms.ones { 3 }, { rate = 1, from = 2 }), "there is no option from")
  lu.assertStrContains(why(ms.tensor { 0 / 0 }, { rate = 1000 }), "not finite")
  lu.assertStrContains(why(5), "a wave, the path of a file or a sound is expected, got 5")
  lu.assertStrContains(why(ms.ones { 100, 100 }, { rate = 1000 }), "must be (sample)")
  local none, missing = ms.play "/none.wav"
  lu.assertNil(none)
  lu.assertStrContains(missing, "/none.wav")
end

-- A page gets a player with the sound inside, without loss, and is told what was changed.
function tests.a_sound_in_a_page()
  local wave = ms.randn({ 4000 }, { seed = 3 }) * 0.1
  local bundle = ms.display.bundle(ms.display.sound(wave, { rate = 8000, title = "a<b" }))
  lu.assertStrMatches(bundle["text/html"], '<div>a&lt;b</div><audio controls preload="none" \z
    aria%-label="sound a&lt;b: 0%.5 s at 8000 Hz, 1 channel, peak [%d.]+" \z
    src="data:audio/flac;base64,[%w+/]+=*"></audio>')
  lu.assertEquals(bundle.alt, bundle["text/plain"])
  local loud = ms.display.bundle(ms.display.sound(ms.tensor { 0, 2 }, { rate = 8000 }))
  lu.assertStrContains(loud["text/html"],
    "<small>turned down from a peak of 2 to full scale</small>")
  local long = ms.display.bundle(ms.display.sound(ms.zeros { 61000 }, { rate = 1000 }))
  lu.assertStrContains(long["text/html"], "<small>the first 60 s of 61 s</small>")
end

return tests
