--- What the paper published: Tables I and II as data (percent, mean of five runs, the number behind
-- its "±", its star). local paper = dofile "recipes/paper.lua"; ms.report's paper_table sets our
-- runs beside them.
--
-- A layout: title; head = names of the label columns; columns = { name =, group = headings above
-- it, label = }; rows = { name =, label = a text per label column, against = the row it is compared
-- with }; unit = of the values; runs = how many are planned a cell; note = of the footnote;
-- paper[row][column] = { mean, spread [, star = true] }. Rows and columns have the names by which
-- results name them.
local NOTE = "The paper calls its ± a standard error. Read so, all but one of its stars fail a "
  .. "Bonferroni-corrected "
  .. "t-test over five runs; read as standard deviations, nearly all of them hold. How many "
  .. "comparisons it corrected "
  .. "for is not given. So its stars are shown, but are no yardstick for ours."

local function star(mean, spread)
  return { mean, spread, star = true }
end

-- Columns of one backend in the order in which the paper prints them.
local function backend(name, heading)
  return { name = name .. "/mtat/roc_auc", group = { heading, "MTAT" }, label = "ROC-AUC" },
    { name = name .. "/mtat/pr_auc", group = { heading, "MTAT" }, label = "PR-AUC" },
    { name = name .. "/fma/accuracy", group = { heading, "FMA" }, label = "WA" }
end

local function table_one_columns()
  local list = { backend("cnn", "CNN") }
  for _, column in ipairs { backend("ast", "AST") } do list[#list + 1] = column end
  return list
end

-- rows of { mean, spread } in the order of the columns -> by name
local function by_name(columns, rows)
  local paper = {}
  for row, cells in pairs(rows) do
    paper[row] = {}
    for c, column in ipairs(columns) do paper[row][column.name] = cells[c] end
  end
  return paper
end

local one = table_one_columns()

local table_one = {
  name = "table1",
  title = "Table I: networks by the source that the U-Net was pre-trained to separate",
  head = { "U-Net", "pre-training", "source" }, columns = one, unit = "%", runs = 5, note = NOTE,
  rows = {
    { name = "tail", label = { "no", "-", "-" } },
    { name = "random", label = { "yes", "no", "-" }, against = "tail" },
    { name = "bass", label = { "yes", "yes", "bass" }, against = "tail" },
    { name = "drums", label = { "yes", "yes", "drums" }, against = "tail" },
    { name = "other", label = { "yes", "yes", "other" }, against = "tail" },
    { name = "vocals", label = { "yes", "yes", "vocals" }, against = "tail" },
    { name = "multi", label = { "yes", "yes", "multiple" }, against = "tail" },
  },
  paper = by_name(one, {
    tail = { { 91.47, 0.03 }, { 46.50, 0.11 }, { 66.30, 0.31 }, { 91.65, 0.05 }, { 46.82, 0.20 },
      { 67.22, 0.25 } },
    random = { { 91.38, 0.08 }, { 46.32, 0.35 }, { 66.53, 0.13 }, { 91.58, 0.04 }, { 46.77, 0.12 },
      { 67.10, 0.61 } },
    bass = { { 91.45, 0.08 }, { 46.48, 0.18 }, { 66.58, 0.24 }, { 91.69, 0.08 }, { 47.00, 0.24 },
      { 67.89, 0.31 } },
    drums = { { 91.47, 0.07 }, { 46.68, 0.20 }, { 66.80, 0.19 }, { 91.57, 0.03 }, { 46.57, 0.20 },
      { 66.11, 0.46 } },
    other = { { 91.59, 0.07 }, star(46.98, 0.13), star(67.14, 0.12), { 91.78, 0.12 },
      { 47.49, 0.23 }, { 67.09, 0.33 } },
    vocals = { star(91.85, 0.03), star(47.16, 0.17), { 66.10, 0.41 }, star(91.89, 0.08),
      { 47.21, 0.34 }, { 66.77, 0.14 } },
    multi = { { 91.50, 0.02 }, { 46.65, 0.12 }, { 66.52, 0.21 }, star(91.87, 0.08),
      star(47.31, 0.13), { 67.40, 0.93 } },
  }),
}

local two = {
  { name = "roc_auc", group = { "MTAT" }, label = "ROC-AUC" },
  { name = "pr_auc", group = { "MTAT" }, label = "PR-AUC" },
}

local table_two = {
  name = "table2",
  title = "Table II: pre-training of the backend, with a U-Net pre-trained to separate the "
    .. "accompaniment",
  head = { "backend", "pre-training" }, columns = two, unit = "%", runs = 5, note = NOTE,
  rows = {
    { name = "cnn/no", label = { "CNN", "no" } },
    { name = "cnn/yes", label = { "CNN", "yes" }, against = "cnn/no" },
    { name = "ast/no", label = { "AST", "no" } },
    { name = "ast/yes", label = { "AST", "yes" }, against = "ast/no" },
  },
  paper = by_name(two, {
    ["cnn/no"] = { { 91.35, 0.15 }, { 46.15, 0.44 } },
    ["cnn/yes"] = { { 91.59, 0.07 }, { 46.98, 0.13 } },
    ["ast/no"] = { { 91.78, 0.12 }, { 47.49, 0.23 } },
    ["ast/yes"] = { { 91.47, 0.08 }, { 46.58, 0.16 } },
  }),
}

return { table_one = table_one, table_two = table_two }
