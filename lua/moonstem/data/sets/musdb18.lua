--- musdb18 and musdb18-HQ as downloaded: 100 training and 50 test songs (recipes/paper.md#musdb18).
local sys = require "moonstem.sys"
local dataset = require "moonstem.data.dataset"
local items = require "moonstem.data.items"
local define = require("moonstem.data.registry").define
local options_of = require "moonstem.options"

-- The 14 of the 100 training songs that musdb's own configuration sets aside for validation.
local VALIDATION = {
  "Actions - One Minute Smile", "Clara Berry And Wooldog - Waltz For My Victims",
  "Johnny Lokke - Promises & Lies", "Patrick Talbot - A Reason To Leave",
  "Triviul - Angelsaint", "Alexander Ross - Goodbye Bolero",
  "Fergessen - Nos Palpitants", "Leaf - Summerghost", "Skelpolu - Human Mistakes",
  "Young Griffo - Pennies", "ANiMAL - Rockshow", "James May - On The Line",
  "Meaxic - Take A Step", "Traffic Experiment - Sirens",
}
local STREAMS = { mixture = 0, drums = 1, bass = 2, other = 3, vocals = 4 }

local set = define { name = "musdb18", short = "musdb", kind = "songs", marks = { "train", "test" },
  synthetic = "songs", layout = [[
  DIR/train/<Artist - Title>/{mixture,vocals,drums,bass,other}.wav   (musdb18-HQ), or
  DIR/train/<Artist - Title>.stem.mp4                                (musdb18)
  DIR/test/...  the same
  DIR/valid/... the same, optional; without it 14 training songs are set aside by name]] }

-- A folder entry as a song, or nil when it is neither a song folder nor a .stem.mp4.
local function song(folder, split, entry)
  local path = folder .. "/" .. entry
  local item = { stems = {} }
  local title = entry:match "^(.+)%.stem%.mp4$"
  if title then
    item.streams = STREAMS
    for stem in pairs(STREAMS) do item.stems[stem] = path end
  elseif sys.is_dir(path) then
    for stem in pairs(STREAMS) do item.stems[stem] = path .. "/" .. stem .. ".wav" end
  else
    return nil
  end
  item.name = title or entry
  item.id = (split == "test" and "test/" or "train/") .. item.name
  return item
end

local function songs(dir, split)
  local folder, list = dir .. "/" .. split, {}
  if not sys.is_dir(folder) then return list end
  for _, entry in ipairs(dataset.entries(folder)) do
    local item = song(folder, split, entry)
    if item then list[#list + 1] = item end
  end
  return list
end

-- The validation songs among those for training: the known ones or, without any of them, 14 in 100.
local function validation_of(train, notes)
  local known, valid = {}, {}
  for _, name in ipairs(VALIDATION) do known[name] = true end
  for _, item in ipairs(train) do
    if known[item.name] then valid[#valid + 1] = item end
  end
  if #valid > 0 then return valid end
  notes[#notes + 1] = "none of the 14 validation songs is here, so 14 % of the training songs, "
    .. "evenly by name, are the validation split"
  return items.evenly_spaced(train, math.max(1, (#train * 14 + 50) // 100))
end

local function set_validation_aside(train, notes)
  local valid, aside, rest = validation_of(train, notes), {}, {}
  for _, item in ipairs(valid) do aside[item] = true end
  for _, item in ipairs(train) do
    if not aside[item] then rest[#rest + 1] = item end
  end
  return rest, valid
end

--- ms.data.musdb18(dir, {partial =}) -> dataset
-- Opens musdb18 (.stem.mp4 files) or musdb18-HQ (folders of WAV files) in `dir`.
-- options: { partial = true accepts empty splits }. Hidden files and folders are passed over.
-- Splits: test = the folder test; valid = the 14 names above (86/14/50 on the real set), or the
-- folder valid where there is one, or, for other songs, 14 % of the training songs evenly by name.
-- Items: { id=, name=, stems = {mixture=path, vocals=, other=, drums=, bass=},
--   streams = {mixture=0, drums=1, bass=2, other=3, vocals=4} for .stem.mp4 only }.
-- Returns a data set of kind "songs", or nil and a message.
function set.open(dir, options)
  local given = options_of(options, "musdb18", { partial = options_of.flag })
  local notes, train = {}, songs(dir, "train")
  local valid, test = songs(dir, "valid"), songs(dir, "test")
  if #train + #valid + #test == 0 then
    return set:refuse("no songs", dir)
  end
  if #valid == 0 and #train > 1 then train, valid = set_validation_aside(train, notes) end
  return set:build { root = dir, notes = notes, partial = given.partial,
    splits = { train = train, valid = valid, test = test } }
end

return set
