--- Additive mixing for the separators: which segments of which songs make an example
-- (recipes/paper.md#training-the-separator).
-- Every song is cut into segments of 6 s, one every 3 s. An example for a source
-- adds two segments of that source to two of other accompaniments (mixture minus
-- stem), all at the same random offset; for bass one and one; for all sources at
-- once two of vocals, other, drums and one of bass.
local core = require "moonstem.core.tensor"
local front = require("moonstem.audio.frontend").paper
local options_of = require "moonstem.options"
local batching = require "moonstem.data.batching"

local M = {}

local SEGMENT, STEP = 6 * front.rate, 3 * front.rate
local SOURCES = { "vocals", "other", "drums", "bass" } -- the order of the separators' outputs
local COPIES = { vocals = 2, other = 2, drums = 2, bass = 1 }

-- Sources asked for: one, or all four for "all".
local function sources_of(source)
  if source == "all" then return SOURCES end
  if COPIES[source] then return { source } end
  error(("mixes: source must be vocals, other, drums, bass or all, got %s")
    :format(tostring(source)), 0)
end

--- ms.data.segments(dataset, split) -> list
-- The segments of a split: a list of { song =, start = sample at 16 kHz }, for i = 0, 3, 6 ... s
-- while i < length - 6 s, where the shortest stem counts.
-- nil and a message when a file cannot be opened.
function M.segments(dataset, split)
  local list = {}
  for _, song in ipairs(dataset:items(split)) do
    local samples, why = batching.length(song)
    if not samples then return nil, "mixes: " .. why end
    for start = 0, samples - SEGMENT - 1, STEP do
      list[#list + 1] = { song = song, start = start }
    end
  end
  return list
end

-- Adds a stem of a segment, cropped at `offset`, to a row.
local function add(row, segment, stem, offset, weight)
  local song = segment.song
  row[#row + 1] = { path = song.stems[stem], stream = song.streams and song.streams[stem],
    start = segment.start + offset, weight = weight }
end

-- `count` different numbers of 1..n, where draw(k, m) is uniform over 1..m.
local function different(count, n, draw)
  local ascending, list = {}, {}
  for k = 1, count do
    local pick, at = draw(k, n - k + 1), 1
    while ascending[at] and pick >= ascending[at] do pick, at = pick + 1, at + 1 end
    table.insert(ascending, at, pick)
    list[k] = pick
  end
  return list
end

-- What an example is made of: how many segments, and a list of parts, { segment = its place among
-- them, stem =, weight = in the mixture (0: it is not in there), target = of which
-- source, or nil }. One source: v1 + v2 against v1 + v2 + a1 + a2, where an
-- accompaniment a is mixture minus stem. All: the mixture is the sum of seven segments.
-- Without mixing: a whole segment against its own stems.
local function parts_of(sources, given)
  local parts, n = {}, 0
  local function part(segment, stem, weight, target)
    parts[#parts + 1] = { segment = segment, stem = stem, weight = weight, target = target }
  end
  if given.mixing == "none" then
    part(1, "mixture", 1)
    for s, source in ipairs(sources) do part(1, source, 0, s) end
    return 1, parts
  end
  for s, source in ipairs(sources) do
    for _ = 1, #sources == 1 and given.bass_twice and 2 or COPIES[source] do
      n = n + 1
      part(n, source, 1, s)
    end
  end
  if #sources > 1 then return n, parts end
  for k = n + 1, 2 * n do
    part(k, "mixture", 1)
    part(k, sources[1], -1)
  end
  return 2 * n, parts
end

-- The rows of an example of some segments: its mixture's, and those of each source.
local function example_of(parts, sources, segments, offset)
  local mixture, targets = {}, {}
  for s = 1, #sources do targets[s] = {} end
  for _, part in ipairs(parts) do
    local segment = segments[part.segment]
    if part.weight ~= 0 then add(mixture, segment, part.stem, offset, part.weight) end
    if part.target then add(targets[part.target], segment, part.stem, offset, 1) end
  end
  return mixture, targets
end

local Batch = {}
Batch.__index = Batch

--- batch:split(waves) -> mixtures, targets
-- Cuts what the feed gives for batch.rows, (rows, samples), into mixtures (N, samples) and
-- targets (N, S, samples).
function Batch:split(waves)
  local n, samples = self.count, waves:size(2)
  local targets = waves:slice(1, n + 1, n + n * #self.sources)
  return waves:slice(1, 1, n), targets:reshape { n, #self.sources, samples }
end

--- batch:part(first, last) -> the batch of some of its examples
function Batch:part(first, last)
  local rows, n, sources = {}, self.count, #self.sources
  table.move(self.rows, first, last, 1, rows)
  table.move(self.rows, n + (first - 1) * sources + 1, n + last * sources, #rows + 1, rows)
  return setmetatable({ rows = rows, count = last - first + 1, sources = self.sources }, Batch)
end

-- Rows: first the N mixtures, then the targets, example by example and source by source.
local function batch_of(sources, count, example)
  local mixtures, rest = {}, {}
  for e = 1, count do
    local mixture, targets = example(e)
    mixtures[e] = mixture
    table.move(targets, 1, #targets, #rest + 1, rest)
  end
  return setmetatable({ rows = table.move(rest, 1, #rest, count + 1, mixtures), count = count,
    sources = sources }, Batch)
end

-- A function that makes batch `step` of the training.
local function training(sources, segments, given)
  local needed, parts = parts_of(sources, given)
  if #segments < needed then
    return nil, ("mixes: the train split has %d segments of 6 s but an example takes %d different "
      .. "ones"):format(#segments, needed)
  end
  return function(step)
    return batch_of(sources, given.batch, function(e)
      local i = (step - 1) * given.batch + e
      local numbers = different(needed, #segments, function(k, n)
        return core.random.integer(given.seed, "mix", i, k, n)
      end)
      local pick = {}
      for k, number in ipairs(numbers) do pick[k] = segments[number] end
      local u = core.random.uniform(given.seed, "mix crop", i, 0)
      return example_of(parts, sources, pick, math.floor(u * (SEGMENT - given.samples)))
    end)
  end
end

-- The list of a held-out split: each segment once, in order, its crop fixed by the seed.
local function held_out(sources, segments, given)
  local count = (#segments + given.batch - 1) // given.batch
  local _, parts = parts_of(sources, { mixing = "none" })
  return batching.list(count, function(k)
    local first = (k - 1) * given.batch
    return batch_of(sources, math.min(given.batch, #segments - first), function(e)
      local u = core.random.uniform(given.seed, "validation crop", first + e, 0)
      local offset = math.floor(u * (SEGMENT - given.samples))
      return example_of(parts, sources, { segments[first + e] }, offset)
    end)
  end)
end

--- ms.data.mixes(dataset, source, {batch =, seed =, step =, split =, ...}) -> list, or batch `step`
-- Batches for a separator of `source` ("vocals", "other", "drums", "bass", or "all" for the four).
-- dataset: of kind "songs", best its 16 kHz copies (ms.data.cache).
-- options: { batch = 8, seed = 1, samples = 61792 (of a crop), split = "train", step = nil,
--   mixing = "additive" (paper) or "none": whole
--   un-augmented segments, a mixture and its own stems,
--   bass_twice = false (true: two bass segments as in the authors' single-source code),
--   variant = "paper" or "authors", which sets bass_twice }
-- A batch is { rows = for feed:push, count = N, sources = list of S names };
-- rows 1 to N are mixtures, then N x S targets (example by example, vocals
-- other drums bass); batch:split(waves) cuts them.
-- split = "train": additive mixing of different segments; `step` gives the batch of that step
--   (from 1), without it an endless list is returned: list[step].
-- split = "valid" or "test": un-augmented segments, each once; a list of # batches.
-- Returns nil and a message when there are too few segments (songs must be longer than 6 s).
function M.mixes(dataset, source, options)
  local given = options_of(options, "mixes", { batch = options_of.count(8), seed = 1,
    samples = options_of.count(front:samples(384)), split = "train", step = options_of.count,
    mixing = options_of.choice("additive", "none") "additive", bass_twice = options_of.flag,
    variant = options_of.choice("paper", "authors") "paper" })
  if given.variant == "authors" and given.bass_twice == nil then given.bass_twice = true end
  if dataset.kind ~= "songs" then
    error(("mixes: %s holds %s, not songs with stems"):format(dataset.name, dataset.kind), 0)
  end
  if given.samples > SEGMENT then
    error(("mixes: samples must be at most %d, got %d"):format(SEGMENT, given.samples), 0)
  end
  local sources = sources_of(source)
  local segments, why = M.segments(dataset, given.split)
  if not segments then return nil, why end
  if #segments == 0 then
    return nil, ("mixes: the %s split has no song longer than 6 s"):format(given.split)
  end
  local list, make
  if given.split == "train" then
    make, why = training(sources, segments, given)
    if not make then return nil, why end
    list = batching.list(math.maxinteger, make)
  else
    list = held_out(sources, segments, given)
  end
  return given.step and list[given.step] or list
end

return M
