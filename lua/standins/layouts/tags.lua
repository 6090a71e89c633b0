--- Stand-in clips in the layout of MagnaTagATune: annotations_final.csv, clip_info_final.csv,
-- 0..f/*.mp3.
local audio = require "moonstem.core.audio"
local csv = require "moonstem.data.csv"
local mixing = require "standins.sound.mixing"
local sys = require "moonstem.sys"
local composed = require "standins.composed"
local effects = require "standins.sound.effects"
local names = require "standins.layouts.names"
local rng = require "standins.rng"
local synth = require "standins.sound.synth"
local tag_table = require "standins.layouts.tag_table"
local labels = require "standins.layouts.labels"

local tags = { name = "tags", module = ..., source = composed, count = 200, seconds = 29.124 }

local QUOTED = { separator = "\t", quoted = true } -- as the original tables are

tags.rate = 16000

local weighted = {
  { "baroque", 8 }, { "orchestra", 7 }, { "pianosolo", 7 }, { "guitarsolo", 6 }, { "fluteharp", 5 },
  { "solostrings", 6 }, { "choir", 5 }, { "opera", 6 }, { "indian", 7 }, { "ambient", 9 },
  { "newage", 6 }, { "weird", 3 }, { "techno", 10 }, { "dance", 5 }, { "chill", 5 }, { "rock", 10 },
  { "metal", 4 }, { "pop", 7 }, { "country", 4 }, { "jazz", 4 }, { "folk", 4 }, { "folkgtr", 3 },
  { "hiphop", 2 }, { "latin", 3 }, { "blues", 2 }, { "soul", 2 },
}

-- Seven of ten clips go to training, one to validation, two to test.
local parts = { "train", "test", "valid", "train", "train", "test", "train", "train", "train",
  "train" }

--- Folders decide the part.
tags.folders = {
  train = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b" }, valid = { "c" },
  test = { "d", "e", "f" },
}

--- A text as names of files have it.
function tags.underscored(text) return (text:lower():gsub(" ", "_")) end

local underscored = tags.underscored

-- Artist, album, title and file name of the i-th clip.
local function label(o, i, part)
  local r = rng.new(o.seed, "tags/name", i)
  local folder, number = r:pick(tags.folders[part]), (i - 1) % 14 + 1
  local artist, album, title = names.title(r), names.title(r), names.title(r)
  local path = ("%s/%s-%s-%02d-%s_%d-0-29.mp3"):format(folder, underscored(artist),
    underscored(album), number, underscored(title), i)
  return { artist = artist, album = album, title = title, number = number, path = path }
end

--- The pieces of a corpus: {index=, id=, part=, style=, clip_id=, label=}.
function tags.pieces(o)
  local list, made = {}, { train = 0, valid = 0, test = 0 }
  for i = 1, o.count do
    local part = parts[(i - 1) % #parts + 1]
    made[part] = made[part] + 1
    list[i] = { index = i, id = ("%05d"):format(i), part = part, clip_id = 3 * i - 1,
      label = label(o, i, part),
      style = names.draw(weighted, o.seed, "tags/style/" .. part, made[part]) }
  end
  return list
end

local function set(text)
  local s = {}
  for word in text:gmatch("%S+") do s[word] = true end
  return s
end
local gentle = set "ambient newage fluteharp solostrings folk folkgtr guitarsolo choir pianosolo"
local strong = set "rock metal techno dance"

-- The loudness of a clip in decibels.
local function loudness(o, piece)
  local r = rng.new(o.seed, "tags/level", piece.index)
  local level, less = r:normal(-18, 2.5), r:uniform(0, 9)
  if gentle[piece.style] then return level - less end
  return strong[piece.style] and level + 3 or level
end

--- What compose and render need to know; a little more is rendered than is kept.
function tags.wishes(o, piece)
  return { start = "anywhere", seconds = o.seconds + 0.2, level = loudness(o, piece) }
end

--- Tags true of a score at a loudness, and the ones that listeners gave.
function tags.judge(o, piece, traits, level)
  local list = labels.tags(traits, level)
  return list, labels.annotations(rng.new(o.seed, "tags/listeners", piece.index), list)
end

--- The clip of a stereo wave: mono at 16 kHz, cut to its length, below full scale.
function tags.clip(o, mixture)
  local mono = mixing.to_mono(mixture)
  local low = audio.resample(mono, synth.rate, tags.rate)
  local out = mixing.silence(math.floor(o.seconds * tags.rate + 0.5), 1)
  mixing.add(out, low)
  local peak = mixing.peak(out)
  if peak > 0.99 then mixing.scale(out, 0.99 / peak) end
  return out
end

--- Writes the clip into the work folder. Returns {file name in the corpus = path} and what the
-- record keeps.
function tags.write(o, piece, stems, folder, traits)
  local mixture, path = effects.sum(stems), folder .. "/clip.mp3"
  local level = effects.decibels(mixing.rms(mixture))
  local good, why = audio.write(path, tags.clip(o, mixture), tags.rate)
  if not good then return nil, why end
  local list, annotations = tags.judge(o, piece, traits, level)
  return { [piece.label.path] = path },
    { part = piece.part, clip_id = piece.clip_id, level = math.floor(level * 10 + 0.5) / 10,
      labels = list, tags = annotations }
end

local function annotations(pieces, records)
  local header = { "clip_id", table.unpack(tag_table.columns) }
  header[#header + 1] = "mp3_path"
  local lines = { csv.row(header, QUOTED) }
  for i, piece in ipairs(pieces) do
    local given, row = {}, { piece.clip_id }
    for _, tag in ipairs(records[i].tags) do given[tag] = true end
    for _, tag in ipairs(tag_table.columns) do row[#row + 1] = given[tag] and 1 or 0 end
    row[#row + 1] = piece.label.path
    lines[#lines + 1] = csv.row(row, QUOTED)
  end
  return table.concat(lines)
end

local info_columns = { "clip_id", "track_number", "title", "artist", "album", "url", "segmentStart",
  "segmentEnd", "original_url", "mp3_path" }

local function clip_info(pieces)
  local lines = { csv.row(info_columns, QUOTED) }
  for _, piece in ipairs(pieces) do
    local l = piece.label
    local row = { piece.clip_id, l.number, l.title, l.artist, l.album, "", l.start or 0,
      l.stop or 29, "", l.path }
    lines[#lines + 1] = csv.row(row, QUOTED)
  end
  return table.concat(lines)
end

--- Writes the two tables from the records of all clips.
function tags.finish(o, pieces, records)
  local good, why = sys.write_file(o.out .. "/clip_info_final.csv", clip_info(pieces))
  if not good then return nil, why end
  return sys.write_file(o.out .. "/annotations_final.csv", annotations(pieces, records))
end

return tags
