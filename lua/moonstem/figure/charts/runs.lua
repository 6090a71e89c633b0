--- Learning curves of runs: those that learn the same on one chart, others under each other.
local Paper = require "moonstem.figure.paper"
local axes = require "moonstem.figure.axes"
local given = require "moonstem.figure.options"
local lines = require "moonstem.figure.charts.lines"
local words = require "moonstem.figure.words"

local M = {}

local OPTIONS = { "title", "log_y", "width", "height" }

--- Whether a value is a run, as ms.lab.runs gives them: a folder and the lines of its metrics.
function M.is_run(value)
  return type(value) == "table" and type(rawget(value, "dir")) == "string"
    and type(rawget(value, "rows")) == "table"
end

local function has(run, name)
  for _, row in ipairs(run.rows) do
    if row[name] ~= nil then return true end
  end
  return false
end

local function column(run, name)
  local list = {}
  for k, row in ipairs(run.rows) do list[k] = row[name] or false end
  return list
end

-- ---- names -----------------------------------------------------------------------------------
local function parts_of(path)
  local list = {}
  for part in path:gmatch "[^/]+" do list[#list + 1] = part end
  return list
end

-- How many parts all the lists share at one end. from_end: at the last one.
local function shared(lists, from_end)
  local most = #lists[1] - 1
  for _, list in ipairs(lists) do most = math.min(most, #list - 1) end
  for n = 1, most do
    for _, list in ipairs(lists) do
      local at = from_end and #list - n + 1 or n
      local first = lists[1][from_end and #lists[1] - n + 1 or n]
      if list[at] ~= first then return n - 1 end
    end
  end
  return most
end

--- The names of runs, without the folders that are the same for all of them.
function M.names(list)
  local lists, names = {}, {}
  for i, run in ipairs(list) do lists[i] = parts_of(run.dir) end
  local front = shared(lists, false)
  for _, parts in ipairs(lists) do
    for _ = 1, front do table.remove(parts, 1) end
  end
  local back = #list > 1 and shared(lists, true) or 0
  for i, parts in ipairs(lists) do names[i] = table.concat(parts, "/", 1, #parts - back) end
  return names
end

-- ---- charts ----------------------------------------------------------------------------------
-- Where nothing tells what the loss of a run is (run.loss of ms.lab.runs).
local SOME_LOSS = { kind = "other", name = "loss", title = "Runs" }

local function curve(run, name, label, colour, dash)
  return { label = label, x = column(run, "step"), y = column(run, name), colour = colour,
    dash = dash }
end

-- Validation losses, and training losses as dashed lines of the same colour.
local function losses(group, options)
  local series, label = {}, group.loss.name .. " (dashed: training)"
  for i, run in ipairs(group.runs) do
    local colour, name = axes.colour(i, #group.runs), group.names[i]
    if has(run, "valid_loss") then
      series[#series + 1] = curve(run, "valid_loss", name, colour)
      series[#series + 1] = curve(run, "train_loss", nil, colour, true)
    else
      series[#series + 1] = curve(run, "train_loss", name, colour, true)
    end
  end
  local paper = lines { series = series, x_label = "step (dashed: training)",
    y_label = group.loss.name, title = group.title, log_y = options.log_y,
    width = options.width, height = options.height }
  return paper:tell(group.title, words.titled(group.title, ("%s, %s over step, %s"):format(
    words.count(#group.runs, "run"), label, words.series(series, "y"))))
end

local function improvements(group, options)
  local series = {}
  for i, run in ipairs(group.runs) do
    series[i] = curve(run, "valid_improvement", group.names[i], group.colours[i])
  end
  return lines { series = series, x_label = "step", y_label = "SI-SDR gain (dB)",
    levels = { { y = 0, label = "mixture" } }, width = options.width, height = options.height }
end

-- Losses of different kinds have no common axis.
local function grouped(list)
  local groups, by_kind = {}, {}
  for _, run in ipairs(list) do
    local loss = rawget(run, "loss") or SOME_LOSS
    local group = by_kind[loss.kind]
    if not group then
      group = { runs = {}, loss = loss }
      by_kind[loss.kind], groups[#groups + 1] = group, group
    end
    table.insert(group.runs, run)
  end
  return groups
end

-- The runs of a group whose separation was measured.
local function measured(group)
  local some = { runs = {}, names = {}, colours = {} }
  for i, run in ipairs(group.runs) do
    if has(run, "valid_improvement") then
      local at = #some.runs + 1
      some.runs[at], some.names[at] = run, group.names[i]
      some.colours[at] = axes.colour(i, #group.runs)
    end
  end
  return some
end

local function charts(list, options)
  local papers, groups = {}, grouped(list)
  for _, group in ipairs(groups) do
    group.names = M.names(group.runs)
    group.title = #groups > 1 and group.loss.title or options.title
      or #list == 1 and list[1].dir or nil
    papers[#papers + 1] = losses(group, options)
    local separators = measured(group)
    if #separators.runs > 0 then papers[#papers + 1] = improvements(separators, options) end
  end
  return papers
end

local function check(list, who)
  if #list == 0 then error(who .. ": there is no run to show", 0) end
  for i, run in ipairs(list) do
    if not M.is_run(run) then
      error(("%s: %d is no run, but %s"):format(who, i, given.shown(run)), 0)
    end
    if #run.rows == 0 then
      error(("%s: %s has no measurements yet (metrics.jsonl)"):format(who, run.dir), 0)
    end
  end
end

--- Learning curves of a list of runs, as a paper. who: for messages.
function M.paper(list, options, who)
  who = who or "figure.of"
  given.check(options, who, OPTIONS)
  check(list, who)
  return Paper.stack(charts(list, options), options.title)
end

return M
