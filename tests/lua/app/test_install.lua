--- cmake --install: a program that works by itself, wherever it is moved to.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local sys = ms.sys

local BUILD = sys.absolute "/proc/self/exe":match "^(.*)/[^/]*$"
local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

local function install(prefix, env)
  lu.skipIf(not sys.exists(BUILD .. "/cmake_install.cmake"),
    "the program is not in its build folder")
  lu.skipIf(sys.capture { "sh", "-c", "command -v cmake" } ~= 0, "cmake is not installed")
  local status, out = sys.capture { "cmake", "--install", BUILD, "--prefix", prefix, stderr = dir
    .. "/err", env = env }
  lu.assertEquals(status, 0, out .. sys.read_file(dir .. "/err"))
end

-- What an installed program prints, run in a folder of its own.
local function program(prefix, ...)
  assert(sys.mkdir(dir .. "/elsewhere"))
  local status, out = sys.capture { prefix .. "/bin/moonstem", dir = dir .. "/elsewhere",
    stdin = "/dev/null", stderr = dir .. "/err", ... }
  lu.assertEquals(status, 0, sys.read_file(dir .. "/err"))
  return out
end

function tests.an_installed_program_works_by_itself()
  install(dir .. "/first")
  install(dir .. "/first")
  assert(sys.rename(dir .. "/first", dir .. "/moved to"))
  local prefix = dir .. "/moved to"
  local share = prefix .. "/share/moonstem"
  lu.assertEquals(program(prefix, "-e", "ms.ones{2, 3}:sum():item()"), "6\n")
  local path = program(prefix, "-e", "print((package.path:match '^[^;]*'))")
  lu.assertEquals(path, prefix .. "/bin/../share/moonstem/lua/?.lua\n")
  assert(
    sys.write_file(dir .. "/script.lua",
    "print(#require 'moonstem'.models.unet{}:parameters(), ...)"))
  lu.assertEquals(program(prefix, dir .. "/script.lua", "x"), "118\tx\n")
  lu.assertStrContains(program(prefix, "help", "x:relu"), "max(x, 0)")
  lu.assertStrContains(program(prefix, "help", "ms.lab.load"), "best checkpoint")
  lu.assertStrContains(program(prefix, "--help"), "  separate ")
  program(prefix, "notebook", "export", dir .. "/script.lua")
  lu.assertStrContains(sys.read_file(dir .. "/script.ipynb"), "118\\n")
  lu.assertStrContains(program(prefix, share .. "/recipes/table1.lua", "--dry-run"), "148 jobs")
  lu.assertStrContains(program(prefix, "data", "render", "songs", "--count", "3", "--dry-run"),
    "part   train")
  lu.assertStrContains(program(prefix, "help", "ms.corpora.songs"), "mixture.wav")
  lu.assertFalse(sys.exists(share .. "/lua/standins/tests"))
  local page = sys.read_file(prefix .. "/share/man/man1/moonstem.1")
  lu.assertStrContains(page, ".SS moonstem separate")
  lu.assertStrContains(page, ".B \\-\\-bits 16|24|float")
  for _, name in ipairs { "recipes/README.md", "lua/standins/README.md",
    "experiments/_template.lua", "../doc/moonstem/LICENSE", "../doc/moonstem/README.md" } do
    lu.assertTrue(sys.exists(share .. "/" .. name), name)
  end
end

function tests.a_staged_installation_has_the_same_files()
  install("/usr", { DESTDIR = dir .. "/stage" })
  lu.assertEquals(program(dir .. "/stage/usr", "-e", "ms.version"), ('"%s"\n'):format(ms.version))
end

return tests
