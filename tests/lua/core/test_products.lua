--- Matrix products across the borders of tiles, panels and blocks, against plain sums.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

--- The number at (i, j) of a b, summed one by one; a (m, k), b (k, n) as Lua tables.
local function plain(a, b, i, j)
  local sum = 0
  for q = 1, #b do sum = sum + a[i][q] * b[q][j] end
  return sum
end

local function transposed(x) return x:permute { 2, 1 } end

--- Corners, borders and a few places inside.
local function places(n)
  local list = {}
  for _, i in ipairs { 1, 2, n // 2, n - 1, n } do
    if i >= 1 and i <= n then list[#list + 1] = i end
  end
  return list
end

local function near(y, a, b, what)
  local x, l, r = y:totable(), a:totable(), b:totable()
  for _, i in ipairs(places(#l)) do
    for _, j in ipairs(places(#r[1])) do
      lu.assertAlmostEquals(x[i][j], plain(l, r, i, j), 2e-5 * math.sqrt(#r) + 1e-12, what)
    end
  end
end

-- rows, columns, depth: single numbers, under and over a panel, a tile and a block of each
-- instruction set; large matrices and a vector on either side
local SIZES = { { 1, 1, 1 }, { 2, 3, 5 }, { 14, 32, 384 }, { 15, 33, 385 }, { 155, 385, 7 },
  { 3, 50, 769 }, { 161, 17, 390 }, { 155, 417, 449 }, { 170, 70, 901 },
  { 2101, 1, 603 }, { 1, 603, 2101 }, { 1, 150001, 7 }, { 150001, 1, 7 } }

function M.test_products_and_their_gradients_are_sums()
  for k, s in ipairs(SIZES) do
    local _ <close> = ms.scope()
    ms.seed(k)
    local a, b = ms.randn { s[1], s[3] }:needs_grad(), ms.randn { s[3], s[2] }:needs_grad()
    local weights = ms.randn { s[1], s[2] }
    local y = a:matmul(b)
    local what = table.concat(s, " x ")
    y:backward(weights)
    near(y, a, b, what)
    near(a.grad, weights, transposed(b:detach()), what .. ", left gradient")
    near(b.grad, transposed(a:detach()), weights, what .. ", right gradient")
  end
end

function M.test_long_sums_with_a_vector_do_not_drift()
  local k = 4000000
  local ones, tenths = ms.ones { k }, ms.full({ 1, k }, 0.1)
  for _, y in ipairs { tenths:matmul(ones), ones:matmul(tenths:reshape { k, 1 }),
    tenths:reshape { k }:dot(ones) } do
    lu.assertAlmostEquals(y:item() / (0.1 * k), 1, 1e-4)
  end
end

--- Of 1 and -1, whose sums are whole numbers.
function M.test_long_sums_are_those_of_their_parts()
  local function signs(...) return (ms.uniform { ... } - 0.5):sign() end
  local m, n, k, cut = 110, 115, 150000, 20001
  local a, b = signs(m, k), signs(k, n)
  local y = a:matmul(b)
  local parts = a:slice(2, 1, cut):matmul(b:slice(1, 1, cut))
    + a:slice(2, cut + 1, k):matmul(b:slice(1, cut + 1, k))
  lu.assertEquals((y - parts):abs():max(), 0)
end

--- Convolutions whose kernels lie side by side: a row for each patch.
function M.test_kernels_side_by_side_are_products_of_patches()
  local _ <close> = ms.scope()
  ms.seed(7)
  local n, rows, columns, high, wide, inp, out = 2, 3, 5, 4, 8, 5, 40
  local x, w, b = ms.randn { n, rows * high, columns * wide, inp },
    ms.randn { high, wide, inp, out }, ms.randn { out }
  local gy, results = ms.randn { n, rows, columns, out }, {}
  for k, f in ipairs {
    function(i, v, c)
      return i:conv2d(v, c, { stride = { high, wide }, same = false })
    end,
    function(i, v, c)
      local patches = i:reshape { n, rows, high, columns, wide * inp }:permute { 1, 2, 4, 3, 5 }
      return (patches:reshape { n * rows * columns, high * wide * inp }
        :matmul(v:reshape { high * wide * inp, out }) + c):reshape { n, rows, columns, out }
    end } do
    local i, v, c = x:detach():needs_grad(), w:detach():needs_grad(), b:detach():needs_grad()
    local y = f(i, v, c)
    y:backward(gy)
    results[k] = { y, i.grad, v.grad, c.grad }
  end
  for k = 1, 4 do
    lu.assertTrue((results[1][k] - results[2][k]):abs():max() < 1e-4, k)
  end
end

function M.test_a_sum_of_nothing_is_the_bias()
  local bias = ms.tensor { 1, 2, 3 }
  lu.assertEquals(ms.ops.linear(ms.zeros { 2, 0 }, ms.zeros { 0, 3 }, bias):totable(),
    { { 1, 2, 3 }, { 1, 2, 3 } })
  lu.assertEquals(ms.zeros { 2, 0 }:matmul(ms.zeros { 0, 2 }):totable(), { { 0, 0 }, { 0, 0 } })
end

function M.test_same_bits_for_any_number_of_threads()
  local before = ms.threads()
  local a, b = ms.randn { 333, 500 }, ms.randn { 500, 801 }
  local bits = {}
  for _, n in ipairs { 1, 2, 5 } do
    ms.threads(n)
    bits[#bits + 1] = a:matmul(b):bytes() .. a:sum(1):bytes() .. a:sum(2):bytes()
      .. transposed(a):bytes()
  end
  ms.threads(before)
  lu.assertTrue(bits[1] == bits[2] and bits[1] == bits[3])
end

return M
