--- Run folders: where they are, what they hold, and their best checkpoints as models.
local ms = require "moonstem"
local musicnn_weights = require "moonstem.models.taggers.musicnn_weights"
local folders = require "moonstem.report.folders"
local headlines = require "moonstem.report.headlines"
local losses = require "moonstem.report.losses"
local tables = require "moonstem.report.tables"

local M = {}

-- ---- as text --------------------------------------------------------------------------------
local function state_of(run) return run.result and "finished" or "unfinished" end
local function best_loss(run) return run.best and ("%.5f"):format(run.best) or "-" end

local Run = { __tostring = function(run)
  return ("run %s: %d steps, best loss %s, %s"):format(run.dir, run.steps, best_loss(run),
    state_of(run))
end }

M.name = folders.name

-- The finished ones of some runs, as ms.report.headlines wants them.
local function results(list)
  local found = {}
  for _, run in ipairs(list) do
    local r = run.result
    if r and r.scores then
      found[#found + 1] = { name = run.dir, scores = r.scores, seed = r.options and r.options.seed,
        stand_in = r.stand_in }
    end
  end
  return found
end

--- A list of runs as a table with their scores, and below it how far these can be trusted.
function M.text(list, root)
  local rows = {}
  for i, run in ipairs(list) do
    local scores = run.result and run.result.scores or {}
    rows[i] = { M.name(run, root), tostring(run.steps), best_loss(run), state_of(run),
      headlines.score(scores),
                headlines.tested(scores), run.started or "-" }
  end
  local text = tables.text({ "run", "steps", "best loss", "state", "score", "measured on",
    "begun" }, rows)
  return table.concat({ text, table.unpack(headlines.notes(results(list))) }, "\n")
end

local Runs = { __tostring = function(list)
  return #list > 0 and M.text(list, "") or "no runs"
end }

-- ---- in folders -----------------------------------------------------------------------------

--- The folder of a run: `root`/name, or name itself when it is a path ("/..." or "./...").
function M.folder(root, name)
  if name:find "^%.?%.?/" then return name end
  return root .. "/" .. name
end

--- What is known of one run; see moonstem.report.folders, and run.loss, what its loss is (see
-- moonstem.report.losses). nil and a sentence where there is none.
function M.about(dir)
  local run, why = folders.about(dir)
  if not run then return nil, why end
  run.loss = losses.of(run)
  return setmetatable(run, Run)
end

--- All runs below a folder, each as about() tells it; as text, a table of them.
function M.list(root)
  local list = setmetatable({}, Runs)
  for _, dir in ipairs(folders.below(root)) do list[#list + 1] = M.about(dir) end
  return list
end

-- Of the runs at or below a folder the one with the lowest validation loss.
local function best_of(dir)
  local best
  for _, candidate in ipairs(folders.below(dir, 2)) do
    local run = M.about(candidate)
    if run and run.best and ms.sys.exists(candidate .. "/best.safetensors")
      and (not best or run.best < best.best) then best = run end
  end
  return best
end

--- The model of the best checkpoint at or below a run's folder, in evaluation mode, and what it
-- says about itself. nil and a sentence when there is none. options: as ms.train.load_model takes
-- them.
function M.load(dir, options)
  if dir:find "%.safetensors$" then return ms.train.load_model(dir, options) end
  if musicnn_weights.is_folder(dir) then return musicnn_weights.load(dir) end
  local run = best_of(dir)
  if not run then
    return nil, ("%s: there is no run with a best.safetensors; `moonstem runs FOLDER` \z
      lists those below a folder"):format(dir)
  end
  return ms.train.load_model(run.dir .. "/best.safetensors", options)
end

return M
