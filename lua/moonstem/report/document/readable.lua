--- Text from anywhere as text that pages can hold. Names of files and tags may hold any bytes.
local REPLACEMENT = "\u{FFFD}"

-- Control characters other than tab and line feed.
local CONTROL = "[\0-\8\11-\31\127]"

--- UTF-8 without control characters: what is neither becomes the replacement character.
return function(text)
  local at, parts = 1, {}
  text = tostring(text)
  while true do
    local _, bad = utf8.len(text, at)
    if not bad then break end
    table.insert(parts, text:sub(at, bad - 1) .. REPLACEMENT)
    at = bad + 1
  end
  return (table.concat(parts) .. text:sub(at)):gsub(CONTROL, REPLACEMENT)
end
