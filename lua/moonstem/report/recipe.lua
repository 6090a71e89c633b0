--- The report of a recipe: what came out and what it does not show, its tables and figures, its
-- runs, and what they were made with.
local classes = require "moonstem.report.sections.classes"
local curves = require "moonstem.report.sections.curves"
local document = require "moonstem.report.document"
local evidence = require "moonstem.report.evidence"
local finished = require "moonstem.report.results"
local folders = require "moonstem.report.folders"
local options_of = require "moonstem.options"
local origin = require "moonstem.report.sections.origin"
local results = require "moonstem.report.sections.results"
local songs = require "moonstem.report.sections.songs"
local summary = require "moonstem.report.sections.summary"

local function new() return document.new "" end

-- The runs that there are, and sentences about those that cannot be read.
local function read_all(paths)
  local list, problems = {}, {}
  for _, path in ipairs(paths) do
    local runs, why = finished.runs(path)
    for _, run in ipairs(runs or {}) do
      local about, lacking = folders.about(run.path:match "^(.*)/[^/]*$")
      if about then about.label, list[#list + 1] = run.name, about
      else problems[#problems + 1] = lacking end
    end
    problems[#problems + 1] = why
  end
  return list, problems
end

local function of_stand_ins(runs)
  for _, run in ipairs(runs) do
    if run.result.stand_in then return true end
  end
  return false
end

local function append(list, more) return table.move(more, 1, #more, #list + 1, list) end

local function add_summary(doc, o, runs, problems, all)
  local came_out = {}
  for _, made in ipairs { o.tables or {}, o.figures or {} } do
    for _, one in ipairs(made) do append(came_out, one:sentences()) end
  end
  doc:heading { text = "Summary" }
  if #runs > 0 then doc:facts { items = summary.facts_of_runs(runs) } end
  summary.add_list(doc, "What came out", came_out)
  local doubts = append(summary.trust(runs, all), o.notes or {})
  summary.add_list(doc, "What it does not show", append(doubts, problems))
end

-- Where scores are of stand-ins, the paper's are not set beside them.
local function add_table(doc, t, stand_ins)
  local block = t:document(not stand_ins)
  doc:heading { text = block.caption }
  doc:table { header = block.header, rows = block.rows, bars = block.bars,
    legend = block.legend }
  doc:list { items = block.notes }
  local published = stand_ins and t:published()
  if published then
    doc:fold { title = "What the paper printed, of real music", inside = new():table(published) }
  end
end

local function add_figure(doc, figure, i, several)
  local t = figure:page()
  doc:heading { text = ("%s tag by tag"):format(figure:score_name()) }
  doc:picture { name = "tag_differences" .. (several and "-" .. i or ""), svg = figure:svg(),
                caption = ("Tags that gain and lose most against %s"):format(figure.label) }
  doc:paragraph { text = t.caption }
  doc:table { header = t.header, rows = t.rows, bars = t.bars, legend = t.legend }
end

local function add_runs(doc, runs, all)
  if #runs == 0 then return end
  results(doc, runs, all)
  songs(doc, runs)
  classes.genres(doc, runs, all)
  curves.add(doc, runs, new)
end

--- ms.report.of_recipe{ title =, tables = list of ms.report.paper_table, figures = list of
-- ms.report.tag_differences, notes =
--   list of sentences, runs = list of run folders or files result.json, out = folder } -> path of
--   the page
-- Writes index.html, one page with all inside, and report.md with the figures as SVG. First come
-- what came out and the notes, so that nobody misses which data are stand-ins and which networks
-- started from random weights; runs that are not finished or cannot be read are named among them.
-- nil and a message when it cannot be written.
return function(options)
  options_of.check(options, "of_recipe", { title = options_of.string, tables = options_of.table,
    figures = options_of.table,
    notes = options_of.table, runs = options_of.table, out = options_of.string })
  local doc = document.new(options.title)
  local runs, problems = read_all(options.runs or {})
  local stand_ins, figures = of_stand_ins(runs), options.figures or {}
  local all = evidence.new()
  add_summary(doc, options, runs, problems, all)
  for _, t in ipairs(options.tables or {}) do add_table(doc, t, stand_ins) end
  for i, figure in ipairs(figures) do add_figure(doc, figure, i, #figures > 1) end
  add_runs(doc, runs, all)
  origin.add(doc, runs, new, options.notes and {})
  return doc:write(options.out)
end
