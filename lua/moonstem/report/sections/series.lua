--- Curves of several runs for one chart: a curve for each run or, where runs differ in their seed
-- only, for each setting, with a band.
local groups = require "moonstem.report.groups"
local moments = require "moonstem.moments"

local M = {}

local MOST = 8 -- curves in one chart: there are as many colours

-- The values of a field by step, of all runs of a setting; the steps in order.
local function by_step(group, field)
  local at, steps = {}, {}
  for _, run in ipairs(group.runs) do
    for _, row in ipairs(run.rows) do
      if row[field] then
        if not at[row.step] then at[row.step], steps[#steps + 1] = {}, row.step end
        table.insert(at[row.step], row[field])
      end
    end
  end
  table.sort(steps)
  return at, steps
end

-- The curve of a setting: { label =, x = steps, y = means, and low =, high = where there are
-- several runs }.
local function curve_of(group, field)
  local at, steps = by_step(group, field)
  local curve = { label = group.label, x = steps, y = {} }
  if #group.runs > 1 then curve.low, curve.high = {}, {} end
  for k, step in ipairs(steps) do
    local values = at[step]
    local all = #values > 1 and moments(values) or { mean = values[1] }
    curve.y[k] = all.mean
    if curve.low then
      curve.low[k], curve.high[k] = all.mean - (all.sd or 0), all.mean + (all.sd or 0)
    end
  end
  return curve
end

-- Each run as a setting of its own.
local function single(runs)
  local list = {}
  for i, run in ipairs(runs) do list[i] = { label = run.label, runs = { run } } end
  return list
end

--- The curves of a field of metrics.jsonl, and a sentence on what they are, "" where each is a run.
function M.of(runs, field)
  local list, words = groups.of(runs), ""
  if #list == #runs then list = single(runs)
  else words = " A curve is the mean of the runs of a setting, its band one standard deviation." end
  local curves = {}
  for i = 1, math.min(#list, MOST) do curves[i] = curve_of(list[i], field) end
  if #list > MOST then
    words = ("%s The first %d of %d are shown."):format(words, MOST, #list)
  end
  return curves, words
end

--- The table behind such curves: a row for each step that any of them has.
function M.rows(curves)
  local at, steps = {}, {}
  for c, curve in ipairs(curves) do
    for k, step in ipairs(curve.x) do
      if not at[step] then at[step], steps[#steps + 1] = { step = step }, step end
      at[step][c] = curve.y[k]
    end
  end
  table.sort(steps)
  local rows = {}
  for i, step in ipairs(steps) do rows[i] = at[step] end
  return rows
end

return M
