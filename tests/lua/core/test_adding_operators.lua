--- What adding an operator takes, acted out: a row in core/kernels/unary.def, a row of values in
-- test_ops.lua. In a copy of the sources, of which only what includes the table is compiled; the
-- rest is the build's that runs this test.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local sys = ms.sys

local BUILD = sys.absolute "/proc/self/exe":match "^(.*)/[^/]*$"
local ROOT = sys.absolute(places.ROOT)
local PROGRAM = sys.absolute "/proc/self/exe":match "[^/]*$"

local ROW = [[
/** x:example() -> ln(1 + e^x) */
UNARY(example, F(log1p)(F(exp)(x)), g / (1 + F(exp)(-x)), x, KEPT, NONE)
]]
local VALUES = [[
  example = { y = { 0.048587351573742, 0.25192908134537, 0.47407698418011, 0.75759903531717,
      1.1368710061149, 2.5788897342925 },
    slope = { 0.047425873177567, 0.22270013882531, 0.37754066879815, 0.53120937337376,
      0.67917869917539, 0.92414181997876 } },
]]

local tests = {}
local dir

function tests.setup() dir = assert(sys.tempdir()) end

function tests.teardown() sys.run { "rm", "-r", dir } end

local function run(...)
  local status, out = sys.capture { "sh", "-c", ..., stderr = dir .. "/err" }
  return status, out .. sys.read_file(dir .. "/err")
end

local function change(path, f)
  local before = assert(sys.read_file(path))
  local after = f(before)
  lu.assertNotEquals(after, before, path)
  assert(sys.write_file(path, after))
end

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- Compiles, in the copy, the sources of this program that include the table: list of the objects.
local function compile()
  local objects = {}
  for _, job in ipairs(assert(ms.io.load_json(BUILD .. "/compile_commands.json"))) do
    local file = job.file:sub(#ROOT + 2)
    local own = not job.command:find "%-double%.dir" == not PROGRAM:find "-double"
    if own and (file == "core/kernels/elementwise.c" or file == "core/ops/unary.c"
      or file == "core/ops/operator_list.c") then
      objects[#objects + 1] = ("%s/%d.o"):format(dir, #objects)
      local command = job.command:gsub(" %-o %S+", function()
        return " -o " .. quoted(objects[#objects])
      end)
      command = command:gsub("%S+/" .. file:gsub("%p", "%%%0"), function()
        return quoted(dir .. "/tree/" .. file)
      end)
      local status, out = run("cd " .. quoted(job.directory) .. " && " .. command)
      lu.assertEquals(status, 0, out)
    end
  end
  return objects
end

-- Links the program as the build does, with these objects instead of its own.
local function link(objects)
  local command = sys.read_file(BUILD .. "/CMakeFiles/" .. PROGRAM .. ".dir/link.txt")
  command = command:gsub("%-o %S+", function()
    return "-o " .. quoted(dir .. "/program") .. " " .. table.concat(objects, " ")
  end)
  local status, out = run("cd " .. quoted(BUILD) .. " && " .. command)
  lu.assertEquals(status, 0, out)
end

local function passes(pattern)
  return run(quoted(dir .. "/program") .. " " .. quoted(dir .. "/tree/tests/lua/run.lua") .. " "
    .. pattern)
end

function tests.an_operator_is_one_row_and_one_row_of_values()
  lu.skipIf(not sys.exists(BUILD .. "/compile_commands.json"),
    "the program is not in its build folder")
  assert(sys.mkdir(dir .. "/tree/tests"))
  lu.assertEquals(run(("cd %s && cp -r core lua %s && cp -r tests/lua %s")
    :format(quoted(ROOT), quoted(dir .. "/tree"), quoted(dir .. "/tree/tests"))), 0)
  change(dir .. "/tree/core/kernels/unary.def", function(text) return text .. ROW end)
  link(compile())
  local status, out = passes "test_ops.test_every_operator_has_cases"
  lu.assertEquals(status, 1)
  lu.assertStrContains(out, "example is in unary.def and has no row")
  change(dir .. "/tree/tests/lua/core/test_ops.lua", function(text)
    return text:gsub("\nlocal pointwise = {\n", function(line) return line .. VALUES end)
  end)
  for _, pattern in ipairs { "test_ops.test_every_operator_has_cases",
    "test_ops.test_values_example",
    ms.machine().real == "f64" and "test_ops.test_differences_example" or nil } do
    status, out = passes(pattern)
    lu.assertStrContains(out, "1 passed, 0 failed", false, pattern)
    lu.assertEquals(status, 0)
  end
end

return tests
