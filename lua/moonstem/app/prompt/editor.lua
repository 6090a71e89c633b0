--- edit(...) at the prompt: what was typed, or a file, in the editor of one's choice.
local reach = require "moonstem.app.reach"
local sys = require "moonstem.core.sys"

local M = {}

local KNOWN = { "sensible-editor", "editor", "nano", "vi" }

-- The command of the editor; nil and a sentence where there is none.
local function editor()
  for _, variable in ipairs { "VISUAL", "EDITOR" } do
    local command = os.getenv(variable)
    if command and command:find "%S" then return command end
  end
  for _, name in ipairs(KNOWN) do
    if sys.run { "sh", "-c", 'command -v "$1" >/dev/null', "sh", name } == 0 then return name end
  end
  return nil, "there is no editor: set EDITOR to the name of one, or install the package nano"
end

-- Opens a file at a line; true, or nil and a sentence.
local function open(path, line)
  local command, why = editor()
  if not command then return nil, why end
  local takes_line = line and command:match "[^/%s]*$":find "^n?vim?$" or command:find "nano$"
  local place = takes_line and line and "+" .. math.tointeger(line)
  local status, wrong = sys.run { "sh", "-c", command .. ' "$@"', "sh", place or path,
    place and path or nil }
  if status == 0 then return true end
  return nil, ("the editor %s ended with %s"):format(command, status or wrong)
end

-- The text after it was edited, or nil and a sentence.
local function edited(text)
  local dir <const> = assert(sys.tempdir())
  local path = dir .. "/typed.lua"
  local ok, why = sys.write_file(path, text)
  if ok then ok, why = open(path) end
  local new = ok and sys.read_file(path)
  sys.run { "rm", "-r", dir }
  return new or nil, why
end

-- The name of a function among the variables.
local function name_of(f)
  for name, value in next, _G do
    if value == f then return name end
  end
end

-- Where a function of a file begins: path and line.
local function place_of(f)
  local info = debug.getinfo(reach.original(f), "S")
  if info.source:sub(1, 1) == "@" then return info.source:sub(2), info.linedefined end
end

local function function_text(session, f)
  local name = name_of(f)
  local text = name and session:text_of(name)
  if text then return text end
  error("edit: the text of this function is not known: it was not typed in this session", 0)
end

--- A function edit(what) for a session; run(text): what is to happen with a text that was edited.
function M.new(session, run)
  --- edit(), edit(f), edit "NAME", edit "FILE": opens the editor ($VISUAL, $EDITOR)
  -- With the last thing that was typed, with the text of a function or with a file. What was typed
  -- at the prompt runs when the editor ends; an empty text does not.
  return function(what)
    local f = type(what) == "string" and rawget(_G, what) or what
    local path, line
    if type(f) == "function" then path, line = place_of(f)
    elseif type(what) == "string" then path = what
    elseif what ~= nil then error("edit: a function, its name or a file, got " .. type(what), 0) end
    if path then return open(path, line) end
    local text, why = edited(f and function_text(session, f) or session:text_of() or "")
    if not text then return nil, why end
    if text:find "%S" then run((text:gsub("\n+$", ""))) end
  end
end

return M
