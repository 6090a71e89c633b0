--- Pages about runs: one, a folder of them, the stages of the paper. All have the same sections.
local classes = require "moonstem.report.sections.classes"
local curves = require "moonstem.report.sections.curves"
local document = require "moonstem.report.document"
local evidence = require "moonstem.report.evidence"
local losses = require "moonstem.report.losses"
local origin = require "moonstem.report.sections.origin"
local results = require "moonstem.report.sections.results"
local songs = require "moonstem.report.sections.songs"
local summary = require "moonstem.report.sections.summary"

local function new() return document.new "" end

local function add_tables(doc, list)
  if #list > 0 then doc:heading { text = #list == 1 and "Table" or "Tables" } end
  for _, t in ipairs(list) do doc:table(t) end
end

--- The document about some runs, each as folders.about tells it, with a `label`. o: { title =,
-- runs =, tables = list of { header =, rows =, caption = } that stand first, notes = sentences on
-- the data, in the place of what the runs' results say of them }.
return function(o)
  local doc, all = document.new(o.title), evidence.new()
  summary.add(doc, o.runs, losses.kind(o.runs[1]), all)
  add_tables(doc, o.tables or {})
  if #o.runs > 1 then results(doc, o.runs, all) end
  songs(doc, o.runs)
  classes.tags(doc, o.runs, all)
  classes.genres(doc, o.runs, all)
  curves.add(doc, o.runs, new)
  origin.add(doc, o.runs, new, o.notes)
  return doc
end
