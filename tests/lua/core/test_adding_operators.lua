--- What adding operators takes, acted out as CONTRIBUTING.md says: a row in core/kernels/unary.def
-- or binary.def, or a file in core/ops; and rows in test_ops.lua. In a copy of the sources, of
-- which only what includes the tables is compiled; the rest is the build's that runs this test.
local lu = require "luaunit"
local ms = require "moonstem"
local own_folder = require "own_folder"
local places = require "places"
local sys = ms.sys

local BUILD = sys.absolute "/proc/self/exe":match "^(.*)/[^/]*$"
local ROOT = sys.absolute(places.ROOT)
local PROGRAM = sys.absolute "/proc/self/exe":match "[^/]*$"

local UNARY = [[
/** x:example() -> ln(1 + e^x) */
UNARY(example, F(log1p)(F(exp)(x)), g / (1 + F(exp)(-x)), x, KEPT, NONE)
]]
local BINARY = [[
/** x:example_larger(y) -> the larger of both */
BINARY(example_larger, a > b ? a : b, a > b ? g : 0, a > b ? 0 : g, INPUTS)
]]
local FILE = [[
/* Rows times a weight for each of their numbers, and a factor for all. */
#include "../base/error.h"
#include "ops.h"

typedef struct example_weigh {
  double factor;
} example_weigh;

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const example_weigh *a = ms_node_attributes(n);
  const ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 1);
  if (!(gx[0] = ms_tensor_like(x)) || !(gx[1] = ms_tensor_zeros(1, w->dim))) return -1;
  for (size_t i = 0; i < x->count; i++) {
    const real g = (real)a->factor * gy->data[i];
    gx[0]->data[i] = g * w->data[i % w->count];
    gx[1]->data[i % w->count] += g * x->data[i];
  }
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0], *w = c->input[1];
  const example_weigh *a = c->attributes;
  if (w->ndim != 1 || x->ndim < 1 || w->dim[0] != x->dim[x->ndim - 1])
    return ms_fail("example_weigh: a weight for each number of x's rows is expected"), NULL;
  ms_tensor *y = ms_tensor_like(x);
  for (size_t i = 0; y && i < y->count; i++)
    y->data[i] = (real)a->factor * x->data[i] * w->data[i % w->count];
  return ms_record(c, y, 2, c->input);
}

/** x:example_weigh(weight, [factor = 1]) -> the rows of x times weight times factor */
static const ms_op example_weigh_op = {
  .name = "example_weigh", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(example_weigh),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight), MS_NUMBER(example_weigh, factor, 1) },
};
MS_OPERATOR(example_weigh_op)
]]

-- Rows of test_ops.lua, by the table they stand in.
local ROWS = {
  pointwise = [[
  example = { y = { 0.048587351573742, 0.25192908134537, 0.47407698418011, 0.75759903531717,
      1.1368710061149, 2.5788897342925 },
    slope = { 0.047425873177567, 0.22270013882531, 0.37754066879815, 0.53120937337376,
      0.67917869917539, 0.92414181997876 } },
]],
  values = [[
  example_larger = { plane:example_larger(1), { { 1, 2, 1 }, { 1, 1, 3 } } },
  example_weigh = { plane:example_weigh(ms.tensor { 1, 2, 3 }, 2),
    { { 2, 8, -6 }, { 1, 0, 18 } } },
]],
  differences = [[
  example_larger = { function(a, b) return a:example_larger(b) * a end, { { 3, 4 }, { 4 } } },
  example_weigh = { function(a, w) return a:example_weigh(w, 3) end, { { 3, 4 }, { 4 } } },
]],
}

local tests = {}
local dir

own_folder(tests, function(path) dir = path end)

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

-- Compiles the copy's `file` as the build does the source `like`: objects, one for each way.
local function compile(file, like, objects)
  for _, job in ipairs(assert(ms.io.load_json(BUILD .. "/compile_commands.json"))) do
    local own = not job.command:find "%-double%.dir" == not PROGRAM:find "-double"
    if own and job.file == ROOT .. "/" .. like then
      objects[#objects + 1] = ("%s/%d.o"):format(dir, #objects)
      local command = job.command:gsub(" %-o %S+", function()
        return " -o " .. quoted(objects[#objects])
      end)
      command = command:gsub("%S+/" .. like:gsub("%p", "%%%0"), function()
        return quoted(dir .. "/tree/" .. file)
      end)
      local status, out = run("cd " .. quoted(job.directory) .. " && " .. command)
      lu.assertEquals(status, 0, out)
    end
  end
end

-- Links the program as the build does, with these objects instead of its own.
local function link(objects)
  local command = sys.read_file(BUILD .. "/CMakeFiles/" .. PROGRAM .. ".dir/link.txt")
  command = command:gsub('"?[^%s"]+core/ops/[bu]i?nary%.c%.o"?', "")
  command = command:gsub("%-o %S+", function()
    return "-o " .. quoted(dir .. "/program") .. " " .. table.concat(objects, " ")
  end)
  local status, out = run("cd " .. quoted(BUILD) .. " && " .. command)
  lu.assertEquals(status, 0, out)
end

-- The program with the rows and the file.
local function build()
  local objects = {}
  for name, row in pairs { unary = UNARY, binary = BINARY } do
    change(dir .. "/tree/core/kernels/" .. name .. ".def", function(text) return text .. row end)
  end
  assert(sys.write_file(dir .. "/tree/core/ops/example_weigh.c", FILE))
  for _, file in ipairs { "kernels/elementwise.c", "ops/unary.c", "ops/binary.c" } do
    compile("core/" .. file, "core/" .. file, objects)
  end
  compile("core/ops/example_weigh.c", "core/ops/affine.c", objects)
  link(objects)
end

local function passes(pattern)
  return run(quoted(dir .. "/program") .. " " .. quoted(dir .. "/tree/tests/lua/run.lua") .. " "
    .. pattern)
end

local function program(code)
  return run(quoted(dir .. "/program") .. " -e " .. quoted(code))
end

-- ---- help says what is declared -------------------------------------------------------------
-- Operators whose arguments help writes otherwise: sizes or dimensions one by one, a list.
local OTHERWISE = { reshape = true, permute = true, batch_norm = true, cat = true }

-- Which word of a macro's arguments is the name: of MS_KIND(attributes, field, ...) the second, of
-- MS_KIND(name) the only one.
local PLACE = { ARG = 4, NAMED = 4, PAIR_FROM = 3 }

-- Visits the names of declared arguments behind the first, whose method the operator is, but for
-- lists and sizes, which help writes as {a, b, ...}.
local function each_argument(takes, visit)
  takes = takes:gsub("MS_TENSOR%b()", "", 1):gsub("MS_LIST%b()", "")
    :gsub("MS_THE_SIZES%b()", "")
  for kind, inside in takes:gmatch "MS_([%w_]+)%(([^()]*)%)" do
    local words = {}
    for word in inside:gmatch "[^, ]+" do words[#words + 1] = word end
    visit((words[PLACE[kind] or 2] or words[1]):match "[%w_]+$")
  end
end

-- f(help, name, arguments) for each declaration of a file.
local function each_declaration(path, f)
  local text = assert(sys.read_file(path))
  for help, body in text:gmatch "/%*%* (.-)%*/%s*static const ms_op [%w_]+ = (%b{});" do
    f(help:gsub("%s+", " "), body:match '%.name = "([%w_]+)"', body:match "%.takes = (%b{})")
  end
end

local function each_file(folder, visit)
  for _, name in ipairs(sys.list(folder)) do
    if name:find "%.c$" then visit(folder .. name)
    elseif sys.is_dir(folder .. name) then each_file(folder .. name .. "/", visit) end
  end
end

function tests.help_names_the_arguments_that_are_declared()
  local n = 0
  each_file(ROOT .. "/core/ops/", function(path)
    each_declaration(path, function(help, name, takes)
      n = n + 1
      local call = (help:match "^(.-)%->" or help):gsub("^[%w_]+:", "%0 ")
      each_argument(OTHERWISE[name] and "" or takes, function(argument)
        lu.assertTrue(call:find("%f[%w_]" .. argument .. "%f[^%w_]") ~= nil,
          ("%s: the help's call does not name %s: %s"):format(name, argument, call))
      end)
    end)
  end)
  lu.assertTrue(n >= 29, n)
end

function tests.operators_are_rows_or_a_file()
  lu.skipIf(not sys.exists(BUILD .. "/compile_commands.json"),
    "the program is not in its build folder")
  lu.assertTrue(select(2, FILE:gsub("\n", "")) <= 45)
  assert(sys.mkdir(dir .. "/tree/tests"))
  lu.assertEquals(run(("cd %s && cp -r core lua %s && cp -r tests/lua %s && ln -s %s %s")
    :format(quoted(ROOT), quoted(dir .. "/tree"), quoted(dir .. "/tree/tests"),
      quoted(ROOT .. "/tests/golden"), quoted(dir .. "/tree/tests/golden"))), 0)
  build()
  local status, out = passes "test_ops.test_every_operator_has_cases"
  lu.assertEquals(status, 1)
  lu.assertStrContains(out, "example is in unary.def and has no row")
  for name, rows in pairs(ROWS) do
    change(dir .. "/tree/tests/lua/core/test_ops.lua", function(text)
      return text:gsub("\nlocal " .. name .. " = {\n", function(line) return line .. rows end)
    end)
  end
  local double = ms.machine().real == "f64"
  for pattern, n in pairs { ["test_ops.test_every_operator_has_cases"] = 1,
    ["test_ops.test_values"] = 0, ["test_ops.test_differences_example"] = double and 3 or nil } do
    status, out = passes(pattern)
    lu.assertStrContains(out, ", 0 failed", false, pattern)
    if n > 0 then lu.assertStrContains(out, n .. " passed") end
    lu.assertEquals(status, 0)
  end
  status, out = program 'ms.ones{2}:example_weigh(ms.ones{2}, 1, 5)'
  lu.assertEquals(status, 1)
  lu.assertStrContains(out, "example_weigh: takes at most 2 arguments, got 1 too many: 5")
end

return tests
