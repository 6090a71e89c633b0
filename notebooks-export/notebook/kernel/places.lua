--- Cursors: Jupyter counts letters, we count bytes.
local M = {}

--- Bytes before a cursor that stands behind so many letters (code points) of a text.
function M.bytes(text, letters)
  local place = math.type(letters) == "integer" and letters >= 0 and utf8.offset(text, letters + 1)
  return place and place - 1 or #text
end

--- Letters among the first so many bytes.
function M.letters(text, bytes)
  return utf8.len(text, 1, bytes) or bytes
end

return M
