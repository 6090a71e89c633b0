--- Keeps citations true: `FILE.md#heading` in a comment names a heading that exists, FOLDER/FILE.c
-- and the like a file that does, and links of documents name files and headings that do.
-- Run from the project's root: moonstem tests/lint/citations.lua
package.path = arg[0]:gsub("[^/]*$", "") .. "?.lua;" .. package.path
local tree = require "tree"

local FOLDERS = { "core", "lua", "recipes", "experiments", "tests", "findings",
  "notebooks-export" }

local problems, citations = 0, 0
local function problem(path, line, text, ...)
  problems = problems + 1
  print(("%s:%d: %s"):format(path, line, text:format(...)))
end

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

-- "## The U-Net" -> "the-u-net", as GitHub and GitLab make them.
local function anchor(heading)
  return (heading:lower():gsub("[^%w%s_-]", ""):gsub("%s", "-"))
end

local known = {}
-- The anchors of a document: a set; nil where it is not there.
local function anchors(path)
  if known[path] == nil then
    known[path] = exists(path) and {} or false
    for _, line in tree.lines(known[path] and tree.read(".", path) or "") do
      local heading = line:match "^#+%s+(.-)%s*$"
      if heading then known[path][anchor(heading)] = true end
    end
  end
  return known[path]
end

local function check(path, n, document, heading)
  citations = citations + 1
  local list = anchors(document)
  if not list then problem(path, n, "there is no document %s", document)
  elseif not list[heading] then problem(path, n, "%s has no heading #%s", document, heading) end
end

-- In comments: "recipes/paper.md#front-end, #the-u-net", seen from the project's root; it may go on
-- in the next line.
local function check_source(path)
  local text = tree.read(".", path):gsub("\n%s*%-%- ", " \n"):gsub("\n%s*%* ", " \n")
  for at, document, rest in text:gmatch "()([%w_/%.-]+%.md)(#[%w_-]+[%s%w_,#-]*)" do
    local _, before = text:sub(1, at):gsub("\n", "")
    check(path, before + 1, document, rest:match "^#([%w_-]+)")
    for more in rest:gmatch ",%s*#([%w_-]+)" do check(path, before + 1, document, more) end
  end
end

-- "recipes", "../README.md" -> "README.md"
local function from_folder(path, link)
  local place = (path:match "^(.*/)" or "") .. link
  repeat
    local count
    place, count = place:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return place
end

-- In documents: [text](FILE), [text](FILE#heading), [text](#heading), seen from the document.
local function check_document(path)
  for n, line in tree.lines(tree.read(".", path)) do
    for link in line:gmatch "%]%(([^)%s]+)%)" do
      local file, heading = link:match "^([^#]*)#?(.*)$"
      local place = file == "" and path or from_folder(path, file)
      local outside = link:find "^%a+:"
      if not outside and not exists(place) then problem(path, n, "there is no %s", place)
      elseif not outside and heading ~= "" then check(path, n, place, heading) end
    end
  end
end

-- The ends of all paths of C files: "io/npy.h" of core/io/npy.h.
local ends = {}
for _, pattern in ipairs { "*.[ch]", "*.def" } do
  for _, path in ipairs(tree.files(".", pattern, "core", "tests")) do
    for at in ("/" .. path):gmatch "()/" do ends[path:sub(at)] = true end
  end
end

-- Anywhere but in #include <...>: "io/npy.h", seen from any folder above.
local function check_names(path)
  for n, line in tree.lines(tree.read(".", path)) do
    for name in (line:find "^%s*#include" and "" or line):gmatch "[%w_]+/[%w_/]+%.%a+%f[^%w_]" do
      if name:find "%.[ch]$" or name:find "%.def$" then
        citations = citations + 1
        if not ends[name] then problem(path, n, "there is no file %s", name) end
      end
    end
  end
end

for _, pattern in ipairs { "*.c", "*.h", "*.def", "*.lua" } do
  for _, path in ipairs(tree.files(".", pattern, table.unpack(FOLDERS))) do
    if path ~= "tests/lint/citations.lua" then check_source(path) end
    if not path:find "^tests/l" then check_names(path) end -- tests make up names
  end
end
local documents = tree.files(".", "*.md", table.unpack(FOLDERS))
table.move({ "README.md", "CONTRIBUTING.md", "CHANGELOG.md" }, 1, 3, #documents + 1, documents)
for _, path in ipairs(documents) do
  check_document(path)
  if path ~= "CHANGELOG.md" then check_names(path) end -- which tells of files that were
end
print(("citations: %d, %d problems"):format(citations, problems))
os.exit(problems == 0 and 0 or 1)
