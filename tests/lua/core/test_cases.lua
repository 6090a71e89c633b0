--- The case table: every function that a script may call on tensors, by name, in the files of
-- tests/lua/cases/ and folders there. A file returns
-- { NAME = { row, row, ..., wrong = { {f, "message"}, ... } } }, NAME as users call it
--  ("clamp", "linalg.solve", "loss.nll"), and a row is
--   { f, { input, ... }, expected }      inputs: nested tables, made tensors; f gets all of them
-- with the options
--   results = { expected, ... }          in place of expected: all that f returns
--   grad = false                         no gradient is checked (for all others by differences)
--   near = { float, double }             tolerances; 1e-5 and 1e-10 of the largest number
--   step = 1e-5                          of the differences
--   differs = "why"                      from some PyTorch's (tests/torch_values.lua)
-- Expected values (nested tables, numbers, booleans, strings) come from elsewhere: PyTorch, NumPy,
-- librosa, a formula. For each row: the values; the same bits where the inputs are views, and with
-- 1, 2 and 3 threads; gradients, in the double build.
local lu = require "luaunit"
local ms = require "moonstem"
local case_files = require "case_files"

local DOUBLE = ms.machine().real == "f64"

local tests = {}

-- ---- comparing -------------------------------------------------------------------------------
local function flat(value, list)
  list = list or {}
  if type(value) == "userdata" then value = value:detach():totable() end
  if type(value) ~= "table" then list[#list + 1] = value return list end
  for _, inner in ipairs(value) do flat(inner, list) end
  return list
end

local function sizes(value)
  if type(value) == "userdata" then return value:size() end
  local list = {}
  while type(value) == "table" do
    list[#list + 1] = #value
    value = value[1]
  end
  return list
end

local function largest(list)
  local most = 1e-30
  for _, v in ipairs(list) do
    if type(v) == "number" and v == v and math.abs(v) < math.huge then
      most = math.max(most, math.abs(v))
    end
  end
  return most
end

local function is_near(a, b, tolerance)
  if type(a) ~= "number" or type(b) ~= "number" then return a == b end
  if b ~= b then return a ~= a end
  return a == b or math.abs(a - b) <= tolerance
end

local function check_value(what, got, expected, near)
  lu.assertEquals(sizes(got), sizes(expected), what .. ": the sizes")
  local a, b = flat(got), flat(expected)
  local tolerance = (near or { 1e-5, 1e-10 })[DOUBLE and 2 or 1] * largest(b)
  for i in ipairs(b) do
    lu.assertTrue(is_near(a[i], b[i], tolerance),
      ("%s: number %d is %s, expected %s"):format(what, i, tostring(a[i]), tostring(b[i])))
  end
end

-- ---- a row -----------------------------------------------------------------------------------
local function tensors_of(inputs, make)
  local list = {}
  for i, value in ipairs(inputs) do list[i] = make(ms.tensor(value)) end
  return list
end

-- x's numbers in the midst of a larger storage.
local function view_of(x)
  if x:count() == 0 then return x end
  local n = x:count()
  local all = ms.zeros { n + 10 }
  for i, v in ipairs(flat(x)) do all:set(i + 5, v) end
  return all:slice(1, 6, n + 5):reshape(x:size())
end

local function run(row, make)
  local list = tensors_of(row[2], make)
  return table.pack(row[1](table.unpack(list, 1, #row[2])))
end

local function bits(results)
  local list = {}
  for i = 1, results.n do
    local r = results[i]
    list[i] = type(r) == "userdata" and r:detach():bytes() or tostring(r)
  end
  return list
end

local function check_bits(what, row, first)
  lu.assertEquals(bits(run(row, view_of)), first, what .. ": of views")
  local threads = ms.threads()
  for n = 1, 3 do
    ms.threads(n)
    local again = bits(run(row, function(x) return x end))
    ms.threads(threads)
    lu.assertEquals(again, first, what .. ": with " .. n .. " threads")
  end
end

-- The first result whose gradient is asked for; several as one.
local function differentiable(row)
  return function(...)
    local results, sum = table.pack(row[1](...)), nil
    for i = 1, results.n do
      local r = results[i]
      if type(r) == "userdata" and r:count() > 0 then
        local weighed = (r * (i + 0.5)):reshape { -1 }
        sum = sum and ms.ops.cat({ sum, weighed }, 1) or weighed
      end
    end
    return sum
  end
end

local function check_gradient(what, row)
  local inputs = tensors_of(row[2], function(x) return x end)
  for _, x in ipairs(inputs) do if x:count() == 0 then return end end
  local worst, where = ms.gradcheck(differentiable(row), inputs, { step = row.step })
  lu.assertTrue(worst <= 1e-6, ("%s: gradient off by %g (%s)"):format(what, worst, where))
end

local KNOWN = { true, true, true, results = true, grad = true, near = true, step = true,
  differs = true }

local function check_row(what, row)
  for key in pairs(row) do lu.assertTrue(KNOWN[key], what .. ": no option " .. tostring(key)) end
  local _ <close> = ms.scope()
  local results = run(row, function(x) return x end)
  for i, expected in ipairs(row.results or { row[3] }) do
    check_value(("%s, result %d"):format(what, i), results[i], expected, row.near)
  end
  lu.assertEquals(results.n, row.results and #row.results or 1, what .. ": results")
  check_bits(what, row, bits(results))
  if DOUBLE and row.grad ~= false and #row[2] > 0 then check_gradient(what, row) end
end

local function check_wrong(what, f, message)
  local ok, thrown = pcall(f)
  lu.assertFalse(ok, what .. ": a wrong call raises")
  lu.assertStrContains(tostring(thrown), message)
end

for _, file in ipairs(case_files()) do
  for name, rows in pairs(dofile(file)) do
    tests[("test_%s_%s"):format(file:match "/cases/(.*)%.lua$", name)] = function()
      for i, row in ipairs(rows) do check_row(("%s, row %d"):format(name, i), row) end
      for i, wrong in ipairs(rows.wrong or {}) do
        check_wrong(("%s, wrong call %d"):format(name, i), table.unpack(wrong))
      end
    end
  end
end

return tests
