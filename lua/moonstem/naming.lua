--- Errors name the function that was called: what a function of the library raises from deep inside
-- is told under its own name and at the place of its caller. Errors of the caller's own functions,
-- which have a place of theirs, pass as they are.
local M = {}

local PLACE = "^[^\n:]*lua/(moonstem/[%w_/]+%.lua:%d+): "
-- Functions that check for others, or run parts of a network or another function, which they name
-- already.
local HELPERS = { expect = true, expect_widths = true, check_tensor = true, options = true,
  check = true, after = true, evaluating = true }
local OUTSIDE = "^[^\n:]+%.?[%w_]*:%d+: "

-- What Lua itself says of a value that does not fit -> a sentence: pattern, and what is made of it.
local KINDS = {
  { "^attempt to call a nil value %(method '([%w_]+)'%)", "an argument has no method %s" },
  { "^attempt to call an? ([^(]-) value %(method '([%w_]+)'%)",
    "an argument has a %s in the place of the method %s" },
  { "^attempt to .- a nil value %(%w+ '([%w_]+)'%)", "%s is missing" },
  { "^attempt to .- an? ([^(]-) value %(%w+ '([%w_]+)'%)", "a %s does not fit as %s" },
  { "^attempt to .- a nil value", "an argument is missing, or a part of one" },
  { "^attempt to .- an? ([^(]-) value", "an argument, or a part of one, cannot be a %s" },
  { "^attempt to compare two (.-) values", "one %s cannot be compared with another" },
  { "^attempt to compare (.-) with (.*)$", "%s cannot be compared with %s" },
  { "^bad 'for' .- %(number expected, got (.-)%)", "a list is expected, got %s" },
  { "^attempt to %w+ an? '(.-)' with an? '(.-)'", "a %s and a %s do not go together" },
  { "^bad argument #%d+ to 'for iterator' %(table expected, got (.-)%)",
    "a table is expected, got %s" },
}

-- A message of Lua's own in the words of this library, with the place that found it, if any.
local function in_words(text, place)
  for _, row in ipairs(KINDS) do
    local first, second = text:match(row[1])
    if first then
      return row[2]:format(first, second) .. (place and (" (%s)"):format(place) or "")
    end
  end
  return text
end

--- What pcall caught as the reason in a sentence about a file: without places in this library.
-- thrown: a text, or a table that holds one.
function M.reason(thrown)
  local text = tostring(type(thrown) == "table" and thrown[1] or thrown)
  return in_words((text:gsub(PLACE, "")))
end

-- Whether a text tells who raised it: by the last word of the path, or by the library in front of
-- it ("imagenet: ..." of ms.models.imagenet.load).
local function is_named(text, path)
  local library, name = path:match "([%w_]+)[.:][%w_]+$" or "?", path:match "[%w_]+$"
  return HELPERS[name] or text:find(name, 1, true)
    or text:sub(1, #library + 1) == library .. ":"
end

--- naming.told(path, ok, ...) -> the results of pcall, or its error under the last word of the
-- path, raised at the place of the caller's caller: return naming.told("ms.audio.mel", pcall(f))
function M.told(path, ok, ...)
  if ok then return ... end
  local thrown = ...
  if type(thrown) ~= "string" or thrown == "interrupted" then error(thrown, 0) end
  local place = thrown:match(PLACE)
  local text = in_words(thrown:gsub(PLACE, ""), place)
  if not place and thrown:find(OUTSIDE) then error(thrown, 0) end
  if not is_named(text, path) then text = path:match "[%w_]+$" .. ": " .. text end
  error(text, 2)
end

return M
