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

local short = text.function_text

-- "function f(a, b)  file.lua:3", as far as that is known; inside a table "function(a, b)".
function text.function_text(f, inside)
  local head, name = short(f, inside), not inside and name_of(f)
  if name then head = head:gsub("^function", "function " .. name) end
  local info = debug.getinfo(reach.original(f), "S")
  if inside or info.what == "C" then return head end
  return ("%s  %s:%d"):format(head, places.file_of(info), info.linedefined)
end

return text
