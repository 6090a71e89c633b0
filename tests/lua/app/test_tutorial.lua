--- The tutorial says what is true: every block of Lua and every command of docs/tutorial.md runs,
-- in one folder and in order.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local tests = {}

-- The blocks of a page: list of { kind = "lua" or "sh", text =, file = where it is to be saved }. A
-- block is saved where the words before it end with "Save it as `NAME`:" or the like.
local function blocks(page)
  local list, kind, text, before = {}, nil, {}, ""
  for line in (page .. "\n"):gmatch "(.-)\n" do
    local fence = line:match "^```(%a*)$"
    if fence and not kind then
      kind, text = fence, {}
    elseif fence then
      list[#list + 1] = { kind = kind, text = table.concat(text, "\n"),
        file = before:match "Save %a+ as%s+`([%w_]+%.lua)`:%s*$" }
      kind, before = nil, ""
    elseif kind then
      text[#text + 1] = line
    else
      before = before .. line .. "\n"
    end
  end
  return list
end

-- All blocks of Lua that are typed, one after the other, in one prompt; commands run between them.
local function session(list)
  local typed = { "ms.display.sink(ms.display.bundle)" }
  for _, block in ipairs(list) do
    if block.file then
      typed[#typed + 1] = ("assert(ms.sys.write_file(%q, %q))"):format(block.file, block.text)
    elseif block.kind == "lua" then
      typed[#typed + 1] = block.text
    else
      typed[#typed + 1] = ("assert(os.execute(%q))"):format("set -e\n" .. block.text)
    end
  end
  return table.concat(typed, "\n") .. "\n"
end

-- Runs a page in a folder; status, what it printed, what it complained of.
local function run(page)
  local dir <const> = assert(sys.tempdir())
  assert(sys.write_file(dir .. "/typed", session(blocks(page))))
  local bin = PROGRAM:match "^(.*)/[^/]*$"
  local status, out = sys.capture { PROGRAM, dir = dir, stdin = dir .. "/typed",
    stderr = dir .. "/err", env = { PATH = bin .. ":" .. os.getenv "PATH" } }
  local err = sys.read_file(dir .. "/err")
  local made = { first = sys.read_file(dir .. "/first.html"), width = sys.read_file(dir
    .. "/width.html"), features = sys.exists(dir .. "/features.npz") }
  sys.run { "rm", "-r", dir }
  return status, out, err, made
end

function tests.every_block_of_the_tutorial_runs()
  local page = assert(sys.read_file(places.ROOT .. "docs/tutorial.md"))
  lu.assertTrue(#blocks(page) >= 12)
  local status, out, err, made = run(page)
  lu.assertEquals(status, 0, err)
  lu.assertStrContains(out, "music: 72 clips (train 58, valid 7, test 7)")
  lu.assertStrContains(out, "width  runs")
  lu.assertTrue(made.features)
  lu.assertStrContains(made.first, "</html>")
  lu.assertStrContains(made.width, "</html>")
end

function tests.a_wrong_block_is_told()
  local status, _, err = run "```lua\nx = ms.zeroes { 2 }\n```\n"
  lu.assertEquals(status, 1)
  lu.assertStrContains(err, "did you mean ms.zeros")
end

return tests
