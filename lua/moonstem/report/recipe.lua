--- The report of a recipe: its tables and figures, what to beware of, and what they were made with;
-- one short page.
local core_io = require "moonstem.core.io"
local sys = require "moonstem.sys"
local options_of = require "moonstem.options"
local document = require "moonstem.report.document"
local headlines = require "moonstem.report.headlines"
local finished = require "moonstem.report.results"

-- Adds `item` to the list of its key, keys in order of appearance.
local function collect(groups, key, item)
  if not groups[key] then
    groups[key] = {}
    groups[#groups + 1] = key
  end
  table.insert(groups[key], item)
end

-- The runs that there are, and sentences about those that cannot be read.
local function read_all(paths)
  local list, problems = {}, {}
  for _, path in ipairs(paths) do
    local runs, why = finished.runs(path)
    if runs then table.move(runs, 1, #runs, #list + 1, list) else problems[#problems + 1] = why end
  end
  return list, problems
end

local function range(runs, field, form)
  local low, high
  for _, run in ipairs(runs) do
    local value = run[field]
    if value and (not low or value < low) then low = value end
    if value and (not high or value > high) then high = value end
  end
  if not low then return "-" end
  return low == high and form(low) or ("%s to %s"):format(form(low), form(high))
end

-- Means of the scores that all of some runs have.
local function mean_scores(runs)
  local means = {}
  for name, value in pairs(runs[1].scores) do
    local sum = type(value) == "number" and 0.0
    for _, run in ipairs(sum and runs or {}) do
      local other = run.scores[name]
      sum = sum and type(other) == "number" and sum + other
    end
    means[name] = sum and sum / #runs or nil
  end
  return means
end

-- A line for every setting: its runs, their steps, what they took together and what they scored.
local function add_runs(doc, runs)
  local settings, rows = {}, {}
  for _, run in ipairs(runs) do collect(settings, (run.name:gsub("/%d+$", "")), run) end
  for i, name in ipairs(settings) do
    local seconds = 0
    for _, run in ipairs(settings[name]) do seconds = seconds + (run.seconds or 0) end
    rows[i] = { name, tostring(#settings[name]), range(settings[name], "steps", tostring),
                seconds > 0 and sys.duration(seconds) or "-",
                  headlines.score(mean_scores(settings[name])),
                headlines.tested(settings[name][1].scores) }
  end
  if #rows == 0 then return end
  doc:heading { text = "Runs" }
  doc:table { header = { "setting", "runs", "steps", "time of all", "score, mean of runs",
    "measured on" }, rows = rows }
end

-- "TEXT (3 runs)" for every text that a run gives, those of most runs first come first.
local function counted(runs, what)
  local texts, items = {}, {}
  for _, run in ipairs(runs) do
    local text = what(run)
    if text then collect(texts, text, run) end
  end
  for i, text in ipairs(texts) do
    items[i] = ("%s (%d %s)"):format(text, #texts[text], #texts[text] == 1 and "run" or "runs")
  end
  return items
end

-- What a run started from, whichever seed of it.
local function start_of(run)
  local origin = run.origin
  if type(origin) ~= "table" or not next(origin) then return nil end
  local parts, names = {}, {}
  for name in pairs(origin) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = ("%s from %s"):format(name, (tostring(origin[name]):gsub("/%d+$", "")))
  end
  return "started with " .. table.concat(parts, ", ")
end

local function machine_of(run)
  local settings = core_io.load_json(run.path:match "^(.*)/[^/]*$" .. "/settings.json")
  local machine = settings and settings.machine
  if not machine then return nil end
  return ("Moonstem %s on %s cores, %s, %s threads")
    :format(settings.moonstem, machine.cores, machine.cpu, machine.threads)
end

local function add_origin(doc, runs)
  local items = {}
  for _, what in ipairs {
    function(run) return run.settings and "settings: " .. run.settings end,
    function(run) return run.data and "data: split " .. run.data end, start_of, machine_of,
  } do
    for _, item in ipairs(counted(runs, what)) do items[#items + 1] = item end
  end
  if #items == 0 then return end
  doc:heading { text = "Settings, data and machines" }
  doc:list { items = items }
end

local function add_figure(doc, figure, i, several)
  local t = figure:document()
  doc:picture { name = "tag_differences" .. (several and "-" .. i or ""), svg = figure:svg(),
                caption = ("Tags that gain and lose most against %s"):format(figure.label) }
  doc:paragraph { text = t.caption }
  doc:table { header = t.header, rows = t.rows }
end

--- ms.report.of_recipe{ title =, tables = list of ms.report.paper_table, figures = list of
-- ms.report.tag_differences, notes =
--   list of sentences, runs = list of run folders or files result.json, out = folder } -> path of
--   the page
-- Writes index.html, report.md and the figures as SVG. First come the notes, so that nobody misses
-- which data are stand-ins and which networks started from random weights; runs that are not
-- finished or cannot be read are named among them. nil and a message when it cannot be written.
return function(options)
  options_of.check(options, "of_recipe", { title = options_of.string, tables = options_of.table,
    figures = options_of.table,
    notes = options_of.table, runs = options_of.table, out = options_of.string })
  local doc = document.new(options.title)
  local runs, problems = read_all(options.runs or {})
  local beware = table.move(options.notes or {}, 1, #(options.notes or {}), 1, {})
  table.move(problems, 1, #problems, #beware + 1, beware)
  if #beware > 0 then
    doc:heading { text = "Beware" }
    doc:list { items = beware }
  end
  for _, t in ipairs(options.tables or {}) do
    local block = t:document()
    doc:heading { text = block.caption }
    doc:table { header = block.header, rows = block.rows }
    doc:list { items = block.notes }
  end
  for i, figure in ipairs(options.figures or {}) do
    doc:heading { text = ("%s tag by tag"):format(figure:score_name()) }
    add_figure(doc, figure, i, #options.figures > 1)
  end
  add_runs(doc, runs)
  add_origin(doc, runs)
  return doc:write(options.out)
end
