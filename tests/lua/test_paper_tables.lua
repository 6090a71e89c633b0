--- The paper's tables from single runs, and differences of per-tag scores.
local lu = require "luaunit"
local ms = require "moonstem"
local paper_table = require "moonstem.report.paper_table"
local tag_differences = require "moonstem.report.tag_differences"
local statistics = ms.statistics

local HERE = debug.getinfo(1, "S").source:match "^@(.*/)" or "./"
local paper = dofile(HERE .. "../../recipes/paper.lua")
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
        if row.against and cell[1] > layout.paper[row.against][column.name][1] then bold = bold + 1 end
      end
    end
  end
  lu.assertEquals({ stars, bold }, { 7, 22 + 2 })
  -- "approaches 1.5 %" of PR-AUC for vocals with the CNN and for other with the AST (facts 6).
  lu.assertAlmostEquals(one.paper.vocals["cnn/mtat/pr_auc"][1] / one.paper.tail["cnn/mtat/pr_auc"][1], 1.014, 5e-4)
  lu.assertAlmostEquals(one.paper.other["ast/mtat/pr_auc"][1] / one.paper.tail["ast/mtat/pr_auc"][1], 1.014, 5e-4)
end

-- A small layout: two rows against a tail, two columns, three runs planned.
local function small_layout()
  return { name = "small", title = "A & B_1", head = { "U-Net", "source" }, unit = "%", runs = 3, note = "No yardstick.",
    columns = { { name = "roc", group = { "CNN", "MTAT" }, label = "ROC" }, { name = "wa", group = { "CNN", "FMA" }, label = "WA" } },
    rows = { { name = "tail", label = { "no", "-" } }, { name = "vocals", label = { "yes", "vocals" }, against = "tail" },
      { name = "bass", label = { "yes", "bass" }, against = "tail" } },
    paper = { tail = { roc = { 90, 0.1 } }, vocals = { roc = { 91.5, 0.25, star = true } } } }
end

local function small_results()
  local list = {}
  for row, values in pairs { tail = { 0.90, 0.91, 0.905 }, vocals = { 0.95, 0.955, 0.96 }, bass = { 0.85, 0.86 } } do
    for seed, value in ipairs(values) do list[#list + 1] = { row = row, column = "roc", seed = seed, value = value } end
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
  lu.assertAlmostEquals(cell.p_adjusted, 2 * direct.p, 1e-9)
  lu.assertEquals({ t.cells.bass.roc.n, t.cells.bass.roc.worse, t.cells.bass.roc.star }, { 2, true, false })
  lu.assertEquals(t.cells.vocals.wa.no_test, "a t-test needs at least two runs per row, row vocals has 1")
  lu.assertEquals({ t.cells.bass.wa.n, t.cells.bass.wa.mean, t.cells.bass.wa.star }, { 0, nil, false })
  lu.assertEquals(paper_table { layout = small_layout(), results = small_results(), family = 10 }.cells.vocals.roc.p_adjusted,
    5 * cell.p_adjusted)
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

Mean ± standard deviation (n - 1) over runs; below it the standard error (SE) and the number of runs, of 3 planned; ]]
    .. [[
below that the paper's value.
+: above the baseline, row tail.
* significantly above it, † significantly below: two-sided pooled (Student's) t-tests, Bonferroni-corrected for a ]]
    .. [[
family of 2 comparisons in each column, alpha = 0.05.
Without a test: a t-test needs at least two runs per row, row vocals has 1 (wa).
No yardstick.
Stand-ins.
]])
end

function T.test_a_paper_table_in_markup_and_csv()
  local t = paper_table { layout = small_layout(), results = small_results(), test = "welch", correction = "holm" }
  local markdown, latex, csv = t:markdown(), t:latex(), t:csv()
  lu.assertStrContains(markdown, "| U-Net | source | CNN MTAT ROC % | CNN FMA WA % |\n|---|---|---:|---:|")
  lu.assertStrContains(markdown, "| yes | vocals | **95.50** ± 0.50\\* | **60.00** |")
  lu.assertStrContains(markdown, "two-sided Welch's t-tests, Holm-corrected for a family of 2")
  lu.assertStrContains(latex, "\\caption{A \\& B\\_1}\n\\begin{tabular}{llrr}\n\\toprule\n"
    .. "& & \\multicolumn{2}{c}{CNN} \\\\\n\\cmidrule(lr){3-4}\n"
    .. "& & \\multicolumn{1}{c}{MTAT} & \\multicolumn{1}{c}{FMA} \\\\\n\\cmidrule(lr){3-3} \\cmidrule(lr){4-4}\n"
    .. "U-Net & source & ROC \\% & WA \\% \\\\\n\\midrule\n")
  lu.assertStrContains(latex, "yes & vocals & \\textbf{95.50} $\\pm$ 0.50$^{*}$ & \\textbf{60.00} \\\\")
  lu.assertStrContains(csv, "\nvocals,roc,3,3,95.5,0.5,0.2886751346,tail,5,12.24744871,4,")
  lu.assertStrContains(csv, '\nvocals,wa,1,3,60,,,tail,10,,,,,0,0,,holm,2,0.05,,,,'
    .. '"a t-test needs at least two runs per row, row vocals has 1",1:60\n')
  local document = t:document()
  lu.assertEquals({ #document.header, #document.rows, document.rows[4][3] }, { 4, 9, "95.50+ ± 0.50*" })
end

function T.test_a_paper_table_does_not_depend_on_the_order_of_results()
  local results, turned = small_results(), {}
  for i, result in ipairs(results) do turned[#results + 1 - i] = result end
  for _, test in ipairs { "pooled", "paired" } do
    local a = paper_table { layout = small_layout(), results = results, test = test }
    local b = paper_table { layout = small_layout(), results = turned, test = test }
    for _, kind in ipairs { "text", "markdown", "latex", "csv" } do lu.assertEquals(b[kind](b), a[kind](a)) end
  end
end

function T.test_rows_with_baselines_of_their_own()
  local t = paper_table { layout = paper.table_two, results = {} }
  lu.assertEquals(t.family, 2)
  lu.assertStrContains(t:text(), "+: above the baseline (cnn/yes against cnn/no, ast/yes against ast/no).")
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
  lu.assertEquals({ t.cells.vocals.roc.star, t.cells.vocals.roc.better, t.cells.bass.roc.better }, { false, true, false })
  lu.assertStrContains(t:text(), "the values of vocals and of tail do not vary (are they repeats of one seed?)")
end

function T.test_results_that_cannot_be_a_table()
  local layout = small_layout()
  local function build(result, scale) return paper_table { layout = layout, results = { result, result }, scale = scale } end
  local function refused(sentence, ...) lu.assertEquals({ build(...) }, { nil, sentence }) end
  refused("row tail, column roc has two results of seed 1", { row = "tail", column = "roc", seed = 1, value = 0.5 })
  refused("the value of row tail, column roc, seed 1 is 91.5, not a share of 1 (give scale = 1 for percent)",
    { row = "tail", column = "roc", seed = 1, value = 91.5 })
  refused("the value of row tail, column roc, seed 1 is not finite",
    { row = "tail", column = "roc", seed = 1, value = 0 / 0 })
  lu.assertErrorMsgContains("result 1 is of row drums, column roc, which small does not have", build,
    { row = "drums", column = "roc", seed = 1, value = 0.5 })
  lu.assertErrorMsgContains("result 1 has no seed", build, { row = "tail", column = "roc", value = 0.5 })
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
      list[#list + 1] = run_of(tail, seed, { 0.2 + 1.5 * add + noise, 0.4, 0.5 - add + seed * add / 10, false })
    end
  end
  return list
end

function T.test_tags_that_gain_and_lose()
  local d = assert(tag_differences { baseline = group(0), treated = { label = "vocals", runs = group(0.1) },
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
  lu.assertAlmostEquals(last.p_holm, 3 * last.p, 1e-15) -- tests that cannot be made count in the family
  lu.assertStrContains(d.rows[2].no_test, "all pairs of vocals and baseline differ by the same amount")
  lu.assertEquals({ last.others[1].pairs, d.rows[2].star }, { 6, false })
end

function T.test_tails_weigh_alike_however_many_runs_they_have()
  local d = tag_differences {
    baseline = { run_of("cnn", 1, { 0.2 }), run_of("cnn", 2, { 0.2 }), run_of("ast", 1, { 0.4 }), run_of("ast", 2, { 0.9 }) },
    treated = { run_of("cnn", 1, { 0.4 }), run_of("cnn", 2, { 0.6 }), run_of("ast", 1, { 0.4 }), run_of("ast", 7, { 0.1 }) } }
  lu.assertAlmostEquals(d.rows[1].baseline, 0.3, 1e-12)
  lu.assertAlmostEquals(d.rows[1].score, 0.45, 1e-12)
  lu.assertAlmostEquals(d.rows[1].relative, 0.5, 1e-12)
  lu.assertEquals({ d.rows[1].pairs, d.unpaired }, { 3, 2 })
  lu.assertStrContains(d:text(), "2 runs have no partner.")
end

function T.test_two_models_are_enough()
  local d = assert(tag_differences { baseline = run_of("cnn", 3, { 0.5, 0, 0.2 }),
    treated = { scores = run_of("ast", 4, { 0.4, 0.1, 0.3 }) } })
  lu.assertEquals({ #d.rows, d.left_out, d.rows[1].tag, d.rows[1].p }, { 2, { "tag2" }, "tag3", nil })
  lu.assertStrContains(d:text(), "One pair of runs: no test can be made.")
  lu.assertEquals(#tag_differences { baseline = run_of("x", 1, { 0.5, 0 }), treated = run_of("x", 1, { 0.5, 0.1 }),
    by = "absolute" }.rows, 2)
end

function T.test_differences_as_files()
  local d = tag_differences { baseline = group(0), treated = { label = "vocals", runs = group(0.1) },
    others = { { label = "bass, say", runs = group(0.05) } }, top = 1 }
  local csv = d:csv()
  lu.assertStrContains(csv, 'rank,tag,baseline,score,absolute,relative,pairs,p,star,p_holm,star_holm,"bass, say absolute",')
  lu.assertStrContains(csv, "\n2,tag2,0.4,0.4,0,0,10,,0,,0,0,0\n")
  local svg = d:svg()
  lu.assertStrContains(svg, "tag3 *")
  lu.assertNil(svg:find("tag2", 1, true))
  lu.assertEquals(select(2, svg:gsub(">vocals<", "")), 1)
  local folder = ms.sys.tempdir()
  lu.assertEquals(d:write(folder .. "/out"), folder .. "/out")
  lu.assertEquals(ms.sys.list(folder .. "/out"), { "tag_differences.csv", "tag_differences.svg", "tag_differences.txt" })
  lu.assertEquals(ms.sys.read_file(folder .. "/out/tag_differences.csv"), csv)
  for _, kind in ipairs { "csv", "svg", "txt" } do ms.sys.remove(folder .. "/out/tag_differences." .. kind) end
  ms.sys.remove(folder .. "/out")
  ms.sys.remove(folder)
end

function T.test_groups_that_cannot_be_compared()
  local one = { run_of("cnn", 1, { 0.5 }) }
  local function refused(sentence, baseline, treated)
    lu.assertEquals({ tag_differences { baseline = baseline, treated = treated } }, { nil, sentence })
  end
  refused("baseline and treated share no tail and seed", one, { run_of("cnn", 2, { 0.5 }) })
  refused("baseline has two runs of tail cnn, seed 1", { one[1], one[1] }, one)
  refused("treated has no runs", one, {})
  refused("the pr_auc of tag tag1 in run 1 of treated is not a number", one, { run_of("cnn", 1, { 0 / 0 }) })
  lu.assertErrorMsgContains("run 1 of treated has no per_tag list", tag_differences, { baseline = one, treated = { {} } })
  lu.assertErrorMsgContains("tag tag1 of baseline has no f1", tag_differences,
    { baseline = one, treated = one, score = "f1" })
end

return T
