--- What a user typed, as functions: at the prompt, in a cell of a notebook, behind -e.
local M = {}

--- expression(text, name) -> a function that returns the values of the expression; nil and a
-- message where the text is none. Its last call is an argument of another one: were it a tail call,
-- Lua would forget the user's line by the time of an error.
function M.expression(text, name)
  local chunk, why = load("return " .. text, name, "t")
  if not chunk then return nil, why end
  local call = "return select(1, " .. text
  return load(call .. ")", name, "t") or load(call .. "\n)", name, "t") or chunk
end

-- `local x = 1` would be gone with its text; `local x <close> = ...` is left as it is.
local function outlive(text)
  return (text:gsub("^(%s*)local%s+(function%f[%W])", "%1%2")
    :gsub("^(%s*)local%s+([%a_][%w_%s,]*=)", "%1%2")
    :gsub("^(%s*)local%s+([%a_][%w_]*%s*)$", "%1%2 = nil"))
end

-- Of the two complaints, as an expression and as a statement, the one that got further.
local function complaint(text, expression, statement)
  local first = text:match "^%s*([%a_][%w_]*)" or text:match "^%s*([%d%.]+)"
    or text:match "^%s*(.)"
  local near = statement:match "near '(.*)'$"
  local why = near == first and expression or statement
  return (why:gsub("^[^:\n]*:1: ", ""):gsub("^[^:\n]*:(%d+:)", "line %1"))
end

-- Whether the text may go on in the next line. why: the complaint about it as a statement. A short
-- string cannot go on but behind a backslash, and where a call would end it (a value alone is no
-- statement) nothing is missing.
local function unfinished(text, why)
  if not why:find "<eof>$" then return false end
  if why:find "unfinished string" then
    return #text:match "\\*$" % 2 == 1 or text:find "\\z%s*$" ~= nil
  end
  return not load(text .. "\n()", "=text", "t")
end

-- The same complaint with the word that it is about, for what ends too early.
local function last_word(text, why)
  local word = text:gsub("%s*%-%-[^\n]*$", ""):match "[%w_%.:]+%s*$" or text:match "%S%s*$"
  return (why:gsub("<eof>$", function() return ("'%s'"):format(word:match "^%s*(.-)%s*$") end))
end

-- One statement or expression as a function; or nil and "more"; or nil and a message.
local function single(text, name)
  local chunk, why_not = M.expression(text, name)
  if chunk then return chunk end
  local why
  chunk, why = load(outlive(text), name, "t")
  if chunk then return chunk end
  if unfinished(text, why) or unfinished("return " .. text, why_not) then return nil, "more" end
  return nil, complaint(text, last_word(text, why_not), last_word(text, why))
end

--- A text that was copied with the signs of a prompt, "> x = 1", without them and without what was
-- printed in between; any other text as it is.
function M.without_prompts(text)
  if not text:find "^%s*>%s" then return text end
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = line:match "^%s*>>?%s(.*)$" or line:match "^%s*>>?()$" and "" or nil
  end
  return table.concat(lines, "\n")
end

--- Whether there is nothing to run: blanks and remarks.
function M.is_empty(text)
  text = text:gsub("%-%-%[(=*)%[.-%]%1%]", "")
  return not text:find "%-%-%[=*%[" and not text:gsub("%-%-[^\n]*", ""):find "%S"
end

--- Whether a line asks for help: ?name.
function M.is_question(text)
  return text:find "^%s*%?" ~= nil
end

-- Whether a long statement goes on, told at one look; what does not is looked at again.
local function surely_goes_on(text)
  local chunk, why = load(text, "=text", "t")
  return not chunk and unfinished(text, why)
end

-- Whether a line belongs to the statement before it, which could have ended there: x = a, then + b.
local function goes_on(before, line)
  if not before or M.is_empty(before) or M.is_question(before) then return false end
  local chunk, why = single(before .. "\n" .. line, "=text")
  return chunk ~= nil or why == "more"
end

--- pieces(text, [piece]) -> the statements in a text, each with the lines that it takes, and lines
-- without any in between; and whether the last one is unfinished. Joined by line ends they are the
-- text again. piece: an unfinished one that the text goes on.
function M.pieces(text, piece)
  local list, finished = {}, true
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local is_longer = piece ~= nil
    piece = piece and piece .. "\n" .. line or line
    local chunk, why
    if is_longer and surely_goes_on(piece) then why = "more"
    elseif M.is_question(piece) or M.is_empty(piece) then chunk = true
    else chunk, why = single(piece, "=text") end
    finished = chunk ~= nil or why ~= "more"
    if not chunk and finished and goes_on(list[#list], piece) then
      piece = table.remove(list) .. "\n" .. piece
      chunk, why = single(piece, "=text")
      finished = chunk ~= nil or why ~= "more"
    end
    if finished then list[#list + 1], piece = piece, nil end
  end
  list[#list + 1] = piece
  return list, not finished
end

-- A text of several statements as one: its locals outlive it, and it returns the values of the last
-- statement where that is an expression.
local function together(list)
  local last = #list
  while last > 1 and M.is_empty(list[last]) do last = last - 1 end
  local lines = {}
  for i, piece in ipairs(list) do
    local is_value = load("return " .. piece, "=text", "t")
    if is_value and i == last then lines[i] = "return select(1, " .. piece .. "\n)"
    elseif is_value and not load(piece, "=text", "t") then lines[i] = "_ = " .. piece
    else lines[i] = outlive(piece) end
  end
  return table.concat(lines, "\n")
end

-- Without a semicolon at its end, and whether there was one.
local function without_semicolon(text)
  local rest = text:match "^(.-)%s*;%s*$" or text:match "^(.-)%s*;%s*%-%-[^\n]*$"
  return rest or text, rest ~= nil
end

--- compile(text, [name = "=prompt"], [is_one]) -> a function that runs the text and returns the
-- values of its last statement where that is an expression, and whether a semicolon at its end says
-- that nobody wants to see them. nil and "more" for a text that goes on in the next line; nil and a
-- message for one that is no Lua. is_one: the text is one of pieces(). Locals of the text become
-- globals, so that they live longer than it does.
function M.compile(text, name, is_one)
  name = name or "=prompt"
  local rest, silent = without_semicolon((text:gsub("^%s*=", "")))
  local chunk = M.expression(rest, name)
  if chunk then return chunk, silent end
  if not is_one and rest:find "\n" then
    local list, more = M.pieces(rest)
    if more then return nil, "more" end
    chunk = load(together(list), name, "t")
    if chunk then return chunk, silent end
  end
  local why
  chunk, why = single((text:gsub("^%s*=", "")), name)
  if not chunk then return nil, why end
  return chunk, silent
end

return M
