--- Folders of runs as training leaves them, made of numbers drawn from a seed: for tests of
-- reports.
local ms = require "moonstem"
local data_tools = require "data_tools"
local example = require "moonstem.report.example"
local predictions = require "moonstem.metrics.predictions"

local M = {}

M.TAGS = { "guitar", "female vocal", "slow & sad", "<b>bold</b>" }
M.GENRES = { "Rock", "Folk", "Old-Time / Historic" }

local function draw(name, k, n) return ms.random.integer(7, name, 0, k, n) end

local function settings(dir, task)
  assert(ms.sys.mkdir(dir))
  assert(ms.io.save_json(dir .. "/settings.json", { moonstem = "9.8.7", lua = "Lua 5.4",
    started = "2026-02-03T04:05:06Z", command = "moonstem train.lua --lr 3e-4",
    machine = { cores = 2, cpu = "avx2", blas = "Haswell", threads = 2, precision = "f32",
      host = "a-host", processor = "A Processor 3000" },
    asked = { task = task, seed = 1, schedule = { batch = 8, phases = { { lr = 3e-4,
      epsilon = 1e-7, optimizer = "adam" } } }, model = { defined = "tail_only",
      options = { widths = { 8, 8, 16 }, tail = { defined = "cnn_tail",
        options = { hidden = 32 } } } } } }))
end

-- `count` validations with losses that fall from `first`.
local function metrics(dir, count, first, improvement)
  for i = 1, count do
    assert(ms.io.append_json_line(dir .. "/metrics.jsonl", { step = 10 * i, lr = 3e-4,
      train_loss = 1.1 * first / i, valid_loss = first / i, valid_improvement = improvement
      and 0.5 * i or nil }))
  end
end

local function result(dir, o, kind, scores, more)
  local record = { name = o.name, scores = scores, options = { seed = o.seed or 1 },
    data = kind == "songs" and "c0ffee" or "deadbeef", stand_in = o.stand_in, seconds = 61,
    steps = 50, parameters = 1234567, dataset = { name = "the <data>", kind = kind,
      about = "the <data>: 12 clips", notes = { "no training clip has slow & sad" },
      skipped = { { file = 'bad "one".mp3', reason = "not audio" } }, left_out = 1 } }
  for key, value in pairs(more or {}) do record[key] = value end
  assert(ms.io.save_json(dir .. "/result.json", record))
end

-- Scores that agree with the truth as often as `good` of 10.
local function guesses(truth, name, good)
  local scores = {}
  for i, labels in ipairs(truth) do
    scores[i] = {}
    for c, label in ipairs(labels) do
      local noise = draw(name .. c, i, 1000) / 1000
      scores[i][c] = draw(name .. c .. "?", i, 10) <= good and (label + noise) / 2 or noise
    end
  end
  return scores
end

local function items_of(n)
  local items = {}
  for i = 1, n do items[i] = { id = "clip" .. i } end
  return items
end

--- A finished tagger. o: { name =, seed =, good = of 10, stand_in = }.
function M.tagger(dir, o)
  settings(dir, { batch = 8, frames = 384 })
  metrics(dir, 5, 0.6)
  local truths = {}
  for i = 1, 24 do
    truths[i] = {}
    for c = 1, #M.TAGS do truths[i][c] = draw("truth" .. c, i, 3) == 1 and 1 or 0 end
  end
  local scores = guesses(truths, o.name .. (o.seed or 1), o.good or 8)
  local roc, of_roc = ms.metrics.roc_auc(scores, truths)
  local pr, of_pr = ms.metrics.average_precision(scores, truths)
  local per_tag = {}
  for c, tag in ipairs(M.TAGS) do
    per_tag[c] = { name = tag, roc_auc = of_roc.each[c], pr_auc = of_pr.each[c] }
  end
  assert(predictions.write(dir .. "/predictions.safetensors", { scores = scores, truths = truths,
    items = items_of(24) }, { kind = "tags", classes = M.TAGS }))
  result(dir, o, "tags", { roc_auc = roc, pr_auc = pr, clips = 24, tags = 4, per_tag = per_tag,
    left_out = { { name = "choir", why = "no positives" } } }, { origin = { unet = "vocals" } })
  return dir
end

--- A finished genre classifier that takes every third clip for the next genre. o: { name = }.
function M.genres(dir, o)
  settings(dir, { batch = 8, frames = 384 })
  metrics(dir, 5, 1.1)
  local scores, truths = {}, {}
  for i = 1, 18 do
    truths[i] = i % 3 + 1
    local guess = i <= 6 and truths[i] % 3 + 1 or truths[i]
    scores[i] = { 0.1, 0.1, 0.1 }
    scores[i][guess] = 0.8
  end
  assert(predictions.write(dir .. "/predictions.safetensors", { scores = scores, truths = truths,
    items = items_of(18) }, { kind = "genres", classes = M.GENRES }))
  result(dir, o, "genres", { accuracy = 12 / 18, clips = 18 })
  return dir
end

--- A separator that gives back half of the mixture.
M.half = setmetatable({ eval = function() end }, { __call = function(_, waves)
  return (waves * 0.5):reshape { waves:size(1), 1, waves:size(2) }
end })

--- A finished separator of vocals, with its example. o: { name = }.
function M.separator(dir, o)
  settings(dir, { batch = 2, source = "vocals" })
  metrics(dir, 5, 0.05, true)
  local song = dir .. "-song"
  data_tools.song(song, 4)
  local dataset = { items = function()
    local stems = { mixture = song .. "/mixture.wav" }
    for _, stem in ipairs(data_tools.STEMS) do stems[stem] = ("%s/%s.wav"):format(song, stem) end
    return { { id = "one", name = "A <song> & more", stems = stems } }
  end }
  assert(example.keep(dir, M.half, dataset, "vocals"))
  data_tools.remove(song)
  result(dir, o, "songs", { si_sdr = 5.421, improvement = 5.53, segments = 49, silent = 0,
    unmixed = 0, perfect = 0, not_finite = 0 })
  return dir
end

--- A run that was begun.
function M.unfinished(dir)
  settings(dir, { batch = 8, frames = 384 })
  metrics(dir, 2, 0.7)
  return dir
end

return M
