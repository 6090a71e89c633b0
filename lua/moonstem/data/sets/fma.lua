--- FMA medium as downloaded, with the FMA authors' own splits (recipes/paper.md#fma-medium).
local sys = require "moonstem.sys"
local csv = require "moonstem.data.csv"
local dataset = require "moonstem.data.dataset"
local define = require("moonstem.data.registry").define
local options_of = require "moonstem.options"

-- The 16 root genres in the label order of the paper's authors.
local GENRES = { "Electronic", "Instrumental", "Hip-Hop", "Country", "Spoken",
  "Old-Time / Historic", "Classical", "Blues", "International", "Pop", "Folk", "Jazz",
  "Experimental", "Easy Listening", "Rock", "Soul-RnB" }

-- Tracks whose clips are empty or short because the reported length was wrong.
local BAD = {}
for id in ([[1486 5574 65753 80391 98558 98559 98560 98565 98566 98567 98568 98569 98571 99134
  105247 108924 108925 126981 127336 133297 143992]]):gmatch "%d+" do BAD[tonumber(id)] = true end

local REAL_ROWS = 106574
local SUBSETS = {
  ["medium"] = { small = true, medium = true, real = 25000 },
  ["medium-minus-small"] = { medium = true, real = 17000 },
}
local SUBSET_OF = { paper = "medium", authors = "medium-minus-small" } -- by variant
local SPLIT_OF = { training = "train", validation = "valid", test = "test" }

local set = define { name = "fma", kind = "genres", marks = { "fma_metadata" },
  synthetic = "genres", layout = [[
  DIR/fma_metadata/tracks.csv           three header rows; set/split, set/subset, track/genre_top
  DIR/fma_medium/000/000002.mp3 ...     folders of three digits (or all in DIR/fma_medium)]] }

-- The folders that hold tracks.csv and the audio, whether `dir` is the parent or fma_medium itself.
local function locate(dir)
  local parent = dir:match "^(.*)/[^/]+/*$" or "."
  for _, at in ipairs { dir, parent } do
    for _, file in ipairs { at .. "/fma_metadata/tracks.csv", at .. "/tracks.csv" } do
      if sys.exists(file) then
        local audio = at .. "/fma_medium"
        return file, sys.is_dir(audio) and audio or dir
      end
    end
  end
  return set:refuse("there is no fma_metadata/tracks.csv", dir)
end

-- Columns are found by the two names above them; pandas leaves the third row to the index name.
local function wanted_columns(header)
  local groups, names, index = header[1], header[2], header[3]
  if index[1] ~= "track_id" then
    return nil, ("the third header row must begin with track_id, not \"%s\""):format(index[1])
  end
  local columns = { 1 }
  for _, want in ipairs { { "set", "split" }, { "set", "subset" }, { "track", "genre_top" } } do
    for i = 1, #names do
      if groups[i] == want[1] and names[i] == want[2] then columns[#columns + 1] = i end
    end
  end
  if #columns == 4 and columns[2] < columns[3] and columns[3] < columns[4] then return columns end
  return nil, "the columns set/split, set/subset and track/genre_top must occur once, in this order"
end

local function audio_path(root, flat, id)
  if flat then return ("%s/%06d.mp3"):format(root, id) end
  return ("%s/%03d/%06d.mp3"):format(root, id // 1000, id)
end

local function genre_numbers()
  local numbers = {}
  for i, name in ipairs(GENRES) do numbers[name] = i end
  return numbers
end

-- A row of the wanted subset as an item and its split, or as an entry of the report.
local function item_of(fields, classes, path_of)
  local id, split, genre = math.tointeger(fields[1]), SPLIT_OF[fields[2]], fields[4]
  if not id then return nil, ("the track number is \"%s\""):format(fields[1]) end
  if not split then
    return nil, ("the split is \"%s\", not training, validation or test"):format(fields[2])
  end
  local path = path_of(id)
  if BAD[id] then
    return nil, nil, { file = path, split = split, reason = "known to be damaged" }
  end
  if not classes[genre] then
    local reason = genre == "" and "no genre" or ("unknown genre \"%s\""):format(genre)
    return nil, nil, { file = path, split = split, reason = reason }
  end
  return { id = ("%06d"):format(id), path = path, class = classes[genre] }, split
end

local function read(file, subset, path_of)
  local splits, skipped = { train = {}, valid = {}, test = {} }, {}
  local classes, rows, chosen = genre_numbers(), 0, 0
  local good, why = csv.each(file, function(fields)
    rows = rows + 1
    if not subset[fields[3]] then return end
    chosen = chosen + 1
    local item, split, entry = item_of(fields, classes, path_of)
    if item then table.insert(splits[split], item)
    elseif entry then table.insert(skipped, entry)
    else return split end
  end, { headers = 3, separator = ",", columns = wanted_columns })
  if not good then return nil, why end
  if rows == REAL_ROWS and chosen ~= subset.real then
    return nil, ("%s has the real set's %d rows but %d of this subset instead of %d")
      :format(file, rows, chosen, subset.real)
  end
  return splits, skipped
end

--- ms.data.fma(dir, {subset =, partial =, variant =}) -> dataset
-- Opens FMA medium; `dir` holds fma_metadata and fma_medium (or is fma_medium beside fma_metadata).
-- options: { subset = "medium" (25 000 tracks: those marked small or medium, as in the paper) or
--   "medium-minus-small" (17 000, as in the authors' first code);
--   variant = "paper" or "authors", which sets that subset;
--   partial = true accepts empty splits }
-- The 21 known bad tracks and tracks without a genre are left out and reported.
-- Items: { id = "000002", path=, class = 1 to 16 };
-- classes: the 16 root genres in the authors' order.
-- Returns a data set of kind "genres", or nil and a message.
function set.open(dir, options)
  local given = options_of(options, "fma", { partial = options_of.flag,
    subset = options_of.choice("medium", "medium-minus-small"),
    variant = options_of.choice("paper", "authors") "paper" })
  given.subset = given.subset or SUBSET_OF[given.variant]
  local subset = SUBSETS[given.subset]
  local file, root = locate(dir)
  if not file then return nil, root end
  local flat = false
  for _, name in ipairs(dataset.entries(root)) do
    flat = flat or name:find "^%d%d%d%d%d%d%.mp3$" ~= nil
  end
  local splits, skipped = read(file, subset, function(id) return audio_path(root, flat, id) end)
  if not splits then return nil, "fma: " .. skipped end
  return set:build { name = given.subset == "medium" and "fma" or "fma " .. given.subset,
    root = root, classes = { table.unpack(GENRES) }, splits = splits, skipped = skipped,
    partial = given.partial }
end

return set
