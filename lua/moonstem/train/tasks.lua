--- What a run learns: tasks for the loop (loop.lua says what a task is).
local ms = require "moonstem"
local options_of = require "moonstem.data.options"

local M = {}

-- ---- stage 1: separation -------------------------------------------------------------------
local Separation = {}
Separation.__index = Separation

function Separation:batch(step)
  local batch = self.mixes[step + 1]
  return batch.rows, batch
end

function Separation.loss(_, model, waves, batch)
  local mixtures, targets = batch:split(waves)
  return ms.loss.l1(model(mixtures), targets)
end

function Separation:validate(model)
  return ms.evaluate.separation_loss(model, self.valid, { scored = self.scored })
end

--- L1 of waveforms on additive mixes of songs (facts 4.1); validation on un-augmented held-out segments of 384 frames.
-- dataset: of kind "songs", best packed. options: { source = "vocals", ... or "all", batch = 8, seed = 1,
--   frames = 384 of a training crop, valid = most validation segments (all; spread evenly), scored = validation
--   batches whose SI-SDR is measured too (0), variant, mixing, bass_twice = as ms.data.mixes takes }. Returns the
--   task, or nil and a sentence (too few segments).
function M.separation(dataset, options)
  local o = options_of(options, "tasks.separation",
    { source = "vocals", batch = 8, seed = 1, frames = 384, valid = false, scored = 0,
      variant = "paper", mixing = "additive", bass_twice = false })
  local samples = (o.frames - 1) * 160 + 512
  local mixes, why = ms.data.mixes(dataset, o.source, { batch = o.batch, seed = o.seed, samples = samples,
    variant = o.variant, mixing = o.mixing, bass_twice = o.bass_twice })
  if not mixes then return nil, why end
  local valid
  valid, why = ms.data.mixes(dataset, o.source, { batch = o.batch, seed = o.seed, split = "valid" })
  if not valid then return nil, why end
  if o.valid then valid = ms.evaluate.spread(valid, -(-o.valid // o.batch)) end
  return setmetatable({ mixes = mixes, valid = valid, scored = o.scored,
    feed = { samples = samples, transform = "wave" } }, Separation)
end

-- ---- stages 2 and 3: tags and genres -------------------------------------------------------
local Tagging = {}
Tagging.__index = Tagging

-- The batches of an epoch (from 1); the last one asked for is kept.
function Tagging:epoch(number)
  if self.planned ~= number then
    local o = self.options
    self.batches = assert(ms.data.tag_batches(self.dataset, "train",
      { batch = o.batch, frames = o.frames, seed = o.seed, epoch = number }))
    self.planned = number
  end
  return self.batches
end

function Tagging:batch(step)
  local batch = self:epoch(step // self.steps_per_epoch + 1)[step % self.steps_per_epoch + 1]
  return batch.rows, batch
end

function Tagging:loss(model, magnitude, batch)
  return ms.evaluate.tagging_loss(self.dataset.kind, model(magnitude), batch.targets)
end

function Tagging:validate(model)
  return ms.evaluate.slice_loss(model, self.dataset, "valid", { frames = self.options.frames })
end

--- Cross-entropy of tags or genres on one random crop per clip and epoch (facts 4.2); validation on
-- non-overlapping slices. dataset: of kind "tags" or "genres", best packed.
-- options: { batch = 16, frames = 384, seed = 1 }. Returns the task, or nil and a sentence (short clips).
function M.tagging(dataset, options)
  local o = options_of(options, "tasks.tagging", { batch = 16, frames = 384, seed = 1 })
  local first, why = ms.data.tag_batches(dataset, "train",
    { batch = o.batch, frames = o.frames, seed = o.seed, epoch = 1 })
  if not first then return nil, why end
  return setmetatable({ dataset = dataset, options = o, steps_per_epoch = #first, kind = dataset.kind,
    classes = dataset.classes,
    feed = { samples = (o.frames - 1) * 160 + 512, transform = "magnitude" } }, Tagging)
end

return M
