--- Writes the tables and the figure beside their JSON: moonstem recipes/results/render.lua [FOLDER]
-- FOLDER (recipes/results/small, or another place to write to) gets table1/ and figure2/.
-- small/table1.json holds every run (what its result.json and metrics.jsonl said) and the bootstrap
-- intervals, whose test clips' scores were not kept; small/figure2.json names the runs of Fig. 2.
-- All else beside them is made from these two.
local ms = require "moonstem"

local here = arg[0]:match "^(.*)/[^/]*$" or "."
local stored = here .. "/small"

local function load(name) return assert(ms.io.load_json(("%s/%s.json"):format(stored, name))) end

local function write(path, text)
  assert(ms.sys.mkdir(path:match "^(.*)/"))
  assert(ms.sys.write_file(path, text))
end

-- The runs as the folders that reports read, in a folder of their own.
local function unpack_runs(kept, folder)
  for _, run in ipairs(kept.runs) do
    local dir = folder .. "/" .. run.name
    run.stand_in = kept.stand_in
    write(dir .. "/result.json", ms.io.json_encode(run))
    write(dir .. "/settings.json", ms.io.json_encode(kept.machine))
  end
end

local function paths(folder, names)
  local list = {}
  for i, name in ipairs(names) do list[i] = folder .. "/" .. name end
  return list
end

local function names_of(runs)
  local list = {}
  for i, run in ipairs(runs) do list[i] = run.name end
  return list
end

-- Of a page that reports make, the text beside the pictures is kept.
local function page(options, folder, out)
  options.out = folder .. "/page"
  assert(ms.report.of_recipe(options))
  write(out .. "/report.md", assert(ms.sys.read_file(options.out .. "/report.md")))
end

-- ---- Table I ---------------------------------------------------------------------------------
local function by_name(runs)
  local at = {}
  for _, run in ipairs(runs) do at[run.name] = run end
  return at
end

-- The layout of the paper's Table I with the columns that were run.
local function layout_of(kept)
  local layout, there = ms.options.merge(dofile(here .. "/../paper.lua").table_one), {}
  for _, cell in ipairs(kept.cells) do there[cell.column] = true end
  local columns = {}
  for _, column in ipairs(layout.columns) do
    if there[column.name] then columns[#columns + 1] = column end
  end
  layout.columns = columns
  return layout
end

-- A cell's intervals, as they were drawn. The deviation of the resamples, which only tells whether
-- a shift is worth a word, was not kept: it is taken from the width of a normal distribution's
-- interval.
local function give_interval(cell, kept)
  cell.interval = { low = kept.low, high = kept.high, bias = kept.bias, level = kept.level,
    resamples = kept.resamples, se = (kept.high - kept.low) / (2 * 1.96) }
  cell.clips = kept.clips
  cell.gain = kept.gain_low and { value = cell.difference, low = kept.gain_low,
    high = kept.gain_high }
end

local function table_one(kept)
  local runs, results = by_name(kept.runs), {}
  for i, cell in ipairs(kept.cells) do
    results[i] = { row = cell.row, column = cell.column, seed = cell.seed,
      value = runs[cell.run].scores[cell.column:match "[^/]+$"] }
  end
  local t = assert(ms.report.paper_table { layout = layout_of(kept), results = results, runs = 5,
    note = table.concat(kept.notes, " ") })
  for _, interval in ipairs(kept.intervals) do
    give_interval(t.cells[interval.row][interval.column], interval)
  end
  t.bootstrap = {}
  return t
end

local function render_table(kept, folder, out)
  local t = table_one(kept)
  for ending, text in pairs { txt = t:text(), md = t:markdown(), tex = t:latex(), csv = t:csv() } do
    write(("%s/table.%s"):format(out, ending), text)
  end
  write(out .. "/findings.txt", dofile(here .. "/findings.lua")(kept.runs))
  page({ title = kept.title, tables = { t }, notes = kept.notes,
    runs = paths(folder, names_of(kept.runs)) }, folder, out)
end

-- ---- Fig. 2 ----------------------------------------------------------------------------------
local function figure_two(kept, folder)
  local groups, at = {}, {}
  for g, group in ipairs(kept.groups) do
    groups[g] = { label = group.label, runs = paths(folder, group.runs) }
  end
  local d = assert(ms.report.tag_differences { baseline = paths(folder, kept.baseline),
    treated = table.remove(groups, 1), others = groups, label = kept.label,
      note = table.concat(kept.notes, " ") })
  for _, interval in ipairs(kept.intervals) do at[interval.tag] = interval end
  for _, row in ipairs(d.rows) do
    row.interval = at[row.tag].low and ms.options.merge(kept.bootstrap, at[row.tag])
  end
  d.clips = kept.bootstrap.clips
  return d
end

local function render_figure(kept, folder, out)
  local d = figure_two(kept, folder)
  assert(d:write(out))
  page({ title = kept.title, figures = { d }, notes = kept.notes, runs = paths(folder, kept.runs) },
    folder, out)
end

local parser = require "argparse" ("render.lua",
  "Writes the tables and the figure of the kept runs.")
parser:argument("folder", "where table1/ and figure2/ go"):default(stored)

local out = parser:parse(arg).folder
local folder = assert(ms.sys.tempdir())
local kept = load "table1"
unpack_runs(kept, folder)
render_table(kept, folder, out .. "/table1")
render_figure(load "figure2", folder, out .. "/figure2")
ms.sys.run { "rm", "-r", folder }
