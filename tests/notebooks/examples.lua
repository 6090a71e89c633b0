--- The five example notebooks as on a fresh clone: their sources run as scripts and as notebooks,
-- by the export and, where jupyter-nbconvert is installed, by the kernel; none is large.
-- moonstem tests/notebooks/examples.lua: some five minutes on two cores, most of them the first's
-- rendering and training.
local ms = require "moonstem"
local sys = ms.sys

local PROGRAM = sys.absolute "/proc/self/exe"
local MOST = 300000 -- bytes of an export
local root = sys.absolute(arg[0]:match "^(.*)/tests/notebooks/[^/]*$" or ".")
local dir = assert(sys.tempdir())
local failed = 0

local function must(what, status, ...)
  print((status == 0 and "ok   " or "FAIL ") .. what, ...)
  failed = failed + (status == 0 and 0 or 1)
end

-- A clone that has trained nothing: the project's folders by links, runs/ of its own.
local function fresh_clone()
  for _, name in ipairs { "recipes", "notebooks-export" } do
    assert(sys.run { "ln", "-s", root .. "/" .. name, dir .. "/" .. name } == 0)
  end
end

local function by_script(name)
  return sys.run { PROGRAM, ("notebooks-export/examples/%s.lua"):format(name), dir = dir,
    stdout = dir .. "/said" }
end

local function by_export(name)
  local path = ("%s/%s.ipynb"):format(dir, name)
  local status = sys.run { PROGRAM, "notebook", "export",
    ("notebooks-export/examples/%s.lua"):format(name), "-o", path, dir = dir,
    stdout = "/dev/null" }
  if status == 0 and sys.size(path) > MOST then return 1, "more than " .. MOST .. " bytes" end
  return status
end

local function by_kernel(name)
  local bare = ("%s/bare-%s.ipynb"):format(dir, name)
  assert(sys.run { PROGRAM, "notebook", "export", "--no-run",
    ("%s/notebooks-export/examples/%s.lua"):format(root, name), "-o", bare,
    stdout = "/dev/null" } == 0)
  return sys.run { "jupyter-nbconvert", "--to", "notebook", "--execute", "--output", "run-" .. name,
    bare, dir = dir, stderr = dir .. "/err", env = {
      JUPYTER_PATH = dir .. "/share/jupyter", XDG_STATE_HOME = dir } }
end

fresh_clone()
assert(sys.run { PROGRAM, "kernel", "install", "--prefix", dir, stdout = "/dev/null" } == 0)
local has_jupyter = sys.run { "sh", "-c", "command -v jupyter-nbconvert >/dev/null" } == 0
if not has_jupyter then print "skip by the kernel: jupyter-nbconvert is not installed" end
for _, file in ipairs(assert(sys.list(root .. "/notebooks-export/examples"))) do
  local name = file:match "^(%d.*)%.lua$"
  if name then
    local start = sys.clock()
    must(name .. ", the script", by_script(name))
    print(("     %.0f s"):format(sys.clock() - start))
    must(name .. ", exported", by_export(name))
    if has_jupyter then must(name .. ", run by the kernel", by_kernel(name)) end
  end
end
sys.run { "rm", "-r", dir }
os.exit(failed == 0 and 0 or 1, true)
