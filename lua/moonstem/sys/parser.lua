--- Command lines by lua-argparse, whose mistakes are told in one way: a sentence that begins with
-- the argument it is about, the usage, and exit status 2.
local argparse = require "argparse"

local M = {}

-- The longest of an argument's names: --top of "-n --top".
local function longest_name(element)
  local longest = element._name or ""
  for _, name in ipairs(element._aliases or {}) do
    if #name > #longest then longest = name end
  end
  return longest
end

-- A converter whose complaints begin with a name.
local function named(convert, name)
  return function(text)
    local value, why = convert(text)
    if value ~= nil then return value end
    return nil, ("%s: %s"):format(name, why or ("a number is expected, got '%s'"):format(text))
  end
end

local function name_values(parser)
  for _, list in ipairs { parser._options, parser._arguments } do
    for _, element in ipairs(list) do
      if type(element._convert) == "function" then
        element:convert(named(element._convert, longest_name(element)))
      end
    end
  end
end

-- The arguments with negative numbers joined to the option before them: argparse takes -1 for an
-- option.
local function with_negative_numbers(args)
  local list = {}
  for _, arg in ipairs(args) do
    local before = list[#list]
    if before and before:find "^%-%-%a[%w-]*$" and arg:find "^%-%.?%d" then
      list[#list] = before .. "=" .. arg
    else
      list[#list + 1] = arg
    end
  end
  return list
end

--- A parser of argparse for the command line of `name`; what it is told wrong by parser:error, too,
-- ends the program.
function M.new(name, description)
  local parser = argparse(name, description)
  function parser:error(why)
    M.complain(self, why)
    os.exit(2)
  end
  return parser
end

--- Tells what is wrong with a command line.
function M.complain(parser, why)
  io.stderr:write(("%s: %s\n%s\n"):format(parser._name, why, parser:get_usage()))
end

--- The parsed arguments, or nil and what is wrong. --help ends the program here.
function M.parse(parser, args)
  name_values(parser)
  local ok, result = parser:pparse(with_negative_numbers(args))
  if ok then return result end
  return nil, result
end

--- The parsed arguments; a mistake ends the program.
function M.parsed(parser, args)
  local result, why = M.parse(parser, args)
  return result or parser:error(why)
end

--- For an option's convert: a whole number, `least` or more.
function M.whole(least)
  return function(text)
    local n = math.tointeger(tonumber(text))
    if n and n >= least then return n end
    return nil, ("a whole number, %d or more, is expected, got '%s'"):format(least, text)
  end
end

return M
