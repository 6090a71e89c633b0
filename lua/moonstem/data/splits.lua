--- The splits of a data set: files of items, items changed or left out, a hash of the whole.
local digest = require "moonstem.sys.digest"
local findings = require "moonstem.data.findings"

local M = {}

M.SPLITS = { "train", "valid", "test" }
M.STEMS = { "mixture", "vocals", "other", "drums", "bass" }

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

--- The files of all items of a data set, as `files` gives them.
function M.all_files(dataset)
  local list = {}
  for _, split in ipairs(M.SPLITS) do
    for _, item in ipairs(dataset.splits[split]) do
      local files = M.files(item)
      table.move(files, 1, #files, #list + 1, list)
    end
  end
  return list
end

local function sort_items(self)
  for _, split in ipairs(M.SPLITS) do
    table.sort(self.splits[split], function(a, b) return a.id < b.id end)
  end
end

-- One hash over the sorted lines "split <tab> id <tab> labels": names the split whatever the
-- folder.
local function split_hash(self)
  local lines = {}
  for _, split in ipairs(M.SPLITS) do
    for _, item in ipairs(self.splits[split]) do
      local labels = item.class and { item.class } or item.labels or {}
      lines[#lines + 1] = ("%s\t%s\t%s\n"):format(split, item.id, table.concat(labels, " "))
    end
  end
  table.sort(lines)
  return digest(table.concat(lines))
end

-- What was left out and why, as the end of a message: "; left out: a.wav (silent)", or "".
local function left_out(self)
  local entries = {}
  for i, entry in ipairs(self.skipped) do
    entries[i] = ("%s (%s)"):format(entry.file or entry.id, entry.reason)
  end
  return #entries == 0 and "" or "; left out: " .. findings.few(entries)
end

--- Sorts items, refreshes the hash and judges what is left.
-- Returns the data set, or nil and a message that quotes the expected layout.
function M.finalize(self, partial)
  sort_items(self)
  self.notes = {}
  for _, note in ipairs(self.own_notes) do table.insert(self.notes, note) end
  local why = findings.judge(self, self.notes, partial)
  if why then
    return nil, ("%s: %s%s; partial = true accepts that; expected layout:\n%s")
      :format(self.name, why, left_out(self), self.layout)
  end
  self.hash = split_hash(self)
  return self
end

--- A copy with each item replaced by what `change(item, split)` returns; nil leaves the item out
-- (then a second result, {file=, reason=, ...}, goes to the report). Used by check and cache.
-- Returns a data set, or nil and a message when what is left is implausible.
function M.map(dataset, change)
  local self = setmetatable({}, getmetatable(dataset))
  for k, v in pairs(dataset) do self[k] = v end
  self.splits = {}
  self.skipped = table.move(dataset.skipped, 1, #dataset.skipped, 1, {})
  self.own_notes = table.move(dataset.own_notes, 1, #dataset.own_notes, 1, {})
  for _, split in ipairs(M.SPLITS) do
    self.splits[split] = {}
    for _, item in ipairs(dataset.splits[split]) do
      local changed, entry = change(item, split)
      if changed then table.insert(self.splits[split], changed)
      elseif entry then table.insert(self.skipped, entry) end
    end
  end
  return M.finalize(self, self.partial)
end

return M
