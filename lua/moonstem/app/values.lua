--- Values as text at the prompt: as moonstem.display.text has it, and functions with their names
-- and places.
local places = require "moonstem.app.places"
local reach = require "moonstem.app.reach"
local text = require "moonstem.display.text"

local function key_of(t, f)
  for key, value in next, t do
    if value == f and type(key) == "string" and key ~= "_" then return key end
  end
end

-- The name under which our library, the script's globals, or Lua's own libraries hold a function.
local function name_of(f)
  local name = reach.name_of(f) or key_of(_G, f)
  if name then return name end
  for _, library in ipairs { "string", "table", "math", "io", "os", "utf8", "coroutine", "debug",
    "package" } do
    local key = key_of(package.loaded[library], f)
    if key then return library .. "." .. key end
  end
end

-- How the help says that a function of the library is called, or nil.
local function call_of(name)
  local entry = name:find "^ms%." and require "moonstem.app.help".short(name)
  local rest = entry and entry:sub(1, #name) == name and entry:sub(#name + 1):gsub("%s*\n%s*", " ")
  local given = rest and (rest:match "^%b()" or rest:match "^%b{}")
  return given and name .. given or nil
end

local short = text.function_text

-- "function f(a, b)  file.lua:3", as far as that is known, one of the library as its help has it;
-- inside a table "function(a, b)".
function text.function_text(f, inside)
  local head, name = short(f, inside), not inside and name_of(f)
  local call = name and call_of(name)
  if call then head = "function " .. call
  elseif name then head = head:gsub("^function", "function " .. name) end
  local info = debug.getinfo(reach.original(f), "S")
  if inside or info.what == "C" then return head end
  return ("%s  %s:%d"):format(head, places.file_of(info), info.linedefined)
end

-- ---- libraries ------------------------------------------------------------------------------
-- Its names for users, sorted; all are loaded.
local function names_in(library, path)
  local names = {}
  for name in pairs(library) do
    if type(name) == "string" and reach.is_public(path .. "." .. name) then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

-- Words in lines of the terminal's width, indented.
local function filled(words)
  local lines, line = {}, " "
  for _, word in ipairs(words) do
    if #line + #word + 1 > text.width() then
      lines[#lines + 1] = line
      line = " "
    end
    line = line .. " " .. word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

local short_library = text.library_text

-- A library with the names in it, in the way of its help; inside a table how many they are.
function text.library_text(library, inside)
  local path = library == package.loaded["moonstem"] and "ms" or reach.name_of(library)
  if inside or not path then return short_library(library, inside) end
  local names = names_in(library, path)
  return ("%s: %d names, ?%s tells more\n%s"):format(path, #names, path, filled(names))
end

return text
