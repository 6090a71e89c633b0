--- The options that a function takes and the words that they may be, from its help and from what it
-- checks them by; the function is not called.
local help = require "moonstem.app.help"
local kinds = require "moonstem.app.completion.kinds"
local options = require "moonstem.options"
local reach = require "moonstem.app.reach"

local M = {}

local Kind = getmetatable(options.any)

-- "a", "b" or "c" -> a list of these words, or nil.
local function words_in(text)
  local list = {}
  for word in text:gmatch '"([^"\n]*)"' do list[#list + 1] = word end
  return #list > 0 and list or nil
end

-- ---- from the help -----------------------------------------------------------------------------
-- { rate = 22050, mode = "power" | "magnitude" } -> names and choices, if any, into `found`.
local function read_braces(braces, found)
  braces = braces:sub(2, -2):gsub("%b{}", "{}")
  for name, value in braces:gmatch "([%a_][%w_]*)%s*=%f[^=]%s*([^,=]*)" do
    found[name] = found[name] or {}
    found[name].choices = found[name].choices or value:find "|" and words_in(value) or nil
  end
end

-- The part of a help text that tells what is given: the call itself, and "options: { ... }".
local function read_help(text, found)
  local list, table_alone = text:match "^[^%s({]+%s*(%b())", text:match "^[^%s({]+%s*(%b{})"
  for braces in (list or ""):gmatch "%b{}" do read_braces(braces, found) end
  if table_alone then read_braces(table_alone, found) end
  for braces in text:gmatch "[Oo]ptions: *(%b{})" do read_braces(braces, found) end
end

-- "wave": (sample) ... -> the words that the help explains one by one, or nil.
local function explained(text)
  local list, seen = {}, {}
  for word in text:gmatch '"([%w_]+)"[:,] ' do
    if not seen[word] then list[#list + 1], seen[word] = word, true end
  end
  return #list > 1 and list or nil
end

-- Of "as by ms.figure.of, whose options these are" the help on that function, too.
local function with_other(text)
  local other = text:match "(ms[%w_.]+), whose%s+options these are"
  return other and text .. "\n" .. (help.text(other) or "") or text
end

-- ---- from the function -------------------------------------------------------------------------
local function is_known(t)
  local has_kind = false
  for name, value in next, t do
    if type(name) ~= "string" or type(value) == "function" then return false end
    has_kind = has_kind or getmetatable(value) == Kind
  end
  return has_kind
end

local function take(t, found)
  for name, entry in next, t do
    found[name] = found[name] or {}
    if getmetatable(entry) == Kind then
      found[name].choices = words_in(entry.text) or found[name].choices
    end
  end
  return true
end

-- Tables of options among what a function refers to; else among what its helpers do.
local function read_function(f, found, depth)
  local any, helpers = false, {}
  for i = 1, 60 do
    local name, value = debug.getupvalue(f, i)
    if not name then break end
    if type(value) == "function" then helpers[#helpers + 1] = reach.original(value) end
    if type(value) == "table" and value ~= options then
      local inner = rawget(value, "options")
      if is_known(value) then any = take(value, found) end
      if type(inner) == "table" and is_known(inner) then any = take(inner, found) end
    end
  end
  for _, helper in ipairs(not any and depth > 0 and helpers or {}) do
    read_function(helper, found, depth - 1)
  end
end

--- known_options.of(guess) -> { NAME = { choices = list of words, or nil } } of the function that a
-- guess of kinds.ending is at; empty where nothing is known.
function M.of(guess)
  local found, name = {}, kinds.name_of(guess)
  local text = name and help.text(name)
  if text then read_help(text, found) end
  if found.kind and not found.kind.choices then found.kind.choices = explained(with_other(text)) end
  local f = guess.value
  if text and type(f) == "function" then read_function(reach.original(f), found, 1) end
  if found.reduction then -- all losses share it
    found.reduction.choices = words_in(require "moonstem.reduction".option.text)
  end
  return found
end

return M
