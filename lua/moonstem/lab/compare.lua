--- Two runs beside each other: what they were asked for, what their numbers come from, and what
-- came out, as sums that are equal where every bit is.
local changes = require "moonstem.train.changes"
local core = require "moonstem.core.tensor"
local core_io = require "moonstem.core.io"
local folders = require "moonstem.report.folders"
local identity = require "moonstem.train.identity"
local sealed = require "moonstem.sys.sealed"
local settings = require "moonstem.train.settings"
local sys = require "moonstem.core.sys"

local M = {}

local function sum(bytes) return ("%08x"):format(core_io.crc32c(bytes)) end

-- A sum of the tensors of a file, whatever its metadata say.
local function tensors_of(path)
  local _ <close> = core.scope()
  local state, why = core_io.load_safetensors(path)
  if not state then error(why, 0) end
  local texts = {}
  for name, value in pairs(state) do texts[#texts + 1] = name .. " " .. sum(value:bytes()) end
  table.sort(texts)
  return sum(table.concat(texts, "\n"))
end

-- The scores of a result but the seconds that it took to measure them.
local function scores_in(result)
  local found = {}
  for name, value in pairs(result and result.scores or {}) do
    if name ~= "seconds" then found[name] = value end
  end
  return found
end

local function scores_of(path)
  local record, why = sealed.load(path)
  if not record then error(why, 0) end
  return sum(core_io.json_encode(scores_in(record)))
end

-- What came out of a run, and how it is summed up.
local RESULTS = {
  { "weights", "best.safetensors", tensors_of },
  { "metrics", "metrics.jsonl", function(path) return sum(assert(sys.read_file(path))) end },
  { "predictions", "predictions.safetensors", tensors_of },
  { "scores", "result.json", scores_of },
}

--- What came out of a run: a list of { name =, sum = (nil where there is none) }; or nil and a
-- sentence.
function M.results(dir)
  local list = {}
  for i, result in ipairs(RESULTS) do
    local path, ok, value = dir .. "/" .. result[2], true, nil
    if sys.exists(path) then ok, value = pcall(result[3], path) end
    if not ok then return nil, tostring(value) end
    list[i] = { name = result[1], sum = value }
  end
  return list
end

-- Sums of both that differ, as changes.between lists them.
local function different(a, b)
  local list = {}
  for i, result in ipairs(a) do
    if result.sum ~= b[i].sum then
      list[#list + 1] = { path = result.name, old = result.sum or "nothing",
        new = b[i].sum or "nothing" }
    end
  end
  return list
end

-- The scores of two results that are numbers.
local function scores(a, b)
  local function numbers(result)
    local found = scores_in(result)
    for name, value in pairs(found) do
      if type(value) ~= "number" then found[name] = nil end
    end
    return found
  end
  return changes.between(numbers(a), numbers(b))
end

--- compare.runs(a, b) -> { settings =, inputs =, scores =, results = }, lists of { path =, old =,
-- new = (texts) } of what differs: settings that were asked for; what numbers come from besides
-- (identity.differences); scores; sums of what came out. nil and a sentence.
function M.runs(a, b)
  local found = {}
  for i, dir in ipairs { a, b } do
    local record, why = sealed.load(dir .. "/settings.json")
    local run = record and folders.about(dir)
    local results
    if run then results, why = M.results(dir) end
    if not results then return nil, why end
    found[i] = { record = record, run = run, results = results,
      asked = settings.current(record.asked or {}) }
  end
  local one, two = found[1], found[2]
  return { settings = changes.between(one.asked, two.asked),
    inputs = identity.differences(one.record, two.record, true),
    scores = scores(one.run.result, two.run.result),
    results = different(one.results, two.results) }
end

return M
