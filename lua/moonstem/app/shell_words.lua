--- What Tab offers in a shell behind `moonstem`: commands, options, their choices. The files
-- moonstem.bash and _moonstem in packaging/ ask `moonstem --complete WORD ...` for it.
local arguments = require "moonstem.app.arguments"
local commands = require "moonstem.app.commands"

local M = {}

--- Stands last in a list where names of files fit, too.
M.FILES = ":files"

local PROGRAM_OPTIONS = { "--help", "--version", "-e", "-i" }

-- Adds those of `words` that begin with start.
local function add(list, words, start)
  for _, word in ipairs(words) do
    if word:sub(1, #start) == start then list[#list + 1] = word end
  end
  return list
end

local function takes_value(option) return option._maxargs > 0 end

-- The option of that name, or nil.
local function option_of(parser, name)
  for _, option in ipairs(parser._options) do
    for _, alias in ipairs(option._aliases) do
      if alias == name then return option end
    end
  end
end

-- The choices of an option or argument, or files, and what it offers itself.
local function values(element, start)
  if element and element._choices then return add({}, element._choices, start) end
  local list = element and element._offers and add({}, element._offers(), start) or {}
  list[#list + 1] = M.FILES
  return list
end

local function option_names(parser)
  local names = {}
  for _, option in ipairs(parser._options) do
    table.move(option._aliases, 1, #option._aliases, #names + 1, names)
  end
  table.sort(names)
  return names
end

-- How many of the words before the last are no options and no values of such.
local function places(parser, words)
  local n, skip = 0, false
  for i = 2, #words - 1 do
    local option = option_of(parser, words[i])
    if not skip and not option then n = n + 1 end
    skip = not skip and option ~= nil and takes_value(option)
  end
  return n
end

local function of_command(command, words)
  local last, before = words[#words], words[#words - 1]
  local parser = arguments.parser_of(command, table.move(words, 2, #words - 1, 1, {}))
  if not parser then return { M.FILES } end
  local option = option_of(parser, before)
  if option and takes_value(option) then return values(option, last) end
  if last:sub(1, 1) == "-" then return add({}, option_names(parser), last) end
  local place = math.min(places(parser, words) + 1, #parser._arguments)
  return values(parser._arguments[place], last)
end

-- Names of the library that begin with start.
local function names(start)
  _G.ms = require "moonstem"
  local list, from = require "moonstem.app.completion".at(start, #start)
  for i, word in ipairs(list) do list[i] = start:sub(1, from - 1) .. word end
  return list
end

--- What may stand in place of the last of the words behind `moonstem`: a list of words, with FILES
-- at its end where names of files may stand there.
function M.of(words)
  local first = words[1] or ""
  if #words < 2 then
    local list = add(add({}, commands.names(), first), PROGRAM_OPTIONS, first)
    list[#list + 1] = M.FILES
    return list
  end
  if first == "help" then return names(words[#words]) end
  local command = commands.exists(first) and commands.load(first)
  return command and of_command(command, words) or { M.FILES }
end

return M
