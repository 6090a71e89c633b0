--- Option tables of the data library: an unknown key raises with the nearest known name.

-- Edit distance of two short words.
local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local corner = row[0]
    row[0] = i
    for j = 1, #b do
      local above = row[j]
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(above + 1, row[j - 1] + 1, corner + cost)
      corner = above
    end
  end
  return row[#b]
end

--- A copy of `options` (nil counts as empty) with the defaults filled in.
-- who: the function's name for messages; defaults: name -> default, or false for "none".
return function(options, who, defaults)
  if options ~= nil and type(options) ~= "table" then
    error(("%s: options must be a table, got %s"):format(who, type(options)), 0)
  end
  local out, known = {}, {}
  for name, value in pairs(defaults) do
    known[#known + 1] = name
    if value ~= false then out[name] = value end
  end
  table.sort(known)
  for name, value in pairs(options or {}) do
    if defaults[name] == nil then
      table.sort(known, function(a, b)
        local da, db = distance(a, tostring(name)), distance(b, tostring(name))
        return da < db or da == db and a < b
      end)
      error(("%s: unknown option %s, did you mean %s?"):format(who, tostring(name), known[1]), 0)
    end
    out[name] = value
  end
  return out
end
