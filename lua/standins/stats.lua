--- What a corpus would hold: parts, styles, tags and genres of its pieces counted, without
-- rendering a sound.
local composed = require "standins.composed"
local sys = require "moonstem.sys"
local work_folder = require "moonstem.sys.work_folder"
local pieces = require "standins.piece"
local rng = require "standins.rng"

local stats = {}

local function add(counts, key) counts[key] = (counts[key] or 0) + 1 end

local function add_part(counts, key, part)
  counts[key] = counts[key] or {}
  add(counts[key], part)
end

-- The tags of a clip from its score, at the loudness that it is meant to have.
local function judge(kind, o, piece, folder)
  local wishes = kind.wishes(o, piece)
  wishes.folder = folder
  local score, why, own
  for attempt = 1, composed.ATTEMPTS do
    score, why, own = pieces.compose(rng.new(o.seed, kind.name, piece.index, attempt), piece.style,
      wishes)
    if score or not own then break end
  end
  if not score then return nil, why end
  local _, annotations = kind.judge(o, piece, score.traits, wishes.level)
  return annotations
end

local function count_tags(kind, o, list, counts)
  local folder, why = sys.tempdir()
  if not folder then return nil, why end
  for _, piece in ipairs(list) do
    local annotations
    annotations, why = judge(kind, o, piece, folder)
    if not annotations then break end
    for _, tag in ipairs(annotations) do add_part(counts.tags, tag, piece.part) end
  end
  work_folder.clear(folder)
  return not why and counts, why
end

--- Counts of a corpus; see corpora.stats.
function stats.count(kind, o)
  local counts = { count = o.count, parts = {}, styles = {}, genres = {}, tags = {} }
  local list = kind.pieces(o)
  for _, piece in ipairs(list) do
    add(counts.parts, piece.part)
    add(counts.styles, piece.style)
    if piece.genre then add_part(counts.genres, piece.genre, piece.part) end
  end
  if kind.judge then return count_tags(kind, o, list, counts) end
  return counts
end

return stats
