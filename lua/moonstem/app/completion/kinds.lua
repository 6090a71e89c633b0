--- What an expression that somebody types is likely to be, told without running it: fields of
-- variables are read; a call gives what the help on its function says, a tensor mostly.
local help = require "moonstem.app.help"
local reach = require "moonstem.app.reach"
local tokens = require "moonstem.app.completion.tokens"

local M = {}

-- A guess is { value = what is there, path = how it is written } or { kind = "tensor", "module",
-- "layer", "optimizer" or "string" }; receiver: the guess whose method it is.

-- ---- kinds of values ---------------------------------------------------------------------------
local function kind_of(guess)
  if guess.kind then return guess.kind end
  return type(guess.value) == "string" and "string" or help.kind_of(guess.value)
end

local examples = {
  tensor = function() return require "moonstem.core.tensor".methods end,
  module = function() return require "moonstem.net.parts".Module end,
  layer = function() return require "moonstem.nn".relu {} end,
  optimizer = function()
    local index = debug.getregistry()["moonstem.optimizer"].__index
    return select(2, debug.getupvalue(index, 1))
  end,
  string = function() return string end,
}

--- A value with the names that a guess has, or nil.
function M.example(guess)
  if guess.value ~= nil then return guess.value end
  local make = examples[guess.kind]
  local ok, value = pcall(make or error)
  return ok and value or nil
end

-- ---- what calls return -------------------------------------------------------------------------
-- Results that are no tensor, as the help begins to tell of them.
local OTHERS = {}
for words in ("list|a list|nested|number|a number|one number|the number|one of|whether|true|text|"
  .. "path|the path|how many|the limit|the seed|that step|the least|the numbers as|\"|{|profile|f(|"
  .. "which|beats|scope|t:|front end|feed|source|sink|reader|info|largest error|the name|the norm|"
  .. "dB|PNG|value|ema|optimizer|layer|module|bytes"):gmatch "[^|]+" do
  OTHERS[#OTHERS + 1] = words
end

local WITH_TENSORS = { "^x:", "^ms%.[%w_]+$", "^ms%.audio%.", "^ms%.signal%.", "^ms%.fft%.",
  "^ms%.linalg%.", "^ms%.loss%.", "^ms%.io%.load_npy$" }

local function is_one_of(name, patterns)
  for _, pattern in ipairs(patterns) do
    if name:find(pattern) then return true end
  end
  return false
end

local function is_tensor(name)
  local operator = name:match "^x:(.*)"
  if operator and rawget(require "moonstem.core.tensor".ops, operator) then return true end
  local text = is_one_of(name, WITH_TENSORS) and help.result(name)
  if not text or text == "" then return false end
  for _, words in ipairs(OTHERS) do
    local begins = text:sub(1, #words) == words
    if begins and not text:find("^%w", #words + 1) then return false end
  end
  return true
end

-- The kind of what a function gives that help knows by this name.
local function kind_of_result(name)
  if name:find "^ms%.optim%.[%w_]+$" and (help.result(name) or ""):find "^optimizer" then
    return "optimizer"
  elseif name:find "^ms%.nn%.[%w_]+$" then
    return (help.result(name) or ""):match "^layer" or "module"
  elseif name:find "^ms%.models%.[%w_]+$" or name:find "^ms%.net%.[%w_]+$" then return "module"
  elseif is_tensor(name) then return "tensor" end
end

-- The name under which help knows a function.
local function name_of(guess)
  local receiver = guess.receiver and kind_of(guess.receiver)
  if receiver == "tensor" then return "x:" .. guess.name end
  if receiver then return nil end
  if guess.path and guess.path:find "^ms%." then return guess.path end
  if type(guess.value) ~= "function" then return nil end
  return help.alias_of(guess.value) or reach.name_of(guess.value)
end
M.name_of = name_of

local function call(guess)
  local kind = kind_of(guess)
  if kind == "module" or kind == "layer" then return { kind = "tensor" } end
  local receiver = guess.receiver and kind_of(guess.receiver)
  if receiver == "string" then return { kind = "string" } end
  local name = name_of(guess)
  local result = name and kind_of_result(name)
  return result and { kind = result } or nil
end

-- ---- expressions -------------------------------------------------------------------------------
local range -- the guess at the words from one place to another

local function field(base, name, mark)
  local guess = { name = name, receiver = mark == ":" and base or nil }
  if base.value ~= nil then
    guess.value = reach.follow(base.value, name)
    guess.path = mark == "." and base.path and base.path .. "." .. name
  else
    local example = M.example(base)
    guess.value = example ~= nil and reach.follow(example, name) or nil
  end
  return guess
end

-- The last statement NAME = ... before place i.
local function assigned(list, name, i)
  for k = i - 2, 1, -1 do
    local before = list[k - 1] and list[k - 1].text
    if list[k].kind == "name" and list[k].text == name and list[k + 1].text == "="
      and before ~= "." and before ~= ":" and not tokens.open_bracket(list, k - 1) then
      return range(list, k + 2, i - 1)
    end
  end
end

local function variable(list, i)
  local name = list[i].text
  return assigned(list, name, i) or { value = rawget(_G, name), path = name }
end

-- t["key"], t[2], t[i]: of a list without a known place, its first.
local function index(base, inside)
  if kind_of(base) == "tensor" then return { kind = "tensor" } end
  if type(base.value) ~= "table" then return nil end
  local key = inside and (inside.kind == "string" and inside.text or tonumber(inside.text)) or 1
  return { value = rawget(base.value, key) }
end

--- Whether a value may end with a word, so that what comes behind calls or indexes it.
local function ends_value(word)
  return word and (word.kind == "name" or word.kind == "string"
    or word.text == ")" or word.text == "]" or word.text == "}")
end

local ending

local function bracketed(list, i)
  local open = tokens.opening(list, i)
  if not open then return nil end
  local base = ends_value(list[open - 1]) and ending(list, open - 1)
  if list[i].text == "]" then
    return base and index(base, open == i - 2 and list[i - 1] or nil)
  end
  if ends_value(list[open - 1]) then return base and call(base) end
  return list[i].text == ")" and range(list, open + 1, i - 1) or nil
end

-- The guess at the expression that ends with the word at place i.
function ending(list, i)
  local word, before = list[i], list[i - 1]
  if not word then return nil end
  if word.kind == "string" then
    if ends_value(before) then
      local base = ending(list, i - 1)
      return base and call(base)
    end
    return { kind = "string" }
  end
  if word.kind == "name" then
    if not before or before.text ~= "." and before.text ~= ":" then return variable(list, i) end
    local base = ending(list, i - 2)
    return base and field(base, word.text, before.text)
  end
  return ends_value(word) and bracketed(list, i) or nil
end

local ARITHMETIC = { ["+"] = true, ["-"] = true, ["*"] = true, ["/"] = true, ["^"] = true,
  ["%"] = true }

-- Where an expression that begins at place i ends, at most at `last`: before an operator, a comma,
-- or a word of the next statement.
local function end_of_operand(list, i, last)
  local depth = 0
  for k = i, last do
    local word = list[k]
    local text = word.kind == "sign" and word.text
    if text == "(" or text == "[" or text == "{" then depth = depth + 1
    elseif text == ")" or text == "]" or text == "}" then depth = depth - 1
    elseif depth == 0 and text and text ~= "." and text ~= ":" then return k - 1
    elseif depth == 0 and k > i and not text and word.kind ~= "string"
      and ends_value(list[k - 1]) then return k - 1 end
  end
  return last
end

function range(list, first, last)
  while first <= last and (list[first].text == "-" or list[first].text == "not") do
    first = first + 1
  end
  if first > last then return nil end
  local stop = end_of_operand(list, first, last)
  local guess = stop >= first and ending(list, stop) or nil
  local sign = stop < last and list[stop + 1].kind == "sign" and list[stop + 1].text
  if sign == ".." then return { kind = "string" } end
  if ARITHMETIC[sign] then
    local other = range(list, stop + 2, last)
    if guess and kind_of(guess) == "tensor" then return guess end
    return other and kind_of(other) == "tensor" and other or nil
  end
  return guess
end

--- kinds.ending(list, i) -> a guess at the expression that ends with word i of tokens.of, or nil.
M.ending = ending

M.ends_value = ends_value

--- The kind of a guess: "tensor", "module", "layer", "optimizer", "string", or nil.
M.kind_of = kind_of

return M
