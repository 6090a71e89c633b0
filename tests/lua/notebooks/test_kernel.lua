--- The Jupyter kernel: its folder, its command line, and what Jupyter's own client sees of it.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local jupyter = require "moonstem.core.jupyter"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local PYTHON = "/usr/bin/python3"
local CLIENT = arg[0]:match "^(.*)/lua/[^/]*$" .. "/notebooks/kernel.py"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

local function need_libraries()
  local ok, why = jupyter.load()
  lu.skipIf(not ok, tostring(why))
end

local function program(...)
  local status, out = sys.capture { PROGRAM, stdin = "/dev/null", stderr = dir .. "/err", ... }
  return status, out, sys.read_file(dir .. "/err")
end

function tests.the_folder_tells_jupyter_how_to_start_it()
  need_libraries()
  local status, out = program("kernel", "install", "--prefix", dir .. "/a b")
  local folder = dir .. "/a b/share/jupyter/kernels/moonstem"
  lu.assertEquals(status, 0)
  lu.assertStrContains(out, folder)
  local spec = assert(ms.io.load_json(folder .. "/kernel.json"))
  lu.assertEquals(spec.argv, { PROGRAM, "kernel", "run", "{connection_file}" })
  for _, logo in ipairs { "logo-32x32.png", "logo-64x64.png", "logo-svg.svg" } do
    lu.assertTrue(sys.exists(folder .. "/" .. logo), logo)
  end
  lu.assertEquals({ spec.language, spec.interrupt_mode }, { "lua", "message" })
  status = sys.run { PROGRAM, "kernel", "install", env = { JUPYTER_DATA_DIR = dir .. "/own" },
    stdout = "/dev/null" }
  lu.assertEquals(status, 0)
  lu.assertTrue(sys.exists(dir .. "/own/kernels/moonstem/kernel.json"))
end

function tests.wrong_words_and_files_are_one_sentence()
  lu.assertEquals(program "kernel", 2)
  lu.assertEquals(program("kernel", "install", "--user", "--prefix", dir), 2)
  local function refused(text)
    assert(sys.write_file(dir .. "/c.json", text))
    local status, _, err = program("kernel", "run", dir .. "/c.json")
    lu.assertEquals(status, 1)
    return err
  end
  lu.assertStrContains(refused "{", "c.json: line 1")
  lu.assertStrContains(refused "{}", "it has no shell_port")
  lu.assertStrContains(refused '{"shell_port": 1, "signature_scheme": "hmac-md5"}', "hmac-md5")
  lu.assertStrContains(refused '{"shell_port": "x"}', "shell")
  lu.assertStrContains(select(3, program("kernel", "run", dir .. "/none")), "none: No such file")
end

function tests.a_port_that_is_taken_is_the_worlds_failure()
  need_libraries()
  local port = 20000 + sys.pid() % 20000
  local address = { ip = "127.0.0.1", shell = port, control = port, stdin = port, iopub = port,
    heartbeat = port }
  local kernel, why = jupyter.open(address)
  lu.assertNil(kernel)
  lu.assertStrContains(why, ("tcp://127.0.0.1:%d: Address already in use"):format(port))
  lu.assertErrorMsgContains("shell must be a port", jupyter.open, { shell = 0 })
end

function tests.jupyters_client_finds_all_of_it_right()
  need_libraries()
  lu.skipIf(sys.run { PYTHON, "-c", "import jupyter_client", stderr = "/dev/null" } ~= 0,
    "python3-jupyter-client is not installed")
  lu.assertEquals(program("kernel", "install", "--prefix", dir), 0)
  local status, out = sys.capture { PYTHON, CLIENT, stderr = dir .. "/err",
    env = { JUPYTER_PATH = dir .. "/share/jupyter", JUPYTER_RUNTIME_DIR = dir .. "/run",
      XDG_STATE_HOME = dir } }
  lu.assertEquals(status, 0, sys.read_file(dir .. "/err"))
  lu.assertNil(out:match "FAIL[^\n]*")
  lu.assertEquals(select(2, out:gsub("ok %w+", "")), 26)
end

-- The outputs of a notebook's cells, texts joined, and streams that follow each other.
local function outputs(path)
  local list = {}
  for _, cell in ipairs(assert(ms.io.load_json(path)).cells) do
    for _, o in ipairs(cell.outputs or {}) do
      local last = list[#list]
      for kind, text in pairs(o.data or {}) do
        o.data[kind] = type(text) == "table" and table.concat(text) or text
      end
      if (o.data or {})["image/png"] then o.data["image/png"] = "a picture" end -- of other sizes
      o.text = type(o.text) == "table" and table.concat(o.text) or o.text
      if o.output_type == "stream" and last and last.name == o.name and last.cell == cell.id then
        last.text = last.text .. o.text
      else
        o.cell = cell.id
        list[#list + 1] = o
      end
    end
  end
  return list
end

function tests.nbconvert_runs_cells_as_the_export_does()
  need_libraries()
  lu.skipIf(sys.run { "sh", "-c", "command -v jupyter-nbconvert >/dev/null" } ~= 0,
    "jupyter-nbconvert is not installed")
  assert(sys.write_file(dir .. "/s.lua", [==[
--[[md
# Both ways
]]
--%%
local x = ms.range(1, 6):reshape { 2, 3 }
print("first", x:sum())
io.write "no end"
ms.show "shown"
io.stderr:write "careful\n"
x
--%%
error "stop"
--%%
ms.show(ms.figure.of { 1, 3, 2 })
x:mean(), nil, "é"
]==]))
  lu.assertEquals(program("notebook", "export", dir .. "/s.lua", "--allow-errors"), 0)
  lu.assertEquals(program("notebook", "export", dir .. "/s.lua", "--no-run", "-o", dir
    .. "/bare.ipynb"), 0)
  lu.assertEquals(program("kernel", "install", "--prefix", dir), 0)
  local status = sys.run { "jupyter-nbconvert", "--to", "notebook", "--execute", "--allow-errors",
    "--output", "run.ipynb", dir .. "/bare.ipynb", stderr = dir .. "/err", env = {
      JUPYTER_PATH = dir .. "/share/jupyter", JUPYTER_CONFIG_DIR = dir, JUPYTER_DATA_DIR = dir,
      XDG_STATE_HOME = dir } }
  lu.assertEquals(status, 0, sys.read_file(dir .. "/err"))
  local own = outputs(dir .. "/s.ipynb")
  lu.assertEquals(#own, 7)
  lu.assertEquals(outputs(dir .. "/run.ipynb"), own)
end

function tests.captured_output_is_read_once_and_as_utf8()
  local capture = assert(jupyter.capture())
  print "one"
  io.write "\xff\xe2\x82"
  sys.run { "sh", "-c", "echo two >&2" }
  local out, err = capture:read()
  io.write "\xac three\n"
  local more = capture:read()
  capture:close()
  lu.assertEquals({ out, err, more }, { "one\n\u{FFFD}\u{FFFD}", "two\n", "\u{FFFD} three\n" })
  lu.assertErrorMsgContains("closed", capture.read, capture)
end

function tests.other_bytes_than_utf8_are_marked()
  for bytes, text in pairs { ["aé"] = "aé", ["\xc0\xaf"] = "\u{FFFD}\u{FFFD}", [""] = "",
    ["\xed\xa0\x80"] = "\u{FFFD}\u{FFFD}\u{FFFD}", ["\xf0\x9f\x98\x80"] = "😀", ["\0"] = "\0",
    ["\xf0\x9f\x98"] = "\u{FFFD}", ["\xf5a"] = "\u{FFFD}a" } do
    lu.assertEquals(jupyter.utf8(bytes), text)
  end
end

return tests
