--- What a run learns: tasks for the loop (loop.lua says what a task is).
-- A task is a table: whoever wants another loss makes a task and gives it a `loss` of its own
-- (experiments/).
-- Batches are shared by ranks with two more methods: task:clips(rows, extra) tells how many clips a
-- batch has; task:part(rows, extra, cut) gives rows, extra and the weight of the loss for the part
-- of which cut(n) is first, last and count of a batch of n clips.
local augmented = require "moonstem.train.augmented"
local core = require "moonstem.core.tensor"
local batching = require "moonstem.data.batching"
local data = require "moonstem.data"
local distributed = require "moonstem.core.distributed"
local evaluate = require "moonstem.evaluate"
local crop = require "moonstem.audio.crop"
local front = require("moonstem.audio.frontend").paper
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"

local M = {}

-- ---- stage 1: separation -------------------------------------------------------------------
local Separation = {}
Separation.__index = Separation

function Separation:batch(step)
  local batch = self.mixes[step + 1]
  return batch.rows, batch
end

function Separation.clips(_, _, batch) return batch.count end

function Separation.part(_, _, batch, cut)
  local first, last, count = cut(batch.count)
  local part = batch:part(first, last)
  return part.rows, part, count / batch.count
end

function Separation.loss(_, model, waves, batch)
  local mixtures, targets = batch:split(waves)
  return core.loss.l1(model(mixtures), targets)
end

function Separation:validate(model)
  return evaluate.separation_loss(model, self.valid, { scored = self.scored })
end

--- L1 of waveforms on additive mixes of songs (recipes/paper.md#training-the-separator); validation
-- on un-augmented held-out segments of 384 frames. dataset: of kind "songs", best its 16 kHz copies
-- (ms.data.cache).
-- options: { source = "vocals", ... or "all", batch = 8, seed = 1,
--   frames = 384 of a training crop, valid = most validation segments (all; spread evenly), scored
--   = validation
--   batches whose SI-SDR is measured too (0), variant, mixing, bass_twice = as ms.data.mixes takes
--   }. Returns the
--   task, or nil and a sentence (too few segments).
function M.separation(dataset, options)
  local o = options_of(options, "tasks.separation",
    { source = "vocals", batch = options_of.count(8), seed = 1, frames = options_of.count(384),
      valid = options_of.count, scored = 0, variant = "paper", mixing = "additive",
      bass_twice = options_of.flag })
  local samples = front:samples(o.frames)
  local mixes, why = data.mixes(dataset, o.source, { batch = o.batch, seed = o.seed,
    samples = samples,
    variant = o.variant, mixing = o.mixing, bass_twice = o.bass_twice })
  if not mixes then return nil, why end
  local valid
  valid, why = data.mixes(dataset, o.source, { batch = o.batch, seed = o.seed, split = "valid" })
  if not valid then return nil, why end
  if o.valid then valid = evaluate.evenly_spaced(valid, -(-o.valid // o.batch)) end
  return setmetatable({ mixes = mixes, valid = valid, scored = o.scored, options = o,
    feed = { samples = samples, transform = "wave" } }, Separation)
end

-- ---- stages 2 and 3: tags and genres -------------------------------------------------------
local Tagging = {}
Tagging.__index = Tagging

-- The batches of an epoch (from 1); the last one asked for is kept.
function Tagging:epoch(number)
  if self.planned ~= number then
    local o = self.options
    self.batches = assert(data.tag_batches(self.dataset, "train",
      { batch = o.batch, frames = o.frames, samples = o.samples, seed = o.seed, epoch = number }))
    self.planned = number
  end
  return self.batches
end

function Tagging:batch(step)
  local epoch, number = step // self.steps_per_epoch + 1, step % self.steps_per_epoch + 1
  local batch = self:epoch(epoch)[number]
  batch.epoch, batch.number = epoch, number
  return batch.rows, batch
end

function Tagging.clips(_, _, batch) return #batch.items end

function Tagging:part(rows, batch, cut)
  if self.augment and self.augment:has "mix" then
    error("augment: effects that mix the clips of a batch need it as a whole; leave them out, or "
      .. "train in one process without micro_batch", 0)
  end
  local first, last, count = cut(#rows)
  local items = table.move(batch.items, first, last, 1, {})
  rows = table.move(rows, first, last, 1, {})
  return rows, batching.batch(self.dataset, items, { rows = rows, items = items,
    epoch = batch.epoch, number = batch.number }), count / #batch.items
end

function Tagging:loss(model, x, batch)
  if self.augment then return augmented.loss(self, model, x, batch) end
  return evaluate.tagging_loss(self.dataset.kind, model(x), batch.targets)
end

function Tagging:validate(model)
  return evaluate.slice_loss(model, self.dataset, "valid",
    { frames = self.options.frames, samples = self.options.samples })
end

--- Cross-entropy of tags or genres on one random crop per clip and epoch
-- (recipes/paper.md#training-the-cnn); validation on non-overlapping slices. dataset: of kind
-- "tags" or "genres", best its 16 kHz copies (ms.data.cache).
-- options: { batch = 16, frames = 384, or samples = n for models of waves, seed = 1, augment = an
--   augmentation of training clips, or its list of effects (ms.audio.augment) }. Returns the task,
--   or nil and a sentence (short clips).
function M.tagging(dataset, options)
  local o = options_of(options, "tasks.tagging", options_of.merge(crop.OPTIONS,
    { batch = options_of.count(16), seed = 1, augment = options_of.table }))
  local size = crop.of(o, "tasks.tagging")
  local augment = augmented.of(o.augment, size.transform)
  o.augment = augment and augment:settings()
  local first, why = data.tag_batches(dataset, "train",
    { batch = o.batch, frames = o.frames, samples = o.samples, seed = o.seed, epoch = 1 })
  if not first then return nil, why end
  local valid -- a clip too short for a slice is told now, not after the first epoch
  valid, why = data.slices(dataset, "valid", { frames = o.frames, samples = o.samples,
    hop = size.size })
  if not valid then return nil, why end
  return setmetatable({ dataset = dataset, options = o, steps_per_epoch = #first,
    kind = dataset.kind, classes = dataset.classes, augment = augment, sees = size.transform,
    place = augment and augmented.places(dataset),
    feed = { samples = size.samples, transform = augmented.transform(augment, size.transform) } },
    Tagging)
end

-- ---- several at once -----------------------------------------------------------------------
local Combined = {}
Combined.__index = Combined

function Combined:batch(step)
  local rows, pieces = {}, {}
  for i, part in ipairs(self.parts) do
    local mine, extra = part.task:batch(step)
    pieces[i] = { first = #rows + 1, last = #rows + #mine, extra = extra }
    table.move(mine, 1, #mine, #rows + 1, rows)
  end
  return rows, pieces
end

function Combined:clips(rows, pieces)
  return self.main:clips(rows, pieces[1].extra)
end

-- Each task's own part: its loss counts as the clips among its own do.
function Combined:part(rows, pieces, cut)
  local all, list = {}, {}
  for i, part in ipairs(self.parts) do
    local p = pieces[i]
    local its = table.move(rows, p.first, p.last, 1, {})
    local mine, extra, weight = part.task:part(its, p.extra, cut)
    local n = part.task:clips(its, p.extra)
    list[i] = { first = #all + 1, last = #all + #mine, extra = extra, weight = weight,
      share = table.pack(cut(n)), clips = n }
    table.move(mine, 1, #mine, #all + 1, all)
  end
  return all, list, 1
end

-- What a piece of a shared batch is of the whole, for layers that look at the whole.
local function cut_share(piece)
  local share = piece.share
  if share then distributed.cut_share(share[1], share[3], piece.clips) end
end

function Combined:loss(model, waves, pieces)
  local total
  for i, part in ipairs(self.parts) do
    cut_share(pieces[i])
    local mine = waves:slice(1, pieces[i].first, pieces[i].last)
    if part.task.feed.transform == "magnitude" then mine = mine:magnitude() end
    local loss = part.task:loss(part.model or model, mine, pieces[i].extra)
      * ((part.weight or 1) * (pieces[i].weight or 1))
    total = total and total + loss or loss
  end
  cut_share(pieces[1])
  return total
end

function Combined:validate(model)
  return self.main:validate(model)
end

local PART = { task = options_of.table, weight = options_of.number,
  model = options_of.either(options_of.table, options_of.callable) }

--- ms.train.combined_task{ { task =, weight = 1, model = the run's }, ... } -> task
-- Several tasks at every step, their losses weighted and summed: tags and separation of one U-Net,
-- say, where the separation's `model` is a separator around the tagger's U-Net. The first task is
-- the main one: it validates, says how long an epoch is, and calibration looks at its batches alone
-- (without calibration the running statistics are of all tasks' batches). Raises unless all crops
-- have the same number of samples.
function M.combined(parts)
  local main = parts[1] and parts[1].task
  if not main then error("combined_task: a list of { task =, weight =, model = } is needed", 2) end
  local options = {} -- for the record of a run
  for i, part in ipairs(parts) do
    options_of.check(part, ("combined_task: task %d"):format(i), PART)
    options[i] = { task = part.task and part.task.options, weight = part.weight or 1 }
    local own = part.task and part.task.feed and part.task.feed.samples
    if own ~= main.feed.samples then
      error(("combined_task: crops of task %d have %s samples, those of task 1 have %d; give "
        .. "both the same frames")
        :format(i, tostring(own or "no"), main.feed.samples), 2)
    end
  end
  return setmetatable({ parts = parts, main = main, options = options,
    steps_per_epoch = main.steps_per_epoch,
    kind = main.kind, classes = main.classes,
    feed = { samples = main.feed.samples, transform = "wave" } }, Combined)
end

for _, class in ipairs { Separation, Tagging, Combined } do
  strict.class(class, "task", { "names", "kind", "classes", "source", "main", "valid", "planned",
    "batches", "augment", "place", "steps_per_epoch" })
end

return M
