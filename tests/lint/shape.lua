--- Keeps files readable: lines of at most 100 columns, files of at most 500 lines; tells which
-- folders hold more than 20 files. Run from the project's root:
-- moonstem tests/lint/shape.lua
package.path = arg[0]:gsub("[^/]*$", "") .. "?.lua;" .. package.path
local tree = require "tree"

local WIDTH, LENGTH, FILES = 100, 500, 20
local SOURCES = { "core", "lua", "recipes", "experiments", "tests", "docs",
  "notebooks-export",
  "packaging" }

local problems = 0
local function problem(path, line, text, ...)
  problems = problems + 1
  print(("%s:%d: %s"):format(path, line, text:format(...)))
end

-- Line of the first one that is too wide, and how many lines there are.
local function measure(path)
  local wide, n = nil, 0
  for line in io.lines(path) do
    n = n + 1
    if (utf8.len(line) or #line) > WIDTH then wide = wide or n end
  end
  return wide, n
end

local function check_file(path)
  local wide, lines = measure(path)
  if lines > LENGTH and not path:find "^tests/" then
    problem(path, lines, "more than %d lines: two ideas in one room?", LENGTH)
  end
  if wide then problem(path, wide, "more than %d columns", WIDTH) end
end

local function check_folders()
  local count = {}
  for _, path in ipairs(tree.files(".", "*", table.unpack(SOURCES))) do
    local folder = path:match "^(.*)/"
    count[folder] = (count[folder] or 0) + 1
  end
  local names = {}
  for folder, n in pairs(count) do if n > FILES then names[#names + 1] = folder end end
  table.sort(names)
  for _, folder in ipairs(names) do print(("%s has %d files"):format(folder, count[folder])) end
end

for _, pattern in ipairs { "*.c", "*.h", "*.def", "*.lua" } do
  for _, path in ipairs(tree.files(".", pattern, table.unpack(SOURCES))) do check_file(path) end
end
check_folders()
print(problems == 0 and "shape: in order" or ("shape: %d problems"):format(problems))
os.exit(problems == 0 and 0 or 1)
