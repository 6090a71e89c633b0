--- Runs that differ in their seed only, as one setting; and the scores of settings.
local headlines = require "moonstem.report.headlines"
local losses = require "moonstem.report.losses"
local moments = require "moonstem.moments"
local tables = require "moonstem.report.tables"

local M = {}

--- Scores by the kind of a run (moonstem.report.losses): list of { name =, label =, scale =,
-- unit = }, the one that settings are compared by first.
local PERCENT = { tags = { { "pr_auc", "PR-AUC" }, { "roc_auc", "ROC-AUC" } },
  genres = { { "accuracy", "accuracy" } } }
local DECIBEL = { separation = { { "improvement", "SI-SDR gain" },
  { "si_sdr", "SI-SDR" } } }

local function listed(pairs_of, scale, unit)
  local list = {}
  for i, pair in ipairs(pairs_of or {}) do
    list[i] = { name = pair[1], label = pair[2], scale = scale, unit = unit }
  end
  return list
end

local MOST = 4 -- scores of an evaluation of one's own that are shown

-- The numbers that an evaluation of one's own gave.
local function own_scores(runs)
  local names, list = {}, {}
  for _, run in ipairs(runs) do
    for name, value in pairs(run.result and run.result.scores or {}) do
      if type(value) == "number" then names[name] = true end
    end
  end
  for name in pairs(names) do list[#list + 1] = { name, (name:gsub("_", " ")) } end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return listed({ table.unpack(list, 1, MOST) }, 1, "")
end

--- The scores by which runs of a kind are judged.
function M.scores(kind, runs)
  if PERCENT[kind] then return listed(PERCENT[kind], 100, "%") end
  if DECIBEL[kind] then return listed(DECIBEL[kind], 1, "dB") end
  return own_scores(runs)
end

-- A run's label without its seed.
local function setting_of(label)
  local text = label:gsub("/%d+$", ""):gsub("seed=[^,/]+$", ""):gsub("seed=[^,/]+,", "")
  text = text:gsub("[,/]+$", "")
  return text ~= "" and text or "all"
end

--- The settings of runs that have a `label`: list of { label =, runs = }, in order of appearance.
function M.of(runs)
  local list, at = {}, {}
  for _, run in ipairs(runs) do
    local name = setting_of(run.label)
    if not at[name] then
      at[name] = { label = name, runs = {} }
      list[#list + 1] = at[name]
    end
    table.insert(at[name].runs, run)
  end
  return list
end

--- The kinds of runs in order of appearance, and the settings of each kind.
function M.by_kind(runs)
  local kinds, of = losses.grouped(runs)
  for kind, list in pairs(of) do of[kind] = M.of(list) end
  return kinds, of
end

--- The finished runs of a setting.
function M.finished(group)
  local list = {}
  for _, run in ipairs(group.runs) do
    if run.result and run.result.scores then list[#list + 1] = run end
  end
  return list
end

--- Mean and deviation of a score over the finished runs of a setting, scaled; nil without any.
function M.score(group, score)
  local values = {}
  for _, run in ipairs(M.finished(group)) do
    local value = run.result.scores[score.name]
    if type(value) == "number" then values[#values + 1] = score.scale * value end
  end
  if #values == 0 then return nil end
  local all = #values > 1 and moments(values)
  return all and all.mean or values[1], all and tables.finite(all.mean) and all.sd or nil
end

--- What a setting was measured on, as text.
function M.tested(group)
  local first = M.finished(group)[1]
  return first and headlines.tested(first.result.scores) or "-"
end

return M
