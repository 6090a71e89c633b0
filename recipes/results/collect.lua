--- What a folder of the recipes' runs has come to, as files small enough to keep:
--   moonstem recipes/results/collect.lua OUT [FOLDER]     FOLDER: recipes/results/brief
-- The tables and the figure of what is finished, without running anything; runs.csv, a line for
-- each training; findings.txt, the figures that the page about them quotes; and history.jsonl,
-- where tests/cluster/paper.lua left one.
local ms = require "moonstem"
local results = require "moonstem.lab.table"

local here = arg[0]:match "^(.*)/[^/]*$" or "."
local out = arg[1] or error("give the folder of the runs", 0)
local folder = arg[2] or here .. "/brief"

-- ---- tables and figure -----------------------------------------------------------------------
-- Has a recipe write what it can into OUT/results.
local function render(name)
  local script = ("%s/../%s.lua"):format(here, name)
  local env = { arg = { [0] = script, "--scale", "brief", "--out", out } }
  local recipe = assert(loadfile(script, "t", setmetatable(env, { __index = _G })))()
  local names = {}
  for _, cell in ipairs(recipe.cells) do
    for _, seed in ipairs(recipe.seeds) do names[#names + 1] = cell.runs[seed] end
  end
  local written, why = results.write(recipe, recipe.jobs:in_order(names))
  if not written then print(name .. ": " .. why) end
end

-- ---- files that are copied -------------------------------------------------------------------
local KEPT = {
  ["results/table1"] = { "table.txt", "table.md", "table.csv" },
  ["results/table2"] = { "table.txt", "table.md", "table.csv" },
  ["results/figure2"] = { "tag_differences.txt", "tag_differences.csv", "tag_differences.svg" },
  ["."] = { "history.jsonl" },
}

local function copy()
  for dir, names in pairs(KEPT) do
    local to = folder .. "/" .. dir:gsub("^results/", "")
    assert(ms.sys.mkdir(to))
    for _, name in ipairs(names) do
      local text = ms.sys.read_file(("%s/%s/%s"):format(out, dir, name))
      if text then assert(ms.sys.write_file(to .. "/" .. name, text)) end
    end
  end
end

-- ---- the runs ----------------------------------------------------------------------------------
-- How often Slurm has started a run, and on which hosts, from its output.txt.
local function starts_of(dir)
  local path, hosts = dir .. "/output.txt", {}
  for host in (ms.sys.exists(path) and ms.sys.read_file(path) or "")
    :gmatch "task %d+_%d+, start %d+, on (%S+)\n" do
    hosts[#hosts + 1] = host
  end
  return hosts
end

local SCORES = { "roc_auc", "pr_auc", "accuracy", "improvement" }

-- The finished trainings by name: { name =, kind =, seconds =, hosts =, scores = }, in order.
local function trainings()
  local list = {}
  for _, run in ipairs(ms.lab.runs(out)) do
    local record = run.result
    if record then
      list[#list + 1] = { name = record.name, scores = record.scores, steps = record.steps,
        parameters = record.parameters, seconds = record.seconds, hosts = starts_of(run.dir),
        kind = record.name:match "^joint/[^/]+" or record.name:match "^tail/[^/]+"
          or record.name:match "^[^/]+" }
    end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

local function write_runs(list)
  local names, rows = { "name", "parameters", "steps", "seconds", "starts", "hosts",
    table.unpack(SCORES) }, {}
  for i, run in ipairs(list) do
    local row = { name = run.name, parameters = run.parameters, steps = run.steps,
      seconds = ("%.1f"):format(run.seconds), starts = #run.hosts,
      hosts = table.concat(run.hosts, " ") }
    for _, score in ipairs(SCORES) do row[score] = run.scores[score] end
    rows[i] = row
  end
  assert(ms.sys.write_file(folder .. "/runs.csv", ms.data.csv.text(names, rows, { digits = 6 })))
end

-- ---- what they say -----------------------------------------------------------------------------
local PLANNED = { { "separate", 5 }, { "tail/cnn", 10 }, { "tail/ast", 10 }, { "joint/cnn", 65 },
  { "joint/ast", 65 } }

local function add_times(lines, list)
  local kinds = {}
  for _, run in ipairs(list) do
    kinds[run.kind] = kinds[run.kind] or {}
    table.insert(kinds[run.kind], run.seconds)
  end
  lines[#lines + 1] = ("%d of 155 trainings are finished; seconds on the wall, of all sittings")
    :format(#list)
  for _, plan in ipairs(PLANNED) do
    local kind, planned = table.unpack(plan)
    local s = kinds[kind] and ms.statistics.summary(kinds[kind])
    lines[#lines + 1] = s and ("  %-9s %2d of %2d, each %3.0f s (%.0f to %.0f)"):format(kind,
      s.n, planned, s.mean, s.min, s.max) or ("  %-9s  0 of %2d"):format(kind, planned)
  end
end

local function add_separators(lines, list)
  lines[#lines + 1] = "\nSI-SDR over the mixture's on test songs, median of segments"
  for _, run in ipairs(list) do
    if run.kind == "separate" then
      lines[#lines + 1] = ("  %-9s %+.1f dB"):format(run.name:match "[^/]+$",
        run.scores.improvement)
    end
  end
end

-- What a tagger that knows nothing would score: PR-AUC is the share of clips that have a tag.
local function add_chance(lines, list)
  for _, run in ipairs(list) do
    if run.name:find "^tail/cnn/mtat" then
      local kept = ms.io.load_safetensors(("%s/%s/predictions.safetensors"):format(out, run.name))
      lines[#lines + 1] = ("\nBy chance: ROC-AUC 50 %%, PR-AUC %.1f %% (share of positives over %d "
        .. "test clips), accuracy %.1f %%"):format(100 * kept.truths:mean():item(),
        kept.truths:size(1), 100 / 16)
      return
    end
  end
end

local function number(row, field) return tonumber(row[field]) end

-- How our difference lies to the paper's, both in points of two decimals.
local function direction(gain, paper)
  if math.abs(paper) < 0.005 then return "no direction" end
  return gain * paper > 0 and "the same direction" or "the other direction"
end

-- One row of a table beside the row that it is compared with; what the paper's differ by.
local function add_difference(lines, row, rows)
  local base
  for _, other in ipairs(rows) do
    if other.row == row.against and other.column == row.column then base = other end
  end
  local gain = number(row, "difference")
  local paper = number(row, "paper_mean") - number(base, "paper_mean")
  lines[#lines + 1] = ("  %-17s %-8s %+6.2f points (sd of seeds %.2f and %.2f; t = %+.1f, "
    .. "p = %.3f, Holm %.2f); the paper's %+.2f: %s"):format(row.column, row.row, gain,
    number(row, "sd"), number(base, "sd"), number(row, "pooled_t"), number(row, "pooled_p"),
    number(row, "pooled_p_holm"), paper, direction(gain, paper))
end

local function add_table(lines, name)
  local path = ("%s/%s/table.csv"):format(folder, name)
  if not ms.sys.exists(path) then return end
  local rows, compared, agree = assert(ms.io.load_csv(path)), 0, 0
  lines[#lines + 1] = ("\n%s: each row against the one that the paper compares it with")
    :format(name)
  for _, row in ipairs(rows) do
    if row.against ~= "" and number(row, "pooled_t") then
      add_difference(lines, row, rows)
      compared = compared + 1
      agree = agree + (lines[#lines]:find "the same direction" and 1 or 0)
    end
  end
  lines[#lines + 1] = ("  %d of %d comparisons have the paper's direction"):format(agree, compared)
end

local function write_findings(list)
  local lines = {}
  add_times(lines, list)
  add_separators(lines, list)
  add_chance(lines, list)
  add_table(lines, "table1")
  add_table(lines, "table2")
  assert(ms.sys.write_file(folder .. "/findings.txt", table.concat(lines, "\n") .. "\n"))
end

for _, name in ipairs { "table1", "table2", "figure2" } do render(name) end
copy()
local list = trainings()
write_runs(list)
write_findings(list)
