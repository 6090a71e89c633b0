--- What the predictions of runs give when their clips are drawn anew: each file is read once, and
-- all runs on the same clips share their resamples.
local statistics = require "moonstem.statistics"
local predictions = require "moonstem.metrics.predictions"

local M = {}

local Files = {}
Files.__index = Files

--- A reader of predictions. options: { resamples =, level =, seed = } of ms.statistics.resamples.
-- per_tag: keeps what every tag gives in every resample (a megabyte for each run).
function M.new(options, per_tag)
  return setmetatable({ options = options, per_tag = per_tag, files = {}, sets = {} }, Files)
end

-- ---- which clips -------------------------------------------------------------------------------
local function equal(a, b)
  if type(a) ~= "table" then return a == b end
  for i = 1, math.max(#a, #b) do
    if a[i] ~= b[i] then return false end
  end
  return true
end

-- Why two files are not of the same clips, classes and labels; nil where they are.
local function difference(a, b)
  if #a.items ~= #b.items then return ("%d and %d clips"):format(#a.items, #b.items) end
  for i, id in ipairs(a.items) do
    if id ~= b.items[i] then
      return ("clip %d is %s in one and %s in the other"):format(i, id, b.items[i])
    end
  end
  if not equal(a.classes, b.classes) then return "other classes" end
  for i, labels in ipairs(a.truths) do
    if not equal(labels, b.truths[i]) then
      return ("clip %s has other labels"):format(a.items[i])
    end
  end
end

--- The message about two sets of clips that are not the same.
function M.unlike(a, b)
  return ("%s and %s are not of the same clips (%s), so they cannot be compared"):format(a.path,
    b.path, difference(a.read, b.read))
end

-- The first file on its clips stands for them, with their resamples.
local function set_of(self, read, path)
  for _, set in ipairs(self.sets) do
    if not difference(set.read, read) then return set end
  end
  local resamples, why = statistics.resamples(#read.items, self.options)
  if not resamples then return nil, why end
  local set = { read = read, path = path, resamples = resamples }
  table.insert(self.sets, set)
  return set
end

-- ---- what a file gives -------------------------------------------------------------------------
local function load(self, path)
  local read, why = predictions.read(path)
  if not read then return nil, why end
  local set, scores
  set, why = set_of(self, read, path)
  if set then scores, why = set.resamples[read.kind](set.resamples, read.scores, read.truths) end
  if not scores then return nil, ("%s: %s"):format(path, why) end
  if not self.per_tag then scores.per_tag = nil end
  return { path = path, set = set, kind = read.kind, scores = scores }
end

--- files:load(path) -> { path =, set = { read = first file on these clips, resamples = }, kind =
-- "tags" or "genres", scores = as of r:tags or r:genres }: the same set for all files on the same
-- clips; or nil and a message.
function Files:load(path)
  if not self.files[path] then self.files[path] = { load(self, path) } end
  return table.unpack(self.files[path])
end

return M
