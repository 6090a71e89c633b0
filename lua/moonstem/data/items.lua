--- The items of a data set, clips or songs, and their files.
local options_of = require "moonstem.options"

local M = {}

M.SPLITS = { "train", "valid", "test" }
M.STEMS = { "mixture", "vocals", "other", "drums", "bass" }

-- Raises for objects that have no such field.
local function has_items(value) return type(value.items) == "function" end

--- Raises unless it is a data set; who: the function that wants one.
function M.expect_data_set(dataset, who)
  local known, has = pcall(has_items, dataset)
  if known and has and type(dataset) == "table" then return end
  error(("%s: a data set is expected, as ms.data.manifest and its like give, got %s"):format(who,
    options_of.shown(dataset)), 0)
end

--- The files of an item: a list of { path =, stem = or nil, stream = or nil }, in fixed order.
function M.files(item)
  if not item.stems then return { { path = item.path } } end
  local files = {}
  for _, stem in ipairs(M.STEMS) do
    files[#files + 1] =
      { path = item.stems[stem], stem = stem, stream = item.streams and item.streams[stem] }
  end
  return files
end

--- The file that stands for an item: its own, or its mixture's.
function M.main_file(item)
  return item.path or item.stems.mixture
end

--- Calls f(item, split) for every item, split by split. splits: { train = list, valid =, test = }.
function M.each(splits, f)
  for _, split in ipairs(M.SPLITS) do
    for _, item in ipairs(splits[split]) do f(item, split) end
  end
end

--- The files of all items of a data set, as `files` gives them.
function M.all_files(dataset)
  local list = {}
  M.each(dataset.splits, function(item)
    local files = M.files(item)
    table.move(files, 1, #files, #list + 1, list)
  end)
  return list
end

--- At most `count` entries of a list, evenly spaced.
function M.evenly_spaced(list, count)
  local n, chosen = #list, {}
  count = math.min(count, n)
  for k = 1, count do chosen[k] = list[(2 * k - 1) * n // (2 * count) + 1] end
  return chosen
end

return M
