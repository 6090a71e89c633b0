--- Every operator: against PyTorch's fixtures (float and double), and by central differences
-- (double).
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local case_files = require "case_files"
local peer = require "peer"
local DOUBLE = ms.machine().real == "f64"
local FLOOR = 1e-4

-- ---- against fixtures --------------------------------------------------------------------
--- Their image (batch, channel, time, frequency) as ours.
local function image(t) return t:permute { 1, 3, 4, 2 } end
local function same(t) return t end

--- name = {function(x, weights) -> y, layout of x, layout of y, weights: {name = layout of the
-- weight}}
local function kernel(t) return t:permute { 3, 4, 2, 1 } end
local function up_kernel(t) return t:permute { 3, 4, 1, 2 } end
local function matrix(t) return t:permute { 2, 1 } end
local conv = { function(x, w)
  return x:conv2d(w.weight, w.bias)
end, image, image, { weight = kernel, bias = same } }
local function norm(training)
  return { function(x, w)
    local layer = ms.nn.batch_norm { channels = 5 }
    for _, t in ipairs(layer:tensors()) do t.value:copy(w[t.name]) end
    if not training then layer:eval() end
    local y = layer(x)
    for _, t in ipairs(layer:tensors()) do w[t.name] = t.value end
    return y
  end, image, image, { weight = same, bias = same, running_mean = same, running_var = same } }
end

local attention = { ["qkv.weight"] = matrix, ["qkv.bias"] = same, ["out.weight"] = matrix,
  ["out.bias"] = same }
local function attend(x, w, prefix)
  local qkv = x:linear(w[prefix .. "qkv.weight"], w[prefix .. "qkv.bias"])
  return qkv:attention(3):linear(w[prefix .. "out.weight"], w[prefix .. "out.bias"])
end
local block = { ["norm1.weight"] = same, ["norm1.bias"] = same, ["norm2.weight"] = same,
  ["norm2.bias"] = same,
  ["mlp.0.weight"] = matrix, ["mlp.0.bias"] = same, ["mlp.2.weight"] = matrix,
    ["mlp.2.bias"] = same }
for key, layout in pairs(attention) do block["attention." .. key] = layout end
local function transform(x, w)
  x = x + attend(x:layer_norm(w["norm1.weight"], w["norm1.bias"]), w, "attention.")
  local wide = x:layer_norm(w["norm2.weight"], w["norm2.bias"])
    :linear(w["mlp.0.weight"], w["mlp.0.bias"])
  return x + wide:gelu():linear(w["mlp.2.weight"], w["mlp.2.bias"])
end

local cases = {
  conv3 = conv, conv3_wide = conv, conv3_one = conv, conv1 = conv,
  up2 = { function(x, w)
    return x:conv_transpose2d(w.weight, w.bias)
  end, image, image, { weight = up_kernel, bias = same } },
  patch = { function(x, w)
    return x:conv2d(w.weight, w.bias, { stride = 16, same = false })
  end, image, image,
    { weight = kernel, bias = same } },
  norm = norm(true), norm_eval = norm(false),
  leaky_relu = { function(x) return x:leaky_relu(0.01) end, image, image },
  relu = { function(x) return x:relu() end, image, image },
  gelu = { function(x) return x:gelu() end, image, image },
  sigmoid = { function(x) return x:sigmoid() end, image, image },
  log10 = { function(x) return x:abs():log10(FLOOR) end, image, image },
  max_pool22 = { function(x) return x:max_pool2d(2) end, image, image },
  max_pool12 = { function(x) return x:max_pool2d(1, 2) end, image, image },
  max_pool32 = { function(x) return x:max_pool2d(3, 2) end, image, image },
  linear = { function(x, w)
    return x:linear(w.weight, w.bias)
  end, same, same, { weight = matrix, bias = same } },
  layer_norm = { function(x, w)
    return x:layer_norm(w.weight, w.bias)
  end, same, same, { weight = same, bias = same } },
  attention = { function(x, w) return attend(x, w, "") end, same, same, attention },
  block = { transform, same, same, block },
  stft = { function(x) return x:stft() end, same, same },
  istft = { function(x) return x:istft() end, same, same },
}

local function check_case(name, f)
  local run, in_layout, out_layout, weights = table.unpack(cases[name])
  local w, groups = {}, {}
  for key, layout in pairs(weights or {}) do
    w[key] = layout(f[name .. "/weight/" .. key]):clone():needs_grad()
  end
  local x = in_layout(f[name .. "/input"]):clone():needs_grad()
  local y = run(x, w)
  y:backward(out_layout(f[name .. "/dy"]))
  groups.output = { y:detach(), out_layout(f[name .. "/output"]) }
  groups.input = { x.grad, in_layout(f[name .. "/grad/input"]) }
  for key, layout in pairs(weights or {}) do
    local grad, after = f[name .. "/grad/" .. key], f[name .. "/after/" .. key]
    if grad then groups["grad/" .. key] = { w[key].grad, layout(grad) } end
    if after then groups["after/" .. key] = { w[key]:detach(), after } end
  end
  for key, pair in pairs(groups) do
    local e = peer.rms(pair[1] - pair[2]) / math.max(peer.rms(pair[2]), 1e-30)
    lu.assertTrue(e <= (DOUBLE and 1e-7 or 1e-5), ("%s: %s is off by %.2e"):format(name, key, e))
  end
end

local tests = {}
for name in pairs(cases) do
  tests["test_fixture_" .. name] = function()
    for _, dir in ipairs { places.GOLDEN .. "parity" } do
      check_case(name, ms.io.load_safetensors(dir .. "/ops.safetensors"))
    end
  end
end

function tests.test_fixture_losses()
  local f = ms.io.load_safetensors(places.GOLDEN .. "parity/ops.safetensors")
  for name, loss in pairs { tags_loss = ms.loss.bce_with_logits,
    genre_loss = ms.loss.cross_entropy } do
    local x = f[name .. "/input"]:clone():needs_grad()
    local target = f[name .. "/target"]
    if name == "genre_loss" then target = target + 1 end
    local y = loss(x, target);
    (y * f[name .. "/dy"]):sum():backward()
    local truth = f[name .. "/output"]:item()
    lu.assertAlmostEquals(y:item(), truth, 1e-5 * math.abs(truth))
    lu.assertTrue(peer.rms(x.grad - f[name .. "/grad/input"]) <= 1e-5 * peer.rms(x.grad))
  end
end

-- ---- operators number by number ---------------------------------------------------------------
local around, positive = { -3, -1.25, -0.5, 0.125, 0.75, 2.5 }, { 0.05, 0.5, 1, 2.75, 40, 1234.5 }

--- A row for each row of core/kernels/unary.def: values and slopes at `x`, from the definitions,
-- computed with 40 digits
--- (mpmath). p: the parameter; shift: what brings numbers around 0 to where the operator has a
-- slope.
local pointwise = {
  abs = { y = { 3, 1.25, 0.5, 0.125, 0.75, 2.5 }, slope = { -1, -1, -1, 1, 1, 1 } },
  exp = { y = { 0.049787068367864, 0.28650479686019, 0.60653065971263, 1.1331484530668,
    2.1170000166127, 12.182493960703 },
    slope = { 0.049787068367864, 0.28650479686019, 0.60653065971263, 1.1331484530668,
      2.1170000166127, 12.182493960703 } },
  log = { y = { -0.59783700075562, 0, 0.40546510810816, 1.1786549963416, 3.7013019741125,
    7.1188262490621 },
    slope = { 1.8181818181818, 1, 0.66666666666667, 0.30769230769231, 0.024691358024691,
      0.00080971659919028 },
    p = 0.5, x = positive, shift = 3 },
  log10 = { y = { -1.3001622741328, -0.30094314545233, 4.342727686267e-5, 0.43934848606975,
    1.6020610770628, 3.0914911294477 },
    slope = { 8.668552532999, 0.86841528075035, 0.43425105679757, 0.15791952361851,
      0.010857334904244, 0.0003517978507278 },
    p = 1e-4, x = positive, shift = 3 },
  sqrt = { y = { 0.22360679774998, 0.70710678118655, 1, 1.6583123951777, 6.3245553203368,
    35.135452181522 },
    slope = { 2.2360679774998, 0.70710678118655, 0.5, 0.30151134457776, 0.079056941504209,
      0.014230640818761 },
    x = positive, shift = 3 },
  square = { y = { 9, 1.5625, 0.25, 0.015625, 0.5625, 6.25 },
    slope = { -6, -2.5, -1, 0.25, 1.5, 5 } },
  sigmoid = { y = { 0.047425873177567, 0.22270013882531, 0.37754066879815, 0.53120937337376,
    0.67917869917539, 0.92414181997876 },
    slope = { 0.045176659730912, 0.1731047869925, 0.23500371220159, 0.24902597501362,
      0.21789499376181, 0.070103716545108 } },
  tanh = { y = { -0.99505475368673, -0.84828363995751, -0.46211715726001, 0.1243530017716,
    0.63514895238729, 0.98661429815143 },
    slope = { 0.0098660371654402, 0.28041486618043, 0.78644773296593, 0.98453633095039,
      0.59658580828133, 0.026592226683161 } },
  relu = { y = { 0, 0, 0, 0.125, 0.75, 2.5 }, slope = { 0, 0, 0, 1, 1, 1 } },
  leaky_relu = { y = { -0.75, -0.3125, -0.125, 0.125, 0.75, 2.5 },
    slope = { 0.25, 0.25, 0.25, 1, 1, 1 }, p = 0.25 },
  gelu = { y = { -0.0040496940948903, -0.13206221708357, -0.15426876936299, 0.068717278103764,
    0.58002948571735, 2.4844758366856 },
    slope = { -0.011945647204184, -0.12266158306942, 0.13250487534384, 0.59921793569821,
      0.99922572173924, 1.0376110859081 } },
  sin = { y = { -0.14112000805987, -0.94898461935559, -0.4794255386042, 0.12467473338523,
    0.68163876002333, 0.59847214410396 }, slope = { -0.98999249660045, 0.31532236239527,
    0.87758256189037, 0.99219766722933, 0.73168886887382, -0.80114361554693 } },
  cos = { y = { -0.98999249660045, 0.31532236239527, 0.87758256189037, 0.99219766722933,
    0.73168886887382, -0.80114361554693 }, slope = { 0.14112000805987, 0.94898461935559,
    0.4794255386042, -0.12467473338523, -0.68163876002333, -0.59847214410396 } },
  atan = { y = { -1.2490457723983, -0.89605538457134, -0.46364760900081, 0.12435499454676,
    0.64350110879328, 1.1902899496825 }, slope = { 0.1, 0.39024390243902, 0.8, 0.98461538461538,
    0.64, 0.13793103448276 } },
  sinh = { y = { -10.01787492741, -1.6019190803008, -0.52109530549375, 0.12532577524112,
    0.82231673193583, 6.0502044810398 }, slope = { 10.067661995778, 1.888423877161,
    1.1276259652064, 1.0078226778257, 1.2946832846768, 6.1322894796637 } },
  cosh = { y = { 10.067661995778, 1.888423877161, 1.1276259652064, 1.0078226778257,
    1.2946832846768, 6.1322894796637 }, slope = { -10.01787492741, -1.6019190803008,
    -0.52109530549375, 0.12532577524112, 0.82231673193583, 6.0502044810398 } },
  expm1 = { y = { -0.95021293163214, -0.71349520313981, -0.39346934028737, 0.13314845306683,
    1.1170000166127, 11.182493960703 }, slope = { 0.049787068367864, 0.28650479686019,
    0.60653065971263, 1.1331484530668, 2.1170000166127, 12.182493960703 } },
  log1p = { y = { 0.048790164169432, 0.40546510810816, 0.69314718055995, 1.3217558399823,
    3.7135720667043, 7.1192310254287 }, slope = { 0.95238095238095, 0.66666666666667, 0.5,
    0.26666666666667, 0.024390243902439, 0.00080938891137191 }, x = positive, shift = 3 },
  log2 = { y = { -4.3219280948874, -1, 0, 1.4594316186373, 5.3219280948874, 10.269711121143 },
    slope = { 28.853900817779, 2.8853900817779, 1.442695040889, 0.52461637850508,
    0.036067376022224, 0.0011686472587193 }, x = positive, shift = 3 },
  rsqrt = { y = { 4.4721359549996, 1.4142135623731, 1, 0.60302268915553, 0.15811388300842,
    0.028461281637523 }, slope = { -44.721359549996, -1.4142135623731, -0.5, -0.10964048893737,
    -0.0019764235376052, -1.1527453073116e-5 }, x = positive, shift = 3 },
  reciprocal = { y = { 20, 2, 1, 0.36363636363636, 0.025, 0.00081004455245038 }, slope = { -400,
    -4, -1, -0.13223140495868, -0.000625, -6.5617217695454e-7 }, x = positive, shift = 3 },
  erf = { y = { -0.999977909503, -0.92290012825646, -0.52049987781305, 0.14031620480133,
    0.71115563365352, 0.99959304798256 }, slope = { 0.00013925305194675, 0.23652112244729,
    0.87878257893544, 1.1108852695967, 0.64293106919521, 0.0021782842303527 } },
  softplus = { y = { 0.048587351573742, 0.25192908134537, 0.47407698418011, 0.75759903531717,
    1.1368710061149, 2.5788897342925 }, slope = { 0.047425873177567, 0.22270013882531,
    0.37754066879815, 0.53120937337376, 0.67917869917539, 0.92414181997876 } },
  silu = { y = { -0.1422776195327, -0.27837517353164, -0.18877033439907, 0.06640117167172,
    0.50938402438154, 2.3103545499469 }, slope = { -0.08810410601517, 0.0063191550846876,
    0.26003881269735, 0.56233762025046, 0.84259994449675, 1.0994011113415 } },
  logsigmoid = { y = { -3.0485873515737, -1.5019290813454, -0.97407698418011, -0.63259903531717,
    -0.3868710061149, -0.07888973429255 }, slope = { 0.95257412682243, 0.77729986117469,
    0.62245933120185, 0.46879062662624, 0.32082130082461, 0.075858180021244 } },
  relu6 = { y = { 0, 0, 0, 0.125, 0.75, 2.5 }, slope = { 0, 0, 0, 1, 1, 1 } },
}

local function assert_close(name, got, truth)
  for k, t in ipairs(truth) do
    local most = (DOUBLE and 1e-12 or 5e-7) * (1 + math.abs(t))
    lu.assertTrue(math.abs(got[k] - t) <= most, ("%s, number %d: %.15g is not %.15g")
      :format(name, k, got[k], t))
  end
end

for name, row in pairs(pointwise) do
  tests["test_values_" .. name] = function()
    local x = ms.tensor(row.x or around):needs_grad()
    local y = x[name](x, row.p)
    y:backward(ms.ones(y:size()))
    assert_close(name, y:totable(), row.y)
    assert_close(name .. ", slope", x.grad:totable(), row.slope)
  end
end

-- ---- by central differences -----------------------------------------------------------------
--- Numbers away from the kinks of abs, rectifiers and pooling.
local function smooth(size)
  local n = 1
  for _, s in ipairs(size) do n = n * s end
  local order, list = ms.random.shuffle(3, "smooth", n, n), {}
  for i = 1, n do list[i] = (order[i] - n / 2 - 0.25) / n * 3 end
  return ms.tensor_from(list, size)
end

local classes = ms.tensor { 1, 6, 3, 2 }
local function both_sides(loss)
  return { function(y, t) return loss(y, t * 2 + 0.1) end, { { 4, 6 }, { 4, 6 } } }
end
local function shared(loss) return { function(x) return loss(x * 2, x * x) end, { { 4, 6 } } } end
local function bn(slope, training)
  return { function(x, g, b)
    local layer = ms.nn.batch_norm { channels = 5, slope = slope }
    local p = layer:tensors()
    p[3].value:copy(ms.tensor { 0.1, 0.2, -0.1, 0, 0.3 })
    p[4].value:copy(ms.tensor { 1, 0.5, 0.7, 1.5, 1.1 })
    if not training then layer:eval() end
    -- the layer owns its own gamma and beta: checked through the operator's products instead
    return layer(x) * g + b
  end, { { 3, 4, 2, 5 }, { 5 }, { 5 } } }
end

--- A batch norm and a convolution in one operator; the two own their weights.
local function norm_conv(size, out, training, options)
  return { function(x, g, b)
    local first = ms.nn.batch_norm { channels = size[4], slope = 0.2 }
    local second = ms.nn.conv2d { in_channels = size[4], out_channels = out,
      stride = options.stride,
      same = options.same }
    second:reset(1, "conv")
    if not training then first:eval() end
    return second:after(first, x * g + b)
  end, { size, { size[4] }, { size[4] } } }
end

--- A batch norm and max pooling in one operator, at the edges of the windows too.
local function norm_pool(size, training, ph, pw)
  return { function(x, g, b)
    local first = ms.nn.batch_norm { channels = size[4], slope = 0.2 }
    if not training then first:eval() end
    return first:max_pool2d(x * g + b, ph, pw)
  end, { size, { size[4] }, { size[4] } } }
end

--- name = {f, list of input shapes}
local differences = {
  add = { function(a, b) return a + b end, { { 3, 4 }, { 4 } } },
  sub = { function(a, b) return a - b end, { { 3, 1, 4 }, { 2, 1 } } },
  mul = { function(a, b) return a * b end, { { 3, 4 }, { 3, 1 } } },
  div = { function(a, b) return a / (b * b + 1) end, { { 2, 3, 4 }, { 3, 4 } } },
  numbers = { function(a) return 2 - a * 3 / 4 + 1 end, { { 3, 4 } } },
  under = { function(a) return 2 / (a + 4) end, { { 3, 4 } } },
  maximum = { function(a, b) return a:maximum(b * 2 + 0.1) end, { { 3, 4 }, { 4 } } },
  minimum = { function(a, b) return a:minimum(b * 2 + 0.1) end, { { 3, 4 }, { 4 } } },
  neg = { function(a) return -a end, { { 3, 4 } } },
  sum_all = { function(a) return a:sum() end, { { 3, 5 } } },
  sum_axis = { function(a) return a:sum(2) end, { { 3, 5, 2 } } },
  mean_all = { function(a) return a:mean() end, { { 3, 5 } } },
  mean_axis = { function(a) return a:mean(-1) end, { { 3, 5, 2 } } },
  affine = { function(a) return a:affine(-2, 3) end, { { 3, 4 } } },
  clone = { function(a) return a:clone() * a end, { { 3, 5 } } },
  reshape = { function(a) return a:reshape { 5, -1 } * 2 end, { { 3, 5, 2 } } },
  slice_first = { function(a) return a:slice(1, 2, 3) end, { { 4, 5 } } },
  slice_last = { function(a) return a:slice(3, 2, -2) end, { { 2, 3, 5 } } },
  cat = { function(a, b) return ms.cat({ a, b, a }, 2) end, { { 2, 3, 4 }, { 2, 1, 4 } } },
  permute = { function(a) return a:permute { 3, 1, 2 } end, { { 2, 3, 4 } } },
  matmul = { function(a, b) return a:matmul(b) end, { { 2, 3, 4 }, { 4, 5 } } },
  matmul_batch = { function(a, b) return a:matmul(b) end, { { 2, 3, 4 }, { 2, 4, 5 } } },
  linear = { function(x, w, b) return x:linear(w, b) end, { { 2, 3, 4 }, { 4, 5 }, { 5 } } },
  conv2d_3 = { function(x, w, b)
    return x:conv2d(w, b)
  end, { { 2, 5, 7, 3 }, { 3, 3, 3, 4 }, { 4 } } },
  conv2d_narrow = { function(x, w, b)
    return x:conv2d(w, b)
  end, { { 2, 5, 7, 7 }, { 3, 3, 7, 8 }, { 8 } } },
  conv2d_1 = { function(x, w, b)
    return x:conv2d(w, b)
  end, { { 2, 5, 4, 3 }, { 1, 1, 3, 4 }, { 4 } } },
  -- few channels under large kernels
  conv2d_2x9 = { function(x, w, b) return x:conv2d(w, b) end,
    { { 2, 4, 11, 1 }, { 2, 9, 1, 3 }, { 3 } } },
  conv2d_11x1 = { function(x, w, b) return x:conv2d(w, b, { padding = { 3, 0 } }) end,
    { { 2, 9, 3, 2 }, { 11, 1, 2, 3 }, { 3 } } },
  conv2d_5x1 = { function(x, w) return x:conv2d(w) end, { { 1, 6, 4, 2 }, { 5, 1, 2, 3 } } },
  conv2d_stride = { function(x, w, b) return x:conv2d(w, b, { stride = { 2, 3 } }) end,
    { { 2, 7, 8, 2 }, { 3, 3, 2, 3 }, { 3 } } },
  conv2d_valid = { function(x, w)
    return x:conv2d(w, nil, { same = false })
  end, { { 2, 5, 6, 2 }, { 3, 3, 2, 3 } } },
  conv2d_patch = { function(x, w, b) return x:conv2d(w, b, { stride = { 2, 4 }, same = false }) end,
    { { 2, 6, 8, 2 }, { 2, 4, 2, 3 }, { 3 } } },
  conv_transpose2d = { function(x, w, b)
    return x:conv_transpose2d(w, b)
  end, { { 2, 3, 4, 3 }, { 2, 2, 3, 2 }, { 2 } } },
  layer_norm = { function(x, g, b)
    return x:layer_norm(g, b, 1e-3)
  end, { { 37, 19 }, { 19 }, { 19 } } },
  softmax = { function(x) return x:softmax() end, { { 3, 2, 19 } } },
  attention = { function(x) return x:attention(2) end, { { 2, 5, 12 } } },
  attention_blocks = { function(x)
    return (x * 3):attention(1):slice(2, 190, 200)
  end, { { 1, 201, 6 } } },
  max_pool2d = { function(x) return x:max_pool2d(2, 3) end, { { 2, 5, 6, 3 } } },
  avg_pool2d = { function(x) return x:avg_pool2d(2) end, { { 2, 5, 4, 3 } } },
  batch_norm = bn(1, true), batch_norm_leaky = bn(0.01, true), batch_norm_eval = bn(0.5, false),
  norm_conv2d = norm_conv({ 2, 5, 6, 3 }, 4, true, {}),
    norm_conv2d_eval = norm_conv({ 1, 5, 4, 3 }, 2, false, {}),
  norm_max_pool2d = norm_pool({ 2, 5, 7, 3 }, true, 2, 3),
    norm_max_pool2d_eval = norm_pool({ 2, 4, 6, 2 }, false, 2),
  norm_conv2d_stride = norm_conv({ 2, 7, 6, 2 }, 3, true, { stride = 2, same = false }),
  dropout = { function(x)
    local layer = ms.nn.dropout { p = 0.4 }
    layer:reset(5, "fixed")
    return layer(x)
  end, { { 4, 6 } } },
  l1 = both_sides(ms.loss.l1), mse = both_sides(ms.loss.mse),
    bce_with_logits = both_sides(ms.loss.bce_with_logits),
  l1_shared = shared(ms.loss.l1), mse_shared = shared(ms.loss.mse),
  bce_with_logits_shared = shared(ms.loss.bce_with_logits),
  cross_entropy = { function(y) return ms.loss.cross_entropy(y, classes) end, { { 4, 6 } } },
  stft = { function(x) return x:stft() end, { { 2, 700 } } },
  istft = { function(x) return x:istft() end, { { 2, 3, 257, 2 } } },
  magnitude = { function(x) return x:magnitude() end, { { 2, 700 } } },
  mask_spectrum = { function(x, m)
    return x:mask_spectrum(m)
  end, { { 2, 3, 257, 2 }, { 2, 3, 256, 2 } } },
}

for name, row in pairs(pointwise) do
  differences[name] = { function(a)
    return ms.ops[name](row.shift and a + row.shift or a, row.p)
  end, { { 3, 5 } } }
end

if DOUBLE then
  for name, case in pairs(differences) do
    tests["test_differences_" .. name] = function()
      local inputs = {}
      for k, size in ipairs(case[2]) do inputs[k] = smooth(size) end
      local e, where = ms.gradcheck(case[1], inputs)
      lu.assertTrue(e <= 1e-6, ("%s: off by %.2e (%s)"):format(name, e, where))
    end
  end
end

--- Small cases of operators that no fixture holds: what they give, and what it must be.
local plane, waves = ms.tensor { { 1, 2, -1 }, { 0.5, 0, 3 } }, ms.randn { 1, 3, 257, 2 }
local values = {
  sum = { plane:sum(1), { 1.5, 2, 2 } },
  mean = { plane:mean(2), { 2 / 3, 3.5 / 3 } },
  reshape = { plane:reshape { 3, -1 }, { { 1, 2 }, { -1, 0.5 }, { 0, 3 } } },
  slice = { plane:slice(2, 2, -1), { { 2, -1 }, { 0, 3 } } },
  permute = { plane:permute { 2, 1 }, { { 1, 0.5 }, { 2, 0 }, { -1, 3 } } },
  cat = { ms.cat({ plane, plane:slice(2, 1, 1) }, 2), { { 1, 2, -1, 1 }, { 0.5, 0, 3, 0.5 } } },
  matmul = { plane:matmul(ms.tensor { { 1, 0 }, { 2, 1 }, { -1, 4 } }),
    { { 6, -2 }, { -2.5, 12 } } },
  dropout = { plane:dropout(0), plane:totable() },
  add = { plane:add(ms.tensor { { 1 }, { 2 } }), { { 2, 3, 0 }, { 2.5, 2, 5 } } },
  sub = { plane:sub(ms.tensor { 1, 2, 3 }), { { 0, 0, -4 }, { -0.5, -2, 0 } } },
  mul = { plane:mul(plane), { { 1, 4, 1 }, { 0.25, 0, 9 } } },
  div = { plane:div(2), { { 0.5, 1, -0.5 }, { 0.25, 0, 1.5 } } },
  maximum = { plane:maximum(ms.tensor { 0.75, -1, 2 }), { { 1, 2, 2 }, { 0.75, 0, 3 } } },
  gt = { plane:gt(0.5), { { 1, 1, 0 }, { 0, 0, 1 } } },
  ge = { plane:ge(0.5), { { 1, 1, 0 }, { 1, 0, 1 } } },
  lt = { plane:lt(ms.tensor { { 1 }, { 1 } }), { { 0, 0, 1 }, { 1, 1, 0 } } },
  le = { plane:le(0), { { 0, 0, 1 }, { 0, 1, 0 } } },
  eq = { plane:eq(plane), { { 1, 1, 1 }, { 1, 1, 1 } } },
  ne = { plane:ne(3), { { 1, 1, 1 }, { 1, 1, 0 } } },
  minimum = { plane:minimum(ms.tensor { 0.75, -1, 2 }), { { 0.75, -1, -1 }, { 0.5, -1, 2 } } },
  clone = { plane:clone(), plane:totable() },
  affine = { plane:affine(2, 1), { { 3, 5, -1 }, { 2, 1, 7 } } },
  softmax = { ms.tensor { { 0, math.log(3) }, { 5, 5 } }:softmax(),
    { { 0.25, 0.75 }, { 0.5, 0.5 } } },
  avg_pool2d = { plane:reshape { 1, 2, 3, 1 }:avg_pool2d(2, 3), { { { { 5.5 / 6 } } } } },
  -- the Nyquist bin passes unmasked
  mask_spectrum = { waves:mask_spectrum(ms.ones { 1, 3, 256, 1 } * 2):reshape { 3, 257, 2 },
    ms.cat({ waves:slice(3, 1, 256) * 2, waves:slice(3, 257, 257) }, 3):reshape { 3, 257, 2 } },
  l1 = { ms.loss.l1(plane, plane * 2):reshape { 1 }, { 7.5 / 6 } },
  mse = { ms.loss.mse(plane, plane * 2):reshape { 1 }, { 15.25 / 6 } },
}

function tests.test_values()
  for name, case in pairs(values) do
    local truth = type(case[2]) == "table" and ms.tensor(case[2]) or case[2]
    lu.assertEquals(case[1]:size(), truth:size(), name)
    assert_close(name, case[1]:reshape { -1 }:totable(), truth:reshape { -1 }:totable())
  end
end

--- Where else an operator's values are compared: a fixture of PyTorch's, or the golden waves of
-- test_audio.
local ELSEWHERE = { conv2d = "conv3", conv_transpose2d = "up2", max_pool2d = "max_pool22",
  linear = "linear", layer_norm = "layer_norm",
  attention = "attention", batch_norm = "batch_norm",
  norm_conv2d = "test_batch_norm_fused", norm_max_pool2d = "test_batch_norm_fused",
  stft = "stft", istft = "istft", magnitude = "test_audio" }

local function has_case(list, name)
  for case in pairs(list) do
    if case == name or case:find("^" .. name .. "_") then return true end
  end
end

-- The names in the case table (test_cases.lua), whose rows have values and gradients; the rows of a
-- layer nn.NAME are those of an operator NAME_layer, too.
local function names_of_cases()
  local names = {}
  for _, file in ipairs(case_files()) do
    for name, rows in pairs(dofile(file)) do
      names[name] = #rows > 0 or nil
      names[(name:gsub("^nn%.", "")) .. "_layer"] = names[name]
    end
  end
  return names
end

--- An operator without values and a gradient check is not done.
function tests.test_every_operator_has_cases()
  local in_table = names_of_cases()
  local rows = ms.sys.read_file(places.ROOT .. "core/kernels/unary.def")
  for name in rows:gmatch "\nUNARY%(([%w_]+)," do
    lu.assertTrue(pointwise[name] ~= nil or in_table[name] ~= nil,
      name .. " is in unary.def and has no row of values")
  end
  local n, constant = 0, {}
  local pairwise = ms.sys.read_file(places.ROOT .. "core/kernels/binary.def")
  for name in pairwise:gmatch "\nBINARY%(([%w_]+),[^\n]*CONSTANT%)" do constant[name] = true end
  for name in pairs(ms.ops) do
    n = n + 1
    local compared = in_table[name] or pointwise[name] or values[name] or ELSEWHERE[name]
    lu.assertTrue(compared ~= nil, name .. ": no values are compared")
    lu.assertTrue(in_table[name] or constant[name] or has_case(differences, name),
      name .. ": no gradient is checked")
  end
  lu.assertTrue(n >= 30, n)
end

local function leaves_of(case)
  local leaves = {}
  for k, size in ipairs(case[2]) do leaves[k] = smooth(size):needs_grad() end
  return leaves
end

--- The gradients of the leaves after f's result was differentiated; `between` runs after the
-- forward pass.
local function gradients_of(case, between)
  local leaves = leaves_of(case)
  local y = case[1](table.unpack(leaves))
  if between then between(leaves, y) end
  y:backward(ms.ones(y:size()))
  local list = {}
  for k, x in ipairs(leaves) do list[k] = x.grad:bytes() end
  return table.concat(list)
end

local function change(x)
  local flat = x:detach():reshape { -1 }
  flat:set(1, flat:get(1) + 1)
end

--- Whatever an operator is given or gives may change before backward, which either raises or does
-- not need it.
function tests.test_changed_in_place()
  local raised = 0
  for name, case in pairs(differences) do
    local truth = gradients_of(case)
    lu.assertTrue(gradients_of(case) == truth, name)
    for k = 0, #case[2] do
      local ok, got = pcall(gradients_of, case, function(leaves, y)
        change(k == 0 and y or leaves[k])
      end)
      if ok then lu.assertTrue(got == truth, ("%s, input %d: another gradient"):format(name, k))
      else lu.assertStrContains(got, "changed in place", false, name) end
      raised = raised + (ok and 0 or 1)
    end
  end
  lu.assertTrue(raised > 60, raised)
end

--- Parameters of a batch norm have gradients of their own.
function tests.test_batch_norm_parameters()
  if not DOUBLE then return end
  local x, layer = smooth { 3, 4, 2, 5 }, ms.nn.batch_norm { channels = 5, slope = 0.1 }
  local p = layer:parameters()
  local weights = ms.uniform { 3, 4, 2, 5 };
  (layer(x) * weights):sum():backward()
  for _, q in ipairs(p) do
    for i = 1, 5 do
      local before, step = q.value:get(i), 1e-6
      q.value:set(i, before + step)
      local up = (layer(x) * weights):sum():item()
      q.value:set(i, before - step)
      local down = (layer(x) * weights):sum():item()
      q.value:set(i, before)
      lu.assertAlmostEquals(q.value.grad:get(i), (up - down) / (2 * step), 1e-6)
    end
  end
end

--- The fused rectifier equals the two operators one after the other.
function tests.test_batch_norm_fused()
  local x = smooth { 2, 6, 5, 3 }
  local fused, plain = ms.nn.batch_norm { channels = 3, slope = 0.01 },
    ms.nn.batch_norm { channels = 3 }
  local a, b = fused(x), plain(x):leaky_relu(0.01)
  lu.assertTrue(peer.rms(a - b) <= 1e-6)
end

--- Two layers in one operator, and one after the other: result, all gradients, running statistics.
local function one_or_both(size, layers, fused)
  local first = ms.nn.batch_norm { channels = size[4], slope = 0.1 }
  first:tensors()[1].value:copy(ms.randn { size[4] })
  first:tensors()[2].value:copy(ms.randn { size[4] })
  local x = (ms.randn(size) * 2 + 0.5):detach():needs_grad()
  local y, owners = layers(first, x, fused);
  (y * ms.randn(y:size())):sum():backward()
  local list = { y:detach(), x.grad }
  for _, layer in ipairs { first, owners } do
    for _, t in ipairs(layer:tensors()) do
      list[#list + 1] = t.trainable and t.value.grad or t.value
    end
  end
  return list
end

local function check_both(size, layers)
  local function run(fused, threads)
    local before = ms.threads()
    ms.threads(threads)
    ms.seed(4)
    local list = one_or_both(size, layers, fused)
    ms.threads(before)
    return list
  end
  local one, again = run(true, 1), run(true, 3)
  for k, t in ipairs(run(false, 2)) do
    local e, what = peer.rms(one[k] - t) / math.max(peer.rms(t), 1e-30), table.concat(size, "x")
    lu.assertTrue(e <= (DOUBLE and 1e-12 or 1e-5),
      ("%s, tensor %d: off by %.2e"):format(what, k, e))
    lu.assertTrue(one[k]:bytes() == again[k]:bytes(), ("%s, tensor %d: other bits with 3 threads")
      :format(what, k))
  end
end

--- On every route of the convolution.
function tests.test_norm_conv_is_both()
  local shapes = { { { 2, 12, 10, 3 }, 5 }, { { 3, 6, 4, 20 }, 7 }, { { 2, 40, 36, 33 }, 48 },
    { { 2, 18, 9, 1 }, 16 } }
  for _, case in ipairs(shapes) do
    check_both(case[1], function(first, x, fused)
      local second = ms.nn.conv2d { in_channels = case[1][4], out_channels = case[2] }
      second:reset(1, "conv")
      return fused and second:after(first, x) or second(first(x)), second
    end)
  end
end

--- Windows that fill the image and windows that do not; the last is stored past the caches.
function tests.test_norm_max_pool_is_both()
  for _, case in ipairs { { { 2, 12, 10, 3 }, 2, 2 }, { { 3, 7, 9, 20 }, 3, 2 },
    { { 2, 5, 8, 130 }, 1, 3 }, { { 3, 201, 115, 64 }, 2, 2 } } do
    check_both(case[1], function(first, x, fused)
      return fused and first:max_pool2d(x, case[2], case[3])
        or first(x):max_pool2d(case[2], case[3])
    end)
  end
end

--- What is too large for the caches is stored past them: the same numbers as image by image. On
-- every route.
function tests.test_large_results_are_those_of_parts()
  local function images(f, x)
    local list = {}
    for k = 1, x:size(1) do list[k] = f(x:slice(1, k, k)) end
    return ms.cat(list, 1)
  end
  for _, case in ipairs { { 1, 16, 3 }, { 3, 24, 1 }, { 3, 32, 3 }, { 32, 32, 3 }, { 3, 20, 3 },
    { 5, 16, "up" }, { 5, 10, "up" } } do
    local _ <close> = ms.scope()
    local inp, out, up = case[1], case[2], case[3] == "up"
    local k = up and 2 or case[3]
    local w = ms.randn { k, k, inp, out }
    local function f(x) return up and x:conv_transpose2d(w) or x:conv2d(w) end
    local x = ms.randn { 12, up and 192 or 384, up and 64 or 128, inp }
    local y, small = f(x), images(f, x)
    lu.assertTrue(y:count() * 4 > 16 * 2 ^ 20, "too small to show anything")
    local e = peer.rms(y - small) / peer.rms(small)
    lu.assertTrue(e <= (DOUBLE and 1e-14 or 1e-6),
      ("%s: off by %.2e"):format(table.concat(case, " "), e))
  end
end

--- Logarithms over the whole range, and of what has none.
function tests.test_logarithms()
  local powers = {}
  for k = -370, 380 do powers[#powers + 1] = 10 ^ (k / 10) end
  for k = 1, 200 do powers[#powers + 1] = 0.9 + k / 1000 end
  local x = ms.tensor(powers)
  local logs, tens = x:log():totable(), x:log10(0):totable()
  for k, given in ipairs(x:totable()) do
    local truth = math.log(given)
    local most = (DOUBLE and 1e-14 or 3e-7) * math.abs(truth) + (DOUBLE and 1e-300 or 1e-12)
    lu.assertTrue(math.abs(logs[k] - truth) <= most,
      ("log %g is %.9g, not %.9g"):format(given, logs[k], truth))
    lu.assertTrue(math.abs(tens[k] - truth / math.log(10)) <= most,
      ("log10 %g is %.9g"):format(given, tens[k]))
  end
  local odd = ms.tensor { 0, -1, 1 / 0, 0 / 0, -1 / 0, 1 }:log():totable()
  lu.assertEquals({ odd[1], odd[3], odd[6] }, { -1 / 0, 1 / 0, 0 })
  for _, k in ipairs { 2, 4, 5 } do lu.assertTrue(odd[k] ~= odd[k]) end
end

--- Numbers and gradients are the same for one thread and for two.
function tests.test_threads_same_bits()
  local function run(threads)
    ms.threads(threads)
    ms.seed(9)
    local unet = ms.models.unet { widths = { 4, 8, 8 }, seed = 3 }
    local x = ms.uniform { 3, 48, 64 }:needs_grad()
    local mask, maps = unet(x)
    ms.loss.l1(mask, ms.zeros(mask:size())):backward()
    local parts = { mask:bytes(), maps[2]:bytes(), x.grad:bytes() }
    for _, p in ipairs(unet:parameters()) do parts[#parts + 1] = p.value.grad:bytes() end
    return table.concat(parts)
  end
  local before = ms.threads()
  local one, two, three = run(1), run(2), run(3)
  ms.threads(before)
  lu.assertTrue(one == two and two == three)
end

function tests.test_masks_have_no_gradient()
  local x, nan = ms.tensor { 1, 2 }:needs_grad(), ms.tensor { 0 / 0 }
  lu.assertErrorMsgContains("nothing to differentiate", function() x:gt(1):sum():backward() end)
  lu.assertEquals({ nan:eq(nan):get(1), nan:ne(nan):get(1), nan:ge(nan):get(1) }, { 0, 1, 0 })
  lu.assertErrorMsgContains("by x:lt(y)", function() return x < 1 end)
  lu.assertErrorMsgContains("by x:lt(y)", function() return 1 >= x end)
  lu.assertErrorMsgContains("gt: the shapes 2 and 3 do not fit together", x.gt, x, ms.ones { 3 })
end

--- As PyTorch: NaN wins, equal numbers share the gradient, rectifiers keep NaN and infinities.
function tests.test_larger_and_smaller_at_the_edges()
  local inf, nan = math.huge, 0 / 0
  local a = ms.tensor { 1, nan, 2, -inf, inf }:needs_grad()
  local b = ms.tensor { 1, 3, nan, inf, inf }:needs_grad()
  local y = a:maximum(b)
  lu.assertEquals(tostring(y:finite()), "false")
  lu.assertEquals({ y:get(1), y:get(4), y:get(5) }, { 1, inf, inf })
  lu.assertTrue(y:get(2) ~= y:get(2) and y:get(3) ~= y:get(3))
  a:slice(1, 1, 1):minimum(b:slice(1, 1, 1)):backward(ms.ones { 1 })
  lu.assertEquals({ a.grad:get(1), b.grad:get(1) }, { 0.5, 0.5 })
  local far = ms.tensor { -inf, inf, nan, 100, -100 }
  lu.assertEquals(far:relu6():slice(1, 1, 2):totable(), { 0, 6 })
  lu.assertTrue(far:relu6():get(3) ~= far:relu6():get(3))
  lu.assertEquals(far:softplus():slice(1, 1, 2):totable(), { 0, inf })
  lu.assertEquals(far:softplus():get(4), 100)
  lu.assertEquals({ far:logsigmoid():get(2), far:logsigmoid():get(5) }, { 0, -100 })
end

function tests.test_tanh_is_within_2e_7_of_its_own_size()
  local x = ms.range(-5000, 5000) / 1024
  local y = x:tanh()
  for k = 1, x:count() do
    local a = x:get(k)
    local truth = math.abs(a) < 1e-2 and a - a ^ 3 / 3 + 2 * a ^ 5 / 15
      or 1 - 2 / (math.exp(2 * a) + 1)
    lu.assertAlmostEquals(y:get(k), truth, 2e-7 * math.abs(truth))
  end
  lu.assertEquals(tostring(ms.tensor({ -0.0 }):tanh():get(1)), "-0.0")
end

--- The portable kernels call the C library. Sums of bytes at 200 001 places, and of a part.
function tests.test_exponentials_have_the_bits_of_the_c_library()
  local program = [[
    local x = ms.range(0, 200000) / 1000 - 105
    for _, part in ipairs { x, x:slice(1, 1, 77) } do
      for _, name in ipairs { "exp", "sigmoid" } do
        print(ms.io.crc32c(part[name](part):bytes()))
      end
    end]]
  local function said(environment)
    local pipe <close> = assert(io.popen(("%s '%s' -e '%s' 2>&1")
      :format(environment, assert(ms.sys.absolute "/proc/self/exe"), program)))
    return pipe:read "a"
  end
  local library = said "MOONSTEM_CPU=portable"
  lu.assertStrMatches(library, ("%d+\n"):rep(4))
  for _, cpu in ipairs { "avx2", "avx512" } do
    lu.assertEquals(said("MOONSTEM_CPU=" .. cpu), library)
  end
end

return tests
