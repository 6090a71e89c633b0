--- One's own audio: a manifest, that is a table of files, splits and labels (or stems).
local csv = require "moonstem.data.csv"
local dataset = require "moonstem.data.dataset"
local options_of = require "moonstem.data.options"

local LAYOUT = [[
  path,split,labels            one header row; commas or tabs; paths are relative to this file
  clips/a.mp3,train,rock;loud  split: train, valid or test; labels: names separated by ; or |
  "clips/b, live.wav",test,jazz
or, for songs with stems:
  name,split,mixture,vocals,other,drums,bass
  My Song,train,my/mix.wav,my/vocals.wav,my/other.wav,my/drums.wav,my/bass.wav]]

local SPLIT_OF = { train = "train", training = "train", valid = "valid", validation = "valid",
  val = "valid", test = "test", testing = "test" }

local function absolute(folder, path)
  return path:sub(1, 1) == "/" and path or folder .. "/" .. path
end

-- Labels of a field, in their order, each once.
local function names_of(field)
  local names, seen = {}, {}
  for name in field:gmatch "[^;|]+" do
    name = name:match "^%s*(.-)%s*$"
    if name ~= "" and not seen[name] then
      names[#names + 1], seen[name] = name, true
    end
  end
  return names
end

local function song_of(row, folder)
  local item = { id = row.name, name = row.name, stems = {} }
  for _, stem in ipairs(dataset.STEMS) do
    if row[stem] == "" then return nil, ("there is no %s file"):format(stem) end
    item.stems[stem] = absolute(folder, row[stem])
  end
  return item
end

local function clip_of(row, folder)
  if row.path == "" then return nil, "the path is empty" end
  local names = names_of(row.labels)
  if #names == 0 then return nil, ("%s has no label"):format(row.path) end
  return { id = row.path, path = absolute(folder, row.path), names = names }
end

-- The header as name -> column; which names must be there tells clips from songs.
local function columns_of(header)
  local at = {}
  for i, name in ipairs(header) do at[name] = i end
  local need = at.mixture and { "name", "split", table.unpack(dataset.STEMS) }
    or { "path", "split", "labels" }
  for _, name in ipairs(need) do
    if not at[name] then
      return nil, ("line 1: there is no column \"%s\" (the columns are: %s)")
        :format(name, table.concat(header, ", "))
    end
  end
  return at, at.mixture ~= nil
end

local function read(file, folder)
  local text, why = csv.slurp(file)
  if not text then return nil, why end
  local next_row, header = csv.rows(text, { name = file })
  if not next_row then return nil, header end
  local at, songs = columns_of(header[1])
  if not at then return nil, ("%s: %s"):format(file, songs) end
  local splits, seen = { train = {}, valid = {}, test = {} }, {}
  while true do
    local fields, position = next_row()
    if not fields and position then return nil, position end
    if not fields then return splits, songs end
    local function complain(what)
      return nil, ("%s: line %d: %s"):format(file, csv.line(text, position), what)
    end
    local row = {}
    for name, column in pairs(at) do row[name] = fields[column] end
    local split = SPLIT_OF[row.split]
    if not split then
      return complain(("the split is \"%s\", not train, valid or test"):format(row.split))
    end
    local item, problem = (songs and song_of or clip_of)(row, folder)
    if not item then return complain(problem) end
    if seen[item.id] then return complain(("%s is listed twice"):format(item.id)) end
    seen[item.id] = true
    table.insert(splits[split], item)
  end
end

-- Turns label names into numbers of the sorted class list; says whether each clip has just one.
local function number_labels(splits)
  local classes, number, single = {}, {}, true
  for _, items in pairs(splits) do
    for _, item in ipairs(items) do
      single = single and #item.names == 1
      for _, name in ipairs(item.names) do
        if not number[name] then number[name], classes[#classes + 1] = 0, name end
      end
    end
  end
  table.sort(classes)
  for i, name in ipairs(classes) do number[name] = i end
  return classes, number, single
end

local function set_labels(splits, number, kind)
  for _, items in pairs(splits) do
    for _, item in ipairs(items) do
      local labels = {}
      for i, name in ipairs(item.names) do labels[i] = number[name] end
      table.sort(labels)
      if kind == "genres" then item.class = labels[1] else item.labels = labels end
      item.names = nil
    end
  end
end

--- ms.data.manifest(file, {kind =, name =, partial =}) -> dataset
-- Opens a manifest (CSV or tab-separated, RFC 4180) with the columns path, split, labels:
--     path,split,labels
--     clips/a.mp3,train,rock;loud
-- or name, split, mixture, vocals, other, drums, bass for songs. Other columns are passed over.
-- options: { kind = "tags" or "genres" (genres when left out and each clip has just one label),
--   name = file name without folder, partial = false }
-- Classes: all label names, sorted. Returns a data set as the other loaders do, or nil and a sentence
-- with the line number and the expected layout.
return function(file, options)
  local given = options_of(options, "manifest", { kind = false, name = false, partial = false })
  local folder = file:match "^(.*)/[^/]*$" or "."
  local splits, songs = read(file, folder)
  if not splits then
    return nil, ("manifest: %s; expected layout:\n%s"):format(songs, LAYOUT)
  end
  local kind, classes = "songs"
  if not songs then
    local names, number, single = number_labels(splits)
    classes = names
    kind = given.kind or (single and "genres" or "tags")
    if kind == "genres" and not single then
      return nil, ("manifest: %s: kind is genres, but some clips have several labels"):format(file)
    end
    set_labels(splits, number, kind)
  end
  return dataset.build { name = given.name or file:match "[^/]*$", kind = kind, root = folder,
    classes = classes, splits = splits, layout = LAYOUT, partial = given.partial }
end
