--- A data set: named splits of clips or songs, what was left out and why, and a hash of the split.
-- Loaders pass their lists to `build`, which drops missing files and refuses impossible sets.
local core = require "moonstem.core.tensor"
local sys = require "moonstem.sys"
local findings = require "moonstem.data.findings"
local items = require "moonstem.data.items"
local splits = require "moonstem.data.splits"
local options_of = require "moonstem.options"
local strict = require "moonstem.strict"

local Dataset = {}
Dataset.__index = Dataset
Dataset.__name = "moonstem.dataset"

local M = {}

-- Folders that a Mac's archive and a Synology disk leave.
local NOT_AUDIO = { __MACOSX = true, ["@eaDir"] = true }

--- The names in a folder of audio, without hidden ones (._NAME of a Mac
-- among them) and folders that systems leave there.
function M.entries(dir)
  local names = {}
  for _, name in ipairs(sys.list(dir) or {}) do
    if not name:find "^%." and not NOT_AUDIO[name] then names[#names + 1] = name end
  end
  return names
end

--- What a folder holds, in a few words for a message.
function M.listing(dir)
  if not sys.exists(dir) then return dir .. " does not exist" end
  if not sys.is_dir(dir) then return dir .. " is a file, not a folder" end
  local names = M.entries(dir)
  if #names == 0 then return dir .. " is empty" end
  return ("found in %s: %s"):format(dir, findings.few(names))
end

-- The first file of an item that is not there, or nil.
local function missing(item, exists)
  for _, file in ipairs(items.files(item)) do
    if not exists(file.path) then return file.path end
  end
end

-- Drops items of which a file is missing and reports them. Returns how many were listed.
local function keep_present(self)
  local exists, listed, present = sys.exists, 0, { train = {}, valid = {}, test = {} }
  items.each(self.splits, function(item, split)
    local file = missing(item, exists)
    listed = listed + 1
    if file then
      table.insert(self.skipped, { file = file, id = item.id, split = split, reason = "missing" })
    else
      table.insert(present[split], item)
    end
  end)
  self.splits = present
  return listed
end

--- Makes a data set from a loader's lists.
-- spec: { name=, kind="songs"|"tags"|"genres", root=, classes=list, splits={train=,valid=,test=},
--   skipped = list of {file=, reason=} or nil, notes = list or nil, layout = text of the layout,
--   partial = accept empty splits and classes }
-- An item: { id = its name, unlike all others; path = file, and class = number from 1 (genres) or
--   labels = ascending list of such numbers (tags); or, of songs,
--   stems = { mixture =, vocals =, ... } in place of path }.
-- Missing files go to the report; none or fewer than half present is refused: nil and a message.
function M.build(spec)
  local self = setmetatable({
    name = spec.name, kind = spec.kind, root = spec.root, classes = spec.classes or {},
    splits = spec.splits, skipped = spec.skipped or {}, own_notes = spec.notes or {},
    layout = spec.layout, partial = spec.partial or false,
  }, Dataset)
  local before = #self.skipped
  local listed = keep_present(self)
  local absent = #self.skipped - before
  if absent == listed then
    return nil, ("%s: no audio: %d items are listed and none is there (%s); expected layout:\n%s")
      :format(self.name, listed, M.listing(spec.root), spec.layout)
  end
  if absent * 2 > listed then
    return nil, ("%s: %d of %d listed files are missing, the first is %s; expected layout:\n%s")
      :format(self.name, absent, listed, self.skipped[before + 1].file, spec.layout)
  end
  findings.same_files(self, self.own_notes)
  return splits.finalize(self, self.partial)
end

--- dataset:count([split]) -> number
-- Number of items of a split ("train", "valid", "test"), or of all.
function Dataset:count(split)
  if split then return #self.splits[split] end
  return #self.splits.train + #self.splits.valid + #self.splits.test
end

--- dataset:items(split) -> list
-- The items of a split; raises for an unknown name.
function Dataset:items(split)
  local list = self.splits[split]
  if list then return list end
  error(("%s: there is no split %s; the splits are train, valid, test")
    :format(self.name, tostring(split)), 0)
end

--- dataset:part{share = 1/4, seed = 1, split = "train"} -> data set
-- The same data set with a share of one split's clips or songs (above 0, at most 1;
-- rounded, at least one), drawn by the seed; a smaller share lies inside a larger one
-- of the same seed. The other splits stay whole. nil and a message when more than half
-- of the classes lose all their training clips.
function Dataset:part(options)
  local o = options_of(options, "part", { share = false, seed = 1, split = "train" })
  if type(o.share) ~= "number" or not (o.share > 0 and o.share <= 1) then
    error(("part: share must be a number above 0 and at most 1, got %s")
      :format(tostring(o.share)), 2)
  end
  local total, kept, at = #self:items(o.split), {}, 0
  local order = core.random.shuffle(o.seed, "part", 0, total)
  for k = 1, math.max(1, math.floor(o.share * total + 0.5)) do kept[order[k]] = true end
  return splits.map(self, function(item, split)
    if split ~= o.split then return item end
    at = at + 1
    return kept[at] and item
  end)
end

local Report = {}
Report.__index = Report
Report.__tostring = function(report)
  local lines = { ("%d left out of %s"):format(#report, report.name) }
  for _, e in ipairs(report) do
    local lengths = e.declared
      and (" (declared %d samples, decoded %d)"):format(e.declared, e.decoded or 0)
    lines[#lines + 1] = ("  %s: %s%s%s")
      :format(e.file, e.reason, lengths or "", e.detail and ": " .. e.detail or "")
  end
  return table.concat(lines, "\n")
end

--- dataset:report() -> list
-- What was left out: a list of {file=, reason=, detail= (a message), declared=, decoded=
-- (samples)}, where known. tostring of it is a readable list.
function Dataset:report()
  local report = setmetatable({ name = self.name }, Report)
  for i, entry in ipairs(self.skipped) do report[i] = entry end
  return report
end

--- Decodes every clip once and leaves the bad ones out; see moonstem.data.check.
function Dataset:check(options)
  return require("moonstem.data.check").check(self, options)
end

--- Writes all audio once as 16 kHz mono 16-bit WAV; see moonstem.data.cache.
function Dataset:cache(options)
  return require("moonstem.data.cache").cache(self, options)
end

local UNITS = { songs = "songs", tags = "clips", genres = "clips" }

Dataset.__tostring = function(self)
  local parts = { ("%s: %d %s (%s)")
    :format(self.name, self:count(), UNITS[self.kind], findings.counts(self)) }
  if #self.classes > 0 then parts[#parts + 1] = ("%d %s"):format(#self.classes, self.kind) end
  parts[#parts + 1] = "split " .. self.hash
  if #self.skipped > 0 then
    parts[#parts + 1] = ("%d left out, see :report()"):format(#self.skipped)
  end
  for _, note in ipairs(self.notes) do parts[#parts + 1] = "note: " .. note end
  return table.concat(parts, "; ")
end

strict.class(Dataset, "dataset", { "synthetic", "root", "layout", "hash", "content", "notes" })
strict.class(Report, "report")

return M
