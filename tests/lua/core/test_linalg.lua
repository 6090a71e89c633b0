--- Factors of matrices of all sizes: what they multiply to, and their bits for any number of
-- threads.
local lu = require "luaunit"
local ms = require "moonstem"

local M = {}

local function largest(x) return x:count() > 0 and x:abs():max() or 0 end

local function check_qr(m, n, mode)
  local x, name = ms.randn { m, n }, ("%dx%d %s"):format(m, n, mode)
  local q, r = ms.linalg.qr(x, { mode = mode })
  local k = q:size(2)
  lu.assertTrue(largest(q:matmul(r) - x) < 1e-5 * (m + n), name)
  lu.assertTrue(largest(q:t():matmul(q) - ms.eye(k)) < 1e-5, name)
  lu.assertEquals(largest(r:tril(-1)), 0, name)
end

function M.test_orthogonal_times_triangular()
  ms.seed(6)
  for _, size in ipairs { { 1, 1 }, { 3, 5 }, { 5, 3 }, { 31, 33 }, { 32, 32 }, { 33, 31 },
    { 64, 200 }, { 200, 64 }, { 150, 97 }, { 300, 300 } } do
    check_qr(size[1], size[2], "reduced")
    check_qr(size[1], size[2], "complete")
  end
end

--- As LAPACK's: a column that has nothing below its diagonal is not reflected.
function M.test_triangles_stay_as_they_are()
  local x = ms.tensor { { -2, 1, 3 }, { 0, 4, 5 }, { 0, 0, 0 } }
  local q, r = ms.linalg.qr(x)
  lu.assertEquals(q:totable(), ms.eye(3):totable())
  lu.assertEquals(r:totable(), x:totable())
end

--- Columns far from 1 are neither lost nor infinite on the way.
function M.test_large_and_small_columns()
  local x = ms.randn { 40, 3 } * ms.tensor { 1e-25, 1, 1e25 }
  local q, r = ms.linalg.qr(x)
  lu.assertTrue(largest(q:t():matmul(q) - ms.eye(3)) < 1e-5)
  lu.assertTrue(largest((q:matmul(r) - x) / x:abs():amax(1)) < 1e-5)
end

-- Values rise, vectors are orthogonal and a times them is them times the values.
local function check_eigh(a, name)
  local w, v = ms.linalg.eigh(a)
  local n, size = a:size(1), math.max(largest(a), 1e-30)
  lu.assertTrue(largest(a:matmul(v) - v * w) < 1e-5 * size * n, name)
  lu.assertTrue(largest(v:t():matmul(v) - ms.eye(n)) < 1e-5 * math.sqrt(n), name)
  lu.assertTrue(n == 1 or w[{ { 2, -1 } }]:ge(w[{ { 1, -2 } }]):all(), name)
end

function M.test_eigenvectors_of_all_sizes()
  ms.seed(8)
  for _, n in ipairs { 1, 2, 3, 7, 8, 9, 31, 32, 33, 63, 64, 65, 130 } do
    local a = ms.randn { n, n }
    check_eigh(a + a:t(), n)
    check_eigh(a:matmul(a:t()), n .. " definite")
  end
end

--- Matrices that are diagonal, of rank 1, with equal values, in parts, very large and very small.
function M.test_eigenvectors_of_special_matrices()
  local n <const> = 20
  local one, x = ms.ones { n, n }, ms.randn { n, n }
  local parts = (x + x:t()) * ms.eye(4):kron(ms.ones { 5, 5 })
  for name, a in pairs { zero = ms.zeros { n, n }, identity = ms.eye(n), ["rank 1"] = one,
    diagonal = ms.eye(n) * ms.randn { n }, parts = parts, large = (x + x:t()) * 1e18,
    small = (x + x:t()) * 1e-18, ["far apart"] = (x + x:t()) * ms.eye(n) + one * 1e-6 } do
    check_eigh(a, name)
  end
end

-- Values fall and are positive, vectors are orthogonal, and their product is x.
local function check_svd(x, name)
  local u, s, vt = ms.linalg.svd(x, { full_matrices = false })
  local k, size = s:count(), math.max(largest(x), 1e-30)
  lu.assertTrue(largest((u * s):matmul(vt) - x) < 1e-5 * size * k, name)
  lu.assertTrue(largest(u:t():matmul(u) - ms.eye(k)) < 1e-5, name)
  lu.assertTrue(largest(vt:matmul(vt:t()) - ms.eye(k)) < 1e-5, name)
  lu.assertTrue(s:ge(0):all(), name)
  lu.assertTrue(k == 1 or s[{ { 2, -1 } }]:le(s[{ { 1, -2 } }]):all(), name)
end

function M.test_singular_vectors_of_all_sizes()
  ms.seed(9)
  for _, size in ipairs { { 1, 1 }, { 1, 5 }, { 5, 1 }, { 3, 4 }, { 17, 15 }, { 32, 32 },
    { 64, 20 }, { 20, 64 }, { 64, 64 }, { 65, 64 } } do
    check_svd(ms.randn(size), table.concat(size, "x"))
  end
end

--- Matrices without a full rank, with equal values, very large and very small, far apart.
function M.test_singular_vectors_of_special_matrices()
  local x, n <const> = ms.randn { 12, 9 }, 9
  for name, a in pairs { zero = ms.zeros { 12, n }, identity = ms.eye(n), ["rank 1"] = ms.ones { n,
    12 }, ["rank 2"] = ms.randn { 12, 2 }:matmul(ms.randn { 2, n }), large = x * 1e18,
    small = x * 1e-18, ["far apart"] = x * ms.tensor { 1, 1e-3, 1e-6, 1e3, 1, 0, 1e-2, 10, 1 },
    ["two alike"] = ms.cat({ x, x }, 2) } do
    check_svd(a, name)
  end
end

-- Slopes along a line, of factors larger than a block of a triangle: by gradients, by differences.
function M.test_gradients_of_larger_factors()
  local n = 40
  local a, along = ms.randn { n, n } / math.sqrt(n) + 3 * ms.eye(n), ms.randn { n, n } / n
  local spread = { ms.randn { n, n }, ms.randn { n, n } }
  local losses = {
    qr = function(x)
      local q, r = ms.linalg.qr(x)
      return (q * spread[1]):sum() + (r * spread[2]):sum()
    end,
    cholesky = function(x)
      return (ms.linalg.cholesky(x:matmul(x:t()) + ms.eye(n)) * spread[1]):sum()
    end,
  }
  for name, loss in pairs(losses) do
    local x, step = a:clone():needs_grad(), 1e-2
    loss(x):backward()
    local slope = (loss(a + step * along) - loss(a - step * along)):item() / (2 * step)
    lu.assertAlmostEquals((x.grad * along):sum():item(), slope, 1e-2 * math.abs(slope) + 1e-2, name)
  end
end

-- What is left of equations whose triangles are cut into blocks, and of their gradients.
function M.test_equations_of_all_sizes()
  for _, n in ipairs { 1, 2, 15, 16, 17, 33, 100, 130, 345 } do
    local a = ms.randn { n, n } / math.sqrt(n) + 3 * ms.eye(n)
    for _, k in ipairs { 1, 7, 129 } do
      local b, gx = ms.randn { n, k }, ms.randn { n, k }
      b:needs_grad()
      local x = ms.linalg.solve(a, b)
      lu.assertAlmostEquals(largest(a:matmul(x:detach()) - b:detach()), 0, 2e-5, n)
      x:backward(gx)
      lu.assertAlmostEquals(largest(a:t():matmul(b.grad) - gx), 0, 2e-5, n)
    end
    lu.assertAlmostEquals(largest(a:matmul(ms.linalg.inverse(a)) - ms.eye(n)), 0, 2e-5, n)
  end
end

function M.test_same_bits_for_any_number_of_threads()
  local _ <close> = ms.scope()
  ms.seed(7)
  local before, bits = ms.threads(), {}
  local x = ms.randn { 260, 240 }
  for _, n in ipairs { 1, 2, 5 } do
    ms.threads(n)
    local q, r = ms.linalg.qr(x)
    bits[#bits + 1] = q:bytes() .. r:bytes()
  end
  ms.threads(before)
  lu.assertTrue(bits[1] == bits[2] and bits[1] == bits[3])
end

return M
