--- The grid of an experiment: every combination of what varies, with a name for each.
local M = {}

-- Names of what varies, sorted, the seed last: repeats of one setting stand next to each other.
local function names_of(vary)
  local names = {}
  for name in pairs(vary) do
    if name ~= "seed" then names[#names + 1] = name end
  end
  table.sort(names)
  if vary.seed then names[#names + 1] = "seed" end
  return names
end

-- A value inside a folder's name.
local function word(value)
  if type(value) == "table" then
    local parts = {}
    for i, v in ipairs(value) do parts[i] = word(v) end
    return table.concat(parts, "-")
  end
  return (tostring(value):gsub("[^%w%.%-_]", "_"))
end

--- Name of a point of the grid, as width=32,seed=1.
function M.name(point, names)
  local parts = {}
  for i, name in ipairs(names) do parts[i] = name .. "=" .. word(point[name]) end
  return table.concat(parts, ",")
end

--- vary = { width = {32, 64}, seed = {1, 2} } -> list of { width = 32, seed = 1 }, ..., and the
-- sorted names. Where no seed varies, it is `seed`, or 1. Raises unless every value is a list with
-- something in it, and where two points would have one name (and so one folder).
function M.points(vary, seed)
  vary = vary or {}
  local names, points = names_of(vary), { {} }
  for _, name in ipairs(names) do
    if type(vary[name]) ~= "table" or #vary[name] == 0 then
      error(("experiment: vary.%s must be a list of values"):format(name), 0)
    end
    local longer = {}
    for _, point in ipairs(points) do
      for _, value in ipairs(vary[name]) do
        local new = { [name] = value }
        for k, v in pairs(point) do new[k] = v end
        longer[#longer + 1] = new
      end
    end
    points = longer
  end
  local seen = {}
  for _, point in ipairs(points) do
    point.seed = point.seed or seed or 1
    local name = M.name(point, names)
    if seen[name] then
      error(("experiment: two runs of vary would be called %s"):format(name), 0)
    end
    seen[name] = true
  end
  return points, names
end

return M
