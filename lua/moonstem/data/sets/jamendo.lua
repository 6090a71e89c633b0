--- MTG-Jamendo (Bogdanov and others 2019): 55 000 tracks with tags, in the authors' own splits.
local csv = require "moonstem.data.csv"
local define = require("moonstem.data.registry").define
local findings = require "moonstem.data.findings"
local labels = require "moonstem.data.labels"
local options_of = require "moonstem.options"
local sys = require "moonstem.sys"

local set = define { name = "jamendo", kind = "tags", marks = { "data/splits" }, layout = [[
  DIR/data/splits/split-0/autotagging_top50tags-{train,validation,test}.tsv
      TRACK_ID ARTIST_ID ALBUM_ID PATH DURATION TAGS..., between tabs, as many tags as there are
  DIR/audio/00/1376300.mp3 ...  (or .low.mp3; or DIR/audio-low, DIR/raw_30s/audio, DIR itself)]] }

local HEADER = { "TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS" }
local FILES = { train = "train", valid = "validation", test = "test" }
local SUBSETS = { all = "autotagging", top50tags = "autotagging_top50tags",
  genre = "autotagging_genre", instrument = "autotagging_instrument",
  moodtheme = "autotagging_moodtheme" }
local REAL_TAGS = { all = 183, top50tags = 50, genre = 87, instrument = 40, moodtheme = 56 }
local REAL_ROWS = 10000 -- the smallest real subset has more tracks

-- A row as an item, or nil and what is wrong with it.
local function item_of(row)
  if #row < 6 then return nil, ("%d fields, but a track has 6 or more"):format(#row) end
  local id, artist, album, path, seconds = table.unpack(row)
  if not id:find "^track_%d+$" then return nil, ('the track is "%s"'):format(id) end
  if not path:find "^%d+/%d+%.mp3$" then return nil, ('the path is "%s"'):format(path) end
  if not tonumber(seconds) then return nil, ('the duration is "%s"'):format(seconds) end
  local names, seen = {}, {}
  for k = 6, #row do
    local tag = row[k]
    if not tag:find "^.+%-%-%-.+$" then return nil, ('the tag "%s" has no category'):format(tag) end
    if not seen[tag] then names[#names + 1], seen[tag] = tag, true end
  end
  return { id = id, path = path, artist = artist, album = album, names = names }
end

local function check_header(header)
  for k, name in ipairs(HEADER) do
    if header[k] ~= name then
      return ('the header must be "%s", field %d is "%s"')
        :format(table.concat(HEADER, " "), k, tostring(header[k]))
    end
  end
end

-- The items of a split, or nil and a message.
local function read(file, seen)
  local rows, why = csv.read(file, { separator = "\t" })
  if not rows then return nil, why end
  local wrong = check_header(rows[1] or {})
  if wrong then return nil, ("%s: line 1: %s"):format(file, wrong) end
  local list = {}
  for line = 2, #rows do
    local item, problem = item_of(rows[line])
    if item and seen[item.id] then
      item, problem = nil, ("%s was listed before (%s)"):format(item.id, seen[item.id])
    end
    if not item then return nil, ("%s: line %d: %s"):format(file, line, problem) end
    seen[item.id], list[#list + 1] = file:match "[^/]*$", item
  end
  return list
end

-- The files of items, under the names that downloads have.
local function set_paths(dir, splits)
  local root = dir
  for _, name in ipairs { "/audio", "/audio-low", "/raw_30s/audio" } do
    if sys.is_dir(dir .. name) then root = dir .. name break end
  end
  for _, list in pairs(splits) do
    for _, item in ipairs(list) do
      local path = root .. "/" .. item.path
      local low = path:gsub("%.mp3$", ".low.mp3")
      item.path = not sys.exists(path) and sys.exists(low) and low or path
    end
  end
  return root
end

-- Artists in two splits, as a note; the authors' splits have none.
local function shared_artists(splits)
  local home, shared = {}, {}
  for _, name in ipairs { "train", "valid", "test" } do
    for _, item in ipairs(splits[name]) do
      local other = home[item.artist]
      if other and other ~= name then shared[item.artist] = true end
      home[item.artist] = name
    end
  end
  local names = {}
  for artist in pairs(shared) do names[#names + 1] = artist end
  table.sort(names)
  if #names > 0 then return "a leak between splits, artists in two: " .. findings.few(names) end
end

--- ms.data.jamendo(dir, {tags = "top50tags", split = 0, partial =, counts =}) -> dataset
-- Opens MTG-Jamendo: the authors' repository with the tracks in it.
-- options: { tags = "top50tags", "genre", "instrument", "moodtheme" or "all"; split = 0 to 4;
--   partial = false accepts empty splits; counts = true checks lists of the real size: 50, 87, 40,
--   56 or 183 tags }
-- Items: { id = "track_0000214", path =, artist =, album =, labels = }; classes: tags as they stand
-- there ("genre---rock"), sorted. Tracks last minutes.
-- Returns a data set of kind "tags", or nil and a message.
function set.open(dir, options)
  local o = options_of(options, "jamendo", { split = 0, partial = options_of.flag, counts = true,
    tags = options_of.choice("top50tags", "genre", "instrument", "moodtheme", "all") "top50tags" })
  local splits, seen, rows = {}, {}, 0
  for split, name in pairs(FILES) do
    local file = ("%s/data/splits/split-%d/%s-%s.tsv"):format(dir, o.split, SUBSETS[o.tags], name)
    if not sys.exists(file) then return set:refuse("there is no " .. file, dir) end
    local list, why = read(file, seen)
    if not list then return nil, "jamendo: " .. why end
    splits[split], rows = list, rows + #list
  end
  local classes = labels.number(splits)
  if o.counts and rows >= REAL_ROWS and #classes ~= REAL_TAGS[o.tags] then
    return nil, ("jamendo: %d tracks with %d tags instead of %d; counts = false accepts it")
      :format(rows, #classes, REAL_TAGS[o.tags])
  end
  labels.set(splits, classes, "tags")
  return set:build { root = set_paths(dir, splits), classes = classes, splits = splits,
    partial = o.partial, notes = { shared_artists(splits) } }
end

return set
