--- Parts of a module by the names that people give: exact ones, and patterns.
local layer = require "moonstem.net.layer"
local parts = require "moonstem.net.parts"
local words = require "moonstem.core.words"

local M = {}

-- Every name under which layers stand: of the layer at "block.1.conv.2" also "block.1.conv",
-- "block.1" and "block".
local function names_above(path, known)
  while path do
    known[path] = true
    path = path:match "^(.*)%.[^.]*$"
  end
end

--- Raises about a name that no part has.
function M.no_such(self, who, name)
  local known, list = {}, {}
  parts.walk_all(self, function(path) names_above(path, known) end)
  for path in pairs(known) do list[#list + 1] = path end
  error(("%s.%s: there is no part %s%s"):format(self.name, who, tostring(name),
    words.hint(tostring(name), list)), 0)
end

-- Whether a name stands for the part at a path: it is the path's own or that of what holds it; as a
-- pattern, if it is no name, it fits one of these from end to end.
local function is_under(path, name, is_pattern)
  while path do
    if path == name or is_pattern and path:find("^" .. name .. "$") then return true end
    path = path:match "^(.*)%.[^.]*$"
  end
  return false
end

-- Calls visit(layer) for the layers of a part, or of all parts that fit a pattern; how many.
local function visit_layers(self, name, is_pattern, visit)
  local count = 0
  parts.walk_all(self, function(path, child)
    if layer.is_layer(child) and (name == nil or is_under(path, name, is_pattern)) then
      visit(child)
      count = count + 1
    end
  end)
  return count
end

--- Calls visit(layer) for the layers of each part that is named, of all where none is. Raises for
-- an unknown name. Returns the module.
function M.each_layer(self, who, visit, ...)
  for k = 1, math.max(1, select("#", ...)) do
    local name = (select(k, ...))
    if name ~= nil and type(name) ~= "string" then M.no_such(self, who, name) end
    if visit_layers(self, name, false, visit) == 0 and (not name
        or visit_layers(self, name, true, visit) == 0) then
      M.no_such(self, who, name)
    end
  end
  return self
end

return M
