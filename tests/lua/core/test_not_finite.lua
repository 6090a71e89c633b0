--- NaN and infinities: where the results of every operator are NaN, infinite or finite, against
-- PyTorch's (tests/golden/make_not_finite.py), forward and backward.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"

local M = {}

local NAN, INF = 0 / 0, math.huge
local VALUES = { nan = NAN, inf = INF, ["-inf"] = -INF, ["-0"] = -0.0, huge = 3.4e38,
  ["-huge"] = -3.4e38, ["0"] = 0, ["1"] = 1 }
local SALT = { x = 1, z = 2, weight = 3, bias = 4, gy = 5, gamma = 6, beta = 7, mean = 8,
  variance = 9, target = 10 }
local FIXED = { gy = true, target = true, mean = true, variance = true }

-- ---- tensors that follow from their places, and patterns of results -------------------------
local function number(name, shape, k)
  if name == "target" and #shape == 1 then return 1 + k % 3 end
  local v = ((k * 7 + k // 11 * 3 + SALT[name] * 5) % 16 * 2 - 15) / 16
  return name == "variance" and math.abs(v) or v
end

local function tensor(name, shape, odd)
  local list, count = {}, 1
  for _, n in ipairs(shape) do count = count * n end
  for k = 0, count - 1 do list[k + 1] = number(name, shape, k) end
  for _, o in ipairs(odd) do
    if o[1] == name then
      for k = o[2], o[2] + (o[4] or 1) - 1 do list[k + 1] = VALUES[o[3]] end
    end
  end
  return ms.tensor_from(list, shape)
end

local function mark(v)
  if v ~= v then return "n" end
  return v == INF and "+" or v == -INF and "-" or "."
end

--- "3n12.", or where that is long, counts and a checksum of it.
local function pattern(t)
  local list, runs, counts, from = t:reshape { t:count() }:totable(), {}, {}, 1
  for i = 1, #list do
    local m = mark(list[i])
    counts[m] = (counts[m] or 0) + 1
    if i == #list or mark(list[i + 1]) ~= m then
      runs[#runs + 1], from = (i + 1 - from) .. m, i + 1
    end
  end
  local text, sum = table.concat(runs), 0
  if #text <= 100 then return text end
  for _, byte in ipairs { text:byte(1, -1) } do sum = (sum * 31 + byte) % 2 ^ 32 end
  local told = ""
  for _, m in ipairs { "n", "+", "-", "." } do told = told .. (counts[m] or 0) .. m end
  return ("%s %08x"):format(told, math.tointeger(sum))
end

-- ---- operators ------------------------------------------------------------------------------
local function norm_of(t, o)
  local layer = ms.nn.batch_norm { channels = t.x:size(-1), slope = o.slope }
  for _, p in ipairs(layer:tensors()) do
    p.value:copy(
      ({ weight = t.gamma, bias = t.beta, running_mean = t.mean,
      running_var = t.variance })[p.name])
  end
  if not o.training then layer:eval() end
  return layer
end

-- After backward, what the layer's own tensors hold goes where the case's are.
local function told_by(layer, t)
  for _, p in ipairs(layer:tensors()) do
    local name = ({ weight = "gamma", bias = "beta", running_mean = "mean",
      running_var = "variance" })[p.name]
    t[name] = p.value
  end
end

local function step(t, o)
  local options, p = {}, t.x:needs_grad()
  for key, value in pairs(o) do options[key] = value end
  options.kind = nil
  local opt = ms.optim[o.kind]({ { name = "p", value = p } }, options)
  for _ = 1, 2 do
    opt:zero()
    local loss = (p * t.gy):sum()
    loss:backward()
    opt:step()
  end
  return p:detach()
end

local RUN = {
  log = function(t) return t.x:log() end,
  log10 = function(t) return t.x:log10() end,
  leaky_relu = function(t, o) return t.x:leaky_relu(o.slope) end,
  scaled = function(t, o) return t.x * o.by end,
  add = function(t) return t.x + t.z end,
  sub = function(t) return t.x - t.z end,
  mul = function(t) return t.x * t.z end,
  div = function(t) return t.x / t.z end,
  sum = function(t, o) return t.x:sum(o.axis) end,
  mean = function(t, o) return t.x:mean(o.axis) end,
  layer_norm = function(t) return t.x:layer_norm(t.gamma, t.beta) end,
  attention = function(t, o) return t.x:attention(o.heads) end,
  linear = function(t) return t.x:linear(t.weight, t.bias) end,
  matmul = function(t) return t.x:matmul(t.z) end,
  conv2d = function(t, o)
    return t.x:conv2d(t.weight, t.bias, { stride = o.stride, same = o.same })
  end, conv_transpose2d = function(t) return t.x:conv_transpose2d(t.weight, t.bias) end,
  max_pool2d = function(t, o) return t.x:max_pool2d(o.window[1], o.window[2]) end,
  avg_pool2d = function(t, o) return t.x:avg_pool2d(o.window[1], o.window[2]) end,
  batch_norm = function(t, o)
    local layer = norm_of(t, o)
    told_by(layer, t)
    return layer(t.x)
  end,
  norm_max_pool2d = function(t, o)
    local layer = norm_of(t, o)
    told_by(layer, t)
    return layer:max_pool2d(t.x, o.window[1], o.window[2])
  end,
  norm_conv2d = function(t, o)
    local layer, size = norm_of(t, o), t.weight:size()
    local conv = ms.nn.conv2d { in_channels = size[3], out_channels = size[4],
      kernel = { size[1], size[2] } }
    for _, p in ipairs(conv:tensors()) do p.value:copy(t[p.name]) end
    told_by(layer, t)
    for _, p in ipairs(conv:tensors()) do t[p.name] = p.value end
    return conv:after(layer, t.x)
  end,
  step = step,
}
for _, name in ipairs { "abs", "exp", "sqrt", "square", "sigmoid", "tanh", "relu", "gelu",
  "softmax" } do
  RUN[name] = function(t) return t.x[name](t.x) end
end
for _, name in ipairs { "l1", "mse", "bce_with_logits", "cross_entropy" } do
  RUN[name] = function(t) return ms.loss[name](t.x, t.target) end
end

local function results_of(case)
  local t, results = {}, {}
  for name, shape in pairs(case.shapes) do
    t[name] = tensor(name, shape, case.odd)
    if not FIXED[name] and case.op ~= "step" then t[name]:needs_grad() end
  end
  local y = RUN[case.op](t, case.options)
  results.y = pattern(y:detach())
  if case.op == "step" then return results end
  y:backward(t.gy)
  for name in pairs(case.shapes) do
    if not FIXED[name] then results["grad " .. name] = pattern(t[name].grad) end
    if case.results[name] then results[name] = pattern(t[name]:detach()) end
  end
  return results
end

local function told(case)
  local odd = {}
  for i, o in ipairs(case.odd) do odd[i] = table.concat(o, " ") end
  local x, weight = case.shapes.x, case.shapes.weight
  return ("%s %s x %s %s: %s"):format(case.op, ms.io.json_encode(case.options),
    table.concat(x, "x"),
    weight and "weight " .. table.concat(weight, "x") or "", table.concat(odd, ", "))
end

local CASES
local function cases()
  if not CASES then
    local file <close> = assert(io.open(places.GOLDEN .. "not_finite.json"))
    CASES = assert(ms.io.json_decode(file:read("a")))
  end
  return CASES
end

local function largest(case)
  for _, o in ipairs(case.odd) do
    if o[3]:find "huge" then return true end
  end
  return false
end

--- All cases of the operators named, in one list of what differs. left_out(case): true for those to
-- skip.
local function check(names, left_out)
  local wanted, wrong, seen = {}, {}, 0
  for _, name in ipairs(names) do wanted[name] = true end
  for _, case in ipairs(cases()) do
    if wanted[case.op] and not (left_out and left_out(case)) then
      local _ <close> = ms.scope()
      seen = seen + 1
      local ours = results_of(case)
      for name, pytorch in pairs(case.results) do
        if ours[name] ~= pytorch then
          wrong[#wrong + 1] = ("%s\n  %s is %s, not %s")
            :format(told(case), name, ours[name], pytorch)
        end
      end
    end
  end
  lu.assertTrue(seen > 0)
  lu.assertEquals(table.concat(wrong, "\n"), "")
end

function M.test_elementwise()
  check { "abs", "exp", "log", "log10", "sqrt", "square", "sigmoid", "tanh", "relu", "leaky_relu",
    "gelu", "scaled" }
end

function M.test_two_inputs() check { "add", "sub", "mul", "div" } end
function M.test_sums() check { "sum", "mean" } end
function M.test_tokens() check { "softmax", "layer_norm", "attention", "linear", "matmul" } end
function M.test_losses() check { "l1", "mse", "bce_with_logits", "cross_entropy" } end
function M.test_pooling() check { "max_pool2d", "avg_pool2d" } end
function M.test_batch_norm() check { "batch_norm" } end
function M.test_pooling_after_a_norm() check { "norm_max_pool2d" } end
function M.test_convolution() check { "conv2d" } end
function M.test_convolution_after_a_norm() check { "norm_conv2d" } end
function M.test_up_convolution() check { "conv_transpose2d" } end
function M.test_optimizers() check { "step" } end

-- Pixels side by side are computed together where there are few outputs.
function M.test_few_outputs_keep_to_their_pixels()
  for _, outputs in ipairs { 1, 2, 4, 8 } do
    local x, weight = ms.uniform { 1, 6, 16, 3 }, ms.uniform { 3, 3, 3, outputs }
    local plain = x:conv2d(weight)
    local odd_x, odd_weight = x:clone(), weight:clone()
    odd_x:set(1, 3, 7, 2, INF)
    odd_weight:set(1, 1, 2, 1, NAN)
    local by_x, by_weight = odd_x:conv2d(weight), x:conv2d(odd_weight)
    for i = 1, 6 do
      for j = 1, 16 do
        local meets = math.abs(i - 3) <= 1 and math.abs(j - 7) <= 1
        local value = by_x:get(1, i, j, outputs)
        lu.assertEquals(value, meets and INF or value, "x", i, j)
        if not meets then lu.assertAlmostEquals(value, plain:get(1, i, j, outputs), 1e-5) end
        value = by_weight:get(1, i, j, 1)
        lu.assertEquals(value ~= value, i > 1 and j > 1, "weight", i, j)
      end
    end
  end
end

--- The same where factors are rounded to bf16, but for numbers whose neighbour there is infinite.
function M.test_products_in_bf16()
  if not ms.precision "bf16" then lu.skip("this processor has no such products") end
  local ok, why = pcall(check, { "conv2d", "norm_conv2d", "conv_transpose2d", "linear", "matmul",
    "attention" }, largest)
  ms.precision "f32"
  if not ok then error(why, 0) end
end

-- ---- what is no case of a table -----------------------------------------------------------------
function M.test_the_largest_number_is_the_first_nan()
  lu.assertEquals({ ms.tensor({ 1, 3, 2, 3 }):max() }, { 3, 2 })
  lu.assertEquals({ ms.tensor({ -INF, -INF }):max() }, { -INF, 1 })
  for _, list in ipairs { { NAN, 2, 1 }, { 1, NAN, 5, NAN }, { 1, INF, NAN } } do
    local most, place = ms.tensor(list):max()
    lu.assertNotEquals(most, most)
    lu.assertNotEquals(list[place], list[place])
    lu.assertTrue(place == 1 or list[place - 1] == list[place - 1])
  end
end

function M.test_finite_says_whether_all_numbers_are()
  lu.assertTrue(ms.tensor({ 0, -1e38, 1e-45 }):finite())
  for _, odd in ipairs { NAN, -NAN, INF, -INF } do
    for place = 1, 20 do
      local x = ms.zeros { 20 }
      x:set(place, odd)
      lu.assertFalse(x:finite())
    end
  end
end

function M.test_text_tells_what_is_not_finite()
  lu.assertEquals(tostring(ms.tensor { 1, NAN, -NAN, 3 }),
    "tensor 4   min 1   mean 2   max 3   2 not finite (nan)\n"
    .. "  [:]          1        nan        nan          3")
  lu.assertStrContains(tostring(ms.tensor { 1, -INF, INF, 3 }),
    "min 1   mean 2   max 3   2 not finite (infinite)\n")
  lu.assertStrContains(tostring(ms.tensor { INF, NAN }),
    "tensor 2   2 not finite (1 nan, 1 infinite)\n")
  lu.assertEquals(tostring(ms.tensor(NAN)), "nan")
  lu.assertEquals(tostring(ms.tensor(-NAN)), "nan")
end

--- What is not finite is never dropped to 0: 0 times it is NaN.
function M.test_dropout_keeps_what_is_not_finite()
  local layer = ms.nn.dropout { p = 0.5 }
  local x = ms.tensor_from({ NAN, INF, -INF, 1 }, { 1, 4 })
  for _ = 1, 8 do
    local y = layer(x):totable()[1]
    lu.assertTrue(y[1] ~= y[1] and (y[2] ~= y[2] or y[2] == INF) and (y[3] ~= y[3] or y[3] == -INF)
      and y[4] == y[4])
  end
end

-- Which frames of 512 samples, 160 apart, hold a sample (from 1).
local function holds(frame, sample)
  local first = (frame - 1) * 160
  return sample > first and sample <= first + 512
end

--- A NaN in a wave reaches the frames that hold it, and no others, though frames may share a
-- transform.
function M.test_spectra_are_nan_where_the_wave_is()
  for _, place in ipairs { 2, 300, 512, 700, 2112 } do
    local wave = ms.uniform { 1, 2112 }
    wave:set(1, place, NAN)
    local y = wave:magnitude():totable()[1]
    for frame = 1, #y do
      for _, v in ipairs(y[frame]) do
        lu.assertEquals(v ~= v, holds(frame, place), frame .. " " .. place)
      end
    end
  end
end

--- A NaN in a frame reaches the samples of that frame alone.
function M.test_waves_are_nan_where_the_spectrum_is()
  local spectrum = ms.uniform({ 1, 2112 }):stft()
  for _, frame in ipairs { 1, 4, 11 } do
    local odd = spectrum:clone()
    odd:set(1, frame, 7, 1, NAN)
    for sample, v in ipairs(odd:istft():totable()[1]) do
      if sample ~= (frame - 1) * 160 + 1 then
        lu.assertEquals(v ~= v, holds(frame, sample), frame .. " " .. sample)
      end
    end
  end
end

--- NaN of any bits stays: signalling ones, and such as carry a number.
function M.test_nan_of_any_bits_stays()
  local bits = {}
  for i, b in ipairs { 0x7fc00000, 0xffc00000, 0x7f800001, 0x7fc00001, 0xffc001ff, 0x7fffffff,
    0xffffffff } do
    bits[i] = string.pack("<I4", b)
  end
  local x = ms.from_string(table.concat(bits), { 1, #bits })
  for _, name in ipairs { "exp", "log", "sigmoid", "tanh", "relu", "gelu", "softmax", "sqrt",
    "abs" } do
    for _, v in ipairs(x[name](x):totable()[1]) do lu.assertTrue(v ~= v, name) end
  end
  local most = x:reshape({ 1, 1, 7, 1 }):max_pool2d(1, 7):item()
  lu.assertTrue(most ~= most)
end

--- Numbers too small to be normal count as 0, as after torch.set_flush_denormal(True).
function M.test_subnormal_numbers_count_as_0()
  if ms.machine().real == "f64" then lu.skip "doubles have smaller ones" end
  local x = ms.tensor({ 1e-40, -1e-40 }):needs_grad()
  local y = x:log()
  y:backward(ms.ones { 2 })
  lu.assertEquals(y:detach():totable(), { -INF, -INF })
  lu.assertEquals((x:detach() * 2 ^ 60):totable(), { 0, 0 })
  lu.assertEquals(x:detach():sqrt():totable(), { 0, 0 })
end

--- Far out, where exponentials vanish: masked places of a softmax are exactly 0, and so is the
-- slope of gelu.
function M.test_vanished_exponentials_are_0()
  lu.assertEquals(ms.tensor({ 0, -INF, -1e4, -3e38, 0 }):softmax():totable(), { 0.5, 0, 0, 0, 0.5 })
  local x = ms.tensor({ -3e38, -1e19, 3e38 }):needs_grad()
  local y = x:gelu()
  y:backward(ms.ones { 3 })
  lu.assertEquals(x.grad:totable(), { 0, 0, 1 })
end

-- ---- metrics and statistics: a sentence or a value that is right ----------------------------
local metrics, statistics = ms.metrics, ms.statistics

local function refused(sentence, f, ...)
  local value, why = f(...)
  lu.assertNil(value)
  lu.assertStrContains(why, sentence)
end

function M.test_scores_that_are_infinite_rank_and_nan_is_refused()
  local scores, labels = { INF, -INF, 0.5, INF }, { 1, 0, 1, 0 }
  lu.assertEquals(metrics.roc_auc(scores, labels), 2.5 / 4)
  lu.assertAlmostEquals(metrics.average_precision(scores, labels), (1 / 2 + 2 / 3) / 2, 1e-15)
  local drawn = assert(statistics.bootstrap_ranking(scores, labels, { resamples = 50 }))
  lu.assertEquals({ drawn.roc_auc.value, drawn.roc_auc.low == drawn.roc_auc.low },
    { 2.5 / 4, true })
  lu.assertEquals((metrics.accuracy({ { INF, 1 }, { -INF, -INF } }, { 1, 2 })), 0.5)
  for place = 1, 4 do
    local odd = { 4, 3, 2, 1 }
    odd[place] = NAN
    refused("score " .. place .. " is not a number (NaN)", metrics.roc_auc, odd, labels)
    refused("score " .. place .. " is not a number (NaN)", metrics.average_precision, odd, labels)
    refused("score " .. place .. " is not a number (NaN)", statistics.bootstrap_ranking, odd,
      labels)
    refused("score " .. place .. " is not a number (NaN)", statistics.bootstrap_ranking,
      { 1, 2, 3, 4 }, labels, { against = odd })
  end
end

--- The ratio does not depend on the waves' scale, though squares leave the range of numbers.
function M.test_si_sdr_of_any_scale()
  local value = metrics.si_sdr({ 1, 2, 3 }, { 1, 1, 0 })
  for _, a in ipairs { 1e-300, 1e-200, 1, 1e200, 1e300 } do
    for _, b in ipairs { 1e-300, 1, 1e300 } do
      lu.assertAlmostEquals(metrics.si_sdr({ a, 2 * a, 3 * a }, { b, b, 0 }), value, 1e-9)
    end
  end
  for _, odd in ipairs { NAN, INF, -INF } do
    refused("samples that are not finite", metrics.si_sdr, { 1, odd, 2 }, { 1, 2, 3 })
    refused("samples that are not finite", metrics.si_sdr, { 1, 2, 3 }, { 1, odd, 2 })
    refused("samples that are not finite", metrics.si_sdr, { 0, 0, 0 }, { 1, odd, 2 },
      { zero_mean = true })
  end
  refused("no improvement can be told", metrics.si_sdr_improvement, { 1, 2 }, { 1, 2 }, { 1, 2 })
  lu.assertEquals((metrics.si_sdr_improvement({ 1, 2 }, { 1, 2 }, { 1, 3 })), INF)
end

function M.test_summaries_of_infinite_scores()
  local s = metrics.summary { 1, INF, 2, NAN, false }
  lu.assertEquals({ s.count, s.infinite, s.not_numbers, s.skipped, s.mean, s.median, s.max },
    { 3, 1, 1, 1, 1.5, 2, INF })
  s = metrics.summary { -INF, -INF }
  lu.assertEquals({ s.mean, s.median, s.sd }, { -INF, -INF, 0 })
  s = metrics.summary { -INF, INF, INF }
  lu.assertTrue(s.mean ~= s.mean)
  lu.assertEquals({ s.median, s.min, s.max }, { INF, -INF, INF })
end

function M.test_samples_that_are_not_finite_make_no_test()
  for _, odd in ipairs { NAN, INF, -INF } do
    refused("item 2 of a is not finite", statistics.welch_t_test, { 1, odd, 3 }, { 1, 2 })
    refused("item 2 of b is not finite", statistics.paired_t_test, { 1, 2, 3 }, { 1, odd, 2 })
    refused("the mean or sd of b is not finite", statistics.pooled_t_test, { 1, 2 },
      { mean = odd, sd = 1, n = 3 })
    refused("the mean or sd of a is not finite", statistics.welch_t_test,
      { mean = 1, sd = odd, n = 3 }, { 1, 2 })
    refused("item 2 of the values is not finite", statistics.quantile, { 1, odd, 2 }, 0.5)
    refused("not finite", statistics.bootstrap, { 1, odd, 3 }, function(list)
      return list[1] + list[2]
    end)
    refused("not finite", statistics.bootstrap_difference, { 1, odd, 3 }, { 1, 2, 3 })
  end
  refused("too large for their squares", statistics.welch_t_test, { 1e200, 2e200, 3e200 },
    { 1, 2, 3 })
  refused("too large for their squares", statistics.paired_t_test, { 1e200, 2e200, 4e200 },
    { 1, 2, 3 })
  lu.assertErrorMsgContains("an sd of 0 or more and a whole number n", statistics.welch_t_test,
    { mean = 1, sd = 1, n = NAN }, { 1, 2 })
  lu.assertErrorMsgContains("an sd of 0 or more and a whole number n", statistics.welch_t_test,
    { mean = 1, sd = -1, n = 3 }, { 1, 2 })
  lu.assertErrorMsgContains("p value 1 must be between 0 and 1", statistics.holm, { NAN })
  for _, odd in ipairs { NAN, INF } do
    lu.assertErrorMsgContains("a and b above 0", statistics.incomplete_beta, 0.5, odd, 1)
  end
end

return M
