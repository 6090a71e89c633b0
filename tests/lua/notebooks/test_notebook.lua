--- Notebooks written from scripts: cells, outputs, the same bytes again, Jupyter's own checks.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local source = require "notebook.source"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local PYTHON = "/usr/bin/python3"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

local function program(...)
  local status, out = sys.capture { PROGRAM, stdin = "/dev/null", stderr = dir .. "/err", ... }
  return status, out, sys.read_file(dir .. "/err")
end

-- Exports a script: the notebook as a table, its bytes, and what the program said.
local function export(text, ...)
  assert(sys.write_file(dir .. "/s.lua", text))
  local status, out, err = program("notebook", "export", dir .. "/s.lua", ...)
  local bytes = assert(sys.read_file(dir .. "/s.ipynb"))
  return assert(ms.io.json_decode(bytes)), bytes, { status, out, err }
end

local SCRIPT = [==[
#!/usr/bin/env moonstem
--- A remark in front.
--[[md
# Title

Text of *two* lines.
]]
--%% first
local x = ms.ones { 2, 3 }
print("sum", x:sum())
x:shape()
--%%
local function f() error "boom" end
io.stderr:write "careful\n"
ms.show "seen"
--[=[md a list ]] inside ]=]
--%%

--%%
f()
--%%
x:sum():item() + 1
]==]

-- ---- sources ---------------------------------------------------------------------------------

function tests.marks_begin_cells()
  lu.assertEquals(source.cells(SCRIPT), {
    { kind = "code", text = "--- A remark in front." },
    { kind = "markdown", text = "# Title\n\nText of *two* lines." },
    { kind = "code", name = "first",
      text = 'local x = ms.ones { 2, 3 }\nprint("sum", x:sum())\nx:shape()' },
    { kind = "code", text = 'local function f() error "boom" end\nio.stderr:write "careful\\n"\n'
      .. 'ms.show "seen"' },
    { kind = "markdown", text = "a list ]] inside" }, { kind = "code", text = "f()" },
    { kind = "code", text = "x:sum():item() + 1" } })
  lu.assertEquals(source.cells "x = 1\r\n--%%\r\ny = 2",
    { { kind = "code", text = "x = 1" }, { kind = "code", text = "y = 2" } })
  lu.assertEquals(source.cells "", {})
  lu.assertEquals({ source.cells "x = 1\n--[[md\nno end" },
    { nil, "line 2: the text that begins with --[[md does not end" })
end

function tests.cells_become_the_script_again()
  local cells = assert(source.cells(SCRIPT))
  lu.assertEquals(source.cells(source.text(cells)), cells)
end

-- ---- notebooks -------------------------------------------------------------------------------

local function joined(text) return type(text) == "table" and table.concat(text) or text end

function tests.outputs_stand_below_their_cells()
  local book, _, said = export(SCRIPT)
  lu.assertEquals(said[1], 1)
  lu.assertStrContains(said[3], "cell 6: In[3]:1: boom")
  local first, second, third, last = book.cells[3], book.cells[4], book.cells[6], book.cells[7]
  lu.assertEquals(joined(first.outputs[1].text), "sum\t6\n")
  lu.assertEquals(joined(first.outputs[2].data["text/plain"]), '"2x3"')
  lu.assertEquals(first.metadata, { name = "first" })
  lu.assertEquals({ second.outputs[1].name, second.outputs[2].output_type },
    { "stderr", "display_data" })
  lu.assertEquals({ third.outputs[1].output_type, third.outputs[1].evalue, third.execution_count },
    { "error", "In[3]:1: boom", 4 })
  lu.assertEquals({ last.execution_count, #last.outputs }, { ms.io.null, 0 })
end

function tests.errors_may_be_passed_over()
  local book, _, said = export(SCRIPT, "--allow-errors")
  lu.assertEquals(said[1], 0)
  lu.assertEquals(joined(book.cells[7].outputs[1].data["text/plain"]), "7")
end

function tests.an_interrupt_ends_the_export_and_keeps_what_was_done()
  assert(sys.write_file(dir .. "/s.lua", "--%%\nprint 'one'\n--%%\n"
    .. ("io.open(%q, 'w'):close() while true do end\n--%%%%\nprint 'two'"):format(dir .. "/begun")))
  local child = assert(sys.spawn { PROGRAM, "notebook", "export", "--allow-errors", dir
    .. "/s.lua", stdout = "/dev/null", stderr = dir .. "/err" })
  for _ = 1, 1000 do if sys.exists(dir .. "/begun") then break end sys.sleep(0.02) end
  child:kill "INT"
  lu.assertEquals(child:wait(20), 130)
  local cells = assert(ms.io.load_json(dir .. "/s.ipynb")).cells
  lu.assertEquals({ #cells[1].outputs, cells[2].outputs[1].ename, #cells[3].outputs },
    { 1, "Interrupted", 0 })
end

function tests.cells_may_be_left_unrun()
  local book = export(SCRIPT, "--no-run")
  for _, cell in ipairs(book.cells) do
    if cell.cell_type == "code" then
      lu.assertEquals({ cell.execution_count, #cell.outputs }, { ms.io.null, 0 })
    end
  end
end

function tests.the_same_script_gives_the_same_bytes()
  local _, first = export(SCRIPT, "--allow-errors")
  local book, again = export(SCRIPT, "--allow-errors")
  lu.assertEquals(again, first)
  local seen = {}
  for _, cell in ipairs(book.cells) do
    lu.assertNil(seen[cell.id])
    lu.assertStrMatches(cell.id, "%x+")
    seen[cell.id] = true
  end
  local twice = export("--%%\nx = 1\n--%%\nx = 1", "--no-run")
  lu.assertNotEquals(twice.cells[1].id, twice.cells[2].id)
end

-- The sentence with which the command refuses.
local function refused(...)
  local status, _, err = program("notebook", ...)
  lu.assertEquals(status, 1)
  lu.assertNil(err:match "\n.")
  return err
end

function tests.a_notebook_becomes_its_script_again()
  export(SCRIPT, "--no-run")
  lu.assertEquals(program("notebook", "script", dir .. "/s.ipynb", "-o", dir .. "/t.lua"), 0)
  lu.assertStrContains(refused("script", dir .. "/s.ipynb", "-o", dir .. "/t.lua"),
    "t.lua exists already; --force writes over it")
  lu.assertEquals(program("notebook", "script", dir .. "/s.ipynb", "--force", "-o",
    dir .. "/t.lua"), 0)
  lu.assertEquals(source.cells(sys.read_file(dir .. "/t.lua")), source.cells(SCRIPT))
end

function tests.wrong_words_and_files_are_one_sentence()
  lu.assertEquals(program "notebook", 2)
  lu.assertEquals(program("notebook", "export"), 2)
  lu.assertStrContains(refused("export", dir .. "/none.lua"), "none.lua: No such file")
  lu.assertStrContains(refused("export", dir), "there is no run")
  assert(sys.write_file(dir .. "/s.lua", "--[[md"))
  lu.assertStrContains(refused("export", dir .. "/s.lua"), "s.lua: line 1: the text")
  assert(sys.write_file(dir .. "/s.lua", "x = 1"))
  lu.assertStrContains(refused("export", dir .. "/s.lua", "-o", dir .. "/no/x.ipynb"), "no/x.ipynb")
  lu.assertStrContains(refused("script", dir .. "/s.lua", "-o", dir .. "/t.lua"), "s.lua")
  lu.assertStrContains(refused("export", dir .. "/s.lua", "-o", dir .. "/s.lua"), "in .ipynb")
  assert(sys.write_file(dir .. "/zero.lua", "x\0y"))
  lu.assertStrContains(refused("export", dir .. "/zero.lua"), "it is no Lua script")
  assert(sys.write_file(dir .. "/s.ipynb", '{"nbformat": 3}'))
  lu.assertStrContains(refused("export", dir .. "/s.ipynb", "-o", dir .. "/t.ipynb"),
    "moonstem notebook script")
  lu.assertStrContains(refused("script", dir .. "/s.ipynb", "--force"),
    "not a notebook of format 4")
end

-- ---- pictures, sounds and runs ---------------------------------------------------------------

function tests.pictures_and_players_stand_where_they_are_shown()
  local book = export [==[
--%%
ms.show(ms.figure.of({ 1, 3, 2 }, { title = "Three" }))
wave = (ms.range(0, 7999) * 0.1):sin() * 0.3
ms.play(wave, { rate = 16000 })
ms.figure.of { 1, 2 }
]==]
  local first, second, third = table.unpack(book.cells[1].outputs)
  local png = joined(first.data["image/png"] or first.data["text/html"])
  lu.assertTrue(png:find "^iVBORw0KGgo" == 1 or png:find "<svg" ~= nil)
  lu.assertStrContains(joined(first.data["text/plain"]), "Three")
  lu.assertStrMatches(joined(second.data["text/html"]),
    '<audio controls.*src="data:audio/flac;base64,[%w+/=]+".*')
  lu.assertEquals(third.output_type, "execute_result")
end

function tests.long_sounds_lie_beside_the_notebook()
  local book, bytes = export [==[
--%%
ms.seed(1)
ms.play(ms.randn { 16 * 16000 } * 0.1, { rate = 16000 });
]==]
  local name = joined(book.cells[1].outputs[1].data["text/html"]):match 'src="(media/%x+%.flac)"'
  lu.assertNotNil(name)
  lu.assertTrue(#bytes < 3000)
  local wave, rate = assert(ms.audio.read(dir .. "/" .. name))
  lu.assertEquals({ wave:size(1), rate }, { 16 * 16000, 16000 })
end

function tests.a_run_becomes_a_notebook()
  local run, silence = dir .. "/golden run", ms.zeros { 1600 }
  sys.run { "cp", "-r", arg[0]:match "^(.*)/lua/[^/]*$" .. "/golden/run", run }
  assert(sys.mkdir(run .. "/example"))
  for _, name in ipairs { "mixture", "vocals", "vocals-separated" } do
    assert(ms.audio.write(("%s/example/%s.flac"):format(run, name), silence, 16000))
  end
  assert(ms.io.save_json(run .. "/example/about.json", { sources = { "vocals" } }))
  local status = program("notebook", "export", run, "-o", dir .. "/run.ipynb")
  lu.assertEquals(status, 0)
  local book = assert(ms.io.load_json(dir .. "/run.ipynb"))
  local text = {}
  for _, cell in ipairs(book.cells) do
    for _, output in ipairs(cell.outputs or {}) do
      text[#text + 1] = joined(output.data["text/plain"])
    end
  end
  text = table.concat(text, "\n")
  for _, part in ipairs { "2.75883", "figure of", "accuracy = 0", 'kind = "tail_model"',
    "sound mixture.flac: 0.1 s", "sound vocals-separated.flac" } do
    lu.assertStrContains(text, part)
  end
end

-- ---- the examples ----------------------------------------------------------------------------

-- A notebook without its pictures, whose pixels hang on fonts and the last bits of numbers, but for
-- how many bytes they have, roughly.
local function without_pixels(text)
  return (text:gsub('"image/png": "([%w+/=]+)"', function(png)
    return ('"image/png": about %d'):format(math.floor(math.log(#png, 2) + 0.5))
  end))
end

function tests.examples_are_what_their_sources_give()
  lu.skipIf(sys.run { "sh", "-c", "command -v rsvg-convert >/dev/null" } ~= 0,
    "librsvg2-bin is not installed")
  local root = arg[0]:match "^(.*)/tests/lua/[^/]*$" or "."
  for _, name in ipairs { "01-tensors-and-layers", "05-table-one" } do
    local source_ = ("%s/notebooks-export/examples/%s"):format(root, name)
    local status = sys.run { PROGRAM, "notebook", "export", source_ .. ".lua", "-o", dir
      .. "/again.ipynb", dir = root, stdout = "/dev/null" }
    lu.assertEquals(status, 0)
    lu.assertTrue(without_pixels(sys.read_file(dir .. "/again.ipynb"))
      == without_pixels(sys.read_file(source_ .. ".ipynb")), name .. ": export it again")
  end
end

-- ---- Jupyter's own programs ------------------------------------------------------------------

function tests.nbformat_finds_them_valid()
  lu.skipIf(sys.run { PYTHON, "-c", "import nbformat", stderr = "/dev/null" } ~= 0,
    "python3-nbformat is not installed")
  export(SCRIPT, "--allow-errors")
  local status = sys.run { PYTHON, "-W", "error", "-c",
    "import sys, json, nbformat; b = json.load(open(sys.argv[1])); nbformat.validate(b)",
    dir .. "/s.ipynb", stderr = dir .. "/err" }
  lu.assertEquals(status, 0, sys.read_file(dir .. "/err"))
end

function tests.nbconvert_shows_them()
  lu.skipIf(sys.run { "sh", "-c", "command -v jupyter-nbconvert >/dev/null" } ~= 0,
    "jupyter-nbconvert is not installed")
  export(SCRIPT, "--allow-errors")
  local status = sys.run { "jupyter-nbconvert", "--to", "html", dir .. "/s.ipynb",
    stderr = dir .. "/err", env = { JUPYTER_DATA_DIR = dir, JUPYTER_CONFIG_DIR = dir } }
  lu.assertEquals(status, 0, sys.read_file(dir .. "/err"))
  local page = assert(sys.read_file(dir .. "/s.html"))
  for _, part in ipairs { "<h1", "Text of <em>two</em> lines", "sum\t6", "In[3]:1: boom",
    "highlight hl-lua", "<pre>7</pre>" } do
    lu.assertTrue(page:find(part, 1, true) ~= nil, part)
  end
end

return tests
