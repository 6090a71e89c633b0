--- Items of one's own: a list of anything, or a number n for the numbers 1 to n; and a value of
-- each, such as its class.
local M = {}

--- How many items there are; raises unless `items` is a list or a whole number, 1 or more.
function M.count(items, who)
  local n = type(items) == "table" and #items or math.type(items) == "integer" and items or nil
  if not n then
    error(("%s: items are a list, or how many there are, got %s"):format(who, type(items)), 0)
  end
  if n < 1 then error(who .. ": there are no items", 0) end
  return n
end

--- Item i.
function M.at(items, i)
  if type(items) == "table" then return items[i] end
  return i
end

--- An item as people know it: its number, and its id, path or itself where that is a name.
function M.name(items, i)
  local item = M.at(items, i)
  local name = type(item) == "table" and (item.id or item.path) or item
  if type(name) ~= "string" then return tostring(i) end
  return ("%d (%s)"):format(i, name)
end

-- What `given` says about item i.
local function value_of(items, given, i)
  if type(given) == "function" then return given(M.at(items, i)) end
  if type(given) == "table" then return given[i] end
  local item = M.at(items, i)
  return type(item) == "table" and item[given] or nil
end

--- Raises where a value of item i is nan, by which nothing can be found.
function M.check_key(items, i, value, what)
  if value ~= value then error(("%s: item %s has nan"):format(what, M.name(items, i)), 0) end
end

--- A value of every item, in a list. given: a list of them, function(item) -> value, or the name
-- of a field that items have; what: the option it came from, for messages. None may be nil or nan.
function M.values(items, given, what)
  local n, list = M.count(items, what), {}
  if type(given) == "table" and #given ~= n then
    error(("%s: %d values are given for %d items"):format(what, #given, n), 0)
  end
  for i = 1, n do
    list[i] = value_of(items, given, i)
    if list[i] == nil then
      error(("%s: item %s has none%s"):format(what, M.name(items, i),
        type(given) == "string" and (" (there is no field %s)"):format(given) or ""), 0)
    end
    M.check_key(items, i, list[i], what)
  end
  return list
end

return M
