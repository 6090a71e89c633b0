--- Prints the manual page, from what the program says of itself:
--   moonstem packaging/man.lua >moonstem.1
local arguments = require "moonstem.app.arguments"
local commands = require "moonstem.app.commands"
local ms = require "moonstem"

local HEAD = [[
.TH MOONSTEM 1 "" "moonstem %s" "User Commands"
.SH NAME
moonstem \- deep learning for music research, in Lua
.SH SYNOPSIS
.B moonstem
.br
.B moonstem
.I FILE.lua
.RI [ arguments ]
.br
.B moonstem \-e
.I CODE
.RI [ arguments ]
.br
.B moonstem \-i
.I FILE.lua
.RI [ arguments ]
.br
.B moonstem
.I COMMAND
.RI [ arguments ]
.SH DESCRIPTION
Moonstem is a platform for research on music: tensors, automatic differentiation, layers,
optimizers and an audio front end in C, and networks, data sets, training and reports in Lua 5.4.
Without arguments it starts a prompt, where
.B ?name
shows help and Tab completes names.
A script, and the code behind
.BR \-e ,
have the library as the global
.BR ms ;
an experiment or recipe that a script returns is run.
.SH COMMANDS
]]

local TAIL = [[
.SH EXIT STATUS
0 if all went well, 1 after an error, 2 for a command line that makes no sense, 75 if the same
command is to be run again (SIGUSR1 asked a training to stop, which a scheduler sends before a job's
time is over, or another process works in the run's folder), 129 when its terminal was closed
(SIGHUP; not under nohup), 130 after Ctrl\-C, 143 after SIGTERM.
Whatever stops a training, its state is saved, and the same command goes on from there.
.SH ENVIRONMENT
.TP
.B MOONSTEM_CPU
the instruction set:
.BR portable ", " avx2 " or " avx512 ;
the best that the processor has if it is absent
.TP
.B MOONSTEM_FRAMES
.B all
makes errors show places inside the library, too
.TP
.B LUA_PATH
folders with modules, networks, data sets and commands of one's own
.TP
.B TMPDIR
where temporary files go
.SH FILES
.TP
.I ~/.local/state/moonstem/history
what was typed at the prompt; below
.B XDG_STATE_HOME
where that is set
.SH EXAMPLES
.TP
.B moonstem separate album/ \-\-model runs/NAME/separate/vocals \-\-out stems
takes the vocals out of an album's songs
.TP
.B moonstem data check manifest.csv \-\-duplicates
decodes every file of a collection and finds recordings that stand in it twice
.TP
.B moonstem help ms.audio.stft
shows the help on a function
]]

-- Text in which troff sees neither commands nor escapes.
local function plain(text)
  text = text:gsub("\\", "\\e"):gsub("%-", "\\-")
  return (("\n" .. text):gsub("\n([.'])", "\n\\&%1"):sub(2))
end

-- What stands behind an option's names: the words that it may be, or the name of its value.
local function value_of(element)
  if element._choices then return table.concat(element._choices, "|") end
  return element._argname
end

local function print_elements(list)
  for _, element in ipairs(list) do
    local name = table.concat(element._aliases or { element._name }, ", ")
    local value = value_of(element)
    if value then name = name .. " " .. value end
    print((".TP\n.B %s\n%s"):format(plain(name), plain(element._description or "")))
  end
end

local function print_command(name)
  local parser = arguments.parser_of(assert(commands.load(name)))
  print((".SS moonstem %s"):format(name))
  print(plain(parser._description))
  print_elements(parser._arguments)
  print_elements(parser._options)
end

io.write(HEAD:format(ms.version))
for _, name in ipairs(commands.names()) do print_command(name) end
io.write(TAIL)
