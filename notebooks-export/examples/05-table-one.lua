--[[md
# Table I, looked at closely

The paper's first table asks whether a tagger gains from a U-Net that has learnt to separate. This
notebook reads the results that are kept in `recipes/results` (synthetic music, half the paper's
widths, five seeds a row; two hours on two cores) and asks three questions: what the table says,
whether it can be told from chance, and where a difference hides. Nothing is trained.
]]
--%%
local ms = require "moonstem"
local root = ms.sys.exists "recipes/paper.lua" and "." or "../.."
local kept = assert(ms.io.load_json(root .. "/recipes/results/small/table1.json"))
local runs = {}
for _, run in ipairs(kept.runs) do runs[run.name] = run end
print(#kept.runs .. " runs, " .. kept.title)
for _, note in ipairs(kept.notes) do print("beware: " .. note) end
--[[md
## The table

Percent, mean ± standard deviation over five seeds, beside the paper's numbers on MagnaTagATune.
Scores on synthetic music cannot be set beside published ones; the differences between rows are
what both share.
]]
--%%
local ROWS = { "tail", "random", "bass", "drums", "other", "vocals", "multi" }
local SEEDS = 5

local function run_of(row, seed)
  return runs[row == "tail" and "tail/cnn/mtat/" .. seed
    or ("joint/cnn/mtat/%s+tail/%d"):format(row, seed)]
end

-- 100 x a score of a row, seed by seed.
local function scores(row, name)
  local list = {}
  for seed = 1, SEEDS do list[seed] = 100 * run_of(row, seed).scores[name] end
  return list
end

local paper = dofile(root .. "/recipes/paper.lua").table_one.paper
local lines = {}
for i, row in ipairs(ROWS) do
  lines[i] = { row }
  for _, name in ipairs { "roc_auc", "pr_auc" } do
    local x, printed = ms.statistics.summary(scores(row, name)), paper[row]["cnn/mtat/" .. name]
    table.insert(lines[i], ("%.2f ± %.2f"):format(x.mean, x.sd))
    table.insert(lines[i], ("%.2f ± %.2f"):format(printed[1], printed[2]))
  end
end
print(ms.report.text { rows = lines,
  header = { "U-Net", "ROC-AUC", "paper", "PR-AUC", "paper" } })
--[[md
## Can it be told from chance?

Each joint model starts from the tail of the same seed, so differences are paired. The bars are
mean gains over the tail alone, with their standard errors.
]]
--%%
local gains, errors, tests = {}, {}, {}
local alone = scores("tail", "pr_auc")
for i = 2, #ROWS do
  local test = ms.statistics.paired_t_test(scores(ROWS[i], "pr_auc"), alone)
  gains[i - 1], errors[i - 1] = test.difference, test.se
  tests[i - 1] = { ROWS[i], ("%+.2f"):format(test.difference), ("%.2f"):format(test.se),
    ("%.1f"):format(test.t), ("%.2f"):format(test.p) }
end
print(ms.report.text { rows = tests, header = { "U-Net", "gain", "standard error", "t", "p" } })
local groups = table.move(ROWS, 2, #ROWS, 1, {})
ms.show({ groups = groups, series = { { label = "gain of PR-AUC", values = gains,
  errors = errors } } }, { kind = "bars", title = "Gain over the tail alone, points of PR-AUC",
  width = 560, height = 300 })
--[[md
No bar is longer than twice its error: over the mean of 50 tags, five runs show no gain. A gain of
the size that the paper found, 0.66 points, would stand out from these errors in two of the six
rows.

## Where a difference hides

A mean over 50 tags also counts the many that a voice says nothing about. Here are the seven tags
on whether anybody sings, and eleven on who sings. This grouping was made after looking at the
results, so it is a question for the next experiment, not an answer.
]]
--%%
local GROUPS = { ["whether anybody sings"] = { "vocal", "vocals", "voice", "singing", "no vocals",
  "no voice", "no vocal" }, ["who sings"] = { "female", "male", "man", "woman", "female vocal",
  "male vocal", "female voice", "male voice", "opera", "choir", "choral" } }

local function group_score(run, tags)
  local wanted, sum = {}, 0
  for _, tag in ipairs(tags) do wanted[tag] = true end
  for _, tag in ipairs(run.scores.per_tag) do
    if wanted[tag.name] then sum = sum + 100 * tag.pr_auc end
  end
  return sum / #tags
end

local series = {}
for _, name in ipairs { "whether anybody sings", "who sings" } do
  local s = { label = name, values = {}, errors = {} }
  for i = 2, #ROWS do
    local gain = {}
    for seed = 1, SEEDS do
      gain[seed] = group_score(run_of(ROWS[i], seed), GROUPS[name])
        - group_score(run_of("tail", seed), GROUPS[name])
    end
    local x = ms.statistics.summary(gain)
    s.values[i - 1], s.errors[i - 1] = x.mean, x.se
  end
  series[#series + 1] = s
end
ms.show({ groups = groups, series = series }, { kind = "bars", width = 640, height = 320,
  title = "Gain over the tail alone, points of PR-AUC, by group of tags" })
--[[md
U-Nets that learnt to separate vocals, alone or with all sources, help where the paper would have
them help. The tags on who sings lose. With runs of your own, `ms.report.compare_tags(a, b)`
prints such differences tag by tag, with tests and bootstrap intervals over the clips.
]]
