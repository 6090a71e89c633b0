--- The stages of the paper on given data: what quickstart and the tables are made of.
-- A study lives in one folder: corpora/ (where stand-ins are rendered), pack/ (16 kHz copies), one folder per run.
-- Everything is done once: the same calls again find what is there, and go on where an interrupt stopped them.
-- Its methods raise a sentence when the world refuses (a disk is full, Ctrl-C), so that a recipe reads as a list.
local ms = require "moonstem"
local options_of = require "moonstem.data.options"

local Study = {}
Study.__index = Study

local M = {}

-- The real data sets that a stand-in takes the place of.
local SETS = {
  musdb = { corpus = "songs", open = function(dir) return ms.data.musdb18(dir) end },
  mtat = { corpus = "tags", open = function(dir) return ms.data.mtat(dir) end },
  fma = { corpus = "genres", open = function(dir) return ms.data.fma(dir) end },
}

local function must(value, why)
  if value then return value, why end
  error(why, 0)
end

--- ms.lab.study{ out = folder, scale = table (see recipes/scale.lua), seed = 1, data = { musdb = dir, mtat = dir } }
-- Data sets that `data` does not name are rendered as stand-ins of the scale's size.
function M.new(options)
  local o = options_of(options, "study", { out = "runs", scale = false, seed = 1, data = {} })
  if not o.scale then error("study: scale is needed, a table as in recipes/scale.lua", 0) end
  for name in pairs(o.data) do
    if not SETS[name] then error(("study: there is no data set %s; there are musdb, mtat, fma"):format(name), 0) end
  end
  must(ms.sys.mkdir(o.out))
  return setmetatable({ out = o.out, scale = o.scale, seed = o.seed, given = o.data, sets = {}, results = {},
                        started = ms.sys.now() }, Study)
end

-- ---- data ----------------------------------------------------------------------------------
-- Renders the stand-in for a data set, once; its folder.
local function stand_in(self, name)
  local corpus = SETS[name].corpus
  local folder = ("%s/corpora/%s"):format(self.out, corpus)
  local size = self.scale.corpora[corpus]
  local options = { out = folder, seed = self.seed, workers = ms.sys.cpu_count() }
  for key, value in pairs(size) do options[key] = value end
  must(ms.corpora[corpus](options))
  return folder
end

local function packing(name)
  local progress
  return function(done, total)
    progress = progress or ms.sys.progress { label = "packing " .. name, total = total }
    progress:step(done - progress.done)
    if done == total then progress:finish() end
  end
end

--- The data set "musdb", "mtat" or "fma": the real one or its stand-in, checked and packed to 16 kHz mono.
function Study:data(name)
  if self.sets[name] then return self.sets[name] end
  local dir = self.given[name] or stand_in(self, name)
  local opened = must(SETS[name].open(dir))
  local packed = must(ms.data.pack(opened, { cache = self.out .. "/pack", progress = packing(name) }))
  packed.stand_in = not self.given[name]
  self.sets[name] = packed
  return packed
end

-- ---- runs ----------------------------------------------------------------------------------
-- Trains a model in its folder and measures it, or finds both done.
local function stage(self, name, model, task, plan, dataset, measure)
  local dir = ("%s/%s"):format(self.out, name)
  local run = must(ms.train.run { model = model, task = task, plan = plan, out = dir, seed = self.seed, name = name,
    settings = { data = dataset.hash, parameters = model:count() } })
  if run.interrupted then error("interrupted", 0) end
  local path = dir .. "/result.json"
  local scores = ms.sys.exists(path) and must(ms.io.load_json(path)).scores
  if not scores then
    scores = must(measure(model))
    must(ms.io.save_json(path, { options = { seed = self.seed }, scores = scores, data = dataset.hash }))
  end
  local result = { name = name, dir = dir, model = model, scores = scores, seconds = run.seconds, steps = run.steps }
  self.results[#self.results + 1] = result
  return result
end

--- Stage 1: a separator of `source` ("vocals", "bass", "drums", "other", "multi").
-- The result: { name =, dir =, model = separator, scores = { improvement, si_sdr in dB, ... }, seconds =, steps = }.
function Study:separate(source)
  local dataset, o = self:data "musdb", self.scale.separation
  local parts = source == "multi" and "all" or source
  local plan = ms.train.separation { source = source, steps = o.steps, batch = o.batch, rate = o.rate,
    decay_every = o.decay_every, validate_every = o.validate_every, calibrate = o.calibrate }
  local task = must(ms.train.separation_task(dataset, { source = parts, batch = o.batch, seed = self.seed,
    frames = o.frames, valid = o.valid, scored = o.scored }))
  local model = ms.models.separator { sources = source == "multi" and 4 or 1, widths = self.scale.unet.widths,
    seed = self.seed }
  return stage(self, "separate/" .. source, model, task, plan, dataset, function(trained)
    return ms.evaluate.separation(trained, dataset, parts, "test", { segments = o.tested })
  end)
end

-- Stages 2 and 3 on a labelled data set.
local function tagging(self, name, set, model, o)
  local dataset = self:data(set)
  local plan = ms.train.adam_then_sgd { rate = o.rate, rates = o.rates, patience = o.patience, epochs = o.epochs,
    batch = o.batch, calibrate = o.calibrate }
  local task = must(ms.train.tagging_task(dataset, { batch = o.batch, seed = self.seed }))
  return stage(self, name, model, task, plan, dataset, function(trained)
    return ms.evaluate.tags(trained, dataset, "test")
  end)
end

function Study:new_unet(sources)
  return ms.models.unet { sources = sources or 1, widths = self.scale.unet.widths, seed = self.seed }
end

local function tail_options(self, set)
  local tail = self.scale.tail
  return { classes = #self:data(set).classes, widths = tail.widths, hidden = tail.hidden }
end

--- Stage 2: the CNN tail alone, on "mtat" (default) or "fma"; Table I, first row.
function Study:tail(set)
  set = set or "mtat"
  local options = tail_options(self, set)
  options.seed = self.seed
  local model = ms.models.tail_model { tail = ms.models.cnn_tail(options) }
  return tagging(self, "tail/" .. set, set, model, self.scale.tagging)
end

--- Stage 3: U-Net, adaptation module and tail together, all of it trained; Table I, rows 2 to 7.
-- options: { name = of the run, tail = result of stage 2, separator = result of stage 1 (none: a random U-Net),
--   set = "mtat", sources = 1 without a separator }
function Study:joint(options)
  local o = options_of(options, "study.joint", { name = false, tail = false, separator = false, set = "mtat",
    sources = 1 })
  local from = o.separator and o.separator.model
  local unet = self:new_unet(from and from.unet.options.sources or o.sources)
  if from then ms.train.hand_over.unet(from, unet) end
  local tail = tail_options(self, o.set)
  local model = ms.models.tagger { unet = unet, tail = tail, classes = tail.classes, seed = self.seed }
  if o.tail then ms.train.hand_over.tail(o.tail.model, model) end
  local name = o.name or ("joint/%s/%s"):format(o.set, o.separator and o.separator.name:match "[^/]+$" or "random")
  return tagging(self, name, o.set, model, self.scale.joint)
end

-- ---- what there is to say ------------------------------------------------------------------
local function add_data_notes(notes, name, dataset)
  if dataset.stand_in then
    notes[#notes + 1] = ("%s is a stand-in rendered here: its scores must not be set beside published ones.")
      :format(name)
  end
  for _, note in ipairs(dataset.notes or {}) do notes[#notes + 1] = ("%s: %s."):format(name, note) end
  local skipped = dataset:report()
  if #skipped > 0 then notes[#notes + 1] = ("%s: %s."):format(name, (tostring(skipped):gsub("\n%s*", "; "))) end
end

-- Tags that no mean counts, said once for all runs in which they are the same.
local function add_tag_notes(notes, results)
  local runs, order = {}, {}
  for _, result in ipairs(results) do
    local names = {}
    for i, tag in ipairs(result.scores.left_out or {}) do names[i] = ("%s (%s)"):format(tag.name, tag.why) end
    local text = table.concat(names, ", ")
    if not runs[text] then
      runs[text] = {}
      order[#order + 1] = text
    end
    table.insert(runs[text], result.name)
  end
  for _, text in ipairs(order) do
    if text ~= "" then
      notes[#notes + 1] = ("tags in no mean of %s: %s."):format(table.concat(runs[text], ", "), text)
    end
  end
end

--- Notes for the reader of a report: stand-ins, clips left out, tags that no mean counts.
function Study:notes()
  local notes, names = {}, {}
  for name in pairs(self.sets) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do add_data_notes(notes, name, self.sets[name]) end
  add_tag_notes(notes, self.results)
  return notes
end

return M
