--- The prompt: reads statements and expressions, runs them, shows what they give.
-- Nothing typed ends it but Ctrl-D or os.exit(): errors are told, Ctrl-C stops a statement.
local completion = require "moonstem.completion"
local failure = require "moonstem.failure"
local show = require "moonstem.show"
local sys = require "moonstem.core.sys"

local M = {}

local FIRST, MORE = "> ", ">> "
local SLOW = 0.1 -- seconds from which on the time is told

local WELCOME = [[
moonstem %s   ?name shows help, Tab completes, Ctrl-D ends]]

local HELP = [[
Type an expression to see its value, or any Lua statement. The library is `ms`:
  x = ms.randn{2, 3, 4}      a tensor            x:relu():mean()     its methods
  ?ms.audio.stft             help on a name      ?ms.audio           all names below it
  _                          the last value      Tab                 completes names
`local` in front of a variable is dropped, so that it lives longer than its line.
Ctrl-C stops a running statement, Ctrl-D ends.]]

-- ---- input ------------------------------------------------------------------------------------

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

-- Lines one by one, also where a pasted text brought several at once.
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

-- ---- statements ---------------------------------------------------------------------------------

-- `local x = 1` would be gone with its line; `local x <close> = ...` is left as it is.
local function outlive(text)
  return (text:gsub("^(%s*)local%s+(function%f[%W])", "%1%2")
    :gsub("^(%s*)local%s+([%a_][%w_%s,]*=)", "%1%2")
    :gsub("^(%s*)local%s+([%a_][%w_]*%s*)$", "%1%2 = nil"))
end

-- Of the two complaints, as an expression and as a statement, the one that got further.
local function complaint(text, expression, statement)
  local first = text:match "^%s*=?%s*([%a_][%w_]*)" or text:match "^%s*=?%s*([%d%.]+)" or text:match "^%s*(.)"
  local near = statement:match "near '(.*)'$"
  local why = near == first and expression or statement
  return (why:gsub("^prompt:1: ", ""):gsub("^prompt:", "line "))
end

-- The text as a function: an expression if it is one. nil and "more" while it is unfinished.
local function compile(text)
  local chunk, why_not = load("return " .. text:gsub("^%s*=", ""), "=prompt", "t")
  if chunk then return chunk end
  local why
  chunk, why = load(outlive(text), "=prompt", "t")
  if chunk then return chunk end
  if why:match "<eof>$" or why_not:match "<eof>$" then return nil, "more" end
  return nil, complaint(text, why_not, why)
end

-- One statement, of as many lines as it takes. A function, or nil and a sentence; or nil at
-- the end of the input, false after Ctrl-C, true for a line with nothing to run.
local function statement(read)
  local text = read(FIRST)
  if not text then return text end
  if not text:match "%S" or text:match "^%s*%-%-[^%[]*$" then return true end
  local asked = text:match "^%s*%?%s*(.-)%s*$"
  if asked then return function() M.help(asked) end end
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
  local text, why = require "moonstem.help".of((name:gsub("%s*[%({].*$", "")))
  print(text or why)
end

-- ---- running -------------------------------------------------------------------------------------

local function time_text(seconds)
  if seconds < 1 then return ("%.0f ms"):format(seconds * 1000) end
  if seconds < 120 then return ("%.1f s"):format(seconds) end
  return ("%d min %d s"):format(seconds // 60, seconds % 60)
end

local function show_results(results, seconds)
  for i = 2, results.n do
    local text = show.text(results[i])
    if i == results.n and seconds >= SLOW then
      text = ("%-60s [%s]"):format(text, time_text(seconds))
    end
    print(text)
  end
  if results.n == 1 and seconds >= SLOW then print(("%60s [%s]"):format("", time_text(seconds))) end
  if results.n > 1 then _G._ = results[2] end
end

local function run(chunk)
  sys.clear_interrupt()
  local start = sys.clock()
  local results = table.pack(xpcall(chunk, failure.handler))
  local seconds = sys.clock() - start
  local stopped = sys.signal()
  sys.clear_interrupt()
  if results[1] then
    show_results(results, seconds)
  elseif stopped then
    print "interrupted"
  else
    print(tostring(results[2]))
  end
end

-- One round; false when the input has ended.
local function round(read)
  local chunk, why = statement(read)
  if chunk == nil then return false end
  if why then print(why) end
  if type(chunk) == "function" then run(chunk) end
  return true
end

--- Runs the prompt until the input ends; returns the exit status.
-- On a terminal with line editing, history and completion; else it reads plain lines.
function M.run()
  local terminal = sys.isatty "stdin" and sys.isatty "stdout"
  _G.ms = _G.ms or require "moonstem"
  local read = line_by_line(terminal and terminal_reader() or plain_reader())
  if terminal then print(WELCOME:format(sys.version)) end
  while true do
    local ok, more = pcall(round, read)
    if sys.signal() == "TERM" then return 143 end
    if ok and not more then break end
    if not ok then print(tostring(more)) end
  end
  if terminal then print() end
  return 0
end

return M
