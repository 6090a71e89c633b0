--- x[...] with keys and values of every kind, thousands of them: each call returns or raises one
-- sentence, numbers outside the region stay, and the tensor stays usable.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

local CALLS = tonumber(os.getenv "MOONSTEM_HOSTILE") or 6000
local counter = 0
local function pick(n)
  counter = counter + 1
  return ms.random.integer(11, "hostile", counter, 0, n)
end

local function one_of(list) return list[pick(#list)] end

local numbers = { 0, 1, 2, 3, -1, -2, -3, 4, -4, 1.5, 2.0, -0.0, 0 / 0, 1 / 0, -1 / 0, 2 ^ 53,
  1e300, math.maxinteger, math.mininteger, 1 << 31, 1 << 32, -(1 << 40) }
local sizes = { {}, { 0 }, { 1 }, { 3 }, { 2, 3 }, { 3, 0 }, { 0, 2 }, { 2, 3, 4 }, { 1, 1, 1 },
  { 1, 2, 1, 2, 1, 2, 1, 2 } }

local closed = ms.zeros { 3 }
closed:close()

local function hostile()
  return setmetatable({}, { __index = function() return 1 end,
    __len = function() return 1 << 40 end, __newindex = error, __pairs = error })
end

local function range()
  local list = {}
  for i = 1, pick(5) - 1 do list[i] = one_of(numbers) end
  return list
end

local function tensor()
  local x = one_of {
    function() return ms.randint(0, 1, one_of(sizes)) end,
    function() return ms.randint(1, 3, one_of(sizes)) end,
    function() return ms.randint(-4, 4, one_of(sizes)) end,
    function() return ms.randn(one_of(sizes)) end,
    function() return ms.randn(one_of(sizes)):gt(0) end,
    function() return ms.tensor { one_of(numbers), one_of(numbers) } end,
    function() return closed end,
  }()
  return x
end

local function key(depth)
  return one_of {
    function() return one_of(numbers) end,
    range, tensor,
    function() -- a table of positions and ranges
      local list = {}
      for i = 1, pick(4) do list[i] = pick(2) == 1 and one_of(numbers) or range() end
      if pick(6) == 1 then list[pick(4)] = nil end
      if pick(6) == 1 then list[one_of { "axis", "1", 0, -1, 2.5, true }] = 1 end
      return list
    end,
    function() return depth < 3 and { key(depth + 1), key(depth + 1) } or {} end,
    function() return one_of { "grad", "", "1", "__index", ("x"):rep(300), "\0" } end,
    function() return one_of { true, false, print, io.stdout, hostile() } end,
    function() return coroutine.create(print) end,
  }()
end

local function value()
  return one_of {
    function() return one_of(numbers) end, tensor, range,
    function() return { range(), range() } end,
    function() return one_of { "1", true, print, hostile(), ms.ones { 3 }:needs_grad() } end,
    function() return nil end,
  }()
end

local function tried(f, ...)
  local ok, why = pcall(f, ...)
  if not ok then
    lu.assertEquals(type(why), "string")
    lu.assertTrue(#why > 10 and #why < 1000, why)
  end
  return ok
end

function tests.test_reading()
  local read = 0
  for _ = 1, CALLS do
    local s <close> = ms.scope()
    local x, k = s:keep(ms.randn(one_of(sizes))), key(0)
    if pick(8) == 1 then x:needs_grad() end
    if pick(20) == 1 then x = closed end
    if tried(function() return x[k] end) then read = read + 1 end
  end
  lu.assertTrue(read > CALLS / 20, read)
end

function tests.test_writing()
  local written = 0
  for _ = 1, CALLS do
    local s <close> = ms.scope()
    local x, k, v = s:keep(ms.randn(one_of(sizes))), key(0), value()
    if pick(8) == 1 then x:needs_grad() end
    if pick(8) == 1 then v = x end
    if pick(8) == 1 then k = x end
    if pick(20) == 1 then x = closed end
    local before = x ~= closed and x:bytes()
    if tried(function() x[k] = v end) then written = written + 1
    elseif before then lu.assertEquals(x:bytes(), before, "a write that raises changes nothing") end
  end
  lu.assertTrue(written > CALLS / 100, written)
end

-- A scratch model: a table of numbers, changed position by position.
function tests.test_regions_are_those_of_loops()
  for _ = 1, 300 do
    local _ <close> = ms.scope()
    local n, m = pick(6), pick(6)
    local x = ms.range(1, n * m):reshape { n, m }
    local expected = x:totable()
    local a, b, c, d = pick(n), pick(n), pick(m), pick(m)
    local up, across = a <= b and pick(3) or -pick(3), c <= d and pick(3) or -pick(3)
    local region = x[{ { a, b, up }, { c, d, across } }]:totable()
    for i, row in ipairs(region) do
      for j, v in ipairs(row) do
        lu.assertEquals(v, expected[a + (i - 1) * up][c + (j - 1) * across])
      end
    end
    x[{ { a, b, up }, { c, d, across } }] = -1
    for i = a, b, up do for j = c, d, across do expected[i][j] = -1 end end
    lu.assertEquals(x:totable(), expected)
  end
end

return tests
