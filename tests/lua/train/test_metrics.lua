--- Metrics against scikit-learn (stored and live), by hand, and their refusals.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local metrics = require "moonstem.metrics"

local GOLDEN = places.GOLDEN
local tests = {}

local function agrees(case, where)
  for _, name in ipairs { "roc_auc", "average_precision" } do
    local value, why = metrics[name](case.scores, case.labels)
    if case[name] then lu.assertAlmostEquals(value, case[name], 1e-12, where .. name)
    else lu.assertNil(value, where .. tostring(why)) end
  end
  if case.accuracy then
    lu.assertAlmostEquals(metrics.accuracy(case.scores, case.classes), case.accuracy, 1e-15)
  end
end

function tests.stored_scikit_learn_values()
  local cases = assert(ms.io.load_json(GOLDEN .. "metrics.json"))
  lu.assertEquals(#cases, 15)
  for i, case in ipairs(cases) do agrees(case, ("case %d "):format(i)) end
end

-- 200 random cases, half of them with many ties, some without positives or negatives.
local function random_cases()
  local cases = {}
  for k = 1, 200 do
    local function draw(name, i, n) return ms.random.integer(7, name, k, i, n) end
    local case = { scores = {}, labels = {} }
    local levels = k % 2 == 0 and draw("levels", 0, 6) or 1 << 30
    local prevalence = draw("prevalence", 0, 100)
    for i = 1, draw("size", 0, 80) do
      case.scores[i] = draw("score", i, levels) / 7
      case.labels[i] = draw("label", i, 100) <= prevalence and 1 or 0
    end
    cases[k] = case
  end
  return cases
end

function tests.live_scikit_learn_on_200_random_cases()
  local python = "/usr/bin/python3"
  if not ms.sys.exists(python)
    or ms.sys.run { python, "-c", "import sklearn", stderr = "/dev/null" } ~= 0 then
    lu.skip "python3-sklearn is not installed"
  end
  local folder = ms.sys.tempdir()
  assert(ms.io.save_json(folder .. "/in.json", random_cases()))
  lu.assertEquals(ms.sys.run { python, GOLDEN .. "make_metrics.py", "--score",
    folder .. "/in.json", folder .. "/out.json" }, 0)
  for i, case in ipairs(assert(ms.io.load_json(folder .. "/out.json"))) do
    agrees(case, ("case %d "):format(i))
  end
  ms.sys.remove(folder .. "/in.json")
  ms.sys.remove(folder .. "/out.json")
  ms.sys.remove(folder)
end

function tests.ties_count_half_and_form_one_threshold()
  lu.assertEquals(metrics.roc_auc({ 1, 1, 0 }, { 1, 0, 0 }), 0.75)
  lu.assertEquals(metrics.average_precision({ 1, 1, 0 }, { 1, 0, 0 }), 0.5)
  lu.assertEquals(metrics.average_precision({ 3, 2, 1 }, { 0, 1, 1 }), (1 / 2 + 2 / 3) / 2)
  lu.assertEquals(metrics.roc_auc({ -math.huge, 0, math.huge }, { 0, 0, 1 }), 1)
end

function tests.columns_without_both_labels_are_left_out_and_listed()
  local scores = { { 3, 1, 5 }, { 2, 2, 6 }, { 1, 3, 7 } }
  local labels = { { 1, 0, 1 }, { 0, 0, 1 }, { 1, 0, 1 } }
  local mean, detail = metrics.roc_auc(scores, labels, { "a", "b", "c" })
  lu.assertEquals(mean, 0.5)
  lu.assertEquals(detail.counted, 1)
  lu.assertEquals(detail.each, { 0.5, false, false })
  lu.assertEquals(detail.left_out, { { column = 2, name = "b", why = "no positives" },
    { column = 3, name = "c", why = "no negatives" } })
  mean, detail = metrics.average_precision(scores, labels)
  lu.assertAlmostEquals(mean, ((1 + 2 / 3) / 2 + 1) / 2, 1e-15)
  lu.assertEquals(#detail.left_out, 1)
  lu.assertEquals(detail.left_out[1].name, "2")
  local none, why = metrics.roc_auc({ { 1 }, { 2 } }, { { 0 }, { 0 } })
  lu.assertNil(none)
  lu.assertEquals(why,
    "roc_auc: none of the 1 columns has both kinds of label, so there is nothing to average")
  lu.assertEquals({ metrics.roc_auc({ 1, 2 }, { 1, 1 }) },
    { nil, "roc_auc: there are no negatives" })
end

function tests.tensors_and_lists_agree()
  local scores, labels = { { 0.5, 0.25 }, { 0.125, 0.75 }, { 1, 0 } },
    { { 1, 0 }, { 0, 1 }, { 1, 0 } }
  lu.assertEquals(metrics.roc_auc(ms.tensor(scores), ms.tensor(labels)),
    (metrics.roc_auc(scores, labels)))
  lu.assertEquals(metrics.average_precision(ms.tensor(scores), labels),
    (metrics.average_precision(scores, labels)))
  lu.assertEquals(metrics.accuracy(ms.tensor(scores), ms.tensor { 1, 2, 2 }), 2 / 3)
  lu.assertEquals(metrics.si_sdr(ms.tensor { 1, 2, 3 }, ms.tensor { 2, 4, 6 }), math.huge)
end

function tests.accuracy_and_its_detail()
  local value, detail = metrics.accuracy({ { 1, 1, 0 }, { 0, 1, 2 }, { 3, 0, 0 } }, { 1, 2, 1 })
  lu.assertEquals(value, 2 / 3)
  lu.assertEquals(detail.correct, 2)
  lu.assertEquals(detail.confusion, { { 2, 0, 0 }, { 0, 0, 1 }, { 0, 0, 0 } })
  lu.assertEquals(detail.recall, { 1, 0, false })
end

function tests.si_sdr_by_hand()
  -- e = 2 s + d with d orthogonal to s: |2 s|^2 / |d|^2 = 8 / 2.
  local value = metrics.si_sdr({ 3, 1 }, { 1, 1 })
  lu.assertAlmostEquals(value, 10 * math.log(8 / 2, 10), 1e-12)
  lu.assertAlmostEquals(metrics.si_sdr({ 30, 10 }, { 1, 1 }), value, 1e-12)
  lu.assertEquals(metrics.si_sdr({ 1, -1 }, { 1, 1 }), -math.huge)
  lu.assertEquals(metrics.si_sdr({ 0, 0 }, { 1, 1 }), -math.huge)
  lu.assertEquals(metrics.si_sdr({ 6, 4, 6, 4 }, { 1, -1, 1, -1 }, { zero_mean = true }), math.huge)
  local better, after, before = metrics.si_sdr_improvement({ 3, 1 }, { 1, 1 }, { 1, 0 })
  lu.assertAlmostEquals(after, value, 1e-12)
  lu.assertAlmostEquals(before, 0, 1e-12)
  lu.assertEquals(better, after - before)
  local none, why = metrics.si_sdr_improvement({ 3, 1 }, { 1, 1 }, { 2, 2 })
  lu.assertEquals({ none, why },
    { nil, "si_sdr: the mixture is the reference itself, so no improvement can be told" })
  none, why = metrics.si_sdr_improvement({ 3, 1 }, { 1, 1 }, { 1, -1 })
  lu.assertEquals({ none, why },
    { nil, "si_sdr: the mixture has nothing of the reference, so no improvement can be told" })
end

function tests.si_sdr_refuses_silence_and_nan()
  local value, why = metrics.si_sdr({ 1, 2 }, { 0, 0 })
  lu.assertNil(value)
  lu.assertEquals(why, "si_sdr: the reference is silent, so its SI-SDR is undefined")
  value, why = metrics.si_sdr({ 1, 0 / 0 }, { 1, 1 })
  lu.assertNil(value)
  lu.assertEquals(why, "si_sdr: there are samples that are not finite")
  local s = metrics.summary { 1, false, 3, -math.huge, 8 }
  lu.assertEquals({ s.count, s.skipped, s.infinite, s.mean, s.median }, { 4, 1, 1, 4, 2 })
  lu.assertAlmostEquals(s.se, math.sqrt(13) / math.sqrt(3), 1e-12)
  lu.assertNil(metrics.summary { false })
end

function tests.mistakes_raise_and_nan_is_refused()
  local function raises(sentence, f, ...) lu.assertErrorMsgEquals(sentence, f, ...) end
  raises("roc_auc: 2 scores but 1 labels", metrics.roc_auc, { 1, 2 }, { 1 })
  raises("roc_auc: label 2 must be 0 or 1, got 2", metrics.roc_auc, { 1, 2 }, { 1, 2 })
  raises("roc_auc: scores and labels must both be N or both be N x C",
    metrics.roc_auc, { { 1 }, { 2 } }, { 1, 0 })
  raises("average_precision: scores has 2 columns in row 1 but 1 in row 2",
    metrics.average_precision, { { 1, 2 }, { 3 } }, { { 1, 0 }, { 0, 1 } })
  raises("roc_auc: scores have 1 columns but labels have 2",
    metrics.roc_auc, { { 1 }, { 3 } }, { { 1, 0 }, { 0, 1 } })
  raises("accuracy: class 1 is 3, not one of 1 to 2", metrics.accuracy, { { 1, 2 } }, { 3 })
  raises("si_sdr: the estimate has 1 samples but the reference has 2", metrics.si_sdr, { 1 },
    { 1, 2 })
  raises("roc_auc: scores must be a tensor or a list of numbers, got string",
    metrics.roc_auc, "scores", {})
  local value, why = metrics.roc_auc({ { 1 }, { 0 / 0 } }, { { 1 }, { 0 } }, { "guitar" })
  lu.assertNil(value)
  lu.assertEquals(why, "roc_auc: score 2 is not a number (NaN) (column guitar)")
  lu.assertEquals({ metrics.accuracy({ { 0 / 0, 1 } }, { 1 }) },
    { nil, "accuracy: the score in row 1, column 1 is not a number (NaN)" })
  lu.assertEquals({ metrics.roc_auc({}, {}) }, { nil, "roc_auc: there are no scores" })
end

-- ---- predictions as files ------------------------------------------------------------------
local predictions = require "moonstem.metrics.predictions"

local function in_folder(body)
  local folder = assert(ms.sys.tempdir())
  local ok, why = pcall(body, folder .. "/predictions.safetensors")
  ms.sys.remove(folder .. "/predictions.safetensors")
  ms.sys.remove(folder)
  if not ok then error(why, 0) end
end

function tests.predictions_come_back_from_their_file()
  local tags = { scores = { { 0.25, 0.5 }, { 1, 0 }, { 0.75, 0.125 } },
    truths = { { 1, 0 }, { 0, 0 }, { 1, 1 } },
                 items = { { id = "d/a" }, { id = "d/b" }, { id = "f/c" } } }
  in_folder(function(path)
    lu.assertTrue(
      predictions.write(path, tags, { kind = "tags", classes = { "guitar", "no vocals" } }))
    local read = assert(predictions.read(path))
    lu.assertEquals({ read.kind, read.classes, read.items },
      { "tags", { "guitar", "no vocals" }, { "d/a", "d/b", "f/c" } })
    lu.assertEquals({ read.scores, read.truths }, { tags.scores, tags.truths })
    lu.assertEquals(metrics.roc_auc(read.scores, read.truths),
      metrics.roc_auc(tags.scores, tags.truths))
    local genres = { scores = tags.scores, truths = { 2, 1, 2 }, items = tags.items }
    lu.assertTrue(predictions.write(path, genres, { kind = "genres", classes = { "Rock", "Pop" } }))
    read = assert(predictions.read(path))
    lu.assertEquals({ read.truths, math.type(read.truths[1]) }, { { 2, 1, 2 }, "integer" })
    lu.assertEquals(metrics.accuracy(read.scores, read.truths), 2 / 3)
  end)
end

function tests.files_without_predictions_are_refused()
  in_folder(function(path)
    local function refused(sentence)
      lu.assertEquals({ predictions.read(path) }, { nil, path .. sentence })
    end
    lu.assertEquals(
      { predictions.write(path, { scores = {}, truths = {}, items = {} },
      { kind = "tags", classes = {} }) },
      { nil, path .. " is not written: there are no predictions" })
    lu.assertStrContains(select(2, predictions.read(path)), path)
    assert(ms.io.save_safetensors(path, { scores = ms.zeros { 2, 3 } }))
    refused " holds no predictions of clips"
    local about = { format = "moonstem predictions 1",
      about = '{"kind": "tags", "items": ["a"], "classes": ["x", "y", "z"]}' }
    assert(ms.io.save_safetensors(path, { scores = ms.zeros { 2, 3 }, truths = ms.zeros { 2, 3 } },
      about))
    refused ": scores are 2x3, but its 1 clips and 3 classes make 1x3"
    about.about = "{"
    assert(ms.io.save_safetensors(path, { scores = ms.zeros { 2, 3 }, truths = ms.zeros { 2, 3 } },
      about))
    refused " holds no predictions of clips"
  end)
end

-- The examples in scikit-learn's documentation of f1_score and precision_recall_curve.
function tests.decisions_at_a_threshold()
  local value, detail = metrics.f1({ { 0, 0, 0 }, { 1, 1, 1 }, { 1, 1, 0 } },
    { { 0, 0, 0 }, { 1, 1, 1 }, { 0, 1, 1 } })
  lu.assertAlmostEquals(value, (2 / 3 + 1 + 2 / 3) / 3, 1e-15)
  lu.assertEquals(detail.precision, { 1 / 2, 1, 1 })
  lu.assertEquals(detail.recall, { 1, 1, 1 / 2 })
  value, detail = metrics.f1({ 0.3, 0.2, 0.1 }, { 1, 0, 1 }, { threshold = 0.2 })
  lu.assertEquals({ value, detail }, { 0.5, { precision = 0.5, recall = 0.5 } })
  lu.assertEquals(metrics.f1({ 0.1 }, { 0 }), 0)
  lu.assertEquals(select(2, metrics.f1({ 0 / 0 }, { 0 })), "f1: score 1 is not a number (NaN)")
  lu.assertErrorMsgContains("f1: label 1 must be 0 or 1, got 2", metrics.f1, { 1 }, { 2 })
end

function tests.precision_against_recall()
  lu.assertEquals(metrics.pr_curve({ 0.1, 0.4, 0.35, 0.8 }, { 0, 0, 1, 1 }),
    { precision = { 1 / 2, 2 / 3, 1 / 2, 1, 1 }, recall = { 1, 1, 1 / 2, 1 / 2, 0 },
      thresholds = { 0.1, 0.35, 0.4, 0.8 } })
  lu.assertEquals(metrics.pr_curve(ms.tensor { 1, 1 }, ms.tensor { 0, 1 }),
    { precision = { 1 / 2, 1 }, recall = { 1, 0 }, thresholds = { 1 } })
  lu.assertEquals(select(2, metrics.pr_curve({ 1 }, { 0 })), "pr_curve: there are no positives")
end

-- Of classes, as in the documentation of precision_score.
function tests.precision_of_classes()
  local first, second, third = { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }
  local _, detail = metrics.accuracy({ first, third, second, first, first, second },
    { 1, 2, 3, 1, 2, 3 })
  lu.assertEquals(detail.precision, { 2 / 3, 0, 0 })
  lu.assertEquals(detail.recall, { 1, 0, 0 })
end

return tests
