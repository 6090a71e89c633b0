--- Who looks on while parts run: functions that hear of a part's results by its name.
local layer = require "moonstem.net.layer"
local parts = require "moonstem.net.parts"

local M = {}

local function watch(part, entry)
  local list = rawget(part, "watched")
  if not list then
    list = {}
    rawset(part, "watched", list)
  end
  list[#list + 1] = entry
end

local function unwatch(part, f)
  local list, kept = rawget(part, "watched") or {}, {}
  for _, entry in ipairs(list) do
    if entry.mark ~= f then kept[#kept + 1] = entry end
  end
  rawset(part, "watched", kept[1] and kept or nil)
end

-- Calls visit(part, name) for a part and all below, each once, what a module holds before itself.
local function each(self, visit)
  if parts.is_module(self) then
    local below = {}
    parts.walk_all(self, function(path, child, first)
      if not first then table.insert(below, 1, { child, path }) end
    end)
    for k = #below, 1, -1 do
      if layer.is_layer(below[k][1]) then visit(table.unpack(below[k])) end
    end
    for _, pair in ipairs(below) do
      if not layer.is_layer(pair[1]) then visit(table.unpack(pair)) end
    end
  end
  visit(self, parts.is_module(self) and self.name or self:kind())
end

local function check(f, who)
  if type(f) ~= "function" then
    error(("%s: a function is needed, got %s"):format(who, type(f)), 3)
  end
end

function M.watch(self, f)
  check(f, "watch")
  local mark = {} -- f may watch several times
  each(self, function(part, name) watch(part, { f = f, name = name, mark = mark }) end)
  return function()
    each(self, function(part) unwatch(part, mark) end)
  end
end

function M.apply(self, f)
  check(f, "apply")
  each(self, f)
  return self
end

return M
