--- Option tables, checked in one place: a name that is not known raises with the one that was
-- meant, a value of the wrong kind with the name of its option.
--   local o = options(given, "resample", { rate = 16000, window = 0.5, file = options.string })
-- Each option has its default, which tells the kind: 16000 a whole number, 0.5 any number; or a
-- kind alone where there is none, options.string; or both, options.count(8). false stands for no
-- default and any kind. options.needed(options.count) must be given.
local renamed = require "moonstem.renamed"
local words = require "moonstem.core.words"

local M = {}

local Kind = {}
Kind.__index = Kind

-- fits(value) -> the value as the function wants it, or nil.
local function kind(text, fits, default)
  return setmetatable({ text = text, fits = fits, default = fits(default) }, Kind)
end

--- options.count(8): the kind with a default.
Kind.__call = function(self, default) return kind(self.text, self.fits, default) end

local function of_type(name, text)
  return kind(text, function(value)
    if type(value) == name then return value end
  end)
end

local function whole(value)
  return type(value) == "number" and math.tointeger(value) or nil
end

M.any = kind("anything", function(value) return value end)
M.flag = of_type("boolean", "true or false")
M.string = of_type("string", "a string")
M.table = of_type("table", "a table")
M.callable = of_type("function", "a function")
M.number = kind("a number", function(value)
  return type(value) == "number" and value == value and value or nil
end)
M.whole = kind("a whole number", whole)
M.count = kind("a whole number, 1 or more", function(value)
  local n = whole(value)
  return n and n >= 1 and n or nil
end)

M.natural = kind("a whole number, 0 or more", function(value)
  local n = whole(value)
  return n and n >= 0 and n or nil
end)

-- One number for both, or a list of two.
local function pair_of(number)
  return function(value)
    local list = type(value) == "table" and value or { value, value }
    local a, b = number.fits(list[1]), number.fits(list[2])
    return #list == 2 and a and b and { a, b } or nil
  end
end
M.pair = kind("a whole number or two, 1 or more", pair_of(M.count))
M.pair0 = kind("a whole number or two, 0 or more", pair_of(M.natural))
M.share = kind("a number from 0 to 1", function(value)
  return M.number.fits(value) and value >= 0 and value <= 1 and value or nil
end)
M.fraction = kind("a number from 0 to below 1", function(value)
  return M.share.fits(value) and value < 1 and value or nil
end)
M.positive = kind("a number above 0", function(value)
  return M.number.fits(value) and value > 0 and value or nil
end)

--- options.needed(kind): an option that must be given.
function M.needed(of)
  local new = kind(of.text, of.fits)
  new.is_needed = true
  return new
end

--- options.either(a, b): a value of one kind or the other.
function M.either(a, b)
  return kind(a.text .. " or " .. b.text, function(value)
    local fits = a.fits(value)
    if fits ~= nil then return fits end
    return b.fits(value)
  end)
end

--- options.choice("wave", "magnitude"): one of these strings.
function M.choice(...)
  local known, names = {}, {}
  for i, name in ipairs { ... } do known[name], names[i] = true, ('"%s"'):format(name) end
  local last = table.remove(names)
  local text = #names == 0 and last or ("%s or %s"):format(table.concat(names, ", "), last)
  return kind(text, function(value)
    return known[value] and value or nil
  end)
end

local BY_TYPE = { boolean = M.flag, string = M.string, table = M.table, ["function"] = M.callable }

-- The kind of an option, and its default if it has one.
local function kind_of(entry)
  if getmetatable(entry) == Kind then return entry, entry.default end
  if entry == false then return M.any end
  if type(entry) == "number" then
    return math.type(entry) == "integer" and M.whole or M.number, entry
  end
  return BY_TYPE[type(entry)], entry
end

--- options.shown(value) -> a value as messages show it; asks no metamethod.
local function shown(value)
  if type(value) == "string" then return ('"%s"'):format(value:sub(1, 40)) end
  local name = type(value) == "userdata" and (debug.getmetatable(value) or {}).__name
  if name then return (tostring(name):gsub("^moonstem%.", "")) end
  return (type(value) == "number" or type(value) == "boolean") and tostring(value) or type(value)
end
M.shown = shown

-- A list of names as a table of kinds.
local function by_name(known)
  if #known == 0 then return known end
  local all = {}
  for _, name in ipairs(known) do all[name] = M.any end
  return all
end

-- Raises unless there is an option `name` that takes the value; returns the value.
local function checked(who, name, value, known)
  if known[name] == nil then
    if next(known) == nil then error(who .. ": takes no options", 0) end
    if type(name) ~= "string" then
      error(("%s: options are written as name = value, got the key %s"):format(who, shown(name)), 0)
    end
    error(("%s: there is no option %s%s"):format(who, name, words.hint(name, known)), 0)
  end
  local expected, default = kind_of(known[name])
  local fits = expected.fits(value)
  local may_lack = default == nil and not expected.is_needed
  if fits == nil and value == false and may_lack then return false end -- none
  if fits == nil then
    error(("%s: option %s must be %s, got %s"):format(who, name, expected.text, shown(value)), 0)
  end
  return fits
end

-- Raises unless options are in a table; old names in it become the present ones.
local function open(given, who, known)
  if type(given) ~= "table" then
    error(("%s: options are a table, got %s"):format(who, shown(given)), 0)
  end
  renamed.options(given, who, known)
end

--- options.check(given, who, known) raises unless `given` is a table of known options of their
-- kinds.
-- who: the function's name; known: name -> default or kind, as above, or a list of names.
function M.check(given, who, known)
  known = by_name(known)
  open(given, who, known)
  for name, value in pairs(given) do checked(who, name, value, known) end
end

-- Raises about the first of the options that are needed and lack.
local function check_needed(out, who, known)
  local lacking
  for name, entry in pairs(known) do
    local is_needed = getmetatable(entry) == Kind and entry.is_needed and out[name] == nil
    if is_needed and (not lacking or name < lacking) then lacking = name end
  end
  if lacking then
    error(("%s: the option %s is needed, %s"):format(who, lacking, known[lacking].text), 0)
  end
end

-- The defaults of all options that have one; whether some option is needed.
local function defaults_of(known)
  local out, some_needed = {}, false
  for name, entry in next, known do
    if getmetatable(entry) == Kind then
      out[name] = entry.default
      some_needed = some_needed or entry.is_needed
    elseif entry then
      out[name] = entry
    end
  end
  return out, some_needed
end

--- options(given, who, known) -> a checked copy with the defaults filled in; nil counts as no
-- options at all.
local function fill(given, who, known)
  known = by_name(known)
  local out, some_needed = defaults_of(known)
  if given ~= nil then
    open(given, who, known)
    for name, value in pairs(given) do out[name] = checked(who, name, value, known) end
  end
  if some_needed then check_needed(out, who, known) end
  return out
end

--- options.merge(a, b, ...) -> a new table of all their fields; later ones win.
function M.merge(...)
  local all = {}
  for _, t in ipairs { ... } do
    for key, value in pairs(t) do all[key] = value end
  end
  return all
end

return setmetatable(M, { __call = function(_, ...) return fill(...) end })
