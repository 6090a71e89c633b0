--- Text from anywhere as text of HTML, inside elements and inside attributes in double quotes.
local readable = require "moonstem.report.document.readable"

local ESCAPE = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

return function(text)
  return (readable(text):gsub('[&<>"]', ESCAPE))
end
