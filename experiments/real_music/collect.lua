--- Gathers what experiments on real songs have left in runs/ into separation.json and
-- pretraining.json beside this file: moonstem experiments/real_music/collect.lua
local ms = require "moonstem"
local here = arg[0]:match "^(.*)/[^/]*$" or "."

local function rounded(x) return x and math.floor(x * 1000 + 0.5) / 1000 end

-- Per song the medians over frames; a song in which the source never sounds is left out.
local function medians(songs)
  local list = {}
  for _, song in ipairs(songs) do
    local sdr, si_sdr = ms.metrics.summary(song.sdr[1]), ms.metrics.summary(song.si_sdr[1])
    if sdr and si_sdr then
      list[#list + 1] = { name = song.name, sdr = rounded(sdr.median),
        si_sdr = rounded(si_sdr.median) }
    end
  end
  return list
end

local function results(folder)
  local list = {}
  for _, name in ipairs(ms.sys.list(folder)) do
    local path = ("%s/%s/result.json"):format(folder, name)
    if ms.sys.exists(path) then list[#list + 1] = assert(ms.io.load_json(path)) end
  end
  return list
end

local function save(name, rows)
  table.sort(rows, function(a, b) return a.order < b.order end)
  for _, row in ipairs(rows) do row.order = nil end
  assert(ms.io.save_json(("%s/%s.json"):format(here, name), rows))
  print(("%s.json: %d rows"):format(name, #rows))
end

local rows = {}
local function add(learnt, tested, source, seed, songs)
  rows[#rows + 1] = { learnt = learnt, tested = tested, source = source, seed = seed,
    songs = medians(songs), order = ("%s %s %s %s"):format(tested, source, learnt, seed) }
end
for _, run in ipairs(results "runs/real_separation") do
  for tested, songs in pairs(run.scores.songs) do
    add(run.options.corpus, tested, run.options.source, run.options.seed, songs)
  end
end
for _, limit in ipairs(assert(ms.io.load_json "runs/real_separation/limits.json")) do
  add(limit.name, limit.corpus, limit.source, nil, limit.songs)
end
save("separation", rows)

local scores = {}
for i, run in ipairs(results "runs/real_pretraining") do
  scores[i] = { start = run.options.start, seed = run.options.seed, steps = run.steps,
    roc_auc = run.scores.roc_auc, pr_auc = run.scores.pr_auc, clips = run.scores.clips,
    order = ("%s %d"):format(run.options.start, run.options.seed) }
end
save("pretraining", scores)
