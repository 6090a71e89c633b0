--- Statistics against scipy (stored and live) and by hand.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local statistics = ms.statistics

local GOLDEN = places.GOLDEN
local TOLERANCE = 1e-9 -- relative
local SIDES = { "two-sided", "greater", "less" }
local T = {}

local function close(value, truth, what)
  local allowed = TOLERANCE * math.max(math.abs(truth), 1e-290)
  if not (value == truth or math.abs(value - truth) <= allowed) then
    lu.fail(("%s: %.17g instead of %.17g"):format(what, value, truth))
  end
end

-- ---- against scipy -------------------------------------------------------------------------
local function check_numbers(case, where)
  close(statistics.t_cdf(case.x, case.df), case.t_cdf, where .. "t_cdf")
  close(statistics.normal_cdf(case.x), case.normal_cdf, where .. "normal_cdf")
  close(statistics.incomplete_beta(case.u, case.a, case.b), case.incomplete_beta, where
    .. "incomplete_beta")
  close(statistics.normal_quantile(case.p), case.normal_quantile, where .. "normal_quantile")
  close(statistics.t_quantile(case.p, case.df), case.t_quantile, where .. "t_quantile")
end

local function check_tests(case, where)
  local ps = {}
  for _, name in ipairs { "welch_t_test", "pooled_t_test", "paired_t_test" } do
    for k = 1, case[name] and 3 or 0 do
      local r = assert(statistics[name](case.a, case.b, { alternative = SIDES[k] }))
      close(r.t, case[name].t, where .. name .. " t")
      close(r.p, case[name].p[k], where .. name .. " p " .. SIDES[k])
      ps[#ps + 1] = r.p
    end
  end
  for _, name in ipairs { "bonferroni", "holm" } do
    local r = statistics[name](ps)
    lu.assertEquals({ r.family, #r.adjusted }, { #case[name], #case[name] })
    for i, p in ipairs(case[name]) do close(r.adjusted[i], p, where .. name) end
  end
end

local function check_samples(case, where)
  local s = assert(statistics.summary(case.a))
  lu.assertEquals(s.n, #case.a)
  for _, name in ipairs { "mean", "sd", "se" } do close(s[name], case[name], where .. name) end
  for i, p in ipairs { 0, 0.025, 0.31, 0.5, 0.975, 1 } do
    close(statistics.quantile(case.a, p), case.quantiles[i], where .. "quantile")
  end
  local zeros = {}
  for i = 1, #case.a do zeros[i] = 0 end
  local r = statistics.paired_t_test(case.a, zeros, { level = 0.9 })
  close(r.low, case.interval[1], where .. "low")
  close(r.high, case.interval[2], where .. "high")
  check_tests(case, where)
end

local function check_all(cases)
  for i, case in ipairs(cases.numbers) do check_numbers(case, ("numbers %d: "):format(i)) end
  for i, case in ipairs(cases.samples) do check_samples(case, ("samples %d: "):format(i)) end
end

function T.test_stored_scipy_values()
  local cases = assert(ms.io.load_json(GOLDEN .. "statistics.json"))
  lu.assertEquals({ #cases.numbers, #cases.samples }, { 42, 21 })
  check_all(cases)
end

-- 100 points over many orders of magnitude, 40 pairs of samples of 2 to 12 values.
local function random_cases()
  local function u(name, i, low, high)
    return low + (high - low) * ms.random.uniform(3, name, i, 0)
  end
  local cases = { numbers = {}, samples = {} }
  for i = 1, 100 do
    cases.numbers[i] = { x = u("x", i, -6, 6), df = math.exp(u("df", i, -0.5, 12)),
      p = 1 / (1 + math.exp(u("p", i, -14, 14))),
      a = math.exp(u("a", i, -3, 9)), b = math.exp(u("b", i, -3, 9)), u = u("u", i, 0, 1) }
  end
  for i = 1, 40 do
    local case = { a = {}, b = {} }
    local n = ms.random.integer(3, "n", i, 0, 11) + 1
    for k = 1, n do case.a[k] = ms.random.uniform(3, "first", i, k) + 0.3 * (i % 4) end
    for k = 1, i % 3 == 0 and n or i % 9 + 2 do case.b[k] = ms.random.uniform(3, "second", i, k) end
    cases.samples[i] = case
  end
  return cases
end

function T.test_live_scipy_on_random_cases()
  local python = "/usr/bin/python3"
  if not ms.sys.exists(python) or ms.sys.run { python, "-c", "import scipy.stats",
    stderr = "/dev/null" } ~= 0 then
    lu.skip "python3-scipy is not installed"
  end
  local folder = ms.sys.tempdir()
  assert(ms.io.save_json(folder .. "/in.json", random_cases()))
  lu.assertEquals(ms.sys.run { python, GOLDEN .. "make_statistics.py", "--score", folder
    .. "/in.json", folder .. "/out.json" }, 0)
  check_all(assert(ms.io.load_json(folder .. "/out.json")))
  for _, name in ipairs { "/in.json", "/out.json", "" } do ms.sys.remove(folder .. name) end
end

-- ---- distributions -------------------------------------------------------------------------
function T.test_quantiles_undo_distributions_far_out()
  for _, df in ipairs { 0.3, 1, 4, 8, 9, 77.5, 1e6, 1e14 } do
    for _, p in ipairs { 1e-200, 1e-30, 1e-5, 0.2, 0.4999, 0.7, 1 - 1e-9 } do
      if df > 0.3 or p > 1e-60 then -- else beyond the range of doubles
        close(statistics.t_cdf(statistics.t_quantile(p, df), df), p, ("df %g, p %g"):format(df, p))
      end
    end
  end
  -- One degree of freedom is Cauchy's distribution, two have a closed form.
  close(statistics.t_quantile(1e-300, 1), -1 / math.pi * 1e300, "Cauchy")
  close(statistics.t_cdf(-1e20, 2), 0.5e-40, "df 2")
  lu.assertEquals({ statistics.t_quantile(0, 3), statistics.t_quantile(0.5, 3),
    statistics.t_quantile(1, 3) }, { -math.huge, 0.0, math.huge })
  lu.assertEquals({ statistics.t_cdf(math.huge, 3), statistics.t_cdf(-math.huge, 3),
    statistics.normal_cdf(0) }, { 1, 0, 0.5 })
end

function T.test_mistakes_raise()
  local function raises(sentence, f, ...) lu.assertErrorMsgContains(sentence, f, ...) end
  raises("degrees of freedom must be above 0 and finite, got 0", statistics.t_cdf, 1, 0)
  raises("a probability is between 0 and 1, got 2", statistics.normal_quantile, 2)
  raises("incomplete_beta: x must be in [0, 1]", statistics.incomplete_beta, 2, 1, 1)
  raises("did you mean alternative?", statistics.welch_t_test, { 1, 2 }, { 1, 2 },
    { alternativ = "less" })
  raises("alternative must be two-sided, greater or less, got more", statistics.paired_t_test,
    { 1, 2 }, { 1, 2 }, { alternative = "more" })
  raises("2 values of a but 1 of b make no pairs", statistics.paired_t_test, { 1, 2 }, { 1 })
  raises("item 2 of a is a string", statistics.welch_t_test, { 1, "x" }, { 1, 2 })
  raises("a family of 1 cannot hold 2 tests", statistics.holm, { 0.1, 0.2 }, { family = 1 })
  raises("p value 1 must be between 0 and 1", statistics.bonferroni, { 1.5 })
end

-- ---- samples and tests ---------------------------------------------------------------------
function T.test_summary_of_few_and_of_missing_runs()
  local s = statistics.summary { 3, false, 5 }
  lu.assertEquals({ s.n, s.mean, s.missing, s.min, s.max }, { 2, 4, 1, 3, 5 })
  s = statistics.summary { 0.1 }
  lu.assertEquals({ s.n, s.mean, s.sd, s.se }, { 1, 0.1, nil, nil })
  s = statistics.summary { 0.1, 0.1, 0.1 }
  lu.assertEquals({ s.mean, s.sd }, { 0.1, 0.0 })
  lu.assertEquals(statistics.summary(ms.tensor { 1, 2, 3 }).sd, 1)
  lu.assertEquals({ statistics.summary {} }, { nil, "summary: there are no values" })
  lu.assertEquals({ statistics.summary { 1, 0 / 0 } },
    { nil, "summary: item 2 of the values is not finite" })
  lu.assertEquals({ statistics.quantile({}, 0.5) }, { nil, "quantile: there are no values" })
end

function T.test_samples_that_carry_no_test()
  local names = { names = { "vocals", "tail" } }
  lu.assertEquals({ statistics.welch_t_test({ 1 }, { 1, 2 }, names) },
    { nil, "a t-test needs at least two runs per row, row vocals has 1" })
  lu.assertEquals({ statistics.pooled_t_test({ 1, 2 }, { false, false }, names) },
    { nil, "a t-test needs at least two runs per row, row tail has 0" })
  lu.assertEquals({ statistics.paired_t_test({ 1, 2, false }, { 1, false, 3 }) },
    { nil, "a paired t-test needs at least two pairs, a and b have 1" })
  local _, why = statistics.welch_t_test({ 0.1, 0.1, 0.1 }, { 0.3, 0.3 }, names)
  lu.assertStrContains(why, "the values of vocals and of tail do not vary")
  _, why = statistics.paired_t_test({ 0.3, 0.4, 0.5 }, { 0.2, 0.3, 0.4 })
  lu.assertStrContains(why, "all pairs of a and b differ by the same amount")
  _, why = statistics.welch_t_test({ 1, math.huge }, { 1, 2 })
  lu.assertEquals(why, "welch_t_test: item 2 of a is not finite")
  -- One side may be constant.
  close(statistics.welch_t_test({ 1, 1, 1 }, { 2, 3, 4 }).t, -2 / math.sqrt(1 / 3),
    "one constant side")
  lu.assertEquals(statistics.welch_t_test({ 1, 2, 3 }, { 1, 2, 3 }).p, 1)
end

function T.test_missing_pairs_are_left_out()
  local whole = statistics.paired_t_test({ 1, 5, 2 }, { 0, 3, 3 })
  local partial = statistics.paired_t_test({ 1, false, 5, 2, 9 }, { 0, 1, 3, 3, false })
  lu.assertEquals({ partial.t, partial.df, partial.n, partial.missing }, { whole.t, 2, 3, 2 })
  lu.assertEquals(partial.test, "paired t-test, two-sided")
end

function T.test_published_moments_can_be_tested()
  -- Facts 4.4: read as standard errors, only the CNN's ROC-AUC with vocals survives, t = 8.96.
  local spread = 0.03 * math.sqrt(5)
  local r = statistics.pooled_t_test({ mean = 91.85, sd = spread, n = 5 },
    { mean = 91.47, sd = spread, n = 5 })
  lu.assertAlmostEquals(r.t, 8.957, 1e-3)
  lu.assertEquals({ r.df, r.test }, { 8, "pooled t-test, two-sided" })
  -- And the AST's PR-AUC with "other", read as standard deviations: t = 4.9, p = .0012.
  r = statistics.pooled_t_test({ mean = 47.49, sd = 0.23, n = 5 },
    { mean = 46.82, sd = 0.20, n = 5 })
  lu.assertAlmostEquals(r.t, 4.915, 1e-3)
  lu.assertAlmostEquals(r.p, 0.0012, 1e-4)
end

function T.test_corrections_keep_the_family()
  local r = statistics.bonferroni({ 0.01, false, 0.004 }, { family = 6 })
  lu.assertEquals({ r.correction, r.family, r.alpha }, { "Bonferroni", 6, 0.05 })
  lu.assertEquals(r.adjusted, { 0.06, false, 0.024 })
  lu.assertEquals(r.significant, { false, false, true })
  r = statistics.holm({ 0.01, false, 0.004 }, { family = 6 })
  lu.assertEquals(r.adjusted, { 0.05, false, 0.024 })
  lu.assertEquals(statistics.holm({ 0.02, 0.02, 0.9 }).adjusted, { 0.06, 0.06, 0.9 })
  lu.assertEquals(statistics.bonferroni({}).adjusted, {})
end

-- ---- bootstrap -----------------------------------------------------------------------------
local function mean(list)
  return statistics.summary(list).mean
end

function T.test_bootstrap_repeats_and_covers()
  local list = {}
  for i = 1, 100 do list[i] = ms.random.uniform(5, "value", i, 0) end
  local a = statistics.bootstrap(list, mean, { seed = 4 })
  lu.assertEquals(statistics.bootstrap(list, mean, { seed = 4 }), a)
  lu.assertNotEquals(statistics.bootstrap(list, mean, { seed = 5 }).low, a.low)
  lu.assertEquals({ a.value, a.resamples, a.undefined }, { mean(list), 1000, 0 })
  -- Of a mean, it is close to the normal interval.
  local se = statistics.summary(list).se
  lu.assertAlmostEquals(a.se, se, 0.1 * se)
  lu.assertTrue(math.abs(a.bias) < 0.15 * se)
  lu.assertAlmostEquals(a.low, a.value - 1.96 * se, 0.2 * se)
  lu.assertAlmostEquals(a.high, a.value + 1.96 * se, 0.2 * se)
  local d = statistics.bootstrap_difference(list, { false, table.unpack(list, 2) })
  lu.assertEquals({ d.value, d.low, d.high, d.missing }, { 0, 0, 0, 1 })
end

function T.test_bootstrap_refuses_and_counts()
  lu.assertEquals({ statistics.bootstrap({ 1 }, mean) },
    { nil, "bootstrap: resampling needs at least two items, there are 1" })
  lu.assertEquals({ statistics.bootstrap({ 1, 2 }, function() return nil end) },
    { nil, "bootstrap: the statistic has no value" })
  -- A statistic without a value where the first item is not drawn: one draw in four.
  local r = statistics.bootstrap({ 1, 2 }, function(list)
    return (list[1] == 1 or list[2] == 1) and 1 or nil
  end, { resamples = 400 })
  lu.assertTrue(r.undefined > 60 and r.undefined < 140)
  lu.assertErrorMsgContains("resamples must be a whole number", statistics.bootstrap, { 1, 2 },
    mean, { resamples = 0 })
end

-- 40 clips with 3 tags: scores on few levels (ties) for two models, and a tag that is rare.
local function clips()
  local scores, other, labels = {}, {}, {}
  for i = 1, 40 do
    scores[i], other[i], labels[i] = {}, {}, {}
    for c = 1, 3 do
      labels[i][c] = c == 3 and (i == 7 and 1 or 0) or ms.random.integer(1, "label", i, c, 3) // 3
      scores[i][c] = (ms.random.integer(1, "score", i, c, 8) + 3 * labels[i][c]) / 8
      other[i][c] = ms.random.integer(1, "other", i, c, 8) / 8
    end
  end
  return scores, other, labels
end

-- The draws of bootstrap_ranking, the long way round: lists of clips scored by ms.metrics.
function T.test_bootstrap_of_ranking_agrees_with_the_metrics()
  local scores, other, labels = clips()
  local items = {}
  for i = 1, #scores do items[i] = i end
  local function metric(name, of)
    return function(list)
      local s, y = {}, {}
      for k, i in ipairs(list) do s[k], y[k] = of[i], labels[i] end
      return (ms.metrics[name](s, y))
    end
  end
  local options = { resamples = 60, seed = 2 }
  local fast = assert(statistics.bootstrap_ranking(scores, labels, options))
  lu.assertEquals(fast.roc_auc, statistics.bootstrap(items, metric("roc_auc", scores), options))
  lu.assertEquals(fast.pr_auc, statistics.bootstrap(items, metric("average_precision", scores),
    options))
  -- a clip is in no draw of 40 with chance 0.36
  lu.assertTrue(fast.thinner > 10 and fast.thinner < 35)
  local gain = statistics.bootstrap_ranking(ms.tensor(scores), labels,
    { resamples = 60, seed = 2, against = other })
  lu.assertTrue(gain.roc_auc.low > 0)
  lu.assertAlmostEquals(gain.pr_auc.value, fast.pr_auc.value
    - ms.metrics.average_precision(other, labels), 1e-6)
  local same = statistics.bootstrap_ranking(scores, labels, { resamples = 20, against = scores })
  lu.assertEquals({ same.roc_auc.low, same.pr_auc.high }, { 0, 0 })
end

function T.test_bootstrap_of_ranking_refuses()
  lu.assertEquals({ statistics.bootstrap_ranking({ 1, 2 }, { 0, 0 }) },
    { nil,
      "roc_auc: none of the 1 columns has both kinds of label, so there is nothing to average" })
  lu.assertEquals({ statistics.bootstrap_ranking({ { 1 }, { 0 / 0 } }, { { 0 }, { 1 } }) },
    { nil, "roc_auc: score 2 is not a number (NaN) (column 1)" })
  lu.assertEquals({ statistics.bootstrap_ranking({ 1 }, { 1 }) },
    { nil, "resampling needs at least two clips, there are 1" })
  lu.assertErrorMsgContains("2 scores but 1 labels", statistics.bootstrap_ranking, { 1, 2 }, { 0 })
end

-- ---- several runs on the same clips --------------------------------------------------------
-- The draws of a resampling, the long way round: statistic(list of clips) in each.
local function long_way(count, statistic, options)
  local items = {}
  for i = 1, count do items[i] = i end
  return statistics.bootstrap(items, statistic, options)
end

function T.test_intervals_of_means_over_runs_and_of_their_differences()
  local scores, other, labels = clips()
  local function macro(of, list)
    local s, y = {}, {}
    for k, i in ipairs(list) do s[k], y[k] = of[i], labels[i] end
    return (ms.metrics.average_precision(s, y))
  end
  local options = { resamples = 40, seed = 3, level = 0.8 }
  local r = assert(statistics.resamples(#scores, options))
  local a, b = r:tags(scores, labels), r:tags(ms.tensor(other), ms.tensor(labels))
  lu.assertEquals(r:interval({ a.pr_auc, b.pr_auc }), long_way(#scores, function(list)
    return (macro(scores, list) + macro(other, list)) / 2
  end, options))
  local gain = r:interval({ a.pr_auc, b.pr_auc }, { b.pr_auc })
  local long = long_way(#scores, function(list)
    return (macro(scores, list) + macro(other, list)) / 2 - macro(other, list)
  end, options)
  for _, key in ipairs { "value", "low", "high", "se", "bias" } do
    lu.assertAlmostEquals(gain[key], long[key], 1e-12)
  end
  lu.assertEquals({ gain.level, gain.resamples, gain.undefined }, { 0.8, 40, 0 })
end

function T.test_intervals_of_single_tags_and_of_accuracies()
  local scores, other, labels = clips()
  local options = { resamples = 40, seed = 3 }
  local r = statistics.resamples(#scores, options)
  local function one_tag(list)
    local s, y = {}, {}
    for k, i in ipairs(list) do s[k], y[k] = scores[i][3], labels[i][3] end
    return (ms.metrics.roc_auc(s, y))
  end
  local rare = r:interval { r:tags(scores, labels).per_tag[3].roc_auc }
  lu.assertEquals(rare, long_way(#scores, one_tag, options))
  lu.assertTrue(rare.undefined > 5)
  local truths = {}
  for i = 1, #labels do truths[i] = labels[i][1] + 1 end
  lu.assertEquals(r:interval { r:genres(other, truths).accuracy }, long_way(#scores, function(list)
    local s, y = {}, {}
    for k, i in ipairs(list) do s[k], y[k] = other[i], truths[i] end
    return (ms.metrics.accuracy(s, y))
  end, options))
end

function T.test_draws_do_not_depend_on_threads()
  local scores, _, labels = clips()
  local threads, found = ms.threads(), {}
  for i, n in ipairs { 1, 3 } do
    ms.threads(n)
    found[i] = statistics.bootstrap_ranking(scores, labels, { resamples = 50 })
  end
  ms.threads(threads)
  lu.assertEquals(found[1], found[2])
end

function T.test_a_resampling_refuses()
  local r = statistics.resamples(3)
  lu.assertErrorMsgContains("2 values were given for 3 clips", r.tags, r, { { 1 }, { 2 } },
    { { 0 }, { 1 } })
  lu.assertErrorMsgContains("row 1 has 1 scores but row 2 has 2", r.genres, r,
    { { 1 }, { 2, 3 }, { 4 } }, { 1, 1, 1 })
  lu.assertErrorMsgContains("level must be between 0 and 1", statistics.resamples, 3,
    { level = 95 })
  lu.assertErrorMsgContains("seed must be a whole number", statistics.resamples, 3, { seed = 0.5 })
  lu.assertErrorMsgContains("did you mean resamples?", statistics.resamples, 3, { resample = 3 })
  local core = require "moonstem.core.bootstrap"
  local closed = core.new(2, 2, 1, "x")
  closed:close()
  lu.assertErrorMsgContains("this bootstrap is closed", closed.mean, closed, { 1, 2 })
  lu.assertErrorMsgContains("how many resamples", core.new, 2, 0, 1, "x")
  lu.assertErrorMsgContains("value 2 is not a number", core.new(2, 2, 1, "x").mean,
    core.new(2, 2, 1, "x"), { 1, 0 / 0 })
  lu.assertErrorMsgContains("label 1 must be 0 or 1", core.new(2, 2, 1, "x").ranking,
    core.new(2, 2, 1, "x"), { 1, 2 }, { 2, 1 })
end

return T
