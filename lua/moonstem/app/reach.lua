--- What users reach from `ms`: names of the library, and the functions behind them.
local strict = require "moonstem.strict"

local M = {}

local DEPTH = 4 -- ms.figure.svg.lines is three below ms

-- Names that the library keeps for itself: they are neither listed nor completed.
local internal = {}
for name in ([[
  ms.check_tensor ms.fail_allocation ms.internal ms.is_recomputing ms.methods ms.options ms.ops
  ms.weights ms.nn.init.kind ms.net.expect ms.net.expect_widths ms.net.is_module
  ms.models.imagenet.adaptation_kernel ms.models.imagenet.coordinates ms.models.imagenet.fill
  ms.models.imagenet.patch_kernel ms.models.imagenet.positions ms.statistics.resamples.options
  ms.statistics.resamples.percentiles
]]):gmatch "%S+" do internal[name] = true end

--- Whether a path such as "ms.io.png" is meant for users.
function M.is_public(path)
  return not internal[path] and not path:find "%._"
end

--- The function behind one that only counts its arguments: users want to see its place and its
-- parameters.
M.original = strict.original

local function walk(t, path, seen, each, visit)
  local names = {}
  for name in each(t) do
    if type(name) == "string" and name:match "^[%a_][%w_]*$" then names[#names + 1] = name end
  end
  table.sort(names)
  seen[t] = true
  for _, name in ipairs(names) do
    local whole, value = path .. "." .. name, rawget(t, name)
    if value ~= nil and M.is_public(whole) then
      visit(whole, value)
      local deeper = type(value) == "table" and not seen[value]
        and select(2, whole:gsub("%.", "")) < DEPTH
      if deeper and not rawget(debug.getmetatable(value) or {}, "__tostring") then
        walk(value, whole, seen, each, visit)
      end
    end
  end
end

--- Calls visit(path, value) for every public name below ms, in
-- the order of the alphabet. Loads all libraries.
function M.all(visit)
  walk(require "moonstem", "ms", {}, pairs, visit)
end

--- The path under which a function is reached from ms, or nil; looks only into what is loaded.
function M.name_of(f)
  local found
  local ms = package.loaded["moonstem"]
  if not ms then return nil end
  walk(ms, "ms", {}, function(t) return next, t end, function(path, value)
    if value == f or type(value) == "function" and M.original(value) == f then
      found = found or path
    end
  end)
  return found
end

--- What `value` holds under names that "." or ":" set
-- apart, such as "io.png"; nil where one is missing.
function M.follow(value, names)
  for name in names:gmatch "[^%.:]+" do
    local ok, inner = pcall(function() return value[name] end)
    if not ok or inner == nil then return nil end
    value = inner
  end
  return value
end

--- The value at a path such as "ms.io.png", or nil.
function M.value(path)
  local names = (path .. "."):match "^ms%.(.*)$"
  return names and M.follow(require "moonstem", names)
end

return M
