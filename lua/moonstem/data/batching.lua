--- What lists of batches share: entries that are worked out when asked for, targets, lengths.
-- The lists are pure: entry k depends on the data set, the options and k alone, so any step can be
-- replayed and nothing depends on how many workers read the audio.
local audio = require "moonstem.audio"
local core = require "moonstem.core.tensor"
local front = require("moonstem.audio.frontend").paper
local items = require "moonstem.data.items"

local M = {}

-- Length in samples at 16 kHz as the files of an item
-- declare it: of the shortest, where there are stems.
local function declared(item)
  local shortest
  for _, file in ipairs(items.files(item)) do
    local about, why = audio.info(file.path, { stream = file.stream })
    if not about then return nil, why end
    local samples = about.frames * front.rate // about.rate
    shortest = math.min(shortest or samples, samples)
  end
  return shortest
end

--- Length in samples at 16 kHz of an item, in a song of what all stems have; or nil and
-- a message. Kept in the item. Where a check has decoded the item, that length
-- counts, for files may hold less than they declare.
function M.length(item)
  if not item.samples then
    local samples, why = item.seconds and math.floor(item.seconds * front.rate + 1e-6), nil
    if not samples then samples, why = declared(item) end
    if not samples then return nil, why end
    item.samples = samples
  end
  return item.samples
end

--- A list of `count` entries, entry k made by make(k) at each access; # and ipairs work.
function M.list(count, make)
  return setmetatable({}, {
    __len = function() return count end,
    __index = function(_, k)
      if math.type(k) == "integer" and k >= 1 and k <= count then return make(k) end
    end,
  })
end

local function flags(item, classes)
  local row = {}
  for c = 1, classes do row[c] = 0 end
  for _, label in ipairs(item.labels) do row[label] = 1 end
  return row
end

--- The target of one item, for metrics: a list of C 0/1 flags for tags, a class number for genres.
function M.target(dataset, item)
  return dataset.kind == "tags" and flags(item, #dataset.classes) or item.class
end

--- The training targets of some items: (N x C) of 0/1 for tags, (N) class numbers for genres.
function M.targets(dataset, list)
  local values = {}
  for _, item in ipairs(list) do
    local target = M.target(dataset, item)
    if dataset.kind == "tags" then table.move(target, 1, #target, #values + 1, values)
    else values[#values + 1] = target end
  end
  local size = dataset.kind == "tags" and { #list, #dataset.classes } or { #list }
  return core.tensor_from(values, size)
end

--- A batch: its fields, and `targets` made anew at each access, so that the tensor belongs to the
-- scope in which it is read, not to the one in which the batch was pushed ahead.
function M.batch(dataset, list, fields)
  return setmetatable(fields, { __index = function(_, key)
    if key == "targets" then return M.targets(dataset, list) end
  end })
end

--- Raises unless it is a data set that has labels.
function M.need_labels(dataset, who)
  items.expect_data_set(dataset, who)
  if dataset.kind == "songs" then
    error(("%s: %s holds songs, which have no labels"):format(who, dataset.name), 0)
  end
end

return M
