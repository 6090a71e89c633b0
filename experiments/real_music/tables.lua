--- The tables of README.md from separation.json and pretraining.json:
-- moonstem experiments/real_music/tables.lua
local ms = require "moonstem"
local here = arg[0]:match "^(.*)/[^/]*$" or "."

local function load(name) return assert(ms.io.load_json(("%s/%s.json"):format(here, name))) end

-- ---- separation ------------------------------------------------------------------------------
local LEARNT = { "mixture", "stand-ins", "real", "ideal ratio mask" }
local rows = load "separation"

-- Of each test song the mean over seeds of its medians, and the songs' names.
local function values(learnt, tested, source, score)
  local sums, counts, list = {}, {}, {}
  for _, row in ipairs(rows) do
    if row.learnt == learnt and row.tested == tested and row.source == source then
      for _, song in ipairs(row.songs) do
        sums[song.name] = (sums[song.name] or 0) + song[score]
        counts[song.name] = (counts[song.name] or 0) + 1
      end
    end
  end
  for name in pairs(sums) do list[#list + 1] = name end
  table.sort(list)
  local found = {}
  for i, name in ipairs(list) do found[i] = sums[name] / counts[name] end
  return found, list
end

local function median(list) return ms.metrics.summary(list).median end

local function interval(r) return ("%.1f [%.1f, %.1f]"):format(r.value, r.low, r.high) end

local function cell(learnt, tested, source, score)
  local found = ms.statistics.bootstrap((values(learnt, tested, source, score)), median)
  return found and interval(found) or "not run"
end

local function line(cells) print("| " .. table.concat(cells, " | ") .. " |") end

local function separation(tested)
  print(("\nTest songs: %s, %d of them\n"):format(tested, #values("real", tested, "drums", "sdr")))
  line { "learnt from", "drums SI-SDR", "drums SDR", "bass SI-SDR", "bass SDR" }
  line { "---", "---", "---", "---", "---" }
  for _, learnt in ipairs(LEARNT) do
    local cells = { learnt }
    for _, source in ipairs { "drums", "bass" } do
      for _, score in ipairs { "si_sdr", "sdr" } do
        cells[#cells + 1] = cell(learnt, tested, source, score)
      end
    end
    line(cells)
  end
end

-- What songs gain from songs of their own kind, song by song.
local function difference(tested, source, score)
  local other = tested == "real" and "stand-ins" or "real"
  return interval(assert(ms.statistics.bootstrap_difference(values(tested, tested, source, score),
    values(other, tested, source, score), { statistic = median })))
end

for _, tested in ipairs { "stand-ins", "real" } do separation(tested) end
print "\nLearnt from songs of the same kind less learnt from the other kind, the same test songs\n"
line { "test songs", "drums SI-SDR", "drums SDR", "bass SI-SDR", "bass SDR" }
line { "---", "---", "---", "---", "---" }
for _, tested in ipairs { "stand-ins", "real" } do
  line { tested, difference(tested, "drums", "si_sdr"), difference(tested, "drums", "sdr"),
    difference(tested, "bass", "si_sdr"), difference(tested, "bass", "sdr") }
end

-- ---- pre-training ----------------------------------------------------------------------------
local SEEDS, STARTS = 5, { "tail alone", "random U-Net", "stand-ins", "real" }
local scores = load "pretraining"

-- In percent, by seed; false where a run is missing. And those that are there.
local function of(start, score)
  local list, there = {}, {}
  for seed = 1, SEEDS do list[seed] = false end
  for _, row in ipairs(scores) do
    if row.start == start then list[row.seed] = 100 * row[score] end
  end
  for seed = 1, SEEDS do there[#there + 1] = list[seed] or nil end
  return list, there
end

local function mean_of(start, score)
  local _, there = of(start, score)
  local mean, sd = ms.lab.mean_sd(there)
  return ("%.1f ± %.1f"):format(mean, sd), #there
end

print(("\n%d test clips\n"):format(scores[1].clips))
line { "the model begins from", "seeds", "ROC-AUC %", "PR-AUC %" }
line { "---", "---", "---", "---" }
for _, start in ipairs(STARTS) do
  local _, there = of(start, "pr_auc")
  if #there > 1 then
    line { start, tostring(#there), (mean_of(start, "roc_auc")), (mean_of(start, "pr_auc")) }
  end
end

-- Differences of pairs of one seed.
local tests, p = {}, {}
local function compare(start, against)
  local test = ms.statistics.paired_t_test((of(start, "pr_auc")), (of(against, "pr_auc")))
  if test then tests[#tests + 1], p[#p + 1] = { start, against, test }, test.p end
end

for i, start in ipairs(STARTS) do
  for k = 1, i - 1 do compare(start, STARTS[k]) end
end
print()
line { "PR-AUC", "pairs", "difference, 95 % interval", "p", "p after Holm" }
line { "---", "---", "---", "---", "---" }
local adjusted = ms.statistics.holm(p).adjusted
for i, t in ipairs(tests) do
  line { t[1] .. " less " .. t[2], ("%d"):format(t[3].n), ("%.1f [%.1f, %.1f]"):format(
    t[3].difference, t[3].low, t[3].high), ("%.2f"):format(t[3].p), ("%.2f"):format(adjusted[i]) }
end
