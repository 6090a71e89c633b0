--- The files of the case table, in tests/lua/cases/ and the folders there: a list of paths.
local ms = require "moonstem"
local places = require "places"

local function walk(folder, list)
  for _, name in ipairs(assert(ms.sys.list(folder))) do
    local path = folder .. name
    if ms.sys.is_dir(path) then walk(path .. "/", list)
    elseif name:find "%.lua$" then list[#list + 1] = path end
  end
  return list
end

return function() return walk(places.ROOT .. "tests/lua/cases/", {}) end
