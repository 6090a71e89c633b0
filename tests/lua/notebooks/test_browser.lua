--- The kernel in a browser: Debian's jupyter-notebook and chromium show its pictures and players.
local lu = require "luaunit"
local ms = require "moonstem"
local jupyter = require "moonstem.core.jupyter"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local DRIVER = arg[0]:match "^(.*)/lua/[^/]*$" .. "/notebooks/browser.py"
local tests = {}

local CELLS = [==[
--%%
x = ms.ones { 2, 3 }
print("printed " .. x:sum():item())
x
--%%
ms.show(ms.figure.of({ 1, 3, 2 }, { title = "Three" }))
--%%
ms.play((ms.range(0, 15999) * (2 * math.pi * 440 / 16000)):sin() * 0.3, { rate = 16000 });
--%%
error "boom"
--%%
-- the last cell
]==]

-- Half a gigabyte, so that run.sh does not install it by itself.
local INSTALL = "apt-get install jupyter-notebook chromium chromium-driver python3-selenium"

local function need(command, package)
  lu.skipIf(sys.run { "sh", "-c", command, stdout = "/dev/null", stderr = "/dev/null" } ~= 0,
    ("%s is not installed; %s brings all that this test needs"):format(package, INSTALL))
end

function tests.pictures_players_completion_and_interrupts()
  local ok, why = jupyter.load()
  lu.skipIf(not ok, tostring(why))
  need("command -v jupyter-notebook", "jupyter-notebook")
  need("command -v chromium", "chromium")
  need("command -v chromedriver", "chromium-driver")
  need("/usr/bin/python3 -c 'import selenium'", "python3-selenium")
  local dir = assert(sys.tempdir())
  assert(sys.write_file(dir .. "/browser.lua", CELLS))
  for _, words in ipairs { { "kernel", "install", "--prefix", dir },
    { "notebook", "export", "--no-run", dir .. "/browser.lua" } } do
    lu.assertEquals(sys.run { PROGRAM, stdout = "/dev/null", table.unpack(words) }, 0)
  end
  local status, out = sys.capture { "/usr/bin/python3", DRIVER, dir, stderr = dir .. "/err",
    env = { HOME = dir, JUPYTER_PATH = dir .. "/share/jupyter", JUPYTER_CONFIG_DIR = dir } }
  lu.assertEquals(status, 0, sys.read_file(dir .. "/err"))
  lu.assertNil(out:match "FAIL[^\n]*")
  lu.assertEquals(select(2, out:gsub("ok %w+", "")), 6)
  sys.run { "rm", "-r", dir }
end

return tests
