--- Scores tag by tag with intervals, and which genres are taken for which others.
local groups = require "moonstem.report.groups"
local losses = require "moonstem.report.losses"
local metrics = require "moonstem.metrics"

local M = {}

local MOST = 4 -- settings beside each other

-- ---- tags ------------------------------------------------------------------------------------
local function scores_by_tag(group)
  local sums, counts = {}, {}
  for _, run in ipairs(groups.finished(group)) do
    for _, tag in ipairs(run.result.scores.per_tag or {}) do
      if tag.pr_auc then
        sums[tag.name] = (sums[tag.name] or 0) + tag.pr_auc
        counts[tag.name] = (counts[tag.name] or 0) + 1
      end
    end
  end
  for name, sum in pairs(sums) do sums[name] = sum / counts[name] end
  return sums
end

-- Names of the tags that any setting has a score of, those with the best score in the first first.
local function ranked(all)
  local names, seen = {}, {}
  for _, by_tag in ipairs(all) do
    for name in pairs(by_tag) do
      if not seen[name] then names[#names + 1], seen[name] = name, true end
    end
  end
  local first = all[1]
  table.sort(names, function(a, b)
    local x, y = first[a] or -1, first[b] or -1
    if x ~= y then return x > y end
    return a < b
  end)
  return names
end

local function places_of(classes)
  local at = {}
  for c, name in ipairs(classes or {}) do at[name] = c end
  return at
end

local function tag_cell(group, value, column, chance, evidence)
  if not value then return "-" end
  local interval = column and evidence:of_tag(group, column, "pr_auc")
  local text = ("%.1f"):format(100 * value)
  if not interval then return { text, value = 100 * value, mark = chance } end
  return { ("%s [%.1f, %.1f]"):format(text, 100 * interval.low, 100 * interval.high),
    value = 100 * value, low = 100 * interval.low, high = 100 * interval.high, mark = chance }
end

local function tag_rows(list, all, evidence)
  local rows = {}
  local counts, clips, classes = evidence:positives(list[1])
  local at = places_of(classes)
  for i, name in ipairs(ranked(all)) do
    local column = at[name]
    local n = column and counts[column]
    rows[i] = { name, n and tostring(n) or "-" }
    for g, group in ipairs(list) do
      table.insert(rows[i], tag_cell(group, all[g][name], column, n and 100 * n / clips, evidence))
    end
  end
  return rows, clips
end

local function add_tags(doc, list, evidence)
  local few = { table.unpack(list, 1, MOST) }
  local all, header, bars = {}, { "tag", "test clips" }, {}
  for g, group in ipairs(few) do
    all[g] = scores_by_tag(group)
    header[#header + 1] = (#few > 1 and group.label .. ", " or "") .. "PR-AUC %"
    bars[#header] = { 0, 100 }
  end
  local rows, clips = tag_rows(few, all, evidence)
  if #rows == 0 then return end
  doc:heading { text = "Tag by tag" }
  doc:table { header = header, rows = rows, bars = bars,
    legend = "Bars from 0 to 100 %; thin line: the interval; upright mark: the share of clips with "
      .. "the tag, which guessing scores.",
    caption = ("PR-AUC of each tag%s, best "
    .. "first. In brackets: 95 %% bootstrap interval over the test clips, where predictions were "
    .. "kept.%s"):format(clips and (" on %d test clips"):format(clips) or "",
      #list > MOST and (" The first %d of %d settings."):format(MOST, #list) or "") }
end

-- ---- genres ----------------------------------------------------------------------------------
local function confusion_rows(confusion, classes)
  local rows = {}
  for c, counts in ipairs(confusion) do
    local total = 0
    for _, n in ipairs(counts) do total = total + n end
    rows[c] = { classes[c] }
    for g, n in ipairs(counts) do
      rows[c][g + 1] = { tostring(n), shade = total > 0 and n / total or 0,
        tip = ("%s taken for %s: %d of %d"):format(classes[c], classes[g], n, total) }
    end
    table.insert(rows[c], total > 0 and ("%.0f %%"):format(100 * counts[c] / total) or "-")
  end
  return rows
end

local function add_confusion(doc, run, evidence, several)
  local file = evidence:of(run)
  if not file or file.kind ~= "genres" then return end
  local read = require "moonstem.metrics.predictions".read(file.path)
  local _, detail = metrics.accuracy(read.scores, read.truths)
  if not detail.confusion then return end
  doc:table { header = { "true genre", table.unpack(read.classes) },
    rows = confusion_rows(detail.confusion, read.classes),
    caption = ("%sRows: the true genre; columns: what the network chose; numbers: test clips. The "
      .. "last column is the share that is right."):format(several and run.label .. ". " or "") }
  table.insert(doc.blocks[#doc.blocks].header, "right")
end

local function add_genres(doc, list, evidence)
  local runs = {}
  for _, group in ipairs(list) do
    for _, run in ipairs(groups.finished(group)) do
      if evidence:of(run) and #runs < MOST then runs[#runs + 1] = run end
    end
  end
  if #runs == 0 then return end
  doc:heading { text = "Which genres are taken for which" }
  for _, run in ipairs(runs) do add_confusion(doc, run, evidence, #runs > 1) end
end

-- The settings of a kind of runs; nil without any.
local function settings_of(runs, kind)
  local _, of = losses.grouped(runs)
  return of[kind] and groups.of(of[kind])
end

--- Adds the scores of taggers tag by tag.
function M.tags(doc, runs, evidence)
  local list = settings_of(runs, "tags")
  if list then add_tags(doc, list, evidence) end
end

--- Adds the confusion matrices of genre classifiers.
function M.genres(doc, runs, evidence)
  local list = settings_of(runs, "genres")
  if list then add_genres(doc, list, evidence) end
end

return M
