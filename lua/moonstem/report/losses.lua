--- What the validation loss of a run is: losses of different kinds have no common scale, and no
-- common axis.
local core_io = require "moonstem.core.io"
local sys = require "moonstem.sys"

local M = {}

local NAMES = { tags = "cross-entropy of tags", genres = "cross-entropy of genres",
  separation = "mean absolute error of waves" }

local TITLES = { tags = "Taggers", genres = "Genre classifiers", separation = "Separators",
  other = "Runs" }

--- What runs of a kind are, as a heading.
function M.title(kind) return TITLES[kind] end

--- The name of a kind of loss, as an axis has it.
function M.name(kind) return NAMES[kind] or "validation loss" end

-- The kind of data that a checkpoint says it learnt from.
local function learnt(dir)
  local path = dir .. "/best.safetensors"
  local list, metadata = nil, nil
  if sys.exists(path) then list, metadata = core_io.safetensors_info(path) end
  local about = list and core_io.json_decode(metadata.about or "{}")
  return about and NAMES[about.kind] and about.kind
end

--- "separation", "tags", "genres" or "other", of a run as folders.about tells it.
function M.kind(run)
  local task = run.settings and run.settings.task
  if type(task) == "table" and task.source then return "separation" end
  local scores = run.result and run.result.scores or {}
  if scores.per_tag then return "tags" end
  if scores.si_sdr and scores.segments then return "separation" end
  return learnt(run.dir) or scores.accuracy and scores.clips and "genres" or "other"
end

--- What the loss of a run is: { kind =, name = of an axis, title = of a chart }.
function M.of(run)
  local kind = M.kind(run)
  return { kind = kind, name = M.name(kind), title = M.title(kind) }
end

--- Runs by kind: kinds in order of appearance, and the list of runs of each.
function M.grouped(runs)
  local kinds, of = {}, {}
  for _, run in ipairs(runs) do
    local kind = M.kind(run)
    if not of[kind] then of[kind], kinds[#kinds + 1] = {}, kind end
    table.insert(of[kind], run)
  end
  return kinds, of
end

return M
