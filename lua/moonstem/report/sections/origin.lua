--- What runs were made with: settings, data, machine, command lines.
local groups = require "moonstem.report.groups"
local losses = require "moonstem.report.losses"
local settings = require "moonstem.report.settings"

local M = {}

local TOGETHER = 6 -- runs whose settings stand beside each other

-- ---- settings --------------------------------------------------------------------------------
-- Settings of several runs: names in order of appearance, and by name the list of values.
local function gathered(runs)
  local names, values = {}, {}
  for r, run in ipairs(runs) do
    for _, row in ipairs(settings.rows(run.settings or {})) do
      if not values[row[1]] then values[row[1]], names[#names + 1] = {}, row[1] end
      values[row[1]][r] = row[2]
    end
  end
  return names, values
end

local function all_equal(list, n)
  for r = 2, n do
    if list[r] ~= list[1] then return false end
  end
  return list[1] ~= nil
end

-- Rows of what differs, and of what is the same in all runs.
local function apart(runs)
  local names, values = gathered(runs)
  local different, same = {}, {}
  for _, name in ipairs(names) do
    if all_equal(values[name], #runs) then same[#same + 1] = { name, values[name][1] }
    else
      local row = { name }
      for r = 1, #runs do row[r + 1] = values[name][r] or "-" end
      different[#different + 1] = row
    end
  end
  return different, same
end

local function labels_of(runs)
  local list = { "setting" }
  for i, run in ipairs(runs) do list[i + 1] = run.label end
  return list
end

local function add_json(doc, new, runs)
  local inside = new()
  for _, run in ipairs(runs) do
    if #runs > 1 then inside:paragraph { text = run.label } end
    inside:code { text = settings.json(run.settings) }
  end
  doc:fold { title = "All settings as JSON", inside = inside }
end

-- The runs whose settings are shown: all, or one of each setting; and a sentence on the others.
local function chosen(runs)
  if #runs <= TOGETHER then return runs end
  local list, settings_of = {}, groups.of(runs)
  for i = 1, math.min(TOGETHER, #settings_of) do list[i] = settings_of[i].runs[1] end
  return list, ("Of %d of %d runs: the first of %s."):format(#list, #runs,
    #list == #settings_of and "each setting" or ("%d of %d settings"):format(#list, #settings_of))
end

-- Settings of the runs of a kind.
local function add_kind(doc, runs, new)
  local few, words = chosen(runs)
  local different, same = apart(few)
  if words then doc:paragraph { text = words } end
  if #different > 0 then
    doc:table { header = labels_of(few), rows = different, prose = true,
      caption = "What differs." }
  end
  if #same > 0 then
    local inside = #few > 1 and new() or doc
    inside:table { header = { "setting", #few > 1 and "all runs" or "value" }, rows = same,
      prose = true }
    if inside ~= doc then doc:fold { title = "What is the same in all runs", inside = inside } end
  end
  add_json(doc, new, few)
end

local function with_settings(runs)
  local list = {}
  for _, run in ipairs(runs) do
    if type(run.settings) == "table" then list[#list + 1] = run end
  end
  return list
end

local function add_settings(doc, runs, new)
  local kinds, of = losses.grouped(with_settings(runs))
  if #kinds == 0 then return end
  doc:heading { text = "Settings" }
  for _, kind in ipairs(kinds) do
    if #kinds > 1 then doc:heading { text = losses.title(kind), level = 3 } end
    add_kind(doc, of[kind], new)
  end
end

-- ---- machine and data ------------------------------------------------------------------------
-- Those of n texts that there are, with commas; nil without any.
local function joined(n, ...)
  local parts, given = {}, { ... }
  for i = 1, n do parts[#parts + 1] = given[i] end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

local function machine_of(run)
  local m = type(run.machine) == "table" and run.machine or {}
  return joined(2, m.processor, m.cores and ("%d cores"):format(m.cores))
end

local function kernels_of(run)
  local m = type(run.machine) == "table" and run.machine or {}
  return joined(3, m.cpu, m.blas and "OpenBLAS for " .. m.blas,
    m.precision and "products in " .. m.precision)
end

local function data_of(run)
  local r = run.result
  if not r or not r.data then return nil end
  local about = r.dataset and (r.dataset.about or r.dataset.name)
  return ("%ssplit %s%s"):format(about and about .. ", " or "", r.data,
    r.stand_in and ", a stand-in rendered here" or "")
end

local function started_from(run)
  local origin, parts = run.result and run.result.origin, {}
  for name, from in pairs(type(origin) == "table" and origin or {}) do
    parts[#parts + 1] = ("%s from %s"):format(name, tostring(from))
  end
  table.sort(parts)
  return #parts > 0 and table.concat(parts, ", ") or nil
end

-- "2026-01-31 12:00:00" of an ISO date.
local function begun(run)
  return run.started and (run.started:gsub("[TZ]", " "):gsub(" $", "")) or nil
end

local ROWS = {
  { "begun (UTC)", begun },
  { "Moonstem", function(run) return run.moonstem end },
  { "command line", function(run) return run.command end },
  { "processor", machine_of },
  { "kernels", kernels_of },
  { "threads", function(run)
    return type(run.machine) == "table" and run.machine.threads and
      ("%d"):format(run.machine.threads) or nil
  end },
  { "data", data_of },
  { "started from", started_from },
  { "recipe's settings", function(run)
    return run.result and type(run.result.settings) == "string" and run.result.settings or nil
  end },
}

-- The different values of something, each with the number of its runs where there are several.
local function told(runs, value_of)
  local counts, order = {}, {}
  for _, run in ipairs(runs) do
    local text = value_of(run)
    if text and not counts[text] then counts[text], order[#order + 1] = 0, text end
    if text then counts[text] = counts[text] + 1 end
  end
  if #order < 2 then return order end
  for i, text in ipairs(order) do
    order[i] = ("%s (%d %s)"):format(text, counts[text], counts[text] == 1 and "run" or "runs")
  end
  return order
end

local function range_of(list)
  table.sort(list)
  return #list < 3 and list or { ("%s to %s"):format(list[1], list[#list]) }
end

local function dates(runs)
  local list, seen = {}, {}
  for _, run in ipairs(runs) do
    local text = begun(run)
    if text and not seen[text] then list[#list + 1], seen[text] = text, true end
  end
  return range_of(list)
end

local function add_machine(doc, runs)
  local rows = {}
  for i, row in ipairs(ROWS) do
    local list = i == 1 and dates(runs) or told(runs, row[2])
    for k, text in ipairs(list) do rows[#rows + 1] = { k == 1 and row[1] or "", text } end
  end
  if #rows == 0 then return end
  doc:heading { text = "Where this comes from" }
  doc:table { header = { "what", "value" }, rows = rows, prose = true }
end

-- ---- clips that were left out ----------------------------------------------------------------
local function datasets_of(runs)
  local list, seen = {}, {}
  for _, run in ipairs(runs) do
    local dataset = run.result and run.result.dataset
    local key = dataset and (dataset.name or "") .. "\0" .. (run.result.data or "")
    if key and not seen[key] then list[#list + 1], seen[key] = dataset, true end
  end
  return list
end

-- "no clip was left out", "1 clip was left out", ...
local function counted(n)
  if n == 0 then return "no clip was left out" end
  return ("%d %s left out"):format(n, n == 1 and "clip was" or "clips were")
end

local function add_skipped(doc, dataset)
  local rows = {}
  for i, entry in ipairs(dataset.skipped or {}) do rows[i] = { entry.file, entry.reason } end
  local left_out = dataset.left_out or #rows
  doc:paragraph { text = ("%s: %s%s."):format(dataset.name or "data", counted(left_out),
    left_out > #rows and (", the first %d are"):format(#rows) or "") }
  if #rows > 0 then
    doc:table { header = { "file", "why" }, rows = rows, prose = true,
      caption = "Left out of " .. (dataset.name or "the data") }
  end
end

-- The first names of a list, and how many there are.
local function few_of(names)
  if #names <= 3 then return table.concat(names, ", ") end
  return ("%s, ... (%d runs)"):format(table.concat(names, ", ", 1, 3), #names)
end

-- "in no mean of A, B: rock, male (no positives)" for tags without a score, the same runs together.
local function unscored(runs)
  local by_text, order = {}, {}
  for _, run in ipairs(runs) do
    local by_why, whys, parts = {}, {}, {}
    for _, tag in ipairs(run.result and run.result.scores and run.result.scores.left_out or {}) do
      if not by_why[tag.why] then by_why[tag.why], whys[#whys + 1] = {}, tag.why end
      table.insert(by_why[tag.why], tag.name)
    end
    for i, why in ipairs(whys) do
      parts[i] = ("%s (%s)"):format(table.concat(by_why[why], ", "), why)
    end
    local text = table.concat(parts, "; ")
    if text ~= "" and not by_text[text] then by_text[text], order[#order + 1] = {}, text end
    if text ~= "" then table.insert(by_text[text], run.label) end
  end
  for i, text in ipairs(order) do
    local whose = #order > 1 and " of " .. few_of(by_text[text]) or ""
    order[i] = ("tags in no mean%s: %s"):format(whose, text)
  end
  return order
end

-- What data sets say of themselves, and which tags have no score.
local function notes_of(runs, datasets)
  local list = {}
  for _, dataset in ipairs(datasets) do
    for _, note in ipairs(dataset.notes or {}) do
      list[#list + 1] = ("%s: %s"):format(dataset.name, note)
    end
  end
  local tags = unscored(runs)
  return table.move(tags, 1, #tags, #list + 1, list)
end

local function add_data(doc, runs, notes)
  local datasets = datasets_of(runs)
  notes = notes or notes_of(runs, datasets)
  if #datasets + #notes == 0 then return end
  doc:heading { text = "Data" }
  for _, dataset in ipairs(datasets) do add_skipped(doc, dataset) end
  if #notes > 0 then doc:list { items = notes } end
end

--- Adds data, settings, and what runs were made with. new: makes an empty document; notes: on the
-- data, in the place of what the runs' results say of them.
function M.add(doc, runs, new, notes)
  add_data(doc, runs, notes)
  add_settings(doc, runs, new)
  add_machine(doc, runs)
end

return M
