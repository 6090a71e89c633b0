--- WAD files, the archives of Doom and its kin: pieces of music in them by their names.
local tools = require "standins.tools"

local wad = {}

local MOST = 65536 -- lumps

-- The directory of an open file: {name =, at = from 0, size =} for each lump; {} of what is no WAD
-- file.
local function directory(file)
  local head, list = file:read(12) or "", {}
  if #head < 12 or not head:find "^[IP]WAD" then return list end
  local count, at = string.unpack("<I4I4", head, 5)
  file:seek("set", at)
  local rows = file:read(16 * math.min(count, MOST)) or ""
  for first = 1, #rows - 15, 16 do
    local place, size, name = string.unpack("<I4I4c8", rows, first)
    list[#list + 1] = { name = name:gsub("\0.*", ""), at = place, size = size }
  end
  return list
end

-- The first bytes of a lump, at most so many.
local function content(file, lump, most)
  file:seek("set", lump.at)
  return file:read(math.min(lump.size, most)) or ""
end

--- The names of the MIDI files in a WAD file, sorted.
function wad.names(path)
  local file <close>, names = io.open(path, "rb"), {}
  for _, lump in ipairs(file and directory(file) or {}) do
    if lump.name:find "^D_" and content(file, lump, 4) == "MThd" then
      names[#names + 1] = lump.name
    end
  end
  table.sort(names)
  return names
end

--- The bytes of a file, or of a lump, whose path is the WAD file's with the lump's name behind it
-- (doom.wad/D_RUNNIN); nil where there is none.
function wad.read(path)
  local archive, name = path:match "^(.*%.wad)/([^/]+)$"
  if not archive then return tools.read(path) end
  local file <close> = io.open(archive, "rb")
  for _, lump in ipairs(file and directory(file) or {}) do
    if lump.name == name then return content(file, lump, 1 << 24) end
  end
end

return wad
