--- What ms.show and ms.play hand to the display's sink while f runs, as a list.
local display = require("moonstem").display

return function(f)
  local list = {}
  local before = display.sink(function(value) list[#list + 1] = value end)
  local ok, why = pcall(f)
  display.sink(before)
  assert(ok, why)
  return list
end
