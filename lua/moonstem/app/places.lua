--- Places in sources as people read them: the library's own folder is left out.
local M = {}

-- The folder that holds moonstem/ and standins/: places inside the library read as
-- moonstem/net.lua.
local here = package.searchpath("moonstem.app.places", package.path) or ""
local library = here:match "^(.+)moonstem/app/places%.lua$"

-- Lua cuts the front of long paths: of /deep/folder/lua/moonstem/net.lua it may leave
-- ...older/lua/moonstem/net.lua.
local function without_cut(front, place)
  if front == "" or library:sub(-#front) == front then return place end
end

--- A place such as FILE:12 with the library's own folder left out.
function M.shorten(text)
  if not library then return text end
  text = text:gsub(library:gsub("%p", "%%%0"), "")
  for _, folder in ipairs { "moonstem", "standins" } do
    text = text:gsub("%.%.%.([^\n:]-)(" .. folder .. "/[%w_/]+%.lua:%d+:)", without_cut)
  end
  return text
end

--- Whether a function of these fields belongs to the library.
function M.is_library(info)
  return library and info.source:sub(2, #library + 1) == library
end

--- Where a function of debug.getinfo's fields `S` comes from: its file, not cut, or what else there
-- is to say.
function M.file_of(info)
  return M.shorten(info.source:match "^@(.*)" or info.short_src)
end

return M
