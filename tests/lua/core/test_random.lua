--- Random tensors: the same bits for any number of threads, streams that do not meet, and numbers
-- that are spread as they should be.
local lu = require "luaunit"
local ms = require "moonstem"

local tests = {}

local N = 70001 -- several chunks of work, and an end that fills no register

local makers = {
  randn = function(o) return ms.randn({ N }, o) end,
  uniform = function(o) return ms.uniform({ N }, o) end,
  randn_like = function(o) return ms.randn_like(ms.zeros { 3, N }, o) end,
  randint = function(o) return ms.randint(-5, 1000, { N }, o) end,
  randperm = function(o) return ms.randperm(N, o) end,
  bernoulli = function(o) return ms.bernoulli(0.3, { N }, o) end,
  multinomial = function(o) return ms.ones({ 7, 3000 }):multinomial(200, o) end,
  multinomial_again = function(o)
    return ms.range(1, 7 * 3000):reshape { 7, 3000 }:multinomial(200, { replacement = true,
      seed = o and o.seed, purpose = o and o.purpose })
  end,
}

function tests.teardown() ms.threads(2) end

for name, make in pairs(makers) do
  tests["test_threads_do_not_matter_to_" .. name] = function()
    local first
    for n = 1, 3 do
      ms.threads(n)
      local bits = make({ seed = 5, purpose = "here" }):bytes()
      first = first or bits
      lu.assertEquals(bits == first, true)
    end
  end
  tests["test_seeds_and_counts_make_" .. name] = function()
    ms.seed(3)
    local a, b = make():bytes(), make():bytes()
    lu.assertFalse(a == b)
    ms.seed(3, 1)
    lu.assertTrue(make():bytes() == b, "the second one again")
    local _, count = ms.seed()
    make { seed = 1 }
    lu.assertEquals(select(2, ms.seed()), count, "one with a seed of its own counts for nothing")
    lu.assertFalse(make { seed = 1 }:bytes() == make { seed = 2 }:bytes())
    lu.assertFalse(make { purpose = "a" }:bytes() == make { purpose = "b" }:bytes())
  end
end

function tests.test_normal_numbers_have_their_moments_and_tails()
  local x = ms.randn({ 1000, 1000 }, { seed = 9 })
  local function mean(y) return y:mean():item() end
  lu.assertAlmostEquals(mean(x), 0, 0.004)
  lu.assertAlmostEquals(mean(x * x), 1, 0.006)
  lu.assertAlmostEquals(mean(x * x * x), 0, 0.02)
  lu.assertAlmostEquals(mean(x * x * x * x), 3, 0.05)
  for _, row in ipairs { { -1.959964, 0.025 }, { -1, 0.158655 }, { 0, 0.5 }, { 0.6744898, 0.75 },
    { 2.326348, 0.99 }, { 3.090232, 0.999 } } do
    lu.assertAlmostEquals(mean(x:lt(row[1])), row[2], 0.002)
  end
  local even, odd = x[{ {}, { 1, -1, 2 } }], x[{ {}, { 2, -1, 2 } }]
  lu.assertAlmostEquals(mean(even * odd), 0, 0.006)
  lu.assertAlmostEquals(mean(even * even * odd * odd), 1, 0.02)
end

function tests.test_orders_are_equally_likely()
  local counts = {}
  for i = 1, 2400 do
    local key = table.concat(ms.randperm(4, { seed = i }):totable(), " ")
    counts[key] = (counts[key] or 0) + 1
  end
  local kinds, chi = 0, 0
  for _, n in pairs(counts) do kinds, chi = kinds + 1, chi + (n - 100) ^ 2 / 100 end
  lu.assertEquals(kinds, 24)
  lu.assertTrue(chi < 50, chi) -- 23 degrees of freedom: above 49.7 once in a thousand
end

function tests.test_draws_without_replacement_follow_the_weights()
  local w = ms.tensor { 1, 2, 3, 4 }:reshape { 1, 4 }:expand { 20000, 4 }
  local x = w:multinomial(2, { seed = 8 })
  -- the second of two: sum over the first one's p_i p_j / (1 - p_i)
  local p, second = { 0.1, 0.2, 0.3, 0.4 }, { 0, 0, 0, 0 }
  for i = 1, 4 do
    for j = 1, 4 do
      if i ~= j then second[j] = second[j] + p[i] * p[j] / (1 - p[i]) end
    end
  end
  for c = 1, 4 do
    lu.assertAlmostEquals(x[{ {}, 1 }]:eq(c):mean():item(), p[c], 0.01)
    lu.assertAlmostEquals(x[{ {}, 2 }]:eq(c):mean():item(), second[c], 0.01)
  end
end

function tests.test_seed_makes_the_numbers_of_lua_repeat()
  ms.seed(3)
  local first = math.random()
  ms.seed(4)
  lu.assertNotEquals(math.random(), first)
  ms.seed(3)
  lu.assertEquals(math.random(), first)
end

return tests
