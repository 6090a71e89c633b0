--- The paper's tables from single runs, and differences of per-tag scores.
local lu = require "luaunit"
local ms = require "moonstem"
local places = require "places"
local tools = require "data_tools"
local paper_table = require "moonstem.report.paper_table"
local tag_differences = require "moonstem.report.tag_differences"
local statistics = ms.statistics

local paper = dofile(places.ROOT .. "recipes/paper.lua")
local T = {}

-- ---- the paper's tables --------------------------------------------------------------------
function T.test_the_paper_is_whole()
  local one, two = paper.table_one, paper.table_two
  lu.assertEquals({ #one.rows, #one.columns, #two.rows, #two.columns }, { 7, 6, 4, 2 })
  local stars, bold = 0, 0
  for _, layout in pairs(paper) do
    for _, row in ipairs(layout.rows) do
      lu.assertEquals(#row.label, #layout.head)
      for _, column in ipairs(layout.columns) do
        local cell = layout.paper[row.name][column.name]
        lu.assertTrue(cell[1] > 40 and cell[1] < 95 and cell[2] > 0 and cell[2] < 1)
        stars = stars + (cell.star and 1 or 0)
        if row.against and cell[1] > layout.paper[row.against][column.name][1] then
          bold = bold + 1
        end
      end
    end
  end
  lu.assertEquals({ stars, bold }, { 7, 22 + 2 })
  -- "approaches 1.5 %" of PR-AUC for vocals with the CNN and for other with the AST
  -- (recipes/paper.md#published-numbers).
  lu.assertAlmostEquals(
    one.paper.vocals["cnn/mtat/pr_auc"][1] / one.paper.tail["cnn/mtat/pr_auc"][1], 1.014, 5e-4)
  lu.assertAlmostEquals(
    one.paper.other["ast/mtat/pr_auc"][1] / one.paper.tail["ast/mtat/pr_auc"][1], 1.014, 5e-4)
end

-- A small layout: two rows against a tail, two columns, three runs planned.
local function small_layout()
  return { name = "small", title = "A & B_1", head = { "U-Net", "source" }, unit = "%", runs = 3,
    note = "No yardstick.",
    columns = { { name = "roc", group = { "CNN", "MTAT" }, label = "ROC" },
      { name = "wa", group = { "CNN", "FMA" }, label = "WA" } },
    rows = { { name = "tail", label = { "no", "-" } },
      { name = "vocals", label = { "yes", "vocals" }, against = "tail" },
      { name = "bass", label = { "yes", "bass" }, against = "tail" } },
    paper = { tail = { roc = { 90, 0.1 } }, vocals = { roc = { 91.5, 0.25, star = true } } } }
end

local function small_results()
  local list = {}
  for row, values in pairs { tail = { 0.90, 0.91, 0.905 }, vocals = { 0.95, 0.955, 0.96 },
    bass = { 0.85, 0.86 } } do
    for seed, value in ipairs(values) do
      list[#list + 1] = { row = row, column = "roc", seed = seed, value = value }
    end
  end
  list[#list + 1] = { row = "tail", column = "wa", seed = 1, value = 0.5 }
  list[#list + 1] = { row = "vocals", column = "wa", seed = 1, value = 0.6 }
  return list
end

function T.test_cells_of_a_paper_table()
  local t = assert(paper_table { layout = small_layout(), results = small_results() })
  local cell = t.cells.vocals.roc
  lu.assertEquals({ cell.n, cell.star, cell.worse, cell.better }, { 3, true, false, true })
  lu.assertAlmostEquals(cell.mean, 95.5, 1e-12)
  lu.assertAlmostEquals(cell.sd, 0.5, 1e-12)
  lu.assertAlmostEquals(cell.se, 0.5 / math.sqrt(3), 1e-12)
  local direct = statistics.pooled_t_test({ 95, 95.5, 96 }, { 90, 91, 90.5 })
  lu.assertAlmostEquals(cell.result.bonferroni.p, 2 * direct.p, 1e-9)
  lu.assertEquals(cell.tests.pooled, cell.result)
  lu.assertAlmostEquals(cell.tests.welch.p, statistics.welch_t_test({ 95, 95.5, 96 },
    { 90, 91, 90.5 }).p, 1e-12)
  lu.assertAlmostEquals(cell.tests.paired.p, statistics.paired_t_test({ 95, 95.5, 96 },
    { 90, 91, 90.5 }).p, 1e-12)
  lu.assertEquals({ cell.tests.paired.bonferroni.p, cell.tests.paired.holm.significant },
    { 2 * cell.tests.paired.p, true })
  lu.assertEquals({ t.cells.bass.roc.n, t.cells.bass.roc.worse, t.cells.bass.roc.star },
    { 2, true, false })
  lu.assertEquals(t.cells.vocals.wa.result.no_test,
    "a t-test needs at least two runs per row, row vocals has 1")
  lu.assertEquals({ t.cells.bass.wa.n, t.cells.bass.wa.mean, t.cells.bass.wa.star },
    { 0, nil, false })
  lu.assertEquals(paper_table { layout = small_layout(), results = small_results(),
    family = 10 }.cells.vocals.roc.result.holm.p, 5 * cell.result.holm.p)
end

function T.test_a_paper_table_as_text()
  local t = paper_table { layout = small_layout(), results = small_results(), note = "Stand-ins." }
  lu.assertEquals(tostring(t), [[
A & B_1

U-Net    source    CNN MTAT ROC %  CNN FMA WA %
-----------------------------------------------
no            -      90.50 ± 0.50         50.00
       SE, runs    SE 0.29, n = 3       n = 1/3
          paper      90.00 ± 0.10             -
yes      vocals    95.50+ ± 0.50*        60.00+
       SE, runs    SE 0.29, n = 3       n = 1/3
          paper    91.50+ ± 0.25*             -
yes        bass     85.50 ± 0.71†             -
       SE, runs  SE 0.50, n = 2/3       n = 0/3
          paper                 -             -

Mean ± standard deviation (n - 1) over runs; below it the standard error (SE) and the number of ]]
    .. [[
runs, of 3 planned; last the paper's value.
+: above the baseline, row tail.
* significantly above it, † significantly below: two-sided pooled (Student's) t-tests, ]]
    .. [[
Bonferroni-corrected for a family of 2 comparisons in each column, alpha = 0.05.
Significant cells after Bonferroni / after Holm with each test: pooled 2 / 2, Welch's 2 / 2, ]]
    .. [[
paired 1 / 1 (all p values are in the CSV).
Without a test where a row or its baseline has fewer than two runs: vocals.
No yardstick.
Stand-ins.
]])
end

function T.test_a_paper_table_in_markup_and_csv()
  local t = paper_table { layout = small_layout(), results = small_results(), test = "welch",
    correction = "holm" }
  local markdown, latex, csv = t:markdown(), t:latex(), t:csv()
  lu.assertStrContains(markdown,
    "| U-Net | source | CNN MTAT ROC % | CNN FMA WA % |\n|---|---|---:|---:|")
  lu.assertStrContains(markdown, "| yes | vocals | **95.50** ± 0.50\\* | **60.00** |")
  lu.assertStrContains(markdown, "two-sided Welch's t-tests, Holm-corrected for a family of 2")
  lu.assertStrContains(latex, "\\caption{A \\& B\\_1}\n\\begin{tabular}{llrr}\n\\toprule\n"
    .. "& & \\multicolumn{2}{c}{CNN} \\\\\n\\cmidrule(lr){3-4}\n"
    .. "& & \\multicolumn{1}{c}{MTAT} & \\multicolumn{1}{c}{FMA} \\\\\n\\cmidrule(lr){3-3} \z
      \\cmidrule(lr){4-4}\n"
    .. "U-Net & source & ROC \\% & WA \\% \\\\\n\\midrule\n")
  lu.assertStrContains(latex,
    "yes & vocals & \\textbf{95.50} $\\pm$ 0.50$^{*}$ & \\textbf{60.00} \\\\")
  lu.assertStrContains(csv,
    "row,column,n,planned,mean,sd,se,against,difference,pooled_t,pooled_df,pooled_p,"
    .. "pooled_p_bonferroni,pooled_p_holm,welch_t,welch_df,welch_p,"
    .. "welch_p_bonferroni,welch_p_holm,paired_t,")
  lu.assertStrContains(csv,
    "\nvocals,roc,3,3,95.5,0.5,0.2886751346,tail,5,12.24744871,4,0.0002552167494,0.0005104334989,"
    .. "0.0005104334989,12.24744871,4,")
  lu.assertStrContains(csv,
    "\nbass,roc,2,3,85.5,0.7071067812,0.5,tail,-5,-9.486832981,3,0.002483147022,0.004966294044,"
    .. "0.002483147022,")
  lu.assertStrContains(csv, '\nvocals,wa,1,3,60,,,tail,10,,,,,,,,,,,,,,,,0,0,welch,holm,2,0.05,'
    .. '"a t-test needs at least two runs per row, row vocals has 1",,,,,,,,,,,,,1:60\n')
  local document = t:document()
  lu.assertEquals({ #document.header, #document.rows, document.rows[2][4][1], document.caption },
    { 11, 3, "95.50 ± 0.50*", "A & B_1" })
  lu.assertEquals(document.notes[#document.notes], "No yardstick.")
end

function T.test_a_page_sets_the_papers_values_apart_where_ours_are_of_stand_ins()
  local t = paper_table { layout = small_layout(), results = small_results() }
  local both, alone, published = t:document(), t:document(false), t:published()
  lu.assertEquals(both.header, { "row", "U-Net", "source", "CNN MTAT ROC %",
    "CNN MTAT ROC %: SE, runs", "CNN MTAT ROC %: gain, clips", "CNN MTAT ROC %: paper",
    "CNN FMA WA %", "CNN FMA WA %: SE, runs", "CNN FMA WA %: gain, clips", "CNN FMA WA %: paper" })
  lu.assertEquals(#alone.header, 9)
  lu.assertNotStrContains(table.concat(alone.notes, " "), "aper")
  lu.assertNotStrContains(table.concat(alone.notes, " "), "yardstick")
  lu.assertEquals(alone.rows[2][6], { "+5.00", value = 5.0, mark = 0 })
  lu.assertEquals({ alone.bars[4], alone.bars[6] }, { { 0, 100 }, { -5.0, 5.0 } })
  lu.assertEquals({ #published.header, published.caption }, { 5, "No yardstick." })
  lu.assertEquals(t:sentences()[1], "CNN MTAT ROC %: tail has 90.50, the best of 2 others, vocals, "
    .. "has 95.50 (+5.00); significantly above: 1, below: 1")
end

function T.test_a_paper_table_does_not_depend_on_the_order_of_results()
  local results, turned = small_results(), {}
  for i, result in ipairs(results) do turned[#results + 1 - i] = result end
  for _, test in ipairs { "pooled", "paired" } do
    local a = paper_table { layout = small_layout(), results = results, test = test }
    local b = paper_table { layout = small_layout(), results = turned, test = test }
    for _, kind in ipairs { "text", "markdown", "latex", "csv" } do
      lu.assertEquals(b[kind](b), a[kind](a))
    end
  end
end

function T.test_rows_with_baselines_of_their_own()
  local t = paper_table { layout = paper.table_two, results = {} }
  lu.assertEquals(t.family, 2)
  lu.assertStrContains(t:text(),
    "+: above the baseline (cnn/yes against cnn/no, ast/yes against ast/no).")
  lu.assertStrContains(t:text(), "n = 0/5")
  lu.assertNil(t:text():find("Without a test", 1, true))
end

function T.test_equal_runs_carry_no_star()
  local results = {}
  for seed = 1, 5 do
    for row, value in pairs { tail = 0.5, vocals = 0.9, bass = 0.5 } do
      results[#results + 1] = { row = row, column = "roc", seed = seed, value = value }
    end
  end
  local t = paper_table { layout = small_layout(), results = results }
  lu.assertEquals({ t.cells.vocals.roc.star, t.cells.vocals.roc.better, t.cells.bass.roc.better },
    { false, true, false })
  lu.assertStrContains(t:text(),
    "the values of vocals and of tail do not vary (are they repeats of one seed?)")
end

-- ---- intervals over clips ------------------------------------------------------------------
local predictions = require "moonstem.metrics.predictions"

-- Twenty clips with two tags, each in some of them; a model of a row and a seed ranks them well or
-- less so.
local function predicted(row, seed, ids)
  local p = { scores = {}, truths = {}, items = {} }
  for i = 1, 20 do
    p.truths[i] = { i % 2, i % 3 == 0 and 1 or 0 }
    p.items[i] = { id = (ids or "d/%d"):format(i) }
    p.scores[i] = {}
    for c = 1, 2 do
      p.scores[i][c] = ms.random.uniform(seed, row, i, c) + (row == "vocals" and 0.6 or 0.2)
        * p.truths[i][c]
    end
  end
  return p
end

local function layout_of_tags()
  local layout = small_layout()
  layout.columns = { { name = "cnn/roc_auc", label = "ROC" },
    { name = "cnn/pr_auc", label = "PR" } }
  layout.paper = nil
  return layout
end

-- Writes the predictions of two rows and three seeds into a folder; the results of both scores.
local function results_with_predictions(folder)
  local results = {}
  for _, row in ipairs { "tail", "vocals" } do
    for seed = 1, 3 do
      local p, path = predicted(row, seed), ("%s/%s-%d.safetensors"):format(folder, row, seed)
      assert(predictions.write(path, p, { kind = "tags", classes = { "a", "b" } }))
      p = assert(predictions.read(path)) -- in float32
      results[#results + 1] = { row = row, column = "cnn/roc_auc", seed = seed, predictions = path,
                                value = ms.metrics.roc_auc(p.scores, p.truths) }
      results[#results + 1] = { row = row, column = "cnn/pr_auc", seed = seed, predictions = path,
                                value = ms.metrics.average_precision(p.scores, p.truths) }
    end
  end
  return results
end

-- The draws of one column, the long way round.
local function draws_by_hand(folder, metric, draw)
  local means = {}
  for r, row in ipairs { "tail", "vocals" } do
    means[r] = 0
    for seed = 1, 3 do
      local p, s, y = assert(predictions.read(("%s/%s-%d.safetensors"):format(folder, row, seed))),
        {}, {}
      for k = 1, 20 do
        local i = ms.random.integer(7, "bootstrap", draw, k, 20)
        s[k], y[k] = p.scores[i], p.truths[i]
      end
      means[r] = means[r] + 100 * ms.metrics[metric](s, y) / 3
    end
  end
  return means
end

T.test_intervals_over_clips = tools.in_folder(function(folder)
  local t = assert(paper_table { layout = layout_of_tags(),
    results = results_with_predictions(folder), bootstrap = { resamples = 25, seed = 7,
      level = 0.9 } })
  local cell, tail, gains, alone = t.cells.vocals["cnn/pr_auc"], t.cells.tail["cnn/pr_auc"], {}, {}
  for d = 1, 25 do
    local means = draws_by_hand(folder, "average_precision", d)
    alone[d], gains[d] = means[2], means[2] - means[1]
  end
  lu.assertAlmostEquals(cell.interval.value, cell.mean, 1e-9)
  lu.assertAlmostEquals(cell.gain.value, cell.difference, 1e-9)
  for name, p in pairs { low = 0.05, high = 0.95 } do
    lu.assertAlmostEquals(cell.interval[name], statistics.quantile(alone, p), 1e-9)
    lu.assertAlmostEquals(cell.gain[name], statistics.quantile(gains, p), 1e-9)
  end
  lu.assertEquals({ tail.gain, t.cells.bass["cnn/pr_auc"].interval, cell.clips }, { nil, nil, 20 })
  lu.assertAlmostEquals(cell.interval.bias, statistics.summary(alone).mean - cell.mean, 1e-9)
  local line = ("[%.2f, %.2f]"):format(cell.interval.low, cell.interval.high)
  for _, kind in ipairs { "text", "markdown", "latex" } do
    lu.assertStrContains(t[kind](t), line)
    lu.assertStrContains(t[kind](t), ("+%.2f [%.2f, %.2f]")
      :format(cell.gain.value, cell.gain.low, cell.gain.high))
    lu.assertStrContains(t[kind](t), "percentile interval of the mean over these runs")
    lu.assertNil(t[kind](t):find("paper", 1, true)) -- it has nothing on this table
  end
  lu.assertEquals(select(2, t:latex():gsub("%[2pt%]", "")), 2) -- between rows alone
  lu.assertStrContains(t:csv(), (",%.10g,%.10g,%.10g,%.10g,%.10g,0.9,25,20,")
    :format(cell.interval.low, cell.interval.high,
    cell.interval.bias, cell.gain.low, cell.gain.high))
end)

T.test_intervals_that_cannot_be = tools.in_folder(function(folder)
  local results = results_with_predictions(folder)
  local function build()
    return paper_table { layout = layout_of_tags(), results = results,
      bootstrap = { resamples = 5 } }
  end
  local path = folder .. "/vocals-2.safetensors"
  ms.sys.write_file(path, "no weights")
  lu.assertStrContains(build():text(), "Without an interval: " .. path)
  assert(
    predictions.write(path, { scores = { { 1, 0 }, { 0, 1 } }, truths = { 1, 1 },
    items = { { id = "x" }, { id = "y" } } }, { kind = "genres", classes = { "a", "b" } }))
  lu.assertStrContains(build():text(),
    ("Without an interval: %s: predictions of genres have no roc_auc (cnn/roc_auc); "
    .. "%s: predictions of genres have no pr_auc (cnn/pr_auc)."):format(path, path))
  assert(predictions.write(path, predicted("vocals", 2, "f/%d"),
    { kind = "tags", classes = { "a", "b" } }))
  lu.assertEquals({ build() },
    { nil, ("column cnn/roc_auc: %s/tail-1.safetensors and %s are not of the same clips "
    .. "(clip 1 is d/1 in one and f/1 in the other), so they cannot be compared")
      :format(folder, path) })
  assert(predictions.write(path, predicted("vocals", 2), { kind = "tags", classes = { "a", "c" } }))
  lu.assertStrContains(select(2, build()), "(other classes)")
  for _, result in ipairs(results) do
    if result.row == "vocals" then result.predictions = nil end
  end
  lu.assertStrContains(build():text(),
    "Without an interval: row vocals has no predictions of seed 1 (cnn/roc_auc, cnn/pr_auc).")
  lu.assertErrorMsgContains("column roc does not end in roc_auc, pr_auc or accuracy", paper_table,
    { layout = small_layout(), results = {}, bootstrap = {} })
end)

function T.test_values_that_are_not_finite_are_in_no_mean()
  local results = {}
  for seed, value in ipairs { 0.5, 0 / 0, 0.7, -math.huge } do
    results[seed] = { row = "tail", column = "roc", seed = seed, value = value }
  end
  local t = paper_table { layout = small_layout(), results = results }
  local cell = t.cells.tail.roc
  lu.assertEquals({ cell.n, cell.seeds }, { 2, { 1, 3 } })
  lu.assertAlmostEquals(cell.mean, 60, 1e-9)
  lu.assertStrContains(t:text(),
    "Not finite, and so in no mean and no test: tail, seed 2: nan; tail, seed 4: -inf (roc).")
end

function T.test_results_that_cannot_be_a_table()
  local layout = small_layout()
  local function build(result, scale)
    return paper_table { layout = layout, results = { result, result }, scale = scale }
  end
  local function refused(sentence, ...) lu.assertEquals({ build(...) }, { nil, sentence }) end
  refused("row tail, column roc has two results of seed 1",
    { row = "tail", column = "roc", seed = 1, value = 0.5 })
  refused("the value of row tail, column roc, seed 1 is 91.5, not a share of 1 (give scale = 1 \z
    for percent)", { row = "tail", column = "roc", seed = 1, value = 91.5 })
  lu.assertErrorMsgContains("result 1 is of row drums, column roc, which small does not have",
    build, { row = "drums", column = "roc", seed = 1, value = 0.5 })
  lu.assertErrorMsgContains("result 1 has no seed", build,
    { row = "tail", column = "roc", value = 0.5 })
  lu.assertErrorMsgContains("test must be one of paired, pooled, welch, got z", paper_table,
    { layout = layout, results = {}, test = "z" })
end

-- ---- differences of tags -------------------------------------------------------------------
-- One run: scores of tags a, b, c, ... plus what its tail, seed and group add.
local function run_of(tail, seed, scores)
  local per_tag = {}
  for i, score in ipairs(scores) do
    per_tag[i] = { name = ("tag%d"):format(i), roc_auc = 0.5, pr_auc = score }
  end
  return { tail = tail, seed = seed, per_tag = per_tag }
end

local function group(add, seeds)
  local list = {}
  for _, tail in ipairs { "cnn", "ast" } do
    for seed = 1, seeds or 5 do
      local noise = 0.01 * ms.random.uniform(9, "noise", seed, tail == "cnn" and 1 or 2)
      list[#list + 1] = run_of(tail, seed, { 0.2 + 1.5 * add + noise, 0.4,
        0.5 - add + seed * add / 10, false })
    end
  end
  return list
end

function T.test_tags_that_gain_and_lose()
  local d = assert(tag_differences { baseline = group(0),
    treated = { label = "vocals", runs = group(0.1) },
    others = { { label = "bass", runs = group(0.05, 3) } }, top = 1 })
  lu.assertEquals(#d.rows, 3)
  lu.assertEquals({ d.rows[1].tag, d.rows[2].tag, d.rows[3].tag }, { "tag1", "tag2", "tag3" })
  lu.assertEquals({ d.left_out, d.unpaired, d.rows[3].pairs }, { { "tag4" }, 0, 10 })
  local last = d.rows[3]
  lu.assertAlmostEquals(last.absolute, -0.07, 1e-12)
  lu.assertAlmostEquals(last.relative, -0.14, 1e-12)
  local gains = {}
  for i = 1, 10 do gains[i] = -0.1 + ((i - 1) % 5 + 1) * 0.01 end
  local zeros = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
  lu.assertAlmostEquals(last.p, statistics.paired_t_test(gains, zeros).p, 1e-12)
  lu.assertEquals({ last.test.df, last.star, last.star_holm }, { 9, true, true })
  -- tests that cannot be made count in the family
  lu.assertAlmostEquals(last.p_holm, 3 * last.p, 1e-15)
  lu.assertStrContains(d.rows[2].no_test,
    "all pairs of vocals and baseline differ by the same amount")
  lu.assertEquals({ last.others[1].pairs, d.rows[2].star }, { 6, false })
end

function T.test_tails_weigh_alike_however_many_runs_they_have()
  local d = tag_differences {
    baseline = { run_of("cnn", 1, { 0.2 }), run_of("cnn", 2, { 0.2 }), run_of("ast", 1, { 0.4 }),
      run_of("ast", 2, { 0.9 }) },
    treated = { run_of("cnn", 1, { 0.4 }), run_of("cnn", 2, { 0.6 }), run_of("ast", 1, { 0.4 }),
      run_of("ast", 7, { 0.1 }) } }
  lu.assertAlmostEquals(d.rows[1].baseline, 0.3, 1e-12)
  lu.assertAlmostEquals(d.rows[1].score, 0.45, 1e-12)
  lu.assertAlmostEquals(d.rows[1].relative, 0.5, 1e-12)
  lu.assertEquals({ d.rows[1].pairs, d.unpaired }, { 3, 2 })
  lu.assertStrContains(d:text(), "2 runs have no partner.")
end

function T.test_two_models_are_enough()
  local d = assert(tag_differences { baseline = run_of("cnn", 3, { 0.5, 0, 0.2 }),
    treated = { scores = run_of("ast", 4, { 0.4, 0.1, 0.3 }) } })
  lu.assertEquals({ #d.rows, d.left_out, d.rows[1].tag, d.rows[1].p },
    { 2, { "tag2" }, "tag3", nil })
  lu.assertStrContains(d:text(), "One pair of runs: no test can be made.")
  lu.assertEquals(#tag_differences { baseline = run_of("x", 1, { 0.5, 0 }),
    treated = run_of("x", 1, { 0.5, 0.1 }), by = "absolute" }.rows, 2)
  lu.assertStrContains(tag_differences { baseline = run_of("x", 1, { 0.5 }),
    treated = run_of("x", 1, { 0.5 }),
    note = "Stand-ins." }:text(), "no test can be made.\nStand-ins.\n")
end

T.test_differences_as_files = tools.in_folder(function(folder)
  local d = tag_differences { baseline = group(0),
    treated = { label = "vocals", runs = group(0.1) },
    others = { { label = "bass, say", runs = group(0.05) } }, top = 1 }
  local csv = d:csv()
  lu.assertStrContains(csv,
    'rank,tag,baseline,score,absolute,relative,pairs,p,star,p_holm,star_holm,low,high,"bass, say \z
      absolute",')
  lu.assertStrContains(csv, "\n2,tag2,0.4,0.4,0,0,10,,0,,0,,,0,0\n")
  local svg = d:svg()
  lu.assertStrContains(svg, "tag3 *")
  lu.assertNil(svg:find("tag2", 1, true))
  lu.assertEquals(select(2, svg:gsub(">vocals<", "")), 1)
  local png = require "moonstem.figure.png"
  png.program = "no-such-program"
  local written, why = d:write(folder .. "/out")
  png.program = "rsvg-convert"
  lu.assertEquals(written, folder .. "/out")
  lu.assertStrContains(why, "a PNG needs no-such-program")
  lu.assertEquals(ms.sys.list(written), { "tag_differences.csv", "tag_differences.svg",
    "tag_differences.txt" })
  lu.assertEquals(ms.sys.read_file(written .. "/tag_differences.csv"), csv)
  if ms.figure.png(svg) then
    lu.assertEquals({ d:write(written) }, { written })
    lu.assertTrue(ms.sys.exists(written .. "/tag_differences.png"))
  end
end)

function T.test_groups_that_cannot_be_compared()
  local one = { run_of("cnn", 1, { 0.5 }) }
  local function refused(sentence, baseline, treated)
    lu.assertEquals({ tag_differences { baseline = baseline, treated = treated } },
      { nil, sentence })
  end
  refused("baseline and treated share no tail and seed", one, { run_of("cnn", 2, { 0.5 }) })
  refused("baseline has two runs of tail cnn, seed 1", { one[1], one[1] }, one)
  refused("treated has no runs", one, {})
  refused("the pr_auc of tag tag1 in run 1 of treated is not a number", one,
    { run_of("cnn", 1, { 0 / 0 }) })
  lu.assertErrorMsgContains("run 1 of treated has no per_tag list", tag_differences,
    { baseline = one, treated = { {} } })
  lu.assertErrorMsgContains("tag tag1 of baseline has no f1", tag_differences,
    { baseline = one, treated = one, score = "f1" })
end

-- ---- runs by their folders -----------------------------------------------------------------
-- A finished run of tags "a" and "b" with its predictions, as the stages of the paper leave it.
local function write_run(root, name, row, seed, ids)
  local dir, p = root .. "/" .. name, predicted(row, seed, ids)
  assert(ms.sys.mkdir(dir))
  assert(predictions.write(dir .. "/predictions.safetensors", p,
    { kind = "tags", classes = { "a", "b" } }))
  p = assert(predictions.read(dir .. "/predictions.safetensors"))
  local _, pr = ms.metrics.average_precision(p.scores, p.truths)
  local _, roc = ms.metrics.roc_auc(p.scores, p.truths)
  local per_tag = {}
  for c, tag in ipairs { "a", "b" } do
    per_tag[c] = { name = tag, roc_auc = roc.each[c], pr_auc = pr.each[c] }
  end
  assert(ms.io.save_json(dir .. "/settings.json", {}))
  assert(ms.io.save_json(dir .. "/result.json",
    { name = name, options = { seed = seed }, data = ids or "c0ffee",
    scores = { per_tag = per_tag } }))
  return dir
end

T.test_two_runs_are_compared_by_their_folders = tools.in_folder(function(folder)
  local before = write_run(folder, "tail/cnn/mtat/1", "tail", 1)
  local after = write_run(folder, "joint/ast/mtat/vocals/3", "vocals", 3)
  local d = assert(ms.report.compare_tags(before, after .. "/result.json",
    { bootstrap = { resamples = 30, seed = 7, level = 0.9 } }))
  local text = tostring(d)
  lu.assertStrContains(text, "tail/cnn/mtat/1 %")
  lu.assertNil(text:find(folder, 1, true))
  lu.assertStrContains(text,
    "[low, high]: the 90 % percentile interval of the points when the 20 test clips are drawn anew "
    .. "(bootstrap, 30 resamples, the same for all runs;")
  lu.assertStrContains(text, "One pair of runs: no test can be made.")
  local row, by_hand = d.rows[1], {}
  local place = row.tag == "a" and 1 or 2
  for draw = 1, 30 do
    local value = {}
    for i, dir in ipairs { before, after } do
      local p, s, y = assert(predictions.read(dir .. "/predictions.safetensors")), {}, {}
      for k = 1, 20 do
        local clip = ms.random.integer(7, "bootstrap", draw, k, 20)
        s[k], y[k] = p.scores[clip][place], p.truths[clip][place]
      end
      value[i] = ms.metrics.average_precision(s, y)
    end
    by_hand[draw] = value[2] and value[1] and value[2] - value[1]
  end
  lu.assertAlmostEquals(row.interval.value, row.absolute, 1e-9)
  lu.assertAlmostEquals(row.interval.low, statistics.quantile(by_hand, 0.05), 1e-9)
  lu.assertAlmostEquals(row.interval.high, statistics.quantile(by_hand, 0.95), 1e-9)
  lu.assertStrContains(d:csv(), (",%.10g,%.10g\n"):format(row.interval.low, row.interval.high))
end)

T.test_settings_are_compared_over_their_seeds = tools.in_folder(function(folder)
  for seed = 1, 3 do
    write_run(folder, "a/tail/cnn/mtat/" .. seed, "tail", seed)
    write_run(folder, "b/tail/cnn/mtat/" .. seed, "vocals", seed)
  end
  local d = assert(ms.report.compare_tags(folder .. "/a/tail/cnn/mtat/", folder
    .. "/b/tail/cnn/mtat"))
  lu.assertEquals({ d.rows[1].pairs, d.unpaired, d.rows[1].interval.resamples }, { 3, 0, 1000 })
  lu.assertNotNil(d.rows[1].p)
  ms.sys.remove(folder .. "/b/tail/cnn/mtat/2/predictions.safetensors")
  d = assert(ms.report.compare_tags(folder .. "/a/tail/cnn/mtat", folder .. "/b/tail/cnn/mtat"))
  lu.assertNil(d.rows[1].interval)
  lu.assertStrContains(d:text(),
    ("No intervals: %s/b/tail/cnn/mtat/2/result.json has no predictions."):format(folder))
end)

T.test_runs_that_cannot_be_compared = tools.in_folder(function(folder)
  local before, after = write_run(folder, "1", "tail", 1), write_run(folder, "2", "vocals", 2)
  local function refused(sentence)
    local d, why = ms.report.compare_tags(before, after)
    lu.assertNil(d)
    lu.assertStrContains(why, sentence)
  end
  local function scores(value) assert(ms.io.save_json(after .. "/result.json", value)) end
  write_run(folder, "2", "vocals", 2, "f/%d")
  refused(
    ("%s/1/result.json and %s/2/result.json are of different clips (splits c0ffee and f/%%d), so")
    :format(folder, folder))
  scores { options = { seed = 2 }, scores = { per_tag = { { name = "a", pr_auc = 0.5 } } } }
  refused "are not of the same clips (clip 1 is d/1 in one and f/1 in the other), so they cannot \z
    be compared"
  scores { scores = { accuracy = 0.5 } }
  refused "/2/result.json has no scores tag by tag: it is not of a tagger"
  scores { 1 }
  refused "/2/result.json is no result of a run: it has no scores"
  ms.sys.write_file(after .. "/result.json", '{"scores": ')
  refused "/2/result.json: line 1"
  ms.sys.remove(after .. "/result.json")
  refused "/2 is not finished: it was begun, but no result.json; run its recipe again"
  assert(ms.io.append_json_line(after .. "/metrics.jsonl", { step = 40 }))
  refused "/2 is not finished: it has been trained for 40 steps, but no result.json"
  ms.sys.remove(after .. "/settings.json")
  refused "/2 is no run: it has neither settings.json nor result.json"
  lu.assertErrorMsgContains("compare_tags: two paths of runs are needed, got a table",
    ms.report.compare_tags, {}, after)
  after = folder .. "/3"
  refused "/3: there is no such folder"
end)

return T
