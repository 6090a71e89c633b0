--- Answers to ?name, ??words and help(value): help on names of the library, on one's own variables,
-- and what the help says anywhere.
local colours = require "moonstem.app.prompt.colours"
local help = require "moonstem.app.help"
local kinds = require "moonstem.app.completion.kinds"
local tokens = require "moonstem.app.completion.tokens"

local M = {}

M.USAGE = [[
Type an expression to see its value, or any Lua statement. The library is `ms`:
  x = ms.randn{2, 3, 4}      a tensor            x:relu():mean()     its methods
  ?ms.audio.stft             help on a name      ?ms.audio           all names below it
  ??mel bands                search the help     help(f)             help on a value
  _                          the last value      x;                  shows no value
  show(x) play(x) plot(run)  picture, sound      f                   where f comes from
  who()                      your variables      time(f, x)          how long f(x) takes
  edit()  edit(f)            in your editor      bench(f, x)         the same over many calls
  save_session "file.lua"    what you typed, as a script
Tab completes names, options (inside braces), their words, and files (inside quotes). Ctrl-R
searches what was typed, also in earlier sessions. `local` in front of a variable is dropped, so
that it lives longer than its line. Ctrl-C stops a running statement, also inside a long operation;
Ctrl-D, exit or quit ends.]]

local FOUND = 25 -- lines of a search's answer

-- The first line of each entry as a heading.
local function with_headings(text)
  local painted = ("\n\n" .. text):gsub("(\n\n)(%S[^\n]*)", function(gap, line)
    local call, rest = line:match "^(.-)( %->.*)$"
    return gap .. colours.paint("heading", call or line) .. (rest or "")
  end)
  return painted:sub(3)
end

local function finished(text, why)
  return text and with_headings(text) or why
end

--- The help on a value, or a sentence.
function M.about(value) return finished(help.on(value)) end

local function search(words)
  local list = help.search(words)
  if #list == 0 then return ("nothing in the help has the words %s"):format(words) end
  local lines = {}
  for i = 1, math.min(#list, FOUND) do lines[i] = "  " .. list[i] end
  if #list > FOUND then
    lines[FOUND + 1] = ("  ... and %d more; another word narrows it down"):format(#list - FOUND)
  end
  return table.concat(lines, "\n")
end

-- The help on a name that begins with a variable of the user's, or nil.
local function of_variable(name)
  local list = tokens.of(name)
  local first = list[1] and list[1].kind == "name" and list[1].text
  if not first or first == "ms" or rawget(_G, first) == nil then return nil end
  local guess = kinds.ending(list, #list)
  local object = guess and guess.receiver and help.OBJECTS[kinds.kind_of(guess.receiver)]
  if object then return help.of(object .. ":" .. guess.name) end
  if guess and guess.value ~= nil then return help.on(guess.value) end
end

--- The answer to what stands behind a question mark, as text.
function M.answer(asked)
  local words = asked:match "^%?%s*(.*)$"
  if words then return words == "" and M.USAGE or search(words) end
  if asked == "" then return M.USAGE end
  local name = asked:gsub("%s*[%({].*$", ""):gsub("%s+$", "")
  local text = of_variable(name)
  if text then return with_headings(text) end
  return finished(help.of(name))
end

return M
