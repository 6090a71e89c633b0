--- Long sounds lie in a folder beside the notebook, which would be too large with them inside.
local digest = require "moonstem.sys.digest"
local io_ = require "moonstem.core.io"
local sys = require "moonstem.core.sys"

local M = {}

M.FOLDER = "media"
local MOST = 320000 -- bytes of a sound inside: ten seconds of 16 bits at 16 kHz

-- The bytes of base64, which our own spelling of bytes in JSON reads.
local function decoded(text)
  return io_.json_decode(('{"$binary": {"base64": "%s", "subType": "00"}}'):format(text))
end

-- Writes a sound into the folder; its path, seen from the notebook.
local function put(folder, kind, bytes)
  local name = ("%s/%s.%s"):format(M.FOLDER, digest(bytes), kind:gsub("^x%-", ""))
  local ok, why = sys.mkdir(folder .. "/" .. M.FOLDER)
  if ok then ok, why = sys.write_file(folder .. "/" .. name, bytes) end
  if not ok then error(why, 0) end
  return name
end

--- media.outside(html, folder) -> the piece of HTML with the sounds that are too long for it in
-- files of folder/media, as links. Raises where one cannot be written.
function M.outside(html, folder)
  return (html:gsub('(src=")data:audio/([%w-]+);base64,([^"]*)"', function(before, kind, text)
    if #text * 3 // 4 <= MOST then return nil end
    local bytes = decoded(text)
    return type(bytes) == "string" and before .. put(folder, kind, bytes) .. '"' or nil
  end))
end

return M
