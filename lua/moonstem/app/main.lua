--- The program's Lua side: script, code, subcommand or prompt. Returns a function of the
-- command line (0: the program's name) that returns the exit status:
-- see moonstem.sys.status.
local commands = require "moonstem.app.commands"
local failure = require "moonstem.app.failure"
local exit = require "moonstem.sys.status"
local sys = require "moonstem.core.sys"

local USAGE = [[
moonstem: deep learning for music research, in Lua

  moonstem                     prompt
  moonstem FILE.lua [args]     run a script
  moonstem -e CODE [args]      run a piece of Lua, and show the value of an expression
  moonstem -i FILE.lua [args]  run a script, then prompt
  moonstem COMMAND ...         one of the commands below (COMMAND --help tells more)
  moonstem --version

Exit status: 0 finished; 1 failed; 2 a command line that makes no sense; 75 run it again (a
scheduler asked it to stop by SIGUSR1, or another process uses the folder); 130 Ctrl-C; 143
SIGTERM. Work that was stopped by a signal is saved, and the same command goes on from there.

Scripts and code have the library as the global `ms`. With MOONSTEM_FRAMES=all in the environment,
errors show places inside the library, too.
]]

local function say(...)
  io.stderr:write("moonstem: ", ...)
  io.stderr:write "\n"
end

--- Runs f(...); prints what goes wrong. The exit status, and what f returned.
local function guarded(f, ...)
  local result = table.pack(xpcall(f, failure.handler, ...))
  if result[1] then
    local stopped = sys.signal() ~= "USR1" and exit.stopped() -- USR1 is no failure
    return stopped or exit.FINISHED, table.unpack(result, 2, result.n)
  end
  local status = exit.stopped()
  if status then
    io.stderr:write "\n"
    say "interrupted"
    return status
  end
  say(tostring(result[2]))
  return 1
end

-- Runs a script. What it returns is run where it can be, as an experiment can; show: other values
-- are printed.
local function run_chunk(chunk, args, show)
  local results = table.pack(guarded(chunk, table.unpack(args)))
  local status, value = results[1], results[2]
  local run = type(value) == "table" and rawget(debug.getmetatable(value) or {}, "__run")
  if status == 0 and run then
    local answer
    status, answer = guarded(run, value, args)
    if status == 0 and math.type(answer) == "integer" then status = answer end
  elseif show then
    for i = 2, results.n do print(require "moonstem.app.values".text(results[i])) end
  end
  return status
end

-- The arguments behind place `first`, as the script's global `arg` and its `...`.
local function rest(args, first)
  local list = table.move(args, first + 1, #args, 1, {})
  list[0] = args[first]
  _G.arg = list
  return list
end

local function help()
  commands.leave_current_folder()
  io.write(USAGE, "\ncommands\n")
  for _, name in ipairs(commands.names()) do
    local command = commands.load(name)
    io.write(("  %-12s %s\n"):format(name, command and command.summary or "(cannot be loaded)"))
  end
  return 0
end

-- For the shells' completion: what may stand in place of the last of these words.
local function complete(args)
  commands.leave_current_folder()
  for _, word in ipairs(require "moonstem.app.shell_words".of(rest(args, 1))) do print(word) end
  return 0
end

local function version()
  print(("moonstem %s, %s"):format(sys.version, _VERSION))
  return 0
end

local function run_code(args)
  if not args[2] then say "-e needs a piece of Lua behind it" return 2 end
  local code = args[2]:gsub("^%s*return%f[%s({%[\"'#-]", "")
  local chunk, why = require "moonstem.app.statement".expression(code, "=code")
  if not chunk then chunk, why = load(args[2], "=code", "t") end
  if not chunk then say(why) return 1 end
  _G.ms = require "moonstem"
  return run_chunk(chunk, rest(args, 2), true)
end

local function load_script(path)
  if path == "-" then return load(io.read "a", "=stdin", "t") end
  return loadfile(path, "t")
end

local function run_script(args, first)
  local path = args[first or 1]
  if path ~= "-" and not sys.exists(path) then
    local folder = path:match "^(.*)/[^/]*$" or "."
    local near = require "moonstem.core.words".nearest(path:match "[^/]*$", sys.list(folder) or {})
    say("there is no file ", path, near and ("; did you mean %s?"):format(near) or "")
    return 2
  end
  local chunk, why = load_script(path)
  if not chunk then say(require "moonstem.app.places".shorten(why)) return 1 end
  _G.ms = require "moonstem"
  return run_chunk(chunk, rest(args, first or 1))
end

local function prompt()
  return require "moonstem.app.prompt".run()
end

local function script_then_prompt(args)
  if not args[2] then say "-i needs a script behind it" return 2 end
  local status = run_script(args, 2)
  return math.max(status, prompt())
end

-- What to do about a name that is neither a command nor an option: the nearest one, and else.
local function advice(name, known)
  local near = require "moonstem.core.words".nearest(name, known)
  if near then return ("did you mean %s?"):format(near) end
  if sys.exists(name) then
    return ("a script without the ending .lua is called as ./%s"):format(name)
  end
  return "moonstem --help lists what there is"
end

local function no_option(args)
  local known = { "--help", "--version" }
  say(("there is no option %s; %s"):format(args[1], advice(args[1], known)))
  return 2
end

local function run_command(args)
  commands.leave_current_folder()
  local name = args[1]
  if not commands.exists(name) then
    say(("there is no command %s; %s"):format(name ~= "" and name or "''",
      advice(name, commands.names())))
    return 2
  end
  local status, answer = guarded(function(list)
    return assert(commands.load(name)).run(list)
  end, rest(args, 1))
  return status == 0 and math.type(answer) == "integer" and answer or status
end

local options = {
  ["--help"] = help, ["-h"] = help, ["--version"] = version, ["-v"] = version,
  ["-e"] = run_code, ["-i"] = script_then_prompt, ["-"] = run_script,
  ["--complete"] = complete,
}

local function choose(args)
  local first = args[1]
  if not first then return prompt end
  if options[first] then return options[first] end
  if first:find "%.lua$" or first:find "/" then return run_script end
  if first:find "^%-" then return no_option end
  return run_command
end

return function(args)
  io.stdout:setvbuf "line" -- a log shows what has happened, not what is still in a buffer
  return choose(args)(args)
end
