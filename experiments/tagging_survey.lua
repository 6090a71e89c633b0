-- Which of the eight taggers that Won et al. 2020 compare learns most from the same clips in the
-- same number of steps, at a small size? With Welch's tests of each against the best, corrected
-- after Holm.
--   build/moonstem experiments/tagging_survey.lua [mtat=DIR]
local ms = require "moonstem"
local shared = dofile((arg[0]:match "^.*/" or "") .. "_shared.lua")

local SIZES = { 8, 8, 16, 16, 16, 16, 32 }
local SHORT, LONG = 59049, 80000 -- samples: 3.7 and 5 s

-- Small ones of each kind, and how many samples they see.
local MODELS = {
  fcn = { samples = SHORT, widths = { 16, 32, 32, 32, 32 },
    pools = { { 4, 2 }, { 4, 2 }, { 4, 2 }, { 3, 3 }, { 1, 4 } } },
  musicnn = { frames = 93, filters = 32, hidden = 64, timbral = 32, temporal = 16 },
  sample_cnn = { samples = SHORT, widths = { 16, 16, 16, 32, 32, 32, 32, 32, 32, 64 } },
  crnn = { samples = SHORT },
  short_chunk_cnn = { samples = SHORT, widths = SIZES },
  short_chunk_residual = { samples = SHORT, widths = SIZES, residual = true },
  harmonic_cnn = { samples = LONG, width = 8 },
  self_attention = { samples = LONG, widths = SIZES, hidden = 128 },
}
local NAMES = { "fcn", "musicnn", "sample_cnn", "crnn", "short_chunk_cnn", "short_chunk_residual",
  "harmonic_cnn", "self_attention" }

local experiment = ms.lab.experiment {
  name = "tagging_survey", data = shared.tags, evaluate = { hop = SHORT },
  model = function(o, data)
    local options = { classes = #data.classes, seed = o.seed }
    for key, value in pairs(MODELS[o.tagger]) do options[key] = value end
    return ms.models[o.tagger:gsub("_residual$", "_cnn")](options):init(o.seed)
  end,
  vary = { tagger = NAMES, seed = shared.size({ 1, 2, 3 }, { 1, 2 }) },
  train = shared.schedule(300, 2e-3), score = { "roc_auc", "pr_auc" },
}

-- The scores of every tagger, seed by seed, and the one with the highest mean.
local function by_tagger(results)
  local all, best = {}, nil
  for _, result in ipairs(results) do
    local list = all[result.options.tagger] or {}
    all[result.options.tagger] = list
    list[#list + 1] = result.scores.pr_auc
  end
  for _, name in ipairs(NAMES) do
    local mean = all[name] and ms.lab.mean_sd(all[name])
    if mean and (not best or mean > (ms.lab.mean_sd(all[best]))) then best = name end
  end
  return all, best
end

-- A line for every tagger: how far it lies below the best, and how sure that is.
local function print_tests(results)
  local all, best = by_tagger(results)
  local tests, ps = {}, {}
  for i, name in ipairs(NAMES) do
    tests[i] = name ~= best and all[name] and ms.statistics.welch_t_test(all[best], all[name])
      or false
    ps[i] = tests[i] and tests[i].p or false
  end
  local adjusted = ms.statistics.holm(ps, { family = #NAMES - 1 }).adjusted
  print(("\nPR-AUC of %s less that of the others, 95 %% interval, p after Holm:"):format(best))
  for i, name in ipairs(NAMES) do
    local t = tests[i]
    if t then
      print(("%-22s %.4f  [%.4f, %.4f]  p = %.3f"):format(name, t.difference, t.low, t.high,
        adjusted[i]))
    end
  end
end

local results, why = experiment:run()
if not results then error(why, 0) end
print_tests(results)
