--- What comes out of a recipe: the scores of its finished runs, as a table in the paper's layout or
-- the per-tag figure. Everything is written again from the run folders, with as many runs as there
-- are: results.json lists them.
local ms = require "moonstem"
local notes = require "moonstem.lab.notes"

local M = {}

-- ---- the table -------------------------------------------------------------------------------
--- Whether a column's name begins so.
function M.begins(column, name)
  return column:sub(1, #name) == name
end

--- Whether a recipe's --column asks for a column; without one, for all.
function M.asked_column(recipe, column)
  for _, name in ipairs(recipe.columns) do
    if M.begins(column, name) then return true end
  end
  return #recipe.columns == 0
end

-- The layout with the columns that are asked for.
local function layout_of(recipe)
  local layout = {}
  for key, value in pairs(recipe.layout) do layout[key] = value end
  layout.columns = {}
  for _, column in ipairs(recipe.layout.columns) do
    if M.asked_column(recipe, column.name) then table.insert(layout.columns, column) end
  end
  return layout
end

-- The scores of all finished runs in cells: list of { row =, column =, seed =, value =, run =,
-- predictions = path }.
local function results_of(recipe, layout)
  local list = {}
  for _, cell in ipairs(recipe.cells) do
    for _, seed in ipairs(recipe.seeds) do
      local job = recipe.jobs:find(cell.runs[seed])
      local record = job.done()
      for _, column in ipairs(record and layout.columns or {}) do
        local score = M.begins(column.name, cell.column) and column.name:sub(#cell.column + 1)
        local value = score and record.scores[score]
        if value then
          list[#list + 1] = { row = cell.row, column = column.name, seed = seed, value = value,
                              run = job.name, predictions = job.dir .. "/predictions.safetensors" }
        end
      end
    end
  end
  return list
end

-- Sentences that belong under a table: stand-ins, ASTs from random weights, too few runs.
local function notes_of(recipe, jobs)
  local list, results = {}, {}
  for _, job in ipairs(jobs) do
    local record = job.done()
    if record and job.name:find "^data/" then
      table.move(record.notes, 1, #record.notes, #list + 1, list)
    elseif record then results[#results + 1] = record end
  end
  for _, note in ipairs(notes.of({}, results)) do list[#list + 1] = note end
  if #recipe.seeds < 2 then
    list[#list + 1] = "one seed: no deviation and no test; --seeds 1-5 gives what the paper has"
  end
  return list
end

local function table_of(recipe, note)
  local layout = layout_of(recipe)
  local results = results_of(recipe, layout)
  local t, why = ms.report.paper_table { layout = layout, results = results, runs = #recipe.seeds,
    bootstrap = {},
    note = note }
  if not t then return nil, why end
  return t, { ["table.txt"] = t:text(), ["table.md"] = t:markdown(), ["table.tex"] = t:latex(),
    ["table.csv"] = t:csv(),
              ["results.json"] = ms.io.json_encode(results, { indent = 2 }) .. "\n" }
end

-- ---- the figure ------------------------------------------------------------------------------
-- The folders of the finished runs of several families.
local function group(recipe, families)
  local list = {}
  for _, family in ipairs(families) do
    for _, seed in ipairs(recipe.seeds) do
      local job = recipe.jobs:find(family[seed])
      if job.done() then list[#list + 1] = job.dir end
    end
  end
  return list
end

local function figure_of(recipe, note)
  local treated = { label = recipe.groups.treated.label,
    runs = group(recipe, recipe.groups.treated.runs) }
  local baseline, others = group(recipe, recipe.groups.baseline), {}
  if #treated.runs == 0 or #baseline == 0 then
    return nil, "the figure needs finished runs of the tail alone and of " .. treated.label
  end
  for _, other in ipairs(recipe.groups.others) do
    local runs = group(recipe, other.runs)
    if #runs > 0 then others[#others + 1] = { label = other.label, runs = runs } end
  end
  return ms.report.tag_differences { baseline = baseline, treated = treated, others = others,
    label = "tail alone",
    bootstrap = {}, note = note }
end

-- ---- files -----------------------------------------------------------------------------------
local function write_files(folder, texts)
  for name, text in pairs(texts) do
    local ok, why = ms.sys.write_file(folder .. "/" .. name, text)
    if not ok then return nil, why end
  end
  return true
end

local function finished(jobs)
  local list = {}
  for _, job in ipairs(jobs) do
    if not job.name:find "^data/" and job.done() then list[#list + 1] = job.dir end
  end
  return list
end

--- Writes OUT/results/NAME/: the table as table.txt, .md, .tex, .csv and results.json, or the
-- figure as tag_differences.svg, .png, .csv and .txt, and a page about either; prints its text. The
-- folder, or nil and a sentence.
function M.write(recipe, jobs)
  local folder = ("%s/results/%s"):format(recipe.out, recipe.name)
  local ok, why = ms.sys.mkdir(folder)
  if not ok then return nil, why end
  local beware, no_png = notes_of(recipe, jobs), nil
  local made, texts = (recipe.layout and table_of or figure_of)(recipe, #beware > 0
    and table.concat(beware, " ") or nil)
  if not made then return nil, texts end
  if recipe.layout then
    ok, why = write_files(folder, texts)
  else
    ok, no_png = made:write(folder)
  end
  if not ok then return nil, why or no_png end
  print(made:text())
  if no_png then print(no_png) end
  local page
  page, why = ms.report.of_recipe { title = recipe.title, tables = recipe.layout and { made },
    notes = beware,
    figures = not recipe.layout and { made } or nil, runs = finished(jobs), out = folder }
  if not page then return nil, why end
  print("written: " .. page .. " and what is beside it")
  return folder
end

return M
