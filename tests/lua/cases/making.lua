--- Tensors made of sizes and numbers; expected values are PyTorch's.
local ms = require "moonstem"

local function of(name, ...)
  local args = table.pack(...)
  return function() return ms[name](table.unpack(args, 1, args.n)) end
end

local function row(expected, name, ...) return { of(name, ...), {}, expected } end

local M = {}

M.range = {
  row({ 1, 2, 3, 4 }, "range", 1, 4), row({ 2, 1.5, 1 }, "range", 2, 1, -0.5),
  row({ 0, 3, 6 }, "range", 0, 8, 3), row({ 5 }, "range", 5, 5), row({}, "range", 1, 0),
  row({ 0, 0.1, 0.2, 0.3 }, "range", 0, 0.3, 0.1), row({}, "range", 0, 1, -1),
  wrong = {
    { of("range", 1), "number expected" }, { of("range", 1, 2, 0), "the step must not be 0" },
    { of("range", 1, 1 / 0), "finite numbers are expected, got inf" },
    { of("range", 0, 1, 0 / 0), "finite numbers are expected" },
    { of("range", 0, 1e300), "numbers are too many" }, { of("range", 0, 1e14), "too large" },
    { of("range", 1, 2, 3, 4), "takes at most 3 arguments" },
  },
}
M.linspace = {
  row({ -1, -0.5, 0, 0.5, 1, 1.5, 2 }, "linspace", -1, 2, 7), row({ 3 }, "linspace", 3, 9, 1),
  row({}, "linspace", 1, 2, 0), row({ 2, 2, 2 }, "linspace", 2, 2, 3),
  wrong = { { of("linspace", 1, 2, -1), "the count must be 0 or more, got -1" },
    { of("linspace", 1, 2, 1.5), "number has no integer representation" } },
}
M.logspace = {
  row({ 0.1, 1, 10, 100 }, "logspace", -1, 2, 4),
  row({ 1, 1.4142135623730951, 2 }, "logspace", 0, 1, 3, 2),
  wrong = { { of("logspace", 0, 1, 3, -1), "the base must be above 0" } },
}
M.eye = {
  row({ { 1, 0 }, { 0, 1 } }, "eye", 2), row({ { 1, 0, 0 }, { 0, 1, 0 } }, "eye", 2, 3),
  row({ { 1 }, { 0 } }, "eye", 2, 1), { function() return ms.eye(0):shape() end, {}, "0x0" },
  wrong = { { of("eye", -1), "sizes are 0 or more" }, { of("eye", 1 << 40), "too large" } },
}
M.full = {
  row({ { 2.5, 2.5 } }, "full", { 1, 2 }, 2.5), row(7, "full", {}, 7), row({}, "full", { 0 }, 7),
  wrong = { { of("full", { 2 }), "number expected" }, { of("full", 2, 3), "table expected" },
    { of("full", { -1 }, 3), "a size must be a whole number, 0 or more, got -1" } },
}
local X = { { 1, 2 }, { 3, 4 } }
M.zeros_like = {
  { function(x) return x:zeros_like() end, { X }, { { 0, 0 }, { 0, 0 } }, grad = false },
  { function(x) return ms.zeros_like(x) end, { 3 }, 0, grad = false },
  wrong = { { of("zeros_like", "x"), "a tensor is expected" } },
}
M.ones_like = { { function(x) return x:ones_like() end, { X }, { { 1, 1 }, { 1, 1 } },
  grad = false } }
M.full_like = { { function(x) return x:full_like(-2) end, { { {}, {} } }, { {}, {} },
  grad = false }, { function(x) return ms.full_like(x, 5) end, { X }, { { 5, 5 }, { 5, 5 } },
  grad = false } }

local function window(expected, ...)
  local r = row(expected, "window", ...)
  r.near = { 1e-6, 1e-14 }
  return r
end
M.window = {
  window({ 0, 0.3454915028125263, 0.9045084971874737, 0.9045084971874737, 0.3454915028125264 },
    "hann", 5),
  window({ 0, 0.5, 1, 0.5, 0 }, "hann", 5, { periodic = false }),
  window({ 0.08, 0.3978521825875242, 0.9121478174124757, 0.912147817412476, 0.3978521825875243 },
    "hamming", 5),
  window({ 0.08, 0.54, 1, 0.54, 0.08 }, "hamming", 5, { periodic = false }),
  window({ 0, 0.20077014326253045, 0.8492298567374694, 0.8492298567374696, 0.20077014326253056 },
    "blackman", 5),
  window({ 0, 0.34, 1, 0.34, 0 }, "blackman", 5, { periodic = false }),
  window({ 0, 0.4, 0.8, 0.8, 0.4 }, "bartlett", 5),
  window({ 0, 0.5, 1, 0.5, 0 }, "bartlett", 5, { periodic = false }),
  window({ 5.2773441320097665e-05, 0.10171968770956323, 0.7929398341014605, 0.7929398341014605,
    0.10171968770956323 }, "kaiser", 5),
  window({ 0.009407969797034689, 0.7111520608017933, 0.7111520608017933, 0.009407969797034689 },
    "kaiser", 4, { periodic = false, beta = 6.5 }),
  window({ 1 }, "hann", 1), window({ 1 }, "kaiser", 1, { periodic = false }), window({}, "hann", 0),
  wrong = {
    { of("window", "han", 4), "there is no window han; did you mean hann?" },
    { of("window", "hann", -1), "the length must be 0 or more" },
    { of("window", "hann", 4, { beta = 2 }), "beta is an option of the kaiser window alone" },
    { of("window", "kaiser", 4, { beta = 0 / 0 }), "beta is from 0 to 700" },
    { of("window", "hann", 1 << 50), "too large" },
  },
}

-- ---- random ones: the same for the same seed and purpose, and of the right kind ----------------
local function same(f)
  return function()
    local a, b = f { seed = 7 }, f { seed = 7, purpose = "tensor" }
    local c = f { seed = 7, purpose = "b" }
    return a:bytes() == b:bytes() and a:bytes() ~= c:bytes() and a:bytes() ~= f():bytes()
  end
end

M.randn = {
  { same(function(o) return ms.randn({ 2, 3 }, o) end), {}, true },
  { function()
    local x = ms.randn({ 200, 200 }, { seed = 1 })
    return ms.tensor { (x + 1):mean():item(), (x * x):mean():item() }
  end, {}, { 1, 1 }, near = { 0.02, 0.02 } },
  wrong = { { of("randn", { 2 }, { sead = 1 }), "there is no option sead; did you mean seed?" },
    { of("randn", { 2 }, { seed = "1" }), "option seed must be a whole number" },
    { of("randn", { 2 }, 3), "takes at most 1 argument" } },
}
M.uniform = { { same(function(o) return ms.uniform({ 2, 3 }, o) end), {}, true } }
M.randn_like = { { same(function(o) return ms.randn_like(ms.zeros { 3 }, o) end), {}, true } }
M.randint = {
  { same(function(o) return ms.randint(1, 1000, { 20 }, o) end), {}, true },
  { function() return ms.randint(-2, -2, { 2 }) end, {}, { -2, -2 } },
  { function()
    local x = ms.randint(1, 6, { 6000 }, { seed = 5 })
    local counts = {}
    for i = 1, 6 do counts[i] = x:eq(i):sum():item() / 1000 end
    return ms.tensor(counts)
  end, {}, { 1, 1, 1, 1, 1, 1 }, near = { 0.1, 0.1 } },
  wrong = { { of("randint", 2, 1, { 2 }), "nothing lies between 2 and 1" },
    { of("randint", 0, 1 << 60, { 2 }), "whole numbers are exact up to" },
    { of("randint", 0.5, 1, { 2 }), "number has no integer representation" } },
}
M.randperm = {
  { same(function(o) return ms.randperm(50, o) end), {}, true },
  { function()
    local x, seen = ms.randperm(100, { seed = 2 }), {}
    for i = 1, 100 do seen[x[i]] = true end
    for i = 1, 100 do if not seen[i] then return i end end
    return x[1] ~= 1 or x[2] ~= 2
  end, {}, true },
  { of("randperm", 1), {}, { 1 } }, { of("randperm", 0), {}, {} },
  wrong = { { of("randperm", -1), "n must be 0 or more" } },
}
M.bernoulli = {
  { same(function(o) return ms.bernoulli(0.5, { 100 }, o) end), {}, true },
  { function(p) return p:bernoulli() end, { { 0, 1, 1, 0 } }, { 0, 1, 1, 0 }, grad = false },
  { function() return ms.bernoulli(0.25, { 4, 1000 }, { seed = 3 }):mean() end, {}, 0.25,
    near = { 0.1, 0.1 } },
  wrong = { { of("bernoulli", 1.5, { 2 }), "probabilities are from 0 to 1, number 1 is 1.5" },
    { of("bernoulli", { 0.5, 0 / 0 }), "probabilities are from 0 to 1, number 2 is" } },
}
M.multinomial = {
  { same(function(o) return ms.multinomial(ms.ones { 60 }, 50, o) end), {}, true },
  { function(w) return w:multinomial(2, { replacement = true }) end, { { { 0, 1 }, { 3, 0 } } },
    { { 2, 2 }, { 1, 1 } }, grad = false },
  { function(w) return w:multinomial(0) end, { { 1, 2 } }, {}, grad = false },
  { function() -- the first of two draws without replacement, and draws with it, follow the weights
    local rows = ms.ones { 4000, 1 } * { 0, 1, 3, 4 }
    local once = rows:multinomial(2, { seed = 4 })
    local again = rows:multinomial(1, { seed = 4, replacement = true })
    local shares = {}
    for c = 1, 4 do
      shares[c] = once:slice(2, 1, 1):eq(c):mean():item() * 8
      shares[c + 4] = again:eq(c):mean():item() * 8
      shares[9] = once:slice(2, 1, 1):eq(once:slice(2, 2, 2)):sum():item()
    end
    return ms.tensor(shares)
  end, {}, { 0, 1, 3, 4, 0, 1, 3, 4, 0 }, near = { 0.04, 0.04 } },
  wrong = {
    { of("multinomial", { 1, -1 }, 1), "weights are finite numbers, 0 or more, number 2 is -1" },
    { of("multinomial", { 0, 0 }, 1), "the weights of row 1 add up to 0" },
    { of("multinomial", { 1, 0 }, 2), "too few for 2 draws without replacement" },
    { of("multinomial", { 1, 0 }, -2), "the count must be 0 or more" },
    { of("multinomial", 1, 1), "weights are a list, or rows of them" },
    { of("multinomial", { 1, 0 / 0 }, 1), "number 2 is" },
    { of("multinomial", { 1 }, 1 << 60, { replacement = true }), "too large" },
  },
}

return M
