--- Stand-in clips in the layout of FMA: fma_metadata/tracks.csv with three header rows,
-- fma_medium/NNN/NNNNNN.mp3.
local audio = require "moonstem.core.audio"
local csv = require "moonstem.data.csv"
local sys = require "moonstem.sys"
local composed = require "standins.composed"
local effects = require "standins.sound.effects"
local names = require "standins.layouts.names"
local rng = require "standins.rng"
local synth = require "standins.sound.synth"

local genres = { name = "genres", module = ..., source = composed, count = 160, seconds = 29.976 }

-- Root genres: name, number in FMA, tracks of the medium set, and the styles that they draw on with
-- their weights. The overlaps are meant: real root genres share sounds too.
local roots = {
  { "Electronic", 15, 6314, { { "techno", 5 }, { "dance", 3 }, { "chill", 3 }, { "ambient", 2 } } },
  { "Instrumental", 1235, 1350, { { "ambient", 2 }, { "newage", 3 }, { "pianosolo", 2 },
    { "folkgtr", 1 }, { "chill", 1 }, { "rock", 1 } } },
  { "Hip-Hop", 21, 2201, { { "hiphop", 9 }, { "chill", 1 } } },
  { "Country", 9, 178, { { "country", 9 }, { "folk", 1 } } },
  { "Spoken", 20, 118, { { "spoken", 1 } } },
  { "Old-Time / Historic", 8, 510, { { "oldtime", 9 }, { "blues", 1 } } },
  { "Classical", 5, 619, { { "baroque", 3 }, { "orchestra", 3 }, { "pianosolo", 2 },
    { "guitarsolo", 1 }, { "fluteharp", 1 }, { "solostrings", 2 }, { "choir", 1 },
    { "opera", 1 } } },
  { "Blues", 3, 74, { { "blues", 9 }, { "rock", 1 } } },
  { "International", 2, 1018, { { "latin", 4 }, { "indian", 3 }, { "koto", 2 }, { "polka", 2 } } },
  { "Pop", 10, 1186, { { "pop", 7 }, { "dance", 2 }, { "rock", 1 } } },
  { "Folk", 17, 1519, { { "folk", 5 }, { "folkgtr", 4 }, { "country", 1 } } },
  { "Jazz", 4, 384, { { "jazz", 9 }, { "easy", 1 } } },
  { "Experimental", 38, 2251, { { "weird", 6 }, { "ambient", 2 }, { "techno", 1 } } },
  { "Easy Listening", 13, 21, { { "easy", 8 }, { "jazz", 1 }, { "pop", 1 } } },
  { "Rock", 12, 7103, { { "rock", 6 }, { "metal", 3 }, { "folk", 1 } } },
  { "Soul-RnB", 14, 154, { { "soul", 9 }, { "pop", 1 } } },
}

-- Class sizes are the real counts to this power: 1 keeps the real proportions, 0 makes all classes
-- equal.
local balance = 0.3

-- The part of the k-th clip of a class: six of eight for training, and with three clips all parts
-- hold one.
local parts = { "training", "validation", "test", "training", "training", "training", "training",
  "training" }

-- Tracks that readers of the real set leave out as damaged.
local damaged = {}
for id in ([[1486 5574 65753 80391 98558 98559 98560 98565 98566 98567 98568 98569 98571 99134
105247 108924 108925 126981 127336 133297 143992]]):gmatch("%d+") do
  damaged[tonumber(id)] = true
end

-- How much a class wants another clip: the frequent ones first get three each, then all grow by
-- their weights.
local function need(root, size)
  if size < 3 then return root[3] * 1e6 end
  return root[3] ^ balance / (size + 0.5)
end

-- How many clips of each class, `count` in all. A larger corpus holds a smaller one's.
local function class_sizes(count)
  local sizes = {}
  for g in ipairs(roots) do sizes[g] = 0 end
  for _ = 1, count do
    local best = 1
    for g, root in ipairs(roots) do
      if need(root, sizes[g]) > need(roots[best], sizes[best]) then best = g end
    end
    sizes[best] = sizes[best] + 1
  end
  return sizes
end

-- A track number that depends on class and place in it alone, spread over folders, never a damaged
-- one.
local function track_id(seed, g, k)
  local r = rng.new(seed, "genres/id", g, k)
  local id
  repeat id = 2 + 53 * ((k - 1) * #roots + g) + r:integer(0, 52) until not damaged[id]
  return id
end

--- The pieces of a corpus: {index=, id=, part=, genre=, style=, track_id=, path=}; by track number.
function genres.pieces(o)
  local list = {}
  for g, size in ipairs(class_sizes(o.count)) do
    for k = 1, size do
      local track = track_id(o.seed, g, k)
      list[#list + 1] = { index = g * 1000000 + k, id = ("%06d"):format(track), track_id = track,
        root = g, nth = k, genre = roots[g][1], part = parts[(k - 1) % #parts + 1],
        subset = k % 8 == 7 and "small" or "medium",
        style = names.draw(roots[g][4], o.seed, "genres/style/" .. roots[g][1], k),
          path = ("fma_medium/%03d/%06d.mp3"):format(track // 1000, track) }
    end
  end
  table.sort(list, function(a, b) return a.track_id < b.track_id end)
  return list
end

--- What compose and render need to know.
function genres.wishes(o, piece)
  return { start = "anywhere", seconds = o.seconds, voiceless = piece.genre == "Instrumental",
    level = rng.new(o.seed, "genres/level", piece.index):normal(-16.5, 2.5) }
end

-- Sizes of the encoder's files: from about 100 to 200 kbit/s.
local qualities = { 0.6, 0.5, 0.4, 0.3 }

--- Writes the clip into the work folder. Returns {file name in the corpus = path} and what the
-- record keeps.
function genres.write(o, piece, stems, folder)
  local mixture, path = effects.sum(stems), folder .. "/clip.mp3"
  local quality = rng.new(o.seed, "genres/quality", piece.index):pick(qualities)
  local good, why = audio.write(path, mixture, synth.rate, { quality = quality })
  if not good then return nil, why end
  return { [piece.path] = path }, { part = piece.part, genre = piece.genre,
    track_id = piece.track_id }
end

-- ---- tracks.csv: three header rows, 53 columns --------------------------------------------------

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

local groups = {
  { "album", words [[comments date_created date_released engineer favorites id information listens
      producer tags title tracks type]] },
  { "artist", words [[active_year_begin active_year_end associated_labels bio comments date_created
      favorites id latitude location longitude members name related_projects tags website
      wikipedia_page]] },
  { "set", words "split subset" },
  { "track", words [[bit_rate comments composer date_created date_recorded duration favorites
      genre_top genres genres_all information interest language_code license listens lyricist
      number publisher tags title]] },
}

local function header()
  local top, names_row, last = { "" }, { "" }, { "track_id" }
  for _, group in ipairs(groups) do
    for _, field in ipairs(group[2]) do
      top[#top + 1], names_row[#names_row + 1], last[#last + 1] = group[1], field, ""
    end
  end
  return csv.row(top) .. csv.row(names_row) .. csv.row(last)
end

-- A row from {album = {field = value}, artist = ...}; what is not given stays empty.
local function row(id, values)
  local list = { id }
  for _, group in ipairs(groups) do
    for _, field in ipairs(group[2]) do list[#list + 1] = (values[group[1]] or {})[field] or "" end
  end
  return csv.row(list)
end

-- Now and then what readers trip over: commas, doubled quotes and a line end inside a field.
local awkward = '<p>A "stand-in" band, rendered.</p>\n<p>Second line, with a comma.</p>'

local function track_row(o, piece, n)
  local r = rng.new(o.seed, "genres/track", piece.index)
  local numbers = ("[%d]"):format(roots[piece.root][2])
  local day = "2008-11-26 01:4"
  return row(piece.track_id, {
    album = { comments = 0, date_created = day .. "4:45", favorites = r:integer(0, 19),
      id = piece.track_id // 3 + 1, listens = r:integer(0, 9998), tags = "[]",
      title = names.title(r), tracks = 7, type = "Album" },
    artist = { comments = 0, date_created = day .. "2:32", favorites = r:integer(0, 19),
      id = piece.track_id // 5 + 1, name = names.title(r), tags = "['stand-in', 'rendered']",
      bio = n % 4 == 1 and awkward or "" },
    set = { split = piece.part, subset = piece.subset },
    track = { comments = 0, date_created = day .. "8:12", duration = r:integer(90, 399),
      favorites = 2, genre_top = piece.genre, genres = numbers, genres_all = numbers,
      interest = r:integer(0, 9998), language_code = "en", license = "rendered stand-in",
      listens = r:integer(0, 9998), number = n % 12 + 1, tags = "[]", title = names.title(r) },
  })
end

-- Rows that readers must filter out: tracks of the large set, whose sound is not here.
local function absent_rows(last)
  local lines = {}
  for k = 1, 5 do
    lines[k] = row(last + 7 * k, { set = { split = "training", subset = "large" },
      track = { genre_top = k % 2 == 0 and roots[k][1] or "",
        title = 'not in medium, "large" only' } })
  end
  return table.concat(lines)
end

--- Writes the table of tracks.
function genres.finish(o, pieces)
  local good, why = sys.mkdir(o.out .. "/fma_metadata")
  if not good then return nil, why end
  local lines, last = { header() }, 2
  for n, piece in ipairs(pieces) do
    lines[#lines + 1] = track_row(o, piece, n)
    last = piece.track_id
  end
  lines[#lines + 1] = absent_rows(last)
  return sys.write_file(o.out .. "/fma_metadata/tracks.csv", table.concat(lines))
end

return genres
