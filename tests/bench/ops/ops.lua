--- Times the functions that a script calls, small and large, with and without their gradients.
--   moonstem tests/bench/ops/ops.lua --list [PATTERN ...]
--   moonstem tests/bench/ops/ops.lua [--seconds 0.1] [--memory] [--processor] [PATTERN ...]
-- One JSON line a case: case, median_s (of a call), repeats. peer.py has the same cases under
-- the same names in PyTorch. ops/NAME/small works on about 1e3 numbers, /large on about 1e7 or on
-- what its row says; /back is forward and backward together, from a given gradient of the output.
-- Small calls are timed in loops, so that what a call costs in Lua counts. With --memory a case
-- runs once more instead: peak_mib is what it needs beside its inputs. With --processor one thread
-- works, and median_s is the least processor time: other programs' turns do not count.
local ms = require "moonstem"
local measure = dofile((arg[0]:match "^(.*)/" or ".") .. "/measure.lua")

local cases = {} -- list of { name, inputs = function(large) -> list, f, grad = how many of them }

local function add(name, inputs, f, grad)
  cases[#cases + 1] = { name = name, inputs = inputs, f = f, grad = grad or 1 }
end

-- ---- inputs ----------------------------------------------------------------------------------
local function normal(...) return ms.randn { ... } end
local function positive(...) return ms.uniform { ... } + 0.1 end
local function up_to(n, ...) return ms.randint(1, n, { ... }) end
local function pick(small, large)
  return function(is_large) return is_large and large or small end
end

local count = pick(1000, 10 ^ 7 // 1)
local sorted = pick(1000, 10 ^ 6 // 1)
local side = pick(32, 512) -- of a matrix

local function row(large) return { normal(count(large)) } end
local function above_0(large) return { positive(count(large)) } end
local function two_rows(large) return { normal(count(large)), normal(count(large)) } end
local function lines(large)
  if large then return { normal(1000, 10000) } end
  return { normal(32, 32) }
end
local function square(large) return { normal(side(large), side(large)) } end
local function two_squares(large) return { square(large)[1], square(large)[1] } end
local function definite(large)
  local a, n = square(large)[1], side(large)
  return { a:matmul(a:t()) / n + ms.eye(n) }
end
local function million(large) return { normal(sorted(large)) } end
local function image(large)
  if large then return { normal(8, 128, 128, 64) } end
  return { normal(1, 8, 8, 16) }
end

-- ---- number by number ------------------------------------------------------------------------
add("add", two_rows, function(x, y) return x + y end, 2)
add("add_row", function(large)
  local x = lines(large)[1]
  return { x, normal(x:size(2)) }
end, function(x, y) return x + y end, 2)
add("pow", above_0, function(x) return x ^ 1.7 end)
add("exp", row, function(x) return x:exp() end)
add("log1p", above_0, function(x) return x:log1p() end)
add("sin", row, function(x) return x:sin() end)
add("tanh", row, function(x) return x:tanh() end)
add("erf", row, function(x) return x:erf() end)
add("softplus", row, function(x) return x:softplus() end)
add("silu", row, function(x) return x:silu() end)
add("clamp", row, function(x) return x:clamp(-1, 1) end)
add("maximum", two_rows, function(x, y) return x:maximum(y) end, 2)
add("gt", two_rows, function(x, y) return x:gt(y) end, 0)
add("where", function(large)
  local x, y = table.unpack(two_rows(large))
  return { x, y, x:gt(0) }
end, function(x, y, mask) return ms.where(mask, x, y) end, 2)
add("masked_fill", function(large)
  local x = row(large)[1]
  return { x, x:gt(0) }
end, function(x, mask) return x:masked_fill(mask, 0) end)
add("lerp", two_rows, function(x, y) return x:lerp(y, 0.3) end, 2)

-- ---- reductions ------------------------------------------------------------------------------
add("sum", row, function(x) return x:sum() end)
add("mean_1", lines, function(x) return x:mean(1) end)
add("mean_2", lines, function(x) return x:mean(2) end)
add("std_2", lines, function(x) return x:std(2) end)
add("amax_2", lines, function(x) return x:amax(2) end)
add("max_2", lines, function(x) return x:max(2) end)
add("argmax_2", lines, function(x) return x:argmax(2) end, 0)
add("norm", row, function(x) return x:norm() end)
add("logsumexp_2", lines, function(x) return x:logsumexp(2) end)
add("log_softmax_2", lines, function(x) return x:log_softmax(2) end)
add("cumsum_2", lines, function(x) return x:cumsum(2) end)
add("median_2", lines, function(x) return x:median(2) end)
add("quantile", million, function(x) return x:quantile(0.3) end)
add("histogram", row, function(x) return x:histogram(100, { min = -3, max = 3 }) end, 0)
add("bincount", function(large) return { up_to(100, count(large)) } end,
  function(x) return x:bincount() end, 0)

-- ---- choosing --------------------------------------------------------------------------------
add("sort", million, function(x) return x:sort() end)
add("argsort", million, function(x) return x:argsort() end, 0)
add("topk_2", lines, function(x) return x:topk(10) end)
add("unique", function(large) return { up_to(1000, sorted(large)) } end,
  function(x) return x:unique() end, 0)
add("searchsorted", function(large)
  return { (normal(1000):sort()), normal(sorted(large)) }
end, function(x, values) return x:searchsorted(values) end, 0)
local function with_positions(large)
  local x = lines(large)[1]
  return { x, up_to(x:size(2), x:size(1), x:size(2)) }
end
add("gather_2", with_positions, function(x, index) return x:gather(2, index) end)
add("scatter_add_2", function(large)
  local x, index = table.unpack(with_positions(large))
  return { x, ms.randn_like(x), index }
end, function(x, source, index) return x:scatter_add(2, index, source) end, 2)
add("index_rows", function(large)
  local x = lines(large)[1]
  return { x, up_to(x:size(1), x:size(1)) }
end, function(x, index) return x[index] end)
add("index_mask", function(large)
  local x = row(large)[1]
  return { x, x:gt(0) }
end, function(x, mask) return x[mask] end)
add("index_range", lines, function(x) return x[{ {}, { 3, 20 } }] end)
add("index_write", lines, function(x) x[{ {}, { 3, -1 } }] = 1 return x end, 0)
add("nonzero", function(large) return { row(large)[1]:gt(0) } end,
  function(x) return x:nonzero() end, 0)

-- ---- shape -----------------------------------------------------------------------------------
add("transpose", lines, function(x) return x:t() end) -- lies anew, as after clone()
add("cat_1", two_rows, function(x, y) return ms.cat({ x, y }, 1) end, 2)
add("pad_reflect", lines, function(x) return x:pad({ 8, 8 }, { mode = "reflect" }) end)
add("flip", lines, function(x) return x:flip(2) end)
add("roll", lines, function(x) return x:roll(7, 2) end)
add("tril", lines, function(x) return x:tril() end)
add("one_hot", function(large) return { up_to(100, count(large) // 100) } end,
  function(x) return ms.one_hot(x, 100) end, 0)

-- ---- products, matrices, spectra ---------------------------------------------------------------
add("matmul", two_squares, function(x, y) return x:matmul(y) end, 2)
add("einsum_batches", function(large)
  local b, n = large and 32 or 2, large and 256 or 16
  return { normal(b, n, n), normal(b, n, n) }
end, function(x, y) return ms.einsum("bij,bjk->bik", x, y) end, 2)
add("outer", function(large)
  local n = large and 3000 or 32
  return { normal(n), normal(n) }
end, function(x, y) return x:outer(y) end, 2)
add("cdist", function(large)
  local n = large and 1000 or 20
  return { normal(n, 64), normal(n, 64) }
end, function(x, y) return x:cdist(y) end, 2)
add("solve", function(large) return { definite(large)[1], square(large)[1] } end,
  function(a, b) return ms.linalg.solve(a, b) end, 2)
add("inverse", definite, function(a) return ms.linalg.inverse(a) end)
add("cholesky", definite, function(a) return ms.linalg.cholesky(a) end)
add("qr", square, function(a) return ms.linalg.qr(a) end)
add("eigh", definite, function(a) return ms.linalg.eigh(a) end)
add("svd", square, function(a)
  return select(2, ms.linalg.svd(a, { full_matrices = false }))
end)
local function signals(large) return { large and normal(2441, 4096) or normal(1, 1024) } end
add("rfft", signals, function(x) return ms.fft.rfft(x) end)
add("fft", function(large) return { large and normal(1220, 4096, 2) or normal(1, 512, 2) } end,
  function(x) return ms.fft.fft(x) end)
add("irfft", function(large) return { ms.fft.rfft(signals(large)[1]) } end,
  function(x) return ms.fft.irfft(x) end)
add("spectrogram", function(large) return { large and normal(8, 220500) or normal(1, 1024) } end,
  function(x) return ms.signal.spectrogram(x, { size = x:size(1) == 1 and 256 or 2048 }) end)

-- ---- layers ----------------------------------------------------------------------------------
add("conv1d", function(large)
  if large then return { normal(16, 2000, 128), normal(5, 128, 128), normal(128) } end
  return { normal(1, 32, 32), normal(5, 32, 32), normal(32) }
end, function(x, w, b) return x:conv1d(w, b, { padding = 2 }) end, 3)
add("conv1d_depthwise", function(large)
  local n, t, c = large and 16 or 1, large and 2000 or 32, large and 256 or 32
  return { normal(n, t, c), normal(5, 1, c), normal(c) }
end, function(x, w, b) return x:conv1d(w, b, { padding = 2, groups = x:size(3) }) end, 3)
add("conv2d_depthwise", function(large)
  local x = image(large)[1]
  return { x, normal(3, 3, 1, x:size(4)), normal(x:size(4)) }
end, function(x, w, b) return x:conv2d(w, b, { groups = x:size(4) }) end, 3)
add("conv_transpose1d", function(large)
  if large then return { normal(16, 1000, 64), normal(4, 64, 64) } end
  return { normal(1, 32, 32), normal(4, 32, 32) }
end, function(x, w) return x:conv_transpose1d(w, nil, { stride = 2, padding = 1 }) end, 2)

-- A layer and an input for it; its parameters have gradients in any case.
local function layer(name, make, input, grad)
  local made
  add(name, function(large)
    made = make(large)
    return { input(large) }
  end, function(x) return (made(x)) end, grad)
end

local function recurrent(kind)
  layer(kind, function(large)
    return ms.nn[kind] { in_features = large and 128 or 16, hidden = large and 128 or 16 }
  end, function(large) return large and normal(16, 500, 128) or normal(1, 8, 16) end)
end
recurrent "lstm"
recurrent "gru"
layer("attention", function(large)
  return ms.nn.attention { dim = large and 256 or 32, heads = 4 }
end, function(large) return large and normal(8, 512, 256) or normal(1, 16, 32) end)
add("layer_norm", function(large)
  local x = lines(large)[1]
  return { x, normal(x:size(2)), normal(x:size(2)) }
end, function(x, w, b) return x:layer_norm(w, b) end, 3)
add("group_norm", function(large)
  local x = image(large)[1]
  return { x, normal(x:size(4)), normal(x:size(4)) }
end, function(x, w, b) return x:group_norm(4, w, b) end, 3)
add("embedding", function(large)
  return { normal(large and 10000 or 50, 128), up_to(large and 10000 or 50, count(large) // 128) }
end, function(w, index) return w:embedding(index) end)
add("avg_pool2d", image, function(x) return x:avg_pool2d(2) end)
add("upsample_bilinear", function(large)
  return { large and normal(8, 64, 64, 64) or normal(1, 4, 4, 16) }
end, function(x) return x:upsample { scale = 2, mode = "bilinear" } end)

-- ---- losses ----------------------------------------------------------------------------------
add("loss_cross_entropy", function(large)
  local x = lines(large)[1]
  return { x, up_to(x:size(2), x:size(1)) }
end, function(x, class) return ms.loss.cross_entropy(x, class) end)
add("loss_bce_with_logits", function(large)
  local x, y = table.unpack(two_rows(large))
  return { x, y:gt(0) }
end, function(x, y) return ms.loss.bce_with_logits(x, y) end)
add("loss_huber", two_rows, function(x, y) return ms.loss.huber(x, y) end)
add("loss_kl_div", function(large)
  return { lines(large)[1]:log_softmax(2), lines(large)[1]:softmax(2) }
end, function(x, y) return ms.loss.kl_div(x, y) end)
add("loss_triplet", function(large)
  return { lines(large)[1], lines(large)[1], lines(large)[1] }
end, function(x, y, z) return ms.loss.triplet(x, y, z) end, 3)
add("loss_ctc", function(large)
  local b, t, c, n = 2, 20, 20, 5
  if large then b, t, c, n = 16, 400, 60, 40 end
  return { normal(b, t, c):log_softmax(3), ms.randint(2, c, { b, n }) }
end, function(x, classes) return ms.loss.ctc(x, classes) end)

-- ---- optimizers ------------------------------------------------------------------------------
-- Parameters in ten tensors that have gradients; x is the optimizer.
local function optimizer(name, options)
  add("optim_" .. name, function(large)
    local list = {}
    for k = 1, 10 do
      list[k] = normal(count(large) // 10):needs_grad()
      list[k]:sum():backward()
    end
    return { ms.optim[name](list, options) }
  end, function(opt) opt:step() end, 0)
end
optimizer("adam", { lr = 1e-3 })
optimizer("adamw", { lr = 1e-3 })
optimizer("radam", { lr = 1e-3 })
optimizer("rmsprop", { lr = 1e-3 })
optimizer("sgd", { lr = 1e-3, momentum = 0.9 })

measure(cases)
