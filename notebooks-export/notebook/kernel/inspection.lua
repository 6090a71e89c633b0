--- What front ends ask about code that does not run: how it could go on, what a name means, whether
-- it is whole, what was run before.
local completion = require "moonstem.app.completion"
local help = require "moonstem.app.help"
local io_ = require "moonstem.core.io"
local places = require "notebook.kernel.places"
local reach = require "moonstem.app.reach"
local statement = require "moonstem.app.statement"
local tokens = require "moonstem.app.completion.tokens"
local values = require "moonstem.app.values"

local M = {}

local function code_of(content) return type(content.code) == "string" and content.code or "" end

--- The answer to complete_request.
function M.complete(content)
  local code = code_of(content)
  local cursor = places.bytes(code, content.cursor_pos)
  local matches, from, to = completion.at(code, cursor)
  return { status = "ok", matches = io_.list(matches), metadata = {},
    cursor_start = places.letters(code, from - 1), cursor_end = places.letters(code, to) }
end

-- The chain of names, such as ms.audio.stft, whose last one is at place i.
local function chain(list, i)
  local first = i
  while first > 2 and list[first - 1].text:find "^[%.:]$" and list[first - 2].kind == "name" do
    first = first - 2
  end
  local names = {}
  for k = first, i do names[#names + 1] = list[k].text end
  return table.concat(names)
end

-- The name that a cursor touches; or that of the function whose arguments it is among.
local function name_at(code, cursor)
  local list = tokens.of(code)
  for i, token in ipairs(list) do
    if token.kind == "name" and token.from <= cursor + 1 and token.to >= cursor then
      return chain(list, i)
    end
  end
  local before = tokens.of(code:sub(1, cursor))
  local open = tokens.open_bracket(before, #before)
  while open do
    if open > 1 and before[open - 1].kind == "name" then return chain(before, open - 1) end
    open = tokens.open_bracket(before, open - 1)
  end
end

-- What there is to say of a name: the help on a function or a library, the value of a variable.
local function about(name)
  local value = reach.follow(_G, name)
  if value ~= nil and type(value) ~= "function" and not name:find "^ms%f[%A]" then
    return ("%s = %s"):format(name, values.text(value))
  end
  return help.of(name) or type(value) == "function" and (help.on(value) or values.text(value))
    or nil
end

--- The answer to inspect_request.
function M.inspect(content)
  local code = code_of(content)
  local name = name_at(code, places.bytes(code, content.cursor_pos))
  local text = name and about(name)
  return { status = "ok", found = text ~= nil, metadata = {},
    data = text and { ["text/plain"] = text } or {} }
end

--- The answer to is_complete_request.
function M.is_complete(content)
  local code = code_of(content)
  if statement.is_empty(code) or statement.is_question(code) then return { status = "complete" } end
  local chunk, why = statement.compile(code)
  if chunk then return { status = "complete" } end
  return why == "more" and { status = "incomplete", indent = "  " } or { status = "invalid" }
end

return M
