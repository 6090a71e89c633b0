--- How far scores of clips can be trusted: intervals over test clips, from the predictions that
-- runs have kept. Each file is read once.
local bootstrap = require "moonstem.report.bootstrap"
local groups = require "moonstem.report.groups"
local sys = require "moonstem.sys"

local Evidence = {}
Evidence.__index = Evidence

local M = {}

--- A reader of the predictions of runs.
function M.new()
  return setmetatable({ files = bootstrap.new({}, true) }, Evidence)
end

--- What a run said of the test clips, as moonstem.report.bootstrap loads it; nil where it has kept
-- nothing, and nil and a sentence where that cannot be used.
function Evidence:of(run)
  local path = run.dir .. "/predictions.safetensors"
  if not sys.exists(path) then return nil end
  return self.files:load(path)
end

--- Sentences about predictions of runs that cannot be used.
function Evidence:problems(runs)
  local list = {}
  for _, run in ipairs(runs) do
    local file, why = self:of(run)
    if not file then list[#list + 1] = why end
  end
  return list
end

-- The resamples of a score of all finished runs of a setting, and the clips that they share; nil
-- where one lacks.
local function all_of(self, group, pick)
  local list, set = {}, nil
  for _, run in ipairs(groups.finished(group)) do
    local file = self:of(run)
    set = set or file and file.set
    local score = file and file.set == set and pick(file)
    if not score then return nil end
    list[#list + 1] = score
  end
  if #list == 0 then return nil end
  return list, set
end

local function named(name) return function(file) return file.scores[name] end end

--- The interval of the mean score of a setting, as of r:interval; nil where there is none.
function Evidence:interval(group, name)
  local list, set = all_of(self, group, named(name))
  return list and set.resamples:interval(list) or nil
end

--- The interval of the difference between two settings that were measured on the same clips.
function Evidence:gain(group, against, name)
  local list, set = all_of(self, group, named(name))
  local others, same = all_of(self, against, named(name))
  if not (list and others and set == same) then return nil end
  return set.resamples:interval(list, others) or nil
end

--- The interval of the score of the tag in a column.
function Evidence:of_tag(group, column, name)
  local list, set = all_of(self, group, function(file)
    return file.scores.per_tag and file.scores.per_tag[column] and
      file.scores.per_tag[column][name] or nil
  end)
  return list and set.resamples:interval(list) or nil
end

--- How many of the test clips of a setting have the tag or genre in each column, and the number of
-- clips; nil where nothing is kept.
function Evidence:positives(group)
  local first = groups.finished(group)[1]
  local file = first and self:of(first)
  if not file then return nil end
  local counts, read = {}, file.set.read
  for c = 1, #read.classes do counts[c] = 0 end
  for _, truth in ipairs(read.truths) do
    if read.kind == "genres" then counts[truth] = counts[truth] + 1
    else
      for c, label in ipairs(truth) do counts[c] = counts[c] + (label > 0 and 1 or 0) end
    end
  end
  return counts, #read.truths, read.classes
end

--- The score that guessing gives, a share: of PR-AUC the mean share of positive clips over the tags
-- that have any and lack some, of ROC-AUC a half, of accuracy the share of the most frequent class.
function Evidence:chance(group, name)
  if name == "roc_auc" then return 0.5 end
  local counts, clips = self:positives(group)
  if not counts then return nil end
  if name == "accuracy" then return math.max(table.unpack(counts)) / clips end
  local sum, tags = 0, 0
  for _, n in ipairs(counts) do
    if n > 0 and n < clips then sum, tags = sum + n / clips, tags + 1 end
  end
  return tags > 0 and sum / tags or nil
end

return M
