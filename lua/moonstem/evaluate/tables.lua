--- Predictions of clips as tables for other programs: comma-separated values, or JSON lines.
local core_io = require "moonstem.core.io"
local csv = require "moonstem.data.csv"
local sys = require "moonstem.core.sys"

local M = {}

-- Names of what is true of clip i: all its tags, or its class.
local function truth(p, i)
  if p.kind ~= "tags" then return { p.classes[p.truths[i]] } end
  local names = {}
  for c, name in ipairs(p.classes) do
    if p.truths[i][c] == 1 then names[#names + 1] = name end
  end
  return names
end

local function as_csv(p)
  local lines = { csv.cells({ "id", "truth", table.unpack(p.classes) }, #p.classes + 2) }
  for i, id in ipairs(p.items) do
    local values = { id, table.concat(truth(p, i), "|"), table.unpack(p.scores[i]) }
    lines[i + 1] = csv.cells(values, #p.classes + 2, { digits = 9 })
  end
  return table.concat(lines)
end

local function as_json_lines(p)
  local lines = {}
  for i, id in ipairs(p.items) do
    local scores = {}
    for c, name in ipairs(p.classes) do scores[name] = p.scores[i][c] end
    local is_tags = p.kind == "tags"
    lines[i] = core_io.json_encode { id = id, scores = scores,
      truth = is_tags and core_io.list(truth(p, i)) or truth(p, i)[1] } .. "\n"
  end
  return table.concat(lines)
end

local FORMS = { csv = as_csv, jsonl = as_json_lines }

--- tables.write(path, p) -> true, or nil and a message; path ends in .csv or .jsonl
-- p: { kind =, classes =, items = ids, scores =, truths = } as metrics/predictions.lua reads them.
function M.write(path, p)
  local form = FORMS[path:match "%.(%w+)$"]
  if not form then return nil, path .. ": a name that ends in .csv or .jsonl is needed" end
  return sys.write_file(path, form(p))
end

--- ms.evaluate.save_predictions(path, predicted, dataset) -> true, or nil and a message
-- Writes what ms.evaluate.predict gave (and ms.evaluate.tags, as its second result) as a table:
-- X.csv, with the columns id, truth (tags with | between them) and the probability of each class;
-- X.jsonl, a line { "id":, "truth":, "scores": { class: probability } } for each clip.
function M.save_predictions(path, predicted, dataset)
  local ids = {}
  for i, item in ipairs(predicted.items) do ids[i] = item.id end
  return M.write(path, { kind = dataset.kind, classes = dataset.classes, items = ids,
    scores = predicted.scores, truths = predicted.truths })
end

return M
