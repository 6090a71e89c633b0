--- What a piece of work left in its folder, file by file, without what times and machines put
-- there: two pieces of work came out equal where their outcomes are.
local ms = require "moonstem"
local digest = require "moonstem.sys.digest"
local same_files = require "survival.same_files"

local M = {}

local function names_below(folder, prefix, list)
  for _, name in ipairs(ms.sys.list(folder)) do
    local path = folder .. "/" .. name
    if ms.sys.is_dir(path) then
      list[#list + 1] = prefix .. name .. "/"
      names_below(path, prefix .. name .. "/", list)
    else
      list[#list + 1] = prefix .. name
    end
  end
  return list
end

-- What counts of a file: by the first pattern that fits its name; all of it where none does.
local function fingerprint(folder, name)
  if name:sub(-1) == "/" then return "folder" end
  for _, rule in ipairs(same_files) do
    if name:find(rule[1]) then return rule[2](folder .. "/" .. name) end
  end
  return ms.io.crc32c(assert(ms.sys.read_file(folder .. "/" .. name)))
end

--- outcome.of(folder) -> { name = fingerprint }; the numbers of locks do not count
function M.of(folder)
  local found = {}
  for _, name in ipairs(names_below(folder, "", {})) do
    local unnumbered = name:gsub("lock%.%d+$", "lock"):gsub("node%.%d+$", "node")
    found[unnumbered] = digest(tostring(fingerprint(folder, name)))
  end
  return found
end

--- outcome.differences(found, wanted) -> a list of sentences, in the order of names
function M.differences(found, wanted)
  local list = {}
  for name, value in pairs(wanted) do
    if not found[name] then list[#list + 1] = name .. " is missing"
    elseif found[name] ~= value then list[#list + 1] = name .. " differs" end
  end
  for name in pairs(found) do
    if not wanted[name] then list[#list + 1] = name .. " is left over" end
  end
  table.sort(list)
  return list
end

return M
