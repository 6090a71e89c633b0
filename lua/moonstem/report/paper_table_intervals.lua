--- Bootstrap intervals over clips for the cells of a table in the paper's layout, from the predictions of its runs.
local ms = require "moonstem"
local predictions = require "moonstem.metrics.predictions"

local SCORES = { roc_auc = "tags", pr_auc = "tags", accuracy = "genres" }

-- ---- which clips ---------------------------------------------------------------------------
local function equal(a, b)
  if type(a) ~= "table" then return a == b end
  for i = 1, #a do
    if a[i] ~= b[i] then return false end
  end
  return true
end

-- Why two files are not of the same clips, classes and truths; nil where they are.
local function unlike(a, b)
  if #a.items ~= #b.items then return ("%d and %d clips"):format(#a.items, #b.items) end
  for i, id in ipairs(a.items) do
    if id ~= b.items[i] then return ("clip %d is %s in one and %s in the other"):format(i, id, b.items[i]) end
  end
  if not equal(a.classes, b.classes) then return "other classes" end
  for i, truth in ipairs(a.truths) do
    if not equal(truth, b.truths[i]) then return ("clip %s has other labels"):format(a.items[i]) end
  end
end

-- ---- what a file gives in every draw -------------------------------------------------------
-- The first file of each set of clips stands for it, with the draws that all runs on these clips share.
local function set_of(self, read, path)
  for _, set in ipairs(self.sets) do
    if not unlike(set.read, read) then return set end
  end
  local resampling, why = ms.statistics.resampling(#read.items, self.options)
  if not resampling then return nil, ("%s: %s"):format(path, why) end
  local set = { read = read, path = path, resampling = resampling }
  table.insert(self.sets, set)
  return set
end

local function load(self, path)
  local read, why = predictions.read(path)
  if not read then return nil, why end
  local set
  set, why = set_of(self, read, path)
  if not set then return nil, why end
  local drawn
  drawn, why = set.resampling[read.kind](set.resampling, read.scores, read.truths)
  if not drawn then return nil, ("%s: %s"):format(path, why) end
  drawn.per_tag = nil -- a megabyte that no cell shows
  return { path = path, set = set, kind = read.kind, drawn = drawn }
end

-- Each file is read once, whichever cells it belongs to.
local function loaded(self, path)
  if not self.files[path] then self.files[path] = { load(self, path) } end
  return table.unpack(self.files[path])
end

-- ---- cells ---------------------------------------------------------------------------------
-- The runs of a cell in every draw; nil and a sentence where a run lacks them. All runs of a column must be on the same
-- clips: `column.set` is that of its first run, and a third result says that another is not.
local function runs_of(self, row, cell, column)
  local runs = {}
  for i, seed in ipairs(cell.seeds) do
    if not cell.predictions[seed] then return nil, ("row %s has no predictions of seed %s"):format(row.name, seed) end
    local file, why = loaded(self, cell.predictions[seed])
    if not file then return nil, why end
    if file.kind ~= SCORES[column.score] then
      return nil, ("%s: predictions of %s have no %s"):format(file.path, file.kind, column.score)
    end
    column.set = column.set or file.set
    if file.set ~= column.set then
      return nil, ("%s and %s are not of the same clips (%s), so they cannot be compared"):format(column.set.path, file.path,
        unlike(column.set.read, file.set.read)), true
    end
    runs[i] = file.drawn[column.score]
  end
  return runs
end

local function scaled(interval, scale)
  for _, key in ipairs { "value", "low", "high", "se" } do interval[key] = interval[key] and scale * interval[key] end
  return interval
end

-- Intervals of one column's cells. true, or nil and a sentence for runs on different clips.
local function of_column(self, paper_table, column)
  local cells, of_row = paper_table.cells, {}
  for _, row in ipairs(paper_table.layout.rows) do
    local cell = cells[row.name][column.name]
    local runs, why, different
    if cell.n > 0 then runs, why, different = runs_of(self, row, cell, column) end
    if different then return nil, ("column %s: %s"):format(column.name, why) end
    if runs then
      cell.interval, why = column.set.resampling:interval(runs)
      cell.clips, of_row[row.name] = column.set.resampling.clips, cell.interval and runs
    end
    cell.no_interval = why
  end
  for _, row in ipairs(paper_table.layout.rows) do
    local cell, runs, against = cells[row.name][column.name], of_row[row.name], of_row[row.against]
    if runs then scaled(cell.interval, paper_table.scale) end
    if runs and against then
      cell.gain = scaled(assert(column.set.resampling:interval(runs, against)), paper_table.scale)
    end
  end
  return true
end

--- Gives every cell of a table `interval`, against its baseline `gain` (see ms.statistics.resampling) and `clips`, their
-- number, or `no_interval`, a sentence. options: { draws =, level =, seed = }. true, or nil and a sentence for runs of a
-- column on different clips. Raises where the name of a column does not end in a score.
return function(paper_table, options)
  local self = { options = options, files = {}, sets = {} }
  for _, column in ipairs(paper_table.layout.columns) do
    local score = column.name:match "[^/]+$"
    if not SCORES[score] then
      error(("paper_table: column %s does not end in roc_auc, pr_auc or accuracy, so its clips cannot be drawn anew")
        :format(column.name), 0)
    end
    local ok, why = of_column(self, paper_table, { name = column.name, score = score })
    if not ok then return nil, why end
  end
  return true
end
