--- Places in sources as people read them: the library's own folder is left out.
local M = {}

-- The folder that holds moonstem/ and standins/: places inside the library read as
-- moonstem/net.lua.
local here = package.searchpath("moonstem.app.places", package.path) or ""
local library = here:match "^(.+)moonstem/app/places%.lua$"

--- A place such as FILE:12 with the library's own folder left out.
function M.shorten(text)
  return library and (text:gsub(library:gsub("%p", "%%%0"), "")) or text
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
