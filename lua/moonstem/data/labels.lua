--- Labels of one's own clips: reads names from a
-- field, numbers them, and finds likely misspellings.
local findings = require "moonstem.data.findings"
local items = require "moonstem.data.items"

local M = {}

--- The names in a field "rock;loud" (or "rock|loud"), each once in
-- their order; and those that occur more than once.
function M.split(field)
  local names, seen, twice = {}, {}, {}
  for name in field:gmatch "[^;|]+" do
    name = name:match "^%s*(.-)%s*$"
    if seen[name] then twice[#twice + 1] = name
    elseif name ~= "" then names[#names + 1], seen[name] = name, true end
  end
  return names, twice
end

--- Turns the `names` of all items into class numbers of the sorted list of names. Returns that
-- list, whether each clip has just one, and how many clips each has.
function M.number(splits)
  local classes, counts, single = {}, {}, true
  items.each(splits, function(item)
    single = single and #item.names == 1
    for _, name in ipairs(item.names) do
      if not counts[name] then classes[#classes + 1] = name end
      counts[name] = (counts[name] or 0) + 1
    end
  end)
  table.sort(classes)
  return classes, single, counts
end

--- Gives all items `class` or `labels` instead of `names`.
function M.set(splits, classes, kind)
  local number = {}
  for i, name in ipairs(classes) do number[name] = i end
  items.each(splits, function(item)
    local labels = {}
    for i, name in ipairs(item.names) do labels[i] = number[name] end
    table.sort(labels)
    if kind == "genres" then item.class = labels[1] else item.labels = labels end
    item.names = nil
  end)
end

--- A note on names that differ in upper and lower case or
-- in spaces alone, or nil. counts: clips by name.
function M.look_alikes(classes, counts)
  local groups, order = {}, {}
  for _, name in ipairs(classes) do
    local key = name:lower():gsub("%s+", " ")
    if not groups[key] then
      groups[key] = {}
      order[#order + 1] = key
    end
    table.insert(groups[key], ('"%s" (%d)'):format(name, counts[name]))
  end
  local alike = {}
  for _, key in ipairs(order) do
    if #groups[key] > 1 then alike[#alike + 1] = table.concat(groups[key], " and ") end
  end
  if #alike == 0 then return nil end
  return "labels that differ in case or spaces alone are different classes (clips): "
    .. findings.few(alike)
end

return M
