--- What comes out of a plan: the scores of its finished runs, as a table in the paper's layout or the per-tag figure.
-- Everything is written again from the run folders, with as many runs as there are: NAME.json lists them.
local ms = require "moonstem"
local notes = require "moonstem.lab.notes"

local M = {}

-- The record of a finished run, or nil.
local function record_of(plan, name)
  local job = plan.jobs:find(name)
  if not job.done() then return nil end
  return ms.io.load_json(job.dir .. "/result.json")
end

-- ---- the table -------------------------------------------------------------------------------
-- The layout with the columns that are asked for.
local function layout_of(plan)
  local layout = {}
  for key, value in pairs(plan.layout) do layout[key] = value end
  layout.columns = {}
  for _, column in ipairs(plan.layout.columns) do
    local asked = #plan.columns == 0
    for _, name in ipairs(plan.columns) do asked = asked or column.name:sub(1, #name) == name end
    if asked then table.insert(layout.columns, column) end
  end
  return layout
end

-- The scores of all finished runs in cells: list of { row =, column =, seed =, value =, run =, predictions = path }.
local function results_of(plan, layout)
  local list = {}
  for _, cell in ipairs(plan.cells) do
    for _, seed in ipairs(plan.seeds) do
      local name = cell.runs[seed]
      local record = record_of(plan, name)
      for _, column in ipairs(record and layout.columns or {}) do
        local score = column.name:sub(1, #cell.column) == cell.column and column.name:sub(#cell.column + 1)
        local value = score and record.scores[score]
        if value then
          list[#list + 1] = { row = cell.row, column = column.name, seed = seed, value = value, run = name,
                              predictions = plan.jobs:find(name).dir .. "/predictions.safetensors" }
        end
      end
    end
  end
  return list
end

-- Sentences that belong under a table: stand-ins, ASTs from random weights, too few runs.
local function notes_of(plan, jobs)
  local list, results = {}, {}
  for _, job in ipairs(jobs) do
    local record = job.done() and ms.io.load_json(job.dir .. "/result.json")
    if record and job.name:find "^data/" then table.move(record.notes, 1, #record.notes, #list + 1, list)
    elseif record then results[#results + 1] = record end
  end
  for _, note in ipairs(notes.of({}, results)) do list[#list + 1] = note end
  if #plan.seeds < 2 then
    list[#list + 1] = "one seed: no deviation and no test; --seeds 1-5 gives what the paper has"
  end
  return list
end

local function write_table(plan, jobs, base)
  local layout = layout_of(plan)
  local results = results_of(plan, layout)
  local t, why = ms.report.paper_table { layout = layout, results = results, runs = #plan.seeds,
    note = table.concat(notes_of(plan, jobs), " "), bootstrap = {} }
  if not t then return nil, why end
  local texts = { txt = t:text(), md = t:markdown(), tex = t:latex(), csv = t:csv(),
                  json = ms.io.json_encode(results, { indent = 2 }) .. "\n" }
  for ending, text in pairs(texts) do
    local ok
    ok, why = ms.sys.write_file(base .. "." .. ending, text)
    if not ok then return nil, why end
  end
  print(texts.txt)
  return true
end

-- ---- the figure ------------------------------------------------------------------------------
-- Runs by seed as ms.report.tag_differences wants them.
local function group(plan, runs)
  local list = {}
  for _, family in ipairs(runs) do
    for _, seed in ipairs(plan.seeds) do
      local record = record_of(plan, family[seed])
      if record then
        list[#list + 1] = { tail = family[seed]:match "^%a+/(%a+)", seed = seed, per_tag = record.scores.per_tag }
      end
    end
  end
  return list
end

local function write_figure(plan, _, base)
  local treated = { label = plan.groups.treated.label, runs = group(plan, plan.groups.treated.runs) }
  local baseline, others = group(plan, plan.groups.baseline), {}
  if #treated.runs == 0 or #baseline == 0 then
    return nil, "the figure needs finished runs of the baseline and of " .. treated.label
  end
  for _, other in ipairs(plan.groups.others) do
    local runs = group(plan, other.runs)
    if #runs > 0 then others[#others + 1] = { label = other.label, runs = runs } end
  end
  local d, why = ms.report.tag_differences { baseline = baseline, treated = treated, others = others, label = "tail alone" }
  if not d then return nil, why end
  print(d:text())
  return d:write(base)
end

--- Writes OUT/results/NAME.* (or, of a figure, OUT/results/NAME/) and prints its text; the path without an ending, or nil
-- and a sentence.
function M.write(plan, jobs)
  local folder = plan.out .. "/results"
  local ok, why = ms.sys.mkdir(folder)
  if not ok then return nil, why end
  local base = ("%s/%s"):format(folder, plan.name)
  ok, why = (plan.layout and write_table or write_figure)(plan, jobs, base)
  if not ok then return nil, why end
  print(("written: %s"):format(plan.layout and base .. ".txt, .md, .tex, .csv, .json" or base .. "/"))
  return base
end

return M
