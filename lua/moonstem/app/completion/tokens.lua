--- Words and signs of a piece of Lua that need not be whole: what stands before a cursor.
local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
  return then true until while]]):gmatch "%a+" do KEYWORDS[word] = true end

local M = { KEYWORDS = KEYWORDS }

local SIGNS = { "^%.%.%.", "^%.%.", "^[=~<>]=", "^//", "^::", "^<<", "^>>", "^." }
local NUMBERS = { "^0[xX][%x%.]+", "^%d+%.?%d*[eE][+-]?%d+", "^%d+%.?%d*", "^%.%d+" }

-- Where a string that began before place `at` ends: the place of its last sign, or of the line's;
-- nil where it does not end.
local function end_of_string(text, at, quote)
  while true do
    local place = text:find("[\\\n" .. quote .. "]", at)
    if not place then return nil end
    if text:sub(place, place) ~= "\\" then return place end
    at = place + 2
  end
end

-- What begins at a place with [[ or [==[ and ends with the like: its inside and the last place of
-- it; nil where nothing begins.
local function long(text, at)
  local level, first = text:match("^%[(=*)%[()", at)
  if not level then return nil end
  local stop, last = text:find("]" .. level .. "]", first, true)
  return text:sub(first, (stop or 0) - 1), last, first
end

local function matched(text, at, patterns)
  for _, pattern in ipairs(patterns) do
    local found = text:match(pattern, at)
    if found then return found end
  end
end

-- The kind, the text and the last place of what stands at a place. No last place: it is not ended.
local function token(text, at)
  local inside, last, first
  if text:find("^%-%-", at) then
    inside, last = long(text, at + 2)
    if not inside then last = text:find("\n", at, true) end
    return "comment", inside, last, at
  end
  inside, last, first = long(text, at)
  if inside then return "string", inside, last, first end
  local quote = text:match("^['\"]", at)
  if quote then
    last = end_of_string(text, at + 1, quote)
    return "string", text:sub(at + 1, (last or 0) - 1), last, at + 1
  end
  local word = text:match("^[%a_][%w_]*", at)
  if word then return KEYWORDS[word] and "keyword" or "name", word, at + #word - 1 end
  word = matched(text, at, NUMBERS)
  if word then return "number", word, at + #word - 1 end
  word = matched(text, at, SIGNS)
  return "sign", word, at + #word - 1
end

--- tokens.of(text) -> a list of { kind = "name", "keyword", "number", "string" or "sign", text =,
-- from =, to = }, the text of a string without its quotes; and, where the text ends inside a string
-- or a remark, a further one of these, kind "string" or "comment", inside = its first place behind
-- the quote.
function M.of(text)
  local list, at = {}, text:find "%S"
  while at do
    local kind, inside, last, first = token(text, at)
    local new = { kind = kind, text = inside, from = at, to = last, inside = first }
    if not last then return list, new end
    if kind ~= "comment" then list[#list + 1] = new end
    at = text:find("%S", last + 1)
  end
  return list
end

local OPENING = { [")"] = "(", ["]"] = "[", ["}"] = "{" }

--- The place of the bracket that the closing one at place i belongs to, or nil.
function M.opening(list, i)
  local depth = 0
  for k = i, 1, -1 do
    local text = list[k].kind == "sign" and list[k].text
    if OPENING[text] then depth = depth + 1
    elseif text == "(" or text == "[" or text == "{" then depth = depth - 1 end
    if depth == 0 then return list[k].text == OPENING[list[i].text] and k or nil end
  end
end

--- The place of the bracket that is open behind the last word of a list, before place i; nil where
-- there is none.
function M.open_bracket(list, i)
  local depth = 0
  for k = i, 1, -1 do
    local text = list[k].kind == "sign" and list[k].text
    if OPENING[text] then depth = depth + 1
    elseif text == "(" or text == "[" or text == "{" then
      if depth == 0 then return k end
      depth = depth - 1
    end
  end
end

return M
