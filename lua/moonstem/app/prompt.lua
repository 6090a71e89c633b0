--- The prompt: reads statements and expressions, runs them, shows what they give.
-- Only Ctrl-D, exit, quit and os.exit() end it: errors are printed, Ctrl-C stops a statement. Where
-- the input is no terminal, errors go to standard error and make the exit status 1.
local completion = require "moonstem.app.completion"
local failure = require "moonstem.app.failure"
local history = require "moonstem.app.history"
local statement = require "moonstem.app.statement"
local sys = require "moonstem.core.sys"
local values = require "moonstem.app.values"

local M = {}

local FIRST, MORE = "> ", ">> "
local SLOW = 0.1 -- seconds from which on the time is told

local WELCOME = [[
moonstem %s   ?name shows help, Tab completes, Ctrl-D ends]]

local HELP = [[
Type an expression to see its value, or any Lua statement. The library is `ms`:
  x = ms.randn{2, 3, 4}      a tensor            x:relu():mean()     its methods
  ?ms.audio.stft             help on a name      ?ms.audio           all names below it
  help(f)                    help on a function  f                   where it comes from
  _                          the last value      Tab                 completes names
`local` in front of a variable is dropped, so that it lives longer than its line.
Ctrl-C stops a running statement, also inside a long operation; Ctrl-D, exit or quit ends.]]

-- ---- input ----------------------------------------------------------------------------------

-- Completion in a line that goes on with the lines in `self.before`.
local function completer(self)
  return function(line, cursor)
    local list, from = completion.at(self.before .. line, #self.before + cursor)
    return list, from - #self.before
  end
end

-- Reads lines with editing, history and completion.
-- read(prompt) returns a line, false after Ctrl-C, nil at the end.
local function terminal_input(self)
  local readline = require "moonstem.core.readline"
  local path = history.path()
  for _, text in ipairs(history.load(path)) do readline.remember(text) end
  readline.complete_by(completer(self))
  self.read, self.attempt = readline.read, readline.attempt
  self.remember = function(text)
    if text:find "%S" and readline.remember(text) then history.add(path, text) end
  end
end

local function plain_input(self)
  self.read, self.attempt = function() return io.read "l" end, xpcall
  self.remember = function() end
end

-- "exit" and "quit" are words that end it, unless the script has a use for them.
local function ends(text)
  local word = text:match "^%s*(%a+)%s*%(?%s*%)?%s*;?%s*$"
  return (word == "exit" or word == "quit") and rawget(_G, word) == nil
end

-- What is typed next: a list of whole statements, several where a text was pasted. nil at the end
-- of the input, false after Ctrl-C; the last statement is unfinished where the input ended in it.
local function statements(self)
  self.before = ""
  local text = self.read(FIRST)
  if not text or ends(text) then return text and nil end
  local list, more = statement.pieces(text)
  while more do
    self.before = table.concat(list, "\n") .. "\n"
    text = self.read(MORE)
    if not text then break end
    local rest
    rest, more = statement.pieces(text, table.remove(list))
    table.move(rest, 1, #rest, #list + 1, list)
  end
  self.remember(table.concat(list, "\n"))
  return text ~= false and list
end

--- Prints the help on a name; without one, how the prompt is used.
function M.help(name)
  if name == "" then print(HELP) return end
  local text, why = require "moonstem.app.help".of((name:gsub("%s*[%({].*$", "")))
  print(text or why)
end

-- help, help(f), help "ms.audio.stft": a value that shows how the prompt is used, and a function.
local helper = setmetatable({}, {
  __tostring = function() return HELP end,
  __call = function(_, ...)
    if select("#", ...) == 0 then print(HELP) return end
    local text, why = require "moonstem.app.help".on((...))
    print(text or why)
  end,
})

-- ---- running --------------------------------------------------------------------------------

local function time_text(seconds)
  if seconds < 1 then return ("%.0f ms"):format(seconds * 1000) end
  if seconds < 120 then return ("%.1f s"):format(seconds) end
  return ("%d min %d s"):format(seconds // 60, seconds % 60)
end

local function show_results(results, seconds, silent)
  local timed = false
  for i = 1, silent and 0 or results.n do
    local text = values.text(results[i])
    timed = i == results.n and seconds >= SLOW and not text:find "\n"
    print(timed and ("%-60s [%s]"):format(text, time_text(seconds)) or text)
  end
  if not timed and seconds >= SLOW then print(("%60s [%s]"):format("", time_text(seconds))) end
end

-- Errors belong to the conversation on a terminal, and beside the output where there is none.
local function complain(self, text)
  self.failed = true
  if self.terminal then print(text) else io.stderr:write(text, "\n") end
end

-- Runs a function and shows what it returns; whether that went well.
local function run(self, chunk, silent)
  sys.clear_interrupt()
  local ok, thrown = self.attempt(function()
    local start = sys.clock()
    local results = table.pack(chunk())
    if results.n > 0 then _G._ = results[1] end
    show_results(results, sys.clock() - start, silent)
  end, failure.handler)
  local stopped = sys.signal()
  sys.clear_interrupt()
  if not ok then complain(self, stopped and "interrupted" or tostring(thrown)) end
  return ok and not stopped
end

-- One statement; whether it went well.
local function take(self, text)
  if statement.is_empty(text) then return true end
  if statement.is_question(text) then
    M.help(text:match "^%s*%?%s*(.-)%s*$")
    return true
  end
  local chunk, silent = statement.compile(text)
  if chunk then return run(self, chunk, silent) end
  complain(self, silent == "more" and "the input ended inside a statement" or silent)
  return false
end

-- One round: of a pasted text, what comes behind a mistake is left alone. False when the input has
-- ended.
local function round(self)
  local list = statements(self)
  if list == nil then return false end
  for _, text in ipairs(list or {}) do
    if not take(self, text) then break end
  end
  return true
end

--- Runs the prompt until the input ends; returns the exit status.
-- On a terminal with line editing, history and completion; else it reads plain lines.
function M.run()
  local terminal = sys.isatty "stdin" and sys.isatty "stdout"
  _G.ms = _G.ms or require "moonstem"
  _G.help = _G.help or helper
  local self = { terminal = terminal, before = "" }
  local input = terminal and terminal_input or plain_input
  input(self)
  if terminal then print(WELCOME:format(sys.version)) end
  while true do
    local ok, more = pcall(round, self)
    if sys.signal() == "TERM" then return 143 end
    if ok and not more then break end
    if not ok then complain(self, tostring(more)) end
  end
  if terminal then print() end
  return self.failed and not terminal and 1 or 0
end

return M
