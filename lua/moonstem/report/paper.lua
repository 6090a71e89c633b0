--- The report of the paper's experiments: their tables first, then what all reports have.
local document = require "moonstem.report.document"
local example = require "moonstem.report.example"
local folders = require "moonstem.report.folders"
local options_of = require "moonstem.options"
local page = require "moonstem.report.page"
local settings = require "moonstem.report.settings"

local function must(value, why)
  if value == nil or value == false then error(why, 0) end
  return value
end

-- The runs of results of stages, with the names that these have.
local function runs_of(results)
  local list = {}
  for i, result in ipairs(results) do
    list[i] = must(folders.about(result.dir))
    list[i].label = result.name
  end
  return list
end

-- A run that was measured by a version which kept no example gets one now.
local function keep_example(paper, separator)
  if example.is_kept(separator.dir) then return end
  must(example.keep(separator.dir, separator.model, paper:data "musdb",
    separator.name:match "[^/]+$"))
end

local function add_scale(doc, paper)
  local inside = document.new ""
  inside:table { header = { "setting", "value" }, rows = settings.rows { scale = paper.scale,
    seed = paper.seed } }
  doc:fold { title = "The scale of all experiments", inside = inside }
end

--- ms.report.of_paper{ paper = ms.lab.paper, title =,
--   tables = list of { header =, rows =, caption = }, runs = list of results,
--   separator = one of them (its song is shown), out = folder (paper.out/report),
--   notes = for the reader, list of sentences }
-- Writes index.html, one page with all inside, and report.md with pictures and sounds; the path of
-- the page. Raises a message when it cannot.
return function(options)
  options_of.check(options, "of_paper", { paper = options_of.table, notes = options_of.table,
    title = options_of.string, tables = options_of.table, runs = options_of.table,
    separator = options_of.table, out = options_of.string })
  local paper, folder = options.paper, options.out or options.paper.out .. "/report"
  if options.separator then keep_example(paper, options.separator) end
  local doc = page { title = options.title, runs = runs_of(options.runs),
    tables = options.tables, notes = options.notes }
  add_scale(doc, paper)
  return must(doc:write(folder))
end
