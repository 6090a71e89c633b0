--- What runs scored: a table for each kind of them, with bars.
local groups = require "moonstem.report.groups"
local losses = require "moonstem.report.losses"
local sys = require "moonstem.sys"
local tables = require "moonstem.report.tables"

-- "400" or "200 to 400" of what runs have.
local function range(runs, value_of)
  local low, high
  for _, run in ipairs(runs) do
    local value = value_of(run)
    if value then low, high = math.min(low or value, value), math.max(high or value, value) end
  end
  if not low then return "-" end
  return low == high and tostring(low) or ("%s to %s"):format(low, high)
end

local function seconds_of(group)
  local sum = 0
  for _, run in ipairs(group.runs) do sum = sum + (run.result and run.result.seconds or 0) end
  return sum > 0 and sys.duration(sum) or "-"
end

local function state_of(group)
  local done = #groups.finished(group)
  return done == #group.runs and tostring(done) or ("%d of %d"):format(done, #group.runs)
end

local function parameters(run)
  local also = run.settings and run.settings.also
  return run.result and run.result.parameters or type(also) == "table" and also.parameters
end

-- A cell of a score: mean ± deviation over seeds, the interval over clips, chance as a mark.
local function cell_of(group, score, evidence)
  local mean, sd = groups.score(group, score)
  if not mean then return "-" end
  local interval = score.unit == "%" and evidence:interval(group, score.name)
  local chance = score.unit == "%" and evidence:chance(group, score.name)
  local text = tables.number(mean, sd)
  if not interval then return { text, value = mean, mark = chance and 100 * chance } end
  local low, high = 100 * interval.low, 100 * interval.high
  return { ("%s [%s, %s]"):format(text, tables.number(low, nil, 1), tables.number(high, nil, 1)),
    value = mean, low = low, high = high, mark = chance and 100 * chance }
end

local function row_of(group, scores, evidence)
  local row = { group.label, state_of(group), range(group.runs, parameters),
    range(group.runs, function(run) return run.steps end), seconds_of(group) }
  for _, score in ipairs(scores) do row[#row + 1] = cell_of(group, score, evidence) end
  row[#row + 1] = groups.tested(group)
  return row
end

-- The ends of a column of bars: of per cent 0 to 100, of others what the values reach, with 0.
local function ends(rows, column, score)
  if score.unit == "%" then return { 0, 100 } end
  if #rows < 2 then return nil end -- nothing to compare
  local low, high = 0, 0
  for _, row in ipairs(rows) do
    local value = type(row[column]) == "table" and row[column].value
    if value and tables.finite(value) then
      low, high = math.min(low, value), math.max(high, value)
    end
  end
  return low < high and { low, high } or nil
end

local STRIPS = "Bars from 0 to 100 %; thin line: the interval; upright mark: what guessing scores."

-- A resample holds some clips several times, which lifts the PR-AUC of rare tags.
local LIFTED = " Drawing clips anew repeats some of them, which lifts PR-AUC where few clips have "
  .. "a tag: a score may lie below its interval."

-- What a table shows, and what its bars are.
local function words_of(kind)
  if kind == "separation" then
    return "Medians of test segments; the gain is that over the mixture.", "Bars begin at 0 dB."
  end
  if kind == "other" then return nil end
  return "Test split. ±: deviation over seeds. In brackets: 95 % bootstrap interval over test "
    .. "clips, where predictions were kept." .. (kind == "tags" and LIFTED or ""), STRIPS
end

local function add_kind(doc, kind, list, evidence)
  local runs = {}
  for _, group in ipairs(list) do table.move(group.runs, 1, #group.runs, #runs + 1, runs) end
  local scores, rows, bars = groups.scores(kind, runs), {}, {}
  local header = { "setting", "runs", "parameters", "steps", "time" }
  for i, group in ipairs(list) do rows[i] = row_of(group, scores, evidence) end
  for _, score in ipairs(scores) do
    header[#header + 1] = score.label .. (score.unit ~= "" and " " .. score.unit or "")
    bars[#header] = ends(rows, #header, score)
  end
  header[#header + 1] = "measured on"
  doc:heading { text = losses.title(kind), level = 3 }
  local caption, legend = words_of(kind)
  doc:table { header = header, rows = rows, bars = bars, caption = caption, legend = legend }
end

--- Adds the tables of all kinds of runs.
return function(doc, runs, evidence)
  local kinds, of = groups.by_kind(runs)
  doc:heading { text = "Results" }
  for _, kind in ipairs(kinds) do add_kind(doc, kind, of[kind], evidence) end
end
