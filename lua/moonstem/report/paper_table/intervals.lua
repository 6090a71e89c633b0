--- Bootstrap intervals over clips for the cells of a table in the paper's layout, from the
-- predictions of its runs.
local bootstrap = require "moonstem.report.bootstrap"

local SCORES = { roc_auc = "tags", pr_auc = "tags", accuracy = "genres" }

-- ---- cells ---------------------------------------------------------------------------------
-- The runs of a cell in every draw; nil and a message where a run lacks them. All runs of a column
-- must be on the same clips: `column.set` is that of its first run, and a third result says that
-- another is not.
local function runs_of(files, row, cell, column)
  local runs = {}
  for i, seed in ipairs(cell.seeds) do
    if not cell.predictions[seed] then
      return nil, ("row %s has no predictions of seed %s"):format(row.name, seed)
    end
    local file, why = files:load(cell.predictions[seed])
    if not file then return nil, why end
    if file.kind ~= SCORES[column.score] then
      return nil, ("%s: predictions of %s have no %s"):format(file.path, file.kind, column.score)
    end
    column.set = column.set or file.set
    if file.set ~= column.set then
      return nil, bootstrap.unlike(column.set, file.set), true
    end
    runs[i] = file.scores[column.score]
  end
  return runs
end

local function scaled(interval, scale)
  for _, key in ipairs { "value", "low", "high", "se", "bias" } do
    interval[key] = interval[key] and scale * interval[key]
  end
  return interval
end

-- Intervals of one column's cells. true, or nil and a message for runs on different clips.
local function of_column(files, paper_table, column)
  local cells, of_row = paper_table.cells, {}
  for _, row in ipairs(paper_table.layout.rows) do
    local cell = cells[row.name][column.name]
    local runs, why, different
    if cell.n > 0 then runs, why, different = runs_of(files, row, cell, column) end
    if different then return nil, ("column %s: %s"):format(column.name, why) end
    if runs then
      cell.interval, why = column.set.resamples:interval(runs)
      cell.clips, of_row[row.name] = column.set.resamples.clips, cell.interval and runs
    end
    cell.no_interval = why
  end
  for _, row in ipairs(paper_table.layout.rows) do
    local cell, runs, against = cells[row.name][column.name], of_row[row.name], of_row[row.against]
    if runs then scaled(cell.interval, paper_table.scale) end
    if runs and against then
      cell.gain = scaled(assert(column.set.resamples:interval(runs, against)), paper_table.scale)
    end
  end
  return true
end

--- Gives every cell of a table `interval`, against its baseline `gain` (see
-- ms.statistics.resamples) and `clips`, their number, or `no_interval`, a message. options: {
-- resamples =, level =, seed = }. true, or nil and a message for runs of a column on different
-- clips. Raises where the name of a column does not end in a score.
return function(paper_table, options)
  local files = bootstrap.new(options)
  for _, column in ipairs(paper_table.layout.columns) do
    local score = column.name:match "[^/]+$"
    if not SCORES[score] then
      error(("paper_table: column %s does not end in roc_auc, pr_auc or accuracy, so its clips \z
        cannot be drawn anew")
        :format(column.name), 0)
    end
    local ok, why = of_column(files, paper_table, { name = column.name, score = score })
    if not ok then return nil, why end
  end
  return true
end
