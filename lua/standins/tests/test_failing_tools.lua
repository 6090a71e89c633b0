--- Programs that fail once, or always, while a corpus is rendered: a seed means one corpus all the
-- same, or is refused.
local lu = require "luaunit"
local data_tools = require "data_tools"
local mixing = require "standins.sound.mixing"
local ms = require "moonstem"
local rng = require "standins.rng"
local speech = require "standins.sound.speech"
local tools = require "standins.tools"
local waves = require "standins.sound.waves"

local T = {}

local folder, root = data_tools.folders(T)

-- How a program fails: what a script does in its place. "$0.real" is the program itself.
local FAULTS = {
  ends = "exit 1",
  killed = "kill -9 $$",
  ["no disk"] = [[trap '' XFSZ; ulimit -f 3; exec "$0.real" "$@"]],
  ["no memory"] = [[ulimit -v 20000; exec "$0.real" "$@"]],
}

-- A folder with a program of that name, which fails in its n-th call, or always (n = 0).
local function failing(program, fault, n)
  local dir = folder()
  local path, count = dir .. "/" .. program, dir .. "/count"
  data_tools.text(path, table.concat({ "#!/bin/sh", "echo >>" .. count,
    ("if [ %d = 0 ] || [ $(wc -l <%s) = %d ]; then"):format(n, count, n), fault, "fi",
    [[exec "$0.real" "$@"]], "" }, "\n"))
  local _, real = ms.sys.capture { "sh", "-c", "command -v " .. program }
  assert(ms.sys.run { "ln", "-s", real:match "[^\n]+", path .. ".real" } == 0)
  assert(ms.sys.run { "chmod", "+x", path } == 0)
  return dir, count
end

-- Renders one piece in a process of its own, which finds programs in `dir` first. Its exit status
-- and words.
local function render(kind, out, dir)
  local path = (dir and dir .. ":" or "") .. os.getenv "PATH"
  local words = root() .. "/words"
  local status = ms.sys.run { "/proc/self/exe", "data", "render", kind, "--out", out, "--count",
    "1", "--seconds", "3", "--seed", "4", "--quiet", env = { PATH = path }, stdout = words,
    stderr = words }
  return status, ms.sys.read_file(words)
end

-- Everything in a folder, as one text.
local function contents(dir, list)
  list = list or {}
  for _, name in ipairs(ms.sys.list(dir)) do
    local path = dir .. "/" .. name
    if ms.sys.is_dir(path) then contents(path, list)
    elseif not name:find "^lock" then list[#list + 1] = name .. " " .. ms.sys.read_file(path) end
  end
  return table.concat(list)
end

local function calls(count) return select(2, ms.sys.read_file(count):gsub("\n", "")) end

local wanted

-- What the corpus holds when all tools are as they are.
local function whole()
  local there, why = tools.check()
  lu.skipIf(not there, why)
  if wanted then return wanted end
  local out = folder()
  local status, words = render("songs", out)
  lu.assertEquals(status, 0, words)
  wanted = contents(out)
  return wanted
end

-- Renders while a program fails once, and compares.
local function assert_same(program, fault)
  local out = folder()
  local dir, count = failing(program, fault, 1)
  local status, words = render("songs", out, dir)
  lu.assertEquals(status, 0, program .. ": " .. words)
  lu.assertTrue(calls(count) > 1, program)
  lu.assertTrue(contents(out) == whole(), program .. " " .. fault)
end

function T.test_a_tool_that_fails_once_changes_nothing()
  whole()
  for _, case in ipairs { { "mma", "ends" }, { "mma", "no memory" }, { "fluidsynth", "killed" },
    { "fluidsynth", "no disk" }, { "festival", "ends" }, { "festival", "no disk" } } do
    assert_same(case[1], FAULTS[case[2]])
  end
end

function T.test_a_tool_that_always_fails_is_refused()
  whole()
  for _, name in ipairs { "killed", "no disk" } do
    local out = folder()
    local dir, count = failing("fluidsynth", FAULTS[name], 0)
    local status, words = render("songs", out, dir)
    lu.assertEquals(status, 1, name)
    lu.assertStrContains(words, "songs 00001 failed twice: fluidsynth ")
    lu.assertStrContains(words, "the same command goes on from here")
    lu.assertEquals(calls(count), 2, name)
  end
end

-- What mma says of a groove that there is none of is the piece's; said once it is not believed.
function T.test_what_mma_refuses_once_is_asked_again()
  whole()
  assert_same("mma", 'echo "Error: <Line 3> no such groove"; exit 1')
end

-- espeak-ng does not notice that a disk is full, so nothing of it goes there.
function T.test_speech_comes_through_a_pipe()
  local there, why = tools.check()
  lu.skipIf(not there, why)
  local speaker = { gender = "f", voice = "en+f1", speed = 150, pitch = 50 }
  local wave = assert(speech.talk(rng.new(1, "test"), speaker, 3 * 44100, root()))
  lu.assertTrue(mixing.rms(wave) > 1e-3)
  lu.assertFalse(ms.sys.exists(root() .. "/speech.wav"))
end

function T.test_a_wave_that_is_cut_short_is_none()
  local header = string.pack("<c4I4c4c4I4I2I2I4I4I2I2c4", "RIFF", 0, "WAVE", "fmt ", 16, 1, 1, 8000,
    16000, 2, 16, "data")
  for size, frames in pairs { [8] = 4, [0x7ffff000] = 4, [10] = false } do
    local wave = waves.decode(header .. string.pack("<I4", size) .. ("ab"):rep(4))
    lu.assertEquals(wave and wave:size(1) or false, frames, size)
  end
end

return T
