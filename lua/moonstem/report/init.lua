--- Reports: tables, learning curves, spectrograms and sound as one HTML page and as Markdown.
local document = require "moonstem.report.document"
local tables = require "moonstem.report.tables"

local M = { new = document.new }

--- Plain text of a table { header =, rows = }.
function M.text(t)
  return tables.text(t.header, t.rows)
end

local function percent(value)
  return value and tables.number(100 * value, nil, 2) or "-"
end

local function of_paper(value)
  return value and tables.number(value, nil, 2) or "-"
end

--- Rows of Table I: list of { label, result of a stage, roc_auc =, pr_auc = (the paper's, in
-- percent) }. Returns { header =, rows =, caption = } with our scores in percent and, unless
-- `alone`, the paper's beside them: leave them out where ours are of stand-ins.
function M.table_one(list, alone)
  local rows = {}
  for i, row in ipairs(list) do
    local scores = row[2].scores
    rows[i] = alone and { row[1], percent(scores.roc_auc), percent(scores.pr_auc) }
      or { row[1], percent(scores.roc_auc), of_paper(row.roc_auc), percent(scores.pr_auc),
        of_paper(row.pr_auc) }
  end
  if alone then
    return { header = { "model", "ROC-AUC %", "PR-AUC %" }, rows = rows,
      bars = { [2] = { 0, 100 }, [3] = { 0, 100 } }, caption = "Test split, mean over tags." }
  end
  return { header = { "model", "ROC-AUC %", "paper", "PR-AUC %", "paper" }, rows = rows,
           caption = "Test split, mean over tags. The paper: MagnaTagATune, mean of five runs." }
end

--- Sentences on what runs scored and how far that can be trusted; see moonstem.report.headlines.
function M.headlines(runs)
  return require("moonstem.report.headlines").sentences(runs)
end

--- The paper's table beside our runs; see moonstem.report.paper_table.
function M.paper_table(options)
  return require("moonstem.report.paper_table")(options)
end

--- Which tags gain and lose between runs (Fig. 2); see moonstem.report.tag_differences.
function M.tag_differences(options)
  return require("moonstem.report.tag_differences")(options)
end

-- Two paths without the folders that they share, and without result.json.
local function shorter(a, b)
  local shared = 0
  for at in a:gmatch "()/" do
    if a:sub(1, at) == b:sub(1, at) then shared = at end
  end
  return (a:sub(shared + 1):gsub("/result%.json$", "")),
    (b:sub(shared + 1):gsub("/result%.json$", ""))
end

local function check_path(path)
  if type(path) ~= "string" then
    error(("compare_tags: two paths of runs are needed, got a %s (tag_differences takes results)")
      :format(type(path)), 3)
  end
end

--- ms.report.compare_tags("runs/a/tail/cnn/mtat/1", "runs/a/joint/cnn/mtat/vocals/1" [, options])
-- -> differences Two models, or two settings with all their seeds, tag by tag: what it returns
-- prints itself as a table, and d:write(folder) keeps it. Paths are folders of runs, folders of
-- such folders, or files result.json, named as ms.lab.load takes them. Where the runs left their
-- predictions, every difference has a bootstrap interval over test clips. options: score, by, top,
-- alpha, bootstrap as in tag_differences (by = "absolute" here). nil and a message for a run that
-- is not finished, or runs on different clips.
function M.compare_tags(before, after, options)
  check_path(before)
  check_path(after)
  local find = require("moonstem.report.results").find
  before, after = find(before), find(after)
  local o = { by = "absolute", bootstrap = {} }
  for key, value in pairs(options or {}) do o[key] = value end
  local label, treated = shorter(before, after)
  o.baseline, o.label, o.treated = before, label, { label = treated, runs = after }
  return M.tag_differences(o)
end

--- ms.report.of_run("runs/a/tail/cnn/mtat/1", { out = FILE, title = }) -> path of the page, or
-- nil and a message
-- The report of a run, finished or not, or of all runs below a folder: one HTML page with all
-- inside, or Markdown with pictures and sounds beside it when FILE ends in .md. Without `out`,
-- report.html in that folder. The folder is named as ms.lab.load takes it.
function M.of_run(folder, options)
  if type(folder) ~= "string" then
    error("of_run: the folder of a run is needed, got a " .. type(folder), 2)
  end
  return require("moonstem.report.of_folder")(folder, options)
end

--- Writes the report of a recipe; see moonstem.report.recipe.
function M.of_recipe(options)
  return require("moonstem.report.recipe")(options)
end

--- Writes the report of the paper's experiments; see moonstem.report.paper. The path of its page;
-- raises a message.
function M.of_paper(options)
  return require("moonstem.report.paper")(options)
end

return M
