--- One's own audio: a manifest, that is a table of files, splits and labels (or stems).
local sys = require "moonstem.sys"
local csv = require "moonstem.data.csv"
local items = require "moonstem.data.items"
local define = require("moonstem.data.registry").define
local findings = require "moonstem.data.findings"
local labels = require "moonstem.data.labels"
local options_of = require "moonstem.options"

local set = define { name = "manifest", file = true, layout = [[
  path,split,labels            one header row; commas or tabs; paths are relative to this file
  clips/a.mp3,train,rock;loud  split: train, valid or test; labels: UTF-8 names, between them ; or |
  "clips/b, live.wav",test,jazz
or, for songs with stems:
  name,split,mixture,vocals,other,drums,bass
  My Song,train,my/mix.wav,my/vocals.wav,my/other.wav,my/drums.wav,my/bass.wav]] }

local SPLIT_OF = { train = "train", training = "train", valid = "valid", validation = "valid",
  val = "valid", test = "test", testing = "test" }

local function absolute(folder, path)
  return path:sub(1, 1) == "/" and path or folder .. "/" .. path
end

local function song_of(row, folder)
  local item = { id = row.name, name = row.name, stems = {} }
  for _, stem in ipairs(items.STEMS) do
    if row[stem] == "" then return nil, ("there is no %s file"):format(stem) end
    item.stems[stem] = absolute(folder, row[stem])
  end
  return item
end

local function clip_of(row, folder)
  if row.path == "" then return nil, "the path is empty" end
  if not utf8.len(row.labels) then
    return nil, ('the labels of %s are not UTF-8; convert the table, as with '
      .. '"iconv -f latin1 -t utf-8"'):format(row.path)
  end
  local names, twice = labels.split(row.labels)
  return { id = row.path, path = absolute(folder, row.path), names = names, twice = twice[1] }
end

-- The header as name -> column; which names must be there tells clips from songs.
local function columns_of(header)
  local at, again = {}, {}
  for i, name in ipairs(header) do
    name = name:match "^%s*(.-)%s*$"
    at[name], again[name] = i, at[name] ~= nil
  end
  local need = at.mixture and { "name", "split", table.unpack(items.STEMS) }
    or { "path", "split", "labels" }
  for _, name in ipairs(need) do
    if again[name] then return nil, ('line 1: the column "%s" stands there twice'):format(name) end
    if not at[name] then
      local hint = #header == 1 and header[1]:find(";", 1, true)
        and "; separate them by commas or tabs, not semicolons" or ""
      return nil, ("line 1: there is no column \"%s\" (the columns are: %s)%s")
        :format(name, table.concat(header, ", "), hint)
    end
  end
  return at, at.mixture ~= nil
end

-- A row as an item and its split; nil and what is wrong with it.
local function item_of(row, songs, folder)
  local split = SPLIT_OF[row.split:match "^%s*(.-)%s*$"]
  if not split then
    return nil, ("the split is \"%s\", not train, valid or test"):format(row.split)
  end
  local item, problem = (songs and song_of or clip_of)(row, folder)
  return item, item and split or problem
end

-- Remembers an item; nil and a message where it, or its file under another name, was there before.
local function remember(seen, item, split, line)
  local file = sys.identity(items.main_file(item))
  local other = seen[item.id] or file and seen[file]
  if not other then
    local mine = { id = item.id, split = split, line = line() }
    seen[item.id] = mine
    if file then seen[file] = mine end
    return true
  end
  if other.id == item.id then
    return nil, ("%s is listed twice (%s in line %d)"):format(item.id, other.split, other.line)
  end
  return nil, ("%s (%s) and %s (%s, line %d) are the same file")
    :format(item.id, split, other.id, other.split, other.line)
end

-- Whether a Mac or an editor left this file behind.
local function hidden(item)
  return items.main_file(item):match "[^/]*$":find "^%._" ~= nil
end

-- Takes a row into `all`; what is wrong with it, or nothing.
local function take(all, row, line, folder)
  local item, split = item_of(row, all.songs, folder)
  if not item then return split end
  if hidden(item) then
    table.insert(all.skipped, { file = items.main_file(item), id = item.id, split = split,
      reason = "a Mac's file about a file, not audio" })
    return nil
  end
  local new, problem = remember(all.seen, item, split, line)
  if not new then return problem end
  if item.twice then table.insert(all.twice, ("%s (line %d)"):format(item.twice, line())) end
  item.twice = nil
  table.insert(all.splits[split], item)
end

-- All rows: { splits =, songs = whether they are,
-- skipped =, twice = labels }; or nil and a message.
local function read(file, folder)
  local all, at = { splits = { train = {}, valid = {}, test = {} }, skipped = {}, twice = {},
    seen = {} }, nil
  local function columns(header)
    at, all.songs = columns_of(header[1])
    return at and true, all.songs
  end
  local good, why = csv.each(file, function(fields, line)
    local row = {}
    for name, column in pairs(at) do row[name] = fields[column] end
    return take(all, row, line, folder)
  end, { columns = columns })
  return good and all, why
end

-- Numbers the labels: the classes, "tags" or "genres", and
-- notes on slips of the pen; or nil and a message.
local function classes_of(all, file, kind)
  local classes, single, counts = labels.number(all.splits)
  local notes = { labels.look_alikes(classes, counts) }
  if #all.twice > 0 then
    notes[#notes + 1] = "labels that stand twice for one clip count once: "
      .. findings.few(all.twice)
  end
  if kind == "genres" and not single then
    return nil, ("manifest: %s: kind is genres, but some clips have several labels, or none")
      :format(file)
  end
  kind = kind or (single and "genres" or "tags")
  labels.set(all.splits, classes, kind)
  return classes, kind, notes
end

--- ms.data.manifest(file, {kind =, name =, partial =}) -> dataset
-- Opens a manifest (CSV or tab-separated, RFC 4180) with the columns path, split, labels:
--     path,split,labels
--     clips/a.mp3,train,rock;loud
-- or name, split, mixture, vocals, other, drums, bass for songs. Other columns are passed over.
-- Paths and names of songs may hold any bytes, labels must be UTF-8. A clip without a label has
-- none of the tags. One file listed twice, under whatever spelling or link, is refused.
-- options: { kind = "tags" or "genres" (genres when left out and each clip has just one label),
--   name = file name without folder, partial = false }
-- Classes: all label names, sorted. Returns a data set as the other loaders do, or nil and a
-- message with the line number and the expected layout.
function set.open(file, options)
  local given = options_of(options, "manifest", { kind = options_of.string,
    name = options_of.string, partial = options_of.flag })
  local folder = file:match "^(.*)/[^/]*$" or "."
  local all, why = read(file, folder)
  if not all then return set:refuse(why) end
  local classes, kind, notes = {}, "songs", {}
  if not all.songs then classes, kind, notes = classes_of(all, file, given.kind) end
  if not classes then return nil, kind end
  return set:build { name = given.name or file:match "[^/]*$", kind = kind, root = folder,
    classes = classes, splits = all.splits, skipped = all.skipped, notes = notes,
    partial = given.partial }
end

return set
