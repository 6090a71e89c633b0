--- Finds what is wrong with a data set as a whole: classes that all clips have or none, empty
-- splits, one file or one sound under two names.
local sys = require "moonstem.sys"
local items = require "moonstem.data.items"

local M = {}

--- The first few names of a list.
function M.few(names)
  if #names <= 6 then return table.concat(names, ", ") end
  return ("%s and %d more"):format(table.concat(names, ", ", 1, 5), #names - 5)
end

local function each(dataset, f) items.each(dataset.splits, f) end

-- ---- classes -------------------------------------------------------------------------------
-- Of every class how many items of a split have it, or of all splits where none is named.
local function clips_by_class(dataset, split)
  local counts = {}
  for c = 1, #dataset.classes do counts[c] = 0 end
  each(dataset, function(item, its_split)
    if split and its_split ~= split then return end
    for _, label in ipairs(item.labels or { item.class }) do counts[label] = counts[label] + 1 end
  end)
  return counts
end

-- Names of the classes with a count for which `wanted` holds.
local function names_of(dataset, counts, wanted)
  local names = {}
  for c, name in ipairs(dataset.classes) do
    if wanted(counts[c]) then names[#names + 1] = name end
  end
  return names
end

-- Why nothing can be learnt from these labels, or nil.
local function nothing_to_learn(dataset)
  if #dataset.classes == 0 then return "no clip has a label" end
  local counts, all = clips_by_class(dataset), dataset:count()
  if dataset.kind == "genres" then
    local used = names_of(dataset, counts, function(n) return n > 0 end)
    if #used ~= 1 then return nil end
    return ("all clips are of one class (%s), so there is nothing to tell apart"):format(used[1])
  end
  local idle = names_of(dataset, counts, function(n) return n == 0 or n == all end)
  if #idle < #dataset.classes then return nil end
  return ("every tag is one that all clips have, or none (%s), so there is nothing to tell apart")
    :format(M.few(idle))
end

-- Notes splits of a data set of genres in which all clips are of one class, because a score there
-- means little. A split of a single clip is noted for training only.
local function add_single_classes(dataset, notes)
  for _, part in ipairs { { "train", "training", 1 }, { "valid", "validation", 2 },
    { "test", "test", 2 } } do
    local used = names_of(dataset, clips_by_class(dataset, part[1]), function(n) return n > 0 end)
    if #used == 1 and dataset:count(part[1]) >= part[3] then
      notes[#notes + 1] = ("all %s clips are of one class (%s)"):format(part[2], used[1])
    end
  end
end

local function add_label_notes(dataset, notes, lacking)
  if #lacking > 0 then notes[#notes + 1] = ("no training clip has %s"):format(M.few(lacking)) end
  if dataset.kind ~= "tags" then return add_single_classes(dataset, notes) end
  local train, test = dataset:count "train", dataset:count "test"
  local always = names_of(dataset, clips_by_class(dataset, "train"),
    function(n) return n == train and n > 0 end)
  if #always > 0 then notes[#notes + 1] = ("every training clip has %s"):format(M.few(always)) end
  local scored = names_of(dataset, clips_by_class(dataset, "test"),
    function(n) return n > 0 and n < test end)
  if #scored == 0 and test > 0 then
    notes[#notes + 1] = "no tag is one that some test clips have and others not, "
      .. "so there will be no score"
  end
  local bare = {}
  each(dataset, function(item) bare[#bare + 1] = #item.labels == 0 and item.id or nil end)
  if #bare > 0 then
    notes[#notes + 1] = ("%d of %d clips %s no label, and all tags are 0 for them: %s")
      :format(#bare, dataset:count(), #bare == 1 and "has" or "have", M.few(bare))
  end
end

-- ---- one thing under two names ---------------------------------------------------------------
-- Pairs of items that have the same key, as texts: those of two splits, those of one.
local function pairs_by(dataset, key_of)
  local first, across, within = {}, {}, {}
  each(dataset, function(item, split)
    local key = key_of(item)
    if not key then return end
    local other = first[key]
    if not other then
      first[key] = { item = item, split = split }
    else
      table.insert(other.split == split and within or across,
        ("%s (%s) and %s (%s)"):format(other.item.id, other.split, item.id, split))
    end
  end)
  return across, within
end

local function add_pairs(dataset, key_of, what, notes)
  local across, within = pairs_by(dataset, key_of)
  if #across > 0 then
    notes[#notes + 1] = ("a leak between splits, both are %s: %s"):format(what, M.few(across))
  end
  if #within > 0 then
    notes[#notes + 1] = ("twice in a split, both are %s: %s"):format(what, M.few(within))
  end
end

--- Adds to a list of notes which items share a file, whatever
-- path or link leads to it, or else their name.
function M.same_files(dataset, notes)
  local identity = sys.identity
  local before = #notes
  add_pairs(dataset, function(item) return identity(items.main_file(item)) end, "the same file",
    notes)
  if #notes == before then
    add_pairs(dataset, function(item) return item.id end, "of one name", notes)
  end
end

--- The same for items that share their sound, where `content` is known (see check).
function M.same_sounds(dataset, notes)
  add_pairs(dataset, function(item) return item.content end, "the same sound", notes)
end

-- Notes on songs in which a stem is the file of the mixture.
local function add_mixtures(dataset, notes)
  local same = {}
  each(dataset, function(item)
    for _, stem in ipairs { "vocals", "other", "drums", "bass" } do
      if not item.streams and item.stems[stem] == item.stems.mixture then
        same[#same + 1] = ("%s (%s)"):format(item.id, stem)
      end
    end
  end)
  if #same > 0 then
    notes[#notes + 1] = "a stem is the same file as the mixture: " .. M.few(same)
  end
end

-- ---- all together --------------------------------------------------------------------------
--- "train 80, valid 10, test 10".
function M.counts(dataset)
  return ("train %d, valid %d, test %d"):format(dataset:count "train", dataset:count "valid",
    dataset:count "test")
end

-- Why the data set cannot be used as it stands, or nil.
local function implausible(dataset, lacking)
  for _, split in ipairs(items.SPLITS) do
    if dataset:count(split) == 0 then
      return ("the %s split is empty (%s)"):format(split, M.counts(dataset))
    end
  end
  if dataset.kind == "songs" then return nil end
  local idle = nothing_to_learn(dataset)
  if idle then return idle end
  if #lacking * 2 > #dataset.classes then
    return ("%d of %d classes have no clip in the training split (%s)")
      :format(#lacking, #dataset.classes, M.few(lacking))
  end
end

--- Adds to a list of notes what a reader should know of the items and their labels; returns why the
-- data set cannot be used as it stands, or nil. With partial = true that is a note, too.
function M.judge(dataset, notes, partial)
  local lacking = names_of(dataset, clips_by_class(dataset, "train"), function(n) return n == 0 end)
  if dataset.kind == "songs" then
    add_mixtures(dataset, notes)
  else
    add_label_notes(dataset, notes, lacking)
  end
  local why = implausible(dataset, lacking)
  if not partial or not why then return why end
  notes[#notes + 1] = why
end

return M
