--- Results that are kept: rendered again from their JSON they are the same, and what the README
-- quotes is among them.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local places = require "places"
local sys = ms.sys

local RESULTS = places.ROOT .. "recipes/results"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

-- The PNG is another program's work, and may differ with its version.
local RENDERED = { "table1/table.txt", "table1/table.md", "table1/table.tex", "table1/table.csv",
  "table1/report.md", "table1/findings.txt", "figure2/report.md", "figure2/tag_differences.txt",
  "figure2/tag_differences.csv", "figure2/tag_differences.svg" }

function tests.tables_and_figures_are_made_from_their_json()
  local status, out = sys.capture { "/proc/self/exe", RESULTS .. "/render.lua", dir,
    stderr = dir .. "/err" }
  lu.assertEquals(status, 0, out .. sys.read_file(dir .. "/err"))
  for _, name in ipairs(RENDERED) do
    local kept, made = sys.read_file(RESULTS .. "/small/" .. name),
      sys.read_file(dir .. "/" .. name)
    lu.assertTrue(kept == made, name .. " has changed: run moonstem recipes/results/render.lua "
      .. "and look at what git says")
  end
end

-- Whether one of the texts holds a figure as a whole: 1.3 is not in 11.35.
local function quoted(texts, figure)
  local pattern = "%f[%w.+-]" .. figure:gsub("%p", "%%%0")
    .. (figure:find "%d$" and "%f[^%d]" or "")
  for _, text in ipairs(texts) do
    if text:find(pattern) then return true end
  end
  return false
end

function tests.the_readme_quotes_what_was_rendered()
  local texts = {}
  for i, name in ipairs { "table1/table.txt", "table1/findings.txt" } do
    -- the mark of what is better
    texts[i] = sys.read_file(RESULTS .. "/small/" .. name):gsub("(%d%.%d+)%+", "%1")
  end
  local said = sys.read_file(RESULTS .. "/README.md")
    :match "## What they say(.*)## What they do not say"
  local seen = 0
  for _, pattern in ipairs { "%d+%.%d%d ± %d+%.%d%d", "[+-]%d%.%d%d %[[^%]]*%]", "[+-]%d+%.%d dB",
    "t = [-%d.]*%d" } do
    for figure in said:gmatch(pattern) do
      seen = seen + 1
      lu.assertTrue(quoted(texts, figure), figure)
    end
  end
  for first, last in said:gmatch "(0%.%d%d%d) [^.]-(0%.%d%d%d)" do
    lu.assertTrue(quoted(texts, first) and quoted(texts, last), first .. " and " .. last)
    seen = seen + 2
  end
  lu.assertTrue(seen >= 14 + 6 + 5 + 2 + 4, seen)
end

return tests
