--- What the documents point at is there: links to files and to headings, and paths in code style.
local lu = require "luaunit"
local places = require "places"
local sys = require "moonstem.sys"

local ROOT = places.ROOT
-- those that hold documents, and all in them
local FOLDERS = { "core", "lua", "recipes", "experiments", "tests", "findings" }
local tests = {}

local function documents(folder, list)
  for _, name in ipairs(sys.list(ROOT .. "/" .. folder) or {}) do
    local path = folder .. "/" .. name
    if name:find "%.md$" then list[#list + 1] = path
    elseif sys.is_dir(ROOT .. "/" .. path) then documents(path, list) end
  end
  return list
end

local function all_documents()
  local list = {}
  for _, name in ipairs(sys.list(ROOT)) do
    if name:find "%.md$" then list[#list + 1] = name end
  end
  for _, folder in ipairs(FOLDERS) do documents(folder, list) end
  return list
end

-- The name by which links know a heading.
local function anchor(heading)
  return (heading:lower():gsub("`", ""):gsub("[^%w%s_\x80-\xff-]", ""):gsub("%s", "-"))
end

local function has_heading(path, wanted)
  for line in io.lines(path) do
    local heading = line:match "^#+%s+(.-)%s*$"
    if heading and anchor(heading) == wanted then return true end
  end
  return false
end

-- visit(document, its text without blocks of code, the folder that it is in) for every document.
local function each(visit)
  local list = all_documents()
  lu.assertTrue(#list >= 8)
  for _, path in ipairs(list) do
    local text = ("\n" .. sys.read_file(ROOT .. "/" .. path)):gsub("\n    [^\n]*", "\n")
    visit(path, text, ROOT .. "/" .. (path:match "^(.*/)" or ""))
  end
end

function tests.links_lead_somewhere()
  each(function(document, text, folder)
    for target in text:gmatch "%]%(([^)%s]+)%)" do
      local file, heading = target:match "^([^#]*)#?(.*)$"
      if not target:find "^%a+:" then
        local path = file == "" and ROOT .. "/" .. document or folder .. file
        lu.assertTrue(sys.exists(path), ("%s: %s is not there"):format(document, target))
        lu.assertTrue(heading == "" or has_heading(path, heading),
          ("%s: %s has no such heading"):format(document, target))
      end
    end
  end)
end

function tests.paths_are_those_of_files()
  each(function(document, text, folder)
    for path in text:gmatch "`([%w_./+-]+)`" do
      local first = path:match "^(%w+)/"
      for _, name in ipairs(first and FOLDERS or {}) do
        local there = name ~= first or sys.exists(ROOT .. "/" .. path) or sys.exists(folder .. path)
        lu.assertTrue(there, ("%s: %s is not there"):format(document, path))
      end
    end
  end)
end

function tests.the_citation_is_of_this_version()
  local citation = sys.read_file(ROOT .. "/CITATION.cff")
  lu.assertEquals(citation:match "\nversion: ([^\n]*)", sys.version)
end

return tests
