--- Which crops of which clips make a training batch, and which slices make an evaluation.
local core = require "moonstem.core.tensor"
local front = require("moonstem.audio.frontend").paper
local options_of = require "moonstem.options"
local batching = require "moonstem.data.batching"
local crop = require "moonstem.audio.crop"

local M = {}

-- Lengths of all items, in frames or samples; or nil and a message that names a clip too short for
-- one crop.
local function lengths(items, size, who)
  local list = {}
  for i, item in ipairs(items) do
    local samples, why = batching.length(item)
    if not samples then return nil, ("%s: %s"):format(who, why) end
    list[i] = crop.length(size, samples)
    if list[i] < size.size then
      return nil, ("%s: %s has %d %s but a crop has %d; dataset:check{seconds_min = %.3f} "
        .. "leaves short clips out"):format(who, item.path, list[i], size.noun, size.size,
          size.samples / front.rate)
    end
  end
  return list
end

--- ms.data.tag_batches(dataset, split, {batch =, frames =, seed =, epoch =}) -> list
-- The training batches of an epoch: every clip once, in shuffled order, one random crop each, its
-- start = floor(u (T - frames)) frames of T (recipes/paper.md#training-the-cnn).
-- options: { batch = 16, frames = 384, seed = 1, epoch = 1 }, or samples = n in place of frames,
-- for models of waves, whose crops start at any sample. A last smaller batch is kept when it has 2
-- clips or more (batch norm needs them).
-- Returns a list (# and ipairs work; entry k is worked out when asked for) of
--   { rows = for feed:push, items = list, targets = (N x C) of 0/1 or (N) classes from 1 };
-- targets is made anew at each access and belongs to the scope there. Order,
-- crops and batches depend on seed, epoch and the split alone. nil and a message
-- when a clip is too short or too few are there.
function M.tag_batches(dataset, split, options)
  local who = "tag_batches"
  local given = options_of(options, who,
    options_of.merge(crop.OPTIONS, { batch = options_of.count(16), seed = 1, epoch = 1 }))
  local size = crop.of(given, who)
  batching.need_labels(dataset, who)
  local items = dataset:items(split)
  local total, why = lengths(items, size, who)
  if not total then return nil, why end
  local count = #items // given.batch + (#items % given.batch >= 2 and 1 or 0)
  if count == 0 then
    return nil, ("%s: the %s split has %d clips, too few for a batch"):format(who, split, #items)
  end
  local order = core.random.shuffle(given.seed, "order", given.epoch, #items)
  local function row(i)
    local u = core.random.uniform(given.seed, "crop", given.epoch, i)
    local place = math.floor(u * (total[i] - size.size))
    return { { path = items[i].path, start = place * size.unit, weight = 1 } }
  end
  return batching.list(count, function(k)
    local rows, chosen = {}, {}
    for n = (k - 1) * given.batch + 1, math.min(k * given.batch, #items) do
      rows[#rows + 1], chosen[#chosen + 1] = row(order[n]), items[order[n]]
    end
    return batching.batch(dataset, chosen, { rows = rows, items = chosen })
  end)
end

--- ms.data.slices(dataset, split, {frames =, hop =}) -> list
-- The slices of every clip of a split, at frames 0, hop, 2 hop ...; what is left over is dropped.
-- options: { frames = 384, hop = frames / 2 (evaluation, recipes/paper.md#inference-and-metrics);
--   hop = frames gives the non-overlapping slices of the validation loss
--   (recipes/paper.md#training-the-cnn) }, or samples = n and hop in samples
-- Returns a list with one entry a clip (as tag_batches) of
--   { rows = n slices for feed:push, item=, target = 0/1 list or class number,
--     targets = the clip's target n times: (n x C) or (n) },  n = 1 + floor((T - frames) / hop).
-- nil and a message when a clip is too short or the split is empty.
function M.slices(dataset, split, options)
  local who = "slices"
  local given = options_of(options, who,
    options_of.merge(crop.OPTIONS, { hop = options_of.count }))
  local size = crop.of(given, who)
  batching.need_labels(dataset, who)
  local hop = given.hop or math.max(1, size.size // 2)
  local items = dataset:items(split)
  if #items == 0 then return nil, ("%s: the %s split has no clips"):format(who, split) end
  local total, why = lengths(items, size, who)
  if not total then return nil, why end
  return batching.list(#items, function(k)
    local item, rows, repeated = items[k], {}, {}
    for place = 0, total[k] - size.size, hop do
      rows[#rows + 1] = { { path = item.path, start = place * size.unit, weight = 1 } }
      repeated[#repeated + 1] = item
    end
    return batching.batch(dataset, repeated,
      { rows = rows, item = item, target = batching.target(dataset, item) })
  end)
end

return M
