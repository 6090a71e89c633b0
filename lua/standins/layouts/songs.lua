--- Stand-in songs in the layout of musdb18-HQ: train|test/<Artist -
-- Title>/{mixture,drums,bass,other,vocals}.wav.
local mixing = require "standins.sound.mixing"
local sys = require "moonstem.sys"
local composed = require "standins.composed"
local effects = require "standins.sound.effects"
local names = require "standins.layouts.names"
local rng = require "standins.rng"
local synth = require "standins.sound.synth"
local waves = require "standins.sound.waves"

local songs = { name = "songs", module = ..., source = composed, count = 24, seconds = 60 }

local weighted = {
  { "rock", 8 }, { "pop", 8 }, { "metal", 3 }, { "soul", 4 }, { "country", 3 }, { "folk", 3 },
  { "hiphop", 3 }, { "dance", 4 }, { "techno", 1 }, { "blues", 2 }, { "jazz", 1 }, { "latin", 2 },
  { "easy", 1 },
}

-- The validation tracks of musdb18, which its readers find by name among the training tracks: here
-- every eighth training song bears the next of these names.
local validation = {
  "Actions - One Minute Smile", "Clara Berry And Wooldog - Waltz For My Victims",
  "Johnny Lokke - Promises & Lies", "Patrick Talbot - A Reason To Leave", "Triviul - Angelsaint",
  "Alexander Ross - Goodbye Bolero", "Fergessen - Nos Palpitants", "Leaf - Summerghost",
  "Skelpolu - Human Mistakes", "Young Griffo - Pennies", "ANiMAL - Rockshow",
  "James May - On The Line", "Meaxic - Take A Step", "Traffic Experiment - Sirens",
}

local function invented_name(seed, i)
  local r = rng.new(seed, "songs/name", i)
  local artist = names.title(r)
  return ("%s %02d - %s"):format(artist, i, names.title(r))
end

-- The k-th training song's borrowed name: for the 2nd, 10th, 18th ..., so that two songs are enough
-- for both parts.
local function borrowed_name(k)
  return k % 8 == 2 and validation[k // 8 + 1]
end

--- The pieces of a corpus: {index=, id=, part=, style=, folder=}. Which part a song belongs to
-- depends on its number and on o.test_share (1/3), not on how many there are.
function songs.pieces(o)
  local list, made = {}, { train = 0, test = 0 }
  for i = 1, o.count do
    local share = o.test_share or 1 / 3
    local is_test = math.floor(i * share + 0.5) > math.floor((i - 1) * share + 0.5)
    local part = is_test and "test" or "train"
    made[part] = made[part] + 1
    local name = part == "train" and borrowed_name(made[part]) or invented_name(o.seed, i)
    list[i] = { index = i, id = ("%05d"):format(i), part = part, name = name,
      folder = part .. "/" .. name,
      style = names.draw(weighted, o.seed, "songs/style/" .. part, made[part]) }
  end
  return list
end

--- What compose and render need to know, and the loudness of the mixture in decibels.
function songs.wishes(o, piece)
  local start = o.seconds < 30 and "verse" or "intro" -- somebody must sing in short ones too
  return { full = true, start = start, seconds = o.seconds,
    level = rng.new(o.seed, "songs/level", piece.index):uniform(-19, -13) }
end

--- Writes the five files into the work folder; the mixture is the sum of the quantised stems, to
-- the last bit. Returns {file name in the corpus = path} and what the record keeps.
function songs.write(_, piece, stems, folder)
  local files, levels = {}, {}
  for _, name in ipairs(effects.stems) do
    levels[name] = math.floor(effects.decibels(mixing.rms(stems[name])) * 10 + 0.5) / 10
    mixing.quantise(stems[name])
  end
  stems.mixture = effects.sum(stems)
  for _, name in ipairs { "mixture", "drums", "bass", "other", "vocals" } do
    local path = ("%s/%s.wav"):format(folder, name)
    local good, why = waves.write(path, stems[name], synth.rate)
    if not good then return nil, why end
    files[("%s/%s.wav"):format(piece.folder, name)] = path
  end
  return files, { part = piece.part, name = piece.name, levels = levels }
end

--- Both parts exist, even when one holds no song.
function songs.finish(o)
  for _, part in ipairs { "train", "test" } do
    local good, why = sys.mkdir(o.out .. "/" .. part)
    if not good then return nil, why end
  end
  return true
end

return songs
