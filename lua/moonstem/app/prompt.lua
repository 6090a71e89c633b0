--- The prompt: reads statements and expressions, runs them, shows what they give.
-- Only Ctrl-D, exit, quit and os.exit() end it: errors are printed, Ctrl-C stops a statement. Where
-- the input is no terminal, errors go to standard error and make the exit status 1.
local colours = require "moonstem.app.prompt.colours"
local completion = require "moonstem.app.completion"
local failure = require "moonstem.app.failure"
local help = require "moonstem.app.help"
local helpers = require "moonstem.app.prompt.helpers"
local history = require "moonstem.app.prompt.history"
local new_session = require "moonstem.app.prompt.session"
local question = require "moonstem.app.question"
local reach = require "moonstem.app.reach"
local statement = require "moonstem.app.statement"
local sys = require "moonstem.core.sys"
local timing = require "moonstem.app.prompt.timing"
local tokens = require "moonstem.app.completion.tokens"
local values = require "moonstem.app.values"
local exit = require "moonstem.sys.status"

local M = {}

local FIRST, MORE = "> ", ">> "
local SLOW = 0.1 -- seconds from which on the time is told

local WELCOME = [[
moonstem %s   ?name shows help, Tab completes, Ctrl-D ends]]

-- ---- input ----------------------------------------------------------------------------------

-- Completion in a line that goes on with the lines in `self.before`.
local function completer(self)
  return function(line, cursor)
    local list, from, _, hint = completion.at(self.before .. line, #self.before + cursor)
    return list, from - #self.before, hint
  end
end

-- Reads lines with editing, history and completion.
-- read(prompt) returns a line, false after Ctrl-C, nil at the end.
local function terminal_input(self)
  local readline = require "moonstem.core.readline"
  local path = history.path()
  for _, text in ipairs(history.load(path)) do readline.remember(text) end
  readline.complete_by(completer(self))
  self.attempt = readline.attempt
  self.read = function(text) return readline.read(colours.paint_prompt(text)) end
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
  local text = self.edited or self.read(FIRST)
  self.edited = nil
  text = text and statement.without_prompts(text)
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

-- ---- running --------------------------------------------------------------------------------

-- A value by itself: objects that say how they look are shown, all others are text.
local function show_value(value, behind)
  local meta = debug.getmetatable(value)
  if type(meta) == "table" and rawget(meta, "__display") then
    require "moonstem.display".show(value)
    return false
  end
  local text = values.text(value)
  local fits = behind and not text:find "\n"
  print(fits and ("%-60s %s"):format(text, behind) or text)
  return fits
end

-- Whether a call did what was asked, and has no more to say: the help on its function tells that it
-- gives true where nothing went wrong.
local function is_done(text, results)
  if results.n ~= 1 or results[1] ~= true then return false end
  local name = text:match "^%s*([%a_][%w_.]*)%s*[({\"'%[]"
  local get = name and not tokens.KEYWORDS[name] and load("return " .. name, "=prompt", "t")
  local ok, f = pcall(get or error)
  local called = ok and (help.alias_of(f) or reach.name_of(f))
  return called and (help.result(called) or ""):find "^true%f[^%w].*or nil" ~= nil
end

local function show_results(results, seconds, silent)
  local told = seconds < SLOW
  local time = not told and colours.paint("aside", ("[%s]"):format(timing.text(seconds))) or nil
  for i = 1, silent and 0 or results.n do
    told = show_value(results[i], i == results.n and time or nil) or told
  end
  if not told then print(("%60s %s"):format("", time)) end
end

-- Errors belong to the conversation on a terminal, and beside the output where there is none.
local function complain(self, text)
  self.failed = true
  if not self.terminal then io.stderr:write(text, "\n") return end
  local first, rest = text:match "^([^\n]*)(.*)$"
  print(colours.paint("error", first) .. (rest ~= "" and colours.paint("aside", rest) or ""))
end

-- A name that has no value, typed alone: that it has none, and whether another one was meant.
local function hint_for(text)
  local name = text:match "^%s*([%a_][%w_]*)%s*$"
  if not name or tokens.KEYWORDS[name] or rawget(_G, name) ~= nil then return nil end
  local near = failure.near_global(name)
  return "there is no variable of that name" .. (near and ("; did you mean %s?"):format(near) or "")
end

-- Runs a function and shows what it returns; whether that went well.
local function run(self, text, chunk, silent)
  sys.clear_interrupt()
  local ok, thrown = self.attempt(function()
    local start = sys.clock()
    local results = table.pack(chunk())
    if results.n > 0 then _G._ = results[1] end
    self.session:add(text, results.n, silent)
    show_results(results, self.terminal and sys.clock() - start or 0,
      silent or is_done(text, results))
    local hint = hint_for(text)
    if hint then print(hint) end
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
    print(question.answer(text:match "^%s*%?%s*(.-)%s*$"))
    return true
  end
  local chunk, silent = statement.compile(text, nil, true)
  if chunk then return run(self, text, chunk, silent) end
  complain(self, silent == "more" and "the input ended inside a statement" or silent)
  return false
end

-- One round: of a pasted text, what comes behind a mistake is left alone. False when the input has
-- ended.
local function round(self)
  local list = statements(self)
  if list == nil then return false end
  self.session:cell()
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
  local self = { terminal = terminal, before = "", session = new_session() }
  helpers.install(self.session, function(text)
    print(text)
    self.edited = text
  end)
  local input = terminal and terminal_input or plain_input
  input(self)
  if terminal then print(WELCOME:format(sys.version)) end
  while true do
    local ok, more = pcall(round, self)
    if sys.signal() == "TERM" or sys.signal() == "HUP" then return exit.stopped() end
    if ok and not more then break end
    if not ok then complain(self, tostring(more)) end
  end
  if terminal then print() end
  return self.failed and not terminal and 1 or 0
end

return M
