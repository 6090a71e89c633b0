--- Reduced precision: what it changes, what it leaves, and how it says that it is not to be had.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

local FULL = ms.precision()
local FLOAT_CONVOLUTIONS = ms.machine().bf16 == "amx"
local ABLE = ms.precision "bf16"
ms.precision(FULL)

local function wanted()
  lu.skipIf(not ABLE, "this processor or build has no bf16 products")
end

--- The same tests without tiles, which processors with AMX multiply otherwise.
function M.test_pairs_where_there_are_tiles()
  lu.skipIf(ms.machine().bf16 ~= "amx", "this processor has no AMX")
  local pipe <close> = assert(io.popen(("MOONSTEM_CPU=avx512 '%s' '%s' test_precision")
    :format(assert(ms.sys.absolute "/proc/self/exe"), arg[0])))
  local said = pipe:read "a"
  lu.assertStrContains(said, " passed, 0 failed")
end

function M.test_a_processor_without_it_says_so()
  local pipe <close> =
    assert(io.popen(("MOONSTEM_CPU=avx2 '%s' -e 'print(ms.precision \"bf16\")' 2>&1")
    :format(assert(ms.sys.absolute "/proc/self/exe"))))
  local said = pipe:read "a"
  lu.assertStrContains(said, "nil")
  lu.assertStrContains(said,
    "precision: bf16 needs a processor with bf16 dot products (avx512_bf16)")
end

function M.test_it_is_named_and_unknown_names_are_refused()
  lu.assertEquals(ms.machine().precision, FULL)
  lu.assertErrorMsgContains('is expected, got "f16"', ms.precision, "f16")
  if not ABLE then return end
  lu.assertTrue(ms.precision "bf16")
  lu.assertEquals({ ms.precision(), ms.machine().precision }, { "bf16", "bf16" })
  ms.precision(FULL)
  lu.assertEquals(ms.precision(), FULL)
end

--- f(...) in bf16; everything else stays in full precision.
local function reduced(f, ...)
  assert(ms.precision "bf16")
  local results = table.pack(pcall(f, ...))
  ms.precision(FULL)
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- Root of the mean square of x - y over that of y.
local function distance(x, y)
  local d = x - y
  return math.sqrt((d * d):mean():item() / ((y * y):mean():item() + 1e-30))
end

--- Backward multiplies as the call did, whatever has been set since.
function M.test_backward_has_the_precision_of_its_call()
  wanted()
  local function gradient(x, w, y)
    x:needs_grad()
    local result = reduced(function() return y(x, w) end)
    return result, x
  end
  for name, f in pairs { matmul = function(x, w) return x:matmul(w) end,
    linear = function(x, w) return x:linear(w) end,
    conv1d = function(x, w) return x:reshape(1, 8, 40):conv1d(w:reshape(1, 40, 24)) end } do
    local numbers, w = ms.randn(8, 40), ms.randn(40, 24)
    local y, x = gradient(numbers:clone(), w, f)
    y:backward(ms.ones(y:size()))
    local y2, x2 = gradient(numbers:clone(), w, f)
    reduced(function() y2:backward(ms.ones(y2:size())) end)
    lu.assertEquals(x.grad:bytes(), x2.grad:bytes(), name)
    local x3 = numbers:clone():needs_grad()
    local y3 = f(x3, w)
    y3:backward(ms.ones(y3:size()))
    local same = FLOAT_CONVOLUTIONS and name == "conv1d"
    lu.assertEquals(x3.grad:bytes() == x.grad:bytes(), same, name)
  end
end

--- Numbers of few bits, which bf16 holds exactly: quarters from -2 to 2.
local function exact(...)
  local x = ms.uniform { ... } * 16
  local whole = {}
  for k, value in ipairs(x:reshape { -1 }:totable()) do whole[k] = value // 1 / 4 - 2 end
  return ms.tensor(whole):reshape { ... }
end

--- y = f(a, b) and the gradients of a and b under gy, as a list.
local function with_gradients(f, a, b, gy)
  a, b = a:detach():needs_grad(), b:detach():needs_grad()
  local y = f(a, b)
  y:backward(gy)
  return { y:detach(), a.grad, b.grad }
end

--- What must hold of every operator of two factors: numbers that bf16 holds give what they give in
-- full; others are rounded, by no more than bf16 rounds.
-- exactly: nothing is rounded.
local function check(f, a_shape, b_shape, y_shape, what, exactly)
  local _ <close> = ms.scope()
  local a, b, gy = exact(table.unpack(a_shape)), exact(table.unpack(b_shape)),
    exact(table.unpack(y_shape))
  local full, less = with_gradients(f, a, b, gy), reduced(with_gradients, f, a, b, gy)
  for k = 1, 3 do
    lu.assertTrue(distance(less[k], full[k]) < 1e-6, ("%s, exact numbers, %d"):format(what, k))
  end
  a, b, gy = ms.randn(a_shape), ms.randn(b_shape), ms.randn(y_shape)
  full, less = with_gradients(f, a, b, gy), reduced(with_gradients, f, a, b, gy)
  for k = 1, 3 do
    local far = distance(less[k], full[k])
    lu.assertTrue(far < 2 ^ -7, ("%s, %d: off by %.4f"):format(what, k, far))
    lu.assertEquals(far > 1e-5, not exactly, ("%s, %d: off by %g"):format(what, k, far))
  end
end

local SIZES = { { 2, 3, 5 }, { 14, 32, 384 }, { 15, 33, 385 }, { 155, 385, 7 }, { 3, 50, 1601 },
  { 161, 17, 390 }, { 32, 64, 1600 }, { 33, 31, 65 }, { 200, 420, 801 } }

function M.test_matrix_products()
  wanted()
  for k, s in ipairs(SIZES) do
    ms.seed(k)
    check(function(a, b)
      return a:matmul(b)
    end, { s[1], s[3] }, { s[3], s[2] }, { s[1], s[2] }, table.concat(s, " x "))
  end
end

-- batch, height, width, channels in, kernel, channels out, stride: all ways that a convolution
-- goes, and their ends
local CONVOLUTIONS = {
  { 2, 9, 11, 1, 3, 16, 1 }, { 1, 16, 12, 2, 3, 5, 1 }, { 2, 10, 9, 16, 3, 16, 1 },
    { 1, 12, 33, 17, 3, 32, 1 },
  { 2, 13, 8, 32, 3, 33, 1 }, { 1, 40, 24, 32, 3, 1, 1 }, { 1, 9, 20, 5, 3, 4, 1 },
    { 2, 16, 16, 48, 3, 64, 1 },
  { 8, 24, 18, 64, 3, 48, 1 }, { 2, 6, 5, 33, 3, 20, 1 }, { 2, 15, 14, 7, 1, 9, 1 },
    { 1, 17, 15, 6, 5, 10, 2 },
  { 2, 12, 16, 5, 4, 24, 4 }, { 3, 4, 4, 40, 3, 40, 1 },
}

function M.test_convolutions()
  wanted()
  for k, s in ipairs(CONVOLUTIONS) do
    ms.seed(k)
    local n, h, w, inp, kernel, out, stride = table.unpack(s)
    local function conv(x, weight) return ms.ops.conv2d(x, weight, nil, { stride = stride }) end
    local y = conv(ms.zeros { n, h, w, inp }, ms.zeros { kernel, kernel, inp, out })
    check(conv, { n, h, w, inp }, { kernel, kernel, inp, out }, y:size(), table.concat(s, " "),
      FLOAT_CONVOLUTIONS)
  end
end

function M.test_transposed_convolutions()
  wanted()
  for k, s in ipairs { { 2, 5, 6, 3, 4 }, { 1, 8, 7, 48, 16 }, { 2, 6, 4, 33, 17 } } do
    ms.seed(k)
    local n, h, w, inp, out = table.unpack(s)
    check(function(x, weight)
      return ms.ops.conv_transpose2d(x, weight)
    end, { n, h, w, inp }, { 2, 2, inp, out },
      { n, 2 * h, 2 * w, out }, table.concat(s, " "), FLOAT_CONVOLUTIONS)
  end
end

function M.test_what_is_not_finite_stays_so()
  wanted()
  for _, bad in ipairs { 0 / 0, 1 / 0 } do
    local x = ms.ones { 1, 8, 8, 16 }
    x:set(1, 4, 4, 3, bad)
    local y = reduced(function() return ms.ops.conv2d(x, ms.ones { 3, 3, 16, 16 }) end)
    local value = y:get(1, 4, 4, 5)
    lu.assertTrue(value ~= value or value == bad)
    lu.assertEquals(y:get(1, 8, 8, 1), 4 * 16)
  end
end

function M.test_attention_and_linear()
  wanted()
  ms.seed(1)
  local attention, x = ms.nn.attention { dim = 24, heads = 3 }, ms.randn { 2, 50, 24 }
  local far = distance(reduced(attention, x), attention(x))
  lu.assertTrue(far > 1e-5 and far < 2 ^ -6, ("attention: off by %.4f"):format(far))
  local bias = exact(33)
  check(function(a, b)
    return ms.ops.linear(a, b, bias)
  end, { 2, 9, 21 }, { 21, 33 }, { 2, 9, 33 }, "linear")
end

function M.test_same_bits_for_any_number_of_threads()
  wanted()
  local before, bits = ms.threads(), {}
  local a, b = ms.randn { 333, 1700 }, ms.randn { 1700, 801 }
  local x, w = ms.randn { 3, 40, 33, 32 }, ms.randn { 3, 3, 32, 48 }
  for _, n in ipairs { 1, 2, 5 } do
    ms.threads(n)
    bits[#bits + 1] = reduced(function()
      local image, weight = x:detach():needs_grad(), w:detach():needs_grad()
      local y = ms.ops.conv2d(image, weight)
      y:sum():backward()
      return a:matmul(b):bytes() .. y:bytes() .. image.grad:bytes() .. weight.grad:bytes()
    end)
  end
  ms.threads(before)
  lu.assertTrue(bits[1] == bits[2] and bits[1] == bits[3])
end

return M
