--- The prompt: reads statements and expressions, runs them, shows what they give.
-- Only Ctrl-D, exit, quit and os.exit() end it: errors are printed, Ctrl-C stops a statement. Where
-- the input is no terminal, errors go to standard error and make the exit status 1.
local completion = require "moonstem.app.completion"
local expression_of = require "moonstem.app.expression"
local failure = require "moonstem.app.failure"
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

local function history_path()
  local base = os.getenv "XDG_STATE_HOME"
  if not base or base == "" then
    local home = os.getenv "HOME"
    if not home or home == "" then return nil end
    base = home .. "/.local/state"
  end
  if not sys.mkdir(base .. "/moonstem") then return nil end
  return base .. "/moonstem/history"
end

-- A function of the prompt's text that returns a line, false after Ctrl-C, nil at the end.
local function terminal_reader()
  local readline = require "moonstem.core.readline"
  local path = history_path()
  if path then readline.load_history(path) end
  readline.complete_by(completion.words)
  return function(text)
    local line = readline.read(text)
    if line and line:match "%S" then readline.remember(line, path) end
    return line
  end
end

local function plain_reader()
  return function() return io.read "l" end
end

-- Gives lines one by one, also where a pasted text brought several at once.
local function line_by_line(read)
  local waiting = {}
  return function(text)
    if #waiting == 0 then
      local got = read(text)
      if not got then return got end
      for line in (got .. "\n"):gmatch "(.-)\n" do waiting[#waiting + 1] = line end
    end
    return table.remove(waiting, 1)
  end
end

-- ---- statements -----------------------------------------------------------------------------

-- `local x = 1` would be gone with its line; `local x <close> = ...` is left as it is.
local function outlive(text)
  return (text:gsub("^(%s*)local%s+(function%f[%W])", "%1%2")
    :gsub("^(%s*)local%s+([%a_][%w_%s,]*=)", "%1%2")
    :gsub("^(%s*)local%s+([%a_][%w_]*%s*)$", "%1%2 = nil"))
end

-- Of the two complaints, as an expression and as a statement, the one that got further.
local function complaint(text, expression, statement)
  local first = text:match "^%s*=?%s*([%a_][%w_]*)" or text:match "^%s*=?%s*([%d%.]+)"
    or text:match "^%s*(.)"
  local near = statement:match "near '(.*)'$"
  local why = near == first and expression or statement
  return (why:gsub("^prompt:1: ", ""):gsub("^prompt:", "line "))
end

-- Whether the text may go on in the next line. why: the complaint about it as a statement. A short
-- string cannot go on but behind a backslash, and where a call would end it (a value alone is no
-- statement) nothing is missing.
local function unfinished(text, why)
  if not why:find "<eof>$" then return false end
  if why:find "unfinished string" then
    return #text:match "\\*$" % 2 == 1 or text:find "\\z%s*$" ~= nil
  end
  return not load(text .. "\n()", "=prompt", "t")
end

-- The same complaint with the word that it is about, for what ends too early.
local function last_word(text, why)
  local word = text:gsub("%s*%-%-[^\n]*$", ""):match "[%w_%.:]+%s*$" or text:match "%S%s*$"
  return (why:gsub("<eof>$", function() return ("'%s'"):format(word:match "^%s*(.-)%s*$") end))
end

-- The text as a function: an expression if it is one. nil and "more" while it is unfinished.
local function compile(text)
  local chunk, why_not = expression_of((text:gsub("^%s*=", "")), "=prompt")
  if chunk then return chunk end
  local why
  chunk, why = load(outlive(text), "=prompt", "t")
  if chunk then return chunk end
  if unfinished(text, why) or unfinished("return " .. text, why_not) then return nil, "more" end
  return nil, complaint(text, last_word(text, why_not), last_word(text, why))
end

-- "exit" and "quit" are words that end it, unless the script has a use for them.
local function ends(text)
  local word = text:match "^%s*(%a+)%s*%(?%s*%)?%s*;?%s*$"
  return (word == "exit" or word == "quit") and rawget(_G, word) == nil
end

-- One statement, of as many lines as it takes. A function, or nil and a message; or nil at
-- the end of the input, false after Ctrl-C, true for a line with nothing to run.
local function statement(read)
  local text = read(FIRST)
  if not text then return text end
  if ends(text) then return nil end
  if not text:match "%S" or text:match "^%s*%-%-[^%[]*$" then return true end
  local asked = text:match "^%s*%?%s*(.-)%s*$"
  if asked then
    M.help(asked)
    return true
  end
  while true do
    local chunk, why = compile(text)
    if chunk or why ~= "more" then return chunk or true, why end
    local line = read(MORE)
    if line == false then return false end
    if not line then return true, "the input ended inside a statement" end
    text = text .. "\n" .. line
  end
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

local function show_results(results, seconds)
  local timed = false
  for i = 2, results.n do
    local text = values.text(results[i])
    timed = i == results.n and seconds >= SLOW and not text:find "\n"
    print(timed and ("%-60s [%s]"):format(text, time_text(seconds)) or text)
  end
  if not timed and seconds >= SLOW then print(("%60s [%s]"):format("", time_text(seconds))) end
  if results.n > 1 then _G._ = results[2] end
end

-- Errors belong to the conversation on a terminal, and beside the output where there is none.
local function complain(self, text)
  self.failed = true
  if self.terminal then print(text) else io.stderr:write(text, "\n") end
end

local function run(self, chunk)
  sys.clear_interrupt()
  local start = sys.clock()
  local results = table.pack(xpcall(chunk, failure.handler))
  local seconds = sys.clock() - start
  local stopped = sys.signal()
  sys.clear_interrupt()
  if results[1] then
    show_results(results, seconds)
  else
    complain(self, stopped and "interrupted" or tostring(results[2]))
  end
end

-- One round; false when the input has ended.
local function round(self)
  local chunk, why = statement(self.read)
  if chunk == nil then return false end
  if why then complain(self, why) end
  if type(chunk) == "function" then run(self, chunk) end
  return true
end

--- Runs the prompt until the input ends; returns the exit status.
-- On a terminal with line editing, history and completion; else it reads plain lines.
function M.run()
  local terminal = sys.isatty "stdin" and sys.isatty "stdout"
  _G.ms = _G.ms or require "moonstem"
  _G.help = _G.help or helper
  local self = { terminal = terminal,
    read = line_by_line(terminal and terminal_reader() or plain_reader()) }
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
