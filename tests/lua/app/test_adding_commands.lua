--- A command of one's own is one file: the program runs it, lists it and hints at it from there.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"

local T = {}

local _, root = tools.folders(T)
local PROGRAM = ms.sys.absolute "/proc/self/exe"

local COMMAND = [[
--- moonstem peak: the largest magnitude of an audio file.
local arguments = require "moonstem.app.arguments"
local audio = require "moonstem.audio"

local M = { summary = "print the largest magnitude of an audio file" }

function M.run(args)
  local parser = arguments.parser("peak", "Prints the largest magnitude of an audio file.")
  parser:argument("file", "WAV, FLAC, OGG, MP3, ...")
  local given, status = arguments.parse(parser, args)
  if not given then return status end
  local wave, why = audio.read(given.file)
  if not wave then return arguments.fail(why) end
  print((wave:abs():max()))
  return 0
end

return M
]]

-- Status, standard output and standard error of the program, with that file on its path.
local function program(...)
  local folder = root() .. "/moonstem/app/commands"
  tools.text(folder .. "/peak.lua", COMMAND)
  local status, out = ms.sys.capture { PROGRAM, stdin = "/dev/null", stderr = root() .. "/err",
    env = { LUA_PATH = root() .. "/?.lua;;" }, ... }
  return status, out, ms.sys.read_file(root() .. "/err")
end

function T.test_the_program_runs_it_and_passes_its_exit_status_on()
  local path = root() .. "/a.wav"
  tools.write(path, ms.tensor { 0, -0.5, 0.25 })
  lu.assertEquals({ program("peak", path) }, { 0, "0.5\n", "" })
  local status, out, err = program("peak", root() .. "/none.wav")
  lu.assertEquals({ status, out }, { 1, "" })
  lu.assertStrContains(err, "none.wav")
  lu.assertEquals(program "peak", 2)
end

function T.test_help_lists_it_among_the_others()
  local status, out = program "--help"
  lu.assertEquals(status, 0)
  lu.assertStrContains(out,
    "  peak         print the largest magnitude of an audio file\n  report ")
  status, out = program("peak", "--help")
  lu.assertEquals(status, 0)
  lu.assertStrContains(out, "Usage: moonstem peak [-h] <file>")
end

function T.test_a_slip_is_answered_with_its_name()
  local status, _, err = program "paek"
  lu.assertEquals(status, 2)
  lu.assertStrContains(err, "there is no command paek; did you mean peak?")
end

return T
