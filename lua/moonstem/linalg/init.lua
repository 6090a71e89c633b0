--- Linear algebra on matrices (..., m, n), as torch.linalg: OpenBLAS's LAPACK, and factors of our
-- own where threads share the work or matrices are small, in the build's own numbers (float; double
-- in moonstem-double). A batch is shared out among the threads.
local core = require "moonstem.core.tensor"
local options_of = require "moonstem.options"
local pieces = require "moonstem.linalg.pieces"
local internal, ops, as_tensor = core.internal, core.ops, core.as_tensor

local M = { solve = internal.solve, inverse = internal.inverse, det = internal.det,
  cholesky = internal.cholesky, pinv = internal.pinv }

-- The sizes of x in front of its matrices, and those of the matrices.
local function sizes_of(name, x)
  local size = x:size()
  if #size < 2 then
    error(("%s: a matrix or a batch of matrices is expected, got %d dimensions"):format(name,
      #size), 0)
  end
  return { table.unpack(size, 1, #size - 2) }, size[#size - 1], size[#size]
end

local function with(batch, ...)
  local shape = { table.unpack(batch) }
  for _, n in ipairs { ... } do shape[#shape + 1] = n end
  return shape
end

--- ms.linalg.slogdet(a) -> the sign of the determinant of every matrix of a (..., n, n), and the
-- logarithm of its size: 0 and -inf where it is singular, and then without a gradient, which raises
function M.slogdet(a)
  a = as_tensor(a)
  local batch = sizes_of("slogdet", a)
  local signs, logarithms = pieces.cut(internal.slogdet(a), { batch, batch })
  return signs:detach(), logarithms
end

--- ms.linalg.eigh(a) -> eigenvalues (..., n), which rise, and eigenvectors (..., n, n), a column
-- each, of symmetric matrices, whose lower triangles alone are read. The signs of the vectors are
-- arbitrary. Gradients of vectors are not finite where values are equal
function M.eigh(a)
  a = as_tensor(a)
  local batch, n = sizes_of("eigh", a)
  return pieces.cut(internal.eigh(a), { with(batch, n), with(batch, n, n) })
end

local SVD = { full_matrices = true }

--- ms.linalg.svd(x, [{full_matrices = true}]) -> u, s, vt with x = u diag(s) vt, singular values
-- (..., k) falling, k the smaller size of x (..., m, n): u is (..., m, m) and vt (..., n, n), or
-- (..., m, k) and (..., k, n) where full_matrices is false. Gradients pass through the first k
-- vectors, and are not finite where values are equal
function M.svd(x, options)
  local full = options == nil or options_of(options, "svd", SVD).full_matrices
  x = as_tensor(x)
  local batch, m, n = sizes_of("svd", x)
  local k = math.min(m, n)
  return pieces.cut(internal.svd(x, full), { with(batch, m, full and m or k), with(batch, k),
    with(batch, full and n or k, n) })
end

local QR = { mode = options_of.choice("reduced", "complete") "reduced" }

--- ms.linalg.qr(x, [{mode = "reduced"}]) -> q, r with x = q r: columns of q orthogonal, r upper
-- triangular; of x (..., m, n), q is (..., m, k) and r (..., k, n), k the smaller size; with mode
-- "complete" q is (..., m, m). The gradient, of "reduced" alone, needs m >= n
function M.qr(x, options)
  local complete = options ~= nil and options_of(options, "qr", QR).mode == "complete"
  x = as_tensor(x)
  local batch, m, n = sizes_of("qr", x)
  local columns = complete and m or math.min(m, n)
  return pieces.cut(internal.qr(x, complete), { with(batch, m, columns), with(batch, columns, n) })
end

-- Whether any rank falls short of n.
local function is_deficient(rank, n)
  for _, r in ipairs(rank:reshape { -1 }:totable()) do if r < n then return true end end
  return false
end

--- ms.linalg.lstsq(a, b, [{rtol =}]) -> the x (..., n, k) of least norm that makes the sum of
-- squares of a x - b least; those sums (..., k), empty unless a is higher than wide and of full
-- rank; ranks (...); singular values. a is (..., m, n), b (..., m, k) or, for vectors, (..., m).
-- Singular values up to rtol times the largest count as 0 (left out: the larger size times the
-- precision). x alone has a gradient. As torch.linalg.lstsq with driver gelsd
function M.lstsq(a, b, options)
  options = options_of(options, "lstsq", { rtol = options_of.number })
  a, b = as_tensor(a), as_tensor(b)
  local batch, m, n = sizes_of("lstsq", a)
  local size = b:size()
  local vectors = #size == #batch + 1
  if vectors then b = ops.reshape(b, with(size, 1)) end
  local k = b:size()[#batch + 2] or 1
  local x, left, rank, s = pieces.cut(internal.lstsq(a, b, options.rtol), { with(batch, n, k),
    with(batch, k), batch, with(batch, math.min(m, n)) })
  if vectors then x = ops.reshape(x, with(batch, n)) end
  if m <= n or is_deficient(rank, n) then left = core.zeros { 0 } end
  return x, left:detach(), rank:detach(), s:detach()
end

-- Sums of absolute values along one of the two axes, and the largest or the smallest of them.
local function extreme_sum(x, axis, largest)
  local sums = ops.sum(ops.abs(x), axis)
  return largest and ops.amax(sums, -1) or ops.amin(sums, -1)
end

-- Norms that need no singular values.
local PLAIN = {
  fro = function(x) return ops.norm(x, 2, { -2, -1 }) end,
  [1] = function(x) return extreme_sum(x, -2, true) end,
  [-1] = function(x) return extreme_sum(x, -2, false) end,
  [math.huge] = function(x) return extreme_sum(x, -1, true) end,
  [-math.huge] = function(x) return extreme_sum(x, -1, false) end,
}

--- ms.linalg.matrix_norm(x, [order = "fro"]) -> a norm of every matrix of x (..., m, n): "fro", the
-- root of the sum of squares; "nuc", the sum of the singular values; 2 and -2, the largest and the
-- smallest of them; 1 and -1, the largest and the smallest sum of a column's absolute values;
-- math.huge and -math.huge, of a row's
function M.matrix_norm(x, order)
  x = as_tensor(x)
  order = order == nil and "fro" or order
  sizes_of("matrix_norm", x)
  if PLAIN[order] then return PLAIN[order](x) end
  if order ~= "nuc" and order ~= 2 and order ~= -2 then
    error('matrix_norm: the order is "fro", "nuc", 1, -1, 2, -2, math.huge or -math.huge, got '
      .. options_of.shown(order), 0)
  end
  local _, s = M.svd(x, { full_matrices = false })
  if order == "nuc" then return ops.sum(s, -1) end
  local last = #s:size()
  local at = order == 2 and 1 or s:size()[last]
  local shape = s:size()
  shape[last] = nil
  return ops.reshape(ops.slice(s, -1, at, at), shape)
end

return M
