--- The splits of a data set: items changed or left out, a judgement and a hash of the whole.
local digest = require "moonstem.sys.digest"
local findings = require "moonstem.data.findings"
local items = require "moonstem.data.items"
local options_of = require "moonstem.options"

local M = {}

-- A hash of the sorted lines "split <tab> id <tab> labels". It identifies the split in any folder.
local function split_hash(self)
  local lines = {}
  items.each(self.splits, function(item, split)
    local labels = item.class and { item.class } or item.labels or {}
    lines[#lines + 1] = ("%s\t%s\t%s\n"):format(split, item.id, table.concat(labels, " "))
  end)
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
  for _, list in pairs(self.splits) do
    table.sort(list, function(a, b) return a.id < b.id end)
  end
  self.notes = table.move(self.own_notes, 1, #self.own_notes, 1, {})
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
  local self = setmetatable(options_of.merge(dataset), getmetatable(dataset))
  self.splits = { train = {}, valid = {}, test = {} }
  self.skipped = table.move(dataset.skipped, 1, #dataset.skipped, 1, {})
  self.own_notes = table.move(dataset.own_notes, 1, #dataset.own_notes, 1, {})
  items.each(dataset.splits, function(item, split)
    local changed, entry = change(item, split)
    if changed then table.insert(self.splits[split], changed)
    elseif entry then table.insert(self.skipped, entry) end
  end)
  return M.finalize(self, self.partial)
end

return M
