--- Lists of batches: crops, slices, targets, additive mixing.
local lu = require "luaunit"
local ms = require "moonstem"
local tools = require "data_tools"

local tests = {}

-- ---- plans: batches and slices ----

-- A tag set whose clips claim `seconds` without holding them: plans look at lengths only.
local function claimed(dir, seconds)
  tools.text(dir .. "/annotations_final.csv", tools.annotations(tools.tag_set(dir, 0.1),
    tools.shuffled_columns()))
  local set = assert(ms.data.mtat(dir))
  for _, split in pairs(set.splits) do
    for _, item in ipairs(split) do item.samples = math.floor(seconds * tools.RATE) end
  end
  return set
end

local function starts(batches)
  local list = {}
  for _, batch in ipairs(batches) do
    for i, row in ipairs(batch.rows) do
      list[#list + 1] = batch.items[i].id .. " " .. row[1].start
    end
  end
  return list
end

tests.tag_batches_use_every_clip_once = tools.in_folder(function(dir)
  local set = claimed(dir, 29.12)
  local batches = assert(ms.data.tag_batches(set, "train", { batch = 4, seed = 3, epoch = 1 }))
  lu.assertEquals(#batches, 3)
  lu.assertEquals({ #batches[1].rows, #batches[2].rows, #batches[3].rows }, { 4, 4, 2 })
  lu.assertNil(batches[4])
  local first, seen = starts(batches), {}
  for _, batch in ipairs(batches) do
    for _, item in ipairs(batch.items) do seen[item.id] = (seen[item.id] or 0) + 1 end
    for _, row in ipairs(batch.rows) do
      lu.assertEquals(row[1].start % 160, 0)
      lu.assertTrue(row[1].start >= 0 and row[1].start + 61792 <= 29.12 * tools.RATE)
    end
  end
  for _, item in ipairs(set.splits.train) do lu.assertEquals(seen[item.id], 1) end
  local function again(seed, epoch)
    return starts(ms.data.tag_batches(set, "train", { batch = 4, seed = seed, epoch = epoch }))
  end
  lu.assertEquals(again(3, 1), first)
  lu.assertNotEquals(again(3, 2), first)
  lu.assertNotEquals(again(4, 1), first)
  -- Crops do not depend on the batch size, and a last batch of one clip is dropped.
  local small = ms.data.tag_batches(set, "train", { batch = 3, seed = 3, epoch = 1 })
  lu.assertEquals(#small, 3)
  lu.assertEquals(starts(small), table.move(first, 1, 9, 1, {}))
end)

tests.targets_of_tags_and_genres = tools.in_folder(function(dir)
  local set = claimed(dir .. "/tags", 10)
  local batch = ms.data.tag_batches(set, "train", { batch = 10 })[1]
  local targets = batch.targets
  lu.assertEquals(targets:size(), { 10, 50 })
  lu.assertEquals(targets:sum():item(), 50)
  for i, item in ipairs(batch.items) do
    for _, label in ipairs(item.labels) do lu.assertEquals(targets:get(i, label), 1) end
  end
  tools.genre_set(dir .. "/fma", tools.genre_rows(), 0.2)
  local genres = assert(ms.data.fma(dir .. "/fma"))
  for _, item in ipairs(genres.splits.test) do item.samples = 160000 end
  local pair = ms.data.tag_batches(genres, "test", { batch = 16 })[1]
  lu.assertEquals(pair.targets:size(), { 2 })
  lu.assertItemsEquals(pair.targets:totable(), { 12, 10 })
  tools.refused("the valid split has 1 clips, too few for a batch", (function()
    genres.splits.valid[1].samples = 160000
    return ms.data.tag_batches(genres, "valid")
  end)())
  tools.refused("frames but a crop has 384; dataset:check{seconds_min = 3.862}",
    ms.data.tag_batches(genres, "train"))
  lu.assertErrorMsgContains("there is no split dev", ms.data.tag_batches, genres, "dev")
end)

tests.slices_of_the_paper = tools.in_folder(function(dir)
  local set = claimed(dir, 29.12)
  local half = assert(ms.data.slices(set, "test"))
  lu.assertEquals({ #half, #half[1].rows }, { 2, 14 })
  lu.assertEquals(half[1].rows[2][1].start, 192 * 160)
  lu.assertEquals(half[1].target[1], 1)
  lu.assertEquals(half[1].targets:size(), { 14, 50 })
  lu.assertEquals(half[1].item.id, set.splits.test[1].id)
  lu.assertEquals(#ms.data.slices(set, "valid", { hop = 384 })[1].rows, 7)
  lu.assertEquals(#ms.data.slices(set, "test", { frames = 768 })[1].rows, 6)
  lu.assertErrorMsgContains("hop must be a whole number", ms.data.slices, set, "test", { hop = 0 })
end)

tests.batches_go_through_the_feed = tools.in_folder(function(dir)
  tools.genre_set(dir, tools.genre_rows(), 5)
  local cached = assert(ms.data.cache(assert(ms.data.fma(dir)), { cache = dir .. "/cache" }))
  local batch = ms.data.tag_batches(cached, "train", { batch = 3, epoch = 5 })[2]
  local feed <close> = ms.audio.feed { workers = 2 }
  feed:push(batch.rows)
  local waves = assert(feed:pop())
  lu.assertEquals(waves:size(), { 3, 61792 })
  local whole = ms.audio.read(batch.items[3].path)
  local start = batch.rows[3][1].start
  lu.assertEquals((waves:slice(1, 3, 3):reshape { 61792 }
    - whole:slice(1, start + 1, start + 61792))
    :abs():max(), 0)
end)

-- ---- additive mixing ----

local function packed_songs(dir)
  tools.song_set(dir, 13)
  return assert(ms.data.cache(assert(ms.data.musdb18(dir)), { cache = dir .. "/cache" }))
end

local function waves_of(batch)
  local feed <close> = ms.audio.feed { workers = 2 }
  feed:push(batch.rows)
  return assert(feed:pop())
end

-- The segments of a row as "song stem" -> weight, after checking their common crop.
local function contents(row, stem_of)
  local parts, offset = {}, nil
  for _, segment in ipairs(row) do
    offset = offset or segment.start % 48000
    lu.assertEquals(segment.start % 48000, offset)
    lu.assertTrue(offset < 34208)
    parts[#parts + 1] = ("%s@%d%+d"):format(stem_of[segment.path], segment.start // 48000,
      segment.weight)
  end
  return parts, offset
end

local function stem_names(set)
  local names = {}
  for _, items in pairs(set.splits) do
    for _, item in ipairs(items) do
      for stem, path in pairs(item.stems) do names[path] = item.name .. " " .. stem end
    end
  end
  return names
end

tests.mixes_follow_the_equations = tools.in_folder(function(dir)
  local set = packed_songs(dir)
  local names = stem_names(set)
  lu.assertEquals(#ms.data.segments(set, "train"), 9) -- 13 s: segments at 0, 3, 6 s of three songs
  local batch = assert(ms.data.mixes(set, "vocals", { batch = 2, seed = 5, step = 1 }))
  lu.assertEquals({ #batch.rows, batch.count, batch.sources }, { 4, 2, { "vocals" } })
  for e = 1, 2 do
    local mixture, crop = contents(batch.rows[e], names)
    local target, same = contents(batch.rows[2 + e], names)
    lu.assertEquals(crop, same)
    lu.assertEquals({ #mixture, #target }, { 6, 2 })
    lu.assertEquals({ mixture[1], mixture[2] }, target)
    local places = {}
    for _, part in ipairs(mixture) do
      local place, stem = part:gsub(" %a+@", "@"):gsub("[+-]1$", ""), part:match " (%a+)@"
      lu.assertEquals(part:sub(-2), part:find "vocals" and places[place] and "-1" or "+1")
      places[place] = (places[place] or 0) + 1
      lu.assertTrue(stem == "vocals" or stem == "mixture")
    end
    local different = 0
    for _ in pairs(places) do different = different + 1 end
    lu.assertEquals(different, 4)
  end
  -- Numerically: mixture - target is the accompaniment of two other segments, read here by hand.
  local mixtures, targets = batch:split(waves_of(batch))
  lu.assertEquals(mixtures:size(), { 2, 61792 })
  lu.assertEquals(targets:size(), { 2, 1, 61792 })
  local rest = mixtures:slice(1, 1, 1):reshape { 61792 } - targets:slice(1, 1, 1):reshape { 61792 }
  for k = 3, 6 do
    local s = batch.rows[1][k]
    rest = rest - ms.audio.read(s.path):slice(1, s.start + 1, s.start + 61792) * s.weight
  end
  lu.assertTrue(rest:abs():max() < 1e-5)
end)

tests.mixes_of_bass_and_of_all_sources = tools.in_folder(function(dir)
  local set = packed_songs(dir)
  local names = stem_names(set)
  local bass = ms.data.mixes(set, "bass", { batch = 3, step = 7 })
  lu.assertEquals({ #bass.rows, #bass.rows[1], #bass.rows[4] }, { 6, 3, 1 })
  lu.assertEquals(#ms.data.mixes(set, "bass", { step = 7, bass_twice = true }).rows[1], 6)
  local all = ms.data.mixes(set, "all", { batch = 2, step = 1 })
  lu.assertEquals({ #all.rows, all.sources }, { 10, tools.STEMS })
  local parts = contents(all.rows[2], names)
  lu.assertEquals(#parts, 7)
  local order = {}
  for i, part in ipairs(parts) do order[i] = part:match " (%a+)@" end
  lu.assertEquals(order, { "vocals", "vocals", "other", "other", "drums", "drums", "bass" })
  local mixtures, targets = all:split(waves_of(all))
  lu.assertEquals(targets:size(), { 2, 4, 61792 })
  lu.assertTrue((targets:sum(2):reshape { 2, 61792 } - mixtures):abs():max() < 1e-5)
end)

tests.mixes_are_pure_and_validation_is_plain = tools.in_folder(function(dir)
  local set = packed_songs(dir)
  local batches = ms.data.mixes(set, "drums", { batch = 2, seed = 9 })
  lu.assertEquals(batches[40].rows, batches[40].rows)
  lu.assertEquals(batches[40].rows, ms.data.mixes(set, "drums",
    { batch = 2, seed = 9, step = 40 }).rows)
  lu.assertNotEquals(batches[40].rows, batches[41].rows)
  lu.assertNotEquals(batches[40].rows, ms.data.mixes(set, "drums",
    { batch = 2, seed = 8, step = 40 }).rows)
  local valid = ms.data.mixes(set, "all", { batch = 2, split = "valid" })
  lu.assertEquals({ #valid, valid[1].count, valid[2].count }, { 2, 2, 1 })
  lu.assertEquals({ #valid[1].rows, #valid[2].rows }, { 10, 5 })
  local mixture, drums = valid[2].rows[1], valid[2].rows[4]
  lu.assertEquals(#mixture, 1)
  lu.assertEquals(mixture[1].path, set.splits.valid[1].stems.mixture)
  lu.assertEquals(drums[1].path, set.splits.valid[1].stems.drums)
  lu.assertEquals(drums[1].start, mixture[1].start)
end)

tests.mixes_refuse_what_cannot_work = tools.in_folder(function(dir)
  tools.song_set(dir, 8, { "A - 1", "B - 2" })
  local set = assert(ms.data.musdb18(dir))
  tools.refused("the train split has 1 segments of 6 s but an example takes 4 different ones",
    ms.data.mixes(set, "vocals"))
  tools.song_set(dir .. "/brief", 5)
  tools.refused("the train split has no song longer than 6 s",
    ms.data.mixes(assert(ms.data.musdb18(dir .. "/brief")), "vocals"))
  lu.assertErrorMsgContains("source must be vocals, other, drums, bass or all, got guitar",
    ms.data.mixes, set, "guitar")
  lu.assertErrorMsgContains("holds songs, which have no labels", ms.data.tag_batches, set, "train")
end)

function tests.choices_are_named()
  local set = { kind = "songs" }
  lu.assertErrorMsgEquals('mixes: option mixing must be "additive" or "none", got "add"',
    ms.data.mixes, set, "bass", { mixing = "add" })
  lu.assertErrorMsgEquals('fma: option variant must be "paper" or "authors", got 1',
    ms.data.fma, "none", { variant = 1 })
  lu.assertErrorMsgEquals('data.define: option kind must be "songs", "tags" or "genres", got "tag"',
    ms.data.define, { kind = "tag" })
  lu.assertErrorMsgEquals('separate_file: option bits must be "16", "24" or "float", got 16',
    ms.evaluate.separate_file, {}, "a.wav", {}, { bits = 16 })
end

return tests
