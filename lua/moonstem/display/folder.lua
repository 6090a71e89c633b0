--- The folder for pictures and sounds that are shown by other programs: one in each process, made
-- when it is needed. Its files stay, for people who look at them later.
local sys = require "moonstem.core.sys"

local M = {}

local path, count -- the folder, and how many files are in it

local function folder()
  if not path then
    local made, why = sys.tempdir()
    if not made then return nil, why end
    path, count = made, 0
  end
  return path
end

--- A new name in the folder that ends in .kind, or nil and a message.
function M.name(kind)
  local where, why = folder()
  if not where then return nil, why end
  count = count + 1
  return ("%s/%d.%s"):format(where, count, kind)
end

--- Writes bytes into a new file; its path, or nil and a message.
function M.put(bytes, kind)
  local name, why = M.name(kind)
  if not name then return nil, why end
  local ok
  ok, why = sys.write_file(name, bytes)
  if not ok then return nil, why end
  return name
end

--- Saves a figure, as PNG where it can be made and else as SVG; the path, or nil and a message.
function M.save(figure)
  local bytes = figure:png()
  return M.put(bytes or figure:svg(), bytes and "png" or "svg")
end

return M
