--- What shells complete behind `moonstem`, by the program and by bash with packaging/moonstem.bash.
local lu = require "luaunit"
local ms = require "moonstem"
local shell_words = require "moonstem.app.shell_words"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local ROOT = sys.absolute(debug.getinfo(1, "S").source:sub(2)):match "^(.*)/tests/lua/app/"
local tests = {}

local function has(list, word)
  for _, have in ipairs(list) do if have == word then return true end end
  return false
end

function tests.commands_options_and_choices()
  for _, name in ipairs { "data", "help", "separate", "--version", shell_words.FILES } do
    lu.assertTrue(has(shell_words.of { "" }, name), name)
  end
  lu.assertEquals(shell_words.of { "sepa" }, { "separate", shell_words.FILES })
  lu.assertEquals(shell_words.of { "data", "sh" }, { "show" })
  lu.assertEquals(shell_words.of { "data", "show", "DIR", "--ki" }, { "--kind" })
  lu.assertEquals(shell_words.of { "data", "show", "--kind", "mt" }, { "mtat" })
  lu.assertEquals(shell_words.of { "separate", "RUN", "a.wav", "--bits", "" },
    { "16", "24", "float" })
  lu.assertEquals(shell_words.of { "data", "render", "so" }, { "songs" })
end

function tests.files_stand_where_files_are_asked_for()
  lu.assertEquals(shell_words.of { "separate", "RUN", "" }, { shell_words.FILES })
  lu.assertEquals(shell_words.of { "data", "--kind", "mtat", "show", "" }, { shell_words.FILES })
  lu.assertEquals(shell_words.of { "script.lua", "--x" }, { shell_words.FILES })
end

function tests.help_completes_names_of_the_library()
  lu.assertTrue(has(shell_words.of { "help", "ms.audio.st" }, "ms.audio.stft"))
end

function tests.the_program_prints_them()
  local status, out = sys.capture { PROGRAM, "--complete", "data", "c", stdin = "/dev/null" }
  lu.assertEquals({ status, out }, { 0, "check\ncache\n" })
end

function tests.bash_offers_them()
  lu.skipIf(sys.capture { "sh", "-c", "command -v bash" } ~= 0, "bash is not installed")
  local script = [[
source "$1/packaging/moonstem.bash"
compopt() { :; }
COMP_WORDS=(moonstem data show --kind g) COMP_CWORD=4
_moonstem "$2"
echo "${COMPREPLY[*]}"
]]
  local _, out = sys.capture { "bash", "-c", script, "bash", ROOT, PROGRAM, stdin = "/dev/null" }
  lu.assertEquals(out, "gtzan\n")
end

return tests
