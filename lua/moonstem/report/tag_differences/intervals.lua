--- Bootstrap intervals over clips for differences tag by tag, from the predictions of the runs.
local bootstrap = require "moonstem.report.bootstrap"

-- The predictions of every run that has a partner, by run. nil and a message where one has none; a
-- third result says that they are not of the same clips.
local function load_all(self, files)
  local loaded, first = {}, nil
  local treated = self.groups[1].runs
  for _, key in ipairs(self.baseline.order) do
    for _, run in ipairs(treated[key] and { self.baseline[key], treated[key] } or {}) do
      if not run.predictions then return nil, run.name .. " has no predictions" end
      local file, why = files:load(run.predictions)
      if not file then return nil, why end
      if file.kind ~= "tags" then
        return nil, ("%s: predictions of %s"):format(file.path, file.kind)
      end
      first = first or file
      if file.set ~= first.set then return nil, bootstrap.unlike(first.set, file.set), true end
      loaded[run] = file
    end
  end
  return loaded, first.set
end

-- The weighted mean of what a tag gives in several runs, as it is and in every resample (false
-- where one has no value).
local function combined(runs, weights, loaded, place, score)
  local sum, all = 0.0, {}
  for i, run in ipairs(runs) do
    local tag = loaded[run].scores.per_tag[place][score]
    if not tag then return nil end
    sum = sum + weights[i] * tag.value
    for d, value in ipairs(tag.resampled) do
      all[d] = value and all[d] ~= false and (all[d] or 0.0) + weights[i] * value
    end
  end
  return { value = sum, resampled = all }
end

--- Gives every row of the differences `interval`, of the absolute difference (see
-- ms.statistics.resamples), or all of them `no_intervals`, a message. paired: function(baseline,
-- other, tag) -> runs, runs, weights. true, or nil and a message for runs on different clips.
return function(self, options, paired)
  local loaded, set, different = load_all(self, bootstrap.new(options, true))
  if different then return nil, set end
  if not loaded then
    self.no_intervals = set
    return true
  end
  local place = {}
  for c, name in ipairs(set.read.classes) do place[name] = c end
  self.clips = set.resamples.clips
  for _, row in ipairs(self.rows) do
    local first, second, weights = paired(self.baseline, self.groups[1].runs, row.tag)
    local before = place[row.tag] and combined(first, weights, loaded, place[row.tag], self.score)
    local after = before and combined(second, weights, loaded, place[row.tag], self.score)
    row.interval = after and set.resamples:interval({ after }, { before })
  end
  return true
end
